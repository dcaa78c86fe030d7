/**
 * The events of all devices while they are read: columns in chunks, so that growing copies nothing. When
 * all are there each column becomes one array per device, and its chunks are let go before the next.
 */
import { refuse } from '../documents/refusal.ts';
import { Action, type Events, NONE } from './columns.ts';

const CHUNK_SHIFT = 14;
const CHUNK = 1 << CHUNK_SHIFT;
/** Of a row: its place in its chunk. */
export const LOW: number = CHUNK - 1;
const MOST_EVENTS = 2 ** 27 - 2;

/** Rows `first .. first + length`. */
export interface Span {
  readonly first: number;
  readonly length: number;
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** CHUNK rows: row `r` is entry `r & LOW`. Optional columns are there once something was set. */
export class EventChunk {
  action: Uint8Array = new Uint8Array(CHUNK);
  address: Float64Array = new Float64Array(CHUNK);
  size: Float64Array = new Float64Array(CHUNK);
  stream: Uint16Array = new Uint16Array(CHUNK);
  stack: Uint32Array = new Uint32Array(CHUNK);
  time: Float64Array | undefined;
  pool: Uint16Array | undefined;
  compileContext: Uint32Array | undefined;
  userMetadata: Uint32Array | undefined;
  category: Uint32Array | undefined;

  /** Entry i as a new event has it. */
  clear(i: number): void {
    this.action[i] = Action.other;
    this.address[i] = Number.NaN;
    this.size[i] = Number.NaN;
    this.stream[i] = 0;
    this.stack[i] = NONE;
    if (this.time !== undefined) this.time[i] = Number.NaN;
    if (this.pool !== undefined) this.pool[i] = 0;
    if (this.compileContext !== undefined) this.compileContext[i] = NONE;
    if (this.userMetadata !== undefined) this.userMetadata[i] = NONE;
    if (this.category !== undefined) this.category[i] = NONE;
  }

  setTime(i: number, time: number): void {
    this.time ??= new Float64Array(CHUNK).fill(Number.NaN);
    this.time[i] = time;
  }

  setPool(i: number, pool: number): void {
    this.pool ??= new Uint16Array(CHUNK);
    this.pool[i] = pool;
  }

  setText(i: number, key: TextKey, text: number): void {
    const column = this[key] ?? new Uint32Array(CHUNK).fill(NONE);
    this[key] = column;
    column[i] = text;
  }
}

export type TextKey = 'compileContext' | 'userMetadata' | 'category';
type OptionalKey = 'time' | 'pool' | TextKey;
type ColumnKey = 'action' | 'address' | 'size' | 'stream' | 'stack' | OptionalKey;

export class EventRows {
  count = 0;
  private readonly chunks: EventChunk[] = [];
  /** A new row, as the last one; it holds nothing yet. */
  add(): number {
    const row = this.count;
    if (row >= MOST_EVENTS) throw refuse('many_rows', { limit: MOST_EVENTS });
    if ((row & LOW) === 0) this.chunks[row >>> CHUNK_SHIFT] = new EventChunk();
    this.chunkOf(row).clear(row & LOW);
    this.count = row + 1;
    return row;
  }

  /** Takes the last row back. */
  removeLast(): void {
    this.count -= 1;
  }

  chunkOf(row: number): EventChunk {
    return this.chunks[row >>> CHUNK_SHIFT] as EventChunk;
  }

  private has(key: OptionalKey): boolean {
    return this.chunks.some((chunk) => chunk[key] !== undefined);
  }

  /** The events of each device, in the order of its spans. Nothing can be read from here afterwards. */
  assemble(devices: readonly (readonly Span[])[]): Events[] {
    const counts = devices.map((spans) => spans.reduce((sum, { length }) => sum + length, 0));
    const columns = <T extends Column>(
      key: ColumnKey,
      make: (length: number) => T,
      absent: number,
    ): T[] => {
      const made = devices.map((spans, d) => {
        const column = make(counts[d] ?? 0);
        let at = 0;
        for (const span of spans) at = this.copy(span, key, column, at, absent);
        return column;
      });
      for (const chunk of this.chunks) release(chunk, key);
      return made;
    };
    const optional = <T extends Column>(
      key: OptionalKey,
      make: (length: number) => T,
      absent: number,
    ): (T | undefined)[] =>
      this.has(key)
        ? columns(key, make, absent).map((column) =>
            key !== 'pool' && column.every((value) => Object.is(value, absent))
              ? undefined
              : column,
          )
        : [];
    const floats = (n: number): Float64Array => new Float64Array(n);
    const words = (n: number): Uint32Array => new Uint32Array(n);
    const halves = (n: number): Uint16Array => new Uint16Array(n);

    const address = columns('address', floats, Number.NaN);
    const size = columns('size', floats, Number.NaN);
    const time = optional('time', floats, Number.NaN);
    const stack = columns('stack', words, NONE);
    const compileContext = optional('compileContext', words, NONE);
    const userMetadata = optional('userMetadata', words, NONE);
    const category = optional('category', words, NONE);
    const stream = columns('stream', halves, 0);
    const pool = optional('pool', halves, 0);
    const action = columns('action', (n) => new Uint8Array(n), Action.other);
    this.chunks.length = 0;
    return devices.map((_, d) => ({
      count: counts[d] ?? 0,
      action: action[d] ?? new Uint8Array(),
      address: address[d] ?? new Float64Array(),
      size: size[d] ?? new Float64Array(),
      stream: stream[d] ?? new Uint16Array(),
      stack: stack[d] ?? new Uint32Array(),
      ...given('time', time[d]),
      ...given('pool', pool[d]),
      ...given('compileContext', compileContext[d]),
      ...given('userMetadata', userMetadata[d]),
      ...given('category', category[d]),
    }));
  }

  private copy(
    { first, length }: Span,
    key: ColumnKey,
    into: Column,
    at: number,
    absent: number,
  ): number {
    for (let row = first; row < first + length; ) {
      const from = row & LOW;
      const rows = Math.min(CHUNK - from, first + length - row);
      const column = this.chunks[row >>> CHUNK_SHIFT]?.[key];
      const to = at + (row - first);
      if (column === undefined) into.fill(absent, to, to + rows);
      else into.set(column.subarray(from, from + rows), to);
      row += rows;
    }
    return at + length;
  }
}

function release(chunk: EventChunk, key: ColumnKey): void {
  if (key === 'action') chunk.action = new Uint8Array();
  else if (key === 'stream') chunk.stream = new Uint16Array();
  else if (key === 'stack') chunk.stack = new Uint32Array();
  else if (key === 'address' || key === 'size') chunk[key] = new Float64Array();
  else chunk[key] = undefined;
}

const given = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
