/** Sums over the weights of a job: what lies in memory whatever a step does. Bytes on one device. */
import type { Weight } from '../workload/model/model.ts';
import { freshBlock } from './blocks.ts';
import { systemOf, zeroBuckets } from './buffers.ts';
import { isTarget, type Job, type Packing } from './job.ts';
import { remembered } from './memo.ts';
import { frozenBeside, trainedBeside } from './rehearsal/adapters.ts';
import type { Moment } from './term.ts';

const elementsOf = (weight: Weight): number => weight.shape.reduce((a, b) => a * b, 1);

/** True where packed formats apply: linear layers inside the network, not its head or its table. */
export function isPacked(job: Job, weight: Weight): boolean {
  const { packing } = job;
  if (packing === undefined) return false;
  if (weight.role === 'head') return packing.packsHead === true;
  if (weight.layer === undefined) return false;
  if (weight.role !== 'linear' && weight.role !== 'expert') return false;
  return !packing.skipped.some((part) => weight.name.includes(part));
}

/** How many pieces tensor and expert parallelism cut a weight into. Norms and biases stay whole. */
function cuts(job: Job, weight: Weight): number {
  const { tensor, expert } = job.parallel;
  if (weight.role === 'expert') return Math.max(tensor, expert);
  if (weight.role === 'linear' || weight.role === 'embedding' || weight.role === 'head')
    return tensor;
  return 1;
}

/** The share of a weight that one device computes with, before data-parallel sharding. */
function localElements(job: Job, weight: Weight): number {
  const layers = weight.layer === undefined ? 1 : job.parallel.pipeline;
  return (elementsOf(weight) * weight.count) / cuts(job, weight) / layers;
}

function sum(job: Job, of: (weight: Weight, elements: number) => number): number {
  let result = 0;
  for (const weight of job.weights) result += of(weight, localElements(job, weight));
  return result;
}

/**
 * Ranks that divide a weight among them, of those that have the same part of it: all data-parallel ranks of one
 * replica, and for an expert the ones that have that expert.
 */
function shardsOfWeight(job: Job, weight: Weight): number {
  const ranks = ranksOf(job);
  if (weight.role !== 'expert') return ranks;
  return Math.max(1, (ranks * job.parallel.tensor) / cuts(job, weight));
}

/** Elements of all weights on one device; `isDivided`: data-parallel ranks divide them. */
const elementsHere = (job: Job, isDivided: boolean): number =>
  isDivided ? dividedElements(job) : wholeElements(job);

const wholeElements: (job: Job) => number = remembered((job) =>
  sum(job, (_, elements) => elements),
);

const dividedElements: (job: Job) => number = remembered((job) =>
  sum(job, (weight, elements) => elements / shardsOfWeight(job, weight)),
);

/** Width of a weight that is not packed. */
const wholeWidth = (job: Job): number =>
  job.packing === undefined ? job.weightWidth : job.wholeWidth;

/** Bytes of a packed weight with what lies beside its rows. */
export function packedBytes(packing: Packing, weight: Weight, elements: number): number {
  const rows = (weight.shape.at(-1) ?? 0) * weight.count;
  return (elements * packing.bits) / 8 + rows * (packing.rowBytes ?? 0);
}

/** Base weights as they are stored, before data-parallel sharding. */
export const baseWeights: (job: Job) => number = remembered(baseWeightsFrom);

function baseWeightsFrom(job: Job): number {
  return sum(job, (weight, elements) => storedBytes(job, weight, elements));
}

/** Bytes of so many elements of a weight as they are stored. */
function storedBytes(job: Job, weight: Weight, elements: number): number {
  const { packing } = job;
  return packing !== undefined && isPacked(job, weight)
    ? packedBytes(packing, weight, elements)
    : elements * wholeWidth(job);
}

/** Base weights as this rank holds them. */
export const heldWeights = (job: Job): number =>
  job.sharding === 'full' ? dividedWeights(job) : baseWeights(job);

