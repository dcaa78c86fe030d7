// @ts-check
/**
 * Writes docs/accuracy.md from the output of truth.mjs: `npm run -s truth -- rows.jsonl --peers --installed FOLDER --format json
 * | node truth/accuracy.mjs > docs/accuracy.md`. Figures and sources only; no row's text is published.
 */
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} source
 * @property {string} metric
 * @property {boolean} covered
 * @property {string} [reason]
 * @property {number} [measured_bytes]
 * @property {{ low: number, mid: number, high: number }} [estimate_bytes]
 */
/** @typedef {{ peer: string, source: string, rows: { id: string, estimate_bytes?: number, reason?: string }[] }} Peer */

/** @typedef {{ usable: number, covered: number, kinds: Record<string, { usable: number, covered: number }>, unusable: Record<string, number> }} Coverage */
/** @typedef {{ pairs: number, sign_right: number, median_error?: number }} Differences */

/** @type {{ rows: Row[], peers: Peer[], coverage: Coverage, differences: Differences }} */
const { rows, peers, coverage, differences } = JSON.parse(readFileSync(0, 'utf8'));

const FORGIVEN = 150 * 2 ** 20;

/** Relative. @param {number} estimate @param {number} measured */
const errorOf = (estimate, measured) => Math.abs(estimate - measured) / measured;

/** Relative, with 150 MiB forgiven. @param {number} estimate @param {number} measured */
const forgivenOf = (estimate, measured) => Math.max(0, Math.abs(estimate - measured) - FORGIVEN) / measured;

/** @param {readonly number[]} all @param {number} at */
const quantile = (all, at) => {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
};

/** @param {number} value */
const percent = (value) => `${(100 * value).toFixed(value < 0.1 ? 2 : 1)} %`;

/** The repository or the dataset that published a row. @param {string} source */
const groupOf = (source) => /\b([A-Za-z][\w.-]*\/[\w.-]*\w)/.exec(source)?.[1] ?? 'other logs and notes';

/** What is measured, in the words of the table. */
const METRICS = new Map([
  ['max_memory_allocated', 'allocated'],
  ['max_memory_reserved', 'reserved'],
  ['nvidia-smi', 'nvidia-smi'],
  ['log', 'as a log has it'],
  ['unknown', 'as published'],
]);

/** @typedef {Row & { measured_bytes: number, estimate_bytes: { low: number, mid: number, high: number } }} Judged */
const judged = /** @type {Judged[]} */ (
  rows.filter((row) => row.covered && row.measured_bytes !== undefined && row.estimate_bytes !== undefined)
);

/**
 * @param {readonly (readonly string[])[]} cells the first row is the head
 * @returns {string}
 */
const table = ([head = [], ...body]) =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** @typedef {readonly [estimate: number, measured: number]} Pair */

/** @param {readonly Pair[]} pairs */
function summary(pairs) {
  const errors = pairs.map(([estimate, measured]) => errorOf(estimate, measured));
  return [
    String(errors.length),
    percent(quantile(errors, 0.5)),
    percent(quantile(errors, 0.9)),
    percent(Math.max(...errors)),
    percent(quantile(pairs.map(([estimate, measured]) => forgivenOf(estimate, measured)), 0.5)),
  ];
}

/** @param {Judged} row @returns {Pair} */
const pairOf = ({ estimate_bytes: { mid }, measured_bytes: measured }) => [mid, measured];

/** @param {readonly Judged[]} of @returns {string[][]} */
function comparison(of) {
  const byId = new Map(of.map((row) => [row.id, row]));
  const lines = [['unoom', ...summary(of.map(pairOf)), '']];
  for (const { peer, rows: answers } of peers) {
    /** @type {Pair[]} */
    const theirs = [];
    /** @type {number[]} */
    const ours = [];
    for (const { id, estimate_bytes: estimate } of answers) {
      const row = byId.get(id);
      if (row === undefined || estimate === undefined) continue;
      theirs.push([estimate, row.measured_bytes]);
      ours.push(errorOf(row.estimate_bytes.mid, row.measured_bytes));
    }
    if (theirs.length > 0) lines.push([peer, ...summary(theirs), percent(quantile(ours, 0.5))]);
  }
  return lines;
}

/** @template T @param {readonly T[]} list @param {(one: T) => string} key @returns {Map<string, T[]>} */
function grouped(list, key) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const one of list) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}

