/**
 * What PyTorch's allocator reserves for a job beyond its live tensors: a step is run as a program of
 * allocations over all layers, and the replayer of the caching allocator serves it.
 */
import type { AllocatorSettings } from '../allocator/program.ts';
import { DIVISION_ENTRIES, LARGE_SEGMENT } from '../allocator/rounding.ts';
import type { Factor } from '../base/factor.ts';
import { systemOf } from './buffers.ts';
import { GatheredRun, gathersByUnit } from './gathered-run.ts';
import { gatheredStepOf, microsOf, runGatheredStep } from './gathered-step.ts';
import { growsPlainly, runGeneration } from './generating.ts';
import type { AllocatorUse, Job } from './job.ts';
import { basisOf, Memo } from './memo.ts';
import { largestScratch, OPTIMIZERS } from './optimizers.ts';
import { leftByPacking } from './packing-pool.ts';
import { Places, type Program, type Replay, replay } from './program-replay.ts';
import { Kind, type Recording, Rehearsal, type Storage } from './rehearsal/rehearsal.ts';
import {
  adapterTensors,
  gradientBytes,
  hasLastingGradients,
  holdsGradients,
  shardsOf,
  stateShards,
  type Tensors,
  weightTensors,
} from './static.ts';
import { runStep } from './step.ts';

/** Peaks of a replayed job. Bytes. */
export interface Peaks {
  readonly allocated: number;
  readonly reserved: number;
}

export interface Pool extends Peaks {
  /** Until the first step of the optimizer, whose states are not there yet; until the prompt is through. */
  readonly first: Peaks;
  /** Live tensors at the highest instant after that. */
  readonly later: number;
  /** What the allocator would reserve if the card had no end: above `reserved` it gives idle segments back under way. */
  readonly wanted: number;
}

/** Nothing is idle: with it a footprint is the least that a job can need. */
export const NOTHING_IDLE: Pool = {
  allocated: 0,
  reserved: 0,
  first: { allocated: 0, reserved: 0 },
  later: 0,
  wanted: 0,
};

/** How far idle memory can be from what a replay says: it knows the order of allocations, not all that kernels ask for. */
export const OF_REPLAY: Factor = {
  name: 'idle_of_replay',
  low: 0.3,
  mid: 1,
  high: 2.5,
  unit: 'ratio',
  source: 'the same steps in other orders and with other lengths',
};

/** Where ranks divide weights most of it is what streams keep to themselves, which a replay knows better. */
export const OF_SHARDED_REPLAY: Factor = {
  name: 'idle_of_sharded_replay',
  low: 0.5,
  mid: 1,
  high: 1.8,
  unit: 'ratio',
  source: 'replayed steps of published FSDP 2 runs against what they reserved: 0.7 to 1.8 times',
};

/** How far what a job leaves idle can be from its replay. */
export const ofReplay = (job: Job): Factor => (gathersByUnit(job) ? OF_SHARDED_REPLAY : OF_REPLAY);

/** The first makes the states of the optimizer, the second lives beside them. */
const STEPS = 2;

/** A bucket of DDP (`bucket_cap_mb`). */
const BUCKET = 25 * 2 ** 20;

/** Whether a step, or a generation, is one program of one device: no weights that ranks divide, one stack, all tensors at their places. */
export function isReplayable(job: Job): boolean {
  const { tensor, pipeline, context, expert, cards = 1, stage, parameterOffload } = job.parallel;
  const isAlone =
    pipeline * expert * cards === 1 &&
    (tensor * context === 1 || systemOf(job) === 'megatron' || gathersByUnit(job)) &&
    // Of a pipeline, a stage that works on one micro-batch at a time.
    (stage === undefined || stage.inFlight === 1) &&
    // Weights that wait on the host come and go with every layer.
    parameterOffload !== true &&
    // Ranks that divide states alone run the same program with fewer of them.
    (job.sharding === 'none' ||
      gathersByUnit(job) ||
      (job.sharding === 'optimizer' && systemOf(job) === 'megatron')) &&
    (systemOf(job) !== 'deepspeed' || job.parallel.data === 1);
  const isOne = tensor * context * job.parallel.data === 1 && stage === undefined;
  if (isAlone && isOne && growsPlainly(job)) return true;
  return (
    isAlone &&
    job.purpose === 'training' &&
    (job.model.stacks.length === 1 || job.model.network !== undefined) &&
    !job.optimizerInBackward &&
    (job.activationOffload !== true || (job.checkpointing && job.selective === undefined)) &&
    job.compares !== true
  );
}

