/**
 * The timeline: a picture from the raster, and over it axes, marks, phases and the pointer. It keeps its
 * window onto the trace and tells others what is pointed at.
 */

import { oncePerFrame } from './dom.ts';
import type { Format } from './format.ts';
import type { Groups } from './groups.ts';
import { inkOn, mix, pixel, type Theme } from './palette.ts';
import { type Columns, type Inks, Raster, type Viewport } from './raster.ts';
import type { Stack } from './stack.ts';
import { byteTicks, decimalTicks } from './ticks.ts';
import type { Trace } from './trace.ts';
import { fill, type Words } from './words.ts';

/** Pixels around the picture. */
const LEFT = 66;
const RIGHT = 12;
const BOTTOM = 24;
const FLAGS = 22;
const PHASE = 18;
const MOST_PHASE_ROWS = 3;

export interface Scene {
  readonly trace: Trace;
  readonly stack: Stack;
  readonly groups: Groups;
  /** As CSS colours, per group. */
  readonly colours: readonly string[];
  readonly names: readonly string[];
  /** Names of stages; that of an unknown stage is empty. */
  readonly stages: readonly string[];
  readonly theme: Theme;
}

/** What lies under the pointer. */
export interface Hit {
  readonly position: number;
  readonly group: number | undefined;
  readonly row: number | undefined;
}

export interface TimelineEvents {
  /** The pointer moved; undefined when it left. @param x, y pixels in the host */
  readonly point: (hit: Hit | undefined, x: number, y: number) => void;
  readonly pin: (hit: Hit) => void;
  readonly viewed: () => void;
}

export class Timeline {
  readonly host: HTMLElement;
  readonly #words: Words;
  readonly #format: Format;
  readonly #events: TimelineEvents;
  readonly #picture: HTMLCanvasElement = document.createElement('canvas');
  readonly #overlay: HTMLCanvasElement = document.createElement('canvas');
  #scene: Scene | undefined;
  #inks: Inks | undefined;
  #raster: Raster | undefined;
  #image: ImageData | undefined;
  #columns: Columns | undefined;
  #view = { from: 0, to: 1, low: 0, high: 1, isTime: false };
  #width = 0;
  #height = 0;
  #pointer: { readonly x: number; readonly y: number } | undefined;
  #highlit = -1;
  #pinned: number | undefined;
  #isMoving = false;
  #settle = 0;
  #cost = 0;
  readonly redraw: () => void = oncePerFrame(() => this.drawNow());
  readonly #redrawOverlay: () => void = oncePerFrame(() => this.#drawOverlay());

