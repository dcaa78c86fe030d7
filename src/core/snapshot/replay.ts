/**
 * Replays a trace under the settings under which it was recorded, and measures how much of what the
 * allocator did comes out again: the address of every block, the moment and size of every segment,
 * and the blocks at the end. That is what makes a replay under other settings worth anything.
 */
import type { FinalBlock } from '../allocator/caching-allocator.ts';
import { type AllocatorSettings, Op } from '../allocator/program.ts';
import { MIN_BLOCK, roundSize, SMALL_MAX } from '../allocator/rounding.ts';
import { type RecordedRun, runRecorded } from '../allocator/run.ts';
import type { Note } from '../base/problem.ts';
import { type Statement, say } from '../base/texts.ts';
import { type Unknown, unknown } from '../base/unknown.ts';
import { Action, BlockState, type Device, type Snapshot } from './columns.ts';
import { Reading, type Recording, recordingOf } from './program-of.ts';
import { recordedSettings, type SettingsFound } from './settings.ts';
import { type Ambiguity, type Start, segmentsOf, startOf } from './start.ts';

const TEXTS = {
  en: {
    no_trace: 'The device has no events: memory history was not recorded.',
    state_only:
      'Only the state was recorded, not its history: the trace holds {events} stale events and no allocation that could be replayed.',
    kinds_missing:
      'The trace has {allocs} allocations and no completed free: kinds of events were left out when it was recorded.',
    other_backend: 'The backend is {backend}: only the native allocator can be replayed.',
    whole: 'Replayed from an empty allocator.',
    rebuilt:
      'Replayed from {blocks} blocks in {segments} segments that existed before the trace, rebuilt by undoing it.',
    ambiguous:
      'The ends of {blocks} blocks from before the trace are not in the file; {revealed} were shown by later allocations, {repaired} were settled by trial.',
    where: 'At event {event} the replay put the block elsewhere than PyTorch did.',
    moment: 'At event {event} PyTorch asked the driver for something else than the replay did.',
    served:
      'At event {event} the request failed when it was recorded, and is served in the replay.',
    not_served: 'At event {event} the replay ran out of what the driver gave.',
    end: 'All events were replayed; the blocks at the end differ.',
    maybe_start:
      'The state before the trace is ambiguous there: {blocks} blocks from before it that were still live have an uncertain end.',
    contradicted:
      '{count} events do not fit what the snapshot shows: events are missing or were changed.',
    guessed:
      'For {count} of the bursts of released segments no stack was recorded; whether the program called empty_cache() was told by their position.',
  },
  zh: {
    no_trace: '该设备没有任何事件：没有记录显存历史。',
    state_only:
      '只记录了状态，没有记录历史：跟踪中只有 {events} 个过时的事件，没有可以重放的分配。',
    kinds_missing: '跟踪中有 {allocs} 次分配，却没有一次完成的释放：记录时略去了某些种类的事件。',
    other_backend: '后端是 {backend}：只有原生分配器可以重放。',
    whole: '从空的分配器开始重放。',
    rebuilt:
      '从跟踪之前已有的 {segments} 个段中的 {blocks} 个块开始重放；该状态由逆向撤销事件重建。',
    ambiguous:
      '文件中没有跟踪之前 {blocks} 个块的末端位置；其中 {revealed} 个由后来的分配显示出来，{repaired} 个通过尝试确定。',
    where: '在事件 {event} 处，重放得到的块地址与 PyTorch 的不同。',
    moment: '在事件 {event} 处，PyTorch 向驱动请求的内容与重放的不同。',
    served: '事件 {event} 的请求在记录时失败，在重放中却得到了满足。',
    not_served: '在事件 {event} 处，重放用尽了驱动给出的内存。',
    end: '所有事件都已重放，但最后的块不同。',
    maybe_start: '跟踪之前的状态在那里不确定：当时仍存活的 {blocks} 个旧块末端位置未知。',
    contradicted: '{count} 个事件与快照所示不符：有事件缺失或被改动。',
    guessed: '有 {count} 批段释放没有记录调用栈；是否由程序调用 empty_cache() 是按其位置判断的。',
  },
  ru: {
    no_trace: 'У устройства нет событий: история памяти не записывалась.',
    state_only:
      'Записано только состояние, без истории: в трассе {events} устаревших событий и ни одного выделения, которое можно воспроизвести.',
    kinds_missing:
      'В трассе {allocs} выделений и ни одного завершённого освобождения: часть видов событий при записи пропущена.',
    other_backend: 'Бэкенд — {backend}: воспроизвести можно только собственный аллокатор PyTorch.',
    whole: 'Воспроизведено с пустого аллокатора.',
    rebuilt:
      'Воспроизведено с состояния до трассы (блоков: {blocks}, сегментов: {segments}), восстановленного отменой событий.',
    ambiguous:
      'Концы блоков, существовавших до трассы ({blocks}), в файле не указаны; {revealed} показали последующие выделения, {repaired} определены подбором.',
    where: 'На событии {event} блок при воспроизведении оказался не там, где у PyTorch.',
    moment: 'На событии {event} PyTorch запросил у драйвера не то, что воспроизведение.',
    served: 'Запрос события {event} при записи не был выполнен, а при воспроизведении выполнен.',
    not_served: 'На событии {event} воспроизведению не хватило того, что выдал драйвер.',
    end: 'Все события воспроизведены, но блоки в конце отличаются.',
    maybe_start:
      'Состояние до трассы там неоднозначно: у {blocks} ещё живых прежних блоков неизвестен конец.',
    contradicted:
      'Событий, не согласующихся со снимком: {count}; часть событий пропущена или изменена.',
    guessed:
      'Для {count} серий освобождённых сегментов стек не записан; вызывала ли программа empty_cache(), определено по их месту.',
  },
} as const;

