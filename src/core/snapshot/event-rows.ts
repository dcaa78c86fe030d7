/**
 * The events of all devices while they are read: columns in chunks, so that growing copies nothing. When
 * all are there each column becomes one array per device, and its chunks are let go before the next.
 */
import { refuse } from '../documents/refusal.ts';
import { Action, type Events, NONE } from './columns.ts';

const CHUNK_SHIFT = 16;
const CHUNK = 1 << CHUNK_SHIFT;
const MOST_EVENTS = 2 ** 27 - 2;

/** Rows `first .. first + length`. */
export interface Span {
  readonly first: number;
  readonly length: number;
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

class Chunk {
  action: Uint8Array | undefined = new Uint8Array(CHUNK);
  address: Float64Array | undefined = new Float64Array(CHUNK);
  size: Float64Array | undefined = new Float64Array(CHUNK);
  stream: Uint16Array | undefined = new Uint16Array(CHUNK);
  stack: Uint32Array | undefined = new Uint32Array(CHUNK);
  time: Float64Array | undefined;
  pool: Uint16Array | undefined;
  compileContext: Uint32Array | undefined;
  userMetadata: Uint32Array | undefined;
  category: Uint32Array | undefined;
}

type OptionalKey = 'time' | 'pool' | 'compileContext' | 'userMetadata' | 'category';

export class EventRows {
  count = 0;
  private readonly chunks: Chunk[] = [];
  private chunk: Chunk = new Chunk();
  /** Which optional columns have an entry anywhere. */
  private readonly present: Set<OptionalKey> = new Set();
  /** Text of the action of rows whose action is not known. */
  readonly otherActions: Map<number, number> = new Map();

  /** A new row, as the last one; it holds nothing yet. */
  add(): number {
    const row = this.count;
    if (row >= MOST_EVENTS) throw refuse('many_rows', { limit: MOST_EVENTS });
    const i = row & (CHUNK - 1);
    if (i === 0) {
      this.chunk = new Chunk();
      this.chunks[row >>> CHUNK_SHIFT] = this.chunk;
    }
    const { action, address, size, stream, stack, time, pool } = this.chunk;
    (action as Uint8Array)[i] = Action.other;
    (address as Float64Array)[i] = Number.NaN;
    (size as Float64Array)[i] = Number.NaN;
    (stream as Uint16Array)[i] = 0;
    (stack as Uint32Array)[i] = NONE;
    if (time !== undefined) time[i] = Number.NaN;
    if (pool !== undefined) pool[i] = 0;
    if (this.chunk.compileContext !== undefined) this.chunk.compileContext[i] = NONE;
    if (this.chunk.userMetadata !== undefined) this.chunk.userMetadata[i] = NONE;
    if (this.chunk.category !== undefined) this.chunk.category[i] = NONE;
    this.count = row + 1;
    return row;
  }

  /** Takes the last row back. */
  removeLast(): void {
    this.count -= 1;
    this.otherActions.delete(this.count);
  }

  private of(row: number): Chunk {
    return row + CHUNK > this.count && (row ^ (this.count - 1)) < CHUNK
      ? this.chunk
      : (this.chunks[row >>> CHUNK_SHIFT] as Chunk);
  }

  setAction(row: number, action: number): void {
    (this.of(row).action as Uint8Array)[row & (CHUNK - 1)] = action;
  }
  setAddress(row: number, address: number): void {
    (this.of(row).address as Float64Array)[row & (CHUNK - 1)] = address;
  }
  setSize(row: number, size: number): void {
    (this.of(row).size as Float64Array)[row & (CHUNK - 1)] = size;
  }
  setStream(row: number, stream: number): void {
    (this.of(row).stream as Uint16Array)[row & (CHUNK - 1)] = stream;
  }
  setStack(row: number, stack: number): void {
    (this.of(row).stack as Uint32Array)[row & (CHUNK - 1)] = stack;
  }
  setTime(row: number, time: number): void {
    const chunk = this.of(row);
    if (chunk.time === undefined) {
      chunk.time = new Float64Array(CHUNK).fill(Number.NaN);
      this.present.add('time');
    }
    chunk.time[row & (CHUNK - 1)] = time;
  }
  setPool(row: number, pool: number): void {
    const chunk = this.of(row);
    if (chunk.pool === undefined) {
      chunk.pool = new Uint16Array(CHUNK);
      this.present.add('pool');
    }
    chunk.pool[row & (CHUNK - 1)] = pool;
  }
  setText(row: number, key: 'compileContext' | 'userMetadata' | 'category', text: number): void {
    const chunk = this.of(row);
    let column = chunk[key];
    if (column === undefined) {
      column = new Uint32Array(CHUNK).fill(NONE);
      chunk[key] = column;
      this.present.add(key);
    }
    column[row & (CHUNK - 1)] = text;
  }

  timeOf(row: number): number {
    return this.of(row).time?.[row & (CHUNK - 1)] ?? Number.NaN;
  }
  actionOf(row: number): number {
    return (this.of(row).action as Uint8Array)[row & (CHUNK - 1)] as number;
  }
  addressOf(row: number): number {
    return (this.of(row).address as Float64Array)[row & (CHUNK - 1)] as number;
  }
  sizeOf(row: number): number {
    return (this.of(row).size as Float64Array)[row & (CHUNK - 1)] as number;
  }

  /** The events of each device, in the order of its spans. Nothing can be read from here afterwards. */
  assemble(devices: readonly (readonly Span[])[]): Events[] {
    const counts = devices.map((spans) => spans.reduce((sum, { length }) => sum + length, 0));
    const columns = <T extends Column>(
      key: Exclude<keyof Chunk, undefined>,
      make: (length: number) => T,
      absent: number,
    ): T[] => {
      const made = devices.map((spans, d) => {
        const column = make(counts[d] ?? 0);
        let at = 0;
        for (const span of spans) at = this.copy(span, key, column, at, absent);
        return column;
      });
      for (const chunk of this.chunks) chunk[key] = undefined;
      return made;
    };
    const optional = <T extends Column>(
      key: OptionalKey,
      make: (length: number) => T,
      absent: number,
    ): (T | undefined)[] =>
      this.present.has(key)
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
    key: keyof Chunk,
    into: Column,
    at: number,
    absent: number,
  ): number {
    for (let row = first; row < first + length; ) {
      const from = row & (CHUNK - 1);
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

const given = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
