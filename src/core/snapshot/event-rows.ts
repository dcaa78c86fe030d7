/**
 * The events of all devices while they are read: columns that grow. Where the size of the file is known,
 * what was read so far tells how many events will come, and the columns are allocated once for all of
 * them: pages that are never written cost no memory.
 */
import { grownFloat64, grownUint8, grownUint16, grownUint32 } from '../documents/grow.ts';
import { refuse } from '../documents/refusal.ts';
import { Action, type Events, NONE } from './columns.ts';

const FIRST_ROOM = 1 << 10;
const MOST_EVENTS = 2 ** 27 - 2;

/** Rows `first .. first + length`. */
export interface Span {
  readonly first: number;
  readonly length: number;
}

/** How much room `count` entries will need in the end, for whoever has to allocate more. */
export type Forecast = (count: number) => number;

export type TextKey = 'compileContext' | 'userMetadata' | 'category';

export class EventRows {
  count = 0;
  action: Uint8Array = new Uint8Array(FIRST_ROOM);
  address: Float64Array = new Float64Array(FIRST_ROOM);
  size: Float64Array = new Float64Array(FIRST_ROOM);
  stream: Uint16Array = new Uint16Array(FIRST_ROOM);
  stack: Uint32Array = new Uint32Array(FIRST_ROOM);
  // There once an event has one.
  time: Float64Array | undefined;
  pool: Uint16Array | undefined;
  compileContext: Uint32Array | undefined;
  userMetadata: Uint32Array | undefined;
  category: Uint32Array | undefined;

  private readonly forecast: Forecast;

  constructor(forecast: Forecast) {
    this.forecast = forecast;
  }

  /** A new row, as the last one; it holds nothing yet. */
  add(): number {
    const row = this.count;
    if (row === this.action.length) this.grow();
    this.action[row] = Action.other;
    this.address[row] = Number.NaN;
    this.size[row] = Number.NaN;
    this.stream[row] = 0;
    this.stack[row] = NONE;
    if (this.time !== undefined) this.time[row] = Number.NaN;
    if (this.pool !== undefined) this.pool[row] = 0;
    if (this.compileContext !== undefined) this.compileContext[row] = NONE;
    if (this.userMetadata !== undefined) this.userMetadata[row] = NONE;
    if (this.category !== undefined) this.category[row] = NONE;
    this.count = row + 1;
    return row;
  }

  /** Takes the last row back. */
  removeLast(): void {
    this.count -= 1;
  }

  setTime(row: number, time: number): void {
    this.time ??= new Float64Array(this.action.length).fill(Number.NaN, 0, this.count);
    this.time[row] = time;
  }

  setPool(row: number, pool: number): void {
    this.pool ??= new Uint16Array(this.action.length);
    this.pool[row] = pool;
  }

  setText(row: number, key: TextKey, text: number): void {
    const column = this[key] ?? new Uint32Array(this.action.length).fill(NONE, 0, this.count);
    this[key] = column;
    column[row] = text;
  }

  private grow(): void {
    const old = this.action.length;
    if (old >= MOST_EVENTS) throw refuse('many_rows', { limit: MOST_EVENTS });
    const room = Math.min(Math.max(this.forecast(old), old * 1.25, old + 1), MOST_EVENTS) | 0;
    this.action = grownUint8(this.action, room);
    this.address = grownFloat64(this.address, room);
    this.size = grownFloat64(this.size, room);
    this.stream = grownUint16(this.stream, room);
    this.stack = grownUint32(this.stack, room);
    if (this.time !== undefined) this.time = grownFloat64(this.time, room);
    if (this.pool !== undefined) this.pool = grownUint16(this.pool, room);
    for (const key of ['compileContext', 'userMetadata', 'category'] as const) {
      const column = this[key];
      if (column !== undefined) this[key] = grownUint32(column, room);
    }
  }

  /** The events of each device, in the order of its spans. The rows are spent by it. */
  assemble(devices: readonly (readonly Span[])[]): Events[] {
    return devices.map((spans) => {
      const count = spans.reduce((sum, { length }) => sum + length, 0);
      const { time, pool, compileContext, userMetadata, category } = this;
      return {
        count,
        action: gathered(this.action, spans, count, (n) => new Uint8Array(n)),
        address: gathered(this.address, spans, count, floats),
        size: gathered(this.size, spans, count, floats),
        stream: gathered(this.stream, spans, count, halves),
        stack: gathered(this.stack, spans, count, words),
        ...withColumn('time', time && gathered(time, spans, count, floats), Number.NaN),
        ...(pool && { pool: gathered(pool, spans, count, halves) }),
        ...withColumn(
          'compileContext',
          compileContext && gathered(compileContext, spans, count, words),
          NONE,
        ),
        ...withColumn(
          'userMetadata',
          userMetadata && gathered(userMetadata, spans, count, words),
          NONE,
        ),
        ...withColumn('category', category && gathered(category, spans, count, words), NONE),
      };
    });
  }
}

const floats = (n: number): Float64Array => new Float64Array(n);
const words = (n: number): Uint32Array => new Uint32Array(n);
const halves = (n: number): Uint16Array => new Uint16Array(n);

interface Column<T> {
  subarray(from: number, to: number): T;
  set(values: T, at: number): void;
}

/** The rows of the spans one after another: a view where they are one piece, as they nearly always are. */
function gathered<T extends Column<T>>(
  column: T,
  spans: readonly Span[],
  count: number,
  make: (length: number) => T,
): T {
  const [only] = spans;
  if (only !== undefined && spans.length === 1) {
    return column.subarray(only.first, only.first + only.length);
  }
  const made = make(count);
  let at = 0;
  for (const { first, length } of spans) {
    made.set(column.subarray(first, first + length), at);
    at += length;
  }
  return made;
}

/** The column under its name, unless no entry of it says anything. */
function withColumn<K extends string, T extends Float64Array | Uint32Array>(
  key: K,
  column: T | undefined,
  absent: number,
): { [P in K]?: T } {
  const isSaid = column?.some((value: number) => !Object.is(value, absent)) === true;
  return isSaid ? ({ [key]: column } as { [P in K]: T }) : {};
}
