/** Puts the page together and keeps what is chosen: device, colours, search, moment, allocation. */
import type { Lang } from '../../core/index.ts';
import { NONE, type PageData } from '../../core/snapshots.ts';
import { button, element, oncePerFrame, swatch } from './dom.ts';
import { type Format, formatFor } from './format.ts';
import { framesOf, frameText, isAllocatorFrame, matchingStacks } from './frames.ts';
import { groupsOf, streamOwners, type Way } from './groups.ts';
import { Overview } from './overview.ts';
import { type Theme, themeOf } from './palette.ts';
import type { Report } from './report.ts';
import { type SegmentHit, SegmentMap, segmentsAt } from './segment-map.ts';
import { momentText, Side } from './side.ts';
import { Stack } from './stack.ts';
import { summaryCards } from './summary.ts';
import { type Hit, type Scene, Timeline } from './timeline.ts';
import { Trace } from './trace.ts';
import { fill, WORDS, type Word, type Words } from './words.ts';

const WAYS: Readonly<Record<string, Word>> = {
  category: 'category',
  line: 'line',
  library: 'library',
  module: 'module',
  stream: 'byStream',
};

const STAGE_WORDS: Readonly<Record<string, Word>> = {
  load: 'load',
  data: 'data',
  forward: 'forward',
  backward: 'backward',
  optimizer: 'optimizer',
  eval: 'eval',
  generate: 'generate',
  capture: 'capture',
  save: 'save',
  compile: 'compile',
  kv_alloc: 'kvAlloc',
};

export class App {
  readonly #data: PageData;
  readonly #report: Report;
  readonly #words: Words;
  readonly #format: Format;
  readonly #dark: MediaQueryList = matchMedia('(prefers-color-scheme: dark)');
  readonly #cards: HTMLElement = element('div', { class: 'cards' });
  readonly #toolbar: HTMLElement = element('div', { class: 'toolbar', role: 'toolbar' });
  readonly #found: HTMLElement = element('output', { class: 'found' });
  #ways: readonly Way[] = [];
  readonly #search: HTMLInputElement = element('input', { type: 'search' });
  readonly #tip: HTMLElement = element('div', { class: 'tip', hidden: true, role: 'status' });
  readonly #note: HTMLElement = element('p', { class: 'state-note' });
  readonly #mapTitle: HTMLElement = element('div', { class: 'map-title' });
  readonly #timeline: Timeline;
  readonly #overview: Overview;
  readonly #map: SegmentMap;
  readonly #side: Side;
  #trace: Trace;
  #device = 0;
  #by = '';
  #stream: number | undefined;
  #chosen: { readonly by: string; readonly owner: number; readonly kind: string } | undefined;
  #scene!: Scene;
  #moment = 0;
  #row: number | undefined;
  #hovered: number | undefined;
  readonly #showMoment: () => void = oncePerFrame(() => this.#momentNow());

