/** Where a long column is greatest within a range, in time that does not grow with the range. */

const FIRST = 16;
const STEP = 4;

export class Extremes {
  readonly values: Float64Array;
  /** Per level, per bucket: index of its greatest value; the first of equals. */
  readonly #levels: Uint32Array[] = [];

  constructor(values: Float64Array) {
    this.values = values;
    let below: Uint32Array | undefined;
    let parts = values.length;
    let width = FIRST;
    while (parts > STEP) {
      const level = new Uint32Array(Math.ceil(parts / width));
      for (let bucket = 0; bucket < level.length; bucket++) {
        const from = bucket * width;
        level[bucket] = this.#scan(below, from, Math.min(parts, from + width));
      }
      this.#levels.push(level);
      below = level;
      parts = level.length;
      width = STEP;
    }
  }

  /** Index of the greatest value in [from, to); `from` when the range is empty. */
  greatestIn(from: number, to: number): number {
    const { values } = this;
    let best = from;
    const take = (place: number): void => {
      const gain = (values[place] as number) - (values[best] as number);
      if (gain > 0 || (gain === 0 && place < best)) best = place;
    };
    let [left, right] = [from, to];
    let places: Uint32Array | undefined;
    let width = FIRST;
    // What is left of the range shrinks from both sides until whole buckets of the next level remain.
    for (let level = 0; left < right; level++) {
      const next = this.#levels[level];
      if (next === undefined || right - left < 2 * width) {
        take(this.#scan(places, left, right));
        break;
      }
      const first = Math.ceil(left / width);
      const last = Math.floor(right / width);
      if (left < first * width) take(this.#scan(places, left, first * width));
      if (last * width < right) take(this.#scan(places, last * width, right));
      left = first;
      right = last;
      places = next;
      width = STEP;
    }
    return best;
  }

  /** Best of the indices `places[from … to)`, or of the range itself. */
  #scan(places: Uint32Array | undefined, from: number, to: number): number {
    const { values } = this;
    let best = places === undefined ? from : (places[from] as number);
    for (let i = from + 1; i < to; i++) {
      const place = places === undefined ? i : (places[i] as number);
      if ((values[place] as number) > (values[best] as number)) best = place;
    }
    return best;
  }
}
