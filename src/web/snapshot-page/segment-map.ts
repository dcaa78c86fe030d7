/**
 * Segments at one moment, drawn to scale one after another like words of a text: live blocks in the
 * colours of their owners, and what lies idle between them.
 */
import { mix, pixel } from './palette.ts';
import type { Scene } from './timeline.ts';
import type { Trace } from './trace.ts';

const GAP = 5;

export interface SegmentState {
  /** Rows of `PageDevice.segments`, the largest first. */
  readonly segments: readonly number[];
  readonly reserved: number;
  readonly used: number;
  /** Bytes idle in segments that also hold live blocks, and the largest piece of them. */
  readonly between: number;
  readonly largest: number;
  /** Bytes of segments without a live block. */
  readonly empty: number;
  /** Live allocations by address. */
  readonly live: readonly number[];
}

/** A rest of up to this stays with a block of the large pool: it is in use, not idle. */
const UNSPLIT = 2 ** 20;

/** @returns pieces of a segment in order of address; `row` is undefined where it is idle. */
export function* piecesOf(
  trace: Trace,
  state: SegmentState,
  segment: number,
): Generator<{ readonly row: number | undefined; readonly from: number; readonly to: number }> {
  const { allocations, segments } = trace.device;
  const begin = segments.address[segment] as number;
  const end = begin + (segments.size[segment] as number);
  let at = begin;
  for (let i = firstFrom(state.live, allocations.address, begin); i < state.live.length; i++) {
    const row = state.live[i] as number;
    const from = allocations.address[row] as number;
    if (from >= end) break;
    if (from > at) yield { row: undefined, from: at - begin, to: from - begin };
    const next = state.live[i + 1];
    const limit = next === undefined ? end : Math.min(end, allocations.address[next] as number);
    let to = Math.min(limit, from + (allocations.held[row] as number));
    // Only a block of its own size is known exactly; the rest of a large one may be its own.
    const isLarge = (allocations.held[row] as number) > UNSPLIT;
    if (isLarge && segments.isExpandable[segment] === 0 && limit - to <= UNSPLIT) to = limit;
    yield { row, from: from - begin, to: to - begin };
    at = Math.max(at, to);
  }
  if (at < end) yield { row: undefined, from: at - begin, to: end - begin };
}

export function segmentsAt(trace: Trace, position: number): SegmentState {
  const { allocations, segments } = trace.device;
  const live: number[] = [];
  for (let row = 0; row < allocations.count; row++) {
    if ((trace.start[row] as number) <= position && position < (trace.done[row] as number)) {
      live.push(row);
    }
  }
  const { address } = allocations;
  live.sort((a, b) => (address[a] as number) - (address[b] as number));
  const present: number[] = [];
  for (let s = 0; s < segments.count; s++) {
    if (
      (trace.segmentStart[s] as number) <= position &&
      position < (trace.segmentEnd[s] as number)
    ) {
      present.push(s);
    }
  }
  present.sort(
    (a, b) =>
      (segments.size[b] as number) - (segments.size[a] as number) ||
      (segments.address[a] as number) - (segments.address[b] as number),
  );
  const state = { segments: present, live, reserved: 0, used: 0, between: 0, largest: 0, empty: 0 };
  for (const s of present) {
    const size = segments.size[s] as number;
    let idle = 0;
    let largest = 0;
    for (const { row, from, to } of piecesOf(trace, state, s)) {
      if (row !== undefined) continue;
      idle += to - from;
      largest = Math.max(largest, to - from);
    }
    state.reserved += size;
    state.used += size - idle;
    if (idle === size) state.empty += size;
    else {
      state.between += idle;
      state.largest = Math.max(state.largest, largest);
    }
  }
  return state;
}

