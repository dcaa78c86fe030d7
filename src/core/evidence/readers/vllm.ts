/**
 * vLLM's own messages. It takes a share of the card, measures weights and a forward pass, and gives
 * the rest to the KV cache; each message says at which of these steps the share was too small or too
 * large. Forks (Aphrodite) print the same sentences.
 */

import type { Phase } from '../../base/phase.ts';
import { isAdvice } from '../advice.ts';
import type { Backend, Clue, Counts, IncidentKind, Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const AVAILABLE = /AvailableKVcachememory:(?<size>-?\d{1,6}(?:\.\d{1,4})?)(?<size_unit>GiB|GB)/i;
const MAX_SEQ_LEN = /maxseqlen\((?<count>\d{1,12})\)/i;
const KV_TOKENS = /tokensthatcanbestoredinKVcache\((?<count>\d{1,12})\)/i;
const ESTIMATED = /estimatedmaximummodellengthis(?<count>\d{1,12})/i;
const KV_NEEDED = clause('{size:size} KV cache is needed');
const KV_LEFT = /availableKVcachememory\((?<size>-?\d{1,6}(?:\.\d{1,4})?)(?<size_unit>GiB|GB)\)/i;
const FREE =
  /ondevice\S{0,20}?\((?<size>\d{1,6}(?:\.\d{1,4})?)\/\d{1,6}(?:\.\d{1,4})?(?<size_unit>GiB)\)/i;
const TOTAL =
  /ondevice\S{0,20}?\(\d{1,6}(?:\.\d{1,4})?\/(?<size>\d{1,6}(?:\.\d{1,4})?)(?<size_unit>GiB)\)/i;
/** What it may take, as version 0.6.6 and later print it before they say what is left. */
const SHARE_TOTAL = /total_gpu_memory\((?<size>\d{1,6}(?:\.\d{1,4})?)(?<size_unit>GiB)\)x/i;
const SHARE_BUDGET =
  /memory_utilization\([\d.]{1,12}\)=(?<size>\d{1,6}(?:\.\d{1,4})?)(?<size_unit>GiB)/i;
const BUDGET =
  /utilization\(\d{1,3}(?:\.\d{1,20})?,(?<size>\d{1,6}(?:\.\d{1,4})?)(?<size_unit>GiB)\)/i;
const UTILIZATION = /utilization[(=](?<count>\d{1,3}(?:\.\d{1,20})?)(?=[,)]|$|[A-Z])/i;
const DEVICE = /ondevice(?:cuda|xpu|npu|hpu|musa):(?<index>\d{1,3})\(/i;
const DUMMIES = /with(?<count>\d{1,9})dummyrequests/i;
const GPU_BLOCKS = /#(?:GPU|cuda|NPU|XPU|HPU)blocks:(?<count>\d{1,12})/i;
const CPU_BLOCKS = /#CPUblocks:(?<count>\d{1,12})/i;
const BATCH = /max_num_seqs\((?<count>\d{1,9})\)/i;
const KV_REST =
  /(?:reservedforKVCacheis|kv_cache_size=)(?<size>-?\d{1,6}(?:\.\d{1,4})?)(?<size_unit>GiB)/i;
const WEIGHTS = clause('model weights take {size:size}');
const NON_TORCH = clause('non_torch_memory ~(takes|=){size:size}');
const ACTIVATIONS = clause('activation peak memory takes {size:size}');
const TOTAL_V0 = clause('profiling results: total_gpu_memory={size:size}');
const CURRENT_FREE = clause('current free memory {size:size}');
const SWAP = clause('swap space. {size:size} out of');
const SWAP_OF = clause('out of the {size:size} total CPU memory');
const PROMPT = /Inputprompt\((?<count>\d{1,12})tokens\)/i;

/** The blocks were counted, and the next thing that the log tells is that they cannot do. */
const GOES_ON_TO_FAIL = /^\S{0,600}?Errorexecutingmethod\W{0,3}initialize_cache/;
/** The full message of the allocator stands behind these words; it has the figures. */
const HAS_ALLOCATOR_MESSAGE = /^\S{0,800}?outofmemory\.?Triedtoallocate/i;

/**
 * Blocks that were counted and above none, and still a cache that could not be set up: then it is the
 * check of the longest sequence that failed.
 */
function cluesOf({ name, clues }: Wording, counts: Counts): readonly Clue[] {
  if (name === 'prompt') return [...clues, 'only-a-warning'];
  if (name !== 'blocks' || (counts.gpu_blocks ?? 0) <= 0) return clues;
  return [...clues.filter((clue) => clue !== 'engine-budget-too-small'), 'sequence-exceeds-kv'];
}

interface Wording {
  readonly name: string;
  readonly pattern: RegExp;
  readonly phase?: Phase;
  readonly clues: readonly Clue[];
  readonly kind?: IncidentKind;
}

const WORDINGS: readonly Wording[] = [
  {
    name: 'cache-blocks',
    pattern: /^Noavailablememory/i,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'engine-budget-too-small'],
  },
  {
    name: 'kv-negative',
    pattern: /^(?:AvailableKV|total_gpu|modelweights|memoryreserved|Memoryprofiling)/i,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'engine-budget-too-small'],
  },
  {
    name: 'max-seq-len',
    pattern: /maxseqlen|whichislarger$/i,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'sequence-exceeds-kv'],
  },
  {
    name: 'blocks',
    pattern: /^#/,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'engine-budget-too-small'],
  },
  {
    name: 'mamba-blocks',
    pattern: /^max_num_seqs/i,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'engine-budget-too-small'],
  },
  {
    name: 'no-blocks',
    pattern: /^assert|^total/i,
    phase: 'kv_alloc',
    clues: ['kv-cache', 'engine-budget-too-small'],
  },
  { name: 'free-on-start', pattern: /^Freememory/i, phase: 'init', clues: ['taken-at-start'] },
  {
    name: 'warm-up',
    pattern: /warmingup/i,
    phase: 'init',
    clues: ['engine-budget-too-large'],
  },
  { name: 'load', pattern: /^Failedtoload/i, phase: 'load', clues: ['allocating-weights'] },
  { name: 'prompt', pattern: /^Inputprompt/i, clues: ['kv-cache', 'sequence-exceeds-kv'] },
  {
    name: 'swap-space',
    pattern: /swapspace/i,
    clues: ['kv-cache'],
    kind: 'host_oom',
  },
  { name: 'sleep-mode', pattern: /cumem_allocator/i, clues: [] },
  { name: 'kernel', pattern: /^Failed:Cuda/i, clues: [] },
  {
    name: 'profile-disturbed',
    pattern: /^Errorinmemoryprofiling/i,
    phase: 'init',
    clues: ['may-be-no-memory'],
    kind: 'look_alike',
  },
];

