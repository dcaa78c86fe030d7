/**
 * The byte layout of TorchScript's C++ pickler, which torch::cuda::_memory_snapshot_pickled() uses:
 * protocol 2, a whole list in one APPENDS, strings memoised by value, containers memoised only when they
 * are shared, and only once they are complete.
 *
 * Source: PyTorch, torch/csrc/jit/serialization/pickler.cpp (pushIValue, pushInt, pushString).
 */
import type { KnownText } from '../keys.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { CHUNK_BYTES, type Encoder } from './encoder.ts';
import { writeFloat, writeLong8, writeShortInt } from './pickle-numbers.ts';

const PROTO = 0x80;
const STOP = 0x2e;
const MARK = 0x28;
const EMPTY_DICT = 0x7d;
const SETITEMS = 0x75;
const EMPTY_LIST = 0x5d;
const APPENDS = 0x65;
const TUPLE2 = 0x86;
const NEWTRUE = 0x88;
const NEWFALSE = 0x89;
const BINPUT = 0x71;
const LONG_BINPUT = 0x72;
const BINGET = 0x68;
const LONG_BINGET = 0x6a;
const BINUNICODE = 0x58;

export class CppPickler implements Encoder {
  readonly ready: Uint8Array[] = [];
  private readonly out = new ByteBuffer();
  private memoCount = 0;
  private readonly strings = new Map<string, number>();
  private readonly open: { readonly end: number; readonly isShared: boolean }[] = [];

  constructor() {
    this.out.byte(PROTO);
    this.out.byte(2);
  }

  openDict(_size: number, isShared = false): void {
    this.out.byte(EMPTY_DICT);
    this.out.byte(MARK);
    this.open.push({ end: SETITEMS, isShared });
  }

  openList(_size: number, isShared = false): void {
    this.out.byte(EMPTY_LIST);
    this.out.byte(MARK);
    this.open.push({ end: APPENDS, isShared });
  }

  item(): void {
    if (this.out.at >= CHUNK_BYTES) this.ready.push(this.out.take());
  }

  close(): number {
    const open = this.open.pop();
    if (open === undefined) return -1;
    this.out.byte(open.end);
    return open.isShared ? this.put() : -1;
  }

  refer(memo: number): void {
    const { out } = this;
    if (memo < 256) {
      out.byte(BINGET);
      out.byte(memo);
    } else {
      out.byte(LONG_BINGET);
      out.uint32(memo);
    }
  }

  key(word: KnownText): void {
    this.text(word);
  }

  textKey(text: string): void {
    this.text(text);
  }

  word(word: KnownText): void {
    this.text(word);
  }

  text(text: string): void {
    const memo = this.strings.get(text);
    if (memo !== undefined) {
      this.refer(memo);
      return;
    }
    const { out } = this;
    const header = out.at;
    out.reserve(5);
    out.at = header + 5;
    out.utf8(text);
    const end = out.at;
    out.at = header;
    out.byte(BINUNICODE);
    out.uint32(end - header - 5);
    out.at = end;
    this.strings.set(text, this.put());
  }

  int(value: number | bigint): void {
    if (!writeShortInt(this.out, value)) writeLong8(this.out, value);
  }

  float(value: number): void {
    writeFloat(this.out, value);
  }

  bool(value: boolean): void {
    this.out.byte(value ? NEWTRUE : NEWFALSE);
  }

  pair(a: number, b: number): void {
    this.int(a);
    this.int(b);
    this.out.byte(TUPLE2);
  }

  finish(): void {
    this.out.byte(STOP);
    this.ready.push(this.out.take());
  }

  private put(): number {
    const memo = this.memoCount++;
    const { out } = this;
    if (memo < 256) {
      out.byte(BINPUT);
      out.byte(memo);
    } else {
      out.byte(LONG_BINPUT);
      out.uint32(memo);
    }
    return memo;
  }
}
