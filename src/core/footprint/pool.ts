/**
 * What PyTorch's allocator reserves for a job beyond its live tensors: a step is run as a program of
 * allocations over all layers, and the replayer of the caching allocator serves it.
 */
import { CachingAllocator } from '../allocator/caching-allocator.ts';
import { ModelledDevice } from '../allocator/driver.ts';
import type { AllocatorSettings } from '../allocator/program.ts';
import { LARGE_SEGMENT } from '../allocator/rounding.ts';
import type { Weight } from '../workload/model/model.ts';
import type { Job, Packing } from './job.ts';
import { OPTIMIZERS } from './optimizers.ts';
import { Kind, Rehearsal, type Storage } from './rehearsal/rehearsal.ts';
import {
  adapterTensors,
  holdsGradients,
  isPacked,
  packedBytes,
  type Tensors,
  weightTensors,
} from './static.ts';
import { runStep } from './step.ts';

/** Peaks of a replayed job. Bytes. */
export interface Pool {
  readonly allocated: number;
  readonly reserved: number;
}

const PLAIN: AllocatorSettings = {
  expandableSegments: false,
  maxSplitSize: Number.POSITIVE_INFINITY,
  maxNonSplitRounding: LARGE_SEGMENT,
  largeSegmentSize: LARGE_SEGMENT,
  roundupPower2Divisions: new Array<number>(16).fill(0),
  garbageCollectionThreshold: 0,
  cap: Number.POSITIVE_INFINITY,
  capacity: Number.POSITIVE_INFINITY,
};

const STEPS = 2;

/** Bytes of an element of each tensor that comes to be while a layer is packed, from its whole weight to the result. */
const WHILE_PACKING = [2, 2, 2, 2];

/**
 * What is left when layers were packed on the card one after another, and idle segments were released: packed weights lie
 * in pieces of segments that were made for whole ones. (torchao@0.5: quantization/quant_primitives.py; PyTorch empties
 * its cache before it captures graphs.)
 */
function poolOfPacking(job: Job, packing: Packing): Pool {
  const trace: number[] = [];
  const sizes: number[] = [];
  const held = new Map<number, number>();
  const make = (bytes: number): number => {
    trace.push(sizes.length);
    held.set(sizes.length, bytes);
    return sizes.push(bytes) - 1;
  };
  const drop = (block: number): void => {
    trace.push(~block);
    held.delete(block);
  };
  const deepest = Math.max(0, ...job.weights.map(({ count }) => count));
  const whole: { readonly block: number; readonly elements: number; readonly bytes: number }[] = [];
  const put = (weight: Weight): void => {
    const elements = weight.shape.reduce((a, b) => a * b, 1);
    const block = make(elements * job.wholeWidth);
    if (!isPacked(job, weight)) return;
    whole.push({ block, elements, bytes: packedBytes(packing, { ...weight, count: 1 }, elements) });
  };
  const isEnd = ({ layer }: Weight): boolean => layer === undefined;
  for (const weight of job.weights) if (isEnd(weight) && weight.role === 'embedding') put(weight);
  for (let i = 0; i < deepest; i += 1) {
    for (const weight of job.weights) if (!isEnd(weight) && i < weight.count) put(weight);
  }
  for (const weight of job.weights) if (isEnd(weight) && weight.role !== 'embedding') put(weight);
  for (const { block, elements, bytes } of whole) {
    let before: number | undefined;
    for (const width of WHILE_PACKING) {
      const next = make(elements * width);
      if (before !== undefined) drop(before);
      before = next;
    }
    make(bytes);
    if (before !== undefined) drop(before);
    drop(block);
  }
  const allocator = replayed(trace, sizes);
  allocator.emptyCache();
  return { allocated: [...held.values()].reduce((a, b) => a + b, 0), reserved: allocator.reserved };
}

/** Undefined where a step is no single program of one device: several ranks, several stacks, no training. */
export function poolOf(job: Job): Pool | undefined {
  const { data, tensor, pipeline, context, expert } = job.parallel;
  const isAlone = data * tensor * pipeline * context * expert === 1;
  if (isAlone && job.packing?.inPlace === true) return poolOfPacking(job, job.packing);
  if (!isAlone || job.purpose !== 'training' || job.model.stacks.length > 1) return undefined;
  const trace: number[] = [];
  const r = new Rehearsal(true, trace);
  const put = (tensors: readonly Tensors[], width?: number): Storage[] =>
    tensors.flatMap((of) =>
      Array.from({ length: of.count }, () => r.allocate(of.elements * (width ?? of.width))),
    );
  put(weightTensors(job));
  const adapters = adapterTensors(job);
  put(adapters);
  const trained =
    job.trains === 'all' ? weightTensors(job) : job.trains === 'adapter' ? adapters : [];
  const optimizer = OPTIMIZERS[job.optimizer];
  let gradients: readonly Storage[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    const micro = job.accumulation > 1 ? 2 : 1;
    for (let i = 0; i < micro; i += 1) {
      const isHeld = i > 0 || (step > 0 && holdsGradients(job) && job.keepsGradients);
      runStep(r, job, job.optimizerInBackward || isHeld);
    }
    gradients = r.held(Kind.gradient);
    if (step === 0) {
      for (let i = 0; i < optimizer.inKind; i += 1) put(trained);
      if (optimizer.fixed > 0) put(trained, optimizer.fixed);
    }
    const scratch =
      optimizer.step.all > 0
        ? put(trained)
        : [
            r.allocate(
              optimizer.step.largest *
                Math.max(0, ...trained.map(({ elements, width }) => elements * width)),
            ),
          ];
    r.drop(...scratch);
    if (!job.keepsGradients) r.drop(...gradients);
  }
  return replay(trace, r.sizes, r.peak);
}

function replay(trace: readonly number[], sizes: readonly number[], allocated: number): Pool {
  return { allocated, reserved: replayed(trace, sizes).peakReserved };
}

function replayed(trace: readonly number[], sizes: readonly number[]): CachingAllocator {
  const names = { blocks: sizes.length, streams: 1, pools: 1 };
  const allocator = new CachingAllocator(
    PLAIN,
    new ModelledDevice(Number.POSITIVE_INFINITY),
    names,
  );
  for (const event of trace) {
    if (event >= 0) allocator.malloc(event, sizes[event] as number, 0, 0);
    else allocator.freeCompleted(~event);
  }
  return allocator;
}
