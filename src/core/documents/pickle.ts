/**
 * Reads a pickle as data, piece by piece: protocols 2 to 5, and what the C++ pickler of PyTorch writes.
 * Whatever would construct or call something is refused before it is run.
 *
 * Operations: Lib/pickle.py and Lib/pickletools.py of CPython.
 */
import { say, type TextTable } from '../base/texts.ts';
import {
  type Assembler,
  FALSE_CODE,
  Kind,
  NONE_CODE,
  NUMBER,
  OPAQUE,
  SHIFT,
  TRUE_CODE,
} from './assembler.ts';
import { isActive, isKnown, opcodeName } from './pickle-opcodes.ts';
import { Refusal, refuse } from './refusal.ts';

/** The longest text that is kept; longer ones are skipped as opaque values. */
const LONGEST_TEXT = 1 << 20;
/** Bytes of an integer. PyTorch writes at most 9. */
const LONGEST_INTEGER = 32;
/** An operation and its operand, a text's bytes left out. */
const HEAD = 10;

type Key =
  | 'active'
  | 'unknown'
  | 'unused'
  | 'protocol'
  | 'no_proto'
  | 'cut'
  | 'negative'
  | 'huge_int'
  | 'stop'
  | 'todo_active'
  | 'todo_cut'
  | 'todo_protocol'
  | 'todo_damaged';

const TEXTS: TextTable<Key> = {
  en: {
    active: 'It wants to run code: {name}. A memory snapshot is plain data.',
    unknown: 'The byte {name} is no operation of a pickle.',
    unused: 'The operation {name} never occurs in a memory snapshot.',
    protocol: 'It is a pickle of protocol {protocol}; 2 to 5 can be read.',
    no_proto: 'It is no pickle of protocol 2 or later.',
    cut: 'The file ends in the middle.',
    negative: 'A length is negative.',
    huge_int: 'An integer is {bytes} bytes long.',
    stop: 'The file ends with {count} values instead of one.',
    todo_active:
      'Do not load this file in Python either unless you trust who made it. Record a snapshot with torch.cuda.memory._dump_snapshot().',
    todo_cut:
      'Copy it again; if the job was killed while it wrote the file, record the snapshot again.',
    todo_protocol:
      'Write it with torch.cuda.memory._dump_snapshot(), or pickle.dump(…, protocol=4).',
    todo_damaged:
      'The file is damaged or was not written by PyTorch: copy it again, or record it again.',
  },
  zh: {
    active: '文件想要执行代码：{name}。内存快照只应包含数据。',
    unknown: '字节 {name} 不是 pickle 的操作码。',
    unused: '内存快照中不会出现操作 {name}。',
    protocol: '这是协议 {protocol} 的 pickle；可读取的是 2 到 5。',
    no_proto: '这不是协议 2 或更高版本的 pickle。',
    cut: '文件在中途结束。',
    negative: '有一个长度为负数。',
    huge_int: '有一个整数长达 {bytes} 字节。',
    stop: '文件结束时有 {count} 个值，而应当只有一个。',
    todo_active:
      '除非信任文件的制作者，否则也不要在 Python 中加载它。请用 torch.cuda.memory._dump_snapshot() 重新录制快照。',
    todo_cut: '请重新复制；如果作业在写文件时被终止，请重新录制快照。',
    todo_protocol: '请用 torch.cuda.memory._dump_snapshot() 或 pickle.dump(…, protocol=4) 写出。',
    todo_damaged: '文件已损坏，或不是由 PyTorch 写出的：请重新复制或重新录制。',
  },
  ru: {
    active: 'Файл хочет выполнить код: {name}. Снимок памяти — это только данные.',
    unknown: 'Байт {name} не является операцией pickle.',
    unused: 'Операция {name} в снимках памяти не встречается.',
    protocol: 'Это pickle протокола {protocol}; читаются протоколы со 2 по 5.',
    no_proto: 'Это не pickle протокола 2 или новее.',
    cut: 'Файл обрывается на середине.',
    negative: 'Отрицательная длина.',
    huge_int: 'Целое число длиной {bytes} байт.',
    stop: 'В конце файла {count} значений вместо одного.',
    todo_active:
      'Не загружай этот файл и в Python, если не доверяешь его автору. Сними снимок через torch.cuda.memory._dump_snapshot().',
    todo_cut: 'Скопируй файл заново; если задачу убили во время записи, сними снимок ещё раз.',
    todo_protocol:
      'Запиши его через torch.cuda.memory._dump_snapshot() или pickle.dump(…, protocol=4).',
    todo_damaged: 'Файл повреждён или записан не PyTorch: скопируй его заново или сними ещё раз.',
  },
};

