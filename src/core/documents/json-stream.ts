/**
 * Reads JSON piece by piece into an assembler, RFC 8259 and what Python's json module writes besides
 * (NaN, Infinity). A list becomes a list, an object a dict; nothing is kept of a value that was taken.
 */
import { say, type TextTable } from '../base/texts.ts';
import { type Assembler, FALSE_CODE, NONE_CODE, TRUE_CODE } from './assembler.ts';
import { Refusal } from './refusal.ts';

const LONGEST_TEXT = 1 << 20;
const LONGEST_NUMBER = 400;

type Key = 'unexpected' | 'cut' | 'bad_text' | 'long_text' | 'bad_number' | 'todo';

const TEXTS: TextTable<Key> = {
  en: {
    unexpected: 'The character {name} cannot stand here.',
    cut: 'The file ends in the middle.',
    bad_text: 'A text has an escape or a control character that JSON does not allow.',
    long_text: 'A text is longer than {limit} bytes.',
    bad_number: 'A number is not written as JSON wants it.',
    todo: 'The file is damaged or no JSON: write it again with json.dump(torch.cuda.memory._snapshot(), f), or better with torch.cuda.memory._dump_snapshot().',
  },
  zh: {
    unexpected: '此处不能出现字符 {name}。',
    cut: '文件在中途结束。',
    bad_text: '有一个字符串含有 JSON 不允许的转义或控制字符。',
    long_text: '有一个字符串超过 {limit} 字节。',
    bad_number: '有一个数字的写法不符合 JSON。',
    todo: '文件已损坏或不是 JSON：请用 json.dump(torch.cuda.memory._snapshot(), f) 重新写出，最好使用 torch.cuda.memory._dump_snapshot()。',
  },
  ru: {
    unexpected: 'Символ {name} здесь стоять не может.',
    cut: 'Файл обрывается на середине.',
    bad_text:
      'В строке есть escape-последовательность или управляющий символ, недопустимые в JSON.',
    long_text: 'Строка длиннее {limit} байт.',
    bad_number: 'Число записано не по правилам JSON.',
    todo: 'Файл повреждён или это не JSON: запиши его заново через json.dump(torch.cuda.memory._snapshot(), f), а лучше через torch.cuda.memory._dump_snapshot().',
  },
};

const refused = (key: Key, params: Readonly<Record<string, string | number>> = {}): Refusal =>
  new Refusal(
    `snapshot-json-${key.replaceAll('_', '-')}`,
    say(TEXTS, key, params),
    say(TEXTS, 'todo'),
  );

