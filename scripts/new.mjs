// `npm run new <kind> <id>`: writes a unit and its page from templates and registers it.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generate } from './gen.mjs';
import { camelCase, idPattern, readUnit, unitIds, unitKinds } from './units.mjs';

const root = dirname(import.meta.dirname);

const usage = `npm run new <kind> <id>

  npm run new cause optimizer-state-too-large
  npm run new reader torch-oom-message

kinds: ${unitKinds.map(({ kind }) => kind).join(', ')}
id:    lower case, words joined by hyphens; a noun phrase for what is seen, no fix in the name`;

/**
 * The number after the highest in use, so that a gap left by a retired unit stays a gap.
 * @param {import('./units.mjs').UnitKind} kind
 */
function nextCode(kind) {
  const numbers = unitIds(root, kind).map((id) => readUnit(root, kind, id).code?.slice(2));
  const next =
    Math.max(Number(`${kind.series}00`), ...numbers.map((number) => Number(number ?? 0))) + 1;
  if (!String(next).startsWith(kind.series))
    throw new Error(`no code is free in UN${kind.series}xx`);
  return `UN${next}`;
}

/**
 * @param {string} template
 * @param {Record<string, string>} values
 */
async function fill(template, values) {
  const text = await readFile(join(root, 'scripts/templates', template), 'utf8');
  return text.replace(/\{\{(\w+)\}\}/g, (mark, name) => values[name] ?? mark);
}

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main([kindName, id, ...rest]) {
  if (kindName === undefined || kindName === 'help') {
    console.log(usage);
    return kindName === undefined ? 2 : 0;
  }
  const kind = unitKinds.find((candidate) => candidate.kind === kindName);
  if (kind === undefined || id === undefined || rest.length > 0) {
    console.error(kind === undefined ? `unknown kind: ${kindName}\n` : 'one id is needed\n');
    console.error(usage);
    return 2;
  }
  if (!idPattern.test(id)) {
    console.error(`not an id: '${id}' (example: optimizer-state-too-large)`);
    return 2;
  }
  const contract = join(dirname(kind.folder), kind.typeModule);
  if (!existsSync(join(root, contract))) {
    console.error(`there are no units of this kind yet: ${contract} is missing`);
    return 2;
  }
  const unit = `${kind.folder}/${id}.ts`;
  const page = `${kind.docs}/${id}.md`;
  const taken = [unit, page].filter((path) => existsSync(join(root, path)));
  if (taken.length > 0) {
    console.error(`exists already, left as it is: ${taken.join(', ')}`);
    return 2;
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const title = `${id[0]?.toUpperCase()}${id.slice(1).replaceAll('-', ' ')}`;
  const values = { id, title, version, name: camelCase(id), code: nextCode(kind) };
  for (const { path, template } of [
    { path: unit, template: `${kind.kind}.ts.txt` },
    { path: page, template: `${kind.kind}.md.txt` },
  ]) {
    const text = await fill(template, values);
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { flag: 'wx' });
    console.log(`wrote ${path}`);
  }
  const isDone = await generate({ check: false });
  console.log(
    `\nNow fill in both. The tests say what is missing (they fail until the unit names its sources):\n  npm test -- test/pages.test.ts test/units.test.ts`,
  );
  return isDone ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
