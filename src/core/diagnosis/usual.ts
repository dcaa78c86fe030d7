/**
 * What is usually behind a failure that its text does not settle. The order follows labelled public
 * failures of the kind; it makes a short list of possibilities, never more than that.
 */
import { add, type Interval, subtract, ZERO } from '../base/interval.ts';
import { isUnknown } from '../base/unknown.ts';
import type { Sign } from '../evidence/signs.ts';
import type { Category } from '../ledger/ledger.ts';
import { valueIn } from '../ledger/observe.ts';
import type { Amounts, Case } from './case.ts';
import {
  BEYOND_ALL,
  exceedsAnyCard,
  hadRoom,
  hasStepped,
  heldBy,
  isAbsurd,
  isCapped,
  isManagedHeap,
  isOfPicturesOrSound,
  isOwnLoop,
  isTorch,
  isTorchFrom,
  keepsGraphUnasked,
  mayTrain,
  STATES,
  share,
  WORK,
} from './case.ts';
import { allocatedSeries, isFlat } from './series.ts';

interface Usual {
  readonly when: (c: Case) => boolean;
  /** Ids of causes, the most usual first. */
  readonly causes: readonly string[];
}

const is =
  (...formats: readonly string[]) =>
  (c: Case): boolean =>
    formats.includes(c.format);

const at = (c: Case, ...phases: readonly Case['phase']['value'][]): boolean =>
  phases.includes(c.phase.value);

const ofFormat = (
  formats: readonly string[],
  phases: readonly Case['phase']['value'][],
): ((c: Case) => boolean) => {
  const isOne = is(...formats);
  return (c) => isOne(c) && at(c, ...phases);
};

/** A request that nearly any pool serves: what fails it is that somebody else has the memory. */
const TINY = 64 * 2 ** 20;

/** After so many steps what a step needs is there. */
const LATE = 20;

/** Before so many steps nothing has grown. */
const FEW_STEPS = 3;

/** What firmware gives an integrated GPU, unless it is told otherwise. */
const CARVED_OUT = 2 ** 30;

/** Of what was asked, from here on a pool was nearly enough. */
const HARDLY_TOO_SMALL = 0.5;

/** In one piece, much for a machine: at times a size that nobody meant. */
const LARGE_ON_HOST = 8 * 2 ** 30;
/** From here on hardly any machine of one's own has it. */
const VERY_LARGE_ON_HOST = 64 * 2 ** 30;

/** Applications in which somebody talks to a language model. */
const CHAT: readonly string[] = [
  'text-generation-webui',
  'koboldai',
  'sillytavern',
  'fastchat',
  'tabbyapi',
  'exllama',
];

/** Frameworks that take their pool before they compute. */
const PREALLOCATE: readonly string[] = ['jax', 'tensorflow'];

/** Signs of a training that divides its states. */
const SHARDED: readonly Sign[] = ['zero', 'zero-3', 'fsdp', 'states-told'];

/** What a message that prints the limit, the live tensors and the free memory leaves open. */
function unaccounted({ amounts: { total, live, free } }: Case): Interval | undefined {
  if (total === undefined || live === undefined || free === undefined) return undefined;
  return subtract(total, add(live, free));
}

/** The least `maxMemoryAllocationSize` that the standard asks for is less; 4 GiB is what most drivers give. */
const VULKAN_PIECE = 4 * 2 ** 30;

/** In one piece, so many times the card. */
const VAST_ON_CARD = 3;

/** Of a card, so much is what nobody gets: a context alone takes more than the rest. */
const WHOLE_CARD = 0.99;

/** Of a card, so much is left between refusals; chosen, no source. */
const CRUMBS = 0.01;

/** Whoever computes on cards has at least so much. */
const SMALLEST_CARD = 3 * 2 ** 30;

/** Cards of less are not bought for models. */
const LARGE_CARD = 7 * 2 ** 30;

/** Behind the possibilities of a format, until there are enough to choose from. */
const OF_ANY: readonly string[] = [
  'activations-too-large',
  'model-does-not-fit',
  'neighbour-process',
];

