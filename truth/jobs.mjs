// @ts-check
/**
 * From a row of measured memory to how its job differed from the plain one: the published rule of what is covered. It looks at
 * the row's inputs only, never at what was measured.
 */
import { isRecorderRow, recorderJob } from './recorder-jobs.mjs';
import { diffusionJob, isDiffusionRow } from './diffusion-jobs.mjs';
import { engineJobOf, isEngineRow } from './engine-jobs.mjs';

import { generationJob } from './generation-jobs.mjs';
import { isParallelRow, parallelJob } from './parallel-jobs.mjs';
import { trainingJobOf } from './training-jobs.mjs';
import { isVisionRow, visionJob } from './vision-jobs.mjs';

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
 * the catalog lacks; `network`: the network of images that it is; `change`: what differs from the config; `context`: bytes of the context where they are told;
 * `lengths`: shares of the told length that the longest batch has, where that is only a cap: at least, probably, at most.
 * @typedef {{
 *   job: Partial<Job>,
 *   view: 'allocated' | 'reserved' | 'device',
 *   moments: readonly string[],
 *   name?: string,
 *   config?: Readonly<Record<string, object>>,
 *   change?: object,
 *   context?: number,
 *   lengths?: readonly [number, number, number],
 *   network?: (tools: Pick<typeof import('../dist/types/core/footprints.d.ts'), 'detectorNetwork' | 'segmenterNetwork' | 'networkNamed'>) => import('../dist/types/core/footprints.d.ts').Network | undefined,
 *   complete?: (job: Job, model: Pick<typeof import('../dist/types/core/footprints.d.ts'), 'libraryDecides' | 'packingOf' | 'placed' | 'stagesOf'>) => readonly Job[],
 * }} Covered
 */

/**
 * The job of a row, or why it is not covered.
 * @param {Row} row
 * @param {import('./engine-jobs.mjs').Tools} [tools] what rows of engines ask the memory model for
 * @returns {Covered | import('./engine-jobs.mjs').EngineCovered | string}
 */
export function jobOf(row, tools) {
  if (isRecorderRow(row)) return recorderJob(row);
  if (isEngineRow(row)) return tools === undefined ? `kind ${row.kind}` : engineJobOf(row, tools);
  const isRun = row.kind === 'infer' || row.kind === 'finetune' || row.kind === 'train';
  if (isRun && isDiffusionRow(row)) return diffusionJob(row);
  if (isVisionRow(row)) return visionJob(row);
  if (row.kind === 'infer') return generationJob(row);
  if (row.kind === 'finetune' || row.kind === 'train')
    return isParallelRow(row) ? parallelJob(row) : trainingJobOf(row);
  return `kind ${row.kind}`;
}

/**
 * Bytes of what was measured, as rows of published figures say it.
 * @param {{ measured: number, unit: string | null, unit_likely: string | null }} row
 */
export function bytesOf({ measured, unit_likely: unit }) {
  const factor = { GiB: 2 ** 30, MiB: 2 ** 20, GB: 1e9, MB: 1e6 }[unit ?? ''];
  return factor === undefined ? undefined : measured * factor;
}
