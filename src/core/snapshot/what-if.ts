/**
 * What a trace would have reserved under other settings: the same requests and frees, run through the
 * simulator. A what-if ends where the trace ends, and the program behaves in it as it did: that it
 * would have waited elsewhere, or gone on after a failure, is not in the trace.
 */

import type { Names } from '../allocator/caching-allocator.ts';
import {
  type AllocatorSettings,
  Op,
  type Program,
  type StartSegment,
} from '../allocator/program.ts';
import { type Run, runModelled } from '../allocator/run.ts';
import { type Statement, say } from '../base/texts.ts';
import { isUnknown, type Unknown } from '../base/unknown.ts';
import {
  type Alternative,
  alternativesFor,
  dangersOf,
  environmentOf,
  type Premises,
} from './alternatives.ts';
import { type Capacity, capacityOf, recordedReserved } from './capacity.ts';
import type { Snapshot } from './columns.ts';
import { type Prepared, prepareReplay } from './replay.ts';
import { versionsOf } from './settings.ts';
import { segmentsOf } from './start.ts';

const TEXTS = {
  en: {
    diverged:
      'The replay under the recorded settings does not reproduce the trace, so the simulator is not proven for it.',
    start:
      '{blocks} blocks existed before the trace; under other settings they are placed anew, in the order of their addresses.',
    unseen:
      'No real trace that unoom was checked against uses {what}: this follows the source of PyTorch only.',
    start_decides:
      'Whether the request is served depends on how the memory lay before the trace, which the file does not show for other settings.',
    not_reproduced:
      'With the recorded settings the simulator serves the request that failed: what stopped it is not in the trace.',
    left_out: 'The trace is long: {count} alternatives were left out.',
    lower_bound:
      'A lower bound: the trace may end before the peak of the run, and the context and other libraries come on top.',
    ends: 'A what-if ends where the trace ends.',
  },
  zh: {
    diverged: '按记录的设置重放不能再现该跟踪，因此模拟器对它未得到验证。',
    start: '跟踪之前已有 {blocks} 个块；在其他设置下按地址顺序重新放置它们。',
    unseen: '用来检验 unoom 的真实跟踪都没有用到 {what}：这里只依据 PyTorch 的源码。',
    start_decides: '请求能否满足取决于跟踪之前内存的布局，而文件没有给出其他设置下的布局。',
    not_reproduced: '按记录的设置，模拟器能满足那个失败的请求：阻止它的原因不在跟踪中。',
    left_out: '跟踪很长：略去了 {count} 个备选设置。',
    lower_bound: '这是下界：跟踪可能在运行达到峰值之前结束，上下文和其他库的占用另计。',
    ends: '假设推演到跟踪结束为止。',
  },
  ru: {
    diverged:
      'Воспроизведение с записанными настройками не повторяет трассу, поэтому симулятор на ней не подтверждён.',
    start:
      'До трассы существовало блоков: {blocks}; при других настройках они размещаются заново в порядке адресов.',
    unseen:
      'Ни одна реальная трасса, на которой проверялся unoom, не использует {what}: здесь опорой служит только исходный код PyTorch.',
    start_decides:
      'Будет ли запрос выполнен, зависит от расположения памяти до трассы, а для других настроек файл его не показывает.',
    not_reproduced:
      'С записанными настройками симулятор выполняет запрос, который был отклонён: что его остановило, по трассе не видно.',
    left_out: 'Трасса длинная: пропущено вариантов: {count}.',
    lower_bound:
      'Нижняя граница: трасса могла закончиться раньше пика, а контекст и другие библиотеки занимают память сверх этого.',
    ends: 'Расчёт «что, если» заканчивается там же, где трасса.',
  },
} as const;

export interface WhatIf {
  /** `as_recorded`, `as_recorded_anew`, or the id of the alternative. */
  readonly id: string;
  readonly settings: AllocatorSettings;
  readonly without_empty_cache: boolean;
  /** `PYTORCH_CUDA_ALLOC_CONF=…`, complete. Absent when nothing is set there. */
  readonly conf?: string;
  /** A call that the program has to make besides. */
  readonly call?: string;
  readonly peak_reserved_bytes: number;
  readonly final_reserved_bytes: number;
  /** cudaMalloc and cudaFree, or map and unmap. */
  readonly device_calls: number;
  /** Requests that waited for all streams and gave all cached memory back. */
  readonly retries: number;
  /** Whether the requests that failed in the trace are served. Absent when none failed, or not known. */
  readonly served?: boolean;
  /** The event of the first request that fails here although it was served: the what-if ends there. */
  readonly failed_at?: number;
  readonly basis: 'replayed' | 'modelled';
  /** Why it is modelled only, and on what premises. */
  readonly why: readonly Statement[];
  readonly dangers: readonly Statement[];
}