const HEAD = ['', 'rows', 'median', '90 %', 'worst', 'median, 150 MiB forgiven', 'median of unoom on these rows'];
const groups = [...grouped(judged, (row) => `${groupOf(row.source)}, ${METRICS.get(row.metric) ?? row.metric}`)].sort(
  ([, a], [, b]) => b.length - a.length,
);
/** Reasons that name what a row has are counted as one. @type {readonly (readonly [RegExp, string])[]} */
const KINDS = [
  [/^model .*(?:is )?not in the catalog/, 'the model is not in the catalog'],
  [/^adapter /, 'an adapter of another method than LoRA'],
  [/^precision /, 'the format of the weights is not covered or not told'],
  [/^optimizer /, 'the optimizer is not covered or not told'],
  [/^metric /, 'what was measured is not covered'],
  [/^component /, 'the part of the engine is not covered or not told'],
];
/** @param {Row} row */
const reasonOf = ({ reason = '' }) => KINDS.find(([pattern]) => pattern.test(reason))?.[1] ?? reason;
const reasons = [...grouped(rows.filter(({ covered }) => !covered), reasonOf)]
  .map(([reason, list]) => /** @type {const} */ ([reason, list.length]))
  .sort(([, a], [, b]) => b - a);
const inside = judged.filter(({ measured_bytes: measured, estimate_bytes: { low, high } }) => low <= measured && measured <= high);
const widths = judged.map(({ estimate_bytes: { low, mid, high } }) => (high - low) / 2 / mid);

console.log(`# Accuracy

Written by \`truth/accuracy.mjs\`; edits are lost. Predictions against memory that others measured and published, with every miss,
and what other estimators say of the same rows. An error is relative to what was measured. Which rows are covered is decided by
their inputs alone (\`truth/README.md\`).

${judged.length} of ${rows.length} rows are covered and have a known unit. The range of nine in ten held ${inside.length} of them
(${percent(inside.length / judged.length)}); its half-width has a median of ${percent(quantile(widths, 0.5))}.

Of all ${differences.pairs} pairs of rows of one source that differ in one recorded setting the predicted difference has the sign of the measured
one in ${differences.sign_right} (${percent(differences.sign_right / differences.pairs)}); its median error is ${percent(differences.median_error ?? Number.NaN)}.

## What is covered

A row is usable where what it tells of a Transformer's run is enough to work the figure out again (\`truth/usable.mjs\`, by inputs
alone; whether this model can predict it plays no part). ${coverage.covered} of ${coverage.usable} usable rows are covered, ${percent(coverage.covered / coverage.usable)}.

${table([
  ['rows of', 'usable', 'covered', 'share'],
  ...Object.entries(coverage.kinds).map(([kind, of]) => [kind, String(of.usable), String(of.covered), percent(of.covered / of.usable)]),
])}

Rows that are not usable, by the first reason that holds:

${table([['reason', 'rows'], ...Object.entries(coverage.unusable).sort(([, a], [, b]) => b - a).map(([reason, count]) => [reason, String(count)])])}

## All covered rows

${table([HEAD, ...comparison(judged)])}

A peer stands in the rows that it has inputs for; the last column is the median error of unoom on those rows. What a peer counts
for the driver or the allocator is left out where a row measures tensors alone. Rows of one part of an engine (weights, KV cache,
buffers) are asked of no peer: they give totals.

## By source

${groups.map(([name, list]) => `### ${name}\n\n${table([HEAD, ...comparison(list)])}`).join('\n\n')}

## The largest misses

${table([
  ['source', 'metric', 'error', 'estimate / measured'],
  ...[...judged]
    .sort((a, b) => errorOf(b.estimate_bytes.mid, b.measured_bytes) - errorOf(a.estimate_bytes.mid, a.measured_bytes))
    .slice(0, 20)
    .map((row) => [
      groupOf(row.source),
      METRICS.get(row.metric) ?? row.metric,
      percent(errorOf(row.estimate_bytes.mid, row.measured_bytes)),
      (row.estimate_bytes.mid / row.measured_bytes).toFixed(3),
    ]),
])}

## Not covered

${table([['reason', 'rows'], ...reasons.slice(0, 30).map(([reason, count]) => [reason, String(count)])])}

## Peers

${table([['peer', 'what was read or run'], ...peers.map(({ peer, source }) => [peer, source])])}`);