const dividedWeights: (job: Job) => number = remembered((job) =>
  sum(job, (weight, elements) => storedBytes(job, weight, elements) / shardsOfWeight(job, weight)),
);

/** Elements of base weights on this rank. */
export const heldElements = (job: Job): number => elementsHere(job, job.sharding === 'full');

/** Bytes of an element of a weight that a step computes with: under FSDP what the gathered ones have. */
export function computeWidth(job: Job): number {
  if (shardsOf(job) === 1) return job.weightWidth;
  return job.parallel.gatherWidth ?? (job.trains === 'all' ? job.width : job.weightWidth);
}

/** What blocks of weights take beyond the weights, when each was allocated for itself. */
export const roundedWeights: (job: Job) => number = remembered(roundedWeightsFrom);

function roundedWeightsFrom(job: Job): number {
  const { packing } = job;
  return sum(job, (weight, elements) => {
    // Experts are tensors of their own; scales are small beside the packed matrix.
    const pieces = weight.count * (weight.role === 'expert' ? (weight.shape[0] ?? 1) : 1);
    const bytes = isPacked(job, weight) ? Math.floor(packing?.bits ?? 8) / 8 : wholeWidth(job);
    const one = (elements * bytes) / pieces;
    return pieces * (freshBlock(one) - one);
  });
}

/** Inputs of all packed layers of one micro-batch, each tensor once. Bytes. */
export const inputsOfPacked: (job: Job) => number = remembered(inputsOfPackedFrom);

function inputsOfPackedFrom(job: Job): number {
  const { model, packing, batch, sequence, width } = job;
  if (packing === undefined) return 0;
  let columns = packing.packsHead === true ? (model.stacks.at(-1)?.hidden ?? 0) : 0;
  for (const { layers, pattern, hidden } of model.stacks) {
    for (const index of pattern) {
      const { mixers, mlp, parallel } = layers[index] ?? { mixers: [], parallel: false };
      for (const mixer of mixers) {
        if (mixer.kind !== 'softmax') continue;
        columns += hidden + mixer.heads * (mixer.value_dim ?? mixer.head_dim);
      }
      if (mlp?.kind === 'dense') columns += (parallel ? 0 : hidden) + mlp.intermediate;
    }
  }
  return batch * sequence * columns * width;
}

/** Packed projections of queries, keys and values that have a weight each. */
export const separateProjections: (job: Job) => number = remembered(separateProjectionsFrom);

function separateProjectionsFrom(job: Job): number {
  const { packing } = job;
  if (packing === undefined) return 0;
  return sum(job, (weight, elements) =>
    isPacked(job, weight) && /(?:^|\.)[qkv]_proj\.weight$/.test(weight.name)
      ? packedBytes(packing, weight, elements)
      : 0,
  );
}

/** The largest layer that packing applies to, in elements. */
export const largestPacked: (job: Job) => number = remembered(largestPackedFrom);

function largestPackedFrom(job: Job): number {
  let most = 0;
  for (const weight of job.weights) {
    if (!isPacked(job, weight)) continue;
    const experts = weight.role === 'expert' ? (weight.shape[0] ?? 1) : 1;
    most = Math.max(most, elementsOf(weight) / experts / cuts(job, weight));
  }
  return most;
}

/** Adapters leave the scores of experts alone unless they are named. */
const isRouter = (weight: Weight): boolean => /(?:^|\.)(?:gate|router)\.weight$/.test(weight.name);

/** Elements of an adapter: two thin matrices beside each linear layer that it stands at. */
export const adapterElements: (job: Job) => number = remembered(adapterElementsFrom);

/** The table of embeddings and the head: what `modules_to_save` names as a rule. */
const isEnd = ({ role, layer }: Weight): boolean =>
  layer === undefined && (role === 'embedding' || role === 'head');