const damaged = (key: Key, params: Readonly<Record<string, string | number>> = {}): Refusal =>
  new Refusal(
    `snapshot-${key.replaceAll('_', '-')}`,
    say(TEXTS, key, params),
    say(TEXTS, 'todo_damaged'),
  );

const isCut = (): Refusal => new Refusal('snapshot-cut', say(TEXTS, 'cut'), say(TEXTS, 'todo_cut'));

export class PickleReader {
  /** Where the operation begins that is being run, and its byte: for whoever reports a refusal. */
  offset = 0;
  opcode = 0x80;
  protocol: number | undefined;
  isOver = false;
  /** Bytes after the end. */
  trailing = 0;
  /** Integers beyond 2^53, which lost their last digits, and where the first of them stands. */
  roundedIntegers = 0;
  firstRounded = 0;

  private readonly assembler: Assembler;
  /** What is left of the piece before: a part of an operation. */
  private rest: Uint8Array = new Uint8Array(1 << 10);
  private restLength = 0;
  /** Bytes that the operation at its beginning needs. */
  private needed = HEAD;
  /** Bytes of a long text that are skipped. */
  private skip = 0;
  /** Offset of the first byte that was not read yet. */
  private base = 0;

  constructor(assembler: Assembler) {
    this.assembler = assembler;
  }

  get opcodeName(): string {
    return opcodeName(this.opcode);
  }

  /** Reads a piece. Throws a Refusal. The piece is not kept. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (this.restLength > 0 && at < chunk.length) {
      const before = this.restLength;
      const taken = Math.min(chunk.length - at, Math.max(64, this.needed - before));
      this.keep(chunk, at, at + taken);
      if (this.restLength < this.needed) return;
      const read = this.run(this.rest, 0, this.restLength, false);
      if (read >= before) {
        // The rest of it stands in this piece too.
        this.restLength = 0;
        at += read - before;
      } else {
        this.rest.copyWithin(0, read, this.restLength);
        this.restLength -= read;
        at += taken;
      }
    }
    if (at === chunk.length) return;
    const read = this.run(chunk, at, chunk.length, false);
    this.keep(chunk, read, chunk.length);
  }

  /** Reads what is left. Throws a Refusal when the end is missing. */
  finish(): void {
    const length = this.restLength;
    this.needed = HEAD;
    this.rest = roomFor(this.rest, length, length + HEAD);
    this.rest.fill(0, length);
    this.run(this.rest, 0, length, true);
    if (!this.isOver) throw isCut();
  }

  private keep(chunk: Uint8Array, from: number, to: number): void {
    const length = this.restLength + (to - from);
    this.rest = roomFor(this.rest, this.restLength, length + HEAD);
    this.rest.set(chunk.subarray(from, to), this.restLength);
    this.restLength = length;
  }