/** Bytes that a card has for a program whose tensors come to so many at once. */
export type RoomFor = (allocated: number) => number;

/**
 * Peaks of two steps of a job, or what packing its layers on the card left; undefined where they are no single program of
 * one device.
 * @param roomFor where the card could not take what may be reserved, the allocator gives idle segments back under way,
 *   and `reserved` is the least with which it gets through
 */
export function poolOf(job: Job, roomFor?: RoomFor): Pool | undefined {
  const { packing, parallel } = job;
  const isWhole = parallel.tensor * parallel.pipeline * (parallel.cards ?? 1) === 1;
  if (packing?.inPlace === true && isWhole) {
    const left = leftByPacking(job, packing, settingsOf(job.allocator));
    return { ...left, first: left, later: left.allocated, wanted: left.reserved };
  }
  if (!isReplayable(job)) return undefined;
  const program = programOf(job);
  const use = job.allocator;
  const { allocated, later } = program;
  const room = roomFor?.(allocated) ?? Number.POSITIVE_INFINITY;
  // A replay that never had to give anything back is that of a card without end.
  const tight =
    Number.isFinite(room) && allocated <= room ? replayIn(program, use, room) : undefined;
  const free = tight?.retries === 0 && use?.cap === undefined ? tight : freeReplay(program, use);
  const first = { allocated: program.first.allocated, reserved: free.first };
  const most = allocated + ofReplay(job).high * (free.reserved - allocated);
  const wanted = free.reserved;
  // Where even the live tensors find no place it does not matter how little would be idle.
  if (most <= room || allocated > room)
    return { allocated, reserved: wanted, first, later, wanted };
  const reserved = leastRoom(program, use, wanted, room);
  const early = Math.min(first.reserved, reserved);
  return { allocated, reserved, first: { ...first, reserved: early }, later, wanted };
}

/** False where two steps of a job do not get through with the room there is: the first thing to ask of a candidate. */
export function getsThrough(job: Job, roomFor: RoomFor): boolean {
  if (!isReplayable(job)) return true;
  const program = programOf(job);
  const room = roomFor(program.allocated);
  return program.allocated <= room && replayIn(program, job.allocator, room) !== undefined;
}

const replays: Memo<{ readonly of: Replay | undefined }> = new Memo();

/** Of a program under some settings, the replay that never met the end of its card. */
const unbounded: Memo<{ of: Replay | undefined }> = new Memo();

/** On a card of so many bytes, without a cap on the process; undefined where it runs out of memory. */
function replayIn(
  program: Program,
  use: AllocatorUse | undefined,
  capacity: number,
): Replay | undefined {
  const key = keyOf(use, undefined);
  const free = unbounded.get(program, key, () => ({ of: undefined }));
  // It would ask for nothing that a card of so many bytes does not have.
  if (free.of !== undefined && free.of.reserved <= capacity) return free.of;
  const settings = { ...settingsOf(use), cap: Number.POSITIVE_INFINITY };
  return replays.get(program, `${key} ${capacity}`, () => {
    const of = replay(program, settings, capacity, placesOf(program, key));
    if (of !== undefined && (of.isFree || capacity === Number.POSITIVE_INFINITY)) free.of = of;
    return { of };
  }).of;
}

/** Of the program that was replayed last: whoever asks for it on one card asks for others next. */
let latest:
  | { readonly program: Program; readonly key: string; readonly places: Places }
  | undefined;

function placesOf(program: Program, key: string): Places {
  if (latest?.program !== program || latest.key !== key)
    latest = { program, key, places: new Places() };
  return latest.places;
}

