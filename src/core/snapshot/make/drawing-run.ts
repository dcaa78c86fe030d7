/** Runs the statements of a drawing on simulated devices. */
import { GiB, MiB } from '../../base/bytes.ts';
import type { Snapshot } from '../columns.ts';
import type { Block } from './block.ts';
import { DrawingError } from './drawing-error.ts';
import { type Expression, evaluate } from './drawing-expressions.ts';
import type { FrameTemplate, Statement, Target, Template } from './drawing-statements.ts';
import { Random } from './random.ts';
import { Recording } from './recording.ts';
import { parseSettings, recordedSettings, SETTING_NAMES } from './settings.ts';

/** What a drawing may come to. */
const MOST = {
  events: 2_000_000,
  statements: 10_000_000,
  names: 100_000,
  frames: 400,
  devices: 64,
  streams: 1_000,
  pools: 1_000,
  size: 2 ** 50,
} as const;

/** Of a device that the drawing does not declare. */
const USUAL_CAPACITY: number = 80 * GiB;

export interface Drawn {
  readonly snapshot: Snapshot;
  /** A request failed that was not drawn as `oom`: the run ended there, as an exception ends a program. */
  readonly outOfMemory?: { readonly line: number };
}

/** A block under a name. */
interface Held {
  readonly block: Block;
  readonly device: number;
}

/** What a name holds, by index, and the index that `+=` takes next. */
interface Holding {
  readonly blocks: Map<number, Held>;
  next: number;
}

/** Ends the run from within. */
class OutOfMemory extends Error {
  readonly line: number;

  constructor(line: number) {
    super();
    this.line = line;
  }
}

/** Where statements run. */
interface Scope {
  readonly device: number;
  readonly stream: number;
  readonly pool: number;
  /** Frames of the enclosing `at …:` blocks, outermost first. */
  readonly outer: readonly number[];
  /** Those and the frames of the last `at` line of this block. */
  frames: readonly number[];
}

/** @throws DrawingError */
export function runDrawing(statements: readonly Statement[]): Drawn {
  const header = readHeader(statements);
  const run = new DrawingRun(header);
  const rest = statements.slice(header.length);
  // What happens before `record` is not written down.
  if (rest.some((statement) => statement.kind === 'record')) run.recording.pause();
  try {
    run.block(rest, { device: header.firstDevice, stream: 0, pool: 0, outer: [], frames: [] });
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    return { snapshot: run.recording.finish(), outOfMemory: { line: error.line } };
  }
  return { snapshot: run.recording.finish() };
}

interface Header {
  readonly recording: Recording;
  readonly devices: ReadonlySet<number>;
  readonly firstDevice: number;
  readonly random: Random;
  /** Statements that it takes. */
  readonly length: number;
}

function readHeader(statements: readonly Statement[]): Header {
  const capacities = new Map<number, number>();
  let [conf, confLine, seed] = ['', 1, 1];
  let maxEntries: number | undefined;
  let length = 0;
  const none = new Map<string, number>();
  const random = new Random(seed);
  for (const statement of statements) {
    const { line } = statement;
    const whole = (value: Expression, least: number, most: number): number =>
      wholeNumber(evaluate(value, line, none, random), line, least, most);
    if (statement.kind === 'device') {
      const index = whole(statement.index, 0, MOST.devices - 1);
      capacities.set(index, whole(statement.capacity, 20 * MiB, MOST.size));
    } else if (statement.kind === 'settings') {
      [conf, confLine] = [statement.conf, line];
    } else if (statement.kind === 'seed') {
      seed = whole(statement.value, 0, 2 ** 32 - 1);
    } else if (statement.kind === 'max_entries') {
      maxEntries = whole(statement.value, 1, MOST.events);
    } else break;
    length++;
  }
  if (capacities.size === 0) capacities.set(0, USUAL_CAPACITY);

  const parsed = parseSettings(conf);
  if ('name' in parsed) {
    const { name, value } = parsed;
    throw new DrawingError(confLine, 'setting', {
      word: name,
      value: value === '' ? '""' : value,
      words: SETTING_NAMES.join(', '),
    });
  }
  const { settings, fraction } = parsed;
  const recording = new Recording({
    settings,
    fraction,
    recorded: recordedSettings(conf, settings),
    ...(maxEntries !== undefined && { maxEntries }),
  });
  for (const [index, capacity] of capacities) recording.addDevice(index, capacity);
  const firstDevice = Math.min(...capacities.keys());
  return {
    recording,
    devices: new Set(capacities.keys()),
    firstDevice,
    random: new Random(seed),
    length,
  };
}

