/** The contract of a reader: one failure format, found by its needles, read clause by clause. */
import { type Rounding, readSize, type UnitMeaning } from '../base/bytes.ts';
import type { Phase } from '../base/phase.ts';
import type { Unit, VersionRange } from '../base/unit.ts';
import { type CountName, type Fact, metricOf, type Quantity, type Scope } from '../ledger/fact.ts';
import type { Line } from './text/dress.ts';
import type { Squeezed } from './text/squeeze.ts';
import type { Frame } from './tracebacks/frame.ts';

export type IncidentKind = 'gpu_oom' | 'host_oom' | 'look_alike';

export type Backend =
  | 'cuda'
  | 'hip'
  | 'xpu'
  | 'npu'
  | 'musa'
  | 'mlu'
  | 'mps'
  | 'directml'
  | 'webgpu'
  | 'metal'
  | 'opencl'
  | 'direct3d'
  | 'opengl'
  | 'tpu'
  | 'neuron'
  | 'hpu'
  | 'ipu'
  | 'vulkan'
  | 'cpu'
  | 'none';

/** What a message says beyond its figures. Causes read these, never the text. */
export type Clue =
  /** The allocator had given back all cached blocks before it failed. */
  | 'released-cache'
  /** The framework's caching allocator itself failed; its message has figures. */
  | 'caching-allocator'
  /** Read from a recording of the allocator, not from a message. */
  | 'recorded'
  /** A request beyond any card: an overflow or a corrupt size. */
  | 'absurd-request'
  /** Reported by a call that may be later than the one that failed. */
  | 'asynchronous'
  /** A library (BLAS, DNN, FFT, NCCL) could not get memory of its own. */
  | 'library-workspace'
  /** The library's error has other usual causes than memory. */
  | 'may-be-no-memory'
  /** Of a web page, whose memory has a limit of its own. */
  | 'page-memory'
  /** The allocator's report broke before it could print figures. */
  | 'report-broken'
  /** On-chip shared memory of a kernel, not device memory. */
  | 'kernel-shared-memory'
  /** A kernel fault: an address or an assertion. */
  | 'kernel-fault'
  | 'process-killed'
  /** A process of the job is gone, and nothing says why. */
  | 'gone-silently'
  /** The system itself says that memory was the reason. */
  | 'killed-for-memory'
  | 'shared-memory-segment'
  | 'pinned-memory'
  | 'paging-file'
  | 'worker-crashed'
  | 'host-allocator'
  // A file or segment that was to be mapped.
  | 'mapping'
  /** A retry loop gave up at the smallest size. */
  | 'reached-zero'
  | 'kv-cache'
  /** An engine's budget for weights and KV cache is too small, or too large, for what it must hold. */
  | 'engine-budget-too-small'
  | 'engine-budget-too-large'
  /** One sequence of the greatest length does not fit into the KV cache. */
  | 'sequence-exceeds-kv'
  /** Weights, KV cache, compute buffers: what an engine was allocating. */
  | 'allocating-weights'
  | 'allocating-kv'
  | 'allocating-compute'
  /** A builder's or tuner's scratch memory: it can go on with other choices. */
  | 'tactic-scratch'
  /** One single buffer above what the device allows, however much is free. */
  | 'per-buffer-limit'
  /** The program says that it goes on without the memory. */
  | 'only-a-warning'
  /** Retrying with smaller and smaller requests: the first one counts. */
  | 'retries-smaller'
  /** A context on the device could not be made: nothing of this program was there yet. */
  | 'context-creation'
  /** Another process, or other processes, hold what was wanted at start. */
  | 'taken-at-start'
  /** The limit that an arena was given has no room left. */
  | 'arena-limit'
  /** A limit that is not about bytes: sessions, handles. */
  | 'session-limit'
  /** A driver or device that was reset or lost. */
  | 'device-removed'
  /** Processes of a job could not talk to each other; the reason is not printed. */
  | 'collective-failed'
  /** Another system's memory (JVM, database, message size). */
  | 'another-system'
  | 'message-cut'
  /** The index was printed as a raw byte that the text has lost. */
  | 'device-lost'
  | 'first-line-only';

export type Counts = Readonly<Partial<Record<CountName, number>>>;

export interface Tensor {
  readonly shape: readonly number[];
  readonly dtype?: string;
}

export interface Reading {
  readonly kind: IncidentKind;
  readonly framework: string;
  readonly backend: Backend;
  /** Which wording it is, finer than the reader: "2.2-2.3", "cached", "async". */
  readonly wording?: string;
  /** The versions that print this wording. */
  readonly versions?: VersionRange;
  readonly facts: readonly Fact[];
  /** Figures that are no sizes: tokens, blocks, fractions. */
  readonly counts?: Counts;
  /** The tensor that was asked for, where the message has its shape. */
  readonly tensor?: Tensor;
  readonly device?: number;
  readonly clues: readonly Clue[];
  /** A phase that the message itself states. */
  readonly phase?: Phase;
  /** Name of the exception that the text shows. */
  readonly exception?: string;
  /**
   * The message is a part of a report in several messages: other parts stand within so many lines.
   * Parts that do not contradict each other are joined, see group.ts.
   */
  readonly reportLines?: number;
  /** Where the reading ends in the message's squeezed text. */
  readonly end: number;
}