  /**
   * Runs the operations in `buffer[from .. to]` that are there as a whole, gives the place of the first
   * byte that was not read. With `isLast` the buffer has HEAD more bytes behind `to`.
   */
  private run(buffer: Uint8Array, from: number, to: number, isLast: boolean): number {
    const a = this.assembler;
    // A position in the buffer plus this is an offset in the file.
    const base = this.base - from;
    const limit = isLast ? to : to - HEAD + 1;
    let { code, num, sp } = a;
    let full = code.length - 8;
    let pos = from;
    let start = from;
    this.needed = HEAD;
    if (this.skip > 0) {
      const skipped = Math.min(this.skip, to - pos);
      this.skip -= skipped;
      pos += skipped;
      if (this.skip > 0 && isLast) throw isCut();
    }
    if (this.isOver) {
      this.trailing += to - pos;
      this.base += to - from;
      return to;
    }
    try {
      while (pos < limit) {
        start = pos;
        const op = buffer[pos] as number;
        pos += 1;
        if (sp >= full) {
          a.sp = sp;
          a.makeRoom();
          ({ code, num, sp } = a);
          full = code.length - 8;
        }
        switch (op) {
          case 0x68: // BINGET
          case 0x6a: {
            // LONG_BINGET
            let place = buffer[pos] as number;
            if (op === 0x68) pos += 1;
            else {
              place |= ((buffer[pos + 1] as number) << 8) | ((buffer[pos + 2] as number) << 16);
              place += (buffer[pos + 3] as number) * 0x100_0000;
              pos += 4;
            }
            const memo = a.memo;
            const value = place < memo.length ? (memo[place] as number) : -1;
            if (value >= 0) {
              code[sp] = value;
              sp += 1;
            } else {
              a.sp = sp;
              a.recall(place);
              ({ code, num, sp } = a);
            }
            break;
          }
          case 0x4b: // BININT1
            code[sp] = NUMBER;
            num[sp] = buffer[pos] as number;
            sp += 1;
            pos += 1;
            break;
          case 0x4d: // BININT2
            code[sp] = NUMBER;
            num[sp] = (buffer[pos] as number) | ((buffer[pos + 1] as number) << 8);
            sp += 1;
            pos += 2;
            break;
          case 0x4a: // BININT
            code[sp] = NUMBER;
            num[sp] = int32(buffer, pos);
            sp += 1;
            pos += 4;
            break;
          case 0x8a: {
            // LONG1
            const length = buffer[pos] as number;
            if (length === 8) {
              const value = int32(buffer, pos + 5) * 2 ** 32 + uint32(buffer, pos + 1);
              num[sp] = value;
              if (!Number.isSafeInteger(value)) this.rounded(base + start);
            } else if (length > 6) {
              if (pos + 1 + length > to) {
                if (isLast) throw isCut();
                this.needed = 2 + length;
                pos = start;
                break;
              }
              num[sp] = this.long(buffer, pos + 1, length, base + start);
            } else {
              num[sp] = short(buffer, pos + 1, length);
            }
            code[sp] = NUMBER;
            sp += 1;
            pos += 1 + length;
            break;
          }
          case 0x94: // MEMOIZE
            a.sp = sp;
            a.memoize(a.memoCount);
            break;
          case 0x71: // BINPUT
            a.sp = sp;
            a.memoize(this.place(buffer[pos] as number, base + start));
            pos += 1;
            break;
          case 0x72: // LONG_BINPUT
            a.sp = sp;
            a.memoize(this.place(uint32(buffer, pos), base + start));
            pos += 4;
            break;
          case 0x28: // MARK
            a.sp = sp;
            a.mark();
            break;
          case 0x7d: // EMPTY_DICT
            a.sp = sp;
            a.openDict();
            sp = a.sp;
            break;
          case 0x5d: // EMPTY_LIST
            a.sp = sp;
            a.openList();
            sp = a.sp;
            break;
          case 0x75: // SETITEMS
            a.sp = sp;
            a.setItems();
            ({ code, num, sp } = a);
            break;
          case 0x65: // APPENDS
            a.sp = sp;
            a.appends();
            ({ code, num, sp } = a);
            break;
          case 0x61: // APPEND
            a.sp = sp;
            a.append();
            ({ code, num, sp } = a);
            break;
          case 0x73: // SETITEM
            a.sp = sp;
            a.setItem();
            ({ code, num, sp } = a);
            break;
          case 0x8c: // SHORT_BINUNICODE
          case 0x58: // BINUNICODE
          case 0x8d: // BINUNICODE8
          case 0x55: // SHORT_BINSTRING
          case 0x54: // BINSTRING
          case 0x43: // SHORT_BINBYTES
          case 0x42: // BINBYTES
          case 0x8e: // BINBYTES8
          case 0x96: {
            // BYTEARRAY8
            let length = buffer[pos] as number;
            if (op === 0x8c || op === 0x55 || op === 0x43) pos += 1;
            else {
              length = op === 0x54 ? int32(buffer, pos) : uint32(buffer, pos);
              if (length < 0) throw damaged('negative');
              pos += 4;
              if (op === 0x8d || op === 0x8e || op === 0x96) {
                length += uint32(buffer, pos) * 2 ** 32;
                pos += 4;
              }
            }
            const isText = op === 0x8c || op === 0x58 || op === 0x8d || op === 0x55 || op === 0x54;
            if (!isText || length > LONGEST_TEXT) {
              code[sp] = OPAQUE;
              sp += 1;
              const there = Math.min(length, to - pos);
              this.skip = length - there;
              pos += there;
              if (this.skip > 0 && isLast) throw isCut();
              break;
            }
            if (pos + length > to) {
              if (isLast) throw isCut();
              this.needed = pos - start + length;
              pos = start;
              break;
            }
            code[sp] = (Kind.text << SHIFT) | a.texts.intern(buffer, pos, pos + length);
            sp += 1;
            pos += length;
            break;
          }
          case 0x47: // BINFLOAT
            code[sp] = NUMBER;
            num[sp] = float64(buffer, pos);
            sp += 1;
            pos += 8;
            break;
          case 0x86: // TUPLE2
            a.sp = sp;
            a.tuple(2);
            ({ code, num, sp } = a);
            break;
          case 0x88: // NEWTRUE
            code[sp] = TRUE_CODE;
            sp += 1;
            break;
          case 0x89: // NEWFALSE
            code[sp] = FALSE_CODE;
            sp += 1;
            break;
          case 0x4e: // NONE
            code[sp] = NONE_CODE;
            sp += 1;
            break;
          case 0x95: // FRAME
            pos += 8;
            break;
          case 0x2e: // STOP
            if (sp !== 1 || a.markCount > 0) throw damaged('stop', { count: sp });
            a.valueAt(0);
            this.isOver = true;
            this.offset = base + start;
            if (pos > to) throw isCut();
            this.trailing += to - pos;
            pos = to;
            break;
          default:
            a.sp = sp;
            pos = this.rare(op, buffer, pos, to, isLast, base + start);
            ({ code, num, sp } = a);
        }
        if (pos === start || this.isOver) break;
        full = code.length - 8;
      }
      if (isLast && pos > to) throw isCut();
    } catch (error) {
      this.offset = base + start;
      this.opcode = buffer[start] ?? 0;
      throw error;
    } finally {
      a.sp = sp;
    }
    // With a part of an operand missing the loop ends before it, never inside.
    if (!this.isOver) this.offset = base + pos;
    this.base = base + pos;
    return pos;
  }

