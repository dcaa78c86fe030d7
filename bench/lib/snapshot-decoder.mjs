// @ts-check
/** Decodes one snapshot in a process of its own: `node snapshot-decoder.mjs DIST FILE` prints JSON. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist = '', path = ''] = process.argv.slice(2);
/** @type {typeof import('../../src/node/index.ts')} */
const { openSources } = await import(pathToFileURL(join(dist, 'node.js')).href);
/** @type {typeof import('../../src/core/snapshots.ts')} */
const { readSnapshot } = await import(pathToFileURL(join(dist, 'snapshots.js')).href);
const from = process.hrtime.bigint();
const [source] = (await openSources([path])).sources;
if (source === undefined) throw new Error(`${path} could not be opened`);
const { snapshot, problem } = await readSnapshot(source.bytes, { sizeHint: source.size ?? 0 });
const seconds = Number(process.hrtime.bigint() - from) / 1e9;
console.log(
  JSON.stringify({
    seconds,
    rss: process.resourceUsage().maxRSS * 1024,
    events: snapshot?.devices.reduce((sum, { events }) => sum + events.count, 0) ?? 0,
    problems: problem === undefined ? snapshot?.problems.length : problem.code,
  }),
);