function adapterElementsFrom(job: Job): number {
  const { adapter } = job;
  if (adapter === undefined) return 0;
  if (adapter.elements !== undefined) return adapter.elements / job.parallel.pipeline;
  let elements = 0;
  for (const weight of job.weights) {
    // A copy that is trained whole keeps the format of the model: counted as so many elements of the adapter's.
    if (adapter.ends === true && isEnd(weight))
      elements += (elementsOf(weight) * weight.count * job.wholeWidth) / adapter.width;
    if (
      weight.role === 'head' &&
      adapter.targets !== 'all-linear' &&
      isTarget(adapter, 'lm_head')
    ) {
      const [outputs = 0, inputs = 0] = weight.shape;
      elements += adapter.rank * (inputs + outputs);
    }
    if (weight.role !== 'linear' || weight.layer === undefined) continue;
    if (isRouter(weight) || !isTarget(adapter, weight.name)) continue;
    const [outputs = 0, inputs = 0] = weight.shape;
    const beside = trainedBeside(adapter, inputs, outputs) + (adapter.dora ? outputs : 0);
    elements += (beside * weight.count) / job.parallel.pipeline;
  }
  return elements;
}

/** Bytes of numbers of an adapter that are never trained. */
export const frozenBytes: (job: Job) => number = remembered(({ adapter, weights, parallel }) => {
  if (adapter?.method === undefined) return 0;
  let bytes = 0;
  for (const { role, layer, name, shape, count } of weights) {
    if (role !== 'linear' || layer === undefined || !isTarget(adapter, name)) continue;
    bytes += frozenBeside(adapter, shape[1] ?? 0, shape[0] ?? 0) * count;
  }
  return bytes / parallel.pipeline;
});

/** Tensors as they are stored, one by one: elements and bytes of an element, equal ones counted. */
export interface Tensors {
  readonly elements: number;
  readonly width: number;
  readonly count: number;
}

/** The base weights of one device without sharding. */
export function weightTensors(job: Job): readonly Tensors[] {
  const { packing } = job;
  return job.weights.map((weight) => {
    const layers = weight.layer === undefined ? 1 : job.parallel.pipeline;
    const width =
      packing !== undefined && isPacked(job, weight) ? packing.bits / 8 : wholeWidth(job);
    const count = Math.max(1, Math.round(weight.count / layers));
    return { elements: elementsOf(weight) / cuts(job, weight), width, count };
  });
}

/** The two matrices of each adapter. */
export function adapterTensors(job: Job): readonly Tensors[] {
  const { adapter } = job;
  if (adapter === undefined) return [];
  if (adapter.elements !== undefined) {
    const layers = job.model.stacks.reduce((sum, { pattern }) => sum + pattern.length, 0);
    const count = Math.max(1, layers);
    return [{ elements: Math.ceil(adapter.elements / count), width: adapter.width, count }];
  }
  const result: Tensors[] = [];
  for (const weight of job.weights) {
    if (adapter.ends === true && isEnd(weight))
      result.push({ elements: elementsOf(weight), width: job.wholeWidth, count: weight.count });
    if (weight.role !== 'linear' || weight.layer === undefined) continue;
    if (isRouter(weight) || !isTarget(adapter, weight.name)) continue;
    const [outputs = 0, inputs = 0] = weight.shape;
    if (adapter.method !== undefined) {
      const elements = Math.max(1, trainedBeside(adapter, inputs, outputs));
      result.push({ elements, width: adapter.width, count: weight.count });
      continue;
    }
    for (const side of [outputs, inputs]) {
      result.push({ elements: adapter.rank * side, width: adapter.width, count: weight.count });
    }
  }
  return result;
}

/** Whether a weight is that of an `nn.Embedding`. */
export const isTable = ({ role, layer, shape }: Weight): boolean =>
  layer === undefined && role === 'embedding' && shape.length === 2;

/** Elements of all tables on this rank, before data-parallel sharding. */
export const tableElements = (job: Job): number =>
  sum(job, (weight, elements) => (isTable(weight) ? elements : 0));