  constructor(host: HTMLElement, words: Words, format: Format, events: TimelineEvents) {
    this.host = host;
    this.#words = words;
    this.#format = format;
    this.#events = events;
    this.#picture.className = 'picture';
    this.#overlay.className = 'overlay';
    this.#overlay.tabIndex = 0;
    this.#overlay.setAttribute('role', 'img');
    host.append(this.#picture, this.#overlay);
    new ResizeObserver(() => this.redraw()).observe(host);
    this.#listen();
  }

  /** @param keepView whether the window stays where it is */
  show(scene: Scene, keepView: boolean): void {
    this.#scene = scene;
    this.#inks = inksOf(scene);
    this.#highlit = -1;
    if (!keepView) this.reset();
    const { peak, device, allocated } = scene.trace;
    this.#overlay.setAttribute(
      'aria-label',
      fill(this.#words.chart, {
        peak: this.#format.bytes(allocated.values[peak] as number),
        event: this.#format.count(Math.max(0, peak - 1)),
        count: this.#format.count(device.events),
      }),
    );
    this.redraw();
  }

  get view(): Readonly<{ from: number; to: number; isTime: boolean }> {
    return this.#view;
  }

  get isTime(): boolean {
    return this.#view.isTime;
  }

  /** Switches between events and time, and keeps what is in sight. */
  setTime(isTime: boolean): void {
    const { trace } = this.#need();
    const view = this.#view;
    if (view.isTime === isTime) return;
    const change = (at: number): number =>
      isTime ? trace.timeAt(Math.round(at)) : trace.positionAt(at);
    const [from, to] = [change(view.from), change(view.to)];
    this.#view = { ...view, isTime, from, to };
    this.#move(from, Math.max(to, from + this.#least()));
  }

  pin(position: number | undefined, row: number | undefined): void {
    this.#pinned = position;
    this.#highlight(row);
    this.#redrawOverlay();
  }

  reset(): void {
    const { trace } = this.#need();
    this.#view = { ...this.#view, ...this.#wholeHeight() };
    this.#move(0, this.#end(trace));
  }

  /** Whether the height has room for all that is reserved, or for what is allocated. */
  fit(isReserved: boolean): void {
    const { allocated, peak } = this.#need().trace;
    const high = isReserved ? this.#wholeHeight().high : (allocated.values[peak] as number) * 1.06;
    this.#view = { ...this.#view, low: 0, high: Math.max(1024, high) };
    this.#moved();
  }

  /** Whole width of the trace in the units of the view. */
  #end(trace: Trace): number {
    return this.#view.isTime ? Math.max(1, trace.duration) : trace.positions;
  }

  #wholeHeight(): { low: number; high: number } {
    const { trace } = this.#need();
    const { allocated, reserved, device } = trace;
    const top = reserved.values[reserved.greatestIn(0, trace.positions)] as number;
    let high = Math.max(1, top, allocated.values[trace.peak] as number);
    for (let i = 0; i < device.ooms.count; i++) {
      const at = (device.ooms.event[i] as number) + 1;
      high = Math.max(high, (allocated.values[at] as number) + (device.ooms.asked[i] as number));
    }
    // Room above for the label of the limit.
    return { low: 0, high: high * (device.ooms.count > 0 ? 1.1 : 1.04) };
  }

  /** @param factor below 1 zooms in; @param at where in the window, 0 to 1 */
  zoom(factor: number, at = 0.5): void {
    const { from, to } = this.#view;
    const width = Math.max(this.#least(), (to - from) * factor);
    const anchor = from + (to - from) * at;
    this.#move(anchor - width * at, anchor + width * (1 - at));
  }

  zoomHeight(factor: number, at = 0): void {
    const whole = this.#wholeHeight();
    const { low, high } = this.#view;
    const height = Math.min(whole.high, Math.max(1024, (high - low) * factor));
    const anchor = low + (high - low) * at;
    const from = Math.min(Math.max(0, anchor - height * at), whole.high - height);
    this.#view = { ...this.#view, low: from, high: from + height };
    this.#moved();
  }

  /** By a share of the window. */
  pan(across: number, up = 0): void {
    const { from, to, low, high } = this.#view;
    const whole = this.#wholeHeight().high;
    const rise = Math.min(Math.max(up * (high - low), -low), Math.max(0, whole - high));
    this.#view = { ...this.#view, low: low + rise, high: high + rise };
    this.#move(from + (to - from) * across, to + (to - from) * across);
  }

  /** Shows a window of events, wide enough to see something around them. */
  showEvents(from: number, to: number): void {
    const { trace } = this.#need();
    const pad = Math.max(4, (to - from) * 0.25);
    const [first, last] = [Math.max(0, from - pad), Math.min(trace.positions, to + pad)];
    if (this.#view.isTime) {
      this.#move(trace.timeAt(Math.floor(first)), trace.timeAt(Math.ceil(last)));
    } else this.#move(first, last);
  }

  moveTo(from: number, to: number): void {
    this.#move(from, to);
  }

  #least(): number {
    return this.#view.isTime ? 2 : 8;
  }

  #move(from: number, to: number): void {
    const end = this.#end(this.#need().trace);
    const width = Math.min(end, Math.max(this.#least(), to - from));
    const start = Math.min(Math.max(0, from), end - width);
    this.#view = { ...this.#view, from: start, to: start + width };
    this.#moved();
  }

  #moved(): void {
    this.#isMoving = true;
    clearTimeout(this.#settle);
    this.#settle = window.setTimeout(() => {
      this.#isMoving = false;
      this.redraw();
    }, 140);
    this.redraw();
    this.#events.viewed();
  }

  #need(): Scene {
    if (this.#scene === undefined) throw new Error('nothing to show yet');
    return this.#scene;
  }

  // ── drawing

  drawNow(): void {
    const scene = this.#scene;
    if (scene === undefined || this.#inks === undefined) return;
    const box = this.host.getBoundingClientRect();
    const top = this.#top();
    this.#width = Math.max(40, Math.floor(box.width) - LEFT - RIGHT);
    this.#height = Math.max(40, Math.floor(box.height) - top - BOTTOM);
    const started = performance.now();
    // While it moves, a sharp screen may wait: frames come first.
    const sharp = Math.min(2, window.devicePixelRatio || 1);
    const scale = this.#isMoving && this.#cost * sharp * sharp > 22 ? Math.min(1, sharp) : sharp;
    const width = Math.round(this.#width * scale);
    const height = Math.round(this.#height * scale);
    const context = this.#context(this.#picture, width, height);
    Object.assign(this.#picture.style, {
      left: `${LEFT}px`,
      top: `${top}px`,
      width: `${this.#width}px`,
      height: `${this.#height}px`,
    });
    if (this.#image?.width !== width || this.#image.height !== height || !this.#raster) {
      this.#image = new ImageData(width, height);
      this.#raster = new Raster(new Uint32Array(this.#image.data.buffer), width, height);
    }
    const view: Viewport = { ...this.#view, width, height };
    this.#columns = this.#raster.draw(scene.stack, view, this.#inks, this.#highlit);
    context.putImageData(this.#image, 0, 0);
    this.#cost = (performance.now() - started) / (scale * scale);
    this.#drawOverlay();
  }

  #context(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    // Pixels are written every frame: they should stay where the processor writes them.
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('no canvas');
    return context;
  }

  /** Height of what stands above the picture. */
  #top(): number {
    return FLAGS + this.#phaseRows() * PHASE;
  }

  #phaseRows(): number {
    const { trace, stages } = this.#need();
    const { phases, stages: runs } = trace.device;
    let rows = 0;
    for (const depth of phases.depth) rows = Math.max(rows, depth + 1);
    const hasStages = runs.stage.some((stage) => stages[stage] !== '');
    return Math.min(rows, MOST_PHASE_ROWS) + (hasStages ? 1 : 0);
  }

  #drawOverlay(): void {
    const scene = this.#scene;
    if (scene === undefined || this.#columns === undefined) return;
    const sharp = Math.min(2, window.devicePixelRatio || 1);
    const box = this.host.getBoundingClientRect();
    const width = Math.floor(box.width);
    const height = Math.floor(box.height);
    const context = this.#context(
      this.#overlay,
      Math.round(width * sharp),
      Math.round(height * sharp),
    );
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = '12px system-ui, sans-serif';
    context.textBaseline = 'middle';
    this.#drawAxes(context, scene);
    this.#drawNames(context, scene);
    this.#drawPhases(context, scene);
    this.#drawPinned(context, scene);
    this.#drawFailures(context, scene);
    this.#drawFlags(context, scene);
    this.#drawPointer(context, scene);
  }

  /** Pixel across of a position. */
  #x(position: number): number {
    const { from, to, isTime } = this.#view;
    const at = isTime ? this.#need().trace.timeAt(position) : position;
    return LEFT + ((at - from) / (to - from)) * this.#width;
  }

  #y(bytes: number): number {
    const { low, high } = this.#view;
    return this.#top() + this.#height * (1 - (bytes - low) / (high - low));
  }

  #isInside(x: number): boolean {
    return x >= LEFT - 1 && x <= LEFT + this.#width + 1;
  }

  #drawAxes(context: CanvasRenderingContext2D, { theme }: Scene): void {
    const { from, to, low, high, isTime } = this.#view;
    const bottom = this.#top() + this.#height;
    context.fillStyle = theme.faint;
    context.textAlign = 'right';
    for (const tick of byteTicks(low, high, Math.max(2, this.#height / 56))) {
      const y = Math.round(this.#y(tick));
      context.fillStyle = theme.ink;
      context.globalAlpha = 0.1;
      context.fillRect(LEFT, y, this.#width, 1);
      context.globalAlpha = 1;
      context.fillStyle = theme.faint;
      if (y > this.#top() - 4) context.fillText(this.#tickBytes(tick), LEFT - 8, y);
    }
    context.textAlign = 'center';
    const most = Math.max(2, this.#width / 110);
    const ticks = decimalTicks(from, to, most, isTime ? 0 : 1);
    for (const tick of ticks) {
      const x = LEFT + ((tick - from) / (to - from)) * this.#width;
      context.fillRect(Math.round(x), bottom, 1, 4);
      const text = isTime ? this.#format.time(tick) : this.#format.count(tick);
      const half = context.measureText(text).width / 2;
      context.fillText(
        text,
        Math.min(Math.max(x, LEFT + half), LEFT + this.#width - half),
        bottom + 14,
      );
    }
  }

  /** "4 GiB" on the axis, not "4.00 GiB". */
  #tickBytes(bytes: number): string {
    return this.#format.bytes(bytes).replace(/\.0+(?= )/, '');
  }

  /** What the program named, and below it what the stacks show of its stage. */
  #drawPhases(context: CanvasRenderingContext2D, scene: Scene): void {
    const { phases, stages } = scene.trace.device;
    const ends = new Float64Array(MOST_PHASE_ROWS + 1).fill(-1);
    for (let i = 0; i < phases.count; i++) {
      const depth = phases.depth[i] as number;
      if (depth >= MOST_PHASE_ROWS) continue;
      const [from, to] = [phases.from[i] as number, phases.to[i] as number];
      this.#drawSpan(context, scene, ends, depth, from, to, phases.name[i] ?? '', 0.1);
    }
    const row = this.#phaseRows() - 1;
    context.fillStyle = scene.theme.faint;
    context.textAlign = 'right';
    context.font = '11px system-ui, sans-serif';
    if (phases.count > 0) context.fillText(this.#words.named, LEFT - 8, 10);
    const hasStages = stages.stage.some((stage) => scene.stages[stage] !== '');
    if (hasStages) context.fillText(this.#words.stage, LEFT - 8, row * PHASE + 10);
    context.font = '12px system-ui, sans-serif';
    for (let i = 0; i < stages.count; i++) {
      const stage = stages.stage[i] as number;
      const name = scene.stages[stage] ?? '';
      if (name === '') continue;
      const to = i + 1 < stages.count ? (stages.from[i + 1] as number) : scene.trace.positions;
      const shade = 0.04 + 0.05 * stage;
      this.#drawSpan(context, scene, ends, row, stages.from[i] as number, to, name, shade);
    }
  }

  /** @param ends where the last span of each row ended, in pixels */
  #drawSpan(
    context: CanvasRenderingContext2D,
    { theme }: Scene,
    ends: Float64Array,
    row: number,
    from: number,
    to: number,
    name: string,
    shade: number,
  ): void {
    const left = Math.max(LEFT, this.#x(from), ends[row] as number);
    const right = Math.min(LEFT + this.#width, Math.max(this.#x(to), left + 0.5));
    // Thousands of them fall into the same pixels.
    if (this.#x(to) <= (ends[row] as number) || left >= right) return;
    ends[row] = right;
    const y = row * PHASE + 2;
    const isNarrow = right - left < 3;
    const span = Math.max(1, right - left - (isNarrow ? 0 : 1));
    context.fillStyle = theme.ink;
    context.globalAlpha = shade;
    context.fillRect(left, y, span, PHASE - 3);
    context.globalAlpha = 1;
    if (isNarrow) return;
    context.fillStyle = theme.faint;
    context.fillRect(left, y, 1, PHASE - 3);
    context.textAlign = 'left';
    context.fillStyle = theme.ink;
    if (span > 30) this.#fit(context, name, left + 6, y + 8, span - 10);
  }
  /** Names of groups inside of their bands, wherever a band is wide enough for its name. */
  #drawNames(context: CanvasRenderingContext2D, { groups, colours, names }: Scene): void {
    const columns = this.#columns;
    if (columns === undefined) return;
    const perPixel = columns.position.length / this.#width;
    context.textAlign = 'center';
    context.font = '600 12px system-ui, sans-serif';
    for (let g = 0; g < groups.count; g++) {
      const name = names[g] ?? '';
      const half = (context.measureText(name).width / 2 + 8) * perPixel;
      const place = this.#roomFor(columns, groups.count, g, half);
      if (place === undefined) continue;
      const colour = colours[g] ?? '#000000';
      const x = LEFT + place.column / perPixel;
      // A rim in the group's colour keeps edges of allocations out of the letters.
      context.strokeStyle = colour;
      context.lineWidth = 4;
      context.strokeText(name, x, place.y);
      context.fillStyle = inkOn(colour);
      context.fillText(name, x, place.y);
    }
    context.font = '12px system-ui, sans-serif';
  }

  /** Pixels across of the lines that stand in the picture. */
  #marks(): number[] {
    const { trace } = this.#need();
    const last = trace.device.ooms.event[trace.device.ooms.count - 1];
    return [this.#pinned, trace.peak, last]
      .filter((position) => position !== undefined)
      .map((position) => this.#x(position + 0.5));
  }

  /** Where a name of twice `half` columns has most room above and below, if it has enough. */
  #roomFor(
    { offsets, position }: Columns,
    count: number,
    g: number,
    half: number,
  ): { readonly column: number; readonly y: number } | undefined {
    const width = position.length;
    let best: { column: number; y: number } | undefined;
    let most = 15;
    const tries = 32;
    for (let i = 1; i < tries; i++) {
      const column = Math.round((i / tries) * width);
      if (column - half < 0 || column + half > width) continue;
      let [low, high] = [0, Number.POSITIVE_INFINITY];
      for (let c = Math.floor(column - half); c < column + half && c < width; c++) {
        low = Math.max(low, offsets[c * (count + 1) + g] as number);
        high = Math.min(high, offsets[c * (count + 1) + g + 1] as number);
      }
      const bottom = Math.min(this.#y(low), this.#top() + this.#height);
      const top = Math.max(this.#y(high), this.#top());
      // A name that a mark crosses is harder to read: it has to have much more room there.
      const isCrossed = this.#marks().some(
        (x) => Math.abs(x - LEFT - (column / width) * this.#width) < (half / width) * this.#width,
      );
      const room = isCrossed ? (bottom - top) / 4 : bottom - top;
      if (room <= most) continue;
      most = room;
      best = { column, y: (top + bottom) / 2 };
    }
    return best;
  }

  #fit(context: CanvasRenderingContext2D, text: string, x: number, y: number, room: number): void {
    let shown = text.slice(0, 120);
    if (context.measureText(shown).width > room) {
      while (shown !== '' && context.measureText(`${shown}…`).width > room) {
        shown = shown.slice(0, -1);
      }
      if (shown.length < 2) return;
      shown += '…';
    }
    context.fillText(shown, x, y);
  }

  /** What was asked for when it failed, on top of what was there; and all that there was to get. */
  #drawFailures(context: CanvasRenderingContext2D, { trace, theme }: Scene): void {
    const { ooms } = trace.device;
    context.save();
    context.beginPath();
    context.rect(LEFT, this.#top(), this.#width, this.#height);
    context.clip();
    for (let i = Math.max(0, ooms.count - 200); i < ooms.count; i++) {
      const at = (ooms.event[i] as number) + 1;
      const x = this.#x(at);
      if (!this.#isInside(x)) continue;
      const asked = ooms.asked[i] as number;
      const base = trace.allocated.values[at] as number;
      const top = this.#y(base + asked);
      const height = Math.max(2, this.#y(base) - top);
      context.fillStyle = theme.failure;
      context.fillRect(x - 1, this.#top(), 2, this.#height);
      context.globalAlpha = 0.3;
      context.fillRect(x - 9, top, 18, height);
      context.globalAlpha = 1;
      context.strokeStyle = theme.failure;
      context.lineWidth = 1.5;
      context.strokeRect(x - 9, top, 18, height);
      const limit = (trace.reserved.values[at] as number) + (ooms.free[i] as number);
      if (limit <= this.#view.high && i === ooms.count - 1) {
        const y = Math.round(this.#y(limit)) + 0.5;
        context.setLineDash([6, 4]);
        context.beginPath();
        context.moveTo(LEFT, y);
        context.lineTo(LEFT + this.#width, y);
        context.stroke();
        context.setLineDash([]);
        const text = fill(this.#words.limit, { bytes: this.#format.bytes(limit) });
        context.fillStyle = theme.failure;
        context.textAlign = 'left';
        if (y - this.#top() > 16) context.fillText(text, LEFT + 6, y - 9);
      }
    }
    context.restore();
  }

  /** Labels above the picture, failures first; one that would cover another is left out. */
  #drawFlags(context: CanvasRenderingContext2D, { trace, theme }: Scene): void {
    const { ooms } = trace.device;
    const flags: { position: number; text: string; colour: string; isLine: boolean }[] = [];
    for (let i = ooms.count - 1; i >= Math.max(0, ooms.count - 20); i--) {
      const asked = this.#format.bytes(ooms.asked[i] as number);
      flags.push({
        position: (ooms.event[i] as number) + 1,
        text: `${this.#words.failure}: ${fill(this.#words.asked, { bytes: asked })}`,
        colour: theme.failure,
        isLine: false,
      });
    }
    if (trace.positions > 1) {
      const bytes = this.#format.bytes(trace.allocated.values[trace.peak] as number);
      flags.push({
        position: trace.peak,
        text: fill(this.#words.peakMark, { bytes }),
        colour: theme.ink,
        isLine: true,
      });
    }
    const taken: [number, number][] = [];
    const y = this.#top() - FLAGS / 2;
    context.textAlign = 'left';
    context.font = '600 12px system-ui, sans-serif';
    for (const { position, text, colour, isLine } of flags) {
      const x = this.#x(position + 0.5);
      if (!this.#isInside(x)) continue;
      context.fillStyle = colour;
      if (isLine) {
        context.globalAlpha = 0.55;
        for (let at = this.#top(); at < this.#top() + this.#height; at += 6) {
          context.fillRect(Math.round(x), at, 1, 3);
        }
        context.globalAlpha = 1;
      }
      context.beginPath();
      context.moveTo(x - 4, y + 5);
      context.lineTo(x + 4, y + 5);
      context.lineTo(x, y + 10);
      context.fill();
      const room = context.measureText(text).width + 12;
      const left = Math.min(Math.max(LEFT, x - room / 2), LEFT + this.#width - room);
      if (taken.some(([from, to]) => left < to && left + room > from)) continue;
      taken.push([left, left + room]);
      context.fillText(text, left + 6, y - 3);
    }
    context.font = '12px system-ui, sans-serif';
  }

  #drawPinned(context: CanvasRenderingContext2D, { theme }: Scene): void {
    if (this.#pinned !== undefined) {
      const x = this.#x(this.#pinned + 0.5);
      if (this.#isInside(x)) {
        // A pale line around it, so that it is seen on every colour.
        context.fillStyle = theme.ground;
        context.globalAlpha = 0.7;
        context.fillRect(x - 2, this.#top(), 4, this.#height);
        context.globalAlpha = 1;
        context.fillStyle = theme.ink;
        context.fillRect(x - 1, this.#top(), 2, this.#height);
        context.beginPath();
        context.moveTo(x - 6, this.#top() + this.#height + 7);
        context.lineTo(x + 6, this.#top() + this.#height + 7);
        context.lineTo(x, this.#top() + this.#height);
        context.fill();
      }
    }
  }

  #drawPointer(context: CanvasRenderingContext2D, { theme }: Scene): void {
    if (this.#pointer === undefined) return;
    context.fillStyle = theme.ink;
    context.globalAlpha = 0.45;
    context.fillRect(Math.round(this.#pointer.x), this.#top(), 1, this.#height);
    context.fillRect(LEFT, Math.round(this.#pointer.y), this.#width, 1);
    context.globalAlpha = 1;
  }

  // ── what is under the pointer

  #hit(x: number, y: number): Hit | undefined {
    const columns = this.#columns;
    const scene = this.#scene;
    if (columns === undefined || scene === undefined) return undefined;
    const across = (x - LEFT) / this.#width;
    const up = 1 - (y - this.#top()) / this.#height;
    if (across < 0 || across >= 1) return undefined;
    const c = Math.floor(across * columns.position.length);
    const position = columns.position[c] as number;
    const bytes = this.#view.low + up * (this.#view.high - this.#view.low);
    const { count } = scene.groups;
    const at = c * (count + 1);
    const top = columns.offsets[at + count] as number;
    if (up < 0 || up > 1 || bytes >= top) return { position, group: undefined, row: undefined };
    let group = count - 1;
    while (group > 0 && (columns.offsets[at + group] as number) > bytes) group--;
    const above = bytes - (columns.offsets[at + group] as number);
    return { position, group, row: this.#rowAt(scene.stack, group, position, above) };
  }

  /** The allocation at a height in its group: those that are drawn lie below those too small for it. */
  #rowAt(stack: Stack, group: number, position: number, above: number): number | undefined {
    const least = (this.#view.high - this.#view.low) / (this.#raster?.height ?? 1);
    const to = stack.firstOf[group + 1] as number;
    let left = above;
    for (const isDrawn of [true, false]) {
      for (let k = stack.firstOf[group] as number; k < to; k++) {
        const size = stack.size[k] as number;
        if (size >= least !== isDrawn) continue;
        if ((stack.start[k] as number) > position || (stack.end[k] as number) <= position) continue;
        left -= size;
        if (left < 0) return stack.rows[k];
      }
    }
    return undefined;
  }

  #highlight(row: number | undefined): void {
    if (this.#highlit === (row ?? -1)) return;
    this.#highlit = row ?? -1;
    this.redraw();
  }

  // ── input

  #listen(): void {
    const target = this.#overlay;
    const touches = new Map<number, { x: number; y: number }>();
    let dragged = 0;
    const place = (event: PointerEvent | WheelEvent | MouseEvent): { x: number; y: number } => {
      const box = target.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const across = (x: number): number => Math.min(1, Math.max(0, (x - LEFT) / this.#width));
    const up = (y: number): number => 1 - (y - this.#top()) / this.#height;

    target.addEventListener('pointerdown', (event) => {
      touches.set(event.pointerId, place(event));
      dragged = 0;
      target.setPointerCapture(event.pointerId);
    });
    target.addEventListener('pointermove', (event) => {
      const now = place(event);
      const before = touches.get(event.pointerId);
      if (before === undefined) {
        this.#pointAt(now);
        return;
      }
      const others = [...touches].filter(([id]) => id !== event.pointerId);
      touches.set(event.pointerId, now);
      const other = others[0]?.[1];
      if (other !== undefined) {
        const [was, is] = [Math.abs(before.x - other.x), Math.abs(now.x - other.x)];
        if (was > 8 && is > 8) this.zoom(was / is, across((now.x + other.x) / 2));
        dragged = 99;
        return;
      }
      dragged += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
      if (dragged < 4) return;
      this.#pointer = undefined;
      this.#events.point(undefined, 0, 0);
      target.classList.add('dragging');
      this.pan((before.x - now.x) / this.#width, (now.y - before.y) / this.#height);
    });
    const release = (event: PointerEvent): void => {
      const at = touches.get(event.pointerId);
      touches.delete(event.pointerId);
      target.classList.remove('dragging');
      if (at === undefined || event.type !== 'pointerup' || dragged >= 4) return;
      const hit = this.#hit(at.x, at.y);
      if (hit === undefined) return;
      this.#events.pin(hit);
      // A finger does not hover: what a pointer would show is shown by the tap.
      if (event.pointerType === 'touch') this.#events.point(hit, at.x, at.y);
    };
    target.addEventListener('pointerup', release);
    target.addEventListener('pointercancel', release);
    target.addEventListener('pointerleave', (event) => {
      if (event.pointerType === 'touch') return;
      this.#pointer = undefined;
      this.#highlight(undefined);
      this.#events.point(undefined, 0, 0);
      this.#redrawOverlay();
    });
    target.addEventListener('dblclick', (event) => this.zoom(0.4, across(place(event).x)));
    target.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        const unit = event.deltaMode === 1 ? 24 : 1;
        const { x, y } = place(event);
        if (event.ctrlKey || event.altKey) {
          this.zoomHeight(2 ** ((event.deltaY * unit) / 240), up(y));
        } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          this.pan(((event.deltaX || event.deltaY) * unit) / this.#width);
        } else this.zoom(2 ** ((event.deltaY * unit) / 240), across(x));
        this.#pointAt({ x, y });
      },
      { passive: false },
    );
  }

  #pointAt(at: { readonly x: number; readonly y: number }): void {
    const hit = this.#hit(at.x, at.y);
    this.#pointer = hit === undefined ? undefined : at;
    this.#highlight(hit?.row);
    this.#events.point(hit, at.x, at.y);
    this.#redrawOverlay();
  }

  focus(): void {
    this.#overlay.focus();
  }
}

export function inksOf({
  groups,
  colours,
  theme,
}: Pick<Scene, 'groups' | 'colours' | 'theme'>): Inks {
  return {
    ground: pixel(theme.ground),
    idle: pixel(theme.idle),
    idleStripe: pixel(theme.idleStripe),
    reserved: pixel(theme.reserved),
    ink: mix(pixel(theme.ink), pixel(theme.ground), 0.1),
    groups: Uint32Array.from(colours, pixel),
    isStriped: Uint8Array.from(groups.list, ({ kind }) => (kind === 'waiting' ? 1 : 0)),
  };
}
