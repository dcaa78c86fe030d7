/** From windows of text to failures: which reader, which lane, which traceback, which phase. */

import type { Phase } from '../base/phase.ts';
import { accountIn, type ToldTopic } from './account.ts';
import { type Assignment, assignmentsIn, type PrintedVersion, versionsIn } from './assignments.ts';
import type { Failure } from './failure.ts';
import { frameworksShown } from './frameworks.ts';
import { type ModelSize, modelSizeIn } from './model-size.ts';
import {
  type PhaseReading,
  type Progress,
  phaseOfFrames,
  phaseOfLines,
  phasesShown,
  progressAt,
  progressOf,
} from './phase-of.ts';
import { Message, type Reader, type Reading } from './reader.ts';
import type { Window } from './scan/windows.ts';
import { type Signs, signsOfFrames, signsOfLines } from './signs.ts';
import { type Line, lanesOf } from './text/dress.ts';
import { type Squeezed, squeeze } from './text/squeeze.ts';
import { linesOfWindow } from './text/window-lines.ts';
import { type Frame, ownDeepest, type Traceback } from './tracebacks/frame.ts';
import { readTracebacks } from './tracebacks/read.ts';

/** A message is read at most this far, in squeezed characters. */
const LONGEST_MESSAGE = 3000;
/** A traceback printed after its message starts within so many lines. */
const TRACEBACK_AFTER = 12;
/** Exceptions whose messages go on over several lines. */
const LONG_MESSAGES = /DistBackendError|NCCL/;
/** Messages taken from one lane of one window; a window is at most a megabyte. */
const MOST_MESSAGES = 20_000;
/** A line that is a message of its own is not longer than this. */
const LONGEST_WHOLE_LINE = 400;

interface Lane {
  readonly lines: readonly Line[];
  readonly tracebacks: readonly Traceback[];
  /** Position of each line in the lane. */
  readonly index: ReadonlyMap<Line, number>;
  /** The phase that each line shows by itself. */
  readonly shown: readonly (Phase | undefined)[];
  /** Tracebacks that end in an exception about something else than memory. */
  readonly unrelated: readonly Traceback[];
}

interface Placed {
  readonly traceback: Traceback;
  readonly start: number;
  readonly lane: Lane;
}

/** What stands around a message: its own lane, the others, and all lines in their order. */
interface Scene {
  readonly lane: Lane;
  /** Tracebacks of all lanes with the line they start on, in order. */
  readonly placed: readonly Placed[];
  /** Position of each line among all lines of the window. */
  readonly index: ReadonlyMap<Line, number>;
  readonly progress: readonly Progress[];
  /** All lines as one lane, where there are several: a line without a writer may be of any of them. */
  readonly whole: Pick<Lane, 'lines' | 'shown'> | undefined;
  /** What the window's lines show and print. */
  readonly signs: Signs;
  readonly assignments: readonly Assignment[];
  /** What the window's lines tell in words. */
  readonly topics: () => readonly ToldTopic[];
  readonly versions: readonly PrintedVersion[];
  readonly modelSize: ModelSize | undefined;
}

interface Candidate {
  readonly reader: Reader;
  readonly reading: Reading;
  readonly start: number;
  readonly end: number;
  readonly line: Line;
  readonly exception: string | undefined;
  readonly lead: string;
  /** Which of its reader's messages on the line it is. */
  readonly ordinal: number;
}

/** Reads every failure in one window. @param active readers whose needles were seen in it. */
export function readWindow(window: Window, source: string, active: readonly Reader[]): Failure[] {
  const lines = linesOfWindow(window);
  if (lines.length === 0) return [];
  const lanes: Lane[] = lanesOf(lines).map((lane) => {
    const tracebacks = readTracebacks(lane);
    return {
      lines: lane,
      tracebacks,
      index: new Map(lane.map((line, at) => [line, at])),
      shown: phasesShown(lane),
      unrelated: tracebacks.filter(isUnrelated),
    };
  });
  const placed = lanes
    .flatMap((lane) =>
      lane.tracebacks.map(
        (traceback): Placed => ({
          traceback,
          lane,
          start: lane.lines[traceback.first]?.number ?? 0,
        }),
      ),
    )
    .sort((a, b) => a.start - b.start);
  const progress = progressOf(lines);
  const index = new Map(lines.map((line, at) => [line, at]));
  const read = lanes.map((lane) => ({ lane, found: candidatesOf(lane.lines, source, active) }));
  // What stands around is only of interest where something failed.
  if (read.every(({ found }) => found.length === 0)) return [];
  const around = {
    placed,
    index,
    progress,
    whole: lanes.length > 1 ? { lines, shown: phasesShown(lines) } : undefined,
    signs: signsOfLines(lines),
    assignments: assignmentsIn(lines),
    topics: once(() => accountIn(lines).topics),
    versions: versionsIn(lines),
    modelSize: modelSizeIn(lines),
  };
  const failures = read.flatMap(({ lane, found }) =>
    found.map((one) => failureOf(one, { lane, ...around }, source)),
  );
  // Lanes are read one after the other; what happened first comes first.
  return failures.sort((a, b) => (a.where.line ?? 0) - (b.where.line ?? 0));
}

