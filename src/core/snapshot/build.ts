/** From what the machine assembled to the columns of a snapshot. */
import type { Problem } from '../base/problem.ts';
import {
  type Assembler,
  EMPTY_DICT,
  FALSE_CODE,
  Kind,
  kindOf,
  NONE_CODE,
  refOf,
  SHIFT,
  TRUE_CODE,
  UNSET,
} from '../documents/assembler.ts';
import {
  Action,
  type Annotations,
  BlockState,
  type Blocks,
  type Device,
  type Events,
  type Frames,
  NONE,
  type RecordedSettings,
  type Segments,
  type Shape,
  type Snapshot,
  type Stacks,
} from './columns.ts';
import type { Span } from './event-rows.ts';
import { checkIntegrity } from './integrity.ts';
import { DIVISION_KEYS, KEY_COUNT, type KnownText, known, type RowKey } from './keys.ts';
import { Remarks } from './remarks.ts';
import { DROPPED, ROW_CLASSES, Row, type Rows, type Wanted } from './rows.ts';
import { versionOf } from './version.ts';

/** Names that are shown of one kind of remark. */
const MOST_NAMES = 16;

/** PyTorch numbers devices in a signed byte. */
const MOST_DEVICES = 128;

/** What the reader knows besides the values. */
export interface Origin {
  readonly container: 'pickle' | 'json';
  readonly protocol?: number;
  readonly bytes: number;
  readonly wanted: Wanted;
  /** What was found while reading. */
  readonly problems: readonly Problem[];
}

/** Builds the snapshot; undefined when the root is none. The assembler and the rows are spent by it. */
export function buildSnapshot(
  a: Assembler,
  rows: Rows,
  root: number,
  origin: Origin,
): Snapshot | undefined {
  const remarks = new Remarks();
  const top = topOf(a, root);
  if (top === undefined) return undefined;
  const { wanted } = origin;

  const traces = spansOf(a, rows, top, wanted, remarks);
  const state = stateOf(a, rows, top, wanted, remarks);
  const events = rows.events.assemble(traces.spans).map((each) => cleaned(each, remarks));
  noteOtherKeys(a, rows, top, remarks);

  const tables = new Tables(a, rows, remarks);
  for (const { stack } of events) tables.renumberStacks(stack);
  tables.renumberStacks(state.segments.stack);
  tables.renumberStacks(state.blocks.stack);
  const { frames, stacks } = tables.finishStacks();
  for (const { compileContext, userMetadata, category } of events) {
    for (const column of [compileContext, userMetadata, category]) {
      if (column !== undefined) tables.renumberTexts(column);
    }
  }
  const annotations = annotationsOf(a, rows, top, wanted, tables, remarks);
  const strings = tables.finishTexts();

  const devices = devicesOf(a, top, events, traces.first, state.segments, wanted);
  const settings = settingsOf(a, top);
  const hasKey = (key: RowKey): boolean => (rows.eventKeys & (1 << known(key))) !== 0;
  const hasBlockKey = (key: RowKey): boolean => (rows.blockKeys & (1 << known(key))) !== 0;
  const isLegacy = hasBlockKey('history') || (rows.blocks.count > 0 && !hasBlockKey('address'));
  const shape: Shape = {
    container: origin.container,
    ...(origin.protocol === undefined ? {} : { protocol: origin.protocol }),
    form: top.form,
    isLegacy,
    version: versionOf({
      form: top.form,
      requestedSize: hasBlockKey('requested_size'),
      history: hasBlockKey('history'),
      blockAddress: hasBlockKey('address') || rows.blocks.count === 0,
      poolId: rows.pools.length > 1,
      time: hasKey('time_us'),
      settings: top.entries.has(known('allocator_settings')),
      annotations: top.entries.has(known('external_annotations')),
      compileContext: hasKey('compile_context'),
      userMetadata:
        hasKey('user_metadata') || settings?.graphCaptureRecordStreamReuse !== undefined,
      eventPool: hasKey('pool_id'),
      overflowed: top.entries.has(known('trace_alloc_overflowed')),
      events: rows.eventKeys !== 0,
    }),
    bytes: origin.bytes,
    isSynthetic: isSynthetic(rows, top),
  };
  const violations = checkIntegrity({
    devices,
    segments: state.segments,
    blocks: state.blocks,
    ...(settings === undefined ? {} : { settings }),
  });
  return {
    shape,
    strings,
    frames,
    stacks,
    streams: rows.streams.map((handle) => handleText(handle)),
    pools: rows.pools.map((pair) => a.pairs[refOf(pair)] ?? [0, 0]),
    devices,
    segments: state.segments,
    blocks: state.blocks,
    annotations,
    ...(Number.isNaN(rows.firstTime) ? {} : { firstTime: rows.firstTime }),
    ...(settings === undefined ? {} : { settings }),
    problems: [...origin.problems, ...remarks.problems, ...violations],
    notes: remarks.notes,
  };
}

