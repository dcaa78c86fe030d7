/**
 * Builds values out of a stream of small steps, as a pickle or a JSON text gives them, without an object
 * per value. A value is a code: its kind and a number (`kind << SHIFT | ref`). The stack is typed arrays;
 * a container becomes a code as soon as it is complete, and what its dict stands for (an event, a frame)
 * is decided by the sink that takes the dict's pairs from the stack.
 */
import { grownFloat64, grownInt32, grownUint8, grownUint32 } from './grow.ts';
import { refuse } from './refusal.ts';
import { SequenceTable } from './sequence-table.ts';
import { TextTable } from './text-table.ts';

export const SHIFT = 27;
export const REF: number = (1 << SHIFT) - 1;

/** Kinds of values. From `row` on they are the sink's own, `row + n`. */
export const Kind = {
  /** A number; on the stack its value is beside it. */
  number: 0,
  /** none, false, true. */
  constant: 1,
  text: 2,
  /** A value of the sink that is kept once, as a frame is. */
  atom: 3,
  /** A list of texts and atoms that is kept once. */
  sequence: 4,
  /** Two numbers, kept once. */
  pair: 5,
  list: 6,
  dict: 7,
  /** Something that nothing here needs: bytes, a dict without a known key. */
  opaque: 8,
  row: 9,
} as const;

export const NUMBER = 0;
export const NONE_CODE: number = Kind.constant << SHIFT;
export const FALSE_CODE: number = NONE_CODE | 1;
export const TRUE_CODE: number = NONE_CODE | 2;
export const EMPTY_LIST: number = Kind.list << SHIFT;
export const EMPTY_DICT: number = Kind.dict << SHIFT;
export const OPAQUE: number = Kind.opaque << SHIFT;

/** Codes below 0 are no finished values: open containers by their slot, numbers kept aside. */
const OPEN_LIST = 0x8000_0000 | 0;
const OPEN_DICT = 0xa000_0000 | 0;
const STORED = 0xc000_0000 | 0;
const TOP = 0xe000_0000 | 0;
const LOW = 0x1fff_ffff;
/** A place of the memo that holds nothing. */
export const UNSET = -1;

/** What a sink answers: it keeps nothing of this dict, or leaves it as a dict. */
export const IGNORE = -2;
export const KEEP = -1;

const MOST_SLOTS = 1 << 22;
const MOST_MARKS = 1000;
const MOST_NUMBERS = 1 << 26;
const MOST_RUNS = 1 << 24;

export const kindOf = (code: number): number => (code < 0 ? -1 : code >>> SHIFT);
export const refOf = (code: number): number => code & REF;

export interface DictSink {
  /**
   * Takes the pairs in slots `from .. to` (key, value, key …) of the dict in slot `dict`; `isWhole` when no
   * more can follow. Gives the dict's code, KEEP or IGNORE. It has to ask `Assembler.valueAt` for each slot
   * unless it answers KEEP: open containers are finished by that.
   */
  take(from: number, to: number, dict: number, isWhole: boolean): number;
  /** Sets further pairs of a dict that was taken before; false when that cannot be. */
  update(code: number, from: number, to: number): boolean;
}

export class Assembler {
  readonly texts: TextTable = new TextTable();
  readonly sequences: SequenceTable = new SequenceTable();
  sink: DictSink;

  /** The stack. Slots from `sp` on are free. */
  code: Int32Array = new Int32Array(1 << 14);
  num: Float64Array = new Float64Array(1 << 14);
  /** Of an open container: its place in the memo, or UNSET; and what it holds so far: a code, or UNSET. */
  memoOf: Int32Array = new Int32Array(1 << 14);
  held: Int32Array = new Int32Array(1 << 14);
  sp = 0;
  /** Slots where groups begin; `~slot` once a part of the group was handed to the list below it. */
  readonly marks: Int32Array = new Int32Array(MOST_MARKS);
  markCount = 0;

  memo: Int32Array = new Int32Array(1 << 12).fill(UNSET);
  memoCount = 0;

  /** Numbers that are kept aside: items of lists, values of dicts. */
  numbers: Float64Array = new Float64Array(1 << 10);
  numberCount = 0;

