/**
 * Which other settings are worth a try for a trace, what each is called in which version of PyTorch,
 * and what is known against it.
 *
 * Source: docs "Optimizing memory usage with PYTORCH_CUDA_ALLOC_CONF" of PyTorch 2.0 to 2.13,
 * CUDAAllocatorConfig.cpp, and the issues that the texts name.
 */
import { type Conf, type ConfEntry, writeConf } from '../allocator/conf.ts';
import { type AllocatorSettings, Op, type Program } from '../allocator/program.ts';
import { DIVISION_ENTRIES, roundSize } from '../allocator/rounding.ts';
import { MiB } from '../base/bytes.ts';
import { type Statement, say } from '../base/texts.ts';

const TEXTS = {
  en: {
    expandable_platform:
      'expandable_segments works on Linux with the driver API; elsewhere it is ignored with a warning, and on WSL2 it can fail with false out-of-memory errors.',
    expandable_ipc:
      'Before about 2.6, tensors in expandable segments cannot be shared between processes (CUDA IPC).',
    expandable_split_crash:
      'expandable_segments together with max_split_size_mb crashed before 2.5 (issue 123548), and reserved memory can grow without bound (pull request 193400).',
    split_last_resort:
      'The documentation calls max_split_size_mb a last resort: blocks from this size on are reused only for requests of nearly their size, and in some runs it raises the peak.',
    roundup_cost: 'Rounding up costs memory in every block: it pays only where sizes vary.',
    gc_needs_fraction:
      'Garbage collection works only with a memory fraction, never touches expandable segments, and costs calls of cudaFree and cudaMalloc.',
    fraction_fails:
      'At the cap requests fail although the device has room. It counts segments of the caching allocator only, not the context, NCCL or other libraries (issue 58466).',
    empty_cache_neighbours:
      'This changes the program. Other processes on the device no longer get what empty_cache() gave back.',
    large_segment_small:
      'Other libraries and versions know no large_segment_size_mb: an unknown option is an error at the first use of CUDA.',
    needs_version:
      'The option exists from PyTorch {version} on, and the file does not tell whether the run used that; older versions stop with an error at the first use of CUDA.',
    one_variable:
      'Set only one of PYTORCH_ALLOC_CONF and PYTORCH_CUDA_ALLOC_CONF: versions differ in which of them counts.',
    fraction_unknown:
      'The total of the device is not in the file; choose the fraction so that the cap is {cap}.',
  },
  zh: {
    expandable_platform:
      'expandable_segments 需要 Linux 和驱动 API；在其他平台上只给出警告并被忽略，在 WSL2 上可能误报显存不足。',
    expandable_ipc: '约 2.6 之前，可扩展段中的张量不能在进程之间共享（CUDA IPC）。',
    expandable_split_crash:
      'expandable_segments 与 max_split_size_mb 同用，在 2.5 之前会崩溃（issue 123548），保留的显存还可能无限增长（pull request 193400）。',
    split_last_resort:
      '文档称 max_split_size_mb 为最后手段：达到该大小的块只用于大小相近的请求，有些程序的峰值反而升高。',
    roundup_cost: '向上取整会让每个块多占显存，只有在大小多变时才划算。',
    gc_needs_fraction:
      '垃圾回收只有在设置了显存比例时才起作用，从不处理可扩展段，并会增加 cudaFree 和 cudaMalloc 调用。',
    fraction_fails:
      '到达上限后，即使设备还有空间，请求也会失败。它只计缓存分配器的段，不计上下文、NCCL 或其他库（issue 58466）。',
    empty_cache_neighbours: '这会改动程序。设备上的其他进程将得不到 empty_cache() 归还的显存。',
    large_segment_small:
      '其他库和版本不认识 large_segment_size_mb：未知选项会在首次使用 CUDA 时报错。',
    needs_version:
      '该选项从 PyTorch {version} 起才有，而文件看不出运行时用的是不是这样的版本；更早的版本会在首次使用 CUDA 时报错。',
    one_variable:
      'PYTORCH_ALLOC_CONF 和 PYTORCH_CUDA_ALLOC_CONF 只设置一个：以哪个为准因版本而异。',
    fraction_unknown: '文件中没有设备的总显存；比例要选得使上限为 {cap}。',
  },
  ru: {
    expandable_platform:
      'expandable_segments работает в Linux с driver API; на других платформах он игнорируется с предупреждением, а в WSL2 возможны ложные ошибки нехватки памяти.',
    expandable_ipc:
      'Примерно до 2.6 тензоры в расширяемых сегментах нельзя передавать между процессами (CUDA IPC).',
    expandable_split_crash:
      'expandable_segments вместе с max_split_size_mb до 2.5 приводил к падению (issue 123548), а зарезервированная память может расти без предела (pull request 193400).',
    split_last_resort:
      'Документация называет max_split_size_mb крайним средством: блоки от этого размера используются повторно только для близких по размеру запросов, и в некоторых программах пик растёт.',
    roundup_cost:
      'Округление вверх расходует память в каждом блоке: оно окупается, только если размеры меняются.',
    gc_needs_fraction:
      'Сборка мусора работает только при заданной доле памяти, расширяемых сегментов не касается и добавляет вызовы cudaFree и cudaMalloc.',
    fraction_fails:
      'На пределе запросы отклоняются, даже если на устройстве есть место. Учитываются только сегменты кэширующего аллокатора, но не контекст, NCCL и другие библиотеки (issue 58466).',
    empty_cache_neighbours:
      'Это меняет программу. Другие процессы на устройстве больше не получат того, что возвращал empty_cache().',
    large_segment_small:
      'Другие библиотеки и версии не знают large_segment_size_mb: неизвестный параметр — ошибка при первом обращении к CUDA.',
    needs_version:
      'Параметр есть начиная с PyTorch {version}, а какая версия работала, по файлу не видно; более старые останавливаются с ошибкой при первом обращении к CUDA.',
    one_variable:
      'Задавай только одну из PYTORCH_ALLOC_CONF и PYTORCH_CUDA_ALLOC_CONF: какая из них главнее, зависит от версии.',
    fraction_unknown:
      'Общего объёма памяти устройства в файле нет; выбери долю так, чтобы предел составил {cap}.',
  },
} as const;

