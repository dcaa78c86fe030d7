/** What a dict of a snapshot is, by its keys, and where its values go: events, frames, segments, blocks. */
import {
  type Assembler,
  type DictSink,
  IGNORE,
  KEEP,
  Kind,
  kindOf,
  NUMBER,
  REF,
  refOf,
  SHIFT,
  UNSET,
} from '../documents/assembler.ts';
import { grownInt32, grownUint32 } from '../documents/grow.ts';
import { refuse } from '../documents/refusal.ts';
import { NONE } from './columns.ts';
import { EventRows, type Forecast, type TextKey } from './event-rows.ts';
import { FIRST_VALUE, KEY_COUNT, known, ROW_KEY_COUNT, type RowKey } from './keys.ts';
import { RowTable } from './row-table.ts';

/** Kinds of rows, from `Kind.row` on. */
export const Row = {
  event: 9,
  segment: 10,
  block: 11,
  annotation: 12,
  history: 13,
} as const;

/** An event that the caller did not ask for. */
export const DROPPED: number = (Row.event << SHIFT) | REF;

const MOST_FRAMES = 1 << 25;
const MOST_HANDLES = 0xffff;
/** Unknown keys and actions whose names are remembered. */
const MOST_NAMES = 64;

const bit = (key: RowKey): number => 1 << known(key);
const has = (mask: number, wanted: number): boolean => (mask & wanted) === wanted;

const K_ACTION: number = known('action');
const K_ADDR: number = known('addr');
const K_DEVICE_FREE: number = known('device_free');
const K_SIZE: number = known('size');
const K_STREAM: number = known('stream');
const K_TIME: number = known('time_us');
const K_FRAMES: number = known('frames');
const K_COMPILE: number = known('compile_context');
const K_META: number = known('user_metadata');
const K_POOL: number = known('pool_id');
const K_CATEGORY: number = known('category');
const K_NAME: number = known('name');
const K_FILE: number = known('filename');
const K_LINE: number = known('line');
const K_SEGMENTS: number = known('segments');
const K_TRACES: number = known('device_traces');
const V_ALLOC: number = known('alloc');
const V_OOM: number = known('oom');
const V_NOTHING: number = known('N/A');
const V_EMPTY: number = known('');
const OTHER_ACTION = 9;

/** Which events are wanted: of one device, by time or by number, or by both. Ends are exclusive. */
export interface Wanted {
  readonly device?: number;
  readonly time?: readonly [from: number, to: number];
  /** Microseconds after the first event of the file that has a time. */
  readonly sinceFirst?: readonly [from: number, to: number];
  readonly events?: readonly [from: number, to: number];
}

/** Of 2 MiB each they are 2 TiB: no host has cards with so much. */
const MOST_SEGMENTS = 1 << 20;

export const ROW_CLASSES = ['event', 'frame', 'segment', 'block', 'annotation', 'history'] as const;
export type RowClass = (typeof ROW_CLASSES)[number];

export class Rows implements DictSink {
  readonly events: EventRows;
  readonly segments: RowTable<
    | 'device'
    | 'address'
    | 'total_size'
    | 'allocated_size'
    | 'active_size'
    | 'requested_size'
    | 'stream',
    'segment_type' | 'segment_pool_id' | 'is_expandable' | 'frames' | 'blocks'
  > = new RowTable(
    [
      'device',
      'address',
      'total_size',
      'allocated_size',
      'active_size',
      'requested_size',
      'stream',
    ],
    ['segment_type', 'segment_pool_id', 'is_expandable', 'frames', 'blocks'],
    MOST_SEGMENTS,
  );
  readonly blocks: RowTable<'address' | 'size' | 'requested_size', 'state' | 'frames' | 'history'> =
    new RowTable(['address', 'size', 'requested_size'], ['state', 'frames', 'history']);
  readonly annotations: RowTable<'device' | 'time_us', 'name' | 'stage'> = new RowTable(
    ['device', 'time_us'],
    ['name', 'stage'],
  );
  readonly history: RowTable<'addr' | 'real_size', 'frames' | 'cpp_frames'> = new RowTable(
    ['addr', 'real_size'],
    ['frames', 'cpp_frames'],
  );

  // Frames, each kept once.
  frameCount = 0;
  frameName: Uint32Array = new Uint32Array(1 << 10);
  frameFile: Uint32Array = new Uint32Array(1 << 10);
  frameLine: Int32Array = new Int32Array(1 << 10);
  private frameSlots: Int32Array = new Int32Array(1 << 11);

