/**
 * The timeline as pixels. Each column of pixels shows one instant: the one with most allocated bytes among
 * those that fall into it. So a spike is never lost, and a column always adds up.
 *
 * Groups are painted first, then the allocations that are tall enough to be seen on top of them; what is
 * too small stays as the plain top of its group. The work is bounded by pixels, not by events.
 */
import { mix } from './palette.ts';
import type { Stack } from './stack.ts';

/** Pixels from which an allocation has a shade and an edge of its own. */
const TALL = 3;

/** What part of the trace is looked at, and how large the picture is. */
export interface Viewport {
  /** Across: positions, or microseconds since the first event. */
  readonly from: number;
  readonly to: number;
  readonly isTime: boolean;
  /** Bytes at the lower and the upper edge. */
  readonly low: number;
  readonly high: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Colours as pixels. */
export interface Inks {
  readonly ground: number;
  readonly idle: number;
  readonly idleStripe: number;
  readonly reserved: number;
  readonly ink: number;
  /** Per group. */
  readonly groups: Uint32Array;
  /** Groups that are striped. */
  readonly isStriped: Uint8Array;
}

/** How one allocation is painted. */
interface Brush {
  readonly shade: number;
  readonly edge: number;
  /** Pixels: a lower one is left in the colour of its group, for nobody could tell it apart. */
  readonly least: number;
  /** Whether the moment of its making is marked. */
  readonly hasSide: boolean;
}

/** What each column shows. */
export interface Columns {
  readonly position: Uint32Array;
  readonly reserved: Float64Array;
  /** Bytes of the groups below each, per column: group g of column c at `c * (count + 1) + g`. */
  readonly offsets: Float64Array;
  /** The same as rows of pixels. */
  readonly edges: Int32Array;
}

export class Raster {
  #columns: Columns = emptyColumns(0, 0);
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly height: number;

  constructor(pixels: Uint32Array, width: number, height: number) {
    this.pixels = pixels;
    this.width = width;
    this.height = height;
  }

  /** @param highlit rows of `stack.rows` … drawn brighter */
  draw(stack: Stack, view: Viewport, inks: Inks, highlit: number): Columns {
    const { count } = stack.grouping;
    const { width } = this;
    if (
      this.#columns.position.length !== width ||
      this.#columns.offsets.length !== width * (count + 1)
    ) {
      this.#columns = emptyColumns(width, count);
    }
    const columns = this.#columns;
    fillColumns(stack, view, columns);
    const { offsets, edges } = columns;
    for (let i = 0; i < edges.length; i++) edges[i] = this.#row(offsets[i] as number, view);
    this.pixels.fill(inks.ground);
    this.#paintIdle(columns, count, view, inks);
    for (let g = 0; g < count; g++) this.#paintGroup(columns, count, g, inks);
    this.#paintAllocations(stack, columns, view, inks, highlit);
    this.#paintReserved(columns, view, inks);
    return columns;
  }

  /** Reserved bytes that are in no allocation. */
  #paintIdle({ edges, reserved }: Columns, count: number, view: Viewport, inks: Inks): void {
    for (let c = 0; c < this.width; c++) {
      const top = this.#row(reserved[c] as number, view);
      const bottom = edges[c * (count + 1) + count] as number;
      this.#stripes(c, c + 1, top, bottom, inks.idle, inks.idleStripe);
    }
  }