function candidatesOf(
  lines: readonly Line[],
  source: string,
  active: readonly Reader[],
): Candidate[] {
  const squeezed = squeeze(lines);
  const found: Candidate[] = [];
  for (const reader of active) {
    if (reader.anchor !== undefined)
      found.push(...anchored(reader, reader.anchor, squeezed, source));
    if (reader.line !== undefined) found.push(...lineWise(reader, reader.line, lines, source));
  }
  found.sort(
    (a, b) => (a.reader.precedence ?? 0) - (b.reader.precedence ?? 0) || a.start - b.start,
  );
  const accepted: Candidate[] = [];
  const claimed = new Uint8Array(squeezed.text.length);
  const byLine = new Map<Line, Candidate>();
  for (const candidate of found) {
    const { start, end, line, reader } = candidate;
    const other = byLine.get(line);
    // Of two readings of one line the more specific one stands; a whole line adds nothing to what
    // was found in it.
    const isTold = other !== undefined && (other.reader !== reader || other.start < 0 || start < 0);
    if (isTold || (start >= 0 && claimed.subarray(start, end).includes(1))) continue;
    if (start >= 0) claimed.fill(1, start, end);
    byLine.set(line, candidate);
    accepted.push(candidate);
  }
  return accepted.sort((a, b) => a.line.number - b.line.number || a.start - b.start);
}

/** From here on compiling an expression is taken to cost less than interpreting it; chosen, not measured. */
const LONG_TEXT = 16_384;

function anchored(reader: Reader, anchor: RegExp, squeezed: Squeezed, source: string): Candidate[] {
  const found: Candidate[] = [];
  const ordinals = new Map<Line, number>();
  const nextOrdinal = (line: Line): number => {
    const ordinal = ordinals.get(line) ?? 0;
    ordinals.set(line, ordinal + 1);
    return ordinal;
  };
  const matches: RegExpExecArray[] = [];
  // The engine compiles an expression at its second use: not the first one on a long text.
  if (squeezed.text.length > LONG_TEXT) anchor.test('');
  // Of the expression itself: matchAll copies it, and the copy is compiled anew.
  anchor.lastIndex = 0;
  while (matches.length < MOST_MESSAGES) {
    const match = anchor.exec(squeezed.text);
    if (match === null) break;
    matches.push(match);
    if (match[0] === '') anchor.lastIndex++;
  }
  matches.forEach((match, index) => {
    const next = matches[index + 1]?.index ?? squeezed.text.length;
    const end = Math.min(next, match.index + LONGEST_MESSAGE);
    const message = new Message(squeezed, match.index, end, match, source);
    if (isInLiteral(message)) return;
    const reading = reader.read(message);
    if (reading === undefined) return;
    found.push({
      reader,
      reading,
      start: match.index,
      end: match.index + reading.end,
      line: message.line,
      exception: reading.exception ?? exceptionIn(message.lead),
      lead: leadOf(message.lead),
      ordinal: nextOrdinal(message.line),
    });
  });
  return found;
}

/**
 * Source code quotes messages that never were: a string literal behind raise, a logger or a test, or
 * one with placeholders. A traceback shows such lines, and so do pasted scripts.
 */
function isInLiteral({ lead, following }: Message): boolean {
  const line = lead.slice(lead.lastIndexOf('\n') + 1);
  const opened =
    /(?:\braise\b|\bprint|\blog\w*\.|\bwarn\w*|(?<!\bError )\bin\b|\breturn\b|\bassert\b|==)[^"'\n]{0,60}\(?[rfb]?(["'])[^"']{0,120}$/.exec(
      line,
    );
  if (opened === null) return false;
  const rest = following.split('\n')[0] ?? '';
  return rest.includes(opened[1] ?? '"') || /\{\w*\}|%[sd]/.test(line + rest);
}