const handleText = (handle: number): string =>
  Number.isSafeInteger(handle)
    ? String(handle)
    : Number.isFinite(handle)
      ? BigInt(Math.round(handle)).toString()
      : '?';

// The top level.

interface Top {
  readonly form: 'dict' | 'list';
  /** Codes by the number of their key. */
  readonly entries: ReadonlyMap<number, number>;
  readonly segments: number;
  readonly traces: number;
}

function topOf(a: Assembler, root: number): Top | undefined {
  if (kindOf(root) === Kind.list) {
    let isState = true;
    a.eachRun(root, (first) => {
      if (kindOf(first) !== Row.segment) isState = false;
    });
    return isState
      ? { form: 'list', entries: new Map(), segments: root, traces: UNSET }
      : undefined;
  }
  if (kindOf(root) !== Kind.dict) return undefined;
  const entries = entriesOf(a, root);
  const segments = entries.get(known('segments'));
  const traces = entries.get(known('device_traces'));
  if (segments === undefined && traces === undefined) return undefined;
  return { form: 'dict', entries, segments: segments ?? UNSET, traces: traces ?? UNSET };
}

/** The entries of a dict by the number of their text; others are left out. */
function entriesOf(a: Assembler, dict: number): Map<number, number> {
  const entries = new Map<number, number>();
  if (kindOf(dict) !== Kind.dict || dict === EMPTY_DICT) return entries;
  let key = UNSET;
  let isKey = true;
  a.eachItem(dict, (code) => {
    if (isKey) key = code;
    else if (kindOf(key) === Kind.text) entries.set(refOf(key), code);
    isKey = !isKey;
  });
  return entries;
}

// Events.

interface Traces {
  readonly spans: readonly (readonly Span[])[];
  /** Per device: number in the file of the first event that was kept. */
  readonly first: readonly number[];
}

function spansOf(a: Assembler, rows: Rows, top: Top, wanted: Wanted, remarks: Remarks): Traces {
  const spans: Span[][] = [];
  const firsts: number[] = [];
  let kept = 0;
  let all = 0;
  let odd = 0;
  /** The row after the last one that was taken: events stand in the file one after another. */
  let next = 0;
  a.eachItem(top.traces, (trace) => {
    const device = spans.length;
    if (device === MOST_DEVICES) {
      odd += a.lengthOf(trace);
      return;
    }
    const mine: Span[] = [];
    spans.push(mine);
    const kind = kindOf(trace);
    if (kind !== Kind.list) {
      odd += Math.max(1, a.lengthOf(trace));
      return;
    }
    const isWanted = wanted.device === undefined || wanted.device === device;
    let at = 0;
    a.eachRun(trace, (first, length, stride) => {
      const begin = at;
      at += length;
      if (first !== DROPPED && kindOf(first) !== Row.event) {
        odd += length;
        return;
      }
      all += length;
      if (first === DROPPED || !isWanted) return;
      // An event that stands in the file twice is no event of its own the second time.
      const isAgain = refOf(first) < next;
      const rowsThere = isAgain ? 0 : stride === 0 ? 1 : length;
      next = Math.max(next, refOf(first) + rowsThere);
      odd += length - rowsThere;
      const [from, to] = wanted.events ?? [0, Number.POSITIVE_INFINITY];
      const low = Math.max(0, from - begin);
      const high = Math.min(rowsThere, to - begin);
      if (low < high) {
        firsts[device] ??= begin + low;
        mine.push({ first: refOf(first) + low, length: high - low });
        kept += high - low;
      }
    });
  });
  if (kept < all) remarks.note('events-left-out', { count: all - kept, all });
  firsts.forEach((first, device) => {
    if (first > 0) remarks.note('numbers', { device, first });
  });
  if (odd > 0) remarks.problem('odd-events', { count: odd });
  if (rows.oddValues > 0) remarks.problem('odd-values', { count: rows.oddValues });
  noteActions(a, rows, remarks);
  return { spans, first: firsts };
}

