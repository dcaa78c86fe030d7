/** Settings of the simulated allocator, from the text that PYTORCH_CUDA_ALLOC_CONF would hold. */
import { type Conf, type ConfEntry, parseConf } from '../../allocator/conf.ts';
import type { AllocatorSettings } from '../../allocator/program.ts';
import { MiB } from '../../base/bytes.ts';
import type { RecordedSettings } from '../columns.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

/** What a text of settings says. `fraction` is of the device's capacity: the cap follows from it. */
export interface ParsedSettings {
  readonly settings: AllocatorSettings;
  readonly fraction: number;
}

/** Settings that the simulation follows, with what PyTorch takes for them. */
const FOLLOWED: ReadonlyMap<string, (conf: Conf) => boolean> = new Map<
  string,
  (conf: Conf) => boolean
>([
  ['expandable_segments', () => true],
  ['max_split_size_mb', ({ maxSplitSize = 0 }) => maxSplitSize > 20 * MiB],
  ['max_non_split_rounding_mb', ({ maxNonSplitRounding = 0 }) => maxNonSplitRounding > 20 * MiB],
  ['large_segment_size_mb', ({ largeSegmentSize = 0 }) => largeSegmentSize > 10 * MiB],
  ['roundup_power2_divisions', () => true],
  [
    'garbage_collection_threshold',
    ({ garbageCollectionThreshold: part = 0 }) => part > 0 && part < 1,
  ],
  ['per_process_memory_fraction', ({ perProcessMemoryFraction: part = 0 }) => part > 0],
]);

export const SETTING_NAMES: readonly string[] = [...FOLLOWED.keys()];

/** @returns the first entry that is unknown or has a value that PyTorch refuses, if there is one. */
export function parseSettings(text: string): ParsedSettings | { bad: ConfEntry } {
  const conf = parseConf(text);
  const bad = conf.entries.find(
    (entry) => conf.illegible.includes(entry) || FOLLOWED.get(entry.key)?.(conf) !== true,
  );
  if (bad !== undefined) return { bad };
  const { largeSegmentSize = DEFAULT_SETTINGS.largeSegmentSize } = conf;
  return {
    settings: {
      ...DEFAULT_SETTINGS,
      expandableSegments: conf.expandableSegments ?? false,
      maxSplitSize: conf.maxSplitSize ?? DEFAULT_SETTINGS.maxSplitSize,
      // What is not stated of oversize blocks follows the large segment (2.11 and later).
      maxNonSplitRounding: conf.maxNonSplitRounding ?? largeSegmentSize,
      largeSegmentSize,
      roundupPower2Divisions:
        conf.roundupPower2Divisions ?? DEFAULT_SETTINGS.roundupPower2Divisions,
      garbageCollectionThreshold: conf.garbageCollectionThreshold ?? 0,
    },
    fraction: conf.perProcessMemoryFraction ?? 1,
  };
}

/** The settings as a snapshot states them. */
export function statedSettings(conf: string, settings: AllocatorSettings): RecordedSettings {
  return {
    conf,
    maxSplitSize: settings.maxSplitSize,
    garbageCollectionThreshold: settings.garbageCollectionThreshold,
    expandableSegments: settings.expandableSegments,
    roundupPower2Divisions: settings.roundupPower2Divisions,
    graphCaptureRecordStreamReuse: false,
  };
}
