/** Beside the picture: who holds what at one moment, the largest stacks, and one allocation in full. */
import { NONE, type PageData } from '../../core/snapshots.ts';
import { bar, button, element, swatch } from './dom.ts';
import type { Format } from './format.ts';
import { type FrameText, framesOf, frameText, isAllocatorFrame } from './frames.ts';
import type { Scene } from './timeline.ts';
import type { Trace } from './trace.ts';
import { fill, type Words } from './words.ts';

export interface SideEvents {
  /** Shows only a group, or all again. */
  readonly toggle: (group: number) => void;
  /** One allocation of a stack. */
  readonly select: (row: number) => void;
  readonly search: (text: string) => void;
  readonly close: () => void;
}

export class Side {
  readonly #words: Words;
  readonly #format: Format;
  readonly #events: SideEvents;
  readonly #data: PageData;
  readonly #moment: HTMLElement = element('section', { class: 'moment' });
  readonly #legend: HTMLElement = element('ul', { class: 'legend' });
  readonly #detail: HTMLElement = element('section', { class: 'detail' });
  readonly #largest: HTMLElement = element('section', { class: 'largest' });
  #rows: { readonly bytes: HTMLElement; readonly fill: HTMLElement; readonly item: HTMLElement }[] =
    [];

  constructor(host: HTMLElement, data: PageData, words: Words, format: Format, events: SideEvents) {
    this.#data = data;
    this.#words = words;
    this.#format = format;
    this.#events = events;
    host.append(this.#moment, this.#legend, this.#detail, this.#largest);
  }

  /** Rebuilds the list of groups: top of the pile first, as it is drawn. */
  setScene({ groups, colours, names }: Scene, chosen: number | undefined): void {
    this.#rows = [];
    this.#legend.replaceChildren();
    for (let g = groups.count - 1; g >= 0; g--) {
      const group = groups.list[g];
      if (group === undefined) continue;
      const name = names[g] ?? '';
      const bytes = element('span', { class: 'bytes' });
      const shown = bar(0, colours[g] ?? '');
      const face = button('', fill(this.#words.only, { name }), () => this.#events.toggle(g), {
        class: 'owner',
        'aria-pressed': chosen === g ? 'true' : 'false',
        disabled: group.kind === 'waiting' || group.kind === 'others',
      });
      const label = element('span', { class: 'name', title: name }, name);
      face.append(swatch(colours[g] ?? '', group.kind === 'waiting'), label, bytes, shown);
      const item = element('li', {}, face);
      this.#rows[g] = { bytes, fill: shown.firstElementChild as HTMLElement, item };
      this.#legend.append(item);
    }
  }

  /** Figures of a moment; called for every move of the pointer. */
  setMoment({ trace, stack, groups }: Scene, position: number): void {
    const bytes = stack.at(position, new Float64Array(groups.count));
    const allocated = trace.allocated.values[position] as number;
    const reserved = trace.reserved.values[position] as number;
    const { count, bytes: size, time } = this.#format;
    const when = trace.device.time === undefined ? '' : ` · ${time(trace.timeAt(position))}`;
    this.#moment.replaceChildren(
      element(
        'p',
        { class: 'when' },
        element('b', { class: 'now' }, momentText(trace, position, this.#words, this.#format)),
        trace.isState
          ? undefined
          : ` ${fill(this.#words.momentOf, { count: count(trace.device.events) })}${when}`,
      ),
      figure(this.#words.allocated, size(allocated)),
      figure(this.#words.reserved, size(reserved)),
      figure(this.#words.idle, size(Math.max(0, reserved - allocated))),
    );
    const most = Math.max(1, ...bytes);
    for (const [g, row] of this.#rows.entries()) {
      if (row === undefined) continue;
      const held = bytes[g] as number;
      row.bytes.textContent = held === 0 ? '–' : size(held);
      row.fill.style.width = `${((100 * held) / most).toFixed(1)}%`;
      row.item.classList.toggle('absent', held === 0);
      row.item.hidden = held === 0 && groups.list[g]?.kind !== 'owner';
    }
  }

  /** Stacks that hold most at a moment. */
  setLargest(scene: Scene, position: number): void {
    const { trace, groups, colours, names } = scene;
    const { allocations } = trace.device;
    const held = new Map<number, { bytes: number; count: number; row: number }>();
    for (const row of trace.liveAt(position)) {
      const size = allocations.held[row] as number;
      // Without a stack, those of one group are all that can be told apart.
      const known = allocations.stack[row] as number;
      const stack = known === NONE ? -1 - (groups.of[row] as number) : known;
      const sum = held.get(stack);
      if (sum === undefined) held.set(stack, { bytes: size, count: 1, row });
      else {
        sum.bytes += size;
        sum.count++;
        if (size > (allocations.held[sum.row] as number)) sum.row = row;
      }
    }
    const top = [...held].sort(([, a], [, b]) => b.bytes - a.bytes).slice(0, 12);
    const list = element('ol');
    for (const [stack, { bytes, count, row }] of top) {
      const group = groups.of[row] as number;
      const face = button('', '', () => this.#events.select(row), { class: 'stack-row' });
      const frame = stack < 0 ? undefined : this.#firstFrame(stack);
      face.append(
        swatch(colours[group] ?? ''),
        element('span', { class: 'name' }, frame?.place || names[group] || ''),
        element('span', { class: 'bytes' }, this.#format.bytes(bytes)),
        element('span', { class: 'under' }, frame?.name ?? ''),
        element(
          'span',
          { class: 'times' },
          fill(this.#words.pieces, { count: this.#format.count(count) }),
        ),
      );
      list.append(element('li', {}, face));
    }
    this.#largest.replaceChildren(element('h2', {}, this.#words.largest), list);
  }

  /** The frame that says most of a stack in a line: of Python, and not of PyTorch, if there is one. */
  #firstFrame(stack: number): FrameText | undefined {
    const frames = [...framesOf(this.#data, stack)].map((frame) => frameText(this.#data, frame));
    return (
      frames.find(({ isNative, path }) => !isNative && !/site-packages|\/torch\//.test(path)) ??
      frames.find(({ isNative }) => !isNative) ??
      frames.find(({ name }) => !isAllocatorFrame(name)) ??
      frames[0]
    );
  }

  setAllocation(scene: Scene, row: number | undefined, position: number, name: string): void {
    this.#detail.replaceChildren();
    this.#detail.hidden = row === undefined;
    if (row === undefined) return;
    const { trace, groups, colours } = scene;
    const { allocations } = trace.device;
    const stack = allocations.stack[row] as number;
    const w = this.#words;
    const size = this.#format.bytes(allocations.held[row] as number);
    this.#detail.append(
      element(
        'header',
        {},
        swatch(colours[groups.of[row] as number] ?? ''),
        element('h2', {}, `${size} · ${name}`),
        button('×', w.close, () => this.#events.close(), { class: 'close', 'aria-label': w.close }),
      ),
      element(
        'dl',
        {},
        ...this.#facts(scene, row, position).flatMap(([key, value]) => [
          element('dt', {}, key),
          element('dd', {}, value),
        ]),
      ),
      this.#stack(stack),
    );
  }

  #facts(scene: Scene, row: number, position: number): [string, string][] {
    const { trace } = scene;
    const { allocations } = trace.device;
    const w = this.#words;
    const { bytes, count, time } = this.#format;
    const stack = allocations.stack[row] as number;
    const start = trace.start[row] as number;
    const end = trace.end[row] as number;
    const hasTime = trace.device.time !== undefined;
    const when = (at: number): string =>
      `${fill(w.atEvent, { event: count(at - 1) })}${hasTime ? ` · ${time(trace.timeAt(at))}` : ''}`;
    const life = Math.min(end, trace.positions) - start;
    const lasted = trace.timeAt(Math.min(end, trace.positions - 1)) - trace.timeAt(start);
    let [same, total] = [0, 0];
    for (const other of trace.liveAt(position)) {
      if (allocations.stack[other] !== stack) continue;
      same++;
      total += allocations.held[other] as number;
    }
    const stream = this.#data.streams[allocations.stream[row] as number] ?? '0';
    return [
      [
        w.size,
        `${bytes(allocations.held[row] as number)} (${fill(w.requestedSize, {
          bytes: `${count(allocations.requested[row] as number)} B`,
        })})`,
      ],
      [w.made, start === 0 ? w.beforeTrace : when(start)],
      [w.freed, end >= trace.positions ? w.never : when(end)],
      [
        w.lives,
        `${fill(w.eventsLong, { count: count(life) })}${hasTime ? ` · ${time(lasted)}` : ''}`,
      ],
      ...(stack === NONE
        ? []
        : [[w.sameStack, `${count(same)} × = ${bytes(total)}`] as [string, string]]),
      [w.stream, stream === '0' ? w.defaultStream : stream],
      [w.address, `0x${(allocations.address[row] as number).toString(16)}`],
    ];
  }

  #stack(stack: number): HTMLElement {
    const w = this.#words;
    const frames = [...framesOf(this.#data, stack)].map((frame) => frameText(this.#data, frame));
    if (stack === NONE || frames.length === 0) return element('p', { class: 'note' }, w.noStack);
    const natives = frames.filter(({ isNative }) => isNative).length;
    const list = element('ol', { class: 'frames' });
    const isMixed = natives > 0 && natives < frames.length;
    for (const frame of frames) {
      const isTorch = /site-packages|dist-packages/.test(frame.path);
      const item = element('li', {
        class: frame.isNative ? 'native' : isTorch ? 'library' : 'user',
        title: frame.path,
      });
      item.append(element('span', { class: 'fn' }, frame.name));
      if (frame.place !== '') {
        item.append(
          frame.isNative
            ? element('span', { class: 'place' }, frame.place)
            : button(frame.place, w.findLine, () => this.#events.search(frame.place), {
                class: 'place',
              }),
        );
      }
      list.append(item);
    }
    const section = element('div', { class: 'stack' }, element('h3', {}, w.stack));
    if (isMixed) {
      const box = element('input', { type: 'checkbox' });
      list.classList.add('hide-native');
      box.addEventListener('change', () => list.classList.toggle('hide-native', !box.checked));
      section.append(
        element('label', {}, box, ` ${w.nativeFrames} (${this.#format.count(natives)})`),
      );
    }
    section.append(list);
    return section;
  }
}

function figure(name: string, value: string): HTMLElement {
  return element(
    'p',
    { class: 'figure' },
    element('span', {}, name),
    element('b', { class: 'figure-value' }, value),
  );
}

/** A position as people count: events from 0, as everywhere else in unoom. */
export function momentText(trace: Trace, position: number, words: Words, format: Format): string {
  if (trace.isState) return words.state;
  if (position === 0) return words.start;
  return fill(words.moment, { event: format.count(position - 1) });
}