  // Lists are chains of runs: `count` codes from `code` on, each `stride` more than the one before.
  private listHead: Int32Array = new Int32Array(1 << 10).fill(UNSET);
  private listTail: Int32Array = new Int32Array(1 << 10).fill(UNSET);
  private listLength: Uint32Array = new Uint32Array(1 << 10);
  /** 1 while all items are texts and atoms. */
  private listIsPlain: Uint8Array = new Uint8Array(1 << 10);
  /** List 0 is the empty one. */
  private listCount = 1;
  private runCode: Int32Array = new Int32Array(1 << 10);
  private runLength: Uint32Array = new Uint32Array(1 << 10);
  private runStride: Uint8Array = new Uint8Array(1 << 10);
  private runNext: Int32Array = new Int32Array(1 << 10);
  private runCount = 0;

  private readonly pairNumbers: Map<number, Map<number, number>> = new Map();
  readonly pairs: (readonly [number, number])[] = [];

  constructor(sink: DictSink) {
    this.sink = sink;
  }

  // Pushing.

  /** Room for at least eight more slots. Groups that already belong to a list are handed over to it. */
  makeRoom(): void {
    if (this.sp + 8 <= this.code.length) return;
    const mark = this.floor();
    if (mark > 0 && this.sp - mark > this.sp >>> 1 && this.isOpenList(mark - 1)) {
      this.addItems(mark - 1, mark, this.sp);
      this.sp = mark;
      this.marks[this.markCount - 1] = ~mark;
      return;
    }
    const size = this.code.length * 2;
    if (size > MOST_SLOTS) throw refuse('many_values', { limit: MOST_SLOTS });
    this.code = grownInt32(this.code, size);
    this.num = grownFloat64(this.num, size);
    this.memoOf = grownInt32(this.memoOf, size);
    this.held = grownInt32(this.held, size);
  }

  pushCode(code: number): void {
    if (this.sp + 8 > this.code.length) this.makeRoom();
    this.code[this.sp] = code;
    this.sp += 1;
  }

  pushNumber(value: number): void {
    if (this.sp + 8 > this.code.length) this.makeRoom();
    this.code[this.sp] = NUMBER;
    this.num[this.sp] = value;
    this.sp += 1;
  }

  pushText(buffer: Uint8Array, from: number, to: number): void {
    this.pushCode((Kind.text << SHIFT) | this.texts.intern(buffer, from, to));
  }

  openList(): void {
    this.open(OPEN_LIST);
  }

  openDict(): void {
    this.open(OPEN_DICT);
  }

  private open(kind: number): void {
    if (this.sp + 8 > this.code.length) this.makeRoom();
    const slot = this.sp;
    this.code[slot] = kind | slot;
    this.memoOf[slot] = UNSET;
    this.held[slot] = UNSET;
    this.sp = slot + 1;
  }

  mark(): void {
    if (this.markCount === MOST_MARKS) throw refuse('deep', { limit: MOST_MARKS });
    this.marks[this.markCount] = this.sp;
    this.markCount += 1;
  }

  /** Takes the last mark away and gives the slot where its group begins. */
  private popMark(): number {
    if (this.markCount === 0) throw refuse('no_mark');
    this.markCount -= 1;
    const mark = this.marks[this.markCount] as number;
    // What was handed to a list cannot become anything else.
    if (mark < 0) throw refuse('many_values', { limit: MOST_SLOTS });
    return mark;
  }

  /** The slot where group `index` begins, counted from the outermost. */
  markAt(index: number): number {
    const mark = this.marks[index] as number;
    return mark < 0 ? ~mark : mark;
  }

  /** The lowest slot that belongs to the group that is being filled. */
  floor(): number {
    return this.markCount > 0 ? this.markAt(this.markCount - 1) : 0;
  }

  need(count: number): void {
    if (this.sp - count < this.floor()) throw refuse('empty_stack');
  }

  pop(): void {
    if (this.markCount > 0 && this.floor() === this.sp) {
      this.popMark();
      return;
    }
    this.need(1);
    this.valueAt(this.sp - 1);
    this.sp -= 1;
  }

  popToMark(): void {
    const mark = this.popMark();
    for (let slot = mark; slot < this.sp; slot += 1) this.valueAt(slot);
    this.sp = mark;
  }

  duplicate(): void {
    this.need(1);
    const top = this.sp - 1;
    this.valueAt(top);
    if (this.sp + 8 > this.code.length) this.makeRoom();
    this.num[this.sp] = this.num[top] as number;
    this.pushCode(this.code[top] as number);
  }

  // Filling containers.

  /** The group above the last mark becomes items of the list below it. */
  appends(): void {
    if (this.markCount === 0) throw refuse('no_mark');
    const mark = this.floor();
    this.markCount -= 1;
    if (mark === 0 || !this.isOpenList(mark - 1)) throw refuse('not_list');
    this.addItems(mark - 1, mark, this.sp);
    this.sp = mark;
  }

