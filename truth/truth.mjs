// @ts-check
/**
 * Predictions against measured memory: `npm run -s truth -- FILE… [--format json] [--by source]`.
 * Rows are JSON objects, a line each; what is covered is decided by jobs.mjs on the inputs alone.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as footprints from '../dist/footprints.js';
import { findCatalogModel, findCatalogPipeline, pipelineFiles } from '../dist/models.js';
import { differencesOf } from './differences.mjs';
import { bytesOf, jobOf } from './jobs.mjs';
import { isRecorderRow } from './recorder-jobs.mjs';
import { askInstalled } from './installed-peers.mjs';
import { askPeers } from './peers.mjs';
import { coverageOf } from './usable.mjs';

const { footprintOf, knownPipeline, PLAIN_JOB, peakOf, plus, poolOf, readModelConfig, readPipeline, spread, weightsOf } = footprints;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    format: { type: 'string', default: 'text' },
    peers: { type: 'boolean', default: false },
    installed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help || positionals.length === 0) {
  console.log(
    'npm run -s truth -- FILE… [--format text|json] [--peers [--installed FOLDER]]\n\n  npm run -s truth -- rows.jsonl --format json | jq .rows[0]\n  npm run -s truth -- rows.jsonl --peers    what other estimators say of the same rows',
  );
  process.exit(values.help ? 0 : 2);
}

/** @type {Map<string, { model: any, weights: any } | undefined>} */
const models = new Map();

/** What peers are asked: the rows that are covered. @type {import('./peers.mjs').Question[]} */
const questions = [];

/** @param {string} name @param {Partial<import('./jobs.mjs').Covered>} [covered] */
function modelOf(name, { config, change = {}, network } = {}) {
  if (network !== undefined) {
    const found = network(footprints);
    return found === undefined ? undefined : footprints.networkModel(found);
  }
  const key = JSON.stringify([name, change]);
  if (!models.has(key)) {
    const pipeline = findCatalogPipeline(name);
    const read = pipeline && readPipeline(pipelineFiles(pipeline), name);
    if (read?.ok) models.set(key, knownPipeline(read.pipeline));
  }
  if (!models.has(key)) {
    const found = findCatalogModel(name);
    const base = config?.[name] ?? found?.model.config;
    const reading = base === undefined ? undefined : readModelConfig({ ...base, ...change }, found?.model.source ?? 'the row');
    models.set(key, reading?.ok ? { model: reading.model, weights: weightsOf(reading.model) } : undefined);
  }
  return models.get(key);
}

/** @param {any} row */
function judge(row) {
  const base = isRecorderRow(row)
    ? { id: row.id, source: `recorder ${row.gpu ?? ''} torch ${row.torch ?? ''}`.trim(), metric: 'max_memory_allocated' }
    : { id: row.id, source: row.source, metric: row.metric };
  const covered = jobOf(row, footprints);
  if (typeof covered === 'string') return { ...base, covered: false, reason: covered };
  // A name can be followed by what was made of the model, in brackets.
  const name = 'model' in covered ? covered.model : (covered.name ?? row.model.replace(/ \(.*$/, ''));
  const known = modelOf(name, 'read' in covered ? {} : covered);
  if (known === undefined) return { ...base, covered: false, reason: `model ${name} is not in the catalog` };
  if ('read' in covered) return judgeEngine(row, covered, known);
  const { job, view, moments, complete = (/** @type {any} */ one) => [one] } = covered;
  const capability = row.cc !== undefined ? Number(row.cc) : /H100|H200|H800|H20\b|B200|GH200/.test(row.gpu ?? '') ? 9 : 8;
  const { config } = findCatalogModel(name)?.model ?? { config: {} };
  const start = { ...PLAIN_JOB, ...job, ...known };
  // Peers are asked of the whole, not of each card.
  const [whole] = complete(start, { ...footprints, placed: (/** @type {any} */ one) => [one], stagesOf: (/** @type {any} */ one) => [one] });
  const { data, tensor, pipeline, context } = whole.parallel;
  // Most peers know one card only: rows of several that share a job would be no fair question.
  if (data * tensor * pipeline * context === 1) questions.push({ id: row.id, job: whole, view, config, gpu: row.gpu });
  const estimate = (/** @type {number} */ share) => {
    const longest = { ...start, sequence: Math.max(1, Math.round(start.sequence * share)) };
    const peaks = complete(longest, footprints).map((/** @type {any} */ one) => {
      const footprint = footprintOf(one, capability, undefined, undefined, poolOf(one));
      return peakOf({ moments: footprint.moments.filter(({ moment }) => moments.includes(moment.point)) }, view);
    });
    // Several cards are told as their sum.
    return { peak: peaks[0], bytes: shifted(spread(plus(...peaks.map((peak) => peak[view]))), covered.context ?? 0) };
  };
  const [least, usual, most] = covered.lengths ?? [1, 1, 1];
  const { peak, bytes: middle } = estimate(usual);
  let { low, mid, high } = middle;
  if (covered.lengths !== undefined) {
    // What stays idle hangs on the length by chance: of five neighbours the one in the middle stands.
    const near = [-0.04, -0.02, 0.02, 0.04].map((by) => estimate(usual + by).bytes);
    mid = quantile([mid, ...near.map((one) => one.mid)], 0.5);
    const others = [estimate(least).bytes, estimate(most).bytes];
    low = Math.min(low, ...others.map((one) => one.low));
    high = Math.max(high, ...others.map((one) => one.high));
  }
  const measured = isRecorderRow(row) ? row.peak_allocated : bytesOf(row);
  return {
    ...base,
    covered: true,
    at: `${peak.moment.turn} ${peak.moment.point}`,
    ...(measured === undefined ? {} : { measured_bytes: measured }),
    estimate_bytes: { low, mid, high },
  };
}

/** @param {{ low: number, mid: number, high: number }} interval @param {number} by */
const shifted = ({ low, mid, high }, by) => ({ low: low + by, mid: mid + by, high: high + by });

/** @param {any} row @param {import('./engine-jobs.mjs').EngineCovered} covered @param {{ model: any, weights: any }} known */
function judgeEngine(row, covered, known) {
  const base = { id: row.id, source: row.source, metric: row.metric };
  const about = covered.jobFor(known.model);
  if (typeof about === 'string') return { ...base, covered: false, reason: about };
  const job = { ...PLAIN_JOB, ...about, ...known };
  const estimate = covered.read(footprintOf(job, covered.card.capability, covered.card));
  const { low, mid, high } = spread(estimate);
  if (estimate.factors.some((/** @type {{ name: string }} */ factor) => factor.name === 'ggml_unknown_graph')) return { ...base, covered: false, reason: 'a layer whose graph is not known' };
  const measured = bytesOf(row);
  return { ...base, covered: true, ...(measured === undefined ? {} : { measured_bytes: measured }), estimate_bytes: { low, mid, high } };
}

/** Relative, with 150 MiB forgiven. @param {number} estimate @param {number} measured */
const errorOf = (estimate, measured) =>
  Math.max(0, Math.abs(estimate - measured) - 150 * 2 ** 20) / measured;

/** @param {number[]} all @param {number} at */
const quantile = (all, at) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * at))] ?? Number.NaN;

