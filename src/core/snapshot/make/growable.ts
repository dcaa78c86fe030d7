/** Columns that grow as rows come. */

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

export class Growable<C extends Column> {
  count = 0;
  private data: C;
  private readonly make: (length: number) => C;

  constructor(make: (length: number) => C) {
    this.make = make;
    this.data = make(64);
  }

  push(value: number): void {
    if (this.count === this.data.length) {
      const grown = this.make(this.count * 2);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.count++] = value;
  }

  get(row: number): number {
    return this.data[row] as number;
  }

  set(row: number, value: number): void {
    this.data[row] = value;
  }

  /** Rows `from` … as a column of their own, exactly as long as its rows. */
  finish(from = 0): C {
    return this.data.slice(from, this.count) as C;
  }
}

export const bytes = (): Growable<Uint8Array> => new Growable((n) => new Uint8Array(n));
export const shorts = (): Growable<Uint16Array> => new Growable((n) => new Uint16Array(n));
export const ids = (): Growable<Uint32Array> => new Growable((n) => new Uint32Array(n));
export const integers = (): Growable<Int32Array> => new Growable((n) => new Int32Array(n));
export const numbers = (): Growable<Float64Array> => new Growable((n) => new Float64Array(n));