  /** Handles of streams in order of first use, and their numbers. */
  readonly streams: number[] = [];
  private readonly streamNumbers: Map<number, number> = new Map();
  private lastStream: number = Number.NaN;
  private lastStreamNumber = 0;
  /** Pairs of the assembler that are pools, in order of first use, and their numbers. */
  readonly pools: number[] = [];
  private readonly poolNumbers: Map<number, number> = new Map();

  /** Codes of the keys of the last event that was looked at key by key; slots that such an event fills. */
  private readonly plan: Int32Array = new Int32Array(16);
  private planLength: number = UNSET;

  /** Keys that events have anywhere, as bits; and how often keys without a place occurred, by class. */
  eventKeys = 0;
  blockKeys = 0;
  readonly otherKeys: ReadonlyMap<RowClass, Map<number, number>> = new Map(
    ROW_CLASSES.map((name) => [name, new Map()]),
  );
  /** Actions that are not known: how often each text occurred (UNSET: what is no text). */
  readonly otherActions: Map<number, number> = new Map();
  private otherAction: number = NONE;
  /** Values of events that are of another type than they should be. */
  oddValues = 0;

  /** Of the first event that has a time; NaN before it. */
  firstTime: number = Number.NaN;

  private readonly wanted: Wanted;
  private a: Assembler | undefined;

  constructor(wanted: Wanted, forecast: Forecast) {
    this.wanted = wanted;
    this.events = new EventRows(forecast);
  }

  attach(assembler: Assembler): void {
    this.a = assembler;
  }

  take(from: number, to: number, dict: number, isWhole: boolean): number {
    const a = this.a as Assembler;
    const code = a.code;
    if (to - from === this.planLength && this.isPlanned(code, from, to)) {
      return this.event(a, from, to, dict);
    }
    let mask = 0;
    let isKept = false;
    for (let slot = from; slot < to; slot += 2) {
      const key = code[slot] as number;
      if (key >>> SHIFT !== Kind.text) continue;
      const id = key & REF;
      if (id < ROW_KEY_COUNT) mask |= 1 << id;
      else if (id === K_SEGMENTS || id === K_TRACES) return KEEP;
      else if (id < KEY_COUNT) isKept = true;
    }
    if (has(mask, FRAME) || (isWhole && has(mask, bit('filename')))) return this.frame(a, from, to);
    if (has(mask, EVENT) || (isWhole && has(mask, bit('action')))) {
      this.planEvents(code, from, to);
      return this.event(a, from, to, dict);
    }
    if (has(mask, BLOCK)) {
      this.blockKeys |= mask;
      return this.row(Row.block, this.blocks, 'block', a, from, to);
    }
    if (has(mask, SEGMENT)) return this.row(Row.segment, this.segments, 'segment', a, from, to);
    if (has(mask, ANNOTATION)) {
      return this.row(Row.annotation, this.annotations, 'annotation', a, from, to);
    }
    if (has(mask, HISTORY)) return this.row(Row.history, this.history, 'history', a, from, to);
    if (isKept || (mask !== 0 && !isWhole)) return KEEP;
    for (let slot = from; slot < to; slot += 1) a.valueAt(slot);
    return IGNORE;
  }

  update(code: number, from: number, to: number): boolean {
    const a = this.a as Assembler;
    const row = refOf(code);
    switch (kindOf(code)) {
      case Row.event:
        if (code === DROPPED) return false;
        this.setEvent(a, row, from, to);
        this.countAction();
        return true;
      case Row.segment:
        this.set(this.segments, 'segment', row, a, from, to);
        return true;
      case Row.block:
        this.set(this.blocks, 'block', row, a, from, to);
        return true;
      case Row.annotation:
        this.set(this.annotations, 'annotation', row, a, from, to);
        return true;
      case Row.history:
        this.set(this.history, 'history', row, a, from, to);
        return true;
      default:
        return false;
    }
  }

  private row<N extends RowKey, C extends RowKey>(
    kind: number,
    table: RowTable<N, C>,
    name: RowClass,
    a: Assembler,
    from: number,
    to: number,
  ): number {
    const row = table.add();
    this.set(table, name, row, a, from, to);
    return (kind << SHIFT) | row;
  }

  private set<N extends RowKey, C extends RowKey>(
    table: RowTable<N, C>,
    name: RowClass,
    row: number,
    a: Assembler,
    from: number,
    to: number,
  ): void {
    table.set(row, a, from, to, (key) => this.other(name, key));
  }

  private other(name: RowClass, key: number): void {
    countUp(this.otherKeys.get(name) as Map<number, number>, key);
  }

  // Events.

  /** Nearly every event has the keys of the one before it, in the same order. */
  private isPlanned(code: Int32Array, from: number, to: number): boolean {
    const { plan } = this;
    for (let slot = from, k = 0; slot < to; slot += 2, k += 1) {
      if (code[slot] !== plan[k]) return false;
    }
    return true;
  }

