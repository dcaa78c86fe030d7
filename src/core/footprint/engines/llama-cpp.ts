/**
 * llama.cpp: buffers that are laid out before anything runs. Layers from the end lie on the card, the head when all do.
 *
 *     model   tensors of those layers        cache    cells × (keys + values in their formats)
 *     compute the graph of one batch         output   4 bytes a logit of each sequence, on the host
 *
 * Of several cards each has its run of those layers, with their cache and a graph of its own.
 *
 * Sources: llama-cpp-python@0.3.36:vendor/llama.cpp/src/llama-model.cpp (which layers, which card), llama-kv-cache.cpp,
 * llama-kv-cache-iswa.cpp (cells of layers with a window), llama-context.cpp (padding, outputs, pipeline parallelism),
 * ggml/src/ggml-backend.cpp (copies of inputs).
 */
import { constant, type Factor, type Modelled, minus, ofFactor, plus } from '../../base/factor.ts';
import type { Mixer, Stack } from '../../workload/model/model.ts';
import { keptBy } from '../cache.ts';
import type { Job, Split } from '../job.ts';
import { type Card, type EnginePlan, isFrom, MiB, mapped, NONE, servingOf } from './engine.ts';
import { computeBuffer } from './ggml/transformer.ts';
import { decoderOf, formatOf, type GgufSizes, ggufSizes, mixOf } from './ggml/types.ts';

const CONTEXT: Factor = {
  name: 'ggml_context',
  low: 150 * MiB,
  mid: 300 * MiB,
  high: 600 * MiB,
  unit: 'bytes',
  source: 'reports: 200-500 MiB of context, kernels and cuBLAS beside the buffers',
};

/** Tensors of a file are as the quantiser makes them unless somebody gave it other rules. */
const TENSORS: Factor = {
  name: 'gguf_tensors',
  low: 0.985,
  mid: 1,
  high: 1.025,
  unit: 'ratio',
  source: 'assumed: an importance matrix or overrides for single tensors move a file by 1-2 %',
};

/** Graphs change a little from build to build. */
const GRAPH: Factor = {
  name: 'ggml_graph',
  low: 0.99,
  mid: 1,
  high: 1.06,
  unit: 'ratio',
  source: 'assumed: builds fuse and reorder operations',
};

/** A graph that is not known in detail: the logits are known, what stands beside them is not. */
const UNKNOWN_GRAPH: Factor = {
  name: 'ggml_unknown_graph',
  low: 1,
  mid: 1.3,
  high: 2.5,
  unit: 'ratio',
  source: 'assumed: logs of hybrid models show 1.0-2.7 times the logits',
};

/** Families whose windows llama.cpp knows; the others keep and see all tokens there. */
const WINDOWED: ReadonlySet<string> = new Set([
  'gemma2',
  'gemma3_text',
  'gemma3',
  'gemma3n',
  'gemma3n_text',
  'gpt_oss',
  'cohere2',
  'llama4_text',
  'llama4',
  'exaone4',
  'olmo3',
]);

/** What lies where, in bytes. */
export interface Buffers {
  readonly model: number;
  readonly cache: number;
  /** Of all layers, wherever they lie. */
  readonly allCache: number;
  /** Nothing where the graph of a layer is not known. */
  readonly compute: number | undefined;
  readonly logits: number;
  readonly hostModel: number;
  readonly hostCache: number;
  readonly output: number;
}

const CELLS = 256;

const padded = (count: number, to: number): number => Math.ceil(count / to) * to;

/** Cells of the cache that one sequence may see, and those of layers with a window. */
function cellsOf(job: Job): {
  readonly all: number;
  readonly window: (size: number) => number;
  readonly streams: number;
} {
  const { context, sequences, sharedCache, batchedTokens, fullWindows } = servingOf(job);
  const all = padded(context, CELLS);
  const isShared = sharedCache === true || sequences === 1;
  const streams = isShared ? 1 : sequences;
  const window = (size: number): number =>
    fullWindows === true
      ? all
      : padded(Math.min(all, size * (isShared ? sequences : 1) + batchedTokens), CELLS);
  return { all, window, streams };
}

