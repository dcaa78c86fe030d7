/**
 * Why a request failed: what was asked, what was free and in what pieces, and why none of them would
 * do. From the state at the `oom` event, which is the final state with all later events taken back.
 */
import type { AllocatorSettings } from '../allocator/program.ts';
import { SMALL_MAX, SMALL_SEGMENT, segmentSize } from '../allocator/rounding.ts';
import { type Statement, say, type TextTable } from '../base/texts.ts';
import { type Unknown, unknown } from '../base/unknown.ts';
import { Action } from './columns.ts';
import { isAllocatedAt } from './lifetimes.ts';
import { OwnerNames } from './owners.ts';
import { STAGES, type StageName } from './owners-frames.ts';
import { type DeviceView, hasFrames } from './phases.ts';
import { recordedSettings } from './settings.ts';
import { type Layout, layoutAt, pendingAt, type Segment } from './waste-layout.ts';

/** Why free bytes inside of PyTorch could not serve the request. */
export const REASONS = [
  'other_stream',
  'private_pool',
  'other_pool',
  'oversize_rule',
  'too_small',
  'usable',
] as const;
export type Reason = (typeof REASONS)[number];

export const VERDICTS = ['fragmented', 'short', 'retry_would_serve', 'capped', 'growable'] as const;

export interface IdleBytes {
  readonly reason: Reason;
  readonly bytes: number;
  readonly pieces: number;
  readonly largest: number;
}

export interface Failure {
  readonly event: number;
  /** Microseconds since the epoch; absent when the trace has no times. */
  readonly time?: number;
  /** As the event has it: rounded to the block that was looked for. */
  readonly asked: number;
  /** What would be asked of the driver: a whole segment, or the missing pages of an expandable one. */
  readonly segment: number;
  readonly stream: number;
  readonly stage: StageName;
  /** Stack, or NONE; and the line that asked. */
  readonly stack: number;
  readonly line: string;
  readonly reserved: number;
  readonly allocated: number;
  /** As the driver said, after the cache had been given back. */
  readonly deviceFree: number;
  /** Bytes that PyTorch could have at most in this run: what it had and what was free. */
  readonly capacity: number;
  /** Largest free piece that this request could have used, were it large enough; 0 without one. */
  readonly largestUsable: number;
  /** Free bytes inside of PyTorch by the reason why they did not serve. */
  readonly idle: readonly IdleBytes[];
  readonly idleBytes: number;
  /** Waiting for other streams; counted neither as free nor as allocated. */
  readonly pending: { readonly bytes: number; readonly count: number };
  /** Given back to the driver by the retry just before. */
  readonly released: { readonly bytes: number; readonly segments: number };
  /** Of the device's memory, what neither PyTorch's segments nor free bytes explain. */
  readonly outside: number | Unknown;
  /** What the free bytes amount to. */
  readonly verdict: (typeof VERDICTS)[number];
  readonly why: Statement;
}

const TEXTS = {
  en: {
    fragmented:
      '{idle} were free inside PyTorch, more than the {asked} asked for, but the largest piece that could be used had {largest}.',
    short: 'Only {idle} were free inside PyTorch and {free} on the device; {asked} were asked for.',
    retry_would_serve:
      'A free piece of {largest} fits the {asked} asked for: it came back during the retry, which does not search again.',
    capped:
      '{free} were free on the device, more than the {segment} that were needed: a limit on this process, or another one that was faster, refused it.',
    growable:
      'A free piece of {largest} at the end of an expandable segment could have grown, but only {free} were free on the device.',
    'total-unknown':
      'A snapshot does not hold the total of the device; give it to know what lies outside of PyTorch.',
  },
  zh: {
    fragmented: 'PyTorch 内空闲 {idle}，多于申请的 {asked}，但可用的最大一块只有 {largest}。',
    short: 'PyTorch 内只有 {idle} 空闲，设备上只有 {free} 空闲，而申请的是 {asked}。',
    retry_would_serve:
      '有一块 {largest} 的空闲，放得下申请的 {asked}：它在重试期间才回来，而重试不会再查找一次。',
    capped: '设备上有 {free} 空闲，多于所需的 {segment}：本进程受到限制，或被其他进程抢先占用。',
    growable: '可扩展段末尾有一块 {largest} 的空闲本可以增长，但设备上只有 {free} 空闲。',
    'total-unknown': '快照中没有设备的总显存；提供它才能知道 PyTorch 之外占用了多少。',
  },
  ru: {
    fragmented:
      'Внутри PyTorch было свободно {idle}, больше запрошенных {asked}, но в самом большом пригодном куске только {largest}.',
    short: 'Внутри PyTorch было свободно лишь {idle}, на устройстве {free}, а запрошено {asked}.',
    retry_would_serve:
      'Свободный кусок {largest} вмещает запрошенные {asked}: он вернулся во время повторной попытки, которая уже не ищет заново.',
    capped:
      'На устройстве было свободно {free}, больше нужных {segment}: отказало ограничение процесса, или другой процесс успел раньше.',
    growable:
      'Свободный кусок {largest} в конце расширяемого сегмента мог бы вырасти, но на устройстве было свободно лишь {free}.',
    'total-unknown':
      'В снимке нет общего объёма памяти устройства; без него не узнать, сколько занято вне PyTorch.',
  },
} as const satisfies TextTable;

