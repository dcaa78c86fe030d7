/**
 * What the caching allocator hands out for a tensor in a fresh segment: a tensor of 10 MiB and more gets a segment of
 * whole 2 MiB of its own, smaller ones share segments of 20 MiB; what is left of a segment is cut off only where it is
 * more than 1 MiB.
 *
 * Source: torch@2.8 c10/cuda/CUDACachingAllocator.cpp (get_allocation_size, should_split).
 */
import { MiB } from '../base/bytes.ts';

const SMALLEST = 512;
const SMALL = MiB;
const SHARED_SEGMENT = 20 * MiB;
const OWN_SEGMENT = 10 * MiB;
const STEP = 2 * MiB;
const KEPT_WHOLE = MiB;

const upTo = (bytes: number, step: number): number => Math.ceil(bytes / step) * step;

/** Bytes of the block of a tensor among many of its size, allocated before anything has been freed. */
export function freshBlock(bytes: number): number {
  if (bytes > SMALL && bytes < OWN_SEGMENT) {
    const block = upTo(bytes, SMALLEST);
    const together = Math.floor(SHARED_SEGMENT / block);
    const left = SHARED_SEGMENT - together * block;
    return left <= KEPT_WHOLE ? block + left / together : block;
  }
  if (bytes >= OWN_SEGMENT) {
    const segment = upTo(bytes, STEP);
    if (segment - bytes <= KEPT_WHOLE) return segment;
  }
  return upTo(bytes, SMALLEST);
}
