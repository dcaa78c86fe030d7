/**
 * Which of many needles stand in one text at hand. Nearly all do not, and a bit for each four-character
 * group of the text tells so without a search: the cost is one pass over the text and a few looks for
 * each needle.
 */

const GROUP = 4;
const BITS = 16;

/** Five bits tell the letters apart; what they do not tell apart is searched for in vain, no more. */
const next = (group: number, code: number): number => ((group << 5) | (code & 31)) & 0xfffff;

const hash = (group: number): number => Math.imul(group, 0x9e3779b1) >>> (32 - BITS);

interface Folded {
  readonly text: string;
  /** Hashes of its first, its middle and its last group. */
  readonly groups: readonly number[];
}

/** Needles as they are looked for, once for each unit. */
const FOLDED = new WeakMap<readonly string[], readonly Folded[]>();

function foldedOf(needles: readonly string[]): readonly Folded[] {
  const known = FOLDED.get(needles);
  if (known !== undefined) return known;
  const made = needles.map((needle): Folded => {
    const text = needle.toLowerCase();
    const last = text.length - GROUP;
    const starts = last < 0 ? [] : [0, last >> 1, last];
    return { text, groups: starts.map((at) => hash(groupAt(text, at))) };
  });
  FOLDED.set(needles, made);
  return made;
}

function groupAt(text: string, at: number): number {
  let group = 0;
  for (let i = at; i < at + GROUP; i++) group = next(group, text.charCodeAt(i));
  return group;
}

export class Occurring {
  private readonly text: string;
  private readonly present = new Uint32Array(2 ** BITS / 32);

  constructor(text: string) {
    this.text = text.toLowerCase();
    let group = 0;
    for (let i = 0; i < this.text.length; i++) {
      group = next(group, this.text.charCodeAt(i));
      if (i < GROUP - 1) continue;
      const bit = hash(group);
      this.present[bit >>> 5] = (this.present[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }

  /** Whether any of them stands in the text, in whatever case. */
  hasAny(needles: readonly string[]): boolean {
    for (const { text, groups } of foldedOf(needles)) {
      if (groups.every(this.isPresent) && this.text.includes(text)) return true;
    }
    return false;
  }

  private readonly isPresent = (bit: number): boolean =>
    (((this.present[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}
