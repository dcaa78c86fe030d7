/** Settings of the simulated allocator, from the text that PYTORCH_CUDA_ALLOC_CONF would hold. */
import type { AllocatorSettings } from '../../allocator/program.ts';
import { MiB } from '../../base/bytes.ts';
import type { RecordedSettings } from '../columns.ts';

export const DEFAULT_SETTINGS: AllocatorSettings = {
  expandableSegments: false,
  maxSplitSize: Number.POSITIVE_INFINITY,
  maxNonSplitRounding: 20 * MiB,
  largeSegmentSize: 20 * MiB,
  roundupPower2Divisions: Array.from({ length: 16 }, () => 0),
  garbageCollectionThreshold: 0,
  cap: Number.POSITIVE_INFINITY,
  capacity: Number.POSITIVE_INFINITY,
};