/** The least room for segments in which a row's requests are all served. */
export interface SmallestRoom {
  readonly row: number;
  readonly reserved_bytes: number;
  readonly basis: Statement;
}

export interface WhatIfs {
  /** The first is what was recorded. */
  readonly rows: readonly WhatIf[];
  /** The row that alternatives are to be compared with: it has their premises. */
  readonly compared_with: number;
  /** The row that is best; absent when none is worth a change. */
  readonly best?: number;
  readonly smallest: readonly SmallestRoom[];
  readonly capacity: Capacity | Unknown;
  readonly premises: readonly Statement[];
}

export interface WhatIfOptions {
  /** Bytes of the device: fractions can be named only when they are known. */
  readonly deviceTotal?: number;
  /** Instead of those that are worth a try for the trace. */
  readonly alternatives?: readonly Alternative[];
  /** Leaves the search for the smallest room out. */
  readonly withoutSmallest?: boolean;
}

/** @param deviceRow row of `snapshot.devices` */
export function whatIf(
  snapshot: Snapshot,
  deviceRow: number,
  options: WhatIfOptions = {},
): WhatIfs | Unknown {
  const prepared = prepareReplay(snapshot, deviceRow, options.deviceTotal);
  return isUnknown(prepared) ? prepared : whatIfOf(snapshot, prepared, options);
}

/** The same for a trace that was replayed already. */
export function whatIfOf(
  snapshot: Snapshot,
  prepared: Prepared,
  options: WhatIfOptions = {},
): WhatIfs {
  const capacity = capacityOf(prepared);
  const room = isUnknown(capacity) ? Number.POSITIVE_INFINITY : capacity.bytes;
  const study = new Study(
    snapshot,
    prepared,
    { ...prepared.found.settings, capacity: room },
    options,
  );
  const rows = study.rows();
  const compared = rows.findIndex(({ id }) => id === 'as_recorded_anew');
  const comparedWith = Math.max(0, compared);
  const best = bestOf(rows, comparedWith);
  const sought = options.withoutSmallest
    ? []
    : [comparedWith, ...(best === undefined ? [] : [best])];
  return {
    rows,
    compared_with: comparedWith,
    ...(best !== undefined && { best }),
    smallest: sought.flatMap((row) => study.smallest(row, rows[row] as WhatIf)),
    capacity,
    premises: [
      ...(isUnknown(capacity) ? [capacity.unknown] : [capacity.basis]),
      say(TEXTS, 'ends'),
      ...(study.leftOut > 0 ? [say(TEXTS, 'left_out', { count: study.leftOut })] : []),
    ],
  };
}

/** One trace under many settings; what they share is made once. */
class Study {
  /** Alternatives that a long trace leaves no time for. */
  leftOut: number;
  private readonly prepared: Prepared;
  private readonly settings: AllocatorSettings;
  private readonly premises: Premises;
  private readonly alternatives: readonly Alternative[];
  /** The trace, with what existed before it allocated first. */
  private readonly program: Program;
  private readonly names: Names;
  /** The trace alone, and the segments that it began with. */
  private readonly kept: { readonly program: Program; readonly start: readonly StartSegment[] };
  /** Requests failed, and fail in the simulator too under the recorded settings. */
  private readonly failsAgain: boolean;
  private readonly hasDelayedFrees: boolean;
  /** The runs of rows, by their ids. */
  private readonly runs = new Map<string, Run>();
  /** Lent to one run after the other. */
  private readonly scratch: Int32Array;

