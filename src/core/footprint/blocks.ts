/**
 * What the caching allocator hands out for a tensor in a fresh segment: a tensor of 10 MiB and more gets a segment of
 * whole 2 MiB of its own, and what is left of it is cut off only where it is more than 1 MiB.
 *
 * Source: torch@2.8 c10/cuda/CUDACachingAllocator.cpp (get_allocation_size, should_split).
 */
import { MiB } from '../base/bytes.ts';

const SMALLEST = 512;
const OWN_SEGMENT = 10 * MiB;
const STEP = 2 * MiB;
const KEPT_WHOLE = MiB;

const upTo = (bytes: number, step: number): number => Math.ceil(bytes / step) * step;

/** Bytes of the block of a tensor that is allocated before anything has been freed. */
export function freshBlock(bytes: number): number {
  if (bytes >= OWN_SEGMENT) {
    const segment = upTo(bytes, STEP);
    if (segment - bytes <= KEPT_WHOLE) return segment;
  }
  return upTo(bytes, SMALLEST);
}