export interface Versions {
  readonly low: number;
  readonly high: number;
}

/** A change of settings that can be tried. */
export interface Alternative {
  /** Stable: `expandable_segments`, `max_split_size_mb:128`, joined by `+`. */
  readonly id: string;
  readonly patch: Partial<AllocatorSettings>;
  /** What goes into the environment variable. */
  readonly entries: readonly ConfEntry[];
  readonly withoutEmptyCache?: boolean;
  /** Of entries: a Python call that has to be made besides. */
  readonly call?: string;
}

/** Versions since which options exist, as 1000 × major + minor. Source: section 6 of docs, pull requests. */
const SINCE: ReadonlyMap<string, number> = new Map([
  ['max_split_size_mb', 1010],
  ['roundup_power2_divisions', 1012],
  ['garbage_collection_threshold', 1012],
  ['expandable_segments', 2001],
  ['per_process_memory_fraction', 2010],
  ['large_segment_size_mb', 2011],
]);

/** From here on PYTORCH_ALLOC_CONF is the name that is documented first. */
const COMMON_NAME_SINCE = 2009;

export interface Premises {
  readonly settings: AllocatorSettings;
  readonly program: Program;
  readonly versions: Versions;
  /** The program calls empty_cache(). */
  readonly callsEmptyCache: boolean;
  /** Bytes that the device has room for, or what the run reserved at its peak. */
  readonly room: number;
  /** Bytes of the device, when known: a fraction is one of them. */
  readonly deviceTotal?: number;
}

/** The alternatives for a trace; those that no version in question knows are left out. */
export function alternativesFor(premises: Premises): readonly Alternative[] {
  const { settings, callsEmptyCache } = premises;
  const splits = splitSizes(premises.program, settings).map(maxSplit);
  const expandable = settings.expandableSegments ? undefined : EXPANDABLE;
  const roundups = [4, 8, 16].map(roundup);
  const collect = [0.6, 0.8].map((threshold) => garbageCollection(threshold, premises));
  const segments = [12, 40].map(largeSegment);
  const keep = callsEmptyCache ? KEEP_CACHE : undefined;
  const middle = splits[splits.length >> 1];
  const singles = [expandable, keep, ...splits, ...roundups, ...collect, ...segments];
  const pairs = [
    both(expandable, roundups[1]),
    both(expandable, segments[0]),
    both(expandable, keep),
    both(middle, roundups[1]),
    both(middle, collect[1]),
    both(middle, keep),
    both(roundups[1], keep),
  ];
  return [...singles, fraction(0.9, premises), ...pairs].filter(
    (each): each is Alternative =>
      each !== undefined && isNew(each, settings) && isKnown(each, premises.versions),
  );
}