/** What may come next. */
const Want = {
  value: 0,
  /** A value, or the end of the list that was just opened. */
  valueOrEnd: 1,
  key: 2,
  keyOrEnd: 3,
  colon: 4,
  commaOrEnd: 5,
  nothing: 6,
} as const;
type Want = (typeof Want)[keyof typeof Want];

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class JsonReader {
  /** Where the token begins that is being read. */
  offset = 0;
  trailing = 0;
  roundedIntegers = 0;
  firstRounded = 0;

  private readonly assembler: Assembler;
  private want: Want = Want.value;
  /** 1 for each open object, 0 for each open list. */
  private readonly isObject: Uint8Array = new Uint8Array(1024);
  private depth = 0;
  /** A token that began in the piece before. */
  private rest: Uint8Array = new Uint8Array(1 << 10);
  private restLength = 0;
  /** How much of it was looked through for its end. */
  private scanned = 0;
  /** Texts with escapes are put together here. */
  private scratch: Uint8Array = new Uint8Array(1 << 10);
  /** Offset of the first byte that was not read. */
  private base = 0;

  constructor(assembler: Assembler) {
    this.assembler = assembler;
  }

  get isOver(): boolean {
    return this.want === Want.nothing;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (this.restLength > 0 && at < chunk.length) {
      const before = this.restLength;
      const taken = Math.min(chunk.length - at, Math.max(256, before));
      this.keep(chunk, at, at + taken);
      const read = this.run(this.rest, 0, this.restLength, false);
      if (read >= before) {
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

  finish(): void {
    const length = this.restLength;
    this.restLength = 0;
    this.run(this.rest.slice(0, length), 0, length, true);
    if (!this.isOver) throw refused('cut');
  }

  private keep(chunk: Uint8Array, from: number, to: number): void {
    const length = this.restLength + (to - from);
    if (length > LONGEST_TEXT * 2) throw refused('long_text', { limit: LONGEST_TEXT });
    if (length > this.rest.length) {
      const grown = new Uint8Array(Math.max(length, this.rest.length * 2));
      grown.set(this.rest.subarray(0, this.restLength));
      this.rest = grown;
    }
    this.rest.set(chunk.subarray(from, to), this.restLength);
    this.restLength = length;
  }

  /** Reads the tokens that are there as a whole; gives the place of the first byte that was not read. */
  private run(buffer: Uint8Array, from: number, to: number, isLast: boolean): number {
    let pos = from;
    const origin = this.base - from;
    while (pos < to) {
      const byte = buffer[pos] as number;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
        pos += 1;
        continue;
      }
      this.offset = origin + pos;
      if (this.want === Want.nothing) {
        this.trailing += to - pos;
        pos = to;
        break;
      }
      const next = this.token(byte, buffer, pos, to, isLast);
      if (next < 0) break;
      pos = next;
    }
    this.base = origin + pos;
    return pos;
  }

  /** Takes the token at `pos`, gives the place behind it; -1 when its end is not there yet. */
  private token(
    byte: number,
    buffer: Uint8Array,
    pos: number,
    to: number,
    isLast: boolean,
  ): number {
    const a = this.assembler;
    const { want } = this;
    switch (byte) {
      case QUOTE: {
        const isKey = want === Want.key || want === Want.keyOrEnd;
        if (!isKey && !this.wantsValue()) break;
        const end = this.text(buffer, pos + 1, to, isLast);
        if (end < 0) return -1;
        if (isKey) this.want = Want.colon;
        else this.valueDone();
        return end;
      }
      case 0x2c: // ,
        if (want !== Want.commaOrEnd) break;
        this.want = this.isObject[this.depth - 1] === 1 ? Want.key : Want.value;
        return pos + 1;
      case 0x3a: // :
        if (want !== Want.colon) break;
        this.want = Want.value;
        return pos + 1;
      case 0x7b: // {
        if (!this.wantsValue()) break;
        a.openDict();
        this.descend(1);
        this.want = Want.keyOrEnd;
        return pos + 1;
      case 0x5b: // [
        if (!this.wantsValue()) break;
        a.openList();
        this.descend(0);
        this.want = Want.valueOrEnd;
        return pos + 1;
      case 0x7d: // }
        if (want !== Want.keyOrEnd && !(want === Want.commaOrEnd && this.isInside(1))) break;
        a.setItems();
        this.depth -= 1;
        this.valueDone();
        return pos + 1;
      case 0x5d: // ]
        if (want !== Want.valueOrEnd && !(want === Want.commaOrEnd && this.isInside(0))) break;
        a.appends();
        this.depth -= 1;
        this.valueDone();
        return pos + 1;
      default:
        if (this.wantsValue()) return this.word(byte, buffer, pos, to, isLast);
    }
    throw unexpected(byte);
  }

  private wantsValue(): boolean {
    return this.want === Want.value || this.want === Want.valueOrEnd;
  }

  private isInside(kind: 0 | 1): boolean {
    return this.depth > 0 && this.isObject[this.depth - 1] === kind;
  }

  /** The assembler bounds the depth. */
  private descend(kind: 0 | 1): void {
    this.assembler.mark();
    this.isObject[this.depth] = kind;
    this.depth += 1;
  }

  private valueDone(): void {
    this.want = this.depth === 0 ? Want.nothing : Want.commaOrEnd;
  }

  /** A number or a literal. */
  private word(byte: number, buffer: Uint8Array, pos: number, to: number, isLast: boolean): number {
    const a = this.assembler;
    let end = pos;
    let value = 0;
    // Most numbers are whole and short.
    while (end < to) {
      const digit = (buffer[end] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      end += 1;
    }
    const digits = end - pos;
    while (end < to && isWordByte(buffer[end] as number)) end += 1;
    if (end === to && !isLast) {
      if (end - pos > LONGEST_NUMBER) throw refused('bad_number');
      return -1;
    }
    if (digits > 0 && digits === end - pos && digits < 16) {
      if (digits > 1 && byte === 0x30) throw refused('bad_number');
      a.pushNumber(value);
    } else {
      if (end === pos) throw unexpected(byte);
      if (end - pos > LONGEST_NUMBER) throw refused('bad_number');
      this.literal(String.fromCharCode(...buffer.subarray(pos, end)));
    }
    this.valueDone();
    return end;
  }

  private literal(word: string): void {
    const a = this.assembler;
    switch (word) {
      case 'true':
        a.pushCode(TRUE_CODE);
        return;
      case 'false':
        a.pushCode(FALSE_CODE);
        return;
      case 'null':
        a.pushCode(NONE_CODE);
        return;
      case 'NaN':
        a.pushNumber(Number.NaN);
        return;
      case 'Infinity':
        a.pushNumber(Number.POSITIVE_INFINITY);
        return;
      case '-Infinity':
        a.pushNumber(Number.NEGATIVE_INFINITY);
        return;
    }
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(word)) throw refused('bad_number');
    const value = Number(word);
    if (!/[.eE]/.test(word) && !Number.isSafeInteger(value)) {
      if (this.roundedIntegers === 0) this.firstRounded = this.offset;
      this.roundedIntegers += 1;
    }
    a.pushNumber(value);
  }

  /** The text that begins at `from`; gives the place behind its closing quote, -1 when that is missing. */
  private text(buffer: Uint8Array, from: number, to: number, isLast: boolean): number {
    let end = from + this.scanned;
    let hasEscape = false;
    while (end < to) {
      const byte = buffer[end] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        hasEscape = true;
        end += 1;
      } else if (byte < 0x20) throw refused('bad_text');
      end += 1;
    }
    if (end - from > LONGEST_TEXT) throw refused('long_text', { limit: LONGEST_TEXT });
    if (end >= to) {
      if (isLast) throw refused('cut');
      // A backslash at the very end is looked at again, with what follows it.
      this.scanned = (end > to ? to - 1 : to) - from;
      return -1;
    }
    if (this.scanned > 0) {
      hasEscape ||= buffer.subarray(from, end).includes(BACKSLASH);
      this.scanned = 0;
    }
    if (!hasEscape) this.assembler.pushText(buffer, from, end);
    else {
      const length = this.unescape(buffer, from, end);
      this.assembler.pushText(this.scratch, 0, length);
    }
    return end + 1;
  }

  /** Writes the text without escapes to the scratch array, as UTF-8; gives its length. */
  private unescape(buffer: Uint8Array, from: number, to: number): number {
    // An escape is never shorter than what it stands for.
    if (this.scratch.length < to - from) this.scratch = new Uint8Array((to - from) * 2);
    const out = this.scratch;
    let length = 0;
    let pos = from;
    while (pos < to) {
      const byte = buffer[pos] as number;
      if (byte !== BACKSLASH) {
        out[length] = byte;
        length += 1;
        pos += 1;
        continue;
      }
      const letter = buffer[pos + 1] as number;
      if (letter !== 0x75) {
        const plain = ESCAPES.get(letter);
        if (plain === undefined) throw refused('bad_text');
        out[length] = plain;
        length += 1;
        pos += 2;
        continue;
      }
      let point = hex4(buffer, pos + 2, to);
      pos += 6;
      if (
        point >= 0xd800 &&
        point < 0xdc00 &&
        buffer[pos] === BACKSLASH &&
        buffer[pos + 1] === 0x75
      ) {
        const low = hex4(buffer, pos + 2, to);
        if (low >= 0xdc00 && low < 0xe000) {
          point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
          pos += 6;
        }
      }
      length = putUtf8(out, length, point);
    }
    return length;
  }
}

const ESCAPES: ReadonlyMap<number, number> = new Map([
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/** Letters, digits and signs: what numbers and literals are made of. */
const isWordByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2e ||
  byte === 0x2b ||
  byte === 0x2d;

function unexpected(byte: number): Refusal {
  const name =
    byte > 0x20 && byte < 0x7f
      ? `"${String.fromCharCode(byte)}"`
      : `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return refused('unexpected', { name });
}

function hex4(buffer: Uint8Array, at: number, to: number): number {
  if (at + 4 > to) throw refused('bad_text');
  let value = 0;
  for (let i = 0; i < 4; i += 1) {
    const digit = Number.parseInt(String.fromCharCode(buffer[at + i] as number), 16);
    if (Number.isNaN(digit)) throw refused('bad_text');
    value = value * 16 + digit;
  }
  return value;
}

/** A half of a surrogate pair is written as pickles write it, as three bytes. */
function putUtf8(out: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    out[at] = point;
    return at + 1;
  }
  if (point < 0x800) {
    out[at] = 0xc0 | (point >> 6);
    out[at + 1] = 0x80 | (point & 63);
    return at + 2;
  }
  if (point < 0x10000) {
    out[at] = 0xe0 | (point >> 12);
    out[at + 1] = 0x80 | ((point >> 6) & 63);
    out[at + 2] = 0x80 | (point & 63);
    return at + 3;
  }
  out[at] = 0xf0 | (point >> 18);
  out[at + 1] = 0x80 | ((point >> 12) & 63);
  out[at + 2] = 0x80 | ((point >> 6) & 63);
  out[at + 3] = 0x80 | (point & 63);
  return at + 4;
}
