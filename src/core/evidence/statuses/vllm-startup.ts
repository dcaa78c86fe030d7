/** vLLM, V0 and V1, while it starts: weights, profile, KV cache, CUDA graphs. */
import {
  type CountRule,
  countsIn,
  type Entry,
  figure,
  hasFigures,
  joinEntries,
  type SizeRule,
  sizesIn,
} from '../own-memory.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';

/** In order: where two forms of one figure stand in a line, the first is taken. "GB" is 2^30 here. */
const SIZES: readonly SizeRule[] = [
  { quantity: 'weights', pattern: figure('\\bLoading model weights took {size}') },
  { quantity: 'weights', pattern: figure('\\bModel loading took {size}') },
  // The profile of a run, V0 in one line or several
  { quantity: 'total', pattern: figure('total_gpu_memory \\({size}\\) x') },
  { quantity: 'budget', pattern: figure('x gpu_memory_utilization \\([\\d.]{1,8}\\) = {size}') },
  { quantity: 'weights', pattern: figure('\\bmodel weights take {size}') },
  { quantity: 'non_torch', pattern: figure('\\bnon_torch_memory (?:takes )?{size}') },
  {
    quantity: 'activations',
    pattern: figure('PyTorch activation peak memory (?:takes )?{size}'),
  },
  {
    quantity: 'kv_available',
    pattern: figure('the rest of the memory reserved for KV Cache is {size}'),
  },
  // 0.6.4 to 0.6.5
  { quantity: 'total', pattern: figure('^ total_gpu_memory(?: |=){size}') },
  {
    quantity: 'total',
    pattern: figure('Memory profiling results: .{0,80}\\btotal_gpu_memory={size}'),
  },
  { quantity: 'budget', pattern: figure('the current vLLM instance can use {size}') },
  { quantity: 'peak', pattern: figure('\\bpeak_torch_memory={size}') },
  { quantity: 'used', pattern: figure('\\bmemory_usage_post_profile={size}') },
  { quantity: 'non_torch', pattern: figure('\\bnon_torch_memory={size}') },
  { quantity: 'kv_available', pattern: figure('\\bkv_cache_size={size}') },
  { quantity: 'kv_available', pattern: figure('\\bavailable_kv_cache_memory(?: |=){size}') },
  // V1
  { quantity: 'kv_available', pattern: figure('\\bAvailable KV cache memory: {size}') },
  { quantity: 'kv_available', pattern: figure('\\bReserved {size} memory for KV Cache') },
  { quantity: 'free', pattern: figure('\\bInitial free memory: {size}') },
  { quantity: 'budget', pattern: figure('\\bRequested memory: [\\d.]{1,8} \\(util\\), {size}') },
  { quantity: 'budget', pattern: figure('\\bworker requested memory: {size}') },
  { quantity: 'activations', pattern: figure('\\btorch peak memory increase: {size}') },
  { quantity: 'non_torch', pattern: figure('\\bnon-torch forward increase memory: {size}') },
  { quantity: 'weights', pattern: figure('(?<!model )\\bweights memory: {size}') },
  { quantity: 'graphs', pattern: figure('\\bGraph capturing finished in .{1,40} took {size}') },
  {
    quantity: 'graphs',
    pattern: figure('\\b[Ee]stimated (?:CUDA|NPU|HIP)? ?graph memory: {size}'),
  },
  // After the graphs: what was really used
  {
    quantity: 'free',
    pattern: figure('Free memory on device[^(]{0,16}\\({number}/[\\d.]{1,10} [GM]iB\\) on startup'),
    unit: 'GiB',
  },
  {
    quantity: 'total',
    pattern: figure('Free memory on device[^(]{0,16}\\([\\d.]{1,10}/{size}\\) on startup'),
  },
  {
    quantity: 'budget',
    pattern: figure('Desired GPU memory utilization is \\([\\d.]{1,8}, {size}\\)'),
  },
  { quantity: 'weights', pattern: figure('Actual usage(?: is|:) {size} for weights?') },
  { quantity: 'activations', pattern: figure('Actual usage.{0,60}[, ]{size} for peak activation') },
  { quantity: 'non_torch', pattern: figure('Actual usage.{0,120}[, ]{size} for non-torch memory') },
  {
    quantity: 'graphs',
    pattern: figure('Actual usage.{0,200}[, ]{size} for (?:CUDAGraph|\\w{1,8} graph) memory'),
  },
  { quantity: 'kv_cache', pattern: figure('Current kv cache memory in use is {size}') },
  // Sleep mode
  {
    quantity: 'used',
    pattern: figure('Sleep mode freed .{1,40} memory, {size} memory is still in use'),
  },
];