function firstFrom(rows: readonly number[], address: Float64Array, wanted: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((address[rows[middle] as number] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface SegmentHit {
  readonly segment: number;
  readonly row: number | undefined;
  /** Bytes of the piece. */
  readonly bytes: number;
}

export class SegmentMap {
  readonly host: HTMLElement;
  readonly #canvas: HTMLCanvasElement = document.createElement('canvas');
  #hits: (SegmentHit | undefined)[] = [];
  #width = 0;
  #unplaced = 0;
  /** Pixels from one row to the next. */
  #line = 16 + GAP;

  constructor(
    host: HTMLElement,
    label: string,
    point: (hit: SegmentHit | undefined, x: number, y: number) => void,
    pin: (hit: SegmentHit) => void,
  ) {
    this.host = host;
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.setAttribute('aria-label', label);
    host.append(this.#canvas);
    this.#canvas.addEventListener('pointermove', (event) => {
      const { x, y } = this.#place(event);
      point(this.#hit(x, y), x, y);
    });
    this.#canvas.addEventListener('pointerleave', () => point(undefined, 0, 0));
    this.#canvas.addEventListener('click', (event) => {
      const { x, y } = this.#place(event);
      const hit = this.#hit(x, y);
      if (hit !== undefined) pin(hit);
    });
  }

  #place(event: MouseEvent): { x: number; y: number } {
    const box = this.#canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #hit(x: number, y: number): SegmentHit | undefined {
    if (y % this.#line >= this.#line - GAP || x < 0 || x >= this.#width) return undefined;
    return this.#hits[Math.floor(y / this.#line) * this.#width + Math.floor(x)];
  }

  /** @returns how many segments found no room; the smallest */
  draw(scene: Scene, state: SegmentState, highlit: number | undefined): number {
    const width = Math.max(40, Math.floor(this.host.clientWidth));
    // A few tall rows where there is room, as when a file holds one state only.
    const space = this.host.clientHeight;
    this.#line = (space > 260 ? 30 : 16) + GAP;
    const rows = Math.max(1, Math.floor((space + GAP) / this.#line));
    this.#width = width;
    const strip = this.#lay(scene, state, width * rows, highlit);
    const used = Math.min(rows, Math.max(1, Math.ceil(strip.length / width)));
    const height = used * this.#line - GAP;
    const canvas = this.#canvas;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const image = new ImageData(width, height);
    paint(new Uint32Array(image.data.buffer), strip, width, this.#line, scene);
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    return this.#unplaced;
  }

  /** Colours of the pixels along the text of segments; see `Mark` for what is no block. */
  #lay(scene: Scene, state: SegmentState, room: number, highlit: number | undefined): Uint32Array {
    const { trace, colours, groups, theme } = scene;
    const { segments } = trace.device;
    const perPixel = scaleFor(state, segments.size, room);
    const inks = colours.map(pixel);
    const edges = inks.map((ink) => mix(ink, pixel(theme.ground), 0.45));
    const strip = new Uint32Array(room);
    const hits: (SegmentHit | undefined)[] = new Array(room);
    let at = 0;
    this.#unplaced = state.segments.length;
    for (const segment of state.segments) {
      const size = segments.size[segment] as number;
      const length = lengthOf(size, perPixel);
      if (at + length > room) break;
      this.#unplaced--;
      const scale = length / size;
      let isEmpty = true;
      for (const { row, from, to } of piecesOf(trace, state, segment)) {
        const left = at + Math.floor(from * scale);
        const right = Math.max(left + 1, at + Math.floor(to * scale));
        const hit = { segment, row, bytes: to - from };
        const group = row === undefined ? 0 : (groups.of[row] as number);
        let ink: number = Mark.idle;
        if (row !== undefined) {
          isEmpty = false;
          ink = row === highlit ? pixel(theme.ink) : (inks[group] as number);
        }
        for (let x = left; x < right && x < at + length; x++) {
          strip[x] = ink;
          hits[x] = hit;
        }
        const isTold = row !== undefined && right - left > 3 && row !== highlit;
        if (isTold) strip[right - 1] = edges[group] as number;
      }
      if (isEmpty) strip.fill(Mark.empty, at, at + length);
      at += length + 2;
    }
    this.#hits = hits;
    return strip.subarray(0, Math.min(room, at));
  }
}

/** Pixels that are no block. Colours have an opaque alpha, so they are never that small. */
const Mark = { gap: 0, idle: 1, empty: 2 } as const;

const lengthOf = (size: number, perPixel: number): number =>
  Math.max(2, Math.round(size / perPixel));

/** Bytes a pixel so that all segments find room. */
function scaleFor(state: SegmentState, size: Float64Array, room: number): number {
  const needed = (perPixel: number): number =>
    state.segments.reduce((sum, s) => sum + lengthOf(size[s] as number, perPixel) + 2, 0);
  let low = Math.max(1, state.reserved / room / 4);
  let high = Math.max(low * 2, state.reserved / 16);
  for (let i = 0; i < 40 && high / low > 1.002; i++) {
    const middle = Math.sqrt(low * high);
    if (needed(middle) > room) low = middle;
    else high = middle;
  }
  return high;
}

function paint(
  pixels: Uint32Array,
  strip: Uint32Array,
  width: number,
  line: number,
  { theme }: Scene,
): void {
  const ground = pixel(theme.ground);
  const [idle, stripe] = [pixel(theme.idle), mix(pixel(theme.failure), pixel(theme.idle), 0.35)];
  const hollow = mix(pixel(theme.rest), ground, 0.2);
  pixels.fill(ground);
  for (let i = 0; i < strip.length; i++) {
    const mark = strip[i] as number;
    if (mark === Mark.gap) continue;
    const top = Math.floor(i / width) * line;
    const x = i % width;
    const isEnd = strip[i - 1] === Mark.gap || i === 0 || strip[i + 1] === Mark.gap;
    for (let y = 0; y < line - GAP; y++) {
      let ink = mark;
      const isRim = y === 0 || y === line - GAP - 1;
      if (mark === Mark.idle) ink = isRim ? hollow : ((x + y) & 3) === 0 ? stripe : idle;
      else if (mark === Mark.empty) ink = isRim || isEnd ? hollow : ground;
      else if (isRim) ink = mix(mark, ground, 0.25);
      pixels[(top + y) * width + x] = ink;
    }
  }
}