  constructor(
    snapshot: Snapshot,
    prepared: Prepared,
    settings: AllocatorSettings,
    options: WhatIfOptions,
  ) {
    this.prepared = prepared;
    this.settings = settings;
    const { recording, start } = prepared;
    const { deviceTotal } = options;
    const reserved = recordedReserved(prepared);
    this.premises = {
      settings,
      program: recording.program,
      versions: versionsOf(snapshot.shape.version),
      callsEmptyCache: recording.emptyCaches > 0,
      room: Number.isFinite(settings.capacity) ? settings.capacity : reserved.peak,
      ...(deviceTotal !== undefined && { deviceTotal }),
    };
    const wanted = options.alternatives ?? alternativesFor(this.premises);
    const affordable = Math.max(3, Math.floor(MAX_OPERATIONS / recording.program.count));
    this.alternatives = wanted.slice(0, affordable);
    this.leftOut = wanted.length - this.alternatives.length;
    const segments = segmentsOf(start);
    this.names = recording.names;
    this.scratch = new Int32Array(this.names.blocks);
    this.hasDelayedFrees = hasDelayedFrees(recording.program);
    this.kept = { program: recording.program, start: segments };
    this.program = start.count === 0 ? recording.program : withStart(recording.program, segments);
    const hasFailed = countOf(recording.program, Op.oom) > 0;
    this.failsAgain = hasFailed && !isServed(this.runKept(settings, false));
  }

  rows(): readonly WhatIf[] {
    const anew: Alternative = { id: 'as_recorded_anew', patch: {}, entries: [] };
    const wanted = this.prepared.start.count > 0 ? [anew, ...this.alternatives] : this.alternatives;
    const rows = wanted.flatMap((alternative) => this.row(alternative));
    this.leftOut += wanted.length - rows.length;
    return [this.recorded(), ...rows];
  }

  /** What happened, from the trace itself. */
  private recorded(): WhatIf {
    const { replay, recording } = this.prepared;
    const reserved = recordedReserved(this.prepared);
    const failures = countOf(recording.program, Op.oom);
    return {
      id: 'as_recorded',
      settings: this.settings,
      without_empty_cache: false,
      peak_reserved_bytes: reserved.peak,
      final_reserved_bytes: reserved.final,
      device_calls: reserved.deviceCalls,
      retries: recording.retries,
      ...(failures > 0 && { served: false }),
      basis: isProven(this.prepared) ? 'replayed' : 'modelled',
      why: isProven(this.prepared) || replay.diverged === undefined ? [] : [replay.diverged],
      dangers: [],
    };
  }

  /** None where the run gave up. */
  private row(alternative: Alternative): readonly WhatIf[] {
    const settings = { ...this.settings, ...alternative.patch };
    const run = this.runAnew(settings, alternative.withoutEmptyCache === true);
    if (run.hasGivenUp) return [];
    this.runs.set(alternative.id, run);
    const { conf } = this.prepared.found;
    const environment = environmentOf(alternative, conf, this.premises.versions);
    const served = this.servedIn(alternative, settings, run);
    const why = this.whyModelled(settings);
    if (run.oomCount > 0 && served === undefined) {
      why.push(say(TEXTS, this.failsAgain ? 'start_decides' : 'not_reproduced'));
    }
    const isModelled = why.length > 0;
    const row: WhatIf = {
      id: alternative.id,
      settings,
      without_empty_cache: alternative.withoutEmptyCache === true,
      ...(environment !== undefined && { conf: environment }),
      ...(alternative.call !== undefined && { call: alternative.call }),
      peak_reserved_bytes: run.peakReserved,
      final_reserved_bytes: run.finalReserved,
      device_calls: run.deviceCalls,
      retries: run.retries,
      ...(served !== undefined && { served }),
      ...(run.failedAt !== undefined && { failed_at: this.eventOf(run.failedAt) }),
      basis: isModelled ? 'modelled' : 'replayed',
      why,
      dangers: dangersOf(alternative, this.premises),
    };
    return [row];
  }

  /** What existed before the trace is allocated first. */
  private runAnew(settings: AllocatorSettings, withoutEmptyCache: boolean, until?: number): Run {
    return runModelled(this.program, [], this.names, settings, {
      withoutEmptyCache,
      scratch: this.scratch,
      ...(until !== undefined && { until }),
    });
  }

  /** What existed before the trace lies as it did. */
  private runKept(settings: AllocatorSettings, withoutEmptyCache: boolean): Run {
    const { program, start } = this.kept;
    const { scratch } = this;
    return runModelled(program, start, this.names, settings, { withoutEmptyCache, scratch });
  }

