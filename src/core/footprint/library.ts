/**
 * What a version of transformers decides when it generates: how the cache grows, which logits the prefill makes, which
 * tables layers keep, how weights are loaded.
 *
 * Read: the four versions below. In which version between them something changed is recalled.
 *
 * Sources: transformers 4.38.2, 4.46.0, 4.51.3 and 4.57.1: cache_utils.py, generation/utils.py, modeling_utils.py
 * (caching_allocator_warmup), modeling_llama.py, modeling_qwen2.py, modeling_gpt2.py, modeling_gpt_neox.py.
 */
import type { Model } from '../workload/model/model.ts';
import type { Job } from './job.ts';

/** Major and minor number. */
export type Version = readonly [major: number, minor: number];

const isBefore = ([major, minor]: Version, other: Version): boolean =>
  major < other[0] || (major === other[0] && minor < other[1]);

/** Layers with tables of sine and cosine for all positions, until this version. */
const ROTARY_TABLES: ReadonlyMap<string, Version> = new Map([
  ['llama', [4, 40]],
  ['qwen2', [4, 45]],
  ['qwen2_moe', [4, 45]],
  ['mistral', [4, 45]],
  ['mixtral', [4, 47]],
  ['phi', [4, 45]],
  ['phi3', [4, 45]],
  ['stablelm', [4, 45]],
  ['falcon', [4, 45]],
  ['gpt_neox', [4, 45]],
  ['persimmon', [4, 45]],
]);

/** Layers with a boolean mask of all positions. */
const LAYER_MASKS: ReadonlySet<string> = new Set([
  'gpt2',
  'gpt_neo',
  'gpt_neox',
  'gptj',
  'codegen',
]);

/** Families whose cache was made for the whole answer, windows in it, before caches knew of windows by themselves. */
const HYBRID_CACHE: ReadonlySet<string> = new Set(['gemma2', 'gemma3', 'gemma3_text', 'cohere2']);

type Decided = Pick<
  Job,
  | 'prefillLogits'
  | 'cacheGrowth'
  | 'ignoresWindows'
  | 'holdsProjections'
  | 'rotaryTables'
  | 'maskTables'
  | 'loadsReserved'
>;

/**
 * What the version decides for a model.
 * @param isPacked weights come from a quantised checkpoint
 * @param isMapped weights are loaded to the card with `device_map`
 */
export function libraryDecides(
  model: Model,
  version: Version,
  { isPacked, isMapped }: { readonly isPacked: boolean; readonly isMapped: boolean },
): Decided {
  const { family, max_positions: positions } = model;
  const knowsWindows = !isBefore(version, [4, 56]);
  const isHybrid = HYBRID_CACHE.has(family) && !knowsWindows && !isBefore(version, [4, 42]);
  const until = ROTARY_TABLES.get(family);
  const hasTables = until !== undefined && isBefore(version, until);
  const masks = maskTables(family, version, positions);
  return {
    prefillLogits: isBefore(version, [4, 45]) ? 'all-fp32' : 'last',
    cacheGrowth: isHybrid ? 'static' : isBefore(version, [4, 42]) ? 'twice' : 'joined',
    ignoresWindows: !knowsWindows && !isHybrid,
    holdsProjections: !knowsWindows && !isHybrid,
    loadsReserved: !isMapped || isBefore(version, [4, 51]) ? 0 : isPacked ? 0.5 : 1,
    ...(hasTables && positions !== undefined ? { rotaryTables: positions } : {}),
    ...(masks === undefined ? {} : { maskTables: masks }),
  };
}

function maskTables(
  family: string,
  version: Version,
  positions: number | undefined,
): Job['maskTables'] {
  if (positions === undefined) return undefined;
  if (LAYER_MASKS.has(family)) return { positions, perLayer: true };
  const isWhole = (family === 'llama' || family === 'gemma') && !isBefore(version, [4, 38]);
  return isWhole && isBefore(version, [4, 40]) ? { positions, perLayer: false } : undefined;
}