/** The last line in front of the message without its digits; an exception's name alone is no lead. */
function leadOf(lead: string): string {
  const line = lead
    .slice(lead.lastIndexOf('\n') + 1)
    .replace(/[\d\s]+/g, ' ')
    .trim();
  return /^[\w.]*(?:Error|Exception)?:?$/.test(line) ? '' : line;
}

/** The exception's name right in front of the message. */
function exceptionIn(lead: string): string | undefined {
  return /(?:^|[^\w.])([A-Za-z_][\w.]*(?:Error|Exception)):?\s*$/.exec(lead)?.[1];
}

/** Lines above a line of its own that its reader sees. */
const LINES_ABOVE = 1;

function lineWise(
  reader: Reader,
  pattern: RegExp,
  lines: readonly Line[],
  source: string,
): Candidate[] {
  const found: Candidate[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.text.length > LONGEST_WHOLE_LINE) continue;
    const match = pattern.exec(line.text.trim());
    if (match === null) continue;
    // What stands right above it can say why.
    const above = lines.slice(Math.max(0, at - LINES_ABOVE), at);
    const own = squeeze([line]);
    const reading = reader.read(
      new Message(own, 0, own.text.length, match, source, squeeze(above).text),
    );
    // A line of its own has no place in the squeezed text; the line number keeps the order.
    if (reading !== undefined)
      found.push({
        reader,
        reading,
        start: -1,
        end: -1,
        line,
        exception: undefined,
        lead: '',
        ordinal: 0,
      });
    if (found.length >= MOST_MESSAGES) break;
  }
  return found;
}