function noteActions(a: Assembler, rows: Rows, remarks: Remarks): void {
  for (const [text, count] of [...rows.otherActions].slice(0, MOST_NAMES)) {
    remarks.note('unknown-action', {
      name: text === UNSET ? '?' : shown(a.texts.text(text)),
      count,
    });
  }
}

function noteOtherKeys(a: Assembler, rows: Rows, top: Top, remarks: Remarks): void {
  const unknown = [...top.entries.keys()].filter((key) => key >= KEY_COUNT);
  for (const key of unknown.slice(0, MOST_NAMES)) {
    remarks.note('unknown-top-key', { name: shown(a.texts.text(key)) });
  }
  for (const name of ROW_CLASSES) {
    for (const [key, count] of rows.otherKeys.get(name) ?? []) {
      if (key === textCode('unoom_synthetic')) continue;
      const text = kindOf(key) === Kind.text ? shown(a.texts.text(refOf(key))) : '?';
      remarks.note('unknown-key', { name: text, row: name, count });
    }
  }
}

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** Without events that have no usable size or address; they cannot be followed. A time that is none is left out. */
function cleaned(events: Events, remarks: Remarks): Events {
  const { count, action, address, size, time } = events;
  time?.forEach((at, i) => {
    if (at === Number.POSITIVE_INFINITY || at === Number.NEGATIVE_INFINITY) time[i] = Number.NaN;
  });
  let bad = 0;
  for (let i = 0; i < count; i += 1) if (!isUsable(action, address, size, i)) bad += 1;
  if (bad === 0) return events;
  remarks.problem('unusable-events', { count: bad });
  const kept = new Uint32Array(count - bad);
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    if (isUsable(action, address, size, i)) {
      kept[at] = i;
      at += 1;
    }
  }
  const halves = (column: Uint16Array): Uint16Array =>
    Uint16Array.from(kept, (i) => column[i] ?? 0);
  const words = (column: Uint32Array): Uint32Array => Uint32Array.from(kept, (i) => column[i] ?? 0);
  const floats = (column: Float64Array): Float64Array =>
    Float64Array.from(kept, (i) => column[i] ?? 0);
  const { pool, compileContext, userMetadata, category } = events;
  return {
    count: kept.length,
    action: Uint8Array.from(kept, (i) => action[i] ?? 0),
    address: floats(address),
    size: floats(size),
    stream: halves(events.stream),
    stack: words(events.stack),
    ...(time === undefined ? {} : { time: floats(time) }),
    ...(pool === undefined ? {} : { pool: halves(pool) }),
    ...(compileContext === undefined ? {} : { compileContext: words(compileContext) }),
    ...(userMetadata === undefined ? {} : { userMetadata: words(userMetadata) }),
    ...(category === undefined ? {} : { category: words(category) }),
  };
}

/** What is no amount was not stated. */
const amountOr = (value: number, other: number): number =>
  isAmount(value) ? value : isAmount(other) ? other : Number.NaN;

const isAmount = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;

function isUsable(
  action: Uint8Array,
  address: Float64Array,
  size: Float64Array,
  i: number,
): boolean {
  const kind = action[i];
  if (kind === Action.other) return true;
  if (!isAmount(size[i] as number)) return false;
  return kind === Action.snapshot || kind === Action.oom || isAmount(address[i] as number);
}

// The state.

interface State {
  readonly segments: Segments;
  readonly blocks: Blocks;
}