function takeSizes(message: Message): void {
  message.size('kv_available', AVAILABLE) ??
    message.size('kv_available', KV_LEFT) ??
    message.size('kv_available', KV_REST);
  message.size('weights', WEIGHTS);
  message.size('non_torch', NON_TORCH);
  message.size('activations', ACTIVATIONS);
  message.size('kv_needed', KV_NEEDED);
  const index = message.find(DEVICE)?.groups?.['index'];
  const scope = index === undefined ? {} : { device: Number(index) };
  message.size('free', FREE, { scope }) ?? message.size('free', CURRENT_FREE);
  message.size('total', TOTAL, { scope }) ??
    message.size('total', TOTAL_V0) ??
    message.size('total', SHARE_TOTAL);
  message.size('budget', BUDGET, { scope }) ?? message.size('budget', SHARE_BUDGET);
  message.size('requested', SWAP);
  message.size('host_total', SWAP_OF);
}

function takeCounts(message: Message): void {
  message.count('max_seq_len', MAX_SEQ_LEN) ?? message.count('max_seq_len', PROMPT);
  message.count('kv_tokens', KV_TOKENS);
  message.count('estimated_max_seq_len', ESTIMATED);
  message.count('utilization', UTILIZATION);
  message.count('batch_size', DUMMIES) ?? message.count('batch_size', BATCH);
  message.count('gpu_blocks', GPU_BLOCKS);
  message.count('cpu_blocks', CPU_BLOCKS);
}

function backendOf(text: string): Backend {
  if (/VLLM_(?:CPU|OPENVINO)_KVCACHE_SPACE|ondevicecpu/i.test(text)) return 'cpu';
  if (/ondevicenpu|NPUmemory|NPUblocks/i.test(text)) return 'npu';
  return /ondevicexpu|XPUblocks/i.test(text) ? 'xpu' : 'cuda';
}

