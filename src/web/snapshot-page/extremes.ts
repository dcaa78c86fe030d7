/** Where a long column is greatest or least within a range, in time that does not grow with the range. */

const FIRST = 16;
const STEP = 4;

export class Extremes {
  readonly values: Float64Array;
  /** Per level, per bucket: index of its greatest and least value; the first of equals. */
  readonly #greatest: Uint32Array[] = [];
  readonly #least: Uint32Array[] = [];

  constructor(values: Float64Array) {
    this.values = values;
    let below: readonly [Uint32Array | undefined, Uint32Array | undefined] = [undefined, undefined];
    let parts = values.length;
    let width = FIRST;
    while (parts > STEP) {
      const count = Math.ceil(parts / width);
      const greatest = new Uint32Array(count);
      const least = new Uint32Array(count);
      for (let bucket = 0; bucket < count; bucket++) {
        const from = bucket * width;
        const to = Math.min(parts, from + width);
        greatest[bucket] = this.#scan(below[0], from, to, 1);
        least[bucket] = this.#scan(below[1], from, to, -1);
      }
      this.#greatest.push(greatest);
      this.#least.push(least);
      below = [greatest, least];
      parts = count;
      width = STEP;
    }
  }

  /** Index of the greatest value in [from, to); `from` when the range is empty. */
  greatestIn(from: number, to: number): number {
    return this.#search(this.#greatest, from, to, 1);
  }

  leastIn(from: number, to: number): number {
    return this.#search(this.#least, from, to, -1);
  }

  /** Best of the indices `places[from … to)`, or of the range itself. */
  #scan(places: Uint32Array | undefined, from: number, to: number, sign: number): number {
    const { values } = this;
    let best = places === undefined ? from : (places[from] as number);
    let value = sign * (values[best] as number);
    for (let i = from + 1; i < to; i++) {
      const place = places === undefined ? i : (places[i] as number);
      const other = sign * (values[place] as number);
      if (other > value) {
        value = other;
        best = place;
      }
    }
    return best;
  }

  #search(levels: readonly Uint32Array[], from: number, to: number, sign: number): number {
    const { values } = this;
    let best = from;
    const better = (place: number): void => {
      const gain = sign * ((values[place] as number) - (values[best] as number));
      if (gain > 0 || (gain === 0 && place < best)) best = place;
    };
    let places: Uint32Array | undefined;
    let width = FIRST;
    // What is left of the range shrinks from both sides until whole buckets of the next level remain.
    for (let level = 0; from < to; level++) {
      const next = levels[level];
      if (next === undefined || to - from < 2 * width) {
        better(this.#scan(places, from, to, sign));
        break;
      }
      const first = Math.ceil(from / width);
      const last = Math.floor(to / width);
      if (from < first * width) better(this.#scan(places, from, first * width, sign));
      if (last * width < to) better(this.#scan(places, last * width, to, sign));
      from = first;
      to = last;
      places = next;
      width = STEP;
    }
    return best;
  }
}