function stateOf(a: Assembler, rows: Rows, top: Top, wanted: Wanted, remarks: Remarks): State {
  const { segments: table } = rows;
  const devices = table.numbers('device');
  const addresses = table.numbers('address');
  const totals = table.numbers('total_size');
  const found: number[] = [];
  const isTaken = new Uint8Array(table.count);
  let odd = 0;
  if (top.segments !== UNSET) {
    a.eachItem(top.segments, (code) => {
      const row = refOf(code);
      if (
        kindOf(code) !== Row.segment ||
        isTaken[row] === 1 ||
        !isAmount(addresses[row] as number) ||
        !isAmount(totals[row] as number) ||
        !isDevice(devices[row] as number)
      ) {
        odd += 1;
        return;
      }
      isTaken[row] = 1;
      if (wanted.device === undefined || wanted.device === devices[row]) found.push(row);
    });
  }
  if (odd > 0) remarks.problem('odd-segments', { count: odd });
  // Equal addresses keep the order of the file.
  found.sort(
    (p, q) =>
      (devices[p] as number) - (devices[q] as number) ||
      (addresses[p] as number) - (addresses[q] as number),
  );
  return columnsOf(a, rows, found, remarks);
}

const isDevice = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < MOST_DEVICES;

function columnsOf(a: Assembler, rows: Rows, found: readonly number[], remarks: Remarks): State {
  const { segments: table } = rows;
  const numbers = (key: Parameters<typeof table.numbers>[0]): Float64Array => {
    const column = table.numbers(key);
    return Float64Array.from(found, (row) => column[row] as number);
  };
  const stream = table.numbers('stream');
  const type = table.codes('segment_type');
  const pool = table.codes('segment_pool_id');
  const expandable = table.codes('is_expandable');
  const frames = table.codes('frames');
  const blocks = new BlockColumns(a, rows);
  const address = numbers('address');
  const firstBlock = new Uint32Array(found.length + 1);
  found.forEach((row, s) => {
    blocks.addOf(table.codes('blocks')[row] as number, address[s] as number);
    firstBlock[s + 1] = blocks.count;
  });
  if (blocks.odd > 0) remarks.problem('odd-blocks', { count: blocks.odd });
  const segments: Segments = {
    count: found.length,
    device: Uint16Array.from(found, (row) => table.numbers('device')[row] as number),
    address,
    total: numbers('total_size'),
    allocated: numbers('allocated_size'),
    active: numbers('active_size'),
    requested: numbers('requested_size'),
    stream: Uint16Array.from(found, (row) => {
      const handle = stream[row] as number;
      return rows.streamOf(Number.isNaN(handle) ? 0 : handle);
    }),
    isLarge: Uint8Array.from(found, (row) => (type[row] === textCode('large') ? 1 : 0)),
    isExpandable: Uint8Array.from(found, (row) => (expandable[row] === TRUE_CODE ? 1 : 0)),
    pool: Uint16Array.from(found, (row) => {
      const pair = pool[row] as number;
      return kindOf(pair) === Kind.pair ? rows.poolOf(pair) : 0;
    }),
    stack: Uint32Array.from(found, (row) => rows.stackOf(frames[row] as number)),
    firstBlock,
  };
  return { segments, blocks: blocks.finish() };
}

const textCode = (text: KnownText): number => (Kind.text << SHIFT) | known(text);

const STATES: ReadonlyMap<number, number> = new Map([
  [textCode('inactive'), BlockState.inactive],
  [textCode('active_allocated'), BlockState.active],
  [textCode('active_pending_free'), BlockState.pendingFree],
  [textCode('active_awaiting_free'), BlockState.pendingFree],
]);

/** Blocks in the order of their segments. */
class BlockColumns {
  count = 0;
  odd = 0;
  private readonly a: Assembler;
  private readonly rows: Rows;
  private readonly address: Float64Array;
  private readonly size: Float64Array;
  private readonly requested: Float64Array;
  private readonly state: Uint8Array;
  private readonly stack: Uint32Array;

  constructor(a: Assembler, rows: Rows) {
    this.a = a;
    this.rows = rows;
    const most = rows.blocks.count;
    this.address = new Float64Array(most);
    this.size = new Float64Array(most);
    this.requested = new Float64Array(most);
    this.state = new Uint8Array(most);
    this.stack = new Uint32Array(most);
  }