  /** The event of an operation of the program that begins with what existed before. */
  private eventOf(operation: number): number {
    const { recording } = this.prepared;
    const at = operation - (this.program.count - recording.program.count);
    return at < 0 ? 0 : (recording.events[at] as number);
  }

  /**
   * Placed anew, the memory from before lies better than it did; kept as it was, it lies as the old
   * settings put it. Only when both agree is the answer known.
   */
  private servedIn(
    alternative: Alternative,
    settings: AllocatorSettings,
    run: Run,
  ): boolean | undefined {
    if (!this.failsAgain) return undefined;
    const anew = isServed(run);
    if (this.kept.start.length === 0) return anew;
    const kept = isServed(this.runKept(settings, alternative.withoutEmptyCache === true));
    return kept === anew ? anew : undefined;
  }

  private whyModelled(settings: AllocatorSettings): Statement[] {
    const why: Statement[] = [];
    const { start } = this.prepared;
    if (!isProven(this.prepared)) why.push(say(TEXTS, 'diverged'));
    if (start.count > 0) why.push(say(TEXTS, 'start', { blocks: start.count }));
    for (const what of unseenPaths(settings, this.hasDelayedFrees, this.names.pools)) {
      why.push(say(TEXTS, 'unseen', { what }));
    }
    return why;
  }

  /**
   * Between what is allocated and what is reserved without a limit. The range is halved on the trace up to
   * where it last failed: most rooms that are too small fail early, and only one that served so much is
   * tried on all of it.
   */
  smallest(row: number, whatIf: WhatIf): readonly SmallestRoom[] {
    const { id, settings, without_empty_cache: withoutEmptyCache } = whatIf;
    const all = this.program.count;
    const serves = (capacity: number, until: number): Run =>
      this.runAnew({ ...settings, capacity }, withoutEmptyCache, until);
    const isFree = settings.capacity === Number.POSITIVE_INFINITY;
    const free = (isFree ? this.runs.get(id) : undefined) ?? serves(Number.POSITIVE_INFINITY, all);
    if (!isServed(free)) return [];
    let low = free.peakAllocated;
    let known = free.peakReserved;
    let until = Math.ceil(all * FIRST_SHARE);
    for (;;) {
      const found = leastServed(low, known, (room) => isServed(serves(room, until)));
      const run = until === all || found === known ? undefined : serves(found, all);
      if (run === undefined || isServed(run)) {
        known = found;
        break;
      }
      low = found;
      until = Math.min(all, Math.max(2 * until, (run.failedAt ?? 0) + 1));
    }
    return [{ row, reserved_bytes: known, basis: say(TEXTS, 'lower_bound') }];
  }
}