const EXPANDABLE: Alternative = {
  id: 'expandable_segments',
  patch: { expandableSegments: true },
  entries: [{ key: 'expandable_segments', value: 'True' }],
};

const KEEP_CACHE: Alternative = {
  id: 'without_empty_cache',
  patch: {},
  entries: [],
  withoutEmptyCache: true,
};

function maxSplit(mebibytes: number): Alternative {
  return single('max_split_size_mb', mebibytes, { maxSplitSize: mebibytes * MiB });
}

function roundup(parts: number): Alternative {
  const roundupPower2Divisions = new Array<number>(DIVISION_ENTRIES).fill(parts);
  return single('roundup_power2_divisions', parts, { roundupPower2Divisions });
}

function largeSegment(mebibytes: number): Alternative {
  const largeSegmentSize = mebibytes * MiB;
  return single('large_segment_size_mb', mebibytes, {
    largeSegmentSize,
    maxNonSplitRounding: largeSegmentSize,
  });
}

function single(key: string, value: number, patch: Partial<AllocatorSettings>): Alternative {
  return { id: `${key}:${value}`, patch, entries: [{ key, value: String(value) }] };
}

function garbageCollection(threshold: number, premises: Premises): Alternative {
  const cap = premises.room;
  const own = single('garbage_collection_threshold', threshold, {
    garbageCollectionThreshold: threshold,
    cap,
  });
  return withFraction(own, cap, premises);
}

function fraction(share: number, premises: Premises): Alternative {
  const cap = Math.floor(share * premises.room);
  const own = { id: `per_process_memory_fraction:${share}`, patch: { cap }, entries: [] };
  return withFraction(own, cap, premises);
}

/** The option where the version surely has it, else the call that all versions have. */
function withFraction(own: Alternative, cap: number, premises: Premises): Alternative {
  const { deviceTotal, versions } = premises;
  if (deviceTotal === undefined) return own;
  const value = String(Math.min(1, Math.floor((1e4 * cap) / deviceTotal) / 1e4));
  const key = 'per_process_memory_fraction';
  if (versions.low >= (SINCE.get(key) ?? 0)) {
    return { ...own, entries: [...own.entries, { key, value }] };
  }
  return { ...own, call: `torch.cuda.set_per_process_memory_fraction(${value})` };
}

function both(a: Alternative | undefined, b: Alternative | undefined): Alternative | undefined {
  if (a === undefined || b === undefined) return undefined;
  const call = a.call ?? b.call;
  return {
    id: `${a.id}+${b.id}`,
    patch: { ...a.patch, ...b.patch },
    entries: [...a.entries, ...b.entries],
    ...((a.withoutEmptyCache || b.withoutEmptyCache) && { withoutEmptyCache: true }),
    ...(call !== undefined && { call }),
  };
}

/**
 * Values of max_split_size_mb that would separate requests of this trace: powers of two, and the
 * sizes at which half and three quarters of the requested bytes lie. In MiB, above the 20 that PyTorch
 * asks for, up to five.
 */
function splitSizes(program: Program, settings: AllocatorSettings): readonly number[] {
  const sizes: number[] = [];
  for (let i = 0; i < program.count; i += 1) {
    if (program.op[i] !== Op.malloc) continue;
    const rounded = roundSize(program.size[i] as number, settings.roundupPower2Divisions);
    if (rounded > settings.largeSegmentSize) sizes.push(rounded);
  }
  if (sizes.length === 0) return [];
  const sorted = Float64Array.from(sizes).sort();
  const largest = sorted.at(-1) as number;
  const quantiles = [0.5, 0.75].map((share) => atShareOfBytes(sorted, share));
  const powers = [32, 64, 128, 256, 512, 1024].map((mebibytes) => mebibytes * MiB);
  const least = Math.floor(settings.largeSegmentSize / MiB) + 1;
  const wanted = [...powers, ...quantiles]
    .filter((bytes) => bytes <= largest)
    .map((bytes) => Math.max(least, Math.ceil(bytes / MiB)));
  const distinct = [...new Set(wanted)].sort((a, b) => a - b);
  if (distinct.length <= 5) return distinct;
  return Array.from(
    { length: 5 },
    (_, i) => distinct[Math.round((i * (distinct.length - 1)) / 4)] ?? least,
  );
}