  #paintGroup({ edges }: Columns, count: number, g: number, inks: Inks): void {
    const ink = inks.groups[g] as number;
    const stripe = mix(ink, inks.ground, 0.35);
    const step = count + 1;
    for (let c = 0; c < this.width; ) {
      const top = edges[c * step + g + 1] as number;
      const bottom = edges[c * step + g] as number;
      let past = c + 1;
      while (
        past < this.width &&
        edges[past * step + g + 1] === top &&
        edges[past * step + g] === bottom
      ) {
        past++;
      }
      if (top < bottom) {
        if (inks.isStriped[g] === 1) this.#stripes(c, past, top, bottom, ink, stripe);
        else this.#fill(c, past, top, bottom, ink);
      }
      c = past;
    }
  }

  /** Allocations of a pixel or more, each where it lies in the pile. */
  #paintAllocations(
    stack: Stack,
    { position, offsets }: Columns,
    view: Viewport,
    inks: Inks,
    highlit: number,
  ): void {
    const { width } = this;
    const { count } = stack.grouping;
    const bytesPerPixel = (view.high - view.low) / this.height;
    const pixelsPerPosition = view.isTime ? 0 : width / (view.to - view.from);
    const first = position[0] as number;
    const last = position[width - 1] as number;
    const columnFrom = columnFinder(position);
    const below = new Float64Array(width);
    const { rows, size, start, end, firstOf } = stack;
    for (let g = 0; g < count; g++) {
      const from = firstOf[g] as number;
      const to = firstOf[g + 1] as number;
      if (from === to || inks.isStriped[g] === 1) continue;
      for (let c = 0; c < width; c++) below[c] = offsets[c * (count + 1) + g] as number;
      const ink = inks.groups[g] as number;
      const shades = [ink, mix(ink, 0xffffffff, 0.13), mix(ink, 0xff000000, 0.1)] as const;
      const edge = mix(ink, 0xff000000, 0.38);
      for (let k = from; k < to; k++) {
        const bytes = size[k] as number;
        if (bytes < bytesPerPixel) continue;
        const begins = start[k] as number;
        const ends = end[k] as number;
        if (begins > last || ends <= first) continue;
        const left = columnFrom(begins);
        if (left >= width || (position[left] as number) >= ends) continue;
        const row = rows[k] as number;
        const isHighlit = row === highlit;
        const brush: Brush = {
          shade: isHighlit ? inks.ink : (shades[row % 3] as number),
          edge,
          least: isHighlit ? 1 : TALL,
          hasSide: pixelsPerPosition > 1.5 && begins >= view.from,
        };
        this.#paintAllocation(below, position, left, ends, bytes, view, brush);
      }
    }
  }

  /** @param below bytes below it, by column; raised by its own */
  #paintAllocation(
    below: Float64Array,
    position: Uint32Array,
    left: number,
    ends: number,
    bytes: number,
    view: Viewport,
    { shade, edge, least, hasSide }: Brush,
  ): void {
    const { width } = this;
    for (let c = left; c < width && (position[c] as number) < ends; ) {
      const base = below[c] as number;
      const bottom = this.#row(base, view);
      const top = this.#row(base + bytes, view);
      let past = c;
      while (past < width && (position[past] as number) < ends && below[past] === base) {
        below[past] = base + bytes;
        past++;
      }
      if (bottom - top >= least) {
        this.#fill(c, past, top, bottom, shade);
        if (bottom - top > TALL) this.#fill(c, past, top, top + 1, edge);
        if (c === left && hasSide) this.#fill(c, c + 1, top, bottom, edge);
      }
      c = past;
    }
  }

  /** The top of what is reserved. */
  #paintReserved({ reserved }: Columns, view: Viewport, inks: Inks): void {
    let before = -1;
    for (let c = 0; c < this.width; c++) {
      const top = this.#row(reserved[c] as number, view);
      const other = before === -1 ? top : before;
      this.#fill(c, c + 1, Math.min(top, other), Math.max(top, other) + 1, inks.reserved);
      before = top;
    }
  }

  /** Row of pixels of a number of bytes, within the picture. */
  #row(bytes: number, { low, high }: Viewport): number {
    const row = Math.round(this.height * (1 - (bytes - low) / (high - low)));
    return row < 0 ? 0 : row > this.height ? this.height : row;
  }

  #fill(left: number, right: number, top: number, bottom: number, ink: number): void {
    const { pixels, width, height } = this;
    const until = Math.min(bottom, height);
    if (right - left > 24) {
      for (let y = top; y < until; y++) pixels.fill(ink, y * width + left, y * width + right);
      return;
    }
    for (let y = top; y < until; y++) {
      const end = y * width + right;
      for (let i = y * width + left; i < end; i++) pixels[i] = ink;
    }
  }

  #stripes(
    left: number,
    right: number,
    top: number,
    bottom: number,
    ink: number,
    stripe: number,
  ): void {
    const { pixels, width } = this;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        pixels[y * width + x] = ((x + y) & 7) < 2 ? stripe : ink;
      }
    }
  }
}

function emptyColumns(width: number, count: number): Columns {
  return {
    position: new Uint32Array(width),
    reserved: new Float64Array(width),
    offsets: new Float64Array(width * (count + 1)),
    edges: new Int32Array(width * (count + 1)),
  };
}

function fillColumns(stack: Stack, view: Viewport, columns: Columns): void {
  const { trace } = stack;
  const { count } = stack.grouping;
  const width = columns.position.length;
  const bytes = new Float64Array(count);
  const last = trace.positions - 1;
  const step = (view.to - view.from) / width;
  let shown = -1;
  for (let c = 0; c < width; c++) {
    const [from, to] = range(stack, view, view.from + c * step, step, last);
    const position = trace.allocated.greatestIn(from, to);
    columns.position[c] = position;
    columns.reserved[c] = trace.reserved.values[trace.reserved.greatestIn(from, to)] as number;
    const at = c * (count + 1);
    if (position === shown) {
      columns.offsets.copyWithin(at, at - count - 1, at);
      continue;
    }
    shown = position;
    stack.at(position, bytes);
    let sum = 0;
    for (let g = 0; g < count; g++) {
      columns.offsets[at + g] = sum;
      sum += bytes[g] as number;
    }
    columns.offsets[at + count] = sum;
  }
}

/** Positions of a column, the last one not included. */
function range(
  { trace }: Stack,
  view: Viewport,
  from: number,
  step: number,
  last: number,
): [from: number, to: number] {
  const clamp = (position: number): number => Math.min(last, Math.max(0, position));
  if (!view.isTime) {
    const first = clamp(Math.floor(from));
    return [first, Math.max(first + 1, Math.min(last + 1, Math.floor(from + step)))];
  }
  const first = clamp(from < 0 ? 0 : trace.positionAt(from));
  return [first, Math.max(first + 1, clamp(trace.positionAt(from + step)))];
}

const BUCKETS = 4096;

/**
 * Finds the first column whose instant is not before a position, the width where there is none. A table
 * leads to the right place, and a few steps from there to the column.
 */
function columnFinder(position: Uint32Array): (wanted: number) => number {
  const width = position.length;
  const first = position[0] as number;
  const perPosition = BUCKETS / ((position[width - 1] as number) - first + 1);
  const table = new Uint32Array(BUCKETS);
  let c = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    while (c < width && ((position[c] as number) - first) * perPosition < bucket) c++;
    table[bucket] = c;
  }
  return (wanted) => {
    if (wanted <= first) return 0;
    const bucket = Math.min(BUCKETS - 1, Math.floor((wanted - first) * perPosition));
    let found = table[bucket] as number;
    while (found < width && (position[found] as number) < wanted) found++;
    return found;
  };
}