class DrawingRun {
  readonly recording: Recording;
  private readonly devices: ReadonlySet<number>;
  private readonly random: Random;
  private readonly variables = new Map<string, number>();
  private readonly held = new Map<string, Holding>();
  private readonly streams = new Set<number>([0]);
  private readonly pools = new Set<number>([0]);
  private statements = 0;

  constructor(header: Header) {
    this.recording = header.recording;
    this.devices = header.devices;
    this.random = header.random;
  }

  block(statements: readonly Statement[], scope: Scope): void {
    const inner = { ...scope };
    for (const statement of statements) {
      this.statements++;
      this.checkBounds(statement.line);
      this.statement(statement, inner);
    }
  }

  private statement(s: Statement, scope: Scope): void {
    const { recording } = this;
    switch (s.kind) {
      case 'device':
      case 'settings':
      case 'seed':
      case 'max_entries':
        throw new DrawingError(s.line, 'late', { word: s.kind });
      case 'record':
        recording.start();
        return;
      case 'wait':
        recording.wait(this.whole(s.value, s.line, 0, 10 ** 12));
        return;
      case 'synchronize':
        recording.synchronize(scope.device);
        return;
      case 'empty_cache':
        recording.emptyCache(scope.device, this.emptyCacheStack(scope));
        return;
      case 'at':
        this.at(s, scope);
        return;
      case 'on':
        this.block(s.block, { ...scope, ...this.place(s, scope) });
        return;
      case 'alloc':
        this.alloc(s, scope);
        return;
      case 'temp': {
        const block = this.malloc(this.size(s.size, s.line), s.line, scope);
        recording.free(scope.device, block, this.stack(scope));
        return;
      }
      case 'oom':
        this.oom(this.size(s.size, s.line), s.line, scope);
        return;
      case 'free':
        this.free(s.target, s.line, scope);
        return;
      case 'record_stream':
        for (const { block } of this.find(s.target, s.line)) block.isUsedElsewhere = true;
        return;
      case 'let':
        this.variables.set(s.name, this.value(s.value, s.line));
        return;
      case 'for':
        this.loop(s, scope);
        return;
      case 'if':
        if (this.value(s.condition, s.line) !== 0) this.block(s.block, scope);
        return;
      case 'phase': {
        const name = this.fill(s.name, s.line);
        recording.annotate(name, true, scope.device);
        this.block(s.block, scope);
        recording.annotate(name, false, scope.device);
        return;
      }
    }
  }

  private at(s: Statement & { kind: 'at' }, scope: Scope): void {
    const frames = [...scope.outer, ...s.frames.map((frame) => this.frame(frame, s.line))];
    if (frames.length > MOST.frames) throw beyond(s.line, MOST.frames, 'frames');
    if (s.block === undefined) scope.frames = frames;
    else this.block(s.block, { ...scope, outer: frames, frames });
  }

  private place(s: Statement & { kind: 'on' }, scope: Scope): Partial<Scope> {
    const { device, stream, pool, graph } = s.place;
    const whole = (value: Expression, most: number): number => this.whole(value, s.line, 0, most);
    const place = { device: scope.device, stream: scope.stream, pool: scope.pool };
    if (device !== undefined) place.device = whole(device, MOST.devices - 1);
    if (!this.devices.has(place.device)) {
      throw new DrawingError(s.line, 'device', { index: place.device });
    }
    if (stream !== undefined) place.stream = whole(stream, Number.MAX_SAFE_INTEGER);
    if (pool !== undefined) place.pool = this.recording.pool(0, whole(pool, MOST.size));
    if (graph !== undefined) place.pool = this.recording.pool(whole(graph, MOST.size), 0);
    this.streams.add(place.stream);
    this.pools.add(place.pool);
    if (this.streams.size > MOST.streams) throw beyond(s.line, MOST.streams, 'streams');
    if (this.pools.size > MOST.pools) throw beyond(s.line, MOST.pools, 'pools');
    return place;
  }

  /** As in Python: the new tensor is there before what the name held is let go. */
  private alloc(s: Statement & { kind: 'alloc' }, scope: Scope): void {
    const { target, isMore, line } = s;
    const index = target?.index === undefined ? undefined : this.index(target.index, line);
    const block = this.malloc(this.size(s.size, line), line, scope);
    if (target === undefined) return;
    let holding = this.held.get(target.name);
    if (holding === undefined) {
      if (this.held.size >= MOST.names) throw beyond(line, MOST.names, 'names');
      holding = { blocks: new Map(), next: 0 };
      this.held.set(target.name, holding);
    }
    const replaced = isMore ? [] : takeOut(holding, index);
    const at = index ?? (isMore ? holding.next : 0);
    holding.blocks.set(at, { block, device: scope.device });
    holding.next = Math.max(holding.next, at + 1);
    this.freeAll(replaced, scope);
  }