  private planEvents(code: Int32Array, from: number, to: number): void {
    if (to - from > 2 * this.plan.length) return;
    for (let slot = from, k = 0; slot < to; slot += 2, k += 1) this.plan[k] = code[slot] as number;
    this.planLength = to - from;
  }

  private event(a: Assembler, from: number, to: number, dict: number): number {
    const row = this.events.add();
    this.setEvent(a, row, from, to);
    if (!this.isWanted(a, row, dict)) {
      this.events.removeLast();
      this.otherAction = NONE;
      return DROPPED;
    }
    this.countAction();
    return (Row.event << SHIFT) | row;
  }

  private countAction(): void {
    if (this.otherAction !== NONE) countUp(this.otherActions, this.otherAction);
    this.otherAction = NONE;
  }

  private setEvent(a: Assembler, row: number, from: number, to: number): void {
    const { events } = this;
    for (let slot = from; slot < to; slot += 2) {
      const key = a.valueAt(slot);
      const value = a.valueAt(slot + 1);
      const id = key >>> SHIFT === Kind.text ? key & REF : KEY_COUNT;
      if (id < ROW_KEY_COUNT) this.eventKeys |= 1 << id;
      if (value === NUMBER) {
        const amount = a.num[slot + 1] as number;
        switch (id) {
          case K_ADDR:
          case K_DEVICE_FREE:
            events.address[row] = amount;
            continue;
          case K_SIZE:
            events.size[row] = amount;
            continue;
          case K_STREAM:
            events.stream[row] = this.streamOf(amount);
            continue;
          case K_TIME:
            events.setTime(row, amount);
            continue;
        }
      }
      switch (id) {
        case K_ACTION:
          this.setAction(row, value);
          break;
        case K_FRAMES:
          events.stack[row] = this.stackOf(value);
          break;
        case K_COMPILE:
          this.setText(row, 'compileContext', value);
          break;
        case K_META:
          this.setText(row, 'userMetadata', value);
          break;
        case K_CATEGORY:
          this.setText(row, 'category', value);
          break;
        case K_POOL:
          if (value >>> SHIFT === Kind.pair) events.setPool(row, this.poolOf(value));
          else this.oddValues += 1;
          break;
        case K_ADDR:
        case K_DEVICE_FREE:
        case K_SIZE:
        case K_STREAM:
        case K_TIME:
          this.oddValues += 1;
          break;
        default:
          this.other('event', key);
      }
    }
  }

  private setAction(row: number, value: number): void {
    const id = value >>> SHIFT === Kind.text ? value & REF : UNSET;
    if (id >= V_ALLOC && id <= V_OOM) this.events.action[row] = id - FIRST_VALUE;
    else {
      this.events.action[row] = OTHER_ACTION;
      this.otherAction = id;
    }
  }

  private setText(row: number, key: TextKey, value: number): void {
    if (value >>> SHIFT !== Kind.text) return;
    const id = value & REF;
    if (id !== V_NOTHING && id !== V_EMPTY) this.events.setText(row, key, id);
  }

  /** The sequence that `frames` is, or NONE for an empty list and whatever is no list of frames. */
  stackOf(value: number): number {
    if (value >= 0 && value >>> SHIFT === Kind.sequence) return value & REF;
    return NONE;
  }

  streamOf(handle: number): number {
    if (handle === this.lastStream) return this.lastStreamNumber;
    let number = this.streamNumbers.get(handle);
    if (number === undefined) {
      number = this.streams.length;
      if (number >= MOST_HANDLES) throw refuse('many_rows', { limit: MOST_HANDLES });
      this.streams.push(handle);
      this.streamNumbers.set(handle, number);
    }
    this.lastStream = handle;
    this.lastStreamNumber = number;
    return number;
  }

  poolOf(pair: number): number {
    let number = this.poolNumbers.get(pair);
    if (number === undefined) {
      number = this.pools.length;
      if (number >= MOST_HANDLES) throw refuse('many_rows', { limit: MOST_HANDLES });
      this.pools.push(pair);
      this.poolNumbers.set(pair, number);
    }
    return number;
  }

  // What the caller asked for.

  private isWanted(a: Assembler, row: number, dict: number): boolean {
    const { device, time, sinceFirst, events } = this.wanted;
    const at = this.events.time?.[row] ?? Number.NaN;
    if (Number.isNaN(this.firstTime) && Number.isFinite(at)) this.firstTime = at;
    if (time !== undefined && (at < time[0] || at >= time[1])) return false;
    if (sinceFirst !== undefined) {
      const since = at - this.firstTime;
      if (since < sinceFirst[0] || since >= sinceFirst[1]) return false;
    }
    if (device === undefined && events === undefined) return true;
    const list = parentList(a, dict);
    if (list === undefined) return true;
    if (events !== undefined && (list.index < events[0] || list.index >= events[1])) return false;
    return device === undefined || list.device === device;
  }

