/** What optimizers keep for each trained weight, and what one step needs for a moment. */
import { systemOf, zeroGroup, zeroStepScratch } from './buffers.ts';
import type { Job, OptimizerName } from './job.ts';
import { pagesOf } from './paged.ts';
import { stateShards, tableElements, trained, trainedHere } from './static.ts';

interface OptimizerRow {
  /** Elements of the weights' own format kept for each weight. */
  readonly inKind: number;
  /** Bytes kept for each weight whatever its format. */
  readonly fixed: number;
  /** Scratch of a step, in copies of all trained weights and of the largest tensor. */
  readonly step: { readonly all: number; readonly largest: number };
  readonly source: string;
}

/** Two bytes a weight and an fp32 scale for each block of 256, twice. */
const EIGHT_BIT = 2 * (1 + 4 / 256);

export const OPTIMIZERS: Readonly<Record<OptimizerName, OptimizerRow>> = {
  adamw: row(2, 0, 1, 0, 'torch@2.14 torch/optim/adamw.py foreach; storage tracker'),
  'adamw-loop': row(2, 0, 0, 2.26, 'torch@2.14 torch/optim/adamw.py single tensor'),
  'adamw-fused': row(2, 0, 0, 0, 'torch@2.14 fused kernel'),
  'adamw-8bit': row(0, EIGHT_BIT, 0, 0, 'bitsandbytes@0.48 optim, blocks of 256'),
  'adamw-paged': row(0, EIGHT_BIT, 0, 0, 'bitsandbytes@0.48 optim, unified memory'),
  'adamw-paged-32bit': row(0, 8, 0, 0, 'bitsandbytes@0.50.2: optim/adamw.py, unified memory'),
  adafactor: row(0, 0.025, 0, 2.26, 'transformers@5.18 optimization.py: factored second moment'),
  lion: row(1, 0, 0, 1, 'lion-pytorch: one moment'),
  'lion-8bit': row(0, EIGHT_BIT / 2, 0, 0, 'bitsandbytes@0.48 optim'),
  sgd: row(0, 0, 0, 0, 'torch@2.14 torch/optim/sgd.py'),
  'sgd-momentum': row(1, 0, 0, 0, 'torch@2.14 torch/optim/sgd.py'),
  galore: row(0.7, 0, 0, 1, 'arXiv 2403.03507: states of a 7B model at rank 1024, 65.5 % less'),
  muon: row(1, 0, 0, 3.5, 'torch@2.14 torch/optim/_muon.py'),
  'adam-mini': row(1, 0, 0, 1, 'arXiv 2406.16793: one second moment a block'),
};

function row(
  inKind: number,
  fixed: number,
  all: number,
  largest: number,
  source: string,
): OptimizerRow {
  return { inKind, fixed, step: { all, largest }, source };
}

/** Bytes of the states on one device, fp32 masters of 16-bit weights among them, without those that are paged. */
export function stateBytes(job: Job): number {
  const all = allStates(job);
  return areStatesAway(job) ? all : Math.max(0, all - (pagesOf(job)?.all ?? 0));
}

function allStates(job: Job): number {
  const { width } = trained(job);
  const of = OPTIMIZERS[job.optimizer];
  const kept = job.masterWeights ? 4 : width;
  const masters = job.masterWeights ? 4 : 0;
  const here = trainedHere(job, stateShards(job) > 1);
  return here * (of.inKind * kept + of.fixed + masters) + wholeTables(job);
}

/** fp32 copies of the largest tensor in 16 bits and of its gradient, beside two updates (transformers@5.24: optimization.py). */
const HALVES_OF_ADAFACTOR = 4 * 2;

/** Scratch of a step in copies of the largest tensor, in the width that is stepped. */
export const largestScratch = (job: Job): number =>
  job.optimizer === 'adafactor' && !job.masterWeights && trained(job).width === 2
    ? HALVES_OF_ADAFACTOR
    : OPTIMIZERS[job.optimizer].step.largest;

/** What states of tables have in 32 bits beyond 8. Bytes. */
function wholeTables(job: Job): number {
  const whole = WHOLE_STATES[job.optimizer];
  if (whole === undefined || job.tableStates !== 'fp32' || job.trains !== 'all') return 0;
  const more = whole - OPTIMIZERS[job.optimizer].fixed;
  return (tableElements(job) * more) / stateShards(job);
}

/** Bytes a weight of the states of 8-bit optimizers where a tensor has them in 32 bits. */
const WHOLE_STATES: Readonly<Partial<Record<OptimizerName, number>>> = {
  'adamw-8bit': 8,
  'adamw-paged': 8,
  'lion-8bit': 4,
};

/** Scratch of one step. Bytes. */
export function stepBytes(job: Job): number {
  const { elements, width, largest } = trained(job);
  if (job.optimizerInBackward) return 0;
  const of = OPTIMIZERS[job.optimizer].step;
  const here = trainedHere(job, stateShards(job) > 1);
  const kept = job.masterWeights ? 4 : width;
  const share = job.trains === 'all' ? here / elements : 1;
  const scratch = of.all * here * kept + largestScratch(job) * largest * share * kept;
  const isZero = systemOf(job) === 'deepspeed' && job.sharding !== 'none';
  if (!isZero) return scratch;
  // Gradients are fp32 while weights are stepped, in stage 3 a group of weights after another.
  return Math.max(zeroStepScratch(job, here), zeroGroup(job, here) * (4 + of.all * kept));
}

/**
 * States wait in the host's memory. FSDP's offload of weights takes them along; DeepSpeed has a switch for each.
 * (deepspeed@0.19.8: runtime/zero/offload_config.py)
 */
export function areStatesAway(job: Job): boolean {
  const takesAlong = job.parallel.parameterOffload === true && systemOf(job) !== 'deepspeed';
  return job.optimizerOffload || takesAlong;
}

/** What an offloaded optimizer holds in the host's memory for this rank: states, masters, fp32 gradients. */
export function hostStateBytes(job: Job): number {
  const { system } = job.parallel;
  if (job.trains === 'none' || !areStatesAway(job)) return 0;
  const width = system === 'deepspeed' ? 4 : job.gradientWidth;
  return stateBytes(job) + trainedHere(job, stateShards(job) > 1) * width;
}