export interface Reader extends Unit {
  /**
   * Strings of at least eight bytes in UTF-8 (case of ASCII letters is ignored), one of which is in every text of this
   * format. They only make the shared scanner look; `anchor` decides.
   */
  readonly needles: readonly string[];
  /** Where a message starts, in squeezed text (global flag). */
  readonly anchor?: RegExp;
  /** Where a message starts, for formats that are a line of their own. */
  readonly line?: RegExp;
  /** Of two readers that claim the same text the lower number keeps it. Default 0. */
  readonly precedence?: number;
  /** Reads the message, or returns undefined when it is something else after all. */
  read(message: Message): Reading | undefined;
  /** What the frames of the traceback tell beyond the message. */
  refine?(reading: Reading, frames: readonly Frame[]): Reading;
}

export interface SizeOptions {
  readonly meaning?: UnitMeaning;
  readonly rounding?: Rounding;
  readonly scope?: Scope;
  /** Where the match's own text begins, counted from the anchor; negative in `preceding` text. */
  readonly offset?: number;
  /** The unit of figures that are printed without one; bytes when absent. */
  readonly unit?: string;
}

/** Patterns as they find all of their places, made once for each: a log can hold thousands of messages. */
const EVERYWHERE = new WeakMap<RegExp, RegExp>();

function everywhere(pattern: RegExp): RegExp {
  const made =
    EVERYWHERE.get(pattern) ?? new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`);
  EVERYWHERE.set(pattern, made);
  return made;
}

/** One message: squeezed text from its anchor on, up to the next message or a bounded length. */
export class Message {
  readonly text: string;
  /** What stands in front of the anchor, squeezed, at most 200 characters. */
  readonly before: string;
  readonly match: RegExpExecArray;
  /** Of a reading of single lines: the line above, squeezed. */
  readonly above: string;
  private readonly squeezed: Squeezed;
  private readonly start: number;
  private readonly source: string;
  private readonly collected: Fact[] = [];
  private readonly counted: Partial<Record<CountName, number>> = {};
  private furthest: number;

  constructor(
    squeezed: Squeezed,
    start: number,
    end: number,
    match: RegExpExecArray,
    source: string,
    above = '',
  ) {
    this.above = above;
    this.squeezed = squeezed;
    this.start = start;
    this.text = squeezed.text.slice(start, end);
    this.before = squeezed.text.slice(Math.max(0, start - 200), start);
    this.match = match;
    this.source = source;
    this.furthest = match[0].length;
  }

  /** The line that the message starts on. */
  get line(): Line {
    return this.squeezed.lineAt(this.start);
  }

  /** What stands in front of the anchor as it was printed, at most 200 characters. */
  get lead(): string {
    const { origin, original } = this.squeezed;
    const at = origin[this.start] ?? 0;
    return original.slice(Math.max(0, at - 200), at);
  }

  /** The part of `lead` that stands on the message's own line. */
  get leadOnLine(): string {
    const { lead } = this;
    return lead.slice(lead.lastIndexOf('\n') + 1);
  }

  /**
   * Squeezed text in front of the anchor, at most `length` characters: for programs that print their
   * figures before they fail. What is found there is taken with `offset: -preceding.length`.
   */
  preceding(length: number): string {
    return this.squeezed.text.slice(Math.max(0, this.start - length), this.start);
  }

  /** What follows the anchor as it was printed, at most 80 characters. */
  get following(): string {
    const { origin, original } = this.squeezed;
    const last = origin[this.start + this.match[0].length - 1] ?? original.length;
    return original.slice(last + 1, last + 81);
  }

  /** Facts collected so far by `size` and `add`. */
  get facts(): readonly Fact[] {
    return this.collected;
  }

  /** Counts collected so far by `count`. */
  get counts(): Counts {
    return this.counted;
  }

  /** How far the clauses read so far reach. */
  get end(): number {
    return this.furthest;
  }

  /** Finds a clause anywhere in the message. */
  find(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.furthest = Math.max(this.furthest, match.index + match[0].length);
    return match;
  }

  findAll(pattern: RegExp): RegExpExecArray[] {
    const found = [...this.text.matchAll(everywhere(pattern))];
    for (const match of found) {
      this.furthest = Math.max(this.furthest, match.index + match[0].length);
    }
    return found;
  }

  /** Finds a clause and takes its capture of the quantity's name as a fact. */
  size(quantity: Quantity, pattern: RegExp, options: SizeOptions = {}): Fact | undefined {
    const match = this.find(pattern);
    return match === undefined ? undefined : this.take(quantity, match, options);
  }

  /** Takes the capture `size` of a match as a fact. */
  take(quantity: Quantity, match: RegExpExecArray, options: SizeOptions = {}): Fact | undefined {
    const digits = match.groups?.['size'];
    if (digits === undefined) return undefined;
    const unit = match.groups?.['size_unit'] ?? options.unit ?? 'bytes';
    const { raw, bytes } = readSize(digits, unit, options);
    const line = this.squeezed.lineAt(this.start + match.index + (options.offset ?? 0));
    const fact: Fact = {
      quantity,
      metric: metricOf(quantity),
      value: bytes,
      raw,
      scope: options.scope ?? {},
      moment: `${this.source}:${this.line.number}`,
      span: { source: this.source, line: line.number },
    };
    this.collected.push(fact);
    return fact;
  }

  /** Finds a clause and takes its capture `count` as a figure that is no size. */
  count(name: CountName, pattern: RegExp): number | undefined {
    const digits = this.find(pattern)?.groups?.['count'];
    const value = digits === undefined ? Number.NaN : Number(digits);
    if (!Number.isFinite(value)) return undefined;
    this.counted[name] ??= value;
    return value;
  }

  /** The original characters between two positions of the squeezed message. */
  original(from: number, to: number): string {
    const { origin, original } = this.squeezed;
    const a = origin[this.start + from] ?? 0;
    const b = origin[this.start + to] ?? original.length;
    return original.slice(a, b);
  }
}