export interface FailureOptions {
  /** Total memory of the device in bytes, when something outside of the snapshot tells. */
  readonly deviceTotal?: number;
}

/** All failures of the trace, oldest first. @param events rows of its `oom` events. */
export function failuresOf(
  view: DeviceView,
  events: readonly number[],
  options: FailureOptions = {},
  names: OwnerNames = new OwnerNames(view),
): readonly Failure[] {
  return events.map((event) => failureAt(view, event, options, names));
}

function failureAt(
  view: DeviceView,
  event: number,
  options: FailureOptions,
  names: OwnerNames,
): Failure {
  const { snapshot, device, lifetimes } = view;
  const { events } = device;
  const asked = events.size[event] as number;
  const stream = events.stream[event] as number;
  const deviceFree = events.address[event] as number;
  const layout = layoutAt(view, event);
  const { settings } = recordedSettings(snapshot, device, options.deviceTotal);
  const pool = events.pool?.[event] ?? 0;
  const idle = idleOf(layout, { asked, stream, pool }, settings);
  const idleBytes = idle.reduce((sum, { bytes }) => sum + bytes, 0);
  const of = (reason: Reason): IdleBytes | undefined => idle.find((item) => item.reason === reason);
  const largestUsable = Math.max(of('usable')?.largest ?? 0, of('too_small')?.largest ?? 0);
  const reserved = layout.segments.reduce((sum, { size }) => sum + size, 0);
  let allocated = 0;
  for (let row = 0; row < lifetimes.count; row++) {
    if (isAllocatedAt(lifetimes, row, event)) allocated += lifetimes.block[row] as number;
  }
  const segment = neededOf(asked, layout, stream, settings);
  const capacity = reserved + deviceFree;
  const stack = events.stack[event] as number;
  const isFramed = hasFrames(view.facts, stack);
  const verdict = verdictOf({
    asked,
    segment,
    deviceFree,
    largestUsable,
    idleBytes,
    isExpandable: settings.expandableSegments,
    idle,
  });
  const total = options.deviceTotal;
  const time = events.time?.[event];
  return {
    event,
    ...(time === undefined || Number.isNaN(time) ? {} : { time }),
    asked,
    segment,
    stream,
    stage: STAGES[view.stages.stage[event] as number] ?? 'unknown',
    stack,
    line: isFramed ? names.nameOf('line', stack).name : 'no stack',
    reserved,
    allocated,
    deviceFree,
    capacity,
    largestUsable,
    idle,
    idleBytes,
    pending: pendingAt(view, event),
    released: releasedBefore(view, event),
    outside:
      total === undefined ? unknown(say(TEXTS, 'total-unknown')) : Math.max(0, total - capacity),
    verdict,
    why: say(TEXTS, verdict, {
      idle: { size: idleBytes },
      asked: { size: asked },
      free: { size: deviceFree },
      segment: { size: segment },
      largest: { size: largestUsable },
    }),
  };
}

