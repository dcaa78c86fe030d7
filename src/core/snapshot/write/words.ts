/**
 * The constant strings of a snapshot. PyTorch makes one object of each and shares it, so a pickle holds
 * each once; the encoders know them by number.
 */
export const WORDS = [
  // Keys of a segment.
  'device',
  'address',
  'total_size',
  'allocated_size',
  'active_size',
  'requested_size',
  'stream',
  'segment_type',
  'segment_pool_id',
  'is_expandable',
  'frames',
  'blocks',
  // Values in a segment and its blocks.
  'large',
  'small',
  'size',
  'state',
  'inactive',
  'active_allocated',
  'active_pending_free',
  'history',
  'real_size',
  // Keys of a frame.
  'name',
  'filename',
  'line',
  // Keys of an event.
  'action',
  'addr',
  'device_free',
  'time_us',
  'compile_context',
  'user_metadata',
  'pool_id',
  'category',
  // Actions.
  'alloc',
  'free_requested',
  'free_completed',
  'segment_alloc',
  'segment_free',
  'segment_map',
  'segment_unmap',
  'snapshot',
  'oom',
  'other',
  // Top level.
  'segments',
  'device_traces',
  'allocator_settings',
  'external_annotations',
  'trace_alloc_max_entries',
  'trace_alloc_overflowed',
  'unoom_synthetic',
] as const;
export type Word = (typeof WORDS)[number];

const NUMBERS: ReadonlyMap<string, number> = new Map(WORDS.map((word, i) => [word, i]));

/** The number of a constant string, for the encoders. */
export const wordNumber = (word: Word): number => NUMBERS.get(word) ?? 0;
