/**
 * Steps and passes of a network of images: its record is run with sizes only, for the job's batch and pixels. A network
 * is no run of equal layers, so all of it is rehearsed at once.
 */
import { elementsOf, type NetRecord, type Network } from '../workload/graph/graph.ts';
import type { Job } from './job.ts';
import { Memo } from './memo.ts';
import { type NetUse, runNet } from './rehearsal/net.ts';
import { type ByKind, Kind, Rehearsal, type Tensor } from './rehearsal/rehearsal.ts';
import type { Step } from './step.ts';

const RECORDS: Memo<NetRecord> = new Memo();

/** The record for the job's images, built once for each size. */
function recordOf({ image, model }: Job, network: Network): NetRecord {
  const { resolution } = network;
  const { height, width } = image ?? { height: resolution, width: resolution };
  const classes = model.labels ?? network.classes;
  return RECORDS.get(network, `${height} ${width} ${classes}`, () =>
    network.build(height, width, classes),
  );
}

const useOf = (job: Job, hasGradients: boolean): NetUse => ({
  batch: job.batch,
  width: job.width,
  ...(job.autocast === undefined ? {} : { autocast: job.autocast }),
  trains: job.trains !== 'none',
  hasGradients,
  checkpointing: job.checkpointing,
  keepsScores: job.keepsScores,
});

/** Logarithms of the shares of classes, in fp32 under autocast, which the loss keeps. */
function withLoss(r: Rehearsal, logits: Tensor, job: Job): Tensor {
  const width = job.autocast === undefined ? logits.width : 4;
  const shares = r.tensor(logits.elements, width, logits.needsGrad, Kind.logits);
  const kept = job.keepsScores ? [shares.storage, logits.storage] : [shares.storage];
  r.record(shares, kept, () =>
    r.accumulate(logits, r.allocate(logits.elements * logits.width, Kind.logits)),
  );
  return shares;
}

/** A forward pass and its loss; the caller lets go of what is given. */
function forward(r: Rehearsal, job: Job, network: Network, use: NetUse): Tensor[] {
  const given = runNet(r, recordOf(job, network), use);
  if (network.hasLoss === true) return [...given];
  const losses = given.filter(({ needsGrad }) => needsGrad).map((out) => withLoss(r, out, job));
  return [...given, ...losses];
}

/** The gradient of the loss enters where nothing comes after. */
function backward(r: Rehearsal, tensors: readonly Tensor[], network: Network): void {
  const last = tensors.filter(({ needsGrad }) => needsGrad);
  const starts = network.hasLoss === true ? last : last.slice(last.length / 2);
  for (const tensor of starts)
    tensor.grad = r.allocate(tensor.elements * tensor.width, Kind.logits);
  r.backward();
  r.release(...tensors);
}

/** One micro-step of training. `hasGradients`: new gradients are added to those that are there. */
export function networkStep(job: Job, network: Network, hasGradients: boolean): Step {
  const r = new Rehearsal(true);
  const tensors = forward(r, job, network, useOf(job, hasGradients));
  const highest = r.atPeak.slice();
  r.mark();
  backward(r, tensors, network);
  return { forward: highest, backward: r.atPeak.slice(), after: r.live.slice(), offloaded: 0 };
}

/** The same as a program of allocations, for the allocator. */
export function runNetwork(r: Rehearsal, job: Job, network: Network, hasGradients: boolean): void {
  backward(r, forward(r, job, network, useOf(job, hasGradients)), network);
}

/** A pass without gradients at its highest instant. */
export function networkPass(job: Job, network: Network): ByKind {
  const r = new Rehearsal(false);
  runNet(r, recordOf(job, network), useOf({ ...job, trains: 'none' }, false));
  return r.atPeak.slice();
}

const LARGEST = new WeakMap<NetRecord, number>();

/** Elements of input and output of the largest convolution that is no product at each position and no depthwise one. */
function largestOf(record: NetRecord): number {
  const known = LARGEST.get(record);
  if (known !== undefined) return known;
  let most = 0;
  for (const { inputs, output, parameters } of record.operations) {
    const [input] = inputs;
    const [, depth = 0, kernel = 1] = parameters[0]?.shape ?? [];
    const isWhole = parameters[0]?.role === 'conv' && kernel > 1;
    // A transposed convolution has its outputs there.
    const isJoined = depth === input?.channels || depth === output.channels;
    if (input === undefined || !isWhole || !isJoined || depth === 1) continue;
    most = Math.max(most, elementsOf(input) + elementsOf(output));
  }
  LARGEST.set(record, most);
  return most;
}

/** Bytes of what the largest convolution of a network takes and gives; 0 where there is none. */
export function largestConvolution(job: Job): number {
  const { network } = job.model;
  if (network === undefined) return 0;
  return largestOf(recordOf(job, network)) * job.batch * (job.autocast ?? job.width);
}