/** Outputs of one sequence: a row of logits for each position, or one over the labels. */
export const outputCells = ({ model, sequence }: Job): number =>
  model.head === 'vocab'
    ? sequence * model.vocab
    : model.head === 'labels'
      ? (model.labels ?? 2)
      : 0;

/** Gradients are there when a step begins, so that new ones are added to them. */
export const holdsGradients = (job: Job): boolean => job.accumulation > 1 || job.keepsGradients;

export interface Trained {
  readonly elements: number;
  /** Bytes of an element as it is stored. */
  readonly width: number;
  /** Of the largest single tensor. */
  readonly largest: number;
}

/** What gets gradients and states on one device, before data-parallel sharding. */
export const trained: (job: Job) => Trained = remembered(trainedFrom);

function trainedFrom(job: Job): Trained {
  if (job.trains === 'none') return { elements: 0, width: job.weightWidth, largest: 0 };
  if (job.trains === 'adapter') {
    const elements = adapterElements(job);
    return { elements, width: job.adapter?.width ?? 4, largest: 0 };
  }
  const largest = Math.max(
    0,
    ...job.weights.map((weight) => elementsOf(weight) / cuts(job, weight)),
  );
  return { elements: sum(job, (_, elements) => elements), width: job.weightWidth, largest };
}

/** Bytes of the whole weights that FSDP gathers as one, in the width of the gathering. */
const gatheredBytes = (job: Job, weight: Weight, elements: number): number =>
  isPacked(job, weight) ? storedBytes(job, weight, elements) : elements * computeWidth(job);

/** Whole weights of one layer of a kind. Experts that other ranks have are not gathered. */
export function layerUnit(job: Job, stack: number, layer: number): number {
  const pattern = job.model.stacks[stack]?.pattern ?? [];
  const alike = Math.max(1, pattern.filter((at) => at === layer).length);
  let bytes = 0;
  for (const weight of job.weights) {
    if (weight.layer?.stack !== stack || weight.layer.layer !== layer) continue;
    const elements = (elementsOf(weight) * weight.count) / alike / cuts(job, weight);
    bytes += gatheredBytes(job, weight, elements);
  }
  return bytes;
}

/** Bytes of the weights of one layer of a kind, one by one, as they are gathered. */
export function layerTensors(job: Job, stack: number, layer: number): readonly number[] {
  const pattern = job.model.stacks[stack]?.pattern ?? [];
  const alike = Math.max(1, pattern.filter((at) => at === layer).length);
  return job.weights.flatMap((weight) => {
    if (weight.layer?.stack !== stack || weight.layer.layer !== layer) return [];
    const one = gatheredBytes(job, weight, elementsOf(weight) / cuts(job, weight));
    return new Array<number>(Math.max(1, Math.round(weight.count / alike))).fill(one);
  });
}

/** The same of the weights outside the layers. */
export function endTensors(job: Job): Readonly<Record<keyof Ends, readonly number[]>> {
  const of = (isHead: boolean): readonly number[] =>
    job.weights.flatMap((weight) => {
      const { layer, role, count } = weight;
      if (layer !== undefined || (role === 'head' || role === 'norm') !== isHead) return [];
      const one = (elementsOf(weight) * computeWidth(job)) / cuts(job, weight);
      return new Array<number>(count).fill(one);
    });
  return { table: of(false), head: of(true) };
}

export interface Ends {
  readonly table: number;
  readonly head: number;
}

/** Whole weights outside the layers: with the table, and with the head. A tied table is with the first. */
export function endUnits(job: Job): Ends {
  const ends = { table: 0, head: 0 };
  for (const weight of job.weights) {
    if (weight.layer !== undefined) continue;
    const bytes = (elementsOf(weight) * weight.count * computeWidth(job)) / cuts(job, weight);
    ends[weight.role === 'head' || weight.role === 'norm' ? 'head' : 'table'] += bytes;
  }
  return ends;
}

