/**
 * The settings under which a snapshot was recorded, as far as it tells: what the file states, then
 * the text of PYTORCH_CUDA_ALLOC_CONF, then what the trace shows, then the defaults.
 */
import { type Conf, parseConf } from '../allocator/conf.ts';
import type { AllocatorSettings } from '../allocator/program.ts';
import { DIVISION_ENTRIES, LARGE_SEGMENT } from '../allocator/rounding.ts';
import type { Note } from '../base/problem.ts';
import { say } from '../base/texts.ts';
import { Action, type Device, type Snapshot } from './columns.ts';

const TEXTS = {
  en: {
    unknown_option:
      '"{key}" is no allocator option that unoom knows; it was left out of the replay.',
    illegible_option:
      'The value of "{key}" ({value}) is none that PyTorch takes; its default is assumed.',
    no_settings: 'The file does not state allocator settings; the defaults are assumed.',
    async_backend: 'The backend is {backend}, not the native allocator.',
    expandable_not_used:
      'expandable_segments is set, but nothing was mapped: it had no effect on this platform.',
    expandable_seen: 'Segments were mapped piece by piece: expandable_segments was on.',
    gc_without_cap:
      'garbage_collection_threshold is set, but the memory fraction that it needs is not in the file; it is taken to be off.',
    fraction_without_total:
      'per_process_memory_fraction is set, but the total of the device is not in the file; its cap is not applied.',
  },
  zh: {
    unknown_option: '“{key}”不是 unoom 认识的分配器选项，重放时未予考虑。',
    illegible_option: '“{key}”的值（{value}）不是 PyTorch 接受的取值，按默认值处理。',
    no_settings: '文件中没有分配器设置，按默认值处理。',
    async_backend: '后端是 {backend}，而不是原生分配器。',
    expandable_not_used: '设置了 expandable_segments，但没有任何映射事件：它在该平台上没有生效。',
    expandable_seen: '段是逐块映射的：expandable_segments 已开启。',
    gc_without_cap:
      '设置了 garbage_collection_threshold，但它所依赖的显存比例不在文件中，按未开启处理。',
    fraction_without_total:
      '设置了 per_process_memory_fraction，但文件中没有设备的总显存，未应用该上限。',
  },
  ru: {
    unknown_option:
      '«{key}» — неизвестный unoom параметр аллокатора; при воспроизведении он не учтён.',
    illegible_option:
      'Значение «{key}» ({value}) PyTorch не принимает; взято значение по умолчанию.',
    no_settings: 'Настроек аллокатора в файле нет; взяты значения по умолчанию.',
    async_backend: 'Бэкенд — {backend}, а не собственный аллокатор PyTorch.',
    expandable_not_used:
      'expandable_segments включён, но ничего не отображалось: на этой платформе он не подействовал.',
    expandable_seen: 'Сегменты отображались по частям: expandable_segments был включён.',
    gc_without_cap:
      'garbage_collection_threshold задан, но доли памяти, без которой он не работает, в файле нет; считаем, что он выключен.',
    fraction_without_total:
      'per_process_memory_fraction задан, но общего объёма памяти устройства в файле нет; предел не применён.',
  },
} as const;

/** What PyTorch does when nothing is set. */
export const DEFAULT_SETTINGS: AllocatorSettings = {
  expandableSegments: false,
  maxSplitSize: Number.POSITIVE_INFINITY,
  maxNonSplitRounding: LARGE_SEGMENT,
  largeSegmentSize: LARGE_SEGMENT,
  roundupPower2Divisions: new Array<number>(DIVISION_ENTRIES).fill(0),
  garbageCollectionThreshold: 0,
  cap: Number.POSITIVE_INFINITY,
  capacity: Number.POSITIVE_INFINITY,
};

export interface SettingsFound {
  /** `capacity` is left open: see capacity.ts. */
  readonly settings: AllocatorSettings;
  readonly conf: Conf;
  readonly notes: readonly Note[];
}

