/** A block of the simulated allocator, and what blocks belong to. */
import { NONE } from '../columns.ts';
import { FreeList } from './free-list.ts';

export interface Block {
  address: number;
  size: number;
  /** As the program asked for it; a free block keeps the last figure. */
  requested: number;
  readonly space: Space;
  /** Neighbours in the segment, or in the range of addresses of an expandable one. */
  previous: Block | undefined;
  next: Block | undefined;
  isAllocated: boolean;
  /** Freed by the program, and waiting for the work of other streams. */
  isPending: boolean;
  /** record_stream was called with another stream. */
  isUsedElsewhere: boolean;
  /** Memory stands behind the addresses. */
  isMapped: boolean;
  readonly isExpandable: boolean;
  /** Where the segment or the reserved range begins. Pages are counted from there. */
  readonly origin: number;
  /** Stack of the allocation, or NONE. */
  stack: number;
  /** Stack of the segment's making, kept by the segment's first block. */
  segmentStack: number;
  /** The pool's count of searches when the block became free: its age is counted from there. */
  freeSince: number;
}

/** One size class of a pool: that of blocks up to 1 MiB, or that of larger ones. */
export interface Half {
  readonly pool: number;
  readonly isLarge: boolean;
  /** By handle of the stream, lowest first. */
  readonly spaces: Space[];
  /** How often a free block was looked for. */
  searches: number;
}

/** What one stream has in a half of a pool. */
export interface Space {
  readonly half: Half;
  readonly stream: number;
  readonly free: FreeList;
  /** Ranges of expandable segments that no memory stands behind, by address. */
  readonly unmapped: Block[];
}

export function newSpace(half: Half, stream: number): Space {
  return { half, stream, free: new FreeList(), unmapped: [] };
}

export function newBlock(
  space: Space,
  address: number,
  size: number,
  kind: Pick<Block, 'origin' | 'isMapped' | 'isExpandable'>,
): Block {
  return {
    address,
    size,
    requested: 0,
    space,
    previous: undefined,
    next: undefined,
    isAllocated: false,
    isPending: false,
    isUsedElsewhere: false,
    isMapped: kind.isMapped,
    isExpandable: kind.isExpandable,
    origin: kind.origin,
    stack: NONE,
    segmentStack: NONE,
    freeSince: 0,
  };
}

/** Puts `block` between two neighbours. */
export function link(block: Block, previous: Block | undefined, next: Block | undefined): void {
  block.previous = previous;
  block.next = next;
  if (previous !== undefined) previous.next = block;
  if (next !== undefined) next.previous = block;
}

export const isFree = (block: Block | undefined): block is Block =>
  block !== undefined && !block.isAllocated && !block.isPending;