function failureOf(found: Candidate, scene: Scene, source: string): Failure {
  const { line, reader } = found;
  const { lane } = scene;
  const at = lane.index.get(line) ?? 0;
  const traceback = tracebackOf(at, line, scene);
  const frames = traceback?.frames ?? NO_FRAMES;
  const told = toldBy(frames);
  const { own } = told;
  const reading = reader.refine?.(found.reading, frames) ?? found.reading;
  // A launcher marks the lines of ranks; what nobody marked is of the same program.
  const whole = /^(?:#\d+)?$/.test(line.lane) ? scene.whole : undefined;
  const atOfAll = scene.index.get(line) ?? 0;
  const phase = phaseFor(reading, frames, lane, at, () =>
    whole === undefined ? undefined : phaseOfLines(whole.lines, whole.shown, atOfAll),
  );
  // Progress bars carry no rank, so they stand in another lane.
  const start = lane.lines[traceback === undefined ? at : Math.min(at, traceback.first)] ?? line;
  const isEvaluation = phase.value === 'eval';
  const progress = progressAt(scene.progress, scene.index.get(start) ?? 0, isEvaluation);
  // A bar begins anew with each epoch: what stood above it has been done.
  const isAgain =
    progress?.done === 0 &&
    scene.progress.some(({ index, turn }) => index < progress.index && turn === 'later');
  const step = isAgain ? undefined : progress?.done;
  // A bar can be of another loop, so it needs a phase to be of; a line with metrics is of the training.
  const hasTurn = progress !== undefined && (phase.value !== 'unknown' || progress.isLogged);
  const followedBy = swallowedBy(at, found, lane);
  const time = timeOf(lane.lines, at);
  return {
    format: reader.id,
    reading: found.exception === undefined ? reading : { ...reading, exception: found.exception },
    where: {
      source,
      line: line.number,
      ...(line.rank !== undefined && { rank: line.rank }),
      ...(line.pid !== undefined && { pid: line.pid }),
    },
    frames,
    frameworks: [
      ...new Set([
        ...frameworksShown(frames, lane.lines, at),
        ...(whole === undefined ? [] : frameworksShown([], whole.lines, atOfAll)),
      ]),
    ],
    lead: found.lead,
    ordinal: found.ordinal,
    // A frame of the failure's own traceback is the better place.
    signs: new Map([...scene.signs, ...told.signs]),
    // Figures and frames settle more than words.
    topics: reading.facts.length === 0 && frames.length === 0 ? scene.topics() : [],
    assignments: scene.assignments,
    printedVersions: scene.versions,
    ...(scene.modelSize !== undefined && { modelSize: scene.modelSize }),
    ...(step !== undefined && { step }),
    phase: hasTurn ? { ...phase, turn: progress.turn } : phase,
    distributed: line.rank !== undefined || frames.some((f) => DISTRIBUTED.test(f.file)),
    ...(time !== undefined && { time }),
    ...(own !== undefined && { own }),
    ...(followedBy !== undefined && { followedBy }),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const DISTRIBUTED = /[\\/](?:distributed|deepspeed|fsdp|megatron|colossalai)[\\/]/i;

interface Told {
  readonly own: Frame | undefined;
  readonly phase: PhaseReading | undefined;
  readonly signs: Signs;
}

/** One for all messages without a traceback, so that what it tells is looked up and not made again. */
const NO_FRAMES: readonly Frame[] = [];

/** What frames tell, once for each traceback: many messages can share one. */
const TOLD = new WeakMap<readonly Frame[], Told>();

function toldBy(frames: readonly Frame[]): Told {
  const known = TOLD.get(frames);
  if (known !== undefined) return known;
  const told = {
    own: ownDeepest(frames),
    phase: phaseOfFrames(frames),
    signs: signsOfFrames(frames),
  };
  TOLD.set(frames, told);
  return told;
}

/** The traceback that a message belongs to, wherever the tool printed it. */
function tracebackOf(at: number, line: Line, { lane, placed }: Scene): Traceback | undefined {
  // Usual: the message is the traceback's last line, stands a line or two below cut-off frames, or
  // is a later line of a long exception message.
  const next = firstAfter(lane.tracebacks, at);
  const before = lane.tracebacks
    .slice(Math.max(0, next - 3), next)
    .findLast((tb) => tb.first < at && tb.frames.length > 0);
  if (before !== undefined) {
    const { exception, last } = before;
    const gap = exception === undefined ? 2 : LONG_MESSAGES.test(exception.type) ? 6 : 0;
    if (last >= at - gap) return before;
  }
  // Debuggers, web UIs and multi-process launchers print the message first.
  const after = (candidate: Traceback, first: number): boolean =>
    first >= 0 &&
    first <= TRACEBACK_AFTER &&
    candidate.frames.length > 0 &&
    (candidate.exception === undefined ||
      /memory|OOM\b|Resource_?\s?Exhausted|Caught \w+ in replica/i.test(
        candidate.exception.message + candidate.exception.type,
      ));
  const own = lane.tracebacks.slice(next, next + 3).find((tb) => after(tb, tb.first - at));
  if (own !== undefined) return own;
  for (let i = firstFrom(placed, line.number); i < placed.length; i++) {
    const other = placed[i];
    if (other === undefined || other.start > line.number + TRACEBACK_AFTER) break;
    const rank = other.lane.lines[0]?.rank;
    const isOtherRank = line.rank !== undefined && rank !== undefined && rank !== line.rank;
    if (other.lane !== lane && !isOtherRank && after(other.traceback, other.start - line.number)) {
      return other.traceback;
    }
  }
  return undefined;
}

/** Index of the first traceback that starts on the line or below it. */
function firstFrom(placed: readonly Placed[], line: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle]?.start ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

function phaseFor(
  reading: Reading,
  frames: readonly Frame[],
  { lines, shown }: Lane,
  at: number,
  ofOthers: () => PhaseReading | undefined,
): PhaseReading {
  if (reading.phase !== undefined) {
    return { value: reading.phase, because: { kind: 'message' }, moves_model: false };
  }
  return (
    toldBy(frames).phase ??
    phaseOfLines(lines, shown, at) ??
    ofOthers() ?? {
      value: 'unknown',
      because: { kind: 'nothing' },
      moves_model: false,
    }
  );
}

const isUnrelated = ({ link, exception }: Traceback): boolean =>
  link === undefined &&
  exception !== undefined &&
  !/memory|OOM\b|Resource_?\s?Exhausted/i.test(`${exception.type} ${exception.message}`);

/** Index of the first traceback that starts after a line of its lane; they stand in order. */
function firstAfter(tracebacks: readonly Traceback[], at: number): number {
  let low = 0;
  let high = tracebacks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tracebacks[middle]?.first ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** An exception after the message that is about something else: what the user sees at the end. */
function swallowedBy(
  at: number,
  found: Candidate,
  lane: Lane,
): { type: string; line: number } | undefined {
  const later = lane.unrelated[firstAfter(lane.unrelated, at)];
  if (later?.exception === undefined || found.reading.kind === 'look_alike') return undefined;
  return { type: later.exception.type, line: later.exception.at };
}

function timeOf(lines: readonly Line[], at: number): string | undefined {
  for (let i = at; i >= Math.max(0, at - 200); i--) {
    const time = lines[i]?.time;
    if (time !== undefined) return time;
  }
  return undefined;
}
