/**
 * Texts of snapshots that are known by their number: each reader interns them first, in this order.
 * Sources: torch/csrc/cuda/Module.cpp and memory_snapshot.cpp, torch/cuda/_memory_viz.py of 1.12 to 2.13.
 */
import type { TextTable } from '../documents/text-table.ts';

/** Keys of events, frames, segments, blocks, annotations. Fewer than 32: sets of them are bits of a word. */
const ROW_KEYS = [
  'action',
  'addr',
  'device_free',
  'size',
  'stream',
  'time_us',
  'frames',
  'compile_context',
  'user_metadata',
  'pool_id',
  'category',
  'name',
  'filename',
  'line',
  'address',
  'requested_size',
  'state',
  'history',
  'device',
  'total_size',
  'allocated_size',
  'active_size',
  'segment_type',
  'segment_pool_id',
  'is_expandable',
  'blocks',
  'stage',
  'real_size',
  'cpp_frames',
] as const;

/** Keys of dicts that stay dicts: the snapshot itself and its settings. */
const DICT_KEYS = [
  'segments',
  'device_traces',
  'allocator_settings',
  'external_annotations',
  'trace_alloc_max_entries',
  'trace_alloc_overflowed',
  'PYTORCH_CUDA_ALLOC_CONF',
  'max_split_size',
  'garbage_collection_threshold',
  'expandable_segments',
  'roundup_power2_divisions',
  'graph_capture_record_stream_reuse',
] as const;

/** Lower ends of the size classes of roundup_power2_divisions, in MiB. */
export const DIVISION_KEYS: readonly string[] = Array.from({ length: 16 }, (_, i) =>
  String(2 ** i),
);

const VALUES = [
  'alloc',
  'free_requested',
  'free_completed',
  'segment_alloc',
  'segment_free',
  'segment_map',
  'segment_unmap',
  'snapshot',
  'oom',
  'inactive',
  'active_allocated',
  'active_pending_free',
  'active_awaiting_free',
  'large',
  'START',
  'N/A',
  '',
] as const;

export type RowKey = (typeof ROW_KEYS)[number];
export type KnownText = RowKey | (typeof DICT_KEYS)[number] | (typeof VALUES)[number];

const ALL: readonly string[] = [...ROW_KEYS, ...DICT_KEYS, ...DIVISION_KEYS, ...VALUES];
const NUMBERS: ReadonlyMap<string, number> = new Map(ALL.map((text, id) => [text, id]));

/** The number of a known text. */
export const known = (text: KnownText): number => NUMBERS.get(text) ?? -1;

export const ROW_KEY_COUNT: number = ROW_KEYS.length;
/** Texts below this number are keys. */
export const KEY_COUNT: number = ROW_KEYS.length + DICT_KEYS.length + DIVISION_KEYS.length;
export const FIRST_VALUE: number = KEY_COUNT;

/** Puts the known texts into an empty table. */
export function internKnown(texts: TextTable): void {
  for (const text of ALL) texts.internText(text);
}
