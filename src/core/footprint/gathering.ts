/**
 * What data-parallel ranks do around each part of a step: divided weights are gathered before a unit works,
 * its gradients are summed and divided after it. FSDP gathers and reduces a unit (a layer, or the ends) at
 * once. Bytes on one device.
 *
 * FSDP 2 as torch 2.9 writes it (distributed/fsdp/_fully_shard): in the forward pass the gathered buffer of a
 * unit is kept beside its unpacked weights until the next unit has been unpacked; in the backward pass the next
 * unit's buffer is there while a unit works. A unit's whole gradients are copied into the buffer of the
 * reduction, which stays until the next unit's are ready.
 */
import { systemOf } from './buffers.ts';
import type { Job } from './job.ts';
import { type ByKind, KINDS, Kind } from './rehearsal/rehearsal.ts';
import type { Change, Segment } from './rehearsal/segment.ts';
import {
  computeWidth,
  defersReduction,
  type Ends,
  endUnits,
  gradientShards,
  hasFlatGradients,
  lateUnit,
  layerUnit,
  shardsOf,
  staysWhole,
  waitingWidth,
  wholeWeights,
} from './static.ts';

/** What is gathered and reduced together. */
export interface Unit {
  /** Bytes of its whole weights. */
  readonly gathered: number;
}

/** DeepSpeed keeps gathered weights that are used again within this many elements (stage3_max_reuse_distance). */
const REUSE = 1e9;

/** How the weights of a sharded job come together; absent where they are whole. */
export interface Gathering {
  readonly layer: (stack: number, layer: number) => Unit | undefined;
  /** The table and the head as units; absent where they belong to the root, which is never divided in a step. */
  readonly table?: Unit;
  readonly head?: Unit;
  /** Bytes that are whole from the first use in a step to its end. */
  readonly root: number;
}

export function gatheringOf(job: Job): Gathering | undefined {
  if (shardsOf(job) === 1) return undefined;
  const layer = (stack: number, at: number): Unit => ({ gathered: layerUnit(job, stack, at) });
  const ends: Ends = endUnits(job);
  if (systemOf(job) === 'deepspeed' || job.parallel.ends === 'apart') {
    return { layer, table: { gathered: ends.table }, head: { gathered: ends.head }, root: 0 };
  }
  if (staysWhole(job)) return { layer: () => undefined, root: wholeWeights(job) };
  // FSDP 1 lets go of a unit when another stream is through with it (record_stream): two more are there.
  const late = 2 * lateUnit(job);
  return { layer, root: ends.table + ends.head + late };
}

const withKind = (of: ByKind, kind: Kind, bytes: number): ByKind => {
  const result = of.slice();
  (result[kind] as number) += bytes;
  return result;
};

const total = (of: ByKind): number => of.reduce((a, b) => a + b, 0);

/** The forward pass of a part, with its unit gathered. */
export function inForward(job: Job, segment: Segment, unit: Unit | undefined): Change {
  const { forward } = segment;
  if (unit === undefined) return forward;
  const stays = job.reshard ? 0 : unit.gathered;
  return {
    peak: withKind(forward.peak, Kind.gathered, unit.gathered + fetched(job, unit, true)),
    after: withKind(forward.after, Kind.gathered, stays),
  };
}

/** Gathered beside the unit at work. */
function fetched(job: Job, unit: Unit, isForward: boolean): number {
  if (systemOf(job) !== 'deepspeed') return unit.gathered;
  const ahead = (job.parallel.prefetch ?? 5e7) * computeWidth(job);
  return isForward ? ahead + (REUSE / 2) * computeWidth(job) : ahead;
}

/**
 * The backward pass of a part: its unit is gathered again, the next one is on its way, the reduction of
 * the unit before may still run; then its gradients go into the reduction and a share of them stays.
 */
export function inBackward(
  job: Job,
  segment: Segment,
  unit: Unit | undefined,
  before: { readonly unit: Unit; readonly segment: Segment } | undefined,
  hasGradients: boolean,
): Change {
  const backward = segment.backward as Change;
  if (unit === undefined) return backward;
  const { peak, after: left } = backward;
  if (systemOf(job) === 'deepspeed')
    return {
      peak: withKind(peak, Kind.gathered, unit.gathered + fetched(job, unit, false)),
      after: left,
    };
  const isFlat = hasFlatGradients(job);
  const made = isFlat ? unit.gathered : (left[Kind.gradient] as number);
  const after = left.slice();
  const stays = defersReduction(job) ? waiting(job, made) : divided(job, made);
  after[Kind.gradient] = hasGradients ? 0 : stays;
  const whole = job.reshard ? unit.gathered : 0;
  const next = job.reshard ? unit.gathered : 0;
  const running = before === undefined ? 0 : reduced(job, before);
  const working = withKind(backward.peak, Kind.gathered, whole + next + running);
  // The flat gradient of a unit is put together beside those of its trained weights.
  const flat = isFlat ? unit.gathered : 0;
  const ending = next + flat + reduced(job, { unit, segment });
  const reducing = withKind(backward.after, Kind.gathered, ending);
  after[Kind.gathered] = (after[Kind.gathered] as number) + whole - unit.gathered;
  return { peak: total(working) > total(reducing) ? working : reducing, after };
}

/** What stays of whole gradients on this rank; nothing where they go to the host. */
function divided(job: Job, made: number): number {
  if (job.parallel.parameterOffload === true) return 0;
  const ratio = job.trains === 'all' ? job.gradientWidth / computeWidth(job) : 1;
  return (made * ratio) / gradientShards(job);
}

/** Whole gradients that wait for those of the last micro-batch. */
const waiting = (job: Job, made: number): number =>
  job.trains === 'all' ? (made * waitingWidth(job)) / computeWidth(job) : made;

/** The buffer in which gradients of a part are summed; none where the last micro-batch alone is reduced. */
function reduced(
  job: Job,
  { unit, segment }: { readonly unit: Unit; readonly segment: Segment },
): number {
  if (defersReduction(job)) return 0;
  const made = hasFlatGradients(job)
    ? unit.gathered
    : (segment.backward?.after[Kind.gradient] ?? 0);
  const width = job.parallel.reduceWidth ?? job.gradientWidth;
  return job.trains === 'all' ? (made * width) / computeWidth(job) : made;
}

/** The end of a step: whole gradients of the root are reduced and divided. */
export function rootReduced(job: Job, made: number, hasGradients: boolean): Change {
  const shape = (gradient: number, gathered: number): ByKind => {
    const result = new Float64Array(KINDS);
    result[Kind.gradient] = gradient;
    result[Kind.gathered] = gathered;
    return result;
  };
  const width = job.parallel.reduceWidth ?? job.gradientWidth;
  const isLate = defersReduction(job);
  const buffer = isLate ? 0 : job.trains === 'all' ? (made * width) / computeWidth(job) : made;
  const stays = isLate ? waiting(job, made) : divided(job, made);
  return {
    peak: shape(0, buffer),
    after: shape((hasGradients ? 0 : stays) - made, 0),
  };
}
