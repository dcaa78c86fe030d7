/**
 * Reserved bytes that hold nothing of the program's: rounding, free pieces beside live blocks, whole
 * cached segments, private pools, blocks that wait for a stream. Together with what was asked for they
 * make up the reserved bytes of that moment.
 */
import { isAllocatedAt } from './lifetimes.ts';
import type { DeviceView } from './phases.ts';
import { type Layout, layoutAt, pendingAt } from './waste-layout.ts';

const MIB = 1 << 20;

/** Bounds of the classes of blocks, as the allocator treats their requests differently. */
export const SIZE_CLASSES = ['small', 'up_to_10_mib', 'up_to_200_mib', 'larger'] as const;
export type SizeClass = (typeof SIZE_CLASSES)[number];

/** Up to 1 MiB is the small pool's; below 10 MiB shares segments of 20 MiB. */
export const sizeClass = (bytes: number): SizeClass =>
  bytes <= MIB
    ? 'small'
    : bytes < 10 * MIB
      ? 'up_to_10_mib'
      : bytes <= 200 * MIB
        ? 'up_to_200_mib'
        : 'larger';

export interface ClassWaste {
  readonly pool: 'small' | 'large';
  readonly sizeClass: SizeClass;
  /** Live blocks: their number, bytes, and bytes beyond what was asked for. */
  blocks: number;
  bytes: number;
  rounding: number;
  /** Free pieces of this class. */
  freePieces: number;
  freeBytes: number;
}

export interface Waste {
  readonly moment: number;
  readonly reserved: number;
  readonly allocated: number;
  /** Blocks beyond what was asked for, of allocated blocks. */
  readonly rounding: number;
  /** Free pieces in segments that also hold live blocks; they cannot be given back. */
  readonly inactiveSplit: number;
  /** The same in expandable segments, whose whole free pages can be given back. */
  readonly expandableFree: number;
  /** Segments without a live block. */
  readonly cachedSegments: number;
  /** Free in private pools, whichever of the above it would be. */
  readonly privatePools: number;
  readonly pendingFree: number;
  readonly largestFree: number;
  readonly classes: readonly ClassWaste[];
}

/** @param moment event after which it is measured; -1 is the start. */
export function wasteAt(
  view: DeviceView,
  moment: number,
  layout: Layout = layoutAt(view, moment),
): Waste {
  const { lifetimes } = view;
  const classes: ClassWaste[] = (['small', 'large'] as const).flatMap((pool) =>
    SIZE_CLASSES.map((name) => ({
      pool,
      sizeClass: name,
      blocks: 0,
      bytes: 0,
      rounding: 0,
      freePieces: 0,
      freeBytes: 0,
    })),
  );
  const classOf = (isLarge: boolean, bytes: number): ClassWaste =>
    classes[
      (isLarge ? 1 : 0) * SIZE_CLASSES.length + SIZE_CLASSES.indexOf(sizeClass(bytes))
    ] as ClassWaste;
  let allocated = 0;
  let rounding = 0;
  for (let row = 0; row < lifetimes.count; row++) {
    if (!isAllocatedAt(lifetimes, row, moment)) continue;
    const bytes = lifetimes.block[row] as number;
    const extra = Math.max(0, bytes - (lifetimes.size[row] as number));
    allocated += bytes;
    rounding += extra;
    const own = classOf(bytes > MIB, bytes);
    own.blocks++;
    own.bytes += bytes;
    own.rounding += extra;
  }
  let reserved = 0;
  for (const { size } of layout.segments) reserved += size;
  const sums = { inactiveSplit: 0, expandableFree: 0, cachedSegments: 0, privatePools: 0 };
  let largestFree = 0;
  for (let i = 0; i < layout.freeSize.length; i++) {
    const bytes = layout.freeSize[i] as number;
    const index = layout.freeSegment[i] as number;
    const segment = layout.segments[index];
    if (segment === undefined) continue;
    largestFree = Math.max(largestFree, bytes);
    const own = classOf(segment.isLarge, bytes);
    own.freePieces++;
    own.freeBytes += bytes;
    if (segment.pool !== 0) sums.privatePools += bytes;
    else if (layout.used[index] === 0) sums.cachedSegments += bytes;
    else if (segment.isExpandable) sums.expandableFree += bytes;
    else sums.inactiveSplit += bytes;
  }
  return {
    moment,
    reserved,
    allocated,
    rounding,
    ...sums,
    pendingFree: pendingAt(view, moment).bytes,
    largestFree,
    classes: classes.filter(({ blocks, freePieces }) => blocks > 0 || freePieces > 0),
  };
}
