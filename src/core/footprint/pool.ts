/**
 * What PyTorch's allocator reserves for a job beyond its live tensors: a step is run as a program of
 * allocations over all layers, and the replayer of the caching allocator serves it.
 */
import { CachingAllocator } from '../allocator/caching-allocator.ts';
import { ModelledDevice } from '../allocator/driver.ts';
import type { AllocatorSettings } from '../allocator/program.ts';
import { LARGE_SEGMENT } from '../allocator/rounding.ts';
import type { Job } from './job.ts';
import { OPTIMIZERS } from './optimizers.ts';
import { Kind, Rehearsal, type Storage } from './rehearsal/rehearsal.ts';
import { adapterTensors, holdsGradients, type Tensors, weightTensors } from './static.ts';
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

/** Undefined where a step is no single program of one device: several ranks, several stacks, no training. */
export function poolOf(job: Job): Pool | undefined {
  const { data, tensor, pipeline, context, expert } = job.parallel;
  const isAlone = data * tensor * pipeline * context * expert === 1;
  const isProgram = isAlone && job.purpose === 'training' && job.model.stacks.length <= 1;
  if (!isProgram || job.pipeline !== undefined) return undefined;
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
      runStep(r, job, i > 0 || (step > 0 && holdsGradients(job) && job.keepsGradients));
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
  return { allocated, reserved: allocator.peakReserved };
}
