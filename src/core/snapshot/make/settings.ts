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

/** What a text of settings says. `fraction` is of the device's capacity: the cap follows from it. */
export interface ParsedSettings {
  readonly settings: AllocatorSettings;
  readonly fraction: number;
}

/** A setting that the simulation does not know, or a value that it cannot have. */
export interface BadSetting {
  readonly name: string;
  readonly value: string;
}

type Apply = (value: string) => Partial<AllocatorSettings> | { fraction: number } | undefined;

/** Bounds are those of PyTorch's CUDAAllocatorConfig.cpp and AllocatorConfig.h. */
const SETTINGS: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  [
    'expandable_segments',
    (value) =>
      value === 'True' || value === 'False' ? { expandableSegments: value === 'True' } : undefined,
  ],
  ['max_split_size_mb', (value) => megabytes(value, 20, (maxSplitSize) => ({ maxSplitSize }))],
  [
    'max_non_split_rounding_mb',
    (value) => megabytes(value, 20, (maxNonSplitRounding) => ({ maxNonSplitRounding })),
  ],
  [
    'large_segment_size_mb',
    (value) => megabytes(value, 10, (largeSegmentSize) => ({ largeSegmentSize })),
  ],
  [
    'garbage_collection_threshold',
    (value) => fraction(value, (garbageCollectionThreshold) => ({ garbageCollectionThreshold })),
  ],
  ['per_process_memory_fraction', (value) => fraction(value, (part) => ({ fraction: part }))],
  ['roundup_power2_divisions', divisions],
]);

export const SETTING_NAMES: readonly string[] = [...SETTINGS.keys()];

export function parseSettings(conf: string): ParsedSettings | BadSetting {
  let stated: Partial<AllocatorSettings> = {};
  let part = 1;
  for (const entry of splitOutsideBrackets(conf.replaceAll(' ', ''))) {
    const colon = entry.indexOf(':');
    const name = colon < 0 ? entry : entry.slice(0, colon);
    const value = colon < 0 ? '' : entry.slice(colon + 1);
    const change = SETTINGS.get(name)?.(value);
    if (change === undefined) return { name, value };
    if ('fraction' in change) part = change.fraction;
    else stated = { ...stated, ...change };
  }
  // What is not stated of oversize blocks follows the large segment (2.11 and later).
  const { largeSegmentSize = DEFAULT_SETTINGS.maxNonSplitRounding } = stated;
  const settings = { ...DEFAULT_SETTINGS, maxNonSplitRounding: largeSegmentSize, ...stated };
  return { settings, fraction: part };
}

/** The settings as a snapshot states them. */
export function recordedSettings(conf: string, settings: AllocatorSettings): RecordedSettings {
  return {
    conf,
    maxSplitSize: settings.maxSplitSize,
    garbageCollectionThreshold: settings.garbageCollectionThreshold,
    expandableSegments: settings.expandableSegments,
    roundupPower2Divisions: settings.roundupPower2Divisions,
    graphCaptureRecordStreamReuse: false,
  };
}

/** @param above the value is larger than this. */
function megabytes<T>(value: string, above: number, make: (bytes: number) => T): T | undefined {
  const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  return count > above ? make(count * MiB) : undefined;
}

function fraction<T>(value: string, make: (part: number) => T): T | undefined {
  const part = /^\d?\.?\d{1,9}$/.test(value) ? Number(value) : 0;
  return part > 0 && part <= 1 ? make(part) : undefined;
}

/** A number for all sizes, or a list: the first also fills what is below it, ">" what is above. */
function divisions(value: string): Partial<AllocatorSettings> | undefined {
  if (!value.startsWith('[')) {
    const all = divisionOf(value);
    return all === undefined ? undefined : { roundupPower2Divisions: new Array(16).fill(all) };
  }
  if (!value.endsWith(']')) return undefined;
  const filled: number[] = new Array(16).fill(0);
  let last = -1;
  for (const item of value.slice(1, -1).split(',', 20)) {
    const [key = '', text = ''] = item.split(':', 2);
    const count = divisionOf(text);
    if (count === undefined) return undefined;
    if (key === '>') {
      filled.fill(count, Math.max(0, last));
      continue;
    }
    const entry = /^\d{1,5}$/.test(key) ? Math.log2(Number(key)) : Number.NaN;
    if (!Number.isInteger(entry) || entry > 15) return undefined;
    if (last < 0) filled.fill(count, 0, entry + 1);
    else filled[entry] = count;
    last = entry;
  }
  return { roundupPower2Divisions: filled };
}

function divisionOf(text: string): number | undefined {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  return count === 0 || (count > 0 && Number.isInteger(Math.log2(count))) ? count : undefined;
}

function splitOutsideBrackets(text: string): readonly string[] {
  const entries: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '[') depth++;
    if (character === ']') depth--;
    if (character === ',' && depth === 0) entries.push('');
    else entries[entries.length - 1] += character;
  }
  return entries.filter((entry) => entry !== '');
}
