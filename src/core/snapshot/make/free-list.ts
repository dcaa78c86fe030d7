/** Blocks of one stream of one pool, in order of size and then of address. */
import type { Block } from './block.ts';

export class FreeList {
  private readonly blocks: Block[] = [];

  get count(): number {
    return this.blocks.length;
  }

  at(index: number): Block | undefined {
    return this.blocks[index];
  }

  /** Where the first block stands that has at least this size. */
  lowerBound(size: number, address = 0): number {
    const { blocks } = this;
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const block = blocks[middle] as Block;
      if (block.size < size || (block.size === size && block.address < address)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(block: Block): void {
    this.blocks.splice(this.lowerBound(block.size, block.address), 0, block);
  }

  remove(block: Block): void {
    this.blocks.splice(this.lowerBound(block.size, block.address), 1);
  }

  /** A copy that stays as it is while blocks come and go. */
  list(): readonly Block[] {
    return [...this.blocks];
  }
}
