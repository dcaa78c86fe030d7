/**
 * The free blocks of one pool and stream in the order in which the allocator looks at them: by size,
 * then by address.
 *
 * Kept as sorted chunks of integer rows with their keys beside them. A chunk is small enough that
 * moving half of it costs less than following pointers, and there are few chunks to search.
 */
const CHUNK = 64;

class Chunk {
  count = 0;
  readonly rows = new Int32Array(CHUNK);
  readonly sizes = new Float64Array(CHUNK);
  readonly addresses = new Float64Array(CHUNK);

  /** Index of the first entry that does not come before (size, address). */
  lowerBound(size: number, address: number): number {
    const { sizes, addresses } = this;
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = sizes[middle] as number;
      if (other < size || (other === size && (addresses[middle] as number) < address)) {
        from = middle + 1;
      } else to = middle;
    }
    return from;
  }

  insert(at: number, row: number, size: number, address: number): void {
    const { rows, sizes, addresses } = this;
    for (let i = this.count; i > at; i -= 1) {
      rows[i] = rows[i - 1] as number;
      sizes[i] = sizes[i - 1] as number;
      addresses[i] = addresses[i - 1] as number;
    }
    rows[at] = row;
    sizes[at] = size;
    addresses[at] = address;
    this.count += 1;
  }

  remove(at: number): void {
    const { rows, sizes, addresses } = this;
    if (at >= this.count) return;
    const last = this.count - 1;
    for (let i = at; i < last; i += 1) {
      rows[i] = rows[i + 1] as number;
      sizes[i] = sizes[i + 1] as number;
      addresses[i] = addresses[i + 1] as number;
    }
    this.count = last;
  }

  /** Moves the upper half into a new chunk. */
  split(): Chunk {
    const upper = new Chunk();
    const half = CHUNK >> 1;
    upper.rows.set(this.rows.subarray(half));
    upper.sizes.set(this.sizes.subarray(half));
    upper.addresses.set(this.addresses.subarray(half));
    upper.count = CHUNK - half;
    this.count = half;
    return upper;
  }
}

export class FreeBlocks {
  /** None is empty, except that there is always at least one. */
  private readonly chunks: Chunk[] = [new Chunk()];
  /** The cursor: where `seek` and `next` stand. */
  private chunk = 0;
  private at = 0;

  insert(row: number, size: number, address: number): void {
    const index = this.chunkFor(size, address);
    const chunk = this.chunks[index] as Chunk;
    if (chunk.count === CHUNK) {
      this.chunks.splice(index + 1, 0, chunk.split());
      this.insert(row, size, address);
      return;
    }
    chunk.insert(chunk.lowerBound(size, address), row, size, address);
  }

  /** Takes out the block that was inserted with these keys. */
  remove(size: number, address: number): void {
    this.chunk = this.chunkFor(size, address);
    this.at = (this.chunks[this.chunk] as Chunk).lowerBound(size, address);
    this.removeHere();
  }

  /** Puts the cursor on the first block of at least `size` bytes. Its row, or -1. */
  seek(size: number): number {
    this.chunk = this.chunkFor(size, 0);
    this.at = (this.chunks[this.chunk] as Chunk).lowerBound(size, 0);
    return this.here();
  }

  /** Puts the cursor on the largest block. Its row, or -1. */
  seekLast(): number {
    this.chunk = this.chunks.length - 1;
    this.at = (this.chunks[this.chunk] as Chunk).count - 1;
    return this.at < 0 ? -1 : this.here();
  }

  /** The row after the cursor, or -1; the cursor stays. */
  peek(): number {
    const chunk = this.chunks[this.chunk] as Chunk;
    if (this.at + 1 < chunk.count) return chunk.rows[this.at + 1] as number;
    const following = this.chunks[this.chunk + 1];
    return following === undefined ? -1 : (following.rows[0] as number);
  }

  /** Moves the cursor on. The row there, or -1 at the end. */
  next(): number {
    this.at += 1;
    if (
      this.at >= (this.chunks[this.chunk] as Chunk).count &&
      this.chunk + 1 < this.chunks.length
    ) {
      this.chunk += 1;
      this.at = 0;
    }
    return this.here();
  }

  /** Takes out the block under the cursor; the cursor is then on no block. */
  removeHere(): void {
    const chunk = this.chunks[this.chunk] as Chunk;
    chunk.remove(this.at);
    if (chunk.count === 0 && this.chunks.length > 1) this.chunks.splice(this.chunk, 1);
  }

  /** Appends all rows, in order. */
  appendTo(rows: number[]): void {
    for (const chunk of this.chunks) {
      for (let i = 0; i < chunk.count; i += 1) rows.push(chunk.rows[i] as number);
    }
  }

  private here(): number {
    const chunk = this.chunks[this.chunk] as Chunk;
    return this.at < chunk.count ? (chunk.rows[this.at] as number) : -1;
  }

  /** The first chunk whose last block does not come before (size, address), or the last chunk. */
  private chunkFor(size: number, address: number): number {
    const { chunks } = this;
    let from = 0;
    let to = chunks.length - 1;
    while (from < to) {
      const middle = (from + to) >> 1;
      const chunk = chunks[middle] as Chunk;
      const last = chunk.count - 1;
      const other = chunk.sizes[last] as number;
      if (other < size || (other === size && (chunk.addresses[last] as number) < address)) {
        from = middle + 1;
      } else to = middle;
    }
    return from;
  }
}
