/** An engine that serves, with what it takes on such a card. */
import type { Cards } from '../../workload/machine.ts';
import type { Model } from '../../workload/model/model.ts';
import type { SettingValue } from '../../workload/settings.ts';
import { ollamaContext } from '../engines/ollama.ts';
import { sglangDefaults } from '../engines/sglang.ts';
import { vllmDefaults } from '../engines/vllm.ts';
import { type Job, PLAIN_JOB, type Serving } from '../job.ts';
import type { KnownModel, Reader } from './reader.ts';
import { CACHE_WIDTHS, weightsOf } from './weights.ts';

export function servingJob(r: Reader, known: KnownModel, cards: Cards): Job {
  const serving = servingOf(r, known, cards);
  // The mix of a GGUF file says the formats of its tensors.
  const isGguf = serving.mix !== undefined;
  const weights = isGguf ? { weightWidth: 2, wholeWidth: 2 } : weightsOf(r, known);
  const cache = r.word('kv_dtype') ?? 'auto';
  return {
    ...PLAIN_JOB,
    ...known,
    ...weights,
    purpose: 'serving',
    serving,
    cacheWidth: CACHE_WIDTHS[cache] ?? 2,
    parallel: {
      ...PLAIN_JOB.parallel,
      tensor: r.number('tensor_parallel') ?? 1,
      pipeline: r.number('pipeline_parallel') ?? 1,
      expert: r.number('expert_parallel') ?? 1,
    },
  };
}

const USUAL_CONTEXT = 8192;

function engineOf(r: Reader): Serving['engine'] {
  if (r.speaks('sglang')) return 'sglang';
  if (r.speaks('tgi')) return 'tgi';
  if (r.speaks('ollama')) return 'ollama';
  return r.speaks('llama-cpp') ? 'llama.cpp' : 'vllm';
}

/** What the file or its name says. Models of ollama's library come in Q4_K_M unless their tag says more (recalled). */
function mixOf(
  r: Reader,
  engine: Serving['engine'],
  known: string | undefined,
): { readonly mix?: string } {
  if (known !== undefined) return { mix: known };
  return { mix: r.assumed('quantization', engine === 'ollama' ? 'Q4_K_M' : 'F16') };
}

/** Ollama gives every model the same by default; other engines what the model was trained for. */
function contextOf(
  r: Reader,
  engine: Serving['engine'],
  version: string | undefined,
  cards: Cards,
  longest: number,
): number {
  if (engine !== 'ollama') return r.numberOr('context_length', longest, 'longest');
  const usual = ollamaContext(cards.usable.mid * cards.count, version);
  // More than the model was trained for is cut to that.
  return Math.min(longest, r.numberOr('context_length', Math.min(longest, usual), 'engine'));
}

/** Eight bits are `q8_0` there, whatever they are called elsewhere. */
const GGML_TYPES: Readonly<Record<string, string>> = { fp8: 'q8_0', q8: 'q8_0', q4: 'q4_0' };

