// @ts-check
/**
 * From a row of measured memory to how its job differed from the plain one: the published rule of what is covered. It looks at
 * the row's inputs only, never at what was measured.
 */

import { trainingJobOf } from './training-jobs.mjs';

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
 * @property {string | null} notes
 */

/**
 * A job and what was measured of it. `name`: the model where the row's text says more; `config`: configs by name that
 * the catalog lacks; `change`: what differs from the config; `context`: bytes of the context where they are told.
 * @typedef {{
 *   job: Partial<Job>,
 *   view: 'allocated' | 'reserved' | 'device',
 *   moments: readonly string[],
 *   name?: string,
 *   config?: Readonly<Record<string, object>>,
 *   change?: object,
 *   context?: number,
 * }} Covered
 */

/** Bits of a packed weight with its scales, by what a row calls the precision. */
const PACKED = new Map([
  ['gptq-int8', 8 + 16 / 128 + 8 / 128],
  ['gptq-int4', 4 + 16 / 128 + 4 / 128],
  ['awq-int4', 4 + 16 / 128 + 4 / 128],
]);

/**
 * The job of a row, or why it is not covered.
 * @param {Row} row
 * @returns {Covered | string}
 */
export function jobOf(row) {
  if (row.kind === 'infer') return generation(row);
  if (row.kind === 'finetune' || row.kind === 'train') return trainingJobOf(row);
  return `kind ${row.kind}`;
}

/**
 * @param {Row} row
 * @returns {Covered | string}
 */
function generation(row) {
  const { framework, precision, other_flags: flags } = row;
  const version = /transformers (\d+)\.(\d+)/.exec(framework ?? '');
  if (version === null) return 'not generated with a stated version of transformers';
  const lengths = /input_len=(\d+); gen_len=(\d+)/.exec(flags ?? '');
  if (lengths === null) return 'lengths of prompt and answer are not told';
  if ((row.n_gpus ?? 1) > 1) return 'several GPUs';
  const bits = PACKED.get(precision ?? '');
  if (bits === undefined && precision !== 'bf16' && precision !== 'fp16') return `precision ${precision}`;
  const isOld = Number(version[1]) === 4 && Number(version[2]) < 45;
  const job = {
    batch: row.batch_per_gpu ?? 1,
    sequence: Number(lengths[1]),
    newTokens: Number(lengths[2]),
    prefillLogits: /** @type {Job['prefillLogits']} */ (isOld ? 'all-fp32' : 'last'),
    ...(bits === undefined
      ? {}
      : {
          // exllama and its like unpack the largest layer into a buffer that stays.
          packing: { method: precision ?? '', bits, skipped: [], ...(precision === 'gptq-int4' ? { unpacked: 2 } : {}) },
        }),
  };
  return { job, view: 'allocated', moments: ['prefill', 'decode'] };
}

/**
 * Bytes of what was measured.
 * @param {{ measured: number, unit: string | null, unit_likely: string | null }} row
 */
export function bytesOf({ measured, unit_likely: unit }) {
  const factor = { GiB: 2 ** 30, MiB: 2 ** 20, GB: 1e9, MB: 1e6 }[unit ?? ''];
  return factor === undefined ? undefined : measured * factor;
}
