// @ts-check
/**
 * From a row of measured memory to how its job differed from the plain one: the published rule of what is covered. It looks at
 * the row's inputs only, never at what was measured.
 */
import { engineJobOf, isEngineRow } from './engine-jobs.mjs';

import { generationJob } from './generation-jobs.mjs';
import { isParallelRow, parallelJob } from './parallel-jobs.mjs';

/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/** @typedef {import('../dist/types/core/footprints.d.ts').Model} Model */
/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} source
 * @property {string} kind
 * @property {string} model
 * @property {number | null} n_gpus
 * @property {string | null} gpu
 * @property {string | null} framework
 * @property {string | null} precision
 * @property {string | null} optimizer
 * @property {number | null} batch_per_gpu
 * @property {number | null} seq_len
 * @property {boolean | string | null} grad_checkpointing
 * @property {string | null} attention
 * @property {string | null} parallelism
 * @property {string | null} lora
 * @property {string | null} other_flags
 * @property {string} metric
 * @property {string | null} [notes]
 */

/** @typedef {{ job: Partial<Job>, view: 'allocated' | 'reserved' | 'device', moments: readonly string[], complete?: (job: Job, model: Pick<typeof import('../dist/types/core/footprints.d.ts'), 'libraryDecides' | 'packingOf' | 'placed' | 'stagesOf'>) => readonly Job[] }} Covered */

/**
 * The job of a row, or why it is not covered.
 * @param {Row} row
 * @param {import('./engine-jobs.mjs').Tools} [tools] what rows of engines ask the memory model for
 * @returns {Covered | import('./engine-jobs.mjs').EngineCovered | string}
 */
export function jobOf(row, tools) {
  if (isEngineRow(row)) return tools === undefined ? `kind ${row.kind}` : engineJobOf(row, tools);
  if (row.kind === 'infer') return generationJob(row);
  if (row.kind === 'finetune' || row.kind === 'train')
    return isParallelRow(row) ? parallelJob(row) : training(row);
  return `kind ${row.kind}`;
}

/**
 * @param {Row} row
 * @returns {Covered | string}
 */
function training(row) {
  const { framework, precision, batch_per_gpu: batch, seq_len: sequence, metric } = row;
  if (!/transformers \d/.test(framework ?? '')) return 'not trained with a stated version of transformers';
  if ((row.n_gpus ?? 1) > 1 || (row.parallelism ?? 'single') !== 'single') return 'several GPUs';
  if (batch === null || sequence === null) return 'batch or sequence is not told';
  if (precision !== 'bfloat16' && precision !== 'bf16') return `precision ${precision}`;
  if (metric !== 'max_memory_allocated' && metric !== 'max_memory_reserved') return `metric ${metric}`;
  const adapter = adapterOf(row.lora);
  if (typeof adapter === 'string') return adapter;
  const torch = /torch (\d+)\.(\d+)/.exec(framework ?? '');
  const isFused = torch !== null && (Number(torch[1]) > 2 || Number(torch[2]) >= 8);
  const optimizer = /^AdamW$/.test(row.optimizer ?? '') ? 'adamw' : /fused/.test(row.optimizer ?? '') ? 'adamw-fused' : undefined;
  if (optimizer === undefined) return `optimizer ${row.optimizer}`;
  const isTrainer = /Trainer/.test(framework ?? '');
  const job = {
    purpose: /** @type {const} */ ('training'),
    trains: /** @type {Job['trains']} */ (adapter === undefined ? 'all' : 'adapter'),
    ...(adapter === undefined ? {} : { adapter }),
    batch,
    sequence,
    // Batches of texts of different lengths are padded, which shuts the flash kernel out.
    padded: true,
    checkpointing: row.grad_checkpointing === true,
    optimizer: /** @type {Job['optimizer']} */ (isTrainer && isFused ? 'adamw-fused' : optimizer),
    keepsOutputs: !isTrainer,
  };
  return {
    job,
    view: metric === 'max_memory_reserved' ? 'reserved' : 'allocated',
    moments: ['forward', 'backward', 'optimizer'],
  };
}

/**
 * @param {string | null} text
 * @returns {import('../dist/types/core/footprints.d.ts').Adapter | string | undefined}
 */
function adapterOf(text) {
  if (text === null) return undefined;
  const method = /^(\w+)/.exec(text)?.[1] ?? '';
  if (method !== 'LORA') return `adapter ${method}`;
  const rank = /\br=(\d+)/.exec(text);
  const targets = [...text.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
  if (rank === null || targets.length === 0) return 'rank or targets are not told';
  const dora = /DoRA/.test(text);
  return { rank: Number(rank[1]), targets, width: 4, dropout: false, dora };
}

/**
 * Bytes of what was measured.
 * @param {{ measured: number, unit: string | null, unit_likely: string | null }} row
 */
export function bytesOf({ measured, unit_likely: unit }) {
  const factor = { GiB: 2 ** 30, MiB: 2 ** 20, GB: 1e9, MB: 1e6 }[unit ?? ''];
  return factor === undefined ? undefined : measured * factor;
}
