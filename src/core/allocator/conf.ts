/**
 * PYTORCH_CUDA_ALLOC_CONF: `key:value,key:value`, lists in brackets, white space without meaning.
 *
 * Source: c10/cuda/CUDAAllocatorConfig.cpp of PyTorch 1.13 to 2.11, c10/core/AllocatorConfig.h.
 */
import { MiB } from '../base/bytes.ts';
import { DIVISION_ENTRIES } from './rounding.ts';

/** Longer texts are cut; nobody sets that many options. */
const MAX_TEXT = 4096;

export interface ConfEntry {
  readonly key: string;
  readonly value: string;
}

/** What a conf text says of the things that decide where blocks go. Absent: not named, or not legible. */
export interface Conf {
  /** All of it, in its order. */
  readonly entries: readonly ConfEntry[];
  readonly expandableSegments?: boolean;
  /** Bytes. */
  readonly maxSplitSize?: number;
  readonly maxNonSplitRounding?: number;
  readonly largeSegmentSize?: number;
  readonly roundupPower2Divisions?: readonly number[];
  readonly garbageCollectionThreshold?: number;
  readonly perProcessMemoryFraction?: number;
  /** `native` unless it says otherwise. */
  readonly backend?: string;
  /** Keys that no version of PyTorch knows as far as we have read. */
  readonly unknownKeys: readonly string[];
  /** Entries whose value is none that PyTorch would take. */
  readonly illegible: readonly ConfEntry[];
}

/** Options without a bearing on where blocks of the device go. */
const WITHOUT_BEARING: readonly string[] = [
  'backend',
  'expandable_segments_reserve',
  'expandable_segments_reserve_by_class',
  'graph_capture_record_stream_reuse',
  'pinned_free_catch_all',
  'pinned_num_register_threads',
  'pinned_reserve_segment_size_mb',
  'pinned_use_background_threads',
  'pinned_use_cuda_host_register',
  'release_lock_on_cudamalloc',
  'release_lock_on_hipmalloc',
  'pinned_use_hip_host_register',
  'roundup_bypass_threshold_mb',
  'throw_on_cudamalloc_oom',
];

type Draft = {
  -readonly [Key in keyof Omit<Conf, 'entries' | 'unknownKeys' | 'illegible'>]: Conf[Key];
};

/** How each option with a bearing is read; false when its value is not legible. */
const READERS: ReadonlyMap<string, (draft: Draft, value: string) => boolean> = new Map([
  ['expandable_segments', readExpandable],
  ['max_split_size_mb', sizeInto('maxSplitSize')],
  ['max_non_split_rounding_mb', sizeInto('maxNonSplitRounding')],
  ['large_segment_size_mb', sizeInto('largeSegmentSize')],
  ['garbage_collection_threshold', fractionInto('garbageCollectionThreshold')],
  ['per_process_memory_fraction', fractionInto('perProcessMemoryFraction')],
  ['roundup_power2_divisions', readDivisions],
]);

export function parseConf(text: string): Conf {
  const entries = entriesOf(text.slice(0, MAX_TEXT));
  const draft: Draft = {};
  const unknownKeys: string[] = [];
  const illegible: ConfEntry[] = [];
  for (const entry of entries) {
    const read = READERS.get(entry.key);
    if (read !== undefined) {
      if (!read(draft, entry.value)) illegible.push(entry);
    } else if (!WITHOUT_BEARING.includes(entry.key)) unknownKeys.push(entry.key);
    if (entry.key === 'backend') draft.backend = entry.value;
  }
  return { ...draft, entries, unknownKeys, illegible };
}

/** Writes entries as PyTorch reads them. */
export function writeConf(entries: readonly ConfEntry[]): string {
  return entries.map(({ key, value }) => `${key}:${value}`).join(',');
}

/** Entries of a text; commas and colons within brackets belong to the value. */
function entriesOf(text: string): readonly ConfEntry[] {
  const entries: ConfEntry[] = [];
  let depth = 0;
  let key: string | undefined;
  let part = '';
  const close = () => {
    if (key !== undefined) entries.push({ key, value: part });
    else if (part !== '') entries.push({ key: part, value: '' });
    key = undefined;
    part = '';
  };
  for (const char of text) {
    if (char.trim() === '') continue;
    if (char === '[') depth += 1;
    if (char === ']') depth -= 1;
    if (char === ',' && depth <= 0) close();
    else if (char === ':' && depth <= 0 && key === undefined) {
      key = part;
      part = '';
    } else part += char;
  }
  close();
  return entries;
}

function readExpandable(draft: Draft, value: string): boolean {
  if (value !== 'True' && value !== 'False') return false;
  draft.expandableSegments = value === 'True';
  return true;
}

function sizeInto(
  field: 'maxSplitSize' | 'maxNonSplitRounding' | 'largeSegmentSize',
): (draft: Draft, value: string) => boolean {
  return (draft, value) => {
    const mebibytes = wholeNumber(value);
    if (mebibytes === undefined || mebibytes === 0) return false;
    draft[field] = mebibytes * MiB;
    return true;
  };
}

function fractionInto(
  field: 'garbageCollectionThreshold' | 'perProcessMemoryFraction',
): (draft: Draft, value: string) => boolean {
  return (draft, value) => {
    const fraction = Number(value);
    if (value === '' || !(fraction >= 0 && fraction <= 1)) return false;
    draft[field] = fraction;
    return true;
  };
}

/** A number for all sizes, or `[256:1,512:2,>:8]`: powers of two in MiB and their divisions. */
function readDivisions(draft: Draft, value: string): boolean {
  const divisions = value.startsWith('[') ? listedDivisions(value) : sameDivisions(value);
  if (divisions === undefined) return false;
  draft.roundupPower2Divisions = divisions;
  return true;
}

function sameDivisions(value: string): readonly number[] | undefined {
  const parts = division(value);
  return parts === undefined ? undefined : new Array<number>(DIVISION_ENTRIES).fill(parts);
}

function listedDivisions(value: string): readonly number[] | undefined {
  if (!value.endsWith(']')) return undefined;
  const divisions = new Array<number>(DIVISION_ENTRIES).fill(0);
  let last = 0;
  let isFirst = true;
  for (const { key, value: text } of entriesOf(value.slice(1, -1))) {
    const parts = division(text);
    if (parts === undefined) return undefined;
    if (key === '>') {
      // It begins at the last key and overwrites that key's own entry, as PyTorch does.
      divisions.fill(parts, last);
      continue;
    }
    const mebibytes = wholeNumber(key);
    if (mebibytes === undefined || !isPowerOf2(mebibytes)) return undefined;
    const entry = Math.min(DIVISION_ENTRIES - 1, Math.log2(mebibytes));
    if (isFirst) divisions.fill(parts, 0, entry + 1);
    else divisions[entry] = parts;
    isFirst = false;
    last = entry;
  }
  return isFirst && last === 0 && !value.includes('>') ? undefined : divisions;
}

/** 0 or a power of two. */
function division(value: string): number | undefined {
  const parts = wholeNumber(value);
  return parts === undefined || (parts !== 0 && !isPowerOf2(parts)) ? undefined : parts;
}

const isPowerOf2 = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value));

function wholeNumber(value: string): number | undefined {
  return /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