interface Placement {
  /** The head counts as the layer after the last. */
  readonly isOnCards: (layer: number) => boolean;
  /** On the card that is asked for. */
  readonly isHere: (layer: number) => boolean;
}

/**
 * The last `gpuLayers` layers lie on cards; one more is the head. Several cards have runs of them by their free
 * memory, which is alike where the cards are.
 */
function placement(job: Job, layers: number): Placement {
  const { gpuLayers = layers + 1, split } = servingOf(job);
  const from = Math.max(0, layers + 1 - gpuLayers);
  const isOnCards = (layer: number): boolean =>
    layer === layers ? gpuLayers > layers : layer >= from;
  if (split === undefined) return { isOnCards, isHere: isOnCards };
  const placed = layers + 1 - from;
  // The first card whose share, with those before it, reaches beyond the layer (src/llama-model.cpp, get_layer_buft_list).
  const ends = endsOf(split);
  const cardOf = (layer: number): number => ends.findIndex((end) => (layer - from) / placed < end);
  return { isOnCards, isHere: (layer) => isOnCards(layer) && cardOf(layer) === split.card };
}

/** Where the part of each card ends. */
function endsOf({ cards, shares }: Split): readonly number[] {
  if (shares === undefined) return Array.from({ length: cards }, (_, at) => (at + 1) / cards);
  let sum = 0;
  return shares.map((share, at) => {
    sum += share;
    return at === shares.length - 1 ? 1 : sum;
  });
}

/** Batches that are on their way through the cards at once: each has inputs of its own (GGML_SCHED_MAX_COPIES). */
const COPIES = 4;

function cacheOf(job: Job, mixer: Mixer): number {
  const { sequences, keyType = 'f16', valueType = 'f16' } = servingOf(job);
  const kept = keptBy(mixer, 'packed');
  const cells = cellsOf(job);
  const width = (type: string): number => {
    const format = formatOf(type);
    return format === undefined ? 2 : format.bytes / format.elements;
  };
  const isWindowed = kept.window !== undefined && WINDOWED.has(job.model.family);
  const seen = isWindowed ? cells.window(kept.window ?? 0) : cells.all;
  const growing =
    seen * cells.streams * (kept.keys * width(keyType) + kept.values * width(valueType));
  // Recurrent states are fp32, one for each sequence.
  const constantBytes = (kept.channels * Math.max(0, kept.taps - 1) + kept.state) * 4 * sequences;
  return growing + constantBytes;
}

/** All buffers of a job. */
export function buffersOf(job: Job): Buffers {
  const serving = servingOf(job);
  const { stack } = decoderOf(job.model);
  const sizes = sizesOf(job);
  const layers = stack.pattern.length;
  const { isOnCards, isHere } = placement(job, layers);
  const hasHead = isOnCards(layers);
  // What the host holds is counted once, with the first card.
  const isFirst = (serving.split?.card ?? 0) === 0;
  let model = isHere(layers) ? sizes.output : 0;
  let onCards = hasHead ? sizes.output : 0;
  let hostModel = sizes.input + (hasHead || job.model.tied ? 0 : sizes.output);
  let cache = 0;
  let allCache = 0;
  let hostCache = 0;
  for (const [i, kind] of stack.pattern.entries()) {
    const kept = (stack.layers[kind]?.mixers ?? []).reduce(
      (sum, mixer) => sum + cacheOf(job, mixer),
      0,
    );
    allCache += kept;
    if (isHere(i)) {
      model += sizes.layers[i] ?? 0;
      cache += kept;
    }
    if (isOnCards(i)) onCards += sizes.layers[i] ?? 0;
    else {
      hostModel += sizes.layers[i] ?? 0;
      hostCache += kept;
    }
  }
  if (serving.split?.by === 'row') {
    const { cards, card, shares } = serving.split;
    model = onCards * (shares?.[card] ?? 1 / cards);
  }
  const here: Stack = { ...stack, pattern: stack.pattern.filter((_, i) => isHere(i)) };
  const vocab = isHere(layers) && job.model.head === 'vocab' ? job.model.vocab : 0;
  const { all, window, streams } = cellsOf(job);
  const tokens = Math.min(serving.batchedTokens, all * streams);
  const size = Math.max(0, ...stack.layers.flatMap(({ mixers }) => mixers.map(windowOf)));
  const graph =
    here.pattern.length === 0 && vocab === 0
      ? 0
      : computeBuffer(windowed(here, WINDOWED.has(job.model.family)), {
          tokens,
          cells: all,
          windowCells: size > 0 ? window(size) : all,
          flash: serving.flash ?? isFrom(serving.version, '6325'),
          isRecent: isFrom(serving.version, '5900'),
          vocab,
        });
  // Layers that are all on several cards work on several batches at once; a mask has 16 bits an entry.
  const isPipelined = serving.split?.by === 'layer' && isOnCards(0) && here.pattern.length > 0;
  const copies = isPipelined ? (COPIES - 1) * tokens * (4 * stack.hidden + 2 * all) : 0;
  return {
    model,
    cache,
    allCache,
    compute: graph === undefined ? undefined : graph + copies,
    logits: 4 * tokens * (vocab + stack.hidden),
    hostModel: isFirst ? hostModel : 0,
    hostCache: isFirst ? hostCache : 0,
    output: isFirst ? 4 * serving.sequences * job.model.vocab : 0,
  };
}