  constructor(host: HTMLElement, data: PageData, report: Report, lang: Lang) {
    this.#data = data;
    this.#report = report;
    this.#words = WORDS[lang];
    this.#format = formatFor(lang, this.#words);
    const chart = element('div', { class: 'timeline' });
    const strip = element('div', { class: 'overview' });
    const segments = element('div', { class: 'segments' });
    const side = element('aside', { class: 'side' });
    const views = element(
      'section',
      { class: 'views' },
      this.#note,
      chart,
      strip,
      element('section', { class: 'map' }, this.#mapTitle, segments),
    );
    host.append(
      element('header', { class: 'head' }, this.#titleRow(), this.#cards),
      this.#toolbar,
      element('main', { class: 'body' }, views, side),
      element('footer', {}, this.#words.help),
      this.#tip,
    );
    this.#timeline = new Timeline(chart, this.#words, this.#format, {
      point: (hit, x, y) => this.#point(hit, chart, x, y),
      pin: (hit) => this.#pin(hit.position, hit.row),
      viewed: () => this.#overview.moved(),
    });
    this.#overview = new Overview(strip, this.#words.overview, this.#timeline);
    this.#map = new SegmentMap(
      segments,
      this.#words.map,
      (hit, x, y) => this.#pointSegment(hit, segments, x, y),
      (hit) => this.#pin(this.#moment, hit.row),
    );
    this.#side = new Side(side, data, this.#words, this.#format, {
      toggle: (group) => this.#toggle(group),
      select: (row) => this.#pin(this.#moment, row),
      search: (text) => this.#setSearch(text),
      close: () => this.#pin(this.#moment, undefined),
    });
    this.#trace = this.#traceOf(0);
    // What is typed while a pile is made leads to one more, not to one for each letter.
    this.#search.addEventListener(
      'input',
      oncePerFrame(() => this.#rebuild(true)),
    );
    this.#dark.addEventListener('change', () => this.#rebuild(true));
    document.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#showMoment()).observe(segments);
    this.#openDevice(this.#busiest());
  }

  // ── what is chosen

  /** The device whose trace says most. */
  #busiest(): number {
    const weights = this.#data.devices.map(
      ({ events, segments }) => events * 1000 + segments.count,
    );
    return Math.max(0, weights.indexOf(Math.max(...weights)));
  }

  #traceOf(device: number): Trace {
    const found = this.#data.devices[device];
    if (found === undefined) throw new Error(this.#words.noDevices);
    return new Trace(found);
  }

  #openDevice(device: number): void {
    this.#device = device;
    this.#trace = this.#traceOf(device);
    this.#ways = this.#waysOf();
    this.#by = this.#bestWay();
    this.#stream = undefined;
    this.#chosen = undefined;
    this.#row = undefined;
    this.#moment = this.#firstMoment();
    const { isState } = this.#trace;
    document.body.classList.toggle('state-only', isState);
    this.#note.textContent = isState ? this.#words.noEvents : '';
    this.#rebuild(false);
    this.#buildToolbar();
    this.#timeline.pin(this.#moment, undefined);
  }

  /** Where to look first: the failure, or else the peak. */
  #firstMoment(): number {
    const { ooms } = this.#trace.device;
    const last = ooms.event[ooms.count - 1];
    return last === undefined ? this.#trace.peak : last + 1;
  }

  /** Ways of naming owners on the device that is shown. */
  #waysOf(): readonly Way[] {
    const device = this.#device;
    const given = this.#data.owners.map(({ by, names, of }) => ({
      by,
      names,
      of: of[device] ?? new Uint32Array(0),
    }));
    const streams = streamOwners(this.#trace, this.#data.streams);
    const used = new Set(this.#trace.device.allocations.stream);
    return used.size > 1 || given.length === 0 ? [...given, streams] : given;
  }

  /** The first way of naming owners that knows most of what was there at the peak. */
  #bestWay(): string {
    const { held } = this.#trace.device.allocations;
    const live = this.#trace.liveAt(this.#trace.peak);
    const total = this.#trace.allocated.values[this.#trace.peak] as number;
    const ways = this.#ways;
    const good = ways.find(({ of }) => {
      let known = 0;
      for (const row of live) if (of[row] !== NONE) known += held[row] as number;
      return known >= total / 2;
    });
    return (good ?? ways[0])?.by ?? 'stream';
  }

  /** Makes the pile anew: after another device, way of colouring, search, stream or theme. */
  #rebuild(keepView: boolean): void {
    const theme = themeOf(this.#dark.matches);
    const way = this.#ways.find(({ by }) => by === this.#by) ?? this.#ways[0];
    if (way === undefined) return;
    const meant = this.#meant(way);
    const groups = groupsOf(this.#trace, way, meant);
    const stack = new Stack(this.#trace, groups);
    const colours = groups.list.map(({ kind, colour }) => colourOf(theme, kind, colour));
    const names = groups.list.map(({ kind, name }) =>
      kind === 'owner' ? this.#ownerName(name) : this.#words[kind],
    );
    this.#scene = {
      trace: this.#trace,
      stack,
      groups,
      colours,
      names,
      stages: this.#stageNames(),
      theme,
    };
    this.#timeline.show(this.#scene, keepView);
    this.#overview.show(this.#scene);
    const chosen = groups.list.findIndex(
      ({ kind, owner }) => kind === this.#chosen?.kind && owner === this.#chosen.owner,
    );
    this.#side.setScene(this.#scene, chosen === -1 ? undefined : chosen);
    if (meant === undefined || !keepView) {
      const report = this.#report.devices?.find(
        ({ device }) => device === this.#trace.device.index,
      );
      this.#cards.replaceChildren(...summaryCards(this.#scene, report, this.#words, this.#format));
    }
    this.#tellFound(meant);
    this.#showMoment();
  }

  /** Those that the page has a word for; what is unknown stays empty. */
  #stageNames(): string[] {
    return this.#data.stages.map((stage) => {
      const word = STAGE_WORDS[stage];
      return word === undefined ? '' : this.#words[word];
    });
  }

  #ownerName(name: string): string {
    if (this.#by !== 'stream') return name;
    return `${this.#words.stream} ${name === '0' ? this.#words.defaultStream : name}`;
  }

  /** 1 for the allocations in focus; undefined when all are. */
  #meant(way: Way): Uint8Array | undefined {
    const text = this.#search.value.trim();
    const chosen = this.#chosen;
    if (text === '' && this.#stream === undefined && chosen === undefined) return undefined;
    const stacks = text === '' ? undefined : matchingStacks(this.#data, text);
    const { stack, stream, count } = this.#trace.device.allocations;
    const isOfGroup = chosen === undefined ? undefined : this.#rowsOfGroup(way, chosen);
    const meant = new Uint8Array(count);
    for (let row = 0; row < count; row++) {
      const id = stack[row] as number;
      const isFound = stacks === undefined || (id !== NONE && stacks[id] === 1);
      const isStream = this.#stream === undefined || stream[row] === this.#stream;
      const isChosen = isOfGroup === undefined || isOfGroup[row] === 1;
      meant[row] = isFound && isStream && isChosen ? 1 : 0;
    }
    return meant;
  }

  #rowsOfGroup(way: Way, chosen: { readonly owner: number; readonly kind: string }): Uint8Array {
    const all = groupsOf(this.#trace, way);
    const wanted = all.list.findIndex(
      ({ kind, owner }) => kind === chosen.kind && owner === chosen.owner,
    );
    return all.of.map((group) => (group === wanted ? 1 : 0));
  }

  #tellFound(meant: Uint8Array | undefined): void {
    if (this.#search.value.trim() === '' || meant === undefined) {
      this.#found.textContent = '';
      return;
    }
    const { held } = this.#trace.device.allocations;
    const { start, end, positions } = this.#trace;
    const change = new Float64Array(positions + 1);
    let count = 0;
    for (let row = 0; row < meant.length; row++) {
      if (meant[row] === 0) continue;
      count++;
      const [from, to] = [start[row] as number, Math.min(end[row] as number, positions)];
      change[from] = (change[from] as number) + (held[row] as number);
      change[to] = (change[to] as number) - (held[row] as number);
    }
    let [sum, most] = [0, 0];
    for (const each of change) {
      sum += each;
      most = Math.max(most, sum);
    }
    this.#found.textContent =
      count === 0
        ? this.#words.foundNone
        : fill(this.#words.found, {
            count: this.#format.count(count),
            bytes: this.#format.bytes(most),
          });
  }

  #toggle(group: number): void {
    const { kind, owner } = this.#scene.groups.list[group] ?? {};
    const isSame = this.#chosen?.kind === kind && this.#chosen?.owner === owner;
    this.#chosen =
      isSame || kind === undefined || owner === undefined
        ? undefined
        : { by: this.#by, owner, kind };
    this.#rebuild(true);
  }

  #setSearch(text: string): void {
    this.#search.value = text;
    this.#rebuild(true);
  }

  // ── moments

  #pin(position: number, row: number | undefined): void {
    this.#moment = position;
    this.#row = row;
    this.#hovered = undefined;
    this.#timeline.pin(position, row);
    this.#showMoment();
  }

  #momentNow(): void {
    const position = this.#hovered ?? this.#moment;
    this.#side.setMoment(this.#scene, position);
    if (this.#hovered === undefined) {
      this.#side.setLargest(this.#scene, position);
      const name = this.#row === undefined ? '' : this.#nameOf(this.#row);
      this.#side.setAllocation(this.#scene, this.#row, position, name);
    }
    const state = segmentsAt(this.#trace, position);
    const unplaced = this.#map.draw(this.#scene, state, this.#row);
    const { bytes, count } = this.#format;
    const w = this.#words;
    this.#mapTitle.replaceChildren(
      element('h2', {}, w.segments),
      element('span', {}, momentText(this.#trace, position, w, this.#format)),
      element(
        'span',
        {},
        fill(w.segmentCount, {
          bytes: bytes(state.reserved),
          count: count(state.segments.length),
        }),
      ),
      element('span', {}, fill(w.inUse, { bytes: bytes(state.used) })),
      element(
        'span',
        {},
        element('i', { class: 'key idle' }),
        fill(w.idlePieces, { bytes: bytes(state.between), largest: bytes(state.largest) }),
      ),
      element(
        'span',
        {},
        element('i', { class: 'key empty' }),
        fill(w.emptySegments, { bytes: bytes(state.empty) }),
      ),
      ...(unplaced === 0
        ? []
        : [element('span', {}, fill(w.unplaced, { count: count(unplaced) }))]),
    );
  }

  #nameOf(row: number): string {
    return this.#scene.names[this.#scene.groups.of[row] as number] ?? '';
  }

  // ── pointing

  #point(hit: Hit | undefined, host: HTMLElement, x: number, y: number): void {
    const position = hit?.position;
    if (position !== this.#hovered) {
      this.#hovered = position;
      this.#showMoment();
    }
    if (hit?.group === undefined) {
      this.#tip.hidden = true;
      return;
    }
    this.#tell(host, x, y, this.#tipOf(hit.group, hit.row, hit.position));
  }

  #pointSegment(hit: SegmentHit | undefined, host: HTMLElement, x: number, y: number): void {
    if (hit === undefined) {
      this.#tip.hidden = true;
      return;
    }
    const { bytes } = this.#format;
    const { segments } = this.#trace.device;
    const size = bytes(segments.size[hit.segment] as number);
    const stream = this.#data.streams[segments.stream[hit.segment] as number] ?? '';
    const pool = this.#data.pools[segments.pool[hit.segment] as number] ?? [0, 0];
    const where = `${size} · ${this.#words.stream} ${
      stream === '0' ? this.#words.defaultStream : stream
    }${pool[0] === 0 && pool[1] === 0 ? '' : ` · (${pool.join(', ')})`}`;
    const group = hit.row === undefined ? 0 : (this.#scene.groups.of[hit.row] as number);
    const lines =
      hit.row === undefined
        ? [element('b', {}, `${bytes(hit.bytes)} ${this.#words.idle}`)]
        : this.#tipOf(group, hit.row, this.#moment);
    this.#tell(host, x, y, [...lines, element('span', { class: 'faint' }, where)]);
  }

  #tipOf(group: number, row: number | undefined, position: number): HTMLElement[] {
    const { trace, stack, groups, colours } = this.#scene;
    const { bytes, count, time } = this.#format;
    const sum = stack.at(position, new Float64Array(groups.count))[group] as number;
    const head = element(
      'span',
      { class: 'tip-head' },
      swatch(colours[group] ?? ''),
      element('b', {}, this.#scene.names[group] ?? ''),
      element('span', {}, bytes(sum)),
    );
    if (row === undefined) return [head];
    const { allocations } = trace.device;
    const start = trace.start[row] as number;
    const age = position - start;
    const since =
      trace.device.time === undefined
        ? ''
        : ` · ${time(trace.timeAt(position) - trace.timeAt(start))}`;
    const lines = [
      head,
      element(
        'span',
        {},
        element('b', {}, bytes(allocations.held[row] as number)),
        ` · ${
          start === 0
            ? this.#words.beforeTrace
            : `${fill(this.#words.eventsLong, { count: count(age) })}${since}`
        }`,
      ),
    ];
    const frames = [...framesOf(this.#data, allocations.stack[row] as number)]
      .map((frame) => frameText(this.#data, frame))
      .filter(({ isNative }, _, all) => !isNative || all.every((each) => each.isNative))
      .filter(({ name }) => !isAllocatorFrame(name));
    for (const frame of frames.slice(0, 5)) {
      lines.push(
        element(
          'span',
          { class: 'tip-frame' },
          element('span', {}, frame.name),
          element('span', { class: 'faint' }, frame.place),
        ),
      );
    }
    return lines;
  }

  #tell(host: HTMLElement, x: number, y: number, lines: readonly HTMLElement[]): void {
    const tip = this.#tip;
    tip.replaceChildren(...lines);
    tip.hidden = false;
    const box = host.getBoundingClientRect();
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const left =
      box.left + x + 16 + width > innerWidth ? box.left + x - width - 16 : box.left + x + 16;
    const top = Math.min(box.top + y + 14, innerHeight - height - 8);
    tip.style.left = `${Math.max(6, left)}px`;
    tip.style.top = `${Math.max(6, top)}px`;
  }

  // ── controls

  #titleRow(): HTMLElement {
    const row = element(
      'div',
      { class: 'title' },
      element('h1', {}, 'unoom'),
      element('span', { class: 'kind' }, this.#words.title),
      // Where it lay is nobody's business who is shown the page.
      element('span', { class: 'file' }, this.#report.source?.name?.replace(/^.*[\\/]/, '') ?? ''),
    );
    if (this.#report.source?.is_synthetic === true) {
      row.append(element('span', { class: 'badge' }, this.#words.synthetic));
    }
    if (this.#data.devices.length > 1) {
      const choice = this.#select(
        this.#words.device,
        this.#data.devices.map(({ index }) => `${this.#words.device} ${index}`),
        this.#busiest(),
        (place) => this.#openDevice(place),
      );
      row.append(choice);
    }
    return row;
  }

  #buildToolbar(): void {
    const w = this.#words;
    const ways = this.#ways;
    const streams = [...new Set(this.#trace.device.allocations.stream)].sort((a, b) => a - b);
    this.#search.placeholder = w.searchHint;
    this.#search.setAttribute('aria-label', w.search);
    const parts: HTMLElement[] = [];
    if (ways.length > 1) {
      parts.push(
        this.#segmented(
          w.groupBy,
          ways.map(({ by }) => (WAYS[by] === undefined ? by : w[WAYS[by] as Word])),
          Math.max(
            0,
            ways.findIndex(({ by }) => by === this.#by),
          ),
          (place) => {
            this.#by = ways[place]?.by ?? this.#by;
            this.#chosen = undefined;
            this.#rebuild(true);
          },
        ),
      );
    }
    if (this.#trace.device.time !== undefined && this.#trace.positions > 2) {
      parts.push(
        this.#segmented(w.across, [w.events, w.time], this.#timeline.isTime ? 1 : 0, (place) => {
          this.#timeline.setTime(place === 1);
          this.#overview.redraw();
        }),
      );
    } else this.#timeline.setTime(false);
    if (streams.length > 1) {
      const names = streams.map((id) => this.#data.streams[id] ?? '');
      parts.push(
        this.#select(
          w.stream,
          [w.allStreams, ...names.map((name) => (name === '0' ? w.defaultStream : name))],
          0,
          (place) => {
            this.#stream = place === 0 ? undefined : streams[place - 1];
            this.#rebuild(true);
          },
        ),
      );
    }
    const tallest = this.#trace.reserved.values[this.#trace.positions - 1] as number;
    if (tallest > (this.#trace.allocated.values[this.#trace.peak] as number) * 1.1) {
      parts.push(
        this.#segmented(w.height, [w.reserved, w.allocated], 0, (place) =>
          this.#timeline.fit(place === 0),
        ),
      );
    }
    const zoom = element(
      'span',
      { class: 'buttons' },
      button('−', w.zoomOut, () => this.#timeline.zoom(2), { 'aria-label': w.zoomOut }),
      button('+', w.zoomIn, () => this.#timeline.zoom(0.5), { 'aria-label': w.zoomIn }),
      button(w.whole, w.whole, () => this.#timeline.reset()),
      button(w.toPeak, w.toPeak, () => this.#goto(this.#trace.peak)),
    );
    if (this.#trace.device.ooms.count > 0) {
      zoom.append(button(w.toFailure, w.toFailure, () => this.#goto(this.#firstMoment())));
    }
    parts.push(zoom, element('span', { class: 'search' }, this.#search, this.#found));
    this.#toolbar.replaceChildren(...parts);
  }

  #goto(position: number): void {
    const { from, to } = this.#timeline.view;
    const isWide = this.#timeline.isTime || to - from > 4000;
    const around = isWide ? Math.max(40, this.#trace.positions / 200) : (to - from) / 3;
    this.#timeline.showEvents(position - around, position + around);
    this.#pin(position, undefined);
  }

  #segmented(
    label: string,
    names: readonly string[],
    at: number,
    choose: (place: number) => void,
  ): HTMLElement {
    const group = element('span', { class: 'segmented', role: 'radiogroup', 'aria-label': label });
    const faces = names.map((name, place) =>
      button(
        name,
        `${label}: ${name}`,
        () => {
          faces.forEach((face, i) => {
            face.setAttribute('aria-checked', String(i === place));
          });
          choose(place);
        },
        { role: 'radio', 'aria-checked': String(place === at) },
      ),
    );
    group.append(element('span', { class: 'label' }, label), ...faces);
    return group;
  }

  #select(
    label: string,
    names: readonly string[],
    at: number,
    choose: (place: number) => void,
  ): HTMLElement {
    const list = element('select', { 'aria-label': label });
    names.forEach((name, place) => {
      list.append(element('option', { value: String(place), selected: place === at }, name));
    });
    list.addEventListener('change', () => choose(Number(list.value)));
    return list;
  }

  #key(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === 'Escape') {
      this.#tip.hidden = true;
      this.#stream = undefined;
      this.#chosen = undefined;
      this.#search.blur();
      if (this.#row !== undefined) this.#pin(this.#moment, undefined);
      this.#setSearch('');
      return;
    }
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.#timeline.pan(-0.12),
      ArrowRight: () => this.#timeline.pan(0.12),
      ArrowUp: () => this.#timeline.pan(0, 0.15),
      ArrowDown: () => this.#timeline.pan(0, -0.15),
      '+': () => this.#timeline.zoom(0.6),
      '=': () => this.#timeline.zoom(0.6),
      '-': () => this.#timeline.zoom(1 / 0.6),
      '0': () => this.#timeline.reset(),
      ',': () => this.#pin(Math.max(0, this.#moment - 1), this.#row),
      '.': () => this.#pin(Math.min(this.#trace.positions - 1, this.#moment + 1), this.#row),
      p: () => this.#goto(this.#trace.peak),
      f: () => this.#goto(this.#firstMoment()),
      '/': () => this.#search.focus(),
    };
    if (!Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    acts[event.key]?.();
  }
}

function colourOf(theme: Theme, kind: string, colour: number): string {
  switch (kind) {
    case 'owner':
      return theme.owners[colour] ?? theme.rest;
    case 'before':
      return theme.before;
    case 'unknown':
      return theme.unknown;
    case 'waiting':
      return theme.waiting;
    case 'others':
      return theme.others;
    default:
      return theme.rest;
  }
}
