// Whatever a file says: a report or a problem, within bounds of time, and no figure that is none.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../bench/lib/bench.mjs';
import { LANGS } from '../src/core/base/texts.ts';
import { renderProblem } from '../src/core/report/problem-text.ts';
import { examineSnapshot } from '../src/core/report/snapshots/examine.ts';
import { renderSnapshotMarkdown, renderSnapshotText } from '../src/core/report/snapshots/text.ts';
import type { Snapshot } from '../src/core/snapshot/columns.ts';
import { syntheticTraining } from '../src/core/snapshot/make/synthetic-training.ts';
import { packForPage, unpackPage } from '../src/core/snapshot/pack.ts';
import { readSnapshot } from '../src/core/snapshot/reader.ts';
import { writeSnapshot } from '../src/core/snapshot/write/write.ts';
import { FLOODS } from './hostile/floods.ts';
import { mutated } from './hostile/mutate.ts';
import { type Plain, pickleOf } from './hostile/pickle-of.ts';
import { inRing, sampled } from './ring.ts';

/** Paths of numbers that JSON cannot say. */
function oddNumbers(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} ${value}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => oddNumbers(each, `${path}.${key}`));
}

/** Reads, examines and renders; what came of it. */
async function outcomeOf(bytes: Uint8Array, lang: (typeof LANGS)[number]): Promise<string> {
  const { snapshot, problem } = await readSnapshot([bytes]);
  if (problem !== undefined) {
    expect(renderProblem(problem, lang)).not.toMatch(/\bat .+:\d+:\d+/);
    return problem.code;
  }
  const data = examineSnapshot(snapshot, { source: 'hostile', lang });
  expect(oddNumbers(data)).toEqual([]);
  renderSnapshotText(data, { width: 80, why: true });
  renderSnapshotMarkdown(data);
  unpackPage(packForPage(snapshot, { lang }));
  return 'report';
}

/** A snapshot as plain values, with stacks of two frames: damage should meet what is counted. */
function treeOf(snapshot: Snapshot): Plain {
  const text = Buffer.concat([...writeSnapshot(snapshot, { container: 'json' })]).toString();
  return JSON.parse(text, (key, value) => (key === 'frames' ? value.slice(0, 2) : value));
}

const REAL = join(import.meta.dirname, '..', '..', 'shared', 'snapshots');

async function trees(): Promise<readonly Plain[]> {
  const made = [{}, { expandableSegments: true }, { leakPerStep: 2 ** 20 }, { capacity: 2 ** 30 }];
  const snapshots: Snapshot[] = made.map((run) => syntheticTraining({ events: 300, ...run }));
  const files = existsSync(REAL) ? readdirSync(REAL).filter((name) => /\.pickle$/.test(name)) : [];
  for (const file of sampled(files, () => 'any', 4)) {
    const bytes = readFileSync(join(REAL, file));
    const { snapshot } = await readSnapshot([bytes], { events: [0, 200] });
    if (snapshot !== undefined) snapshots.push(snapshot);
  }
  return snapshots.map(treeOf);
}

const SEEDS = inRing(20, 1);
const EACH = inRing(60, 12);

describe('a snapshot with damaged fields ends in a report or a problem', () => {
  let whole: readonly Plain[] = [];
  beforeAll(async () => {
    whole = await trees();
  });

  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'seed %i',
    async (seed) => {
      const random = randomFrom(seed);
      for (let run = 0; run < EACH; run += 1) {
        const tree = whole[Math.floor(random() * whole.length)] ?? null;
        const lang = LANGS[run % LANGS.length] ?? 'en';
        expect(await outcomeOf(pickleOf(mutated(tree, random)), lang)).toMatch(
          /^(report|snapshot-)/,
        );
      }
    },
    240_000,
  );
});

// What grows with the square of the file is seen as such: ten times as much is a hundred times as long.
const MANY = inRing(200_000, 1000);
const MOST_SECONDS = inRing(60, 5);

describe('very many of one thing end in a report or a problem in time', () => {
  it.each(Object.keys(FLOODS))(
    '%s',
    async (name) => {
      const bytes = FLOODS[name]?.(MANY) ?? new Uint8Array();
      const from = process.cpuUsage();
      expect(await outcomeOf(bytes, 'en')).toMatch(/^(report|snapshot-)/);
      const { user, system } = process.cpuUsage(from);
      expect((user + system) / 1e6).toBeLessThan(MOST_SECONDS);
    },
    240_000,
  );
});