const TABLE: readonly Usual[] = [
  // The thread that pins batches opens a context on the first card, whoever fills that one.
  {
    when: (c) =>
      c.format === 'cuda-error' &&
      c.shows('pinning') !== undefined &&
      c.shows('context-creation') !== undefined,
    causes: ['neighbour-process', 'pinned-memory', 'many-processes-on-one-gpu'],
  },
  // Of an integrated GPU the firmware sets some RAM aside; the card that was meant is another device.
  {
    when: (c) =>
      c.backend === 'hip' && (c.amounts.total?.high ?? Number.POSITIVE_INFINITY) <= CARVED_OUT,
    causes: ['neighbour-process', 'memory-cap', 'model-does-not-fit'],
  },
  {
    when: ofFormat(['ctranslate2'], ['load', 'init']),
    causes: ['model-does-not-fit', 'neighbour-process', 'activations-too-large'],
  },
  {
    when: is('text-embeddings'),
    causes: ['activations-too-large', 'model-does-not-fit', 'neighbour-process'],
  },
  {
    when: is('ascend'),
    causes: ['activations-too-large', 'neighbour-process', 'model-does-not-fit'],
  },
  // It takes a pool of a set size when it starts.
  {
    when: (c) =>
      c.frameworks.includes('taichi') && is('cuda-error', 'driver-binding', 'nvidia-driver')(c),
    causes: ['engine-reservation-too-high', 'neighbour-process', 'activations-too-large'],
  },
  // A rasterizer asks the driver beside PyTorch's pool, which keeps what it has.
  {
    when: (c) => c.frameworks.includes('nvdiffrast') && is('cuda-error')(c),
    causes: ['activations-too-large', 'workspace-outside-the-allocator', 'neighbour-process'],
  },
  // States of optimizers that the driver moves between the card and the machine.
  {
    when: (c) => is('cuda-error')(c) && at(c, 'unknown') && c.shows('paged-states') !== undefined,
    causes: ['optimizer-states-do-not-fit', 'activations-too-large', 'pinned-memory'],
  },
  // It keeps room on the card for the desktop, by a setting.
  {
    when: (c) => c.frameworks.includes('darktable') && c.kind === 'gpu_oom',
    causes: ['activations-too-large', 'engine-reservation-too-high', 'neighbour-process'],
  },
  // A graph of the driver lies outside the pool.
  {
    when: (c) => is('xla')(c) && c.wording === 'graph',
    causes: ['cuda-graphs-private-pools', 'engine-reservation-too-high', 'activations-too-large'],
  },
  // One memory for processor and GPU.
  {
    when: (c) => is('nvidia-driver')(c) && c.frameworks.includes('jetson'),
    causes: ['activations-too-large', 'unified-memory', 'model-does-not-fit'],
  },
  // The driver's library that the report asks is missing on boards with one memory for all, and on slices.
  {
    when: (c) => is('nvml-assert')(c) && at(c, 'unknown'),
    causes: ['activations-too-large', 'model-does-not-fit', 'unified-memory'],
  },
  // Engines and runtimes with words of their own.
  // What woke up found its place taken.
  {
    when: (c) => c.format === 'vllm' && at(c, 'unknown') && c.shows('engine-wakes') !== undefined,
    causes: ['engine-reservation-too-high', 'neighbour-process', 'model-does-not-fit'],
  },
  // The sampler is tried with as many sequences as may run: fewer of them need less.
  {
    when: (c) => c.format === 'vllm' && c.wording === 'warm-up',
    causes: ['engine-reservation-too-high', 'activations-too-large', 'kv-cache-too-large'],
  },
  {
    when: (c) => c.format === 'vllm' && c.has('engine-budget-too-small'),
    causes: ['engine-reservation-too-low', 'kv-cache-too-large', 'model-does-not-fit'],
  },
  {
    when: (c) => c.format === 'vllm' && at(c, 'init'),
    causes: ['neighbour-process', 'engine-reservation-too-high', 'model-does-not-fit'],
  },
  // A cache that is full while requests run: no allocation has failed.
  {
    when: is('kv-slots'),
    causes: ['kv-cache-too-large', 'engine-reservation-too-low'],
  },
  // The warm-up of a prefill comes before any cache: what it lacks is room for one step.
  {
    when: (c) => c.format === 'tgi' && c.wording === 'prefill-tokens',
    causes: ['activations-too-large', 'model-does-not-fit', 'kv-cache-too-large'],
  },
  // Most of what is free goes to its cache; a setting says how much.
  {
    when: is('lmdeploy'),
    causes: ['kv-cache-too-large', 'model-does-not-fit', 'engine-reservation-too-high'],
  },
  {
    when: (c) => is('mlc-llm')(c) && !at(c, 'init'),
    causes: ['model-does-not-fit', 'kv-cache-too-large', 'activations-too-large'],
  },
  // It adds up weights and scratch before it loads, and scratch grows with the piece of a prompt.
  {
    when: (c) => is('mlc-llm')(c) && at(c, 'init'),
    causes: ['model-does-not-fit', 'activations-too-large', 'kv-cache-too-large'],
  },
  {
    when: is('sglang', 'tgi', 'exllama', 'vllm'),
    causes: ['kv-cache-too-large', 'activations-too-large', 'model-does-not-fit'],
  },
  // Many drivers of Vulkan give at most 4 GiB in one piece.
  {
    when: (c) =>
      c.backend === 'vulkan' && (c.amounts.requested?.low ?? 0) >= VULKAN_PIECE && !at(c, 'load'),
    causes: ['activations-too-large', 'memory-cap', 'model-does-not-fit'],
  },
  // Pictures and sound: what is computed grows with them, and there is no cache of a conversation.
  {
    when: (c) => is('llama-cpp')(c) && !at(c, 'load') && isOfPicturesOrSound(c),
    causes: ['activations-too-large', 'compute-buffer-too-large', 'model-does-not-fit'],
  },
  {
    when: ofFormat(
      ['llama-cpp', 'ollama', 'lm-studio', 'koboldcpp', 'whisper-cpp'],
      ['load', 'init', 'unknown'],
    ),
    causes: ['model-does-not-fit', 'kv-cache-too-large', 'neighbour-process'],
  },
  // A cache that is small beside what was refused is not what it was refused for.
  {
    when: (c) =>
      c.has('allocating-compute') &&
      share(valueIn(c.facts, 'kv_cache'), c.amounts.requested) < 0.5 &&
      valueIn(c.facts, 'kv_cache') !== undefined,
    causes: ['compute-buffer-too-large', 'activations-too-large', 'model-does-not-fit'],
  },
  {
    when: (c) => is('llama-cpp', 'ollama', 'lm-studio')(c) && at(c, 'kv_alloc', 'compile'),
    causes: ['compute-buffer-too-large', 'kv-cache-too-large', 'model-does-not-fit'],
  },
  // All of the memory that Apple's processors share was refused, not one buffer of it.
  {
    when: (c) => is('mlx')(c) && c.wording === 'unable',
    causes: ['model-does-not-fit', 'unified-memory', 'kv-cache-too-large'],
  },
  {
    when: is('llama-cpp', 'ollama', 'lm-studio', 'metal', 'mlx'),
    causes: ['kv-cache-too-large', 'model-does-not-fit', 'compute-buffer-too-large'],
  },
  // An engine that was built for a batch and a length holds the memory of both from the start.
  {
    when: ofFormat(['tensorrt-llm'], ['init']),
    causes: ['model-does-not-fit', 'engine-reservation-too-high', 'kv-cache-too-large'],
  },
  {
    when: ofFormat(['tensorrt'], ['compile']),
    causes: ['builder-scratch', 'memory-cap', 'model-does-not-fit'],
  },
  {
    when: is('tensorrt'),
    causes: ['model-does-not-fit', 'neighbour-process', 'activations-too-large'],
  },
  {
    when: is('tensorrt-llm'),
    causes: ['kv-cache-too-large', 'engine-reservation-too-high', 'model-does-not-fit'],
  },
  {
    when: is('triton-server'),
    causes: ['engine-reservation-too-low', 'workspace-outside-the-allocator', 'neighbour-process'],
  },
  {
    when: (c) => is('nvenc')(c) && c.wording === 'surface',
    causes: ['neighbour-process', 'growth-over-steps', 'activations-too-large'],
  },
  {
    when: is('nvenc'),
    causes: ['neighbour-process', 'activations-too-large', 'session-limit'],
  },
  {
    when: ofFormat(['xla'], ['init']),
    causes: ['model-does-not-fit', 'optimizer-states-do-not-fit', 'neighbour-process'],
  },
  // The program itself, not its data, found no room beside the pool.
  {
    when: (c) => is('xla', 'tensorflow')(c) && c.wording === 'kernel',
    causes: ['engine-reservation-too-high', 'framework-preallocation', 'activations-too-large'],
  },
  // The list of its largest buffers: what the program computes.
  {
    when: (c) => is('xla')(c) && (c.wording === 'buffers' || c.wording === 'above-limit'),
    causes: ['activations-too-large', 'model-does-not-fit', 'framework-preallocation'],
  },
  // A preallocated pool that cannot serve even little.
  {
    when: (c) =>
      is('xla')(c) && (c.amounts.requested === undefined || c.amounts.requested.mid <= TINY),
    causes: ['framework-preallocation', 'activations-too-large', 'model-does-not-fit'],
  },
  // Buffers that a program places on a TPU: its weights as often as its work, or those of an earlier run.
  {
    when: (c) => is('tpu-memory')(c) && c.wording === 'run',
    causes: ['model-does-not-fit', 'activations-too-large', 'growth-over-steps'],
  },
  // A TPU's compiler adds up one program; nobody else is on the core.
  {
    when: is('tpu-memory'),
    causes: ['activations-too-large', 'model-does-not-fit', 'optimizer-states-do-not-fit'],
  },
  {
    when: is('xla', 'tpu'),
    causes: ['activations-too-large', 'framework-preallocation', 'model-does-not-fit'],
  },
  // All of the card, of which somebody always has a part: the pool was told to be too large.
  {
    when: (c) =>
      is('tensorflow')(c) &&
      c.wording === 'device' &&
      share(c.amounts.requested, c.amounts.total) >= WHOLE_CARD,
    causes: ['engine-reservation-too-high', 'framework-preallocation', 'activations-too-large'],
  },
  // The driver refused the pool itself, before any tensor: TensorFlow asks for nearly all that is free.
  {
    when: (c) => is('tensorflow')(c) && c.wording === 'device',
    causes: ['framework-preallocation', 'activations-too-large', 'engine-reservation-too-high'],
  },
  {
    when: (c) => is('tensorflow')(c) && c.has('library-workspace'),
    causes: ['neighbour-process', 'activations-too-large', 'model-does-not-fit'],
  },
  // What is asked for in vain there is scratch of a convolution.
  {
    when: (c) => is('tensorflow')(c) && c.wording === 'pool-warning',
    causes: ['activations-too-large', 'workspace-outside-the-allocator', 'model-does-not-fit'],
  },
  {
    when: ofFormat(['tensorflow'], ['optimizer']),
    causes: ['optimizer-states-do-not-fit', 'model-does-not-fit', 'neighbour-process'],
  },
  // Where not even little is left for the first variables, the pool itself was small.
  {
    when: (c) =>
      ofFormat(['tensorflow'], ['load', 'init'])(c) &&
      c.amounts.requested !== undefined &&
      c.amounts.requested.mid <= TINY,
    causes: ['neighbour-process', 'framework-preallocation', 'model-does-not-fit'],
  },
  {
    when: ofFormat(['tensorflow'], ['load', 'init']),
    causes: ['model-does-not-fit', 'framework-preallocation', 'activations-too-large'],
  },
  // Its hint comes with every failure of the pool; from trial to trial or size to size the pool does fall to pieces.
  {
    when: (c) => is('tensorflow')(c) && c.shows('fragmentation-hint') !== undefined,
    causes: ['activations-too-large', 'fragmentation', 'model-does-not-fit'],
  },
  {
    when: is('tensorflow'),
    causes: ['activations-too-large', 'model-does-not-fit', 'framework-preallocation'],
  },
  // The pool was to take a share of the card that is not there.
  {
    when: (c) => is('paddle')(c) && c.wording === 'share',
    causes: ['engine-reservation-too-high', 'framework-preallocation', 'neighbour-process'],
  },
  // Its words are advice to take less for the pool.
  {
    when: (c) => is('paddle')(c) && c.wording === 'pool',
    causes: ['activations-too-large', 'neighbour-process', 'engine-reservation-too-high'],
  },
  {
    when: (c) => is('paddle', 'mindspore', 'oneflow')(c) && !at(c, 'kv_alloc', 'generate'),
    causes: ['activations-too-large', 'neighbour-process', 'model-does-not-fit'],
  },
  // What an asynchronous engine was given and nobody waited for.
  {
    when: (c) => is('mxnet')(c) && (c.step ?? 0) >= LATE,
    causes: ['activations-too-large', 'growth-over-steps', 'fragmentation'],
  },
  // Algorithms are tried, each with scratch of its own.
  {
    when: (c) => is('mxnet')(c) && c.shows('tunes-convolutions') !== undefined,
    causes: ['activations-too-large', 'workspace-outside-the-allocator', 'model-does-not-fit'],
  },
  {
    when: is('mxnet', 'theano', 'caffe', 'chainer', 'cntk'),
    causes: ['activations-too-large', 'model-does-not-fit', 'neighbour-process'],
  },
  // Rays as arrays: a sample of each pixel lives until its derivative is known.
  {
    when: (c) => is('renderer')(c) && c.frameworks.includes('mitsuba'),
    causes: ['activations-too-large', 'data-does-not-fit', 'neighbour-process'],
  },
  // The table of a miner; Windows wants room in its paging file for as much.
  {
    when: (c) => c.frameworks.includes('ethminer'),
    causes: ['data-does-not-fit', 'paging-file', 'neighbour-process'],
  },
  // Registers and local memory of a launch are resources too.
  {
    when: (c) => is('opencl')(c) && c.has('may-be-no-memory'),
    causes: ['kernel-shared-memory', 'data-does-not-fit', 'activations-too-large'],
  },
  // Its scratch is asked for when a search begins, beside whatever pool PyTorch keeps.
  {
    when: (c) => is('faiss')(c) && /Temporary/i.test(c.wording ?? ''),
    causes: ['workspace-outside-the-allocator', 'neighbour-process', 'engine-reservation-too-high'],
  },
  {
    when: is('catboost', 'xgboost', 'lightgbm', 'faiss', 'renderer', 'opencl'),
    causes: ['data-does-not-fit', 'neighbour-process', 'activations-too-large'],
  },
  // The greatest size of a pool is its owner's to set.
  {
    when: (c) => is('rmm')(c) && c.wording === 'pool',
    causes: ['data-does-not-fit', 'engine-reservation-too-low', 'fragmentation'],
  },
  {
    when: (c) => is('cuda-error')(c) && c.frameworks.includes('cudf'),
    causes: ['data-does-not-fit', 'engine-reservation-too-high', 'activations-too-large'],
  },
  {
    when: is('rmm', 'cudf'),
    causes: ['data-does-not-fit', 'neighbour-process', 'activations-too-large', 'fragmentation'],
  },
  {
    when: (c) => is('cupy')(c) && c.shows('transform') !== undefined,
    causes: ['activations-too-large', 'workspace-outside-the-allocator', 'growth-over-steps'],
  },
  // Little of its own, and already refused: the card was somebody else's.
  {
    when: ({ format, amounts: { live, requested } }) =>
      format === 'cupy' &&
      live !== undefined &&
      requested !== undefined &&
      add(live, requested).high < SMALLEST_CARD,
    causes: ['neighbour-process', 'data-does-not-fit', 'activations-too-large'],
  },
  {
    when: is('cupy'),
    causes: ['growth-over-steps', 'data-does-not-fit', 'activations-too-large'],
  },
  // Its pool has enough, in pieces.
  {
    when: ({ format, amounts: { idle, requested } }) =>
      format === 'julia' &&
      idle !== undefined &&
      requested !== undefined &&
      idle.low >= requested.high,
    causes: ['growth-over-steps', 'data-does-not-fit', 'fragmentation', 'activations-too-large'],
  },
  {
    when: is('julia'),
    causes: ['growth-over-steps', 'data-does-not-fit', 'activations-too-large', 'fragmentation'],
  },
  // The amplitudes of a quantum simulator.
  {
    when: (c) => is('compute-program')(c) && c.wording === 'state',
    causes: ['data-does-not-fit', 'neighbour-process', 'activations-too-large'],
  },
  {
    when: (c) => is('compute-program')(c) && c.wording === 'fixed-pool',
    causes: ['engine-reservation-too-low', 'activations-too-large', 'engine-reservation-too-high'],
  },
  // Arrays that a loop makes and nobody collects.
  {
    when: (c) => is('compute-program')(c) && c.frameworks.includes('arrayfire'),
    causes: ['activations-too-large', 'growth-over-steps', 'neighbour-process'],
  },
  // A library of grids takes three quarters of the card when it starts.
  {
    when: (c) => c.frameworks.includes('amrex'),
    causes: ['engine-reservation-too-high', 'activations-too-large', 'neighbour-process'],
  },
  {
    when: is('compute-program'),
    causes: ['activations-too-large', 'data-does-not-fit', 'neighbour-process'],
  },
  // Level Zero and SYCL give one piece no more than a share of the card, or 4 GiB.
  {
    when: is('xpu-native'),
    causes: ['activations-too-large', 'model-does-not-fit', 'memory-cap'],
  },
  {
    when: (c) => is('vulkan')(c) && at(c, 'unknown'),
    causes: ['activations-too-large', 'model-does-not-fit', 'neighbour-process'],
  },
  // One resource there has a greatest size, whatever is free.
  {
    when: (c) => is('directml')(c) && at(c, 'unknown'),
    causes: ['activations-too-large', 'model-does-not-fit', 'memory-cap'],
  },
  {
    when: is('gpu-memory-words'),
    causes: ['activations-too-large', 'model-does-not-fit', 'neighbour-process'],
  },
  {
    when: (c) => is('status-number')(c) && c.frameworks.includes('nvjpeg'),
    causes: ['activations-too-large', 'workspace-outside-the-allocator', 'neighbour-process'],
  },
  // Surfaces of a decoder or an encoder, on a card that shows and plays besides.
  {
    when: (c) => is('status-number')(c) && c.wording === 'video',
    causes: ['neighbour-process', 'activations-too-large', 'growth-over-steps'],
  },
  {
    when: (c) => is('status-number')(c) && c.wording === 'library',
    causes: ['workspace-outside-the-allocator', 'activations-too-large', 'broken-install'],
  },
  {
    when: is('dali'),
    causes: ['activations-too-large', 'workspace-outside-the-allocator', 'pinned-memory'],
  },
  // A library for language models: the cache of the length that the model allows is taken first.
  {
    when: (c) => c.frameworks.includes('onnxruntime-genai'),
    causes: ['kv-cache-too-large', 'model-does-not-fit', 'activations-too-large'],
  },
  // Next to nothing, and before anything ran: the card is full of something else.
  {
    when: (c) =>
      ofFormat(['onnxruntime'], ['load', 'init'])(c) &&
      c.amounts.requested !== undefined &&
      c.amounts.requested.high < TINY,
    causes: ['model-does-not-fit', 'neighbour-process', 'growth-over-steps'],
  },
  {
    when: ofFormat(['onnxruntime'], ['load', 'init']),
    causes: ['model-does-not-fit', 'memory-cap', 'neighbour-process'],
  },
  {
    when: (c) => is('onnxruntime')(c) && c.wording === '8007000E',
    causes: ['activations-too-large', 'model-does-not-fit', 'memory-cap'],
  },
  {
    when: is('onnxruntime'),
    causes: ['activations-too-large', 'memory-cap', 'neighbour-process'],
  },
  {
    when: is('onnxruntime', 'directml'),
    causes: ['model-does-not-fit', 'activations-too-large', 'neighbour-process'],
  },
  {
    when: is('candle', 'webgpu', 'neuron', 'openvino'),
    causes: ['model-does-not-fit', 'activations-too-large', 'kv-cache-too-large'],
  },
  {
    when: is('ctranslate2'),
    causes: ['activations-too-large', 'model-does-not-fit', 'neighbour-process'],
  },
  // Ranks that did not choose a card of their own open a context on the first one.
  {
    when: is('nccl'),
    causes: ['nccl-buffers', 'activations-too-large', 'many-processes-on-one-gpu'],
  },
  // XLA takes most of the card before a library asks for the rest.
  {
    when: (c) => is('cuda-library')(c) && c.frameworks.includes('jax'),
    causes: [
      'engine-reservation-too-high',
      'workspace-outside-the-allocator',
      'neighbour-process',
      'activations-too-large',
    ],
  },
  // So do other calls under it, and TensorFlow.
  {
    when: (c) =>
      is('cuda-library', 'cuda-error')(c) &&
      c.frameworks.some((name) => PREALLOCATE.includes(name)),
    causes: ['engine-reservation-too-high', 'neighbour-process', 'activations-too-large'],
  },
  // The card was full when the library asked: the message beside the status says so.
  {
    when: (c) => is('cuda-library')(c) && (c.amounts.free?.high ?? TINY * 8) < TINY * 4,
    causes: ['neighbour-process', 'activations-too-large', 'model-does-not-fit'],
  },
  {
    when: (c) => is('cuda-library')(c) && c.has('may-be-no-memory'),
    causes: ['activations-too-large', 'broken-install', 'neighbour-process'],
  },
  {
    when: is('cuda-library'),
    causes: ['activations-too-large', 'broken-install', 'model-does-not-fit'],
  },
  // The driver's bare words: anything can be behind them.
  {
    when: (c) => is('driver-binding', 'nvidia-driver')(c),
    causes: ['neighbour-process', 'model-does-not-fit', 'growth-over-steps'],
  },
  {
    when: ofFormat(['cuda-error', 'torch-thc'], ['load', 'init']),
    causes: ['model-does-not-fit', 'neighbour-process', 'pinned-memory'],
  },
  {
    when: ofFormat(['cuda-error', 'torch-thc'], ['transfer']),
    causes: ['model-does-not-fit', 'neighbour-process', 'activations-too-large'],
  },
  // PyTorch up to 1.0: evaluation was told so by the tensors, and code outlived that.
  {
    when: ofFormat(['torch-thc'], ['unknown']),
    causes: ['activations-too-large', 'neighbour-process', 'autograd-in-eval'],
  },
  // The call that failed is named, and it gives memory of the card.
  {
    when: (c) => is('cuda-error')(c) && at(c, 'unknown') && c.wording === 'device-call',
    causes: ['activations-too-large', 'neighbour-process', 'data-does-not-fit'],
  },
  // Raised by PyTorch outside its allocator: what it asks the driver for is page-locked as often.
  {
    when: (c) => ofFormat(['cuda-error'], ['unknown'])(c) && c.has('asynchronous'),
    causes: ['activations-too-large', 'neighbour-process', 'pinned-memory'],
  },
  {
    when: ofFormat(['cuda-error'], ['unknown']),
    causes: ['activations-too-large', 'neighbour-process', 'model-does-not-fit'],
  },
  // Most of the memory that all programs share lies beside this allocator.
  {
    when: ({ format, amounts: { outside, live } }) =>
      format === 'torch-mps' &&
      outside !== undefined &&
      live !== undefined &&
      outside.low > live.high,
    causes: ['activations-too-large', 'memory-outside-the-allocator', 'neighbour-process'],
  },
  {
    when: ofFormat(['torch-mps'], ['unknown', 'forward', 'backward', 'generate']),
    causes: ['model-does-not-fit', 'activations-too-large', 'memory-cap'],
  },
  // Programs to chat with: what they keep of a conversation grows with it.
  {
    when: (c) => at(c, 'unknown') && c.frameworks.some((name) => CHAT.includes(name)),
    causes: ['kv-cache-too-large', 'model-does-not-fit', 'activations-too-large'],
  },
  {
    when: (c) => at(c, 'unknown') && SHARDED.some((sign) => c.shows(sign) !== undefined),
    causes: ['activations-too-large', 'optimizer-states-do-not-fit', 'model-does-not-fit'],
  },
  // Much of the card is neither allocated nor free: idle in the driver's pool, or somebody else's.
  {
    when: (c) =>
      is('torch-async')(c) && at(c, 'unknown') && share(unaccounted(c), c.amounts.total) > 0.1,
    causes: ['activations-too-large', 'model-does-not-fit', 'fragmentation'],
  },
  // A scene that grows: the splats themselves, with their states.
  {
    when: (c) => c.shows('densifies') !== undefined,
    causes: ['data-does-not-fit', 'optimizer-states-do-not-fit', 'activations-too-large'],
  },
  // Optimizers of PyTorch that step over lists make a copy of each list on their way.
  {
    when: (c) => at(c, 'optimizer') && c.shows('foreach-step') !== undefined,
    causes: [
      'optimizer-states-do-not-fit',
      'workspace-outside-the-allocator',
      'model-does-not-fit',
    ],
  },
  // In the days of Variables evaluation had to be told to them.
  {
    when: ofFormat(['torch-thc'], ['forward']),
    causes: ['activations-too-large', 'autograd-in-eval', 'model-does-not-fit'],
  },
  {
    when: (c) => isTorch(c) && at(c, 'unknown') && c.shows('native-program') !== undefined,
    causes: ['activations-too-large', 'autograd-in-eval', 'model-does-not-fit'],
  },
  // Before the first step is over nothing has grown; states of the optimizer come with it.
  {
    when: (c) => isTorch(c) && !c.isEngine && at(c, 'unknown') && c.step === 0 && mayTrain(c),
    causes: ['activations-too-large', 'model-does-not-fit', 'optimizer-states-do-not-fit'],
  },
  // What answers requests has its model in place.
  {
    when: (c) =>
      isTorch(c) && !c.isEngine && at(c, 'unknown') && c.shows('serves-requests') !== undefined,
    causes: ['activations-too-large', 'growth-over-steps', 'autograd-in-eval'],
  },
  // PyTorch's own messages, by phase.
  {
    when: (c) => at(c, 'load', 'init') || (at(c, 'transfer') && c.phase.moves_model),
    causes: ['model-does-not-fit', 'neighbour-process', 'duplicate-state-on-load'],
  },
  {
    when: (c) => at(c, 'optimizer'),
    causes: ['optimizer-states-do-not-fit', 'model-does-not-fit', 'neighbour-process'],
  },
  {
    when: (c) => at(c, 'eval'),
    causes: ['activations-too-large', 'autograd-in-eval', 'eval-accumulation'],
  },
  // Somebody's own loop that makes one sample after another: what it makes, and what it keeps of it.
  {
    when: (c) => at(c, 'generate') && isOwnLoop(c),
    causes: ['activations-too-large', 'growth-over-steps', 'autograd-in-eval'],
  },
  {
    when: (c) => at(c, 'generate', 'prefill', 'kv_alloc'),
    causes: ['kv-cache-too-large', 'activations-too-large', 'model-does-not-fit'],
  },
  {
    when: (c) => at(c, 'save'),
    causes: ['full-state-gather-on-save', 'model-does-not-fit', 'activations-too-large'],
  },
  {
    when: (c) => at(c, 'capture'),
    causes: ['cuda-graphs-private-pools', 'engine-reservation-too-high', 'kv-cache-too-large'],
  },
  {
    when: (c) => at(c, 'forward', 'backward', 'transfer'),
    causes: ['activations-too-large', 'model-does-not-fit', 'growth-over-steps'],
  },
  // Little of the card is in this process's tensors: others, or what is outside.
  {
    when: ({ amounts: { live, room } }) =>
      live !== undefined && room !== undefined && share(live, room) < 0.35,
    causes: ['neighbour-process', 'activations-too-large', 'model-does-not-fit'],
  },
  // A small card is filled by the weights of a model as soon as by its work.
  {
    when: (c) =>
      isTorch(c) && at(c, 'unknown') && (c.amounts.total?.high ?? LARGE_CARD) < LARGE_CARD,
    causes: ['activations-too-large', 'model-does-not-fit', 'growth-over-steps'],
  },
  // A bare message of PyTorch: what people confirm most often after a batch that is too large.
  {
    when: (c) => isTorch(c) && !c.isEngine,
    causes: [
      'activations-too-large',
      'model-does-not-fit',
      'growth-over-steps',
      'autograd-in-eval',
    ],
  },
];