/** On a card without end; a cap on the process stands where the program gets through with it. */
function freeReplay(program: Program, use: AllocatorUse | undefined): Replay {
  const all = Number.POSITIVE_INFINITY;
  const within =
    use?.cap === undefined
      ? undefined
      : replays.get(program, keyOf(use, use.cap), () => ({
          of: replay(program, settingsOf(use), all),
        })).of;
  const known = unbounded.get(program, keyOf(use, undefined), () => ({ of: undefined })).of;
  const replayed = within ?? known ?? replayIn(program, use, all);
  if (replayed === undefined) throw new Error('a card without end runs out of memory');
  return replayed;
}

const keyOf = (use: AllocatorUse | undefined, cap: number | undefined): string =>
  [
    use?.expandable === true,
    use?.maxSplit,
    use?.divisions,
    cap === undefined ? undefined : use?.threshold,
    cap,
  ].join(' ');

/** Parts of the gap between what lives and what would be reserved, as which a smaller card is tried. */
const PARTS: readonly number[] = [1 / 8, 1 / 4, 1 / 2];

/** So little is idle that it does not matter with how much less the program gets through. */
const LITTLE = 0.05;

/**
 * What a program needs that would reserve more than there may be room for: the first of some smaller cards on which
 * the allocator, giving idle segments back, gets through with it; all of it where it does not even with all the room.
 */
function leastRoom(
  program: Program,
  use: AllocatorUse | undefined,
  enough: number,
  room: number,
): number {
  const { allocated } = program;
  const isTight = enough > room;
  if (isTight && replayIn(program, use, room) === undefined) return enough;
  if (!isTight && enough - allocated <= LITTLE * allocated) return enough;
  const most = Math.min(enough, room);
  const smaller = PARTS.map((part) => allocated + part * (enough - allocated));
  return (
    smaller.find((bytes) => bytes < most && replayIn(program, use, bytes) !== undefined) ?? most
  );
}

const programs: Memo<Program> = new Memo();

/** The program of a job; jobs that differ in settings of the allocator only share it. */
const programOf = (job: Job): Program =>
  programs.get(
    basisOf(job),
    (job.purpose === 'generation'
      ? [job.newTokens, job.cacheWidth, job.prefillLogits]
      : [job.optimizer, job.keepsGradients, holdsGradients(job), job.masterWeights, job.ema]
    ).join(' '),
    () => shared(job, job.purpose === 'generation' ? generated(job) : written(job)),
  );

const alike: Memo<Program[]> = new Memo();

/** The same program of another job where there was one: what is said of one setting is often what goes without saying. */
function shared(job: Job, program: Program): Program {
  const { events, sizes, allocated, later, first } = program;
  const key = [events.length, sizes.length, allocated, later, first.events, first.allocated];
  const others = alike.get(job.model, key.join(' '), () => []);
  const same = others.find(
    (other) =>
      isSame(other.events, events) &&
      isSame(other.sizes, sizes) &&
      isSame(other.streams, program.streams),
  );
  if (same !== undefined) return same;
  others.push(program);
  return program;
}

type Numbers = Int32Array | Float64Array | Uint8Array;

function isSame(a: Numbers, b: Numbers): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

function generated(job: Job): Program {
  const trace: number[] = [];
  const r = new Rehearsal(false, trace);
  for (const { elements, width, count } of weightTensors(job))
    for (let i = 0; i < count; i += 1) r.allocate(elements * width);
  let first = { events: 0, allocated: 0 };
  runGeneration(r, job, () => {
    first = { events: trace.length, allocated: r.peak };
    r.mark();
  });
  return {
    events: new Int32Array(trace),
    sizes: new Float64Array(r.sizes),
    streams: new Uint8Array(r.streams),
    allocated: Math.max(first.allocated, r.peak),
    later: r.peak,
    first,
  };
}

const steps: Memo<Recording> = new Memo();

/** A micro-step, which is the same whatever the optimizer does after it. */
const stepOf = (job: Job, hasGradients: boolean): Recording =>
  steps.get(basisOf(job), String(hasGradients), () => {
    const r = new Rehearsal(true, []);
    runStep(r, job, hasGradients);
    return r.recording();
  });