  /** The blocks of one segment. Where they have no address it is the running sum of their sizes. */
  addOf(list: number, segmentAddress: number): void {
    const table = this.rows.blocks;
    const addresses = table.numbers('address');
    const sizes = table.numbers('size');
    const states = table.codes('state');
    const found: number[] = [];
    let next = segmentAddress;
    let isSorted = true;
    const at: number[] = [];
    if (list === UNSET) return;
    this.a.eachItem(list, (code) => {
      const row = refOf(code);
      if (
        kindOf(code) !== Row.block ||
        !isAmount(sizes[row] as number) ||
        !STATES.has(states[row] as number) ||
        this.count + found.length >= this.size.length
      ) {
        this.odd += 1;
        return;
      }
      const stated = addresses[row] as number;
      const address = isAmount(stated) ? stated : next;
      if (at.length > 0 && address < (at[at.length - 1] as number)) isSorted = false;
      found.push(row);
      at.push(address);
      next = address + (sizes[row] as number);
    });
    const order = found.map((_, i) => i);
    if (!isSorted) order.sort((p, q) => (at[p] as number) - (at[q] as number));
    for (const i of order) this.add(found[i] as number, at[i] as number);
  }

  private add(row: number, address: number): void {
    const table = this.rows.blocks;
    const i = this.count;
    const latest = this.latest(table.codes('history')[row] as number);
    const requested = table.numbers('requested_size')[row] as number;
    this.address[i] = address;
    this.size[i] = table.numbers('size')[row] as number;
    this.requested[i] = amountOr(
      requested,
      latest === UNSET ? Number.NaN : (this.rows.history.numbers('real_size')[latest] as number),
    );
    this.state[i] = STATES.get(table.codes('state')[row] as number) ?? BlockState.inactive;
    const frames = table.codes('frames')[row] as number;
    this.stack[i] = this.rows.stackOf(frames === UNSET ? this.historyFrames(latest) : frames);
    this.count = i + 1;
  }

  /** Row of the latest entry of a block's history (2.0 and before). */
  private latest(history: number): number {
    let row = UNSET;
    if (kindOf(history) !== Kind.list) return UNSET;
    this.a.eachRun(history, (first) => {
      if (row === UNSET && kindOf(first) === Row.history) row = refOf(first);
    });
    return row;
  }

  private historyFrames(row: number): number {
    if (row === UNSET) return UNSET;
    const frames = this.rows.history.codes('frames')[row] as number;
    return kindOf(frames) === Kind.sequence
      ? frames
      : (this.rows.history.codes('cpp_frames')[row] as number);
  }

  finish(): Blocks {
    const { count } = this;
    return {
      count,
      address: this.address.slice(0, count),
      size: this.size.slice(0, count),
      requested: this.requested.slice(0, count),
      state: this.state.slice(0, count),
      stack: this.stack.slice(0, count),
    };
  }
}

// Devices.

function devicesOf(
  a: Assembler,
  top: Top,
  events: readonly Events[],
  firstEvents: readonly number[],
  segments: Segments,
  wanted: Wanted,
): Device[] {
  const last = segments.count > 0 ? (segments.device[segments.count - 1] as number) : -1;
  const maxEntries = perDevice(a, top, 'trace_alloc_max_entries');
  const overflowed = perDevice(a, top, 'trace_alloc_overflowed');
  const devices: Device[] = [];
  let row = 0;
  for (let index = 0; index <= Math.max(last, events.length - 1); index += 1) {
    const from = row;
    while (row < segments.count && segments.device[row] === index) row += 1;
    const mine = events[index] ?? NO_EVENTS;
    if (mine.count === 0 && row === from) continue;
    if (wanted.device !== undefined && wanted.device !== index) continue;
    const most = maxEntries(index);
    const lost = overflowed(index);
    const first = firstEvents[index] ?? 0;
    devices.push({
      index,
      events: mine,
      ...(first > 0 ? { firstEvent: first } : {}),
      segments: [from, row],
      ...(typeof lost === 'number' ? { overflowed: lost !== 0 } : {}),
      ...(typeof most === 'number' && most >= 0 ? { maxEntries: most } : {}),
    });
  }
  return devices;
}

const NO_EVENTS: Events = {
  count: 0,
  action: new Uint8Array(),
  address: new Float64Array(),
  size: new Float64Array(),
  stream: new Uint16Array(),
  stack: new Uint32Array(),
};