function servingOf(r: Reader, { model, mix }: KnownModel, cards: Cards): Serving {
  const engine = engineOf(r);
  const version = r.version(engine === 'llama.cpp' ? 'llama-cpp' : engine);
  const tensor = r.number('tensor_parallel') ?? 1;
  const pipeline = r.number('pipeline_parallel') ?? 1;
  const longest = model.max_positions ?? USUAL_CONTEXT;
  const context = contextOf(r, engine, version, cards, longest);
  const card = {
    name: cards.name,
    usable: cards.usable.mid,
    ...(cards.capability === undefined ? {} : { capability: cards.capability }),
  };
  const said = version === undefined ? {} : { version };
  if (engine === 'llama.cpp' || engine === 'ollama') {
    const layers = engine === 'ollama' ? r.number('gpu_layers') : layersOf(r, model);
    const type = GGML_TYPES[r.word('kv_dtype') ?? ''] ?? 'f16';
    const sequences = r.number('max_sequences') ?? 1;
    const isShared = r.is('shared_cache');
    return {
      engine,
      ...said,
      fraction: 1,
      context: perSequence(context, engine, isShared ? 1 : sequences),
      sequences,
      batchedTokens: r.number('physical_batch') ?? 512,
      graphs: false,
      flash: r.given('flash_attention') !== false,
      keyType: type,
      valueType: valueTypeOf(r, engine, type),
      ...(isShared ? { sharedCache: true } : {}),
      ...(r.given('full_windows') === undefined ? {} : { fullWindows: r.is('full_windows') }),
      ...mixOf(r, engine, mix),
      ...(layers === undefined || layers < 0 ? {} : { gpuLayers: layers }),
      ...(engine === 'llama.cpp' && cards.count > 1 ? splitOf(r, cards.count) : {}),
    };
  }
  const usual =
    engine === 'sglang'
      ? sglangDefaults(card, { tensor, pipeline })
      : vllmDefaults(card, { ...said, usage: 'server', context });
  return {
    engine,
    ...said,
    fraction: r.numberOr('engine_fraction', usual.fraction, 'engine'),
    context,
    sequences: r.numberOr('max_sequences', usual.sequences, 'engine'),
    ...(r.stated('max_sequences') === undefined
      ? {}
      : { requests: r.number('max_sequences') ?? 1 }),
    batchedTokens: r.numberOr('batched_tokens', usual.batchedTokens, 'engine'),
    graphs: r.given('cuda_graphs') === undefined ? usual.graphs : r.is('cuda_graphs'),
    ...pagesOf(r),
    ...(r.word('adapter') === 'lora' ? { adapters: slotsOf(r) } : {}),
  };
}

/** llama.cpp divides its context between the sequences, ollama gives each the whole (src/llama-context.cpp, n_ctx_seq). */
const perSequence = (context: number, engine: Serving['engine'], sequences: number): number =>
  engine === 'llama.cpp' ? Math.floor(context / sequences) : context;

/** `-ctk` says nothing of the values; whoever means the cache as a whole means both. */
function valueTypeOf(r: Reader, engine: Serving['engine'], keys: string): string {
  const told = r.word('kv_value_dtype');
  if (told !== undefined) return GGML_TYPES[told] ?? 'f16';
  return engine === 'llama.cpp' && r.isFromFile('kv_dtype') ? 'f16' : keys;
}

/** Layers are spread over all cards by default; `none` takes one of them. */
function splitOf(r: Reader, cards: number): Pick<Serving, 'split'> {
  const by = r.word('card_split');
  if (by === 'none') return {};
  const shares = sharesOf(r.given('card_shares'), cards);
  return {
    split: {
      by: by === 'row' ? 'row' : 'layer',
      cards,
      card: 0,
      ...(shares === undefined ? {} : { shares }),
    },
  };
}

/** `3,1` or `3/1`: cards without a number get nothing, numbers without a card do not count (common/arg.cpp). */
function sharesOf(told: SettingValue | undefined, cards: number): readonly number[] | undefined {
  if (told === undefined) return undefined;
  const given = String(told).split(/[,/]/).map(Number);
  const parts = Array.from({ length: cards }, (_, at) => given[at] ?? 0);
  const all = parts.reduce((sum, part) => sum + part, 0);
  return parts.every((part) => part >= 0) && all > 0 ? parts.map((part) => part / all) : undefined;
}

/** All layers and the head, unless fewer are asked for (`-ngl`). */
function layersOf(r: Reader, { stacks }: Model): number {
  const all = 1 + stacks.reduce((sum, { pattern }) => sum + pattern.length, 0);
  return r.numberOr('gpu_layers', all);
}

function pagesOf(r: Reader): Pick<Serving, 'page' | 'kvBytes'> {
  const page = r.number('page_size');
  const kvBytes = r.number('kv_bytes');
  return {
    ...(page === undefined ? {} : { page }),
    ...(kvBytes === undefined ? {} : { kvBytes }),
  };
}

/** One adapter of rank 16 unless told otherwise (vllm@0.11: config/lora.py). */
const slotsOf = (r: Reader): NonNullable<Serving['adapters']> => ({
  slots: r.numberOr('adapter_slots', 1, 'engine'),
  rank: r.numberOr('adapter_rank', 16, 'engine'),
});
