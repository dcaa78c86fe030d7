// Writes src/core/catalog/models.gen.ts from the JSON of scripts/model-tables.py: one row a config, with the names
// of the hub that have it. Where a source does not say whether the head is the embedding table, the published count
// says it; a row whose count is off by more than half a percent is dropped in favour of the next source.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(import.meta.dirname);
const TOLERANCE = 0.005;

/**
 * @typedef {{ id: string, config: Record<string, any>, source: string, unchecked?: string }} Row
 * @typedef {Row & { count?: number, countSource?: string, headStored?: boolean }} Checked
 */

/** @returns {Promise<(config: unknown) => number | undefined>} parameters of a config */
async function counter() {
  const entry = join(root, 'src/core/workload/model');
  const folder = await mkdtemp(join(tmpdir(), 'unoom-models-'));
  try {
    /** @param {string} name */
    const load = async (name) => {
      const bundle = await rolldown({ input: join(entry, `${name}.ts`), platform: 'browser' });
      const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
      const path = join(folder, `${name}.mjs`);
      await writeFile(path, output[0].code);
      return import(pathToFileURL(path).href);
    };
    const [{ readModelConfig }, { parameterCount }] = [await load('read'), await load('weights')];
    return (config) => {
      const reading = readModelConfig(config, 'catalog');
      return reading.ok ? parameterCount(reading.model) : undefined;
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** 'none' stands for null, which the other side of JSON has left out. @param {Record<string, any>} config */
const withNulls = (config) =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, value === 'none' ? null : value]),
  );

/**
 * @param {Row} row
 * @param {[number, string][]} published
 * @param {(config: unknown) => number | undefined} count
 * @returns {Checked | undefined} nothing where the published counts contradict the row
 */
function check(row, published, count) {
  const config = withNulls(row.config);
  const says = 'tie_word_embeddings' in config;
  const candidates = says
    ? [config]
    : [config, { ...config, tie_word_embeddings: true }, { ...config, tie_word_embeddings: false }];
  const own = count(config);
  if (own === undefined) throw new Error(`${row.id} cannot be read`);
  if (published.length === 0 || row.unchecked !== undefined) return { ...row, config };
  let best;
  for (const [value, countSource] of published) {
    for (const candidate of candidates) {
      const error = Math.abs((count(candidate) ?? 0) / value - 1);
      // What the config says by itself comes first.
      if (best === undefined || error < best.error - 1e-9)
        best = { error, candidate, value, countSource };
    }
  }
  if (best === undefined || best.error > TOLERANCE) return undefined;
  const found = { ...row, count: best.value, countSource: best.countSource };
  // A checkpoint of a tied model may store the table once more as its head; the class ties it all the same.
  const storesHead =
    best.candidate['tie_word_embeddings'] === false && own < (count(best.candidate) ?? 0);
  return storesHead ? { ...found, config, headStored: true } : { ...found, config: best.candidate };
}

const { rows, counts } = JSON.parse(await readFile(process.argv[2] ?? 'tables.json', 'utf8'));
const count = await counter();
/** @type {Map<string, Checked>} */
const chosen = new Map();
const contradicted = new Set();
for (const row of /** @type {Row[]} */ (rows)) {
  if (chosen.get(row.id)?.count !== undefined) continue;
  const checked = check(row, counts[row.id] ?? [], count);
  if (checked === undefined) contradicted.add(row.id);
  else if (!chosen.has(row.id) || checked.count !== undefined) chosen.set(row.id, checked);
}

/** What must agree for two models to be of one shape. @param {Record<string, any>} config */
const shapeOf = ({ tie_word_embeddings: _, max_position_embeddings: __, ...config }) =>
  JSON.stringify(config);
// A sibling of the same shape with a tied head shows that this checkpoint only stores the table twice (Qwen3-0.6B).
const tied = new Set(
  [...chosen.values()]
    .filter(({ config }) => config['tie_word_embeddings'] === true)
    .map(({ config }) => shapeOf(config)),
);
for (const row of chosen.values()) {
  if (row.config['tie_word_embeddings'] === true || !tied.has(shapeOf(row.config))) continue;
  row.config = { ...row.config, tie_word_embeddings: true };
  if (row.count !== undefined) row.headStored = true;
}

/** @param {Checked} row */
const keyOf = ({ config, source, count: value, countSource, headStored }) =>
  JSON.stringify([config, source, value, countSource, headStored]);
/** @type {Map<string, { row: Checked, ids: string[] }>} */
const grouped = new Map();
for (const row of chosen.values()) {
  const group = grouped.get(keyOf(row)) ?? { row, ids: [] };
  group.ids.push(row.id);
  grouped.set(keyOf(row), group);
}
const sources = [
  ...new Set([...grouped.values()].flatMap(({ row }) => [row.source, row.countSource ?? ''])),
].filter((source) => source !== '' && source !== 'assumed');

/** @param {Record<string, any>} config */
const fieldsOf = ({ model_type: _, ...config }) =>
  Object.entries(config)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(' ');
/** @param {string | undefined} source */
const numberOf = (source) =>
  source === undefined || source === 'assumed' ? '' : sources.indexOf(source);
const lines = [...grouped.values()].map(({ row, ids }) =>
  [
    row.config['model_type'],
    ids.join(' '),
    numberOf(row.source),
    row.count ?? '',
    numberOf(row.countSource),
    row.headStored ? 'h' : '',
    fieldsOf(row.config),
  ].join('|'),
);
await writeFile(
  join(root, 'src/core/catalog/models.gen.ts'),
  [
    '// Written by scripts/model-catalog.mjs; edits are lost. What the columns are is said in models.ts.',
    'export const MODEL_SOURCES: readonly string[] = [',
    ...sources.map((source) => `  '${source.replaceAll("'", "\\'")}',`),
    '];',
    'export const MODEL_TABLE: string = `',
    ...lines.sort(),
    '`;',
    '',
  ].join('\n'),
);
const ids = [...chosen.values()];
const missing = [...contradicted].filter((id) => !chosen.has(id));
console.log(
  `${ids.length} models in ${lines.length} rows; ${ids.filter((row) => row.count !== undefined).length} checked; ` +
    `${ids.filter((row) => row.source === 'assumed').length} recalled; ${missing.length} contradicted: ${missing.join(', ')}`,
);