/** Ids of what is usually behind such a failure, the most usual first; none where it is no shortage. */
export function usualCauses(c: Case): readonly string[] {
  // Below its own watermark MPS was refused the buffer itself: by a device that is none, as in a virtual machine.
  if (c.format === 'torch-mps' && hadRoom(c.amounts))
    return ['broken-install', 'model-does-not-fit', 'memory-cap'];
  // PyTorch 2.1 to 2.5 do not print a fraction that the program sets. Windows refuses by itself.
  const mayBeCapped = isSane(c) && hadRoom(c.amounts) && isTorch(c) && !isTorchFrom(c, '2.6');
  // The rest of a card that is full but for crumbs, read after the refusal: somebody gave them back meanwhile.
  if (mayBeCapped && share(c.amounts.free, c.amounts.total) < CRUMBS)
    return ['neighbour-process', 'memory-cap', 'activations-too-large'];
  if (mayBeCapped && isIdle(c)) return ['memory-cap', 'broken-install', 'paging-file'];
  if (mayBeCapped && c.shows('wsl') === undefined && c.shows('windows') === undefined) {
    return ['memory-cap', 'paging-file', 'neighbour-process'];
  }
  // Windows promises memory of its own for what a card is asked for.
  if (mayBeCapped && c.shows('windows') !== undefined) return ['paging-file'];
  // Programs that compare a model with the machine before they load it.
  if (c.kind === 'host_oom' && c.format === 'ollama')
    return ['model-does-not-fit', 'kv-cache-too-large', 'memory-cap'];
  if (c.kind === 'host_oom' && c.format === 'lm-studio')
    return ['model-does-not-fit', 'memory-cap', 'kv-cache-too-large'];
  // Told to be too large, or full: never a size that went wrong.
  if (c.kind === 'host_oom' && c.wording === 'swap-space')
    return c.amounts.requested === undefined
      ? ['engine-reservation-too-low', 'kv-cache-too-large']
      : [];
  if (c.kind === 'host_oom' && (c.amounts.requested?.low ?? 0) >= LARGE_ON_HOST)
    return c.format === 'torch-cpu'
      ? (c.amounts.requested?.low ?? 0) >= VERY_LARGE_ON_HOST
        ? ['corrupt-size', 'activations-too-large']
        : ['activations-too-large', 'model-does-not-fit', 'corrupt-size']
      : ['corrupt-size', 'data-does-not-fit'];
  // Buffers are counted; what is never freed reaches the count as a cap does.
  if (c.kind === 'look_alike' && c.wording === 'resource-limit')
    return ['growth-over-steps', 'memory-cap'];
  if (c.kind === 'look_alike' && ['vulkan', 'webgpu'].includes(c.format) && c.wording === 'lost')
    return ['activations-too-large'];
  // A card in exclusive mode belongs to the first who comes.
  if (c.kind === 'look_alike' && c.format === 'kernel-fault' && c.wording === 'busy')
    return ['neighbour-process'];
  if (c.kind === 'look_alike' && c.wording === 'suspended')
    return ['activations-too-large', 'model-does-not-fit'];
  if (c.kind === 'look_alike' && c.wording === 'lost-context')
    return ['growth-over-steps', 'activations-too-large'];
  // Its context was lost when it spoke of memory; a scene that filled the card can have cost it that.
  if (c.kind === 'look_alike' && c.format === 'renderer' && c.wording === 'context')
    return ['data-does-not-fit', 'host-ram-exhausted'];
  // A buffer of a size that is set, which the message names.
  if (c.kind === 'look_alike' && c.wording === 'scene-buffer')
    return ['engine-reservation-too-low'];
  // An engine that compared what was free before and after: somebody took or gave back memory meanwhile.
  if (c.kind === 'look_alike' && c.format === 'vllm')
    return ['neighbour-process', 'growth-over-steps', 'engine-reservation-too-high'];
  if (c.kind === 'look_alike' && c.format === 'nvenc')
    return ['neighbour-process', 'activations-too-large'];
  // A heap lies in the machine's memory, below its own limit.
  if (isManagedHeap(c)) return ['host-ram-exhausted', 'growth-over-steps'];
  // A program that reckons with what a file of another kind says of itself.
  if (c.kind === 'look_alike' && c.wording === 'memory-pool') {
    // Hardly too small: reckoned for less work than came. Else for another model.
    return share(valueIn(c.facts, 'arena_free'), c.amounts.requested) > HARDLY_TOO_SMALL
      ? ['engine-reservation-too-low', 'broken-install', 'activations-too-large']
      : ['activations-too-large', 'broken-install', 'corrupt-size'];
  }
  // A driver's own memory, or a code that it gives for other refusals: of pictures that are large, of a fault of its own.
  if (
    c.kind === 'host_oom' &&
    ['opencl', 'status-number', 'xpu-native', 'vulkan'].includes(c.format)
  )
    return c.frameworks.includes('vulkan')
      ? ['activations-too-large', 'broken-install']
      : ['broken-install', 'model-does-not-fit'];
  // A probe or a time limit ended it; a machine without memory is late, too.
  if (c.kind === 'look_alike' && c.has('process-killed')) return ['host-ram-exhausted'];
  // Killed for the machine's memory: what had filled it is another question, and the moment tells a little.
  if (c.kind === 'host_oom' && c.has('process-killed')) {
    if (at(c, 'load', 'init')) return ['model-does-not-fit'];
    // What has hardly begun has not grown.
    return c.step !== undefined && c.step < FEW_STEPS ? [] : ['growth-over-steps'];
  }
  // What the compiler of a TPU may use of its on-chip memory is a setting.
  if (c.kind === 'look_alike' && c.format === 'tpu-memory')
    return ['memory-cap', 'activations-too-large'];
  // A worker that crashed: a fault of a library, or memory of the machine that ran out under it.
  if (c.kind === 'look_alike' && c.has('worker-crashed')) return ['host-ram-exhausted'];
  // A tensor of TensorFlow with its shape: what was to be computed.
  if (c.kind === 'host_oom' && c.format === 'tensorflow' && c.tensor !== undefined)
    return ['activations-too-large', 'model-does-not-fit'];
  // The kernel counts maps; a file for each tensor reaches its limit with memory to spare.
  if (
    c.kind === 'host_oom' &&
    c.has('mapping') &&
    (c.amounts.requested?.high ?? Number.POSITIVE_INFINITY) < TINY / 4
  )
    return ['session-limit'];
  if (
    c.kind === 'host_oom' &&
    c.format === 'host-allocation' &&
    (c.amounts.requested?.high ?? Number.POSITIVE_INFINITY) < TINY / 4
  )
    return ['growth-over-steps'];
  // A graph's node that could not get its output: what it was to hold is work.
  if (c.kind === 'host_oom' && c.wording === 'told' && c.frameworks.includes('theano'))
    return ['activations-too-large'];
  if (c.kind === 'host_oom' && c.format === 'graphcore')
    return ['memory-cap', 'activations-too-large'];
  if (c.kind === 'host_oom' && c.wording === 'own-limit')
    return c.amounts.requested === undefined ? ['memory-cap'] : ['memory-cap', 'corrupt-size'];
  if (c.kind === 'host_oom' && c.wording === 'counted') return ['host-ram-exhausted'];
  // What pins has to have a context, which lies on the first card as a rule.
  if (c.kind === 'host_oom' && c.format === 'cuda-error' && c.has('pinned-memory'))
    return ['neighbour-process'];
  // JavaCPP ends at a limit of its own, twice the heap unless it is set.
  if (c.kind === 'host_oom' && c.wording === 'javacpp') return ['memory-cap'];
  if (c.kind === 'host_oom' && c.frameworks.includes('onnxruntime-genai'))
    return ['kv-cache-too-large', 'model-does-not-fit'];
  if (c.kind === 'host_oom' && c.wording === 'bad-alloc')
    return ['model-does-not-fit', 'corrupt-size'];
  if (c.kind === 'host_oom' && c.has('page-memory')) return ['memory-cap', 'model-does-not-fit'];
  // What the machine had no memory for: the work of a step, or what is held whole.
  if (c.kind === 'host_oom' && c.format === 'torch-cpu')
    return at(c, 'load', 'init', 'transfer')
      ? ['model-does-not-fit', 'growth-over-steps']
      : ['activations-too-large', 'growth-over-steps', 'model-does-not-fit'];
  if (c.kind === 'host_oom' && c.format === 'host-allocation')
    return c.amounts.requested === undefined
      ? ['data-does-not-fit', 'corrupt-size']
      : ['data-does-not-fit', 'growth-over-steps'];
  if (c.kind === 'host_oom' && c.format === 'shared-memory') return ['worker-crashed'];
  // Figures of another moment than the refusal's, or a limit for one piece.
  if (isSane(c) && hadRoom(c.amounts) && !isTorch(c)) return ['neighbour-process', 'memory-cap'];
  // Many cards' worth: where nobody meant it, the work of all pairs of something comes next.
  if (c.kind === 'gpu_oom' && isAbsurd(c))
    return (c.amounts.requested?.low ?? BEYOND_ALL) < BEYOND_ALL
      ? ['activations-too-large', 'broken-install']
      : ['broken-install'];
  if (c.kind !== 'gpu_oom' || hadRoom(c.amounts) || isCapped(c)) return [];
  const usual = TABLE.find(({ when }) => when(c))?.causes ?? [];
  // Several cards' worth in one piece: a size that nobody meant is as usual as work that is too large.
  const isVast =
    c.amounts.total !== undefined && share(c.amounts.requested, c.amounts.total) > VAST_ON_CARD;
  const all = isVast ? [...usual.slice(0, 1), 'corrupt-size', ...usual.slice(1)] : usual;
  // Before anything is computed a list is not filled up with what computes.
  const isBefore = at(c, 'load', 'init', 'transfer', 'optimizer');
  return [...all, ...(isBefore ? [] : OF_ANY)].filter((id) => !isRefuted(c, id));
}