  // Frames.

  private frame(a: Assembler, from: number, to: number): number {
    let name = UNSET;
    let file = UNSET;
    let line = 0;
    for (let slot = from; slot < to; slot += 2) {
      const key = a.valueAt(slot);
      const value = a.valueAt(slot + 1);
      const id = key >>> SHIFT === Kind.text ? key & REF : UNSET;
      if (id === K_NAME || id === K_FILE) {
        const text = value >>> SHIFT === Kind.text ? value & REF : V_EMPTY;
        if (id === K_NAME) name = text;
        else file = text;
      } else if (id === K_LINE) {
        if (value === NUMBER) line = lineOf(a.num[slot + 1] as number);
      } else this.other('frame', key);
    }
    return (
      (Kind.atom << SHIFT) |
      this.frameOf(name === UNSET ? V_EMPTY : name, file === UNSET ? V_EMPTY : file, line)
    );
  }

  private frameOf(name: number, file: number, line: number): number {
    const mask = this.frameSlots.length - 1;
    let slot = frameHash(name, file, line) & mask;
    for (;;) {
      const found = (this.frameSlots[slot] as number) - 1;
      if (found < 0) break;
      if (
        this.frameLine[found] === line &&
        this.frameName[found] === name &&
        this.frameFile[found] === file
      ) {
        return found;
      }
      slot = (slot + 1) & mask;
    }
    const id = this.frameCount;
    if (id >= MOST_FRAMES) throw refuse('many_rows', { limit: MOST_FRAMES });
    if (id === this.frameName.length) {
      this.frameName = grownUint32(this.frameName, id + 1);
      this.frameFile = grownUint32(this.frameFile, id + 1);
      this.frameLine = grownInt32(this.frameLine, id + 1);
    }
    this.frameName[id] = name;
    this.frameFile[id] = file;
    this.frameLine[id] = line;
    this.frameSlots[slot] = id + 1;
    this.frameCount = id + 1;
    if (this.frameCount * 2 > this.frameSlots.length) this.rehashFrames();
    return id;
  }

  private rehashFrames(): void {
    const slots = new Int32Array(this.frameSlots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.frameCount; id += 1) {
      let slot =
        frameHash(
          this.frameName[id] as number,
          this.frameFile[id] as number,
          this.frameLine[id] as number,
        ) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.frameSlots = slots;
  }
}

const FRAME: number = bit('name') | bit('filename') | bit('line');
const EVENT: number = bit('action') | bit('size');
const BLOCK: number = bit('state') | bit('size');
const SEGMENT: number = bit('total_size') | bit('blocks');
const ANNOTATION: number = bit('stage') | bit('name');
const HISTORY: number = bit('real_size');

/** Counts a name; of very many names those that come first. */
function countUp(counts: Map<number, number>, name: number): void {
  const count = counts.get(name);
  if (count !== undefined) counts.set(name, count + 1);
  else if (counts.size < MOST_NAMES) counts.set(name, 1);
}

/** 0 for what is no line. */
const lineOf = (value: number): number => (value === (value | 0) ? value : 0);

function frameHash(name: number, file: number, line: number): number {
  let hash = Math.imul(name, 0x9e3779b1) ^ Math.imul(file + 0x7f4a7c15, 0x85ebca6b);
  hash = Math.imul(hash ^ line ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Where the dict in slot `dict` will stand: its number in a list of device_traces, and which list. */
function parentList(
  a: Assembler,
  dict: number,
): { readonly device: number; readonly index: number } | undefined {
  const floor = a.floor();
  const [list, offset] = floor <= dict && floor > 0 ? [floor - 1, dict - floor] : [dict - 1, 0];
  if (list < 1 || !a.isOpenList(list)) return undefined;
  const index = a.itemsIn(list) + offset;
  if (isTraces(a, list - 1)) return { device: a.itemsIn(list - 1), index };
  const above = a.markCount > 1 ? a.markAt(a.markCount - 2) : 0;
  if (above > 0 && above <= list && isTraces(a, above - 1)) {
    return { device: a.itemsIn(above - 1) + (list - above), index };
  }
  return undefined;
}

const TRACES: number = (Kind.text << SHIFT) | known('device_traces');
const isTraces = (a: Assembler, slot: number): boolean =>
  slot > 0 && a.isOpenList(slot) && a.code[slot - 1] === TRACES;
