/**
 * Reads a pickle as data, piece by piece: protocols 2 to 5, and what the C++ pickler of PyTorch writes.
 * Whatever would construct or call something is refused before it is run.
 *
 * Operations: Lib/pickle.py and Lib/pickletools.py of CPython.
 */
import { say, type TextTable } from '../base/texts.ts';
import { type Assembler, FALSE_CODE, NONE_CODE, OPAQUE, TRUE_CODE } from './assembler.ts';
import { isActive, isKnown, opcodeName } from './pickle-opcodes.ts';
import { Refusal, refuse } from './refusal.ts';

/** The longest text that is kept; longer ones are skipped as opaque values. */
const LONGEST_TEXT = 1 << 20;
/** Bytes of an integer. PyTorch writes at most 9. */
const LONGEST_INTEGER = 32;
/** An operation and its operand at most, a text's bytes left out. */
const HEAD = 10;

/** Slots that are free whenever an operation begins. */
const SPARE = 8;

const BININT = 0x4a;
const BININT1 = 0x4b;
const BINGET = 0x68;
const LONG_BINGET = 0x6a;

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
  /** Where the operation begins that is being run, in its buffer; and the buffer's offset in the file. */
  private start = 0;
  private origin = 0;

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
    const limit = isLast ? to : to - HEAD + 1;
    this.origin = this.base - from;
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
        this.start = pos;
        const op = buffer[pos] as number;
        if (op === LONG_BINGET || op === BINGET) pos = this.recalls(buffer, pos, limit);
        if (pos === start) {
          pos = this.step(op, buffer, pos, to, isLast);
          if (pos === start || this.isOver) break;
        }
      }
      if (isLast && pos > to) throw isCut();
    } catch (error) {
      this.offset = this.origin + this.start;
      this.opcode = buffer[this.start] ?? 0;
      throw error;
    }
    this.base += pos - from;
    if (!this.isOver) this.offset = this.base;
    return pos;
  }

  /**
   * Runs operations that push a stored value, as long as there are such and the values are complete: most
   * of a file with deep stacks. Gives the place behind them. No call is in this loop, so that the engine
   * keeps everything in registers.
   */
  private recalls(buffer: Uint8Array, from: number, limit: number): number {
    const a = this.assembler;
    a.makeRoom();
    const { code, memo } = a;
    const end = code.length - SPARE;
    let pos = from;
    let sp = a.sp;
    while (pos < limit && sp < end) {
      const op = buffer[pos] as number;
      let place = buffer[pos + 1] as number;
      let next = pos + 2;
      if (op === LONG_BINGET) {
        place = int32(buffer, pos + 1);
        next = pos + 5;
      } else if (op !== BINGET) break;
      if (place < 0 || place >= memo.length) break;
      const value = memo[place] as number;
      if (value < 0) break;
      code[sp] = value;
      sp += 1;
      pos = next;
    }
    a.sp = sp;
    return pos;
  }

  /** Runs the operation at `start`, gives the place behind it; `start` when some of its bytes are missing. */
  private step(op: number, buffer: Uint8Array, start: number, to: number, isLast: boolean): number {
    const a = this.assembler;
    const pos = start + 1;
    switch (op) {
      case 0x94: // MEMOIZE
        a.memoize(a.memoCount);
        return pos;
      case BININT1:
        a.pushNumber(buffer[pos] as number);
        return pos + 1;
      case BININT:
        a.pushNumber(int32(buffer, pos));
        return pos + 4;
      case BINGET:
        a.recall(buffer[pos] as number);
        return pos + 1;
      case LONG_BINGET:
        a.recall(uint32(buffer, pos));
        return pos + 4;
      case 0x28: // MARK
        a.mark();
        return pos;
      case 0x7d: // EMPTY_DICT
        a.openDict();
        return pos;
      case 0x75: // SETITEMS
        a.setItems();
        return pos;
      case 0x8a: {
        // LONG1
        const length = buffer[pos] as number;
        if (length > 8) return this.long(buffer, pos + 1, length, to, isLast);
        const value = integer(buffer, pos + 1, length);
        if (length > 6 && !Number.isSafeInteger(value)) this.rounded();
        a.pushNumber(value);
        return pos + 1 + length;
      }
      case 0x8c: // SHORT_BINUNICODE
        return this.text(buffer, pos + 1, buffer[pos] as number, to, isLast);
      case 0x5d: // EMPTY_LIST
        a.openList();
        return pos;
      case 0x65: // APPENDS
        a.appends();
        return pos;
      case 0x4d: // BININT2
        a.pushNumber((buffer[pos] as number) | ((buffer[pos + 1] as number) << 8));
        return pos + 2;
      case 0x71: // BINPUT
        a.memoize(this.place(buffer[pos] as number));
        return pos + 1;
      case 0x72: // LONG_BINPUT
        a.memoize(this.place(uint32(buffer, pos)));
        return pos + 4;
      case 0x61: // APPEND
        a.append();
        return pos;
      case 0x86: // TUPLE2
        a.tuple(2);
        return pos;
      case 0x58: // BINUNICODE
        return this.text(buffer, pos + 4, uint32(buffer, pos), to, isLast);
      case 0x73: // SETITEM
        a.setItem();
        return pos;
      case 0x88: // NEWTRUE
        a.pushCode(TRUE_CODE);
        return pos;
      case 0x89: // NEWFALSE
        a.pushCode(FALSE_CODE);
        return pos;
      case 0x4e: // NONE
        a.pushCode(NONE_CODE);
        return pos;
      case 0x47: // BINFLOAT
        a.pushNumber(float64(buffer, pos));
        return pos + 8;
      case 0x95: // FRAME
        return pos + 8;
      default:
        return this.rare(op, buffer, start, to, isLast);
    }
  }

  /** Operations that files of PyTorch have once or never. As `step`. */
  private rare(op: number, buffer: Uint8Array, start: number, to: number, isLast: boolean): number {
    const a = this.assembler;
    const pos = start + 1;
    switch (op) {
      case 0x80: // PROTO
        return this.proto(buffer[pos] as number, pos);
      case 0x2e: // STOP
        if (pos > to) throw isCut();
        if (a.sp !== 1 || a.markCount > 0) throw damaged('stop', { count: a.sp });
        a.valueAt(0);
        this.isOver = true;
        this.trailing += to - pos;
        return to;
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
      case 0x8b: // LONG4
        return this.long(buffer, pos + 4, int32(buffer, pos), to, isLast);
      case 0x55: // SHORT_BINSTRING
        return this.text(buffer, pos + 1, buffer[pos] as number, to, isLast);
      case 0x54: // BINSTRING
        return this.text(buffer, pos + 4, int32(buffer, pos), to, isLast);
      case 0x8d: // BINUNICODE8
        return this.text(buffer, pos + 8, uint64(buffer, pos), to, isLast);
      case 0x43: // SHORT_BINBYTES
        return this.opaque(pos + 1, buffer[pos] as number, to, isLast);
      case 0x42: // BINBYTES
        return this.opaque(pos + 4, uint32(buffer, pos), to, isLast);
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.opaque(pos + 8, uint64(buffer, pos), to, isLast);
      default:
        throw refusedOpcode(op);
    }
  }

  /** A text of `length` bytes from `at` on. */
  private text(
    buffer: Uint8Array,
    at: number,
    length: number,
    to: number,
    isLast: boolean,
  ): number {
    if (length > LONGEST_TEXT || length < 0) return this.opaque(at, length, to, isLast);
    if (at + length > to) return this.missing(at, length, isLast);
    this.assembler.pushText(buffer, at, at + length);
    return at + length;
  }

  /** Bytes that nothing here needs. They may reach into pieces to come. */
  private opaque(at: number, length: number, to: number, isLast: boolean): number {
    if (length < 0) throw damaged('negative');
    const there = Math.min(length, Math.max(0, to - at));
    this.skip = length - there;
    if (this.skip > 0 && isLast) throw isCut();
    this.assembler.pushCode(OPAQUE);
    return at + there;
  }

  /** An integer of more than 8 bytes, or of any length given by four. */
  private long(
    buffer: Uint8Array,
    at: number,
    length: number,
    to: number,
    isLast: boolean,
  ): number {
    if (length < 0) throw damaged('negative');
    if (length > LONGEST_INTEGER) throw damaged('huge_int', { bytes: length });
    if (at + length > to) return this.missing(at, length, isLast);
    let value = 0n;
    for (let i = length - 1; i >= 0; i -= 1) {
      value = (value << 8n) | BigInt(buffer[at + i] as number);
    }
    const nearest = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(nearest)) this.rounded();
    this.assembler.pushNumber(nearest);
    return at + length;
  }

  /** The operation has to wait for the next piece. */
  private missing(at: number, length: number, isLast: boolean): number {
    if (isLast) throw isCut();
    this.needed = at - this.start + length;
    return this.start;
  }

  private proto(protocol: number, pos: number): number {
    if (protocol < 2 || protocol > 5) {
      throw new Refusal(
        'snapshot-protocol',
        say(TEXTS, 'protocol', { protocol }),
        say(TEXTS, 'todo_protocol'),
      );
    }
    this.protocol ??= protocol;
    return pos + 1;
  }

  /** A place of the memo. Each stored value took a byte at least: a place far ahead is no honest one. */
  private place(place: number): number {
    if (place > this.origin + this.start) throw refuse('bad_memo', { index: place });
    return place;
  }

  private rounded(): void {
    if (this.roundedIntegers === 0) this.firstRounded = this.origin + this.start;
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

const uint64 = (buffer: Uint8Array, at: number): number =>
  uint32(buffer, at + 4) * 2 ** 32 + uint32(buffer, at);

/** Two's complement of up to 8 bytes: rounded once, to the nearest double. */
function integer(buffer: Uint8Array, at: number, length: number): number {
  if (length === 0) return 0;
  const top = ((buffer[at + length - 1] as number) << 24) >> 24;
  let low = 0;
  let high = 0;
  for (let i = length - 1; i >= 0; i -= 1) {
    const byte = i === length - 1 ? top : (buffer[at + i] as number);
    if (i >= 4) high = high * 256 + byte;
    else low = low * 256 + byte;
  }
  return high * 2 ** 32 + low;
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