/** @param deviceTotal bytes of the device, when they are known: the fraction is one of them */
export function recordedSettings(
  snapshot: Snapshot,
  device: Device,
  deviceTotal?: number,
): SettingsFound {
  const recorded = snapshot.settings;
  const conf = parseConf(recorded?.conf ?? '');
  const notes = [...notesOfConf(conf, recorded !== undefined)];
  const largeSegmentSize = conf.largeSegmentSize ?? LARGE_SEGMENT;
  const fraction = conf.perProcessMemoryFraction ?? 1;
  const isCapped = fraction < 1;
  const cap =
    isCapped && deviceTotal !== undefined
      ? Math.floor(fraction * deviceTotal)
      : Number.POSITIVE_INFINITY;
  if (isCapped && deviceTotal === undefined) notes.push(note('fraction_without_total'));
  const threshold = recorded?.garbageCollectionThreshold ?? conf.garbageCollectionThreshold ?? 0;
  if (threshold > 0 && cap === Number.POSITIVE_INFINITY) notes.push(note('gc_without_cap'));
  const stated = recorded?.expandableSegments ?? conf.expandableSegments ?? false;
  const expandableSegments = usesExpandable(snapshot, device, stated);
  if (stated !== expandableSegments) {
    notes.push(note(stated ? 'expandable_not_used' : 'expandable_seen'));
  }
  return {
    settings: {
      expandableSegments,
      maxSplitSize: recorded?.maxSplitSize ?? conf.maxSplitSize ?? Number.POSITIVE_INFINITY,
      maxNonSplitRounding: conf.maxNonSplitRounding ?? largeSegmentSize,
      largeSegmentSize,
      roundupPower2Divisions: divisionsOf(
        recorded?.roundupPower2Divisions ?? conf.roundupPower2Divisions,
      ),
      garbageCollectionThreshold: threshold,
      cap,
      capacity: Number.POSITIVE_INFINITY,
    },
    conf,
    notes,
  };
}

/** Always 16 entries. */
function divisionsOf(divisions: readonly number[] | undefined): readonly number[] {
  return DEFAULT_SETTINGS.roundupPower2Divisions.map((none, i) => divisions?.[i] ?? none);
}

/** What happened decides: the option is ignored on some platforms, and can be changed at run time. */
function usesExpandable(snapshot: Snapshot, device: Device, stated: boolean): boolean {
  const { action, count } = device.events;
  let mapped = 0;
  let allocated = 0;
  for (let i = 0; i < count; i += 1) {
    if (action[i] === Action.segmentMap) mapped += 1;
    else if (action[i] === Action.segmentAlloc) allocated += 1;
  }
  if (mapped !== allocated) return mapped > allocated;
  const [from, to] = device.segments;
  let expandable = 0;
  for (let i = from; i < to; i += 1) expandable += snapshot.segments.isExpandable[i] as number;
  return to > from ? stated && expandable > 0 : stated;
}

function notesOfConf(conf: Conf, isStated: boolean): readonly Note[] {
  const notes: Note[] = conf.unknownKeys.map((key) => note('unknown_option', { key }));
  for (const { key, value } of conf.illegible) notes.push(note('illegible_option', { key, value }));
  if (conf.backend !== undefined && conf.backend !== 'native') {
    notes.push(note('async_backend', { backend: conf.backend }));
  }
  if (!isStated) notes.push(note('no_settings'));
  return notes;
}

function note(key: keyof typeof TEXTS.en, params: Readonly<Record<string, string>> = {}): Note {
  return { code: `replay_${key}`, text: say(TEXTS, key, params) };
}

/** Versions of PyTorch from `Shape.version`, as 1000 × major + minor: "2.3 – 2.5", "2.10+", "≤ 1.13". */
export function versionsOf(version: string): { readonly low: number; readonly high: number } {
  const found = [...version.matchAll(/(\d{1,3})\.(\d{1,3})/g)].map(
    ([, major, minor]) => 1000 * Number(major) + Number(minor),
  );
  const first = found[0];
  if (first === undefined) return { low: 0, high: Number.POSITIVE_INFINITY };
  if (version.startsWith('≤')) return { low: 0, high: first };
  if (version.endsWith('+')) return { low: first, high: Number.POSITIVE_INFINITY };
  return { low: first, high: found.at(-1) ?? first };
}