  /** Operations that files of PyTorch have once or never. Gives the place behind the operand. */
  private rare(
    op: number,
    buffer: Uint8Array,
    pos: number,
    to: number,
    isLast: boolean,
    offset: number,
  ): number {
    const a = this.assembler;
    switch (op) {
      case 0x80: // PROTO
        return this.proto(buffer[pos] as number, offset, pos);
      case 0x29: // EMPTY_TUPLE
        a.mark();
        a.groupToList();
        return pos;
      case 0x85: // TUPLE1
        a.tuple(1);
        return pos;
      case 0x87: // TUPLE3
        a.tuple(3);
        return pos;
      case 0x74: // TUPLE
      case 0x6c: // LIST
        a.groupToList();
        return pos;
      case 0x64: // DICT
        a.groupToDict();
        return pos;
      case 0x30: // POP
        a.pop();
        return pos;
      case 0x31: // POP_MARK
        a.popToMark();
        return pos;
      case 0x32: // DUP
        a.duplicate();
        return pos;
      case 0x8b: {
        // LONG4
        const length = int32(buffer, pos);
        if (length < 0) throw damaged('negative');
        if (length > LONGEST_INTEGER) throw damaged('huge_int', { bytes: length });
        if (pos + 4 + length > to) {
          if (isLast) throw isCut();
          this.needed = 5 + length;
          return pos - 1;
        }
        a.pushNumber(this.long(buffer, pos + 4, length, offset));
        return pos + 4 + length;
      }
      default:
        throw refusedOpcode(op);
    }
  }