const windowOf = (mixer: Mixer): number => (mixer.kind === 'softmax' ? (mixer.window ?? 0) : 0);

/** The stack as llama.cpp sees it: without windows where it knows none. */
function windowed(stack: Stack, hasWindows: boolean): Stack {
  if (hasWindows) return stack;
  const layers = stack.layers.map((layer) => ({
    ...layer,
    mixers: layer.mixers.map((mixer) => {
      if (mixer.kind !== 'softmax') return mixer;
      const { window: _, ...rest } = mixer;
      return rest;
    }),
  }));
  return { ...stack, layers };
}

const sizesOf = (job: Job): GgufSizes =>
  ggufSizes(job.model, job.weights, mixOf(servingOf(job).mix ?? 'F16') ?? 'F16');

export function llamaCpp(job: Job, card: Card): EnginePlan {
  const serving = servingOf(job);
  const buffers = buffersOf(job);
  const compute =
    buffers.compute === undefined
      ? mapped(ofFactor(UNKNOWN_GRAPH), (ratio) => ratio * buffers.logits)
      : mapped(ofFactor(GRAPH), (ratio) => ratio * (buffers.compute ?? 0));
  const tensors = (bytes: number): Modelled =>
    mapped(ofFactor(TENSORS), (ratio) => Math.round(ratio * bytes));
  const context = buffers.model + buffers.cache === 0 ? NONE : ofFactor(CONTEXT);
  const loaded: readonly (readonly [string, Modelled])[] = [
    ['cuda-context', context],
    ['ggml-model', tensors(buffers.model)],
    ['ggml-host', tensors(buffers.hostModel)],
  ];
  const host = plus(tensors(buffers.hostModel), constant(buffers.hostCache + buffers.output));
  const served = new Map<string, Modelled>([
    ...loaded,
    ['ggml-kv', constant(buffers.cache)],
    ['ggml-compute', compute],
    ['ggml-host', host],
  ]);
  const all = plus(context, tensors(buffers.model), constant(buffers.cache), compute);
  const cells = cellsOf(job);
  const whole = decoderOf(job.model).stack.pattern.length + 1;
  const usable = constant(card.usable);
  return {
    moments: [
      { moment: { point: 'load', turn: 'once' }, bytes: new Map(loaded) },
      {
        moment: { point: 'kv_alloc', turn: 'once' },
        bytes: new Map([...loaded, ['ggml-kv', constant(buffers.cache)]]),
      },
      { moment: { point: 'serve', turn: 'once' }, bytes: served },
    ],
    capacity: {
      kvBytes: constant(buffers.allCache),
      kvTokens: constant(cells.all * cells.streams),
      sequences: constant(serving.sharedCache === true ? 1 : serving.sequences),
      layers: { onCard: Math.min(serving.gpuLayers ?? whole, whole), of: whole, host },
      conditions: [
        { name: 'card', need: all, have: usable },
        {
          name: 'longest-sequence',
          need: constant(buffers.cache),
          have: minus(usable, minus(all, constant(buffers.cache))),
        },
      ],
    },
  };
}
