/**
 * From a stream of bytes to the few windows of text around needles. Memory stays bounded whatever
 * the size of the stream: what is kept is the last BEFORE bytes, the open window, and the windows
 * that will be read in detail.
 */
import { concat } from '../../base/byte-arrays.ts';
import { countLines, type NeedleScanner } from './needles.ts';

/** Bytes kept before and after a needle: room for a long traceback of several interleaved ranks. */
const BEFORE = 128 * 1024;
const AFTER = 48 * 1024;
/** A needle found across two chunks began in the one before; so a little more than BEFORE is kept. */
const REMEMBERED = BEFORE + 1024;
/** A window that would grow further is closed and a new one begun. */
const LARGEST = 1024 * 1024;
/** A window closed for its size is followed by one that begins so far before the next needle. */
const OVERLAP = 64 * 1024;
/** Bytes scanned at once. */
const PIECE = 4 * 1024 * 1024;
/** Needles nearer than this to the one before belong to the same place. */
const SAME_PLACE = 200;
/** Windows read in detail: the first ones and the last ones; between them needles are counted only. */
const FIRST_KEPT = 40;
const LAST_KEPT = 12;
/** A source of this size is kept whole: formats without a telling word are found in it all the same. */
const WHOLE = 512 * 1024;
/** A source of this size is not scanned at all: it is one window. */
const SMALL = 64 * 1024;
/** Bytes kept before a needle of a status: its block begins there or a few lines above. */
const BEFORE_STATUS = 8 * 1024;
/** Places of one status needle that are looked at; a log can print its memory with every line. */
const STATUS_PLACES = 100;
/** Windows kept for statuses alone. */
const STATUS_KEPT = 12;
/** Of the very end, for "the last error is X" when nothing else is found. */
const TAIL = 64 * 1024;

export interface Window {
  readonly bytes: Uint8Array;
  /** Line number of the window's first byte, counted from 1. */
  readonly line: number;
  /** Indices of the needles that were seen in it; undefined when nobody looked. */
  readonly needles: ReadonlySet<number> | undefined;
  /** True when the window starts in the middle of a line. */
  readonly cut: boolean;
}

export interface ScannedStream {
  readonly windows: readonly Window[];
  /** Places with a needle in windows that were dropped between the first and the last. */
  readonly unread: number;
  /** Windows in which only statuses were seen, as far as they are kept. */
  readonly light: readonly Window[];
  /** The end of the stream. */
  readonly tail: Window;
  /** All of it, when it is small. */
  readonly whole?: Window;
  readonly totalLines: number;
}

/** What a large source is scanned with. */
export interface Scanning {
  readonly scanner: NeedleScanner;
  /** Indices of the needles that tell of a status, not of a failure. */
  readonly statusNeedles: Iterable<number>;
}

/** A small source is one window, and its own tail. */
function smallStream(bytes: Uint8Array): ScannedStream {
  const whole: Window = { bytes, line: 1, needles: undefined, cut: false };
  return {
    windows: bytes.length > 0 ? [whole] : [],
    light: [],
    unread: 0,
    tail: whole,
    whole,
    totalLines: countLines(bytes),
  };
}

interface OpenWindow {
  parts: Uint8Array[];
  size: number;
  line: number;
  cut: boolean;
  needles: Set<number>;
  places: number;
  lastHit: number;
  /** False while only statuses were seen in it. */
  isFailure: boolean;
  /** Stream offset up to which bytes belong to it. */
  until: number;
  /** Stream offset of the next byte to take. */
  next: number;
}

export class WindowCollector {
  private readonly makeScanner: () => Scanning;
  private scanning: Scanning | undefined;
  /** What came so far of a source that may yet turn out to be small. */
  private small: Uint8Array[] | undefined = [];
  private smallSize = 0;
  private offset = 0;
  private lines = 0;
  private tail: Uint8Array = new Uint8Array(0);
  private open: OpenWindow | undefined;
  private readonly first: Window[] = [];
  private readonly last: { window: Window; places: number }[] = [];
  private unread = 0;
  /** Needles since the open window began: the next window may begin among them. */
  private recent: { readonly at: number; readonly needle: number }[] = [];
  private readonly light: Window[] = [];
  /** How many places of each status needle are left to look at. */
  private statusPlaces = new Map<number, number>();
  private whole: Uint8Array[] | undefined = [];

  /** @param makeScanner called when the source turns out to be large. */
  constructor(makeScanner: () => Scanning) {
    this.makeScanner = makeScanner;
  }

  /** Takes the next bytes. They may be overwritten by the caller afterwards. */
  push(chunk: Uint8Array): void {
    if (this.small !== undefined) {
      this.smallSize += chunk.length;
      if (this.smallSize <= SMALL) {
        this.small.push(chunk.slice());
        return;
      }
      const before = concat(this.small, this.smallSize - chunk.length);
      this.small = undefined;
      this.scanning = this.makeScanner();
      this.statusPlaces = new Map(
        [...this.scanning.statusNeedles].map((needle) => [needle, STATUS_PLACES]),
      );
      if (before.length > 0) this.pushPiece(before);
    }
    // One large chunk is taken in pieces, so that nothing is counted over and over.
    for (let at = 0; at < chunk.length; at += PIECE) this.pushPiece(chunk.subarray(at, at + PIECE));
  }

  private get scanner(): NeedleScanner {
    if (this.scanning === undefined) throw new Error('a small source is not scanned');
    return this.scanning.scanner;
  }