  private proto(protocol: number, offset: number, pos: number): number {
    if (protocol < 2 || protocol > 5) {
      throw new Refusal(
        'snapshot-protocol',
        say(TEXTS, 'protocol', { protocol }),
        say(TEXTS, 'todo_protocol'),
      );
    }
    if (offset === 0) this.protocol = protocol;
    return pos + 1;
  }

  /** A place of the memo. Each stored value took a byte at least: a place far ahead is no honest one. */
  private place(place: number, offset: number): number {
    if (place > offset) throw refuse('bad_memo', { index: place });
    return place;
  }

  /** An integer of `length` bytes, little endian, two's complement, as the nearest double. */
  private long(buffer: Uint8Array, at: number, length: number, offset: number): number {
    if (length > LONGEST_INTEGER) throw damaged('huge_int', { bytes: length });
    let value = 0n;
    for (let i = length - 1; i >= 0; i -= 1)
      value = (value << 8n) | BigInt(buffer[at + i] as number);
    const exact = length === 0 ? 0n : BigInt.asIntN(8 * length, value);
    const rounded = Number(exact);
    if (!Number.isSafeInteger(rounded)) this.rounded(offset);
    return rounded;
  }

  private rounded(offset: number): void {
    if (this.roundedIntegers === 0) this.firstRounded = offset;
    this.roundedIntegers += 1;
  }
}

function refusedOpcode(op: number): Refusal {
  const name = opcodeName(op);
  if (isActive(op)) {
    return new Refusal('snapshot-code', say(TEXTS, 'active', { name }), say(TEXTS, 'todo_active'));
  }
  return damaged(isKnown(op) ? 'unused' : 'unknown', { name });
}

const int32 = (buffer: Uint8Array, at: number): number =>
  (buffer[at] as number) |
  ((buffer[at + 1] as number) << 8) |
  ((buffer[at + 2] as number) << 16) |
  ((buffer[at + 3] as number) << 24);

const uint32 = (buffer: Uint8Array, at: number): number => int32(buffer, at) >>> 0;

/** Up to 6 bytes: always exact. */
function short(buffer: Uint8Array, at: number, length: number): number {
  let low = 0;
  let high = 0;
  let factor = 1;
  for (let i = 0; i < length; i += 1) {
    const byte = buffer[at + i] as number;
    if (i < 4) low += byte * factor;
    else high += byte * factor;
    factor = i === 3 ? 1 : factor * 256;
  }
  const isNegative = length > 0 && (buffer[at + length - 1] as number) >= 128;
  const value = high * 2 ** 32 + low;
  return isNegative ? value - 2 ** (8 * length) : value;
}

const FLOAT: DataView = new DataView(new ArrayBuffer(8));

function float64(buffer: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i += 1) FLOAT.setUint8(i, buffer[at + i] as number);
  return FLOAT.getFloat64(0);
}

function roomFor(old: Uint8Array, used: number, least: number): Uint8Array {
  if (least <= old.length) return old;
  const grown = new Uint8Array(Math.max(least, old.length * 2));
  grown.set(old.subarray(0, used));
  return grown;
}