/** @param {number} value */
const percent = (value) => `${(value * 100).toFixed(2)} %`;

const given = positionals
  .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
  .filter((line) => line.trim() !== '')
  .map((line) => JSON.parse(line));
const rows = given.map(judge);
const differences = differencesOf(given, rows);
const coverage = coverageOf(given, rows);

const peers = values.peers || values.format === 'json'
  ? [...askPeers(questions), ...(values.installed === undefined ? [] : await askInstalled(values.installed, questions))]
  : [];

if (values.format === 'json') console.log(JSON.stringify({ rows, peers, differences, coverage }, undefined, 2));
else {
  /** @type {Map<string, { raw: number[], forgiven: number[], inside: number }>} */
  const groups = new Map();
  for (const row of rows) {
    if (!row.covered || row.measured_bytes === undefined || row.estimate_bytes === undefined) continue;
    const { low, mid, high } = row.estimate_bytes;
    const group = groups.get(row.source) ?? { raw: [], forgiven: [], inside: 0 };
    group.raw.push(Math.abs(mid / row.measured_bytes - 1));
    group.forgiven.push(errorOf(mid, row.measured_bytes));
    if (low <= row.measured_bytes && row.measured_bytes <= high) group.inside += 1;
    groups.set(row.source, group);
  }
  console.log(`${rows.filter(({ covered }) => covered).length} of ${rows.length} rows covered`);
  if (coverage.usable > 0) {
    const kinds = Object.entries(coverage.kinds).map(([kind, of]) => `${kind} ${of.covered} of ${of.usable}`);
    console.log(`${coverage.covered} of ${coverage.usable} usable Transformer rows covered, ${percent(coverage.covered / coverage.usable)} (${kinds.join(', ')})`);
  }
  for (const [source, { raw, forgiven, inside }] of groups) {
    console.log(
      `${source.slice(0, 70).padEnd(70)} n ${String(raw.length).padStart(3)}  median ${percent(quantile(raw, 0.5))}  worst ${percent(Math.max(...raw))}  with 150 MiB forgiven ${percent(quantile(forgiven, 0.5))}  in range ${inside}`,
    );
  }
  for (const { peer, rows: answers } of peers) {
    const measured = new Map(rows.flatMap((row) => (row.measured_bytes === undefined ? [] : [[row.id, row.measured_bytes]])));
    const errors = answers.flatMap(({ id, estimate_bytes: estimate }) => {
      const bytes = measured.get(id);
      return bytes === undefined || estimate === undefined ? [] : [Math.abs(estimate / bytes - 1)];
    });
    if (errors.length === 0) continue;
    console.log(
      `${peer.padEnd(70)} n ${String(errors.length).padStart(3)}  median ${percent(quantile(errors, 0.5))}  worst ${percent(Math.max(...errors))}`,
    );
  }
  const { pairs, sign_right: right, median_error: error } = differences;
  if (error !== undefined) {
    console.log(`${pairs} pairs that differ in one setting: sign right in ${right}, median error of the difference ${percent(error)}`);
  }
}