function written(job: Job): Program {
  const trace: number[] = [];
  const r = new Rehearsal(true, trace);
  const put = (tensors: readonly Tensors[], width?: number): Storage[] =>
    tensors.flatMap((of) =>
      Array.from({ length: of.count }, () => r.allocate(of.elements * (width ?? of.width))),
    );
  const shares = shardsOf(job);
  const held = weightTensors(job).map((of) => ({
    ...of,
    elements: Math.ceil(of.elements / shares),
  }));
  put(held);
  if (job.reference) put(held);
  const adapters = adapterTensors(job);
  put(adapters);
  const trained =
    job.trains === 'all' ? weightTensors(job) : job.trains === 'adapter' ? adapters : [];
  const divided = trained.map((of) => ({
    ...of,
    elements: Math.ceil(of.elements / stateShards(job)),
  }));
  if (job.ema) put(shares > 1 ? divided : trained, 4);
  // Made with the optimizer, before the first step.
  if (job.masterWeights && !job.optimizerOffload) put(divided, 4);
  const hasBuckets = hasLastingGradients(job) || (job.parallel.data > 1 && job.bucketCopies);
  // Megatron has one buffer for all gradients.
  const piece = systemOf(job) === 'ddp' ? BUCKET : Number.POSITIVE_INFINITY;
  for (let left = hasBuckets ? gradientBytes(job) : 0; left > 0; left -= piece)
    r.allocate(Math.min(left, piece));
  const optimizer = OPTIMIZERS[job.optimizer];
  const gathered = gathersByUnit(job) ? new GatheredRun(r, job) : undefined;
  let gradients: readonly Storage[] = [];
  let first = { events: 0, allocated: 0 };
  for (let step = 0; step < STEPS; step += 1) {
    let kept: readonly Storage[] = [];
    if (gathered === undefined) {
      for (let i = 0; i < microsOf(job); i += 1) {
        const isThere = i > 0 || (step > 0 && job.keepsGradients);
        r.repeat(stepOf(job, hasLastingGradients(job) || isThere));
      }
    } else if (job.keepsGradients) runGatheredStep(r, job, gathered);
    else {
      const from = r.sizes.length;
      const once = gatheredStepOf(job);
      r.repeat(once.recording);
      kept = once.kept.map((storage) => from + storage);
    }
    gradients = r.held(Kind.gradient);
    if (step === 0) first = { events: trace.length, allocated: r.peak };
    if (step === 0 && !job.optimizerOffload) {
      for (let i = 0; i < optimizer.inKind; i += 1) put(divided, job.masterWeights ? 4 : undefined);
      if (optimizer.fixed > 0) put(divided, optimizer.fixed);
    }
    if (!job.optimizerOffload) {
      const scratch =
        optimizer.step.all > 0
          ? put(divided)
          : [
              r.allocate(
                largestScratch(job) *
                  Math.max(0, ...trained.map(({ elements, width }) => elements * width)),
              ),
            ];
      r.drop(...scratch);
    }
    if (job.keepsGradients) continue;
    r.drop(...gradients, ...kept);
  }
  return {
    events: new Int32Array(trace),
    sizes: new Float64Array(r.sizes),
    streams: new Uint8Array(r.streams),
    allocated: r.peak,
    later: r.peak,
    first,
  };
}

function settingsOf(use: AllocatorUse | undefined): AllocatorSettings {
  return {
    expandableSegments: use?.expandable ?? false,
    maxSplitSize: use?.maxSplit ?? Number.POSITIVE_INFINITY,
    maxNonSplitRounding: LARGE_SEGMENT,
    largeSegmentSize: LARGE_SEGMENT,
    roundupPower2Divisions: new Array<number>(DIVISION_ENTRIES).fill(use?.divisions ?? 0),
    // Without a cap no share of it is known, and nothing is collected.
    garbageCollectionThreshold: use?.cap === undefined ? 0 : (use.threshold ?? 0),
    cap: use?.cap ?? Number.POSITIVE_INFINITY,
    capacity: Number.POSITIVE_INFINITY,
  };
}