  append(): void {
    this.need(2);
    const top = this.sp - 1;
    if (!this.isOpenList(top - 1)) throw refuse('not_list');
    this.addItems(top - 1, top, this.sp);
    this.sp = top;
  }

  /** The group above the last mark becomes pairs of the dict below it. */
  setItems(): void {
    const mark = this.popMark();
    if (mark === 0) throw refuse('not_dict');
    this.setPairs(mark - 1, mark, this.sp);
    this.sp = mark;
  }

  setItem(): void {
    this.need(3);
    const from = this.sp - 2;
    this.setPairs(from - 1, from, this.sp);
    this.sp = from;
  }

  /** The group above the last mark becomes a list or tuple of its own. */
  groupToList(): void {
    this.toList(this.popMark());
  }

  /** The group above the last mark becomes a dict of its own. */
  groupToDict(): void {
    const mark = this.popMark();
    if (this.sp + 8 > this.code.length) this.makeRoom();
    for (let slot = mark; slot < this.sp; slot += 1) this.valueAt(slot);
    // The dict needs a slot below its pairs.
    this.code.copyWithin(mark + 1, mark, this.sp);
    this.num.copyWithin(mark + 1, mark, this.sp);
    const end = this.sp + 1;
    this.sp = mark;
    this.open(OPEN_DICT);
    this.setPairs(mark, mark + 1, end);
    this.sp = mark + 1;
  }

  /** The last `count` values become a tuple. */
  tuple(count: number): void {
    this.need(count);
    this.toList(this.sp - count);
  }

  private toList(from: number): void {
    for (let slot = from; slot < this.sp; slot += 1) this.valueAt(slot);
    const held = from === this.sp ? EMPTY_LIST : this.heldOf(UNSET, from, this.sp);
    this.sp = from;
    this.pushCode(this.finished(held));
  }

  isOpenList(slot: number): boolean {
    return ((this.code[slot] as number) & TOP) === OPEN_LIST;
  }

  /** How many items the list in this slot has so far. */
  itemsIn(slot: number): number {
    const held = this.held[slot] as number;
    return held === UNSET ? 0 : this.lengthOf(held);
  }

  private addItems(list: number, from: number, to: number): void {
    if (from === to) return;
    this.held[list] = this.heldOf(this.held[list] as number, from, to);
  }

  /** What a list holds after the values in slots `from .. to` were added to what it held. */
  private heldOf(before: number, from: number, to: number): number {
    const code = this.code;
    if (before === UNSET) {
      let slot = from;
      for (; slot < to; slot += 1) {
        const value = code[slot] as number;
        const kind = (value < 0 ? this.valueAt(slot) : value) >>> SHIFT;
        if (kind !== Kind.atom && kind !== Kind.text) break;
      }
      if (slot === to) return (Kind.sequence << SHIFT) | this.sequences.intern(code, from, to);
      if (to - from === 2 && code[from] === NUMBER && code[from + 1] === NUMBER) {
        return this.pairOf(this.num[from] as number, this.num[from + 1] as number);
      }
    }
    const list = this.listFrom(before);
    for (let slot = from; slot < to; slot += 1) {
      this.valueAt(slot);
      this.addToList(list, this.storedAt(slot));
    }
    return (Kind.list << SHIFT) | list;
  }

  private pairOf(a: number, b: number): number {
    let seconds = this.pairNumbers.get(a);
    if (seconds === undefined) {
      seconds = new Map();
      this.pairNumbers.set(a, seconds);
    }
    let id = seconds.get(b);
    if (id === undefined) {
      id = this.pairs.length;
      if (id === MOST_RUNS) throw refuse('many_values', { limit: MOST_RUNS });
      this.pairs.push([a, b]);
      seconds.set(b, id);
    }
    return (Kind.pair << SHIFT) | id;
  }

  private setPairs(dict: number, from: number, to: number): void {
    if (((to - from) & 1) !== 0) throw refuse('odd_pairs');
    const target = this.code[dict] as number;
    if ((target & TOP) !== OPEN_DICT) {
      if (target < 0 || target >>> SHIFT === Kind.number || !this.sink.update(target, from, to)) {
        throw refuse(target >= 0 && target >>> SHIFT >= Kind.atom ? 'changed' : 'not_dict');
      }
      return;
    }
    const held = this.held[dict] as number;
    if (from === to) return;
    if (held === UNSET || held === OPAQUE) {
      const taken = this.sink.take(from, to, dict, false);
      if (taken >= 0) {
        if (held === OPAQUE) return;
        this.finish(dict, taken);
        return;
      }
      if (taken === IGNORE) {
        this.held[dict] = OPAQUE;
        return;
      }
    }
    const list = this.listFrom(held === OPAQUE ? UNSET : held);
    for (let slot = from; slot < to; slot += 1) {
      this.valueAt(slot);
      this.addToList(list, this.storedAt(slot));
    }
    this.held[dict] = (Kind.dict << SHIFT) | list;
  }