const COUNTS: readonly CountRule[] = [
  { count: 'utilization', pattern: figure('x gpu_memory_utilization \\({count}\\)') },
  { count: 'utilization', pattern: figure('^ gpu_memory_utilization(?: |=){count}') },
  { count: 'utilization', pattern: figure('\\bgpu_memory_utilization={count}') },
  { count: 'utilization', pattern: figure('Desired GPU memory utilization is \\({count},') },
  { count: 'utilization', pattern: figure('\\bRequested memory: {count} \\(util\\)') },
  { count: 'kv_tokens', pattern: figure('\\bGPU KV cache size: {count} tokens') },
  {
    count: 'max_concurrency',
    pattern: figure('Maximum concurrency for [\\d,]{1,15} tokens per request: {count}x'),
  },
  { count: 'max_seq_len', pattern: figure('Maximum concurrency for {count} tokens per request') },
  { count: 'gpu_blocks', pattern: figure('# (?:GPU|cuda|rocm|xpu|npu|hpu) blocks: {count}') },
  { count: 'cpu_blocks', pattern: figure('# CPU blocks: {count}') },
];

const BEGINS = /\bStarting to load model\b|Initializing an LLM engine|Initializing a V1 LLM engine/;
const MAY_SAY =
  /model weights|Model loading took|gpu_memory|KV [Cc]ache|kv_cache|kv cache|non_torch|activation peak|blocks: \d|Maximum concurrency|Graph capturing|graph memory|Free memory on device|peak memory increase|nitial free memory|requested memory|Requested memory|vLLM instance|Sleep mode freed/;
/** Failures of these words have readers of their own; suggestions are no figures. */
const NOT =
  /is less than desired|is larger than|is needed|To serve at least|No available memory|can take additional/;

export const vllmStartup: StatusReader = {
  id: 'vllm-startup',
  code: 'UN638',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'vLLM start-up lines',
      summary: 'What weights, activations, CUDA graphs and the KV cache take while vLLM starts.',
    },
    zh: {
      title: 'vLLM 启动日志',
      summary: 'vLLM 启动时权重、激活值、CUDA graph 和 KV 缓存的占用。',
    },
    ru: {
      title: 'Строки запуска vLLM',
      summary: 'Сколько занимают веса, активации, графы CUDA и KV-кэш при запуске vLLM.',
    },
  },
  sources: [
    'vllm@0.6.4: vllm/worker/worker.py: determine_num_available_blocks',
    'vllm@0.7.3: vllm/worker/worker.py',
    'vllm@0.11.0: vllm/v1/worker/gpu_worker.py',
    'vllm@0.11.0: vllm/v1/core/kv_cache_utils.py',
    'vllm-ascend@0.18.0: vllm_ascend/worker/worker.py',
  ],
  needles: [
    'loading model weights took',
    'model loading took',
    'memory profiling takes',
    'memory profiling results',
    'available kv cache memory',
    'gpu kv cache size',
    'graph capturing finished',
    'free memory on device',
    'tokens per request:',
    '# gpu blocks:',
    '# cuda blocks:',
  ],
  sign: /KV cache|GPU blocks|Model (?:weights|loading)|memory profiling|concurrency|Gi?B/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries: Entry[] = [];
    let isPastWeights = false;
    for (const line of lines) {
      if (line.text.length > 4000) continue;
      const isLoading = /model weights took|Model loading took/.test(line.text);
      if (BEGINS.test(line.text)) {
        entries.push({ line, begins: true });
        isPastWeights = false;
      } else if (MAY_SAY.test(line.text) && !NOT.test(line.text)) {
        const entry = entryOf(line, source);
        entries.push(isLoading && isPastWeights ? { ...entry, begins: true } : entry);
        isPastWeights = !isLoading && (isPastWeights || hasFigures(entry));
      }
    }
    return joinEntries(
      entries.filter((entry) => entry.begins === true || hasFigures(entry)),
      {
        source,
        apart: 400,
        // Told again with more digits or fewer, by another part of the engine.
        many: ({ quantity }) =>
          [
            'weights',
            'activations',
            'non_torch',
            'graphs',
            'budget',
            'total',
            'free',
            'kv_available',
          ].includes(quantity),
      },
    );
  },
};

function entryOf(line: Line, source: string): Entry {
  const place = { source, line: line.number };
  return { line, facts: sizesIn(line.text, SIZES, place), counts: countsIn(line.text, COUNTS) };
}
