/**
 * From what a program asks for to the bytes of a block, and from there to the bytes of a segment.
 *
 * Source: c10/cuda/CUDACachingAllocator.cpp and CUDAAllocatorConfig.cpp of PyTorch 1.13 to 2.11
 * (round_size, roundup_power2_next_division, get_allocation_size).
 */
import { MiB } from '../base/bytes.ts';

/** Blocks are multiples of this, except with a division of 1. */
export const MIN_BLOCK = 512;
/** Rounded sizes up to this one are served from the small pool. */
export const SMALL_MAX: number = MiB;
export const SMALL_SEGMENT: number = 2 * MiB;
/** From this size on a segment holds one request. */
export const MIN_LARGE: number = 10 * MiB;
/** Segments for large requests are multiples of this. */
export const LARGE_MULTIPLE: number = 2 * MiB;
/** `large_segment_size_mb` by default: what requests between 1 and 10 MiB share. */
export const LARGE_SEGMENT: number = 20 * MiB;
/** Entries of roundup_power2_divisions: entry i serves sizes from 2^i MiB. */
export const DIVISION_ENTRIES = 16;

/** Bytes of the block that serves a request of `bytes`. @param divisions 16 entries, 0 is off. */
export function roundSize(bytes: number, divisions: readonly number[]): number {
  if (!(bytes >= MIN_BLOCK)) return MIN_BLOCK;
  const parts = divisions[divisionEntry(bytes)] as number;
  if (parts > 0 && bytes > MIN_BLOCK * parts) {
    const power = floorPowerOf2(bytes);
    if (parts === 1 || power === bytes) return bytes;
    const step = power / parts;
    return Math.ceil(bytes / step) * step;
  }
  return Math.ceil(bytes / MIN_BLOCK) * MIN_BLOCK;
}

/** Which entry of the divisions serves a size: 0 below 2 MiB, then one for each power of two. */
export function divisionEntry(bytes: number): number {
  if (bytes < 2 * MiB) return 0;
  return Math.min(DIVISION_ENTRIES - 1, 31 - Math.clz32(bytes / MiB));
}

/** The greatest power of two that is not above `bytes`, for 1 <= bytes < 2^62. Shifts are faster than powers. */
function floorPowerOf2(bytes: number): number {
  if (bytes < HALF_RANGE) return 1 << (31 - Math.clz32(bytes));
  return HALF_RANGE * (1 << (31 - Math.clz32(bytes / HALF_RANGE)));
}

const HALF_RANGE = 2 ** 31;

/** Bytes of the segment that is asked of the driver for a block of `rounded` bytes. */
export function segmentSize(rounded: number, largeSegment: number): number {
  if (rounded <= SMALL_MAX) return SMALL_SEGMENT;
  if (rounded < MIN_LARGE) return largeSegment;
  return Math.ceil(rounded / LARGE_MULTIPLE) * LARGE_MULTIPLE;
}