/** How the replay under the recorded settings compares with what was recorded. */
export interface Replay {
  /** Allocations in the trace, and how many of them got the recorded address before anything differed. */
  readonly allocations: number;
  readonly address_equal: number;
  /** The first event that came out otherwise. Absent when none did. */
  readonly diverged_at?: number;
  readonly diverged?: Statement;
  /** All blocks at the end: address, size, state. */
  readonly final_blocks_equal: boolean;
  /** Segments allocated, freed, mapped and unmapped, and how many came at the same moment and alike. */
  readonly segment_events: number;
  readonly segment_events_equal: number;
  /** Blocks that were live before the trace, and what was not certain of them. */
  readonly start: {
    readonly segments: number;
    readonly blocks: number;
    readonly ambiguous: number;
    readonly revealed: number;
    readonly repaired: number;
  };
  /** What the replay rests on. */
  readonly basis: readonly Statement[];
  readonly notes: readonly Note[];
}

/** A trace made ready to be replayed, under whatever settings. */
export interface Prepared {
  readonly device: Device;
  readonly found: SettingsFound;
  readonly start: Start;
  readonly recording: Recording;
  /** Under the recorded settings, from the start as it was finally taken to be. */
  readonly run: RecordedRun;
  readonly replay: Replay;
}

/** Tries to settle ambiguous blocks; each costs a run. */
const MAX_REPAIRS = 400;
/** Operations that all tries together may cost. */
const MAX_OPERATIONS = 3e7;

/** @param deviceRow row of `snapshot.devices` @param deviceTotal bytes of the device, when known */
export function replayRecorded(
  snapshot: Snapshot,
  deviceRow: number,
  deviceTotal?: number,
): Replay | Unknown {
  const prepared = prepareReplay(snapshot, deviceRow, deviceTotal);
  return 'unknown' in prepared ? prepared : prepared.replay;
}

export function prepareReplay(
  snapshot: Snapshot,
  deviceRow: number,
  deviceTotal?: number,
): Prepared | Unknown {
  const device = snapshot.devices[deviceRow];
  if (device === undefined) return unknown(say(TEXTS, 'no_trace'));
  const nothing = whyNothing(device);
  if (nothing !== undefined) return nothing;
  const found = recordedSettings(snapshot, device, deviceTotal);
  const { backend } = found.conf;
  if (backend !== undefined && backend !== 'native') {
    return unknown(say(TEXTS, 'other_backend', { backend }));
  }
  const start = startOf(snapshot, device, found.settings);
  const settled = settle(snapshot, device, start, found.settings);
  const { recording, run } = settled;
  const replay = replayOf({ snapshot, device, found, start, recording, run }, settled);
  return { device, found, start, recording, run, replay };
}

/** Why there is nothing to replay, if so. */
function whyNothing(device: Device): Unknown | undefined {
  const { action, count } = device.events;
  if (count === 0) return unknown(say(TEXTS, 'no_trace'));
  let allocs = 0;
  let completed = 0;
  for (let i = 0; i < count; i += 1) {
    if (action[i] === Action.alloc) allocs += 1;
    else if (action[i] === Action.freeCompleted) completed += 1;
  }
  // A recorder of states keeps one entry, which is of some moment long gone.
  if (allocs === 0 || count === 1) return unknown(say(TEXTS, 'state_only', { events: count }));
  const requested = action.subarray(0, count).includes(Action.freeRequested);
  if (completed === 0 && requested) return unknown(say(TEXTS, 'kinds_missing', { allocs }));
  return undefined;
}

interface Divergence {
  /** The operation; `program.count` when all came out and only the end differs. */
  readonly op: number;
  readonly why: 'where' | 'moment' | 'served' | 'not_served';
  /** Allocations before it. */
  readonly mallocs: number;
}