  private free(target: Target, line: number, scope: Scope): void {
    const found = this.find(target, line);
    const holding = this.held.get(target.name);
    const { index } = target;
    if (holding !== undefined) {
      takeOut(holding, index === undefined ? undefined : this.index(index, line));
    }
    this.freeAll(found, scope);
  }

  private freeAll(blocks: readonly Held[], scope: Scope): void {
    for (const { block, device } of blocks) this.recording.free(device, block, this.stack(scope));
  }

  private find(target: Target, line: number): readonly Held[] {
    const blocks = this.held.get(target.name)?.blocks;
    const index = target.index === undefined ? undefined : this.index(target.index, line);
    const found = index === undefined ? [...(blocks?.values() ?? [])] : [blocks?.get(index)];
    const known = found.filter((each) => each !== undefined);
    if (known.length > 0) return known;
    const name = index === undefined ? target.name : `${target.name}[${index}]`;
    throw new DrawingError(line, 'unheld', { name });
  }

  private oom(size: number, line: number, scope: Scope): void {
    const free = this.recording.freeBytes(scope.device);
    if (this.tryMalloc(size, scope) !== undefined) {
      throw new DrawingError(line, 'fits', { free: { size: free } });
    }
  }

  private loop(s: Statement & { kind: 'for' }, scope: Scope): void {
    const from = this.whole(s.from, s.line, -MOST.size, MOST.size);
    const to = this.whole(s.to, s.line, -MOST.size, MOST.size);
    // `repeat 0` is none; only a written range runs downwards.
    if (s.name === undefined && to < from) return;
    const step = from <= to ? 1 : -1;
    for (let value = from; step > 0 ? value <= to : value >= to; value += step) {
      if (s.name !== undefined) this.variables.set(s.name, value);
      this.block(s.block, scope);
    }
  }

  private malloc(size: number, line: number, scope: Scope): Block {
    const block = this.tryMalloc(size, scope);
    if (block === undefined) throw new OutOfMemory(line);
    return block;
  }

  private tryMalloc(size: number, scope: Scope): Block | undefined {
    return this.recording.malloc(scope.device, size, scope.stream, scope.pool, this.stack(scope));
  }

  private stack({ frames }: Scope): number {
    return this.recording.names.stack(frames.toReversed());
  }

  /** PyTorch's own frame tells an explicit call from what a failed request gives back. */
  private emptyCacheStack({ frames }: Scope): number {
    const { names } = this.recording;
    const call = names.frame('empty_cache', 'torch/cuda/memory.py', 1);
    return names.stack([call, ...frames.toReversed()]);
  }

  private frame(frame: FrameTemplate, line: number): number {
    const text = (template: Template): string => this.fill(template, line);
    const at = wholeNumber(Number(text(frame.line)), line, 0, 2 ** 31 - 1);
    return this.recording.names.frame(text(frame.name), text(frame.file), at);
  }

  private fill(template: Template, line: number): string {
    return template
      .map((part) => (typeof part === 'string' ? part : String(this.value(part, line))))
      .join('');
  }

  private size(expression: Expression, line: number): number {
    // Half a byte is nobody's: 1.5GiB / 7 is cut.
    const value = Math.floor(this.value(expression, line));
    return wholeNumber(value, line, 1, MOST.size);
  }

  private index(expression: Expression, line: number): number {
    return this.whole(expression, line, -MOST.size, MOST.size);
  }

  private whole(expression: Expression, line: number, least: number, most: number): number {
    return wholeNumber(this.value(expression, line), line, least, most);
  }

  private value(expression: Expression, line: number): number {
    return evaluate(expression, line, this.variables, this.random);
  }

  private checkBounds(line: number): void {
    const { eventCount, names } = this.recording;
    if (this.statements > MOST.statements) throw beyond(line, MOST.statements, 'statements');
    if (eventCount > MOST.events) throw beyond(line, MOST.events, 'events');
    if (names.strings.length > MOST.names) throw beyond(line, MOST.names, 'names');
  }
}

function wholeNumber(value: number, line: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new DrawingError(line, 'number', { value, least, most });
}

const beyond = (line: number, most: number, things: string): DrawingError =>
  new DrawingError(line, 'bound', { most, things });

/** Takes out what stands at an index, or everything. */
function takeOut(holding: Holding, index: number | undefined): readonly Held[] {
  const { blocks } = holding;
  if (index === undefined) {
    const all = [...blocks.values()];
    blocks.clear();
    holding.next = 0;
    return all;
  }
  const one = blocks.get(index);
  blocks.delete(index);
  return one === undefined ? [] : [one];
}
