/**
 * Weights as vLLM, SGLang and TGI hold them on one rank. Bytes.
 *
 * Sources: vllm@0.11.0:model_executor/layers/linear.py (columns and rows cut, heads of keys repeated),
 * vocab_parallel_embedding.py (rows padded to 64), rotary_embedding/base.py (one table of cosines and sines),
 * quantization/mxfp4.py (padded experts), v1/attention/backends/mla/common.py (absorbed matrices), lora/layers.py.
 */
import type { Layer, SoftmaxAttention, Weight } from '../../workload/model/model.ts';
import { elementsOf } from '../../workload/model/weights.ts';
import { isTarget, type Job, moduleOf } from '../job.ts';
import { type Stage, servingOf } from './engine.ts';

const VOCAB_PAD = 64;

const padded = (count: number, to: number): number => Math.ceil(count / to) * to;

/** Keys and values are repeated where there are more ranks than heads of them. */
function cutsOf(job: Job, weight: Weight, layer: Layer | undefined): number {
  const { tensor, expert } = job.parallel;
  if (weight.role === 'expert') return Math.max(tensor, expert);
  if (weight.role !== 'linear' && weight.role !== 'conv') return 1;
  const attention = layer?.mixers.find(
    (mixer): mixer is SoftmaxAttention => mixer.kind === 'softmax',
  );
  if (attention === undefined || !/^(?:k|v|key|value)(?:_proj)?$/.test(moduleOf(weight.name)))
    return tensor;
  return Math.min(tensor, attention.kv_heads);
}

function isPacked(job: Job, weight: Weight): boolean {
  const { packing } = job;
  if (packing === undefined || weight.layer === undefined) return false;
  // MXFP4 checkpoints pack their experts only.
  if (packing.method === 'mxfp4') return weight.role === 'expert';
  if (weight.role !== 'linear' && weight.role !== 'expert') return false;
  return !packing.skipped.some((part) => weight.name.includes(part));
}

/** Elements with the rows that kernels want: the hidden side of packed experts in units of 256. */
function storedElements(job: Job, weight: Weight, hidden: number): number {
  const elements = elementsOf(weight);
  if (weight.role !== 'expert' || job.packing?.method !== 'mxfp4') return elements;
  return (elements / hidden) * padded(hidden, 256);
}

const isOfStage = (weight: Weight, stage: Stage): boolean => {
  if (weight.layer !== undefined) return true;
  return weight.role === 'embedding' ? stage.isFirst : stage.isLast;
};

const known = new WeakMap<readonly Weight[], Map<string, number>>();

/** All weights of one rank. A tied table stands on the last stage too. Sums are kept: a plan asks for them often. */
export function servedWeights(job: Job, stage: Stage): number {
  const { tensor, expert, pipeline } = job.parallel;
  const { method = '', bits = 0, skipped = [] } = job.packing ?? {};
  const key = JSON.stringify([
    [tensor, expert, pipeline, stage.isFirst, stage.isLast],
    [method, bits, skipped],
    [job.weightWidth, job.wholeWidth],
  ]);
  const sums = known.get(job.weights) ?? new Map<string, number>();
  known.set(job.weights, sums);
  const sum = sums.get(key) ?? stored(job, stage);
  sums.set(key, sum);
  return sum + rotaryTable(job) + absorbedLatent(job);
}

function stored(job: Job, stage: Stage): number {
  const { tensor, pipeline } = job.parallel;
  const { vocab, tied, stacks } = job.model;
  const width = job.packing === undefined ? job.weightWidth : job.wholeWidth;
  let bytes = 0;
  for (const weight of job.weights) {
    const isTable = weight.role === 'embedding' || weight.role === 'head';
    const isVocab = isTable && weight.shape[0] === vocab;
    if (isVocab) {
      const rows = padded(vocab, VOCAB_PAD) / tensor;
      const times =
        weight.role === 'embedding'
          ? (stage.isFirst ? 1 : 0) + (tied && stage.isLast && !stage.isFirst ? 1 : 0)
          : stage.isLast
            ? 1
            : 0;
      bytes += times * rows * (weight.shape[1] ?? 1) * width;
      continue;
    }
    if (!isOfStage(weight, stage)) continue;
    const { layer } = weight;
    const stack = layer === undefined ? undefined : stacks[layer.stack];
    const kind = layer === undefined ? undefined : stack?.layers[layer.layer];
    const elements = storedElements(job, weight, stack?.hidden ?? 1) * weight.count;
    const share = elements / cutsOf(job, weight, kind) / (layer === undefined ? 1 : pipeline);
    bytes += isPacked(job, weight) ? (share * (job.packing?.bits ?? 16)) / 8 : share * width;
  }
  return bytes;
}

/** Cosines and sines of all positions, one table for all layers. */
function rotaryTable(job: Job): number {
  const hasPositions = job.model.stacks.some(({ ends }) =>
    ends.some(({ name, role }) => role === 'embedding' && /(?:wpe|position)/.test(name)),
  );
  if (hasPositions) return 0;
  const serving = servingOf(job);
  const positions = Math.max(job.model.max_positions ?? 0, serving.context);
  let widest = 0;
  for (const { role, layers } of job.model.stacks) {
    if (role !== 'decoder') continue;
    for (const { mixers } of layers) {
      for (const mixer of mixers) {
        if (mixer.kind === 'softmax') widest = Math.max(widest, mixer.head_dim);
        if (mixer.kind === 'latent') widest = Math.max(widest, mixer.rope_dim);
      }
    }
  }
  return positions * widest * job.width;
}

/** Latent attention keeps its up-projections unpacked a second time, one matrix a head. */
function absorbedLatent(job: Job): number {
  let elements = 0;
  for (const { layers, pattern, role } of job.model.stacks) {
    if (role !== 'decoder') continue;
    for (const at of pattern) {
      for (const mixer of layers[at]?.mixers ?? []) {
        if (mixer.kind === 'latent')
          elements += mixer.heads * (mixer.nope_dim + mixer.value_dim) * mixer.kv_rank;
      }
    }
  }
  return (elements * job.width) / job.parallel.tensor / job.parallel.pipeline;
}

/** Places for LoRA adapters: two thin matrices a slot beside each linear layer, in the model's format. */
export function adapterSlots(job: Job): number {
  const { adapters } = servingOf(job);
  if (adapters === undefined) return 0;
  const { tensor, pipeline } = job.parallel;
  let bytes = 0;
  for (const weight of job.weights) {
    if (weight.role !== 'linear' || weight.layer === undefined) continue;
    if (job.adapter !== undefined && !isTarget(job.adapter, weight.name)) continue;
    const [outputs = 0, inputs = 0] = weight.shape;
    const beside = adapters.rank * (inputs + outputs / tensor);
    bytes += (adapters.slots * beside * weight.count * job.width) / pipeline;
  }
  return bytes;
}
