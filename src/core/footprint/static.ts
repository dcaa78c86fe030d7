/** Sums over the weights of a job: what lies in memory whatever a step does. Bytes on one device. */
import type { Weight } from '../workload/model/model.ts';
import { freshBlock } from './blocks.ts';
import { isTarget, type Job, type Packing } from './job.ts';
import { remembered } from './memo.ts';
import type { Moment } from './term.ts';

const elementsOf = (weight: Weight): number => weight.shape.reduce((a, b) => a * b, 1);

/** True where packed formats apply: linear layers inside the network, not its head or its table. */
function isPacked(job: Job, weight: Weight): boolean {
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

/** Width of a weight that is not packed. */
const wholeWidth = (job: Job): number =>
  job.packing === undefined ? job.weightWidth : job.wholeWidth;

/** Bytes of a packed weight with what lies beside its rows. */
function packedBytes(packing: Packing, weight: Weight, elements: number): number {
  const rows = (weight.shape.at(-1) ?? 0) * weight.count;
  return (elements * packing.bits) / 8 + rows * (packing.rowBytes ?? 0);
}

/** Base weights as they are stored, before data-parallel sharding. */
export const baseWeights: (job: Job) => number = remembered(baseWeightsFrom);

function baseWeightsFrom(job: Job): number {
  const { packing } = job;
  return sum(job, (weight, elements) =>
    packing !== undefined && isPacked(job, weight)
      ? packedBytes(packing, weight, elements)
      : elements * wholeWidth(job),
  );
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

function adapterElementsFrom(job: Job): number {
  const { adapter } = job;
  if (adapter === undefined) return 0;
  let elements = 0;
  for (const weight of job.weights) {
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
    const beside = adapter.rank * (inputs + outputs) + (adapter.dora ? outputs : 0);
    elements += (beside * weight.count) / job.parallel.pipeline;
  }
  return elements;
}

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
  const result: Tensors[] = [];
  for (const weight of job.weights) {
    if (weight.role !== 'linear' || weight.layer === undefined) continue;
    if (isRouter(weight) || !isTarget(adapter, weight.name)) continue;
    for (const side of weight.shape.slice(0, 2)) {
      result.push({ elements: adapter.rank * side, width: adapter.width, count: weight.count });
    }
  }
  return result;
}

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

interface Units {
  readonly layers: readonly number[];
  readonly ends: number;
}

/** Elements of the weights of each kind of layer, and of everything outside the layers. */
const unitsOf: (job: Job) => Units = remembered(unitsFrom);

function unitsFrom(job: Job): Units {
  const layers = new Map<string, number>();
  let ends = 0;
  for (const weight of job.weights) {
    const elements = (elementsOf(weight) * weight.count) / cuts(job, weight);
    const { layer } = weight;
    if (layer === undefined) {
      ends += elements;
      continue;
    }
    const key = `${layer.stack}:${layer.layer}`;
    const pattern = job.model.stacks[layer.stack]?.pattern ?? [];
    const alike = pattern.filter((at) => at === layer.layer).length;
    layers.set(key, (layers.get(key) ?? 0) + elements / Math.max(1, alike));
  }
  return { layers: [...layers.values()], ends };
}

/** Bytes of the largest unit that a sharded run gathers at once: a layer, or the ends. */
function largestUnit(job: Job, width: number): number {
  const { layers, ends } = unitsOf(job);
  return Math.max(ends, ...layers) * width;
}

/** Bytes of the weights of the largest layer. */
const largestLayer = (job: Job, width: number): number =>
  Math.max(0, ...unitsOf(job).layers) * width;

/** Data-parallel ranks that share the weights. */
export const shardsOf = (job: Job): number => (job.sharding === 'full' ? job.parallel.data : 1);

/** Data-parallel ranks that share the gradients. */
export const gradientShards = (job: Job): number =>
  job.sharding === 'full' || job.sharding === 'gradients' ? job.parallel.data : 1;

/** Data-parallel ranks that share the states of the optimizer. */
export const stateShards = (job: Job): number => (job.sharding === 'none' ? 1 : job.parallel.data);

/** All gradients of one device. */
export function gradientBytes(job: Job): number {
  const { elements, largest } = trained(job);
  if (job.optimizerInBackward) return largest * job.gradientWidth;
  return (elements * job.gradientWidth) / gradientShards(job);
}

/** Whole weights of the unit at work and of the next one; in the backward pass its whole gradient too. */
export function gatheredBytes(job: Job, isBackward: boolean): number {
  const width = job.autocast ?? job.weightWidth;
  const unit = largestUnit(job, width);
  const layer = largestLayer(job, width);
  const weights = unit + layer;
  const kept = job.reshard ? weights : Math.max(weights, trained(job).elements * width);
  return isBackward ? kept + largestUnit(job, job.gradientWidth) : kept;
}

/** Buffers of gradients for the reduction between data-parallel ranks. */
export function bucketBytes(job: Job): number {
  if (job.parallel.data === 1) return 0;
  if (job.bucket !== undefined) return job.bucket * job.weightWidth;
  return job.bucketCopies && job.sharding === 'none' ? gradientBytes(job) : 0;
}

/** What a sharded rank gathers at once to save the whole model: a unit of FSDP 1, or one tensor. */
export function savedBytes(job: Job): number {
  const { wholeSave, system } = job.parallel;
  if (wholeSave !== true || shardsOf(job) === 1) return 0;
  if (system === 'fsdp1') return largestUnit(job, job.weightWidth);
  const sizes = job.weights.map((weight) => elementsOf(weight) / cuts(job, weight));
  return Math.max(0, ...sizes) * job.weightWidth;
}

/** Weights that this rank holds in the host's memory. */
export function hostWeightBytes(job: Job, point: Moment['point']): number {
  const { wholeSave, wholeLoad, isFirst, parameterOffload } = job.parallel;
  if (job.purpose !== 'training') return 0;
  const whole = baseWeights(job);
  const reads = wholeLoad !== true || isFirst === true || job.parallel.data === 1;
  if (point === 'load') return reads ? whole : 0;
  const gathers = point === 'save' && wholeSave === true && isFirst === true;
  const waiting = parameterOffload === true ? whole / shardsOf(job) : 0;
  return waiting + (gathers ? whole : 0);
}