  // Finishing.

  /** The code of the value in this slot; a container that is still open is complete now. */
  valueAt(slot: number): number {
    const code = this.code[slot] as number;
    if (code >= 0 || (code & TOP) === STORED) return code;
    const held = this.held[slot] as number;
    if ((code & TOP) === OPEN_LIST) {
      return this.finish(slot, held === UNSET ? EMPTY_LIST : this.finished(held));
    }
    if (held === UNSET) return this.finish(slot, EMPTY_DICT);
    return this.finish(slot, held === OPAQUE ? held : this.offered(held, slot));
  }

  private finish(slot: number, value: number): number {
    this.code[slot] = value;
    const place = this.memoOf[slot] as number;
    if (place !== UNSET) {
      this.memo[place] = value;
      this.memoOf[slot] = UNSET;
    }
    return value;
  }

  /** A list of frames that came in several pieces is a sequence after all. */
  private finished(held: number): number {
    if (held >>> SHIFT !== Kind.list || this.listIsPlain[held & REF] === 0) return held;
    const list = held & REF;
    const codes = new Int32Array(this.listLength[list] as number);
    let at = 0;
    this.eachItem(held, (code) => {
      codes[at] = code;
      at += 1;
    });
    return (Kind.sequence << SHIFT) | this.sequences.intern(codes, 0, codes.length);
  }

  /** Shows a dict that came in several pieces to the sink once more, as a whole. */
  private offered(held: number, dict: number): number {
    const length = this.lengthOf(held);
    const from = this.sp;
    while (from + length + 8 > this.code.length) {
      const size = this.code.length * 2;
      if (size > MOST_SLOTS) return held;
      this.code = grownInt32(this.code, size);
      this.num = grownFloat64(this.num, size);
      this.memoOf = grownInt32(this.memoOf, size);
      this.held = grownInt32(this.held, size);
    }
    let slot = from;
    this.eachItem(held, (code) => {
      const isNumber = code < 0;
      this.code[slot] = isNumber ? NUMBER : code;
      if (isNumber) this.num[slot] = this.numbers[code & LOW] as number;
      slot += 1;
    });
    this.sp = slot;
    const taken = this.sink.take(from, slot, dict, true);
    this.sp = from;
    return taken >= 0 ? taken : held;
  }

  // The memo.

  /** Keeps the value on top of the stack under `place`. */
  memoize(place: number): void {
    this.need(1);
    const top = this.sp - 1;
    if (place >= this.memo.length) {
      const old = this.memo.length;
      this.memo = grownInt32(this.memo, place + 1);
      this.memo.fill(UNSET, old);
    }
    let code = this.code[top] as number;
    if (code === NUMBER) code = this.storedAt(top);
    else if (code < 0) {
      if (this.memoOf[top] !== UNSET) throw refuse('changed');
      this.memoOf[top] = place;
    }
    if (this.memo[place] === UNSET) this.memoCount += 1;
    this.memo[place] = code;
  }

  /** Pushes what is kept under `place`. */
  recall(place: number): void {
    const code = place < this.memo.length ? (this.memo[place] as number) : UNSET;
    if (code === UNSET) throw refuse('bad_memo', { index: place });
    if (code >= 0) {
      this.pushCode(code);
      return;
    }
    if ((code & TOP) === STORED) {
      this.pushNumber(this.numbers[code & LOW] as number);
      return;
    }
    const slot = code & LOW;
    // A group that begins right above an open container is what fills it.
    if (this.beginsGroup(slot + 1) || slot >= this.sp) throw refuse('recursive');
    this.pushCode(this.valueAt(slot));
  }

  private beginsGroup(slot: number): boolean {
    for (let i = this.markCount - 1; i >= 0; i -= 1) {
      const mark = this.markAt(i);
      if (mark === slot) return true;
      if (mark < slot) return false;
    }
    return false;
  }

  // Lists.