/** Nothing is held yet and little was asked for: a card that works gives it. */
const isIdle = ({ amounts: { live, requested } }: Case): boolean =>
  live?.high === 0 && requested !== undefined && requested.high <= TINY;

const isSane = (c: Case): boolean => c.kind === 'gpu_oom' && !isCapped(c) && !isAbsurd(c);

/** Whether the text speaks against a possibility that nothing in it speaks for. */
function isRefuted(c: Case, id: string): boolean {
  if (c.isExact && isRefutedByLedger(c, id)) return true;
  // What has run a step fits.
  if (id === 'model-does-not-fit') return hasStepped(c);
  // More than the whole card: nobody has to leave it for that.
  if (id === 'neighbour-process') return isAlone(c) || exceedsAnyCard(c.amounts);
  if (id === 'framework-preallocation') return exceedsAnyCard(c.amounts);
  if (id === 'fragmentation') return exceedsUnused(c.amounts);
  if (id === 'memory-outside-the-allocator') {
    const { outside, untold, total } = c.amounts;
    return (outside ?? untold) !== undefined && share(outside ?? untold, total) < 0.1;
  }
  if (id === 'autograd-in-eval') {
    return c.shows('no-grad') !== undefined || !keepsGraphUnasked(c);
  }
  return id === 'growth-over-steps' && (c.step === 0 || allocatedSeries(c.observed).some(isFlat));
}

