/** Rows of segments, blocks, annotations: numbers and codes by key, as the file gives them. */
import { type Assembler, Kind, NUMBER, REF, SHIFT, UNSET } from '../documents/assembler.ts';
import { grownFloat64, grownInt32 } from '../documents/grow.ts';
import { refuse } from '../documents/refusal.ts';
import { known, type RowKey } from './keys.ts';

const MOST_ROWS = 1 << 25;

export class RowTable<NumberKey extends RowKey, CodeKey extends RowKey> {
  count = 0;
  private readonly numberKeys: readonly NumberKey[];
  private readonly codeKeys: readonly CodeKey[];
  /** Column of a key: of numbers from 0 up, of codes from ~0 down. */
  private readonly columnOf: ReadonlyMap<number, number>;
  private readonly numberColumns: Float64Array[];
  private readonly codeColumns: Int32Array[];

  private readonly most: number;

  /** @param most rows; a file with more is refused */
  constructor(
    numberKeys: readonly NumberKey[],
    codeKeys: readonly CodeKey[],
    most: number = MOST_ROWS,
  ) {
    this.most = most;
    this.numberKeys = numberKeys;
    this.codeKeys = codeKeys;
    this.columnOf = new Map([
      ...numberKeys.map((key, i) => [known(key), i] as const),
      ...codeKeys.map((key, i) => [known(key), ~i] as const),
    ]);
    this.numberColumns = numberKeys.map(() => new Float64Array(256));
    this.codeColumns = codeKeys.map(() => new Int32Array(256));
  }

  /** A new row: numbers are NaN, codes UNSET. */
  add(): number {
    const row = this.count;
    if (row >= this.most) throw refuse('many_rows', { limit: this.most });
    for (let i = 0; i < this.numberColumns.length; i += 1) {
      let column = this.numberColumns[i] as Float64Array;
      if (row === column.length) {
        column = grownFloat64(column, row + 1);
        this.numberColumns[i] = column;
      }
      column[row] = Number.NaN;
    }
    for (let i = 0; i < this.codeColumns.length; i += 1) {
      let column = this.codeColumns[i] as Int32Array;
      if (row === column.length) {
        column = grownInt32(column, row + 1);
        this.codeColumns[i] = column;
      }
      column[row] = UNSET;
    }
    this.count = row + 1;
    return row;
  }

  /** Sets what the pairs in slots `from .. to` say; `other` is told of keys that have no column. */
  set(row: number, a: Assembler, from: number, to: number, other: (key: number) => void): void {
    for (let slot = from; slot < to; slot += 2) {
      const key = a.valueAt(slot);
      const value = a.valueAt(slot + 1);
      const column = key >>> SHIFT === Kind.text ? this.columnOf.get(key & REF) : undefined;
      if (column === undefined) other(key);
      else if (column < 0) (this.codeColumns[~column] as Int32Array)[row] = value;
      else if (value === NUMBER) {
        (this.numberColumns[column] as Float64Array)[row] = a.num[slot + 1] as number;
      }
    }
  }

  numbers(key: NumberKey): Float64Array {
    return this.numberColumns[this.numberKeys.indexOf(key)] as Float64Array;
  }

  codes(key: CodeKey): Int32Array {
    return this.codeColumns[this.codeKeys.indexOf(key)] as Int32Array;
  }
}