/** The size up to which requests make a share of all bytes. */
function atShareOfBytes(sorted: Float64Array, share: number): number {
  let total = 0;
  for (const size of sorted) total += size;
  let sum = 0;
  for (const size of sorted) {
    sum += size;
    if (sum >= share * total) return size;
  }
  return sorted.at(-1) ?? 0;
}

/** It changes something. */
function isNew(alternative: Alternative, settings: AllocatorSettings): boolean {
  if (alternative.withoutEmptyCache) return true;
  return Object.entries(alternative.patch).some(
    ([key, value]) => String(settings[key as keyof AllocatorSettings]) !== String(value),
  );
}

function isKnown(alternative: Alternative, versions: Versions): boolean {
  return alternative.entries.every(({ key }) => (SINCE.get(key) ?? 0) <= versions.high);
}

/** `PYTORCH_CUDA_ALLOC_CONF=…` with what was set before, as the version takes it. */
export function environmentOf(
  alternative: Alternative,
  conf: Conf,
  versions: Versions,
): string | undefined {
  if (alternative.entries.length === 0) return undefined;
  const changed = new Set(alternative.entries.map(({ key }) => key));
  const kept = conf.entries.filter(({ key }) => !changed.has(key));
  return `${variableOf(versions)}=${writeConf([...kept, ...alternative.entries])}`;
}

function variableOf(versions: Versions): string {
  return versions.low >= COMMON_NAME_SINCE ? 'PYTORCH_ALLOC_CONF' : 'PYTORCH_CUDA_ALLOC_CONF';
}

/** What is known against an alternative in the versions in question. */
export function dangersOf(alternative: Alternative, premises: Premises): readonly Statement[] {
  const { versions, settings, deviceTotal } = premises;
  const { patch, entries } = alternative;
  const dangers: Statement[] = [];
  const isExpandable = patch.expandableSegments ?? settings.expandableSegments;
  const splits = Number.isFinite(patch.maxSplitSize ?? settings.maxSplitSize);
  if (patch.expandableSegments) {
    dangers.push(say(TEXTS, 'expandable_platform'));
    if (versions.low < 2006) dangers.push(say(TEXTS, 'expandable_ipc'));
  }
  if (isExpandable && splits) dangers.push(say(TEXTS, 'expandable_split_crash'));
  if (patch.maxSplitSize !== undefined) dangers.push(say(TEXTS, 'split_last_resort'));
  if (patch.roundupPower2Divisions !== undefined) dangers.push(say(TEXTS, 'roundup_cost'));
  if (patch.garbageCollectionThreshold !== undefined) dangers.push(say(TEXTS, 'gc_needs_fraction'));
  if (patch.cap !== undefined) {
    dangers.push(say(TEXTS, 'fraction_fails'));
    if (deviceTotal === undefined) {
      dangers.push(say(TEXTS, 'fraction_unknown', { cap: { size: patch.cap } }));
    }
  }
  if (patch.largeSegmentSize !== undefined) dangers.push(say(TEXTS, 'large_segment_small'));
  if (alternative.withoutEmptyCache) dangers.push(say(TEXTS, 'empty_cache_neighbours'));
  const newest = Math.max(0, ...entries.map(({ key }) => SINCE.get(key) ?? 0));
  if (newest > versions.low) {
    const version = `${Math.floor(newest / 1000)}.${newest % 1000}`;
    dangers.push(say(TEXTS, 'needs_version', { version }));
  }
  if (entries.length > 0 && versions.high >= COMMON_NAME_SINCE) {
    dangers.push(say(TEXTS, 'one_variable'));
  }
  return dangers;
}
