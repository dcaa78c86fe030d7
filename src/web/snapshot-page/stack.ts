/**
 * Allocations in groups, piled up in a fixed order: what the timeline draws and the legend counts.
 * The bytes of each group at any position are found from checkpoints and a few events after them.
 */
import { Effect, type Trace } from './trace.ts';

const SPACING = 32;

export interface Grouping {
  /** Groups from the bottom of the pile up. */
  readonly count: number;
  /** Group of each allocation, by row. */
  readonly of: Uint8Array;
  /** Group of bytes that are freed and wait for another stream. */
  readonly waiting: number;
}

export class Stack {
  readonly trace: Trace;
  readonly grouping: Grouping;
  /** Allocations in the order of the pile: by group, then by age. */
  readonly rows: Uint32Array;
  /** Size, start and end in that order: drawing reads them one after another. */
  readonly size: Float64Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Rows of group g lie at `firstOf[g] … firstOf[g + 1])`. */
  readonly firstOf: Uint32Array;
  readonly #checkpoints: Float64Array;

  constructor(trace: Trace, grouping: Grouping) {
    const { held } = trace.device.allocations;
    this.trace = trace;
    this.grouping = grouping;
    [this.rows, this.firstOf] = byGroup(trace, grouping);
    this.size = new Float64Array(this.rows.length);
    this.start = new Uint32Array(this.rows.length);
    this.end = new Uint32Array(this.rows.length);
    for (let k = 0; k < this.rows.length; k++) {
      const row = this.rows[k] as number;
      this.size[k] = held[row] as number;
      this.start[k] = trace.start[row] as number;
      this.end[k] = trace.end[row] as number;
    }
    this.#checkpoints = this.#lay();
  }

  /** Bytes of each group at a position, bottom first; written into `out` and given back. */
  at(position: number, out: Float64Array): Float64Array {
    const { count } = this.grouping;
    const checkpoint = Math.floor(position / SPACING);
    for (let g = 0; g < count; g++) out[g] = this.#checkpoints[checkpoint * count + g] as number;
    this.#play(checkpoint * SPACING + 1, position, out);
    return out;
  }

  #lay(): Float64Array {
    const { trace } = this;
    const { count, of, waiting } = this.grouping;
    const { held } = trace.device.allocations;
    const now = new Float64Array(count);
    for (let row = 0; row < held.length; row++) {
      if (trace.start[row] !== 0) continue;
      const g = trace.end[row] === 0 ? waiting : (of[row] as number);
      now[g] = (now[g] as number) + (held[row] as number);
    }
    const checkpoints = new Float64Array((Math.floor((trace.positions - 1) / SPACING) + 1) * count);
    checkpoints.set(now);
    for (let p = SPACING; p < trace.positions; p += SPACING) {
      this.#play(p - SPACING + 1, p, now);
      checkpoints.set(now, (p / SPACING) * count);
    }
    return checkpoints;
  }

  /** Applies the events that lead to positions `from … to`. */
  #play(from: number, to: number, bytes: Float64Array): void {
    const { first, effects, device } = this.trace;
    const { of, waiting } = this.grouping;
    const { held } = device.allocations;
    const last = first[to + 1] as number;
    for (let k = first[from] as number; k < last; k++) {
      const effect = effects[k] as number;
      const row = effect >>> 2;
      const size = held[row] as number;
      const kind = effect & 3;
      const g = of[row] as number;
      if (kind === Effect.begins) bytes[g] = (bytes[g] as number) + size;
      else if (kind !== Effect.isDone) bytes[g] = (bytes[g] as number) - size;
      if (kind === Effect.waits) bytes[waiting] = (bytes[waiting] as number) + size;
      else if (kind === Effect.isDone) bytes[waiting] = (bytes[waiting] as number) - size;
    }
  }
}

/** Those from before the trace lie below, then by event: a counting sort of rows by group. */
function byGroup(
  { start }: Trace,
  { count, of }: Grouping,
): [rows: Uint32Array, firstOf: Uint32Array] {
  const firstOf = new Uint32Array(count + 1);
  for (const g of of) firstOf[g + 1] = (firstOf[g + 1] as number) + 1;
  for (let g = 1; g <= count; g++) firstOf[g] = (firstOf[g] as number) + (firstOf[g - 1] as number);
  const next = firstOf.slice();
  const rows = new Uint32Array(of.length);
  for (const isBefore of [true, false]) {
    for (let row = 0; row < of.length; row++) {
      if ((start[row] === 0) !== isBefore) continue;
      const g = of[row] as number;
      rows[next[g] as number] = row;
      next[g] = (next[g] as number) + 1;
    }
  }
  return [rows, firstOf];
}