/** All weights on one device as they are gathered. */
export const wholeWeights = (job: Job): number =>
  sum(job, (weight, elements) => gatheredBytes(job, weight, elements));

/** Bytes of the largest unit that a sharded run gathers at once: a layer, or the ends. */
function largestUnit(job: Job): number {
  const { table, head } = endUnits(job);
  const layers = job.model.stacks.flatMap((stack, at) =>
    stack.layers.map((_, layer) => layerUnit(job, at, layer)),
  );
  return Math.max(table + head, ...layers);
}

/** Ranks of one replica that hold the same weights: data-parallel and context-parallel ones. */
const ranksOf = ({ parallel: { data, context, replicas = 1 } }: Job): number =>
  Math.max(1, (data * context) / replicas);

/** Data-parallel ranks that share the weights. */
export const shardsOf = (job: Job): number => (job.sharding === 'full' ? ranksOf(job) : 1);

/** Data-parallel ranks that share the gradients. */
export const gradientShards = (job: Job): number =>
  job.sharding === 'full' || job.sharding === 'gradients' ? ranksOf(job) : 1;

/** Data-parallel ranks that share the states of the optimizer. */
export const stateShards = (job: Job): number => (job.sharding === 'none' ? 1 : ranksOf(job));

/** Elements that are trained, on this rank, where data-parallel ranks divide them or not. */
export function trainedHere(job: Job, isDivided: boolean): number {
  if (job.trains === 'all') return elementsHere(job, isDivided);
  return trained(job).elements / (isDivided ? ranksOf(job) : 1);
}

/** All gradients of one device. */
export function gradientBytes(job: Job): number {
  if (job.optimizerInBackward) return trained(job).largest * job.gradientWidth;
  const isAway =
    job.parallel.parameterOffload === true ||
    (job.optimizerOffload && systemOf(job) === 'deepspeed' && job.sharding !== 'optimizer');
  if (isAway) return 0;
  if (hasFlatGradients(job)) return (flatElements(job) / shardsOf(job)) * computeWidth(job);
  return trainedHere(job, gradientShards(job) > 1) * job.gradientWidth;
}

/**
 * FSDP 1 makes one tensor of all weights of a unit: where some are trained all get a gradient ("numel
 * instead of", says torch@2.15: distributed/fsdp/_wrap_utils.py).
 */
export const hasFlatGradients = (job: Job): boolean =>
  job.trains === 'adapter' && shardsOf(job) > 1 && systemOf(job) === 'fsdp1';

/** Elements of the units that have adapters: the layers, and the root where its ends are trained. */
const flatElements: (job: Job) => number = remembered(
  (job) =>
    trained(job).elements +
    sum(job, (weight, elements) =>
      weight.layer !== undefined || job.adapter?.ends === true ? elements : 0,
    ),
);

/**
 * FSDP under accumulation of gradients that only the last micro-batch reduces: accelerate's no_sync, and with it the
 * Trainer's steps (accelerate@1.15: accelerator.py; transformers@5.24: trainer.py), Fabric's no_backward_sync.
 */
export const defersReduction = (job: Job): boolean =>
  job.parallel.defersReduction === true &&
  job.accumulation > 1 &&
  shardsOf(job) > 1 &&
  /^fsdp/.test(systemOf(job));

/** Bytes of an element of whole gradients that wait: FSDP 2 adds them up in the width of their reduction. */
export const waitingWidth = (job: Job): number =>
  systemOf(job) === 'fsdp1' ? computeWidth(job) : (job.parallel.reduceWidth ?? job.gradientWidth);

/**
 * FSDP under a pipeline of PyTorch: weights stay whole over all micro-batches and whole gradients are added up,
 * in the width of their reduction; they are divided after the last (torch@2.9 distributed/pipelining/stage.py).
 */
