/**
 * Items by a number that each has to itself, in order. Kept in pieces, so that putting one in or taking one
 * out among very many moves few: a trace can map as many ranges as it has events.
 */

const MOST_IN_PIECE = 256;

export class SortedList<T> {
  private readonly keyOf: (item: T) => number;
  /** Each in order, and before the next one. None is empty, except that there is always one. */
  private pieces: T[][];

  /** @param items of the same number the first one stays */
  constructor(keyOf: (item: T) => number, items: readonly T[] = []) {
    this.keyOf = keyOf;
    const sorted = [...items].sort((a, b) => keyOf(a) - keyOf(b));
    const distinct = sorted.filter(
      (item, i) => i === 0 || keyOf(sorted[i - 1] as T) !== keyOf(item),
    );
    this.pieces = [];
    for (let at = 0; at < distinct.length; at += MOST_IN_PIECE / 2) {
      this.pieces.push(distinct.slice(at, at + MOST_IN_PIECE / 2));
    }
    if (this.pieces.length === 0) this.pieces.push([]);
  }

  /** False when there is one of this number already: it stays. */
  add(item: T): boolean {
    const key = this.keyOf(item);
    const index = this.pieceOf(key);
    const piece = this.pieces[index] as T[];
    const at = this.placeIn(piece, key);
    const there = piece[at];
    if (there !== undefined && this.keyOf(there) === key) return false;
    piece.splice(at, 0, item);
    if (piece.length > MOST_IN_PIECE) {
      this.pieces.splice(index + 1, 0, piece.splice(MOST_IN_PIECE / 2));
    }
    return true;
  }

  remove(key: number): void {
    const index = this.pieceOf(key);
    const piece = this.pieces[index] as T[];
    const at = this.placeIn(piece, key);
    const there = piece[at];
    if (there === undefined || this.keyOf(there) !== key) return;
    piece.splice(at, 1);
    if (piece.length === 0 && this.pieces.length > 1) this.pieces.splice(index, 1);
  }

  /** The last item whose number is not above `key`. */
  atOrBefore(key: number): T | undefined {
    const index = this.pieceOf(key);
    const piece = this.pieces[index] as T[];
    const at = this.placeIn(piece, key);
    const there = piece[at];
    return there !== undefined && this.keyOf(there) === key ? there : piece[at - 1];
  }

  /** The first item whose number is above `key`. */
  after(key: number): T | undefined {
    const index = this.pieceOf(key);
    const piece = this.pieces[index] as T[];
    let at = this.placeIn(piece, key);
    const there = piece[at];
    if (there !== undefined && this.keyOf(there) === key) at += 1;
    return piece[at] ?? this.pieces[index + 1]?.[0];
  }

  /** In order. The list must not change meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (const piece of this.pieces) yield* piece;
  }

  /** All of them, in order. */
  values(): T[] {
    return this.pieces.flat();
  }

  /** The last piece that begins at or before `key`, or the first one. */
  private pieceOf(key: number): number {
    let from = 0;
    let to = this.pieces.length - 1;
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      if (this.keyOf((this.pieces[middle] as T[])[0] as T) <= key) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  /** Index of the first item of a piece whose number is not below `key`. */
  private placeIn(piece: readonly T[], key: number): number {
    let from = 0;
    let to = piece.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.keyOf(piece[middle] as T) < key) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