/** A figure of each device: one for all or a list, in the snapshot itself or in its settings. */
function perDevice(
  a: Assembler,
  top: Top,
  key: 'trace_alloc_max_entries' | 'trace_alloc_overflowed',
): (device: number) => number | undefined {
  const settings = entriesOf(a, top.entries.get(known('allocator_settings')) ?? UNSET);
  const code = top.entries.get(known(key)) ?? settings.get(known(key));
  if (code === undefined) return () => undefined;
  const kind = kindOf(code);
  if (kind !== Kind.list && kind !== Kind.pair) {
    const value = plainNumber(a, code);
    return () => value;
  }
  const values: (number | undefined)[] = [];
  a.eachItem(code, (item) => {
    if (values.length < 0xffff) values.push(plainNumber(a, item));
  });
  return (device) => values[device];
}

/** A number, or 1 and 0 for true and false. */
function plainNumber(a: Assembler, code: number): number | undefined {
  if (code === TRUE_CODE) return 1;
  if (code === FALSE_CODE) return 0;
  return code === NONE_CODE ? undefined : a.numberOf(code);
}

// Settings.

function settingsOf(a: Assembler, top: Top): RecordedSettings | undefined {
  const code = top.entries.get(known('allocator_settings'));
  if (code === undefined || kindOf(code) !== Kind.dict) return undefined;
  const entries = entriesOf(a, code);
  const value = (key: KnownText): number => entries.get(known(key)) ?? UNSET;
  const flag = (key: KnownText): boolean | undefined => {
    const code = value(key);
    return code === TRUE_CODE ? true : code === FALSE_CODE ? false : undefined;
  };
  const conf = value('PYTORCH_CUDA_ALLOC_CONF');
  const maxSplit = a.numberOf(value('max_split_size'));
  const threshold = a.numberOf(value('garbage_collection_threshold'));
  const expandable = flag('expandable_segments');
  const reuse = flag('graph_capture_record_stream_reuse');
  const divisions = divisionsOf(a, value('roundup_power2_divisions'));
  return {
    ...(kindOf(conf) === Kind.text ? { conf: a.texts.text(refOf(conf)) } : {}),
    ...(maxSplit === undefined
      ? {}
      : { maxSplitSize: maxSplit < 0 ? Number.POSITIVE_INFINITY : maxSplit }),
    ...(threshold === undefined ? {} : { garbageCollectionThreshold: threshold }),
    ...(expandable === undefined ? {} : { expandableSegments: expandable }),
    ...(divisions === undefined ? {} : { roundupPower2Divisions: divisions }),
    ...(reuse === undefined ? {} : { graphCaptureRecordStreamReuse: reuse }),
  };
}

function divisionsOf(a: Assembler, code: number): number[] | undefined {
  if (kindOf(code) !== Kind.dict) return undefined;
  const entries = entriesOf(a, code);
  const first = KEY_COUNT - DIVISION_KEYS.length;
  return DIVISION_KEYS.map((_, i) => a.numberOf(entries.get(first + i) ?? UNSET) ?? 0);
}

/** `unoom snapshot make` marks what it writes: at the top, or in each segment of a bare list. */
const isSynthetic = (rows: Rows, top: Top): boolean =>
  top.entries.get(known('unoom_synthetic')) === TRUE_CODE ||
  (top.form === 'list' &&
    rows.otherKeys.get('segment')?.has((Kind.text << SHIFT) | known('unoom_synthetic')) === true);

// Annotations.

function annotationsOf(
  a: Assembler,
  rows: Rows,
  top: Top,
  wanted: Wanted,
  tables: Tables,
  remarks: Remarks,
): Annotations {
  const table = rows.annotations;
  const found: number[] = [];
  const names = table.codes('name');
  const stages = table.codes('stage');
  const devices = table.numbers('device');
  const list = top.entries.get(known('external_annotations')) ?? UNSET;
  let odd = 0;
  if (list !== UNSET) {
    a.eachItem(list, (code) => {
      const row = refOf(code);
      if (kindOf(code) !== Row.annotation || kindOf(names[row] as number) !== Kind.text) odd += 1;
      else if (wanted.device === undefined || wanted.device === devices[row]) found.push(row);
    });
  }
  if (odd > 0) remarks.problem('odd-annotations', { count: odd });
  const name = Uint32Array.from(found, (row) => refOf(names[row] as number));
  tables.renumberTexts(name);
  return {
    count: found.length,
    name,
    isStart: Uint8Array.from(found, (row) => (stages[row] === textCode('START') ? 1 : 0)),
    device: Int32Array.from(found, (row) => devices[row] as number),
    time: Float64Array.from(found, (row) => table.numbers('time_us')[row] as number),
  };
}