/** Below this share of the live tensors and of the request a content is not what filled the memory. */
const LITTLE = 0.1;

/** Whether the exact ledger of a recording speaks against it: what would have to be there is not. */
function isRefutedByLedger(c: Case, id: string): boolean {
  const { live, requested = ZERO } = c.amounts;
  const isLittle = (more: Interval, ...categories: readonly Category[]): boolean => {
    // What no rule puts anywhere can be any of them.
    const held = heldBy(c, ...categories, 'tensors');
    return share(add(held ?? ZERO, more), add(live ?? ZERO, more)) < LITTLE;
  };
  switch (id) {
    case 'model-does-not-fit':
      return isLittle(ZERO, 'weights');
    case 'optimizer-states-do-not-fit':
      return isLittle(ZERO, ...STATES);
    case 'kv-cache-too-large':
      return isLittle(ZERO, 'kv_cache');
    case 'activations-too-large':
      return isLittle(requested, ...WORK);
    case 'growth-over-steps':
      return c.isSteady;
    // The layout itself was looked at.
    case 'fragmentation':
      return true;
    default:
      return false;
  }
}

/** True when the request is more than all that lies idle in the pool and free on the card, in any layout. */
function exceedsUnused({ requested, idle, free, reserved, total }: Amounts): boolean {
  const unreserved =
    total === undefined || reserved === undefined ? undefined : subtract(total, reserved);
  const rest = free ?? unreserved;
  return (
    requested !== undefined &&
    idle !== undefined &&
    rest !== undefined &&
    requested.low > idle.high + rest.high
  );
}

/** True when the card's total leaves nothing for anybody but the failing process. */
function isAlone({ amounts }: Case): boolean {
  const { others_at_most: listed, untold_others: rest, untold, outside } = amounts;
  if (outside === undefined) return false;
  const most = listed ?? rest ?? untold;
  return most === undefined || (!isUnknown(most) && most.high <= 0);
}
