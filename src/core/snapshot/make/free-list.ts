/** Free ranges of addresses in order of size and then of address: blocks of a stream, gaps of a device. */

export interface Range {
  readonly address: number;
  readonly size: number;
}

export class FreeList<R extends Range> {
  private readonly ranges: R[] = [];

  get count(): number {
    return this.ranges.length;
  }

  at(index: number): R | undefined {
    return this.ranges[index];
  }

  /** Where the first one stands that has at least this size. */
  lowerBound(size: number, address = 0): number {
    const { ranges } = this;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = ranges[middle] as R;
      if (range.size < size || (range.size === size && range.address < address)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(range: R): void {
    this.ranges.splice(this.lowerBound(range.size, range.address), 0, range);
  }

  remove(range: R): void {
    this.ranges.splice(this.lowerBound(range.size, range.address), 1);
  }

  /** A copy that stays as it is while others come and go. */
  list(): readonly R[] {
    return [...this.ranges];
  }
}