  private pushPiece(chunk: Uint8Array): void {
    const seam = Math.min(this.tail.length, this.scanner.longest - 1);
    if (seam > 0) this.scanSeam(chunk, seam);
    for (const hit of this.scanner.scan(chunk)) this.mark(this.offset + hit.at, hit.needle, chunk);
    this.feed(chunk);
    this.lines += countLines(chunk);
    this.offset += chunk.length;
    if (this.offset > WHOLE) this.whole = undefined;
    else this.whole?.push(chunk.slice());
    this.keepTail(chunk);
  }

  finish(): ScannedStream {
    if (this.small !== undefined) return smallStream(concat(this.small, this.smallSize));
    this.close();
    const tailBytes = this.tail.slice(Math.max(0, this.tail.length - TAIL));
    const { whole } = this;
    return {
      light: this.light,
      ...(whole !== undefined && {
        whole: { bytes: concat(whole, this.offset), line: 1, needles: undefined, cut: false },
      }),
      windows: [...this.first, ...this.last.map((entry) => entry.window)],
      unread: this.unread,
      tail: {
        bytes: tailBytes,
        line: 1 + this.lines - countLines(tailBytes),
        needles: undefined,
        cut: tailBytes.length < this.offset,
      },
      totalLines: this.lines,
    };
  }

  /** Needles that begin in the previous chunk and end in this one. */
  private scanSeam(chunk: Uint8Array, seam: number): void {
    const head = chunk.subarray(0, this.scanner.longest - 1);
    const joined = new Uint8Array(seam + head.length);
    joined.set(this.tail.subarray(this.tail.length - seam));
    joined.set(head, seam);
    for (const hit of this.scanner.scan(joined)) {
      // What lies wholly on one side is found by that side's own scan.
      const end = hit.at + this.scanner.lengthOf(hit.needle);
      if (hit.at < seam && end > seam) this.mark(this.offset - seam + hit.at, hit.needle, chunk);
    }
  }

  private mark(at: number, needle: number, chunk: Uint8Array): void {
    const left = this.statusPlaces.get(needle);
    if (left === 0) return;
    const isFailure = left === undefined;
    if (!isFailure) this.statusPlaces.set(needle, left - 1);
    this.recent.push({ at, needle });
    let open = this.open;
    let reach = isFailure ? BEFORE : BEFORE_STATUS;
    if (open !== undefined) {
      const start = open.next - open.size;
      const isFull = at + AFTER - start > LARGEST;
      // A failure wants more of what stands before it than a status had taken.
      const isShort = isFailure && !open.isFailure && at - BEFORE < start && start > 0;
      if (isFull || isShort || at - reach > open.until) {
        if (isFull) reach = Math.min(reach, OVERLAP);
        this.take(open, chunk);
        this.close();
        open = undefined;
      }
    }
    if (open === undefined) {
      const start = Math.max(0, at - reach);
      open = this.begin(start, chunk);
      // Text that the window before has too is read again whole; readers of both see it.
      this.recent = this.recent.filter((hit) => hit.at >= start);
      for (const hit of this.recent) open.needles.add(hit.needle);
      this.open = open;
    }
    open.needles.add(needle);
    open.isFailure ||= isFailure;
    if (at - open.lastHit > SAME_PLACE) open.places++;
    open.lastHit = at;
    open.until = at + AFTER;
  }

  private begin(start: number, chunk: Uint8Array): OpenWindow {
    const from = Math.max(start, this.offset - this.tail.length);
    const open: OpenWindow = {
      parts: [],
      size: 0,
      line: 0,
      cut: from > 0,
      needles: new Set(),
      places: 0,
      lastHit: Number.NEGATIVE_INFINITY,
      isFailure: false,
      until: from,
      next: from,
    };
    if (from < this.offset) {
      const at = this.tail.length - (this.offset - from);
      open.line = 1 + this.lines - countLines(this.tail, at);
      open.cut = at > 0 ? this.tail[at - 1] !== 10 : from > 0;
      const part = this.tail.slice(at);
      open.parts.push(part);
      open.size = part.length;
      open.next = this.offset;
    } else {
      const at = from - this.offset;
      open.line = 1 + this.lines + countLines(chunk, 0, at);
      open.cut = at > 0 ? chunk[at - 1] !== 10 : this.tail.length > 0 && this.tail.at(-1) !== 10;
    }
    return open;
  }

  /** Copies what the open window still wants of this chunk. */
  private take(open: OpenWindow, chunk: Uint8Array): void {
    const from = open.next - this.offset;
    const to = Math.min(chunk.length, open.until - this.offset);
    if (to > from && from >= 0) {
      open.parts.push(chunk.slice(from, to));
      open.size += to - from;
      open.next += to - from;
    }
  }

  private feed(chunk: Uint8Array): void {
    if (this.open === undefined) return;
    this.take(this.open, chunk);
    if (this.open.until <= this.offset + chunk.length) this.close();
  }

  private close(): void {
    const open = this.open;
    if (open === undefined) return;
    this.open = undefined;
    const window: Window = {
      bytes: concat(open.parts, open.size),
      line: open.line,
      needles: open.needles,
      cut: open.cut,
    };
    if (!open.isFailure) {
      if (this.light.length < STATUS_KEPT) this.light.push(window);
      return;
    }
    if (this.first.length < FIRST_KEPT) {
      this.first.push(window);
      return;
    }
    this.last.push({ window, places: open.places });
    if (this.last.length > LAST_KEPT) this.unread += this.last.shift()?.places ?? 0;
  }

  private keepTail(chunk: Uint8Array): void {
    if (chunk.length >= REMEMBERED) {
      this.tail = chunk.slice(chunk.length - REMEMBERED);
      return;
    }
    const keep = Math.min(this.tail.length, REMEMBERED - chunk.length);
    this.tail = concat([this.tail.subarray(this.tail.length - keep), chunk], keep + chunk.length);
  }
}
