// @ts-check
/**
 * Differences are what a plan sells: over all pairs of rows of one source that differ in one recorded setting, how often
 * the predicted difference has the sign of the measured one, and how far it is off.
 */

/** What a row records of its job. */
const SETTINGS = [
  'kind', 'model', 'gpu', 'n_gpus', 'framework', 'precision', 'optimizer', 'batch_per_gpu', 'seq_len',
  'grad_checkpointing', 'attention', 'parallelism', 'lora', 'other_flags',
];

/** Differences below this are rounding of what was printed: their sign says nothing. Bytes. */
const LEAST = 50 * 2 ** 20;

/**
 * @param {readonly any[]} rows as they were read
 * @param {readonly any[]} judged what became of each
 */
export function differencesOf(rows, judged) {
  /** @type {Map<string, { row: any, measured: number, estimate: number }[]>} */
  const groups = new Map();
  rows.forEach((row, at) => {
    const { covered, measured_bytes: measured, estimate_bytes: estimate } = judged[at] ?? {};
    if (covered !== true || measured === undefined || estimate === undefined) return;
    const key = `${row.source} ${row.metric}`;
    const group = groups.get(key) ?? [];
    group.push({ row, measured, estimate: estimate.mid });
    groups.set(key, group);
  });
  let right = 0;
  /** @type {number[]} */
  const errors = [];
  for (const group of groups.values()) {
    group.forEach((a, at) => {
      for (const b of group.slice(at + 1)) {
        const differing = SETTINGS.filter((name) => JSON.stringify(a.row[name]) !== JSON.stringify(b.row[name]));
        const measured = b.measured - a.measured;
        if (differing.length !== 1 || Math.abs(measured) < LEAST) continue;
        const estimate = b.estimate - a.estimate;
        if (Math.sign(estimate) === Math.sign(measured)) right += 1;
        errors.push(Math.abs(estimate - measured) / Math.abs(measured));
      }
    });
  }
  errors.sort((x, y) => x - y);
  const median = errors[Math.floor(errors.length / 2)];
  return { pairs: errors.length, sign_right: right, ...(median === undefined ? {} : { median_error: median }) };
}