interface Request {
  readonly asked: number;
  readonly stream: number;
  readonly pool: number;
}

/** Sorts the free pieces by why they could not serve: the first reason that holds. */
function idleOf(
  layout: Layout,
  request: Request,
  settings: AllocatorSettings,
): readonly IdleBytes[] {
  const sums = new Map<Reason, { bytes: number; pieces: number; largest: number }>();
  for (let i = 0; i < layout.freeSize.length; i++) {
    const bytes = layout.freeSize[i] as number;
    const segment = layout.segments[layout.freeSegment[i] as number];
    if (segment === undefined) continue;
    const reason = reasonOf(segment, bytes, request, settings);
    const sum = sums.get(reason) ?? { bytes: 0, pieces: 0, largest: 0 };
    sums.set(reason, sum);
    sum.bytes += bytes;
    sum.pieces++;
    sum.largest = Math.max(sum.largest, bytes);
  }
  return REASONS.flatMap((reason) => {
    const sum = sums.get(reason);
    return sum === undefined ? [] : [{ reason, ...sum }];
  });
}

/** As get_free_block decides (pytorch@v2.6.0: c10/cuda/CUDACachingAllocator.cpp). */
function reasonOf(
  segment: Segment,
  bytes: number,
  { asked, stream, pool }: Request,
  { maxSplitSize, maxNonSplitRounding }: AllocatorSettings,
): Reason {
  if (segment.pool !== pool) return 'private_pool';
  if (segment.isLarge !== asked > SMALL_MAX) return 'other_pool';
  if (segment.stream !== stream) return 'other_stream';
  if (bytes < asked) return 'too_small';
  if (asked < maxSplitSize && bytes >= maxSplitSize) return 'oversize_rule';
  if (asked >= maxSplitSize && bytes >= asked + maxNonSplitRounding) return 'oversize_rule';
  return 'usable';
}

/** Bytes that the driver had to give. */
function neededOf(
  asked: number,
  layout: Layout,
  stream: number,
  { expandableSegments, largeSegmentSize }: AllocatorSettings,
): number {
  if (!expandableSegments) return segmentSize(asked, largeSegmentSize);
  const isLarge = asked > SMALL_MAX;
  const page = isLarge ? largeSegmentSize : SMALL_SEGMENT;
  const missing = Math.max(0, asked - largestTail(layout, isLarge, stream));
  return Math.ceil(missing / page) * page;
}

/** Largest free piece at the end of a mapped stretch: it can grow by mapping more. */
function largestTail(layout: Layout, isLarge: boolean, stream: number): number {
  let largest = 0;
  for (let i = 0; i < layout.freeSize.length; i++) {
    const segment = layout.segments[layout.freeSegment[i] as number];
    if (segment === undefined || !segment.isExpandable || segment.isLarge !== isLarge) continue;
    if (segment.stream !== stream) continue;
    const end = (layout.freeAddress[i] as number) + (layout.freeSize[i] as number);
    if (end === segment.address + segment.size) {
      largest = Math.max(largest, layout.freeSize[i] as number);
    }
  }
  return largest;
}

function verdictOf(f: {
  asked: number;
  segment: number;
  deviceFree: number;
  largestUsable: number;
  idleBytes: number;
  isExpandable: boolean;
  idle: readonly IdleBytes[];
}): Failure['verdict'] {
  if (f.largestUsable >= f.asked) return 'retry_would_serve';
  if (f.deviceFree >= f.segment) return 'capped';
  if (f.idleBytes >= f.asked) return 'fragmented';
  return f.isExpandable && f.largestUsable > 0 && f.segment < f.asked ? 'growable' : 'short';
}

/** The run of releases right before the failure: the retry gives the cache back first. */
function releasedBefore(view: DeviceView, event: number): { bytes: number; segments: number } {
  const { events } = view.device;
  let bytes = 0;
  let segments = 0;
  for (let e = event - 1; e >= 0; e--) {
    const action = events.action[e] as number;
    if (action === Action.segmentFree || action === Action.segmentUnmap) {
      bytes += events.size[e] as number;
      segments++;
    } else if (action !== Action.segmentMap && action !== Action.freeCompleted) break;
  }
  return { bytes, segments };
}