export const vllm: Reader = {
  id: 'vllm',
  code: 'UN430',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'vLLM',
      summary:
        'vLLM’s own words for too little memory: no cache blocks, a sequence longer than the KV cache, a card that is taken at start, the sampler’s warm-up.',
    },
    zh: {
      title: 'vLLM',
      summary:
        'vLLM 自己关于显存不足的报错：没有缓存块、序列比 KV 缓存还长、启动时显卡已被占用、采样器预热。',
    },
    ru: {
      title: 'vLLM',
      summary:
        'Сообщения самого vLLM о нехватке памяти: нет блоков кэша, последовательность длиннее KV-кэша, карта занята уже при запуске, прогрев сэмплера.',
    },
  },
  sources: [
    'vllm@v0.2.7:vllm/engine/llm_engine.py',
    'vllm@v0.6.6:vllm/worker/worker.py',
    'vllm@v0.8.0:vllm/v1/core/kv_cache_utils.py',
    'vllm@v0.11.0:vllm/v1/worker/gpu_worker.py',
    'vllm@v0.11.0:vllm/v1/worker/gpu_model_runner.py',
  ],
  needles: [
    'memory for the cache blocks',
    'available kv cache memory: -',
    'reserved for kv cache is -',
    'memory profiling results:',
    'is larger than the maximum number of tokens',
    'to serve at least one request',
    'kv cache is needed, which',
    'less than desired gpu memory',
    'free memory on device',
    'when warming up sampler',
    'when warming up pooler',
    'available mamba cache',
    '# cpu blocks:',
    'not enough gpu memory',
    'capacity of block_manager',
    'cpu swap space',
    'oo large swap space',
    'cumem_allocator.cpp',
    'failed: cuda error',
    'error in memory profiling',
    'blocks > 0',
    'blocks cannot be less',
  ],
  anchor:
    /Noavailablememoryforthecacheblocks|AvailableKVcachememory:-\d|(?:total_gpu_memory\([\d.]{1,12}GiB\)xgpu_memory_utilization\S{1,240}?)?(?:modelweightstake\S{1,200}?)?memoryreservedforKVCacheis-\d|Memoryprofilingresults:total_gpu_memory=\S{1,400}?kv_cache_size=-\d|Themodel.{0,2}smaxseqlen\(\d+\)islargerthan|Toserveatleastonerequestwiththemodels?.{0,2}s?maxseqlen|(?<!maxseqlen\(\d{1,9}\),\(?)(?<![\d.])[\d.]{1,9}GiBKVcacheisneeded,whichislarger|Freememoryondevice\S{0,20}?\([\d.]{1,12}\/[\d.]{1,12}GiB\)onstartupislessthan|CUDAoutofmemoryoccurredwhenwarmingup|max_num_seqs\(\d+\)exceedsavailableMamba|#(?:GPU|cuda|NPU|XPU|HPU)blocks:\d+,#CPUblocks:\d+|Failedtoloadmodel-notenoughGPUmemory|Inputprompt\(\d+tokens\)(?:\+lookaheadslots\(\d+\))?istoolongandexceedsthecapacityofblock_manager|AbortedduetothelackofCPUswapspace|(?<!Possibly)Toolargeswapspace\.\d|CUDAError:outofmemoryat\S{0,120}?cumem_allocator\.cpp|Failed:Cudaerror\S{1,160}?'outofmemory'|totalnumberofblockscannotbelessthanzero|assert[\w.(]{0,40}num_(?:gpu_|device_|kv_?cache_)blocks>0(?=[^\u0001]{0,160}?AssertionError)|Errorinmemoryprofiling\.(?:Initialfreememory|ThishappenswhentheGPUmemory)/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const { text, match } = message;
    const wording = WORDINGS.find(({ pattern }) => pattern.test(match[0]));
    if (wording === undefined) return undefined;
    const rest = text.slice(match[0].length);
    takeSizes(message);
    takeCounts(message);
    const { counts } = message;
    // A count of blocks is what every start prints; it is a failure when there are none.
    if (wording.name === 'blocks' && counts.gpu_blocks !== 0 && !GOES_ON_TO_FAIL.test(rest))
      return undefined;
    if (wording.name === 'load' && HAS_ALLOCATOR_MESSAGE.test(rest)) return undefined;
    const head = text.slice(0, 400);
    const backend = backendOf(head);
    const kind = wording.kind ?? (backend === 'cpu' ? 'host_oom' : 'gpu_oom');
    const device = message.facts.find(({ scope }) => scope.device !== undefined)?.scope.device;
    return {
      kind,
      framework: /aphrodite/i.test(message.before + head) ? 'aphrodite' : 'vllm',
      backend: kind === 'host_oom' ? 'cpu' : backend,
      wording: wording.name,
      facts: message.facts,
      clues: cluesOf(wording, counts),
      end: message.end,
      ...(Object.keys(counts).length > 0 && { counts }),
      ...(wording.phase !== undefined && { phase: wording.phase }),
      ...(device !== undefined && { device }),
    };
  },
};