/** The best of several tries. */
interface Settled {
  readonly recording: Recording;
  readonly run: RecordedRun;
  readonly divergence: Divergence | undefined;
  /** Ambiguous blocks whose end was found by trial. */
  readonly repaired: number;
}

/**
 * Replays; where the replay parts from the recording, tries what is not certain otherwise: where
 * blocks from before the trace end, and which releases without a stack the program asked for.
 */
function settle(
  snapshot: Snapshot,
  device: Device,
  start: Start,
  settings: AllocatorSettings,
): Settled {
  const { ambiguities } = start;
  const readings = new Map<number, number>();
  let recording = recordingOf(snapshot, device, start);
  let best: Omit<Settled, 'repaired'> | undefined;
  let slacks: readonly number[] = [];
  let operations = 0;
  for (let tries = 0; tries < MAX_REPAIRS && operations < MAX_OPERATIONS; tries += 1) {
    const { program, events, names, tape } = recording;
    const run = runRecorded(program, events, segmentsOf(start), names, settings, tape);
    const divergence = divergenceOf(recording, run);
    if (
      best === undefined ||
      reach(recording, divergence) > reach(best.recording, best.divergence)
    ) {
      best = { recording, run, divergence };
      slacks = ambiguities.map(({ slack }) => slack);
    }
    if (divergence === undefined) break;
    operations += program.count;
    if (readOtherwise(readings, recording, run, divergence)) {
      recording = recordingOf(snapshot, device, start, readings);
      continue;
    }
    const repair = repairOf(start, recording, run, divergence, settings);
    if (repair === undefined) break;
    repair.ambiguity.slack = repair.slack;
  }
  if (best === undefined) throw new Error('at least one try is made');
  // Tries that led no further are taken back.
  let repaired = 0;
  for (const [i, ambiguity] of ambiguities.entries()) {
    ambiguity.slack = slacks[i] as number;
    if (!ambiguity.isRevealed && ambiguity.slack > 0) repaired += 1;
  }
  return { ...best, repaired };
}

/** How far a try came, as an event. */
function reach(recording: Recording, divergence: Divergence | undefined): number {
  return divergence === undefined ? Number.POSITIVE_INFINITY : eventOf(recording, divergence.op);
}

/**
 * Takes the next reading of the burst of releases at which the replay parted from the recording.
 * False when there is no such burst, or all its readings were tried.
 */
function readOtherwise(
  readings: Map<number, number>,
  recording: Recording,
  run: RecordedRun,
  divergence: Divergence,
): boolean {
  const { tape, bursts } = recording;
  const event = eventOf(recording, divergence.op);
  const unseen = run.predicted < tape.count ? (tape.event[run.predicted] as number) : -1;
  for (const { first, last, request, isGuessed } of bursts) {
    if (request !== event && (unseen < first || unseen > last)) continue;
    let reading = (readings.get(first) ?? Reading.usual) + 1;
    if (reading === Reading.called && !isGuessed) reading += 1;
    if (reading > Reading.noneWaited) continue;
    readings.set(first, reading);
    return true;
  }
  return false;
}

/** Where a run first came out otherwise than recorded. */
function divergenceOf(recording: Recording, run: RecordedRun): Divergence | undefined {
  const { program, addresses } = recording;
  const compared = Math.min(run.mallocs, recording.mallocs);
  let equal = 0;
  while (equal < compared && run.addresses[equal] === addresses[equal]) equal += 1;
  const stopped = run.stoppedAt;
  if (equal < compared) {
    return { op: mallocOp(recording, equal), why: 'where', mallocs: equal };
  }
  if (stopped === undefined) return undefined;
  const why = stopped.why === 'served' || stopped.why === 'not_served' ? stopped.why : 'moment';
  // The block that came with the wrong request to the driver does not count.
  const isMalloc = program.op[stopped.op] === Op.malloc && run.mallocs > 0;
  const mallocs =
    isMalloc && why === 'moment' ? Math.min(equal, mallocsBefore(recording, stopped.op)) : equal;
  return { op: stopped.op, why, mallocs };
}

/** The operation of the nth `malloc`. */
function mallocOp(recording: Recording, nth: number): number {
  const { op, count } = recording.program;
  let seen = 0;
  for (let i = 0; i < count; i += 1) {
    if (op[i] !== Op.malloc) continue;
    if (seen === nth) return i;
    seen += 1;
  }
  return count;
}

function mallocsBefore(recording: Recording, end: number): number {
  const { op } = recording.program;
  let seen = 0;
  for (let i = 0; i < end; i += 1) if (op[i] === Op.malloc) seen += 1;
  return seen;
}

