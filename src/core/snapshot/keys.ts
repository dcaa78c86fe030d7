/**
 * Texts of snapshots that are known by their number: each reader interns them first, in this order, and
 * the writers share one object of each, as PyTorch does.
 * Sources: torch/csrc/cuda/Module.cpp and memory_snapshot.cpp, torch/cuda/_memory_viz.py of 1.12 to 2.13.
 */
import type { TextTable } from '../documents/text-table.ts';
import { ACTIONS } from './columns.ts';

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
  'unoom_synthetic',
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

/** Values beside the actions. */
const VALUES = [
  'inactive',
  'active_allocated',
  'active_pending_free',
  'active_awaiting_free',
  'large',
  'small',
  'START',
  'N/A',
  '',
] as const;

export type RowKey = (typeof ROW_KEYS)[number];
export type KnownText =
  | RowKey
  | (typeof DICT_KEYS)[number]
  | (typeof ACTIONS)[number]
  | (typeof VALUES)[number];

const ALL: readonly string[] = [...ROW_KEYS, ...DICT_KEYS, ...DIVISION_KEYS, ...ACTIONS, ...VALUES];
const NUMBERS: ReadonlyMap<string, number> = new Map(ALL.map((text, id) => [text, id]));

/** The number of a known text. */
export const known = (text: KnownText): number => NUMBERS.get(text) ?? -1;

export const ROW_KEY_COUNT: number = ROW_KEYS.length;
/** Texts below this number are keys. */
export const KEY_COUNT: number = ROW_KEYS.length + DICT_KEYS.length + DIVISION_KEYS.length;
/** Of the actions, in their order; other values follow. */
export const FIRST_VALUE: number = KEY_COUNT;
/** All known texts are below this number. */
export const KNOWN_COUNT: number = ALL.length;

/** Puts the known texts into an empty table. */
export function internKnown(texts: TextTable): void {
  for (const text of ALL) texts.internText(text);
}