  private storedAt(slot: number): number {
    const code = this.code[slot] as number;
    if (code !== NUMBER) return code;
    const id = this.numberCount;
    if (id >= MOST_NUMBERS) throw refuse('many_values', { limit: MOST_NUMBERS });
    if (id === this.numbers.length) this.numbers = grownFloat64(this.numbers, id + 1);
    this.numbers[id] = this.num[slot] as number;
    this.numberCount = id + 1;
    return STORED | id;
  }

  /** A list of its own that begins with what `held` holds. */
  private listFrom(held: number): number {
    const kind = held === UNSET ? -1 : held >>> SHIFT;
    if (kind === Kind.list || kind === Kind.dict) return held & REF;
    const list = this.listCount;
    if (list >= MOST_RUNS) throw refuse('many_values', { limit: MOST_RUNS });
    if (list >= this.listHead.length) {
      this.listHead = grownInt32(this.listHead, list + 1);
      this.listTail = grownInt32(this.listTail, list + 1);
      this.listLength = grownUint32(this.listLength, list + 1);
      this.listIsPlain = grownUint8(this.listIsPlain, list + 1);
    }
    this.listCount = list + 1;
    this.listHead[list] = UNSET;
    this.listTail[list] = UNSET;
    this.listLength[list] = 0;
    this.listIsPlain[list] = 1;
    if (kind >= 0) this.eachItem(held, (code) => this.addToList(list, code));
    return list;
  }

  private addToList(list: number, code: number): void {
    const kind = kindOf(code);
    if (kind !== Kind.atom && kind !== Kind.text) this.listIsPlain[list] = 0;
    this.listLength[list] = (this.listLength[list] as number) + 1;
    const tail = this.listTail[list] as number;
    if (tail !== UNSET) {
      const length = this.runLength[tail] as number;
      const step = code - (this.runCode[tail] as number);
      if (length === 1 && (step === 0 || step === 1)) this.runStride[tail] = step;
      if (step === length * (this.runStride[tail] as number)) {
        this.runLength[tail] = length + 1;
        return;
      }
    }
    const run = this.runCount;
    if (run >= MOST_RUNS) throw refuse('many_values', { limit: MOST_RUNS });
    if (run >= this.runCode.length) {
      this.runCode = grownInt32(this.runCode, run + 1);
      this.runLength = grownUint32(this.runLength, run + 1);
      this.runStride = grownUint8(this.runStride, run + 1);
      this.runNext = grownInt32(this.runNext, run + 1);
    }
    this.runCount = run + 1;
    this.runCode[run] = code;
    this.runLength[run] = 1;
    this.runStride[run] = 1;
    this.runNext[run] = UNSET;
    if (tail === UNSET) this.listHead[list] = run;
    else this.runNext[tail] = run;
    this.listTail[list] = run;
  }

  // Reading what was built.

  /** Number of items of a list, of keys and values of a dict. */
  lengthOf(code: number): number {
    switch (kindOf(code)) {
      case Kind.sequence:
        return this.sequences.lengthOf(refOf(code));
      case Kind.pair:
        return 2;
      case Kind.list:
      case Kind.dict:
        return this.listLength[refOf(code)] as number;
      default:
        return 0;
    }
  }

  /** Each item of a list, each key and value of a dict, in order. */
  eachItem(code: number, visit: (code: number) => void): void {
    const ref = refOf(code);
    switch (kindOf(code)) {
      case Kind.sequence: {
        const end = this.sequences.start[ref + 1] as number;
        for (let i = this.sequences.start[ref] as number; i < end; i += 1) {
          visit(this.sequences.items[i] as number);
        }
        return;
      }
      case Kind.pair:
        for (const value of this.pairs[ref] ?? []) visit(this.stored(value));
        return;
      case Kind.list:
      case Kind.dict:
        this.eachRun(code, (first, length, stride) => {
          for (let i = 0; i < length; i += 1) visit(first + i * stride);
        });
        return;
    }
  }

  /** Each run of a list or dict: `length` codes from `first` on. */
  eachRun(code: number, visit: (first: number, length: number, stride: number) => void): void {
    for (let run = this.listHead[refOf(code)] as number; run !== UNSET; ) {
      visit(
        this.runCode[run] as number,
        this.runLength[run] as number,
        this.runStride[run] as number,
      );
      run = this.runNext[run] as number;
    }
  }

  /** The number that a code of a list's item stands for, or undefined. */
  numberOf(code: number): number | undefined {
    return code < 0 && (code & TOP) === STORED ? this.numbers[code & LOW] : undefined;
  }

  private stored(value: number): number {
    this.code[this.sp] = NUMBER;
    this.num[this.sp] = value;
    return this.storedAt(this.sp);
  }
}