/**
 * Which ambiguous block would explain a divergence, and how much longer it must be: the replay took
 * its gap, which in truth was too short for the request.
 */
function repairOf(
  start: Start,
  recording: Recording,
  run: RecordedRun,
  divergence: Divergence,
  settings: AllocatorSettings,
): { ambiguity: Ambiguity; slack: number } | undefined {
  const taken =
    divergence.why === 'where' ? run.addresses[divergence.mallocs] : run.stoppedAt?.address;
  if (taken === undefined) return undefined;
  const event = recording.events[divergence.op] as number;
  const ambiguity = start.ambiguities.find(
    (each) => !each.isRevealed && each.freedAt > event && each.end + each.slack === taken,
  );
  if (ambiguity === undefined) return undefined;
  const asked = recording.program.size[divergence.op] as number;
  const rounded = roundSize(asked, settings.roundupPower2Divisions);
  const slack = ambiguity.gap - rounded + MIN_BLOCK;
  return slack > ambiguity.slack && slack <= SMALL_MAX ? { ambiguity, slack } : undefined;
}

type Parts = Omit<Prepared, 'replay'> & { readonly snapshot: Snapshot };

function replayOf(parts: Parts, { divergence, repaired }: Settled): Replay {
  const { snapshot, device, found, start, recording, run } = parts;
  const isWhole = divergence === undefined;
  const areBlocksEqual = isWhole && sameBlocks(snapshot, device, run.blocks);
  const event = divergence === undefined ? undefined : eventOf(recording, divergence.op);
  return {
    allocations: recording.mallocs,
    address_equal: isWhole ? recording.mallocs : divergence.mallocs,
    ...(event !== undefined && { diverged_at: event }),
    ...(divergence !== undefined && {
      diverged: say(TEXTS, divergence.why, { event: event ?? 0 }),
    }),
    ...(isWhole && !areBlocksEqual && { diverged: say(TEXTS, 'end') }),
    final_blocks_equal: areBlocksEqual,
    segment_events: recording.tape.count,
    segment_events_equal: run.predicted,
    start: {
      segments: start.segments.length,
      blocks: start.count,
      ambiguous: start.ambiguities.length,
      revealed: start.ambiguities.filter(({ isRevealed }) => isRevealed).length,
      repaired,
    },
    basis: basisOf(start, repaired, event),
    notes: [...found.notes, ...notesOf(start, recording)],
  };
}

function eventOf(recording: Recording, op: number): number {
  const { events, program } = recording;
  return op < program.count ? (events[op] as number) : (events.at(-1) ?? 0);
}

function basisOf(
  start: Start,
  repaired: number,
  diverged: number | undefined,
): readonly Statement[] {
  const { ambiguities } = start;
  if (start.segments.length === 0) return [say(TEXTS, 'whole')];
  const basis = [say(TEXTS, 'rebuilt', { blocks: start.count, segments: start.segments.length })];
  if (ambiguities.length > 0) {
    const revealed = ambiguities.filter(({ isRevealed }) => isRevealed).length;
    basis.push(say(TEXTS, 'ambiguous', { blocks: ambiguities.length, revealed, repaired }));
  }
  if (diverged !== undefined) {
    const open = ambiguities.filter((each) => !each.isRevealed && each.freedAt > diverged).length;
    if (open > 0) basis.push(say(TEXTS, 'maybe_start', { blocks: open }));
  }
  return basis;
}

function notesOf(start: Start, recording: Recording): readonly Note[] {
  const notes: Note[] = [];
  const contradictions = start.contradictions + recording.contradictions;
  if (contradictions > 0) {
    notes.push({
      code: 'replay_contradicted',
      text: say(TEXTS, 'contradicted', { count: contradictions }),
    });
  }
  const guessed = recording.bursts.filter(({ isGuessed }) => isGuessed).length;
  if (guessed > 0) {
    notes.push({
      code: 'replay_guessed',
      text: say(TEXTS, 'guessed', { count: guessed }),
    });
  }
  return notes;
}

/** Whether blocks are those of the snapshot: the same addresses, sizes and states. */
function sameBlocks(snapshot: Snapshot, device: Device, found: readonly FinalBlock[]): boolean {
  const { segments, blocks } = snapshot;
  const [from, to] = device.segments;
  const first = segments.firstBlock[from] ?? 0;
  const last = segments.firstBlock[to] ?? first;
  if (found.length !== last - first) return false;
  return found.every((block, i) => {
    const row = first + i;
    return (
      block.address === blocks.address[row] &&
      block.size === blocks.size[row] &&
      STATE[block.state] === blocks.state[row]
    );
  });
}

const STATE = {
  free: BlockState.inactive,
  allocated: BlockState.active,
  pending: BlockState.pendingFree,
} as const;
