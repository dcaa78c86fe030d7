/**
 * The byte layout of CPython's C pickler, protocols 2 to 5: each container and string is memoised as it
 * is written, lists and dicts come in batches of 1,000, protocols 4 and 5 stand in frames of 64 KiB.
 * A test dumps what was written once more with Python and compares the bytes.
 *
 * Source: CPython, Modules/_pickle.c (save, batch_list_exact, batch_dict_exact, _Pickler_CommitFrame).
 */
import { KNOWN_COUNT, type KnownText, known } from '../keys.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { CHUNK_BYTES, type Encoder } from './encoder.ts';
import { writeFloat, writeLeastLong, writeShortInt } from './pickle-numbers.ts';

export type PickleProtocol = 2 | 3 | 4 | 5;

const PROTO = 0x80;
const FRAME = 0x95;
const STOP = 0x2e;
const MARK = 0x28;
const EMPTY_DICT = 0x7d;
const SETITEM = 0x73;
const SETITEMS = 0x75;
const EMPTY_LIST = 0x5d;
const APPEND = 0x61;
const APPENDS = 0x65;
const TUPLE2 = 0x86;
const NEWTRUE = 0x88;
const NEWFALSE = 0x89;
const MEMOIZE = 0x94;
const BINPUT = 0x71;
const LONG_BINPUT = 0x72;
const BINGET = 0x68;
const LONG_BINGET = 0x6a;
const SHORT_BINUNICODE = 0x8c;
const BINUNICODE = 0x58;

const BATCH = 1000;
const FRAME_HEADER = 9;
const FRAME_TARGET = 64 * 1024;
/** A last frame shorter than this is written without a header. */
const FRAME_LEAST = 4;

/** A dict or list that is open. */
interface Open {
  readonly memo: number;
  readonly isDict: boolean;
  readonly size: number;
  /** Items begun so far. */
  items: number;
}

export class PythonPickler implements Encoder {
  readonly ready: Uint8Array[] = [];
  private readonly out = new ByteBuffer();
  private readonly isFramed: boolean;
  /** Where the header of the open frame stands in the buffer. */
  private frameAt = 0;
  private memoCount = 0;
  private readonly wordMemo = new Int32Array(KNOWN_COUNT).fill(-1);
  /** CPython keeps one object of the empty string and of each Latin-1 character. */
  private readonly singletons = new Map<string, number>();
  private readonly open: Open[] = [];
  private readonly protocol: PickleProtocol;

  constructor(protocol: PickleProtocol) {
    this.protocol = protocol;
    this.isFramed = protocol >= 4;
    this.out.byte(PROTO);
    this.out.byte(protocol);
    this.openFrame();
  }

  openDict(size: number): void {
    this.begin();
    this.out.byte(EMPTY_DICT);
    this.open.push({ memo: this.memoize(), isDict: true, size, items: 0 });
    if (size > 1) this.out.byte(MARK);
  }

  openList(size: number): void {
    this.begin();
    this.out.byte(EMPTY_LIST);
    this.open.push({ memo: this.memoize(), isDict: false, size, items: 0 });
    if (size > 1) this.out.byte(MARK);
  }

  item(): void {
    const open = this.open[this.open.length - 1];
    if (open === undefined) return;
    if (open.items > 0 && open.items % BATCH === 0) {
      this.out.byte(APPENDS);
      this.out.byte(MARK);
    }
    open.items++;
  }

  close(): number {
    const open = this.open.pop();
    if (open === undefined) return -1;
    if (open.size === 1) this.out.byte(open.isDict ? SETITEM : APPEND);
    else if (open.size > 1) this.out.byte(open.isDict ? SETITEMS : APPENDS);
    return open.memo;
  }

  refer(memo: number): void {
    this.begin();
    this.get(memo);
  }

  key(word: KnownText): void {
    this.word(word);
  }

  textKey(text: string): void {
    this.text(text);
  }

  word(word: KnownText): void {
    this.begin();
    const number = known(word);
    const memo = this.wordMemo[number] as number;
    if (memo >= 0) {
      this.get(memo);
      return;
    }
    this.string(word);
    this.wordMemo[number] = this.memoize();
  }

  text(text: string): void {
    this.begin();
    const isSingleton = text === '' || (text.length === 1 && text.charCodeAt(0) < 256);
    const memo = isSingleton ? this.singletons.get(text) : undefined;
    if (memo !== undefined) {
      this.get(memo);
      return;
    }
    this.string(text);
    const made = this.memoize();
    if (isSingleton) this.singletons.set(text, made);
  }

  int(value: number | bigint): void {
    this.begin();
    if (!writeShortInt(this.out, value)) writeLeastLong(this.out, value);
  }

  float(value: number): void {
    this.begin();
    writeFloat(this.out, value);
  }

  bool(value: boolean): void {
    this.begin();
    this.out.byte(value ? NEWTRUE : NEWFALSE);
  }

  pair(a: number, b: number): void {
    this.begin();
    this.int(a);
    this.int(b);
    this.out.byte(TUPLE2);
    this.memoize();
  }

  finish(): void {
    this.out.byte(STOP);
    this.closeFrame();
    this.ready.push(this.out.take());
  }

  /** Before each value: where Python looks whether the frame is full. */
  private begin(): void {
    const { out } = this;
    if (this.isFramed) {
      if (out.at - this.frameAt - FRAME_HEADER < FRAME_TARGET) return;
      this.closeFrame();
      if (out.at >= CHUNK_BYTES) this.ready.push(out.take());
      this.openFrame();
    } else if (out.at >= CHUNK_BYTES) this.ready.push(out.take());
  }

  private openFrame(): void {
    if (!this.isFramed) return;
    this.out.reserve(FRAME_HEADER);
    this.frameAt = this.out.at;
    this.out.at += FRAME_HEADER;
  }

  private closeFrame(): void {
    if (!this.isFramed) return;
    const { out, frameAt } = this;
    const end = out.at;
    const start = frameAt + FRAME_HEADER;
    if (end - start < FRAME_LEAST) {
      out.bytes.copyWithin(frameAt, start, end);
      out.at = end - FRAME_HEADER;
      return;
    }
    out.at = frameAt;
    out.byte(FRAME);
    out.uint32(end - start);
    out.uint32(0);
    out.at = end;
  }

  private string(text: string): void {
    const { out } = this;
    const isShort = this.protocol >= 4;
    const header = out.at;
    // The length comes first and is known last: text is mostly short, so the short header is tried.
    out.reserve(5);
    out.at = header + (isShort ? 2 : 5);
    out.utf8(text);
    const end = out.at;
    const length = end - header - (isShort ? 2 : 5);
    if (isShort && length <= 0xff) {
      out.bytes[header] = SHORT_BINUNICODE;
      out.bytes[header + 1] = length;
      return;
    }
    if (isShort) {
      out.reserve(3);
      out.bytes.copyWithin(header + 5, header + 2, end);
    }
    out.at = header;
    out.byte(BINUNICODE);
    out.uint32(length);
    out.at = header + 5 + length;
  }

  private memoize(): number {
    const memo = this.memoCount++;
    const { out } = this;
    if (this.protocol >= 4) out.byte(MEMOIZE);
    else if (memo < 256) {
      out.byte(BINPUT);
      out.byte(memo);
    } else {
      out.byte(LONG_BINPUT);
      out.uint32(memo);
    }
    return memo;
  }

  private get(memo: number): void {
    const { out } = this;
    if (memo < 256) {
      out.byte(BINGET);
      out.byte(memo);
    } else {
      out.byte(LONG_BINGET);
      out.uint32(memo);
    }
  }
}