/** What all runs of a study may cost together. */
const MAX_OPERATIONS = 2e8;
/** The least room, to a precision, between one that is too small and one that serves. */
function leastServed(least: number, most: number, serves: (room: number) => boolean): number {
  let low = least;
  let high = most;
  for (let i = 0; i < MAX_HALVINGS && high - low > PRECISION; i += 1) {
    const middle = Math.ceil((low + high) / 2 / PRECISION) * PRECISION;
    if (middle >= high) break;
    if (serves(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Segments are multiples of this. Bytes. */
const PRECISION = 2 ** 21;
const MAX_HALVINGS = 12;
/** Of a trace, on which the smallest room is searched first. */
const FIRST_SHARE = 1 / 32;

/** The whole trace came out as recorded. */
function isProven({ replay }: Prepared): boolean {
  return replay.address_equal === replay.allocations && replay.final_blocks_equal;
}

/** All requests were served, those that had failed included. */
function isServed(run: Run): boolean {
  return run.failedAt === undefined && run.oomServed === run.oomCount;
}

/** Parts of the allocator that no real trace has exercised. */
function unseenPaths(settings: AllocatorSettings, hasDelayed: boolean, pools: number): string[] {
  const paths: string[] = [];
  if (Number.isFinite(settings.maxSplitSize)) paths.push('max_split_size_mb');
  if (settings.roundupPower2Divisions.some((parts) => parts > 0)) {
    paths.push('roundup_power2_divisions');
  }
  if (settings.garbageCollectionThreshold > 0) paths.push('garbage_collection_threshold');
  if (Number.isFinite(settings.cap)) paths.push('per_process_memory_fraction');
  if (settings.largeSegmentSize !== DEFAULT_LARGE) paths.push('large_segment_size_mb');
  if (pools > 1) paths.push('private pools');
  if (hasDelayed) paths.push('record_stream');
  return paths;
}

const DEFAULT_LARGE = 20 * 2 ** 20;

function hasDelayedFrees({ op, block, count }: Program): boolean {
  for (let i = 0; i < count; i += 1) {
    if (op[i] !== Op.freeRequested) continue;
    if (op[i + 1] !== Op.freeCompleted || block[i + 1] !== block[i]) return true;
  }
  return false;
}

function countOf({ op, count }: Program, what: number): number {
  let found = 0;
  for (let i = 0; i < count; i += 1) if (op[i] === what) found += 1;
  return found;
}

/** A program that first allocates what existed before, in the order of addresses. */
function withStart(program: Program, segments: readonly StartSegment[]): Program {
  const held = segments.flatMap((segment) =>
    segment.blocks.flatMap((block) => (block.block === undefined ? [] : [{ segment, block }])),
  );
  const pending = held.filter(({ block }) => block.isPending);
  const before = held.length + pending.length;
  const count = before + program.count;
  const joined = {
    count,
    op: new Uint8Array(count),
    block: new Uint32Array(count),
    size: new Float64Array(count),
    stream: new Uint16Array(count),
    pool: new Uint16Array(count),
  };
  for (const [i, { segment, block }] of held.entries()) {
    joined.op[i] = Op.malloc;
    joined.block[i] = block.block ?? 0;
    const requested = block.requested ?? Number.NaN;
    joined.size[i] = requested > 0 && requested <= block.size ? requested : block.size;
    joined.stream[i] = segment.stream;
    joined.pool[i] = segment.pool;
  }
  for (const [i, { block }] of pending.entries()) {
    joined.op[held.length + i] = Op.freeRequested;
    joined.block[held.length + i] = block.block ?? 0;
  }
  joined.op.set(program.op, before);
  joined.block.set(program.block, before);
  joined.size.set(program.size, before);
  joined.stream.set(program.stream, before);
  joined.pool.set(program.pool, before);
  return joined;
}

/**
 * The alternative that serves what failed, else the one with the lowest peak, if it is worth a change,
 * without more waits for all streams, and without many more calls of the driver. A mere cap is none.
 * Of those that are as good to a hundredth, the one that changes least and has least against it.
 */
function bestOf(rows: readonly WhatIf[], comparedWith: number): number | undefined {
  const base = rows[comparedWith] as WhatIf;
  const better = rows
    .map((row, index) => ({ row, index }))
    .slice(comparedWith + 1)
    .filter(({ row }) => isBetter(row, base));
  const mostServed = Math.max(...better.map(({ row }) => serves(row)));
  const serving = better.filter(({ row }) => serves(row) === mostServed);
  const lowest = Math.min(...serving.map(({ row }) => row.peak_reserved_bytes));
  const candidates = serving.filter(({ row }) => row.peak_reserved_bytes <= 1.01 * lowest);
  candidates.sort(
    ({ row: a }, { row: b }) =>
      changesOf(a) - changesOf(b) ||
      Number(b.settings.expandableSegments) - Number(a.settings.expandableSegments) ||
      Number(b.basis === 'replayed') - Number(a.basis === 'replayed') ||
      a.dangers.length - b.dangers.length ||
      a.peak_reserved_bytes - b.peak_reserved_bytes ||
      a.device_calls - b.device_calls,
  );
  return candidates[0]?.index;
}

function isBetter(row: WhatIf, base: WhatIf): boolean {
  if (row.failed_at !== undefined || row.settings.cap < base.peak_reserved_bytes) return false;
  if (serves(row) !== serves(base)) return serves(row) > serves(base);
  return (
    row.retries <= base.retries &&
    row.device_calls <= 2 * base.device_calls + 64 &&
    row.peak_reserved_bytes <= (1 - WORTH_IT) * base.peak_reserved_bytes
  );
}

/** A run differs from the next by about a hundredth; a setting has to gain more than that. */
const WORTH_IT = 0.02;

const changesOf = ({ id }: WhatIf): number => id.split('+').length;

/** Surely served before perhaps before surely not. */
const serves = ({ served }: WhatIf): number => (served === true ? 2 : served === undefined ? 1 : 0);