// Tables of strings, frames and stacks: only what is used, numbered by first use.

class Tables {
  private readonly a: Assembler;
  private readonly rows: Rows;
  private readonly remarks: Remarks;
  private readonly stackNumber: Uint32Array;
  private readonly stackOrder: number[] = [];
  private readonly textNumber: Uint32Array;
  private readonly textOrder: number[] = [];
  private oddStacks = 0;

  constructor(a: Assembler, rows: Rows, remarks: Remarks) {
    this.a = a;
    this.rows = rows;
    this.remarks = remarks;
    this.stackNumber = new Uint32Array(a.sequences.count).fill(NONE);
    this.textNumber = new Uint32Array(a.texts.count).fill(NONE);
  }

  renumberStacks(column: Uint32Array): void {
    for (let i = 0; i < column.length; i += 1) {
      const sequence = column[i] as number;
      if (sequence !== NONE) column[i] = this.stackOf(sequence);
    }
  }

  private stackOf(sequence: number): number {
    const there = this.stackNumber[sequence] as number;
    if (there !== NONE) return there;
    if (!this.holdsFrames(sequence)) {
      this.oddStacks += 1;
      return NONE;
    }
    const number = this.stackOrder.length;
    this.stackOrder.push(sequence);
    this.stackNumber[sequence] = number;
    return number;
  }

  private holdsFrames(sequence: number): boolean {
    const { start, items } = this.a.sequences;
    const end = start[sequence + 1] as number;
    for (let i = start[sequence] as number; i < end; i += 1) {
      if (kindOf(items[i] as number) !== Kind.atom) return false;
    }
    return true;
  }

  finishStacks(): { frames: Frames; stacks: Stacks } {
    const { a, rows } = this;
    const { start, items } = a.sequences;
    const offsets = new Uint32Array(this.stackOrder.length + 1);
    this.stackOrder.forEach((sequence, i) => {
      offsets[i + 1] = (offsets[i] as number) + a.sequences.lengthOf(sequence);
    });
    const column = new Uint32Array(offsets[this.stackOrder.length] as number);
    const frameNumber = new Uint32Array(rows.frameCount).fill(NONE);
    const order: number[] = [];
    let at = 0;
    for (const sequence of this.stackOrder) {
      const end = start[sequence + 1] as number;
      for (let i = start[sequence] as number; i < end; i += 1) {
        const frame = refOf(items[i] as number);
        let number = frameNumber[frame] as number;
        if (number === NONE) {
          number = order.length;
          order.push(frame);
          frameNumber[frame] = number;
        }
        column[at] = number;
        at += 1;
      }
    }
    const name = Uint32Array.from(order, (frame) => rows.frameName[frame] as number);
    const file = Uint32Array.from(order, (frame) => rows.frameFile[frame] as number);
    this.renumberTexts(name);
    this.renumberTexts(file);
    if (this.oddStacks > 0) this.remarks.problem('odd-stacks', { count: this.oddStacks });
    return {
      frames: {
        count: order.length,
        name,
        file,
        line: Int32Array.from(order, (frame) => rows.frameLine[frame] as number),
      },
      stacks: { count: this.stackOrder.length, offsets, frames: column },
    };
  }

  renumberTexts(column: Uint32Array): void {
    for (let i = 0; i < column.length; i += 1) {
      const text = column[i] as number;
      if (text === NONE) continue;
      let number = this.textNumber[text] as number;
      if (number === NONE) {
        number = this.textOrder.length;
        this.textOrder.push(text);
        this.textNumber[text] = number;
      }
      column[i] = number;
    }
  }

  finishTexts(): string[] {
    return this.textOrder.map((text) => this.a.texts.text(text));
  }
}