export const staysWhole = (job: Job): boolean =>
  job.parallel.stage !== undefined && shardsOf(job) > 1 && /^fsdp/.test(systemOf(job));

/** Gradients between the micro-batches of a step. */
export function heldGradients(job: Job): number {
  if (defersReduction(job)) {
    if (hasFlatGradients(job)) return flatElements(job) * computeWidth(job);
    return trainedHere(job, false) * waitingWidth(job);
  }
  if (!staysWhole(job)) return gradientBytes(job);
  return trainedHere(job, false) * (job.parallel.reduceWidth ?? job.gradientWidth);
}

/** Gradients at the step: DeepSpeed has let go of all but those of this rank's part by then. */
export function steppedGradients(job: Job): number {
  const isPart = systemOf(job) === 'deepspeed' && job.sharding === 'optimizer';
  return isPart ? trainedHere(job, true) * job.gradientWidth : gradientBytes(job);
}

/**
 * Gradients that have their place from the start and are never let go: Megatron's buffers, DDP's buckets where
 * gradients are views of them, stage 3's flat part.
 */
export function hasLastingGradients(job: Job): boolean {
  if (job.trains === 'none') return false;
  const system = systemOf(job);
  if (system === 'megatron') return true;
  if (system === 'deepspeed') return job.sharding === 'full';
  return system === 'ddp' && job.parallel.data > 1 && job.sharding === 'none' && !job.bucketCopies;
}

/** Divided gradients are made on a stream of the reduction (FSDP). */
export const reducesOnStream = (job: Job): boolean =>
  gradientShards(job) > 1 && /^fsdp/.test(systemOf(job));

/** What the stream of the gathering has had at once beyond what is live: one unit more. */
export const gatherStream: (job: Job) => number = remembered(gatherStreamFrom);

/** A unit of FSDP 1 that may still be there when others are gathered. */
export const lateUnit = (job: Job): number =>
  systemOf(job) === 'fsdp1' && job.parallel.ends !== 'apart' && !staysWhole(job)
    ? gatherStream(job)
    : 0;

function gatherStreamFrom(job: Job): number {
  if (shardsOf(job) === 1) return 0;
  const layers = job.model.stacks.flatMap((stack, at) =>
    stack.layers.map((_, layer) => layerUnit(job, at, layer)),
  );
  return Math.max(0, ...layers);
}

/** Buffers of gradients for the reduction between data-parallel ranks. */
export function bucketBytes(job: Job, point: Moment['point']): number {
  if (ranksOf(job) === 1 || job.trains === 'none') return 0;
  if (systemOf(job) === 'deepspeed') return zeroBuckets(job, computeWidth(job), point);
  return job.bucketCopies && job.sharding === 'none' ? gradientBytes(job) : 0;
}

/** What a sharded rank gathers at once to save the whole model: a unit of FSDP 1, or one tensor. */
export function savedBytes(job: Job): number {
  const { wholeSave, system } = job.parallel;
  if (wholeSave !== true || shardsOf(job) === 1) return 0;
  if (system === 'fsdp1') return (largestUnit(job) * job.weightWidth) / computeWidth(job);
  const sizes = job.weights.map((weight) => elementsOf(weight) / cuts(job, weight));
  return Math.max(0, ...sizes) * job.weightWidth;
}

/** Weights that this rank holds in the host's memory. */
export function hostWeightBytes(job: Job, point: Moment['point']): number {
  const { wholeSave, wholeLoad, isFirst, parameterOffload } = job.parallel;
  if (job.purpose !== 'training') return 0;
  const whole = baseWeights(job);
  const reads = wholeLoad !== true || isFirst === true;
  const loaded = (job.loadedWidth ?? job.weightWidth) / job.weightWidth;
  if (point === 'load') return reads ? whole * loaded : 0;
  const gathers = point === 'save' && wholeSave === true && isFirst === true;
  const waiting = parameterOffload === true ? heldWeights(job) : 0;
  return waiting + (gathers ? whole : 0);
}
