import { hadRoom } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer sequences at once',
    summary:
      'Sampler buffers, graphs and cache grow with the number of sequences that an engine may serve together.',
    how: 'Lower the maximum number of sequences; do it before turning graphs off.',
    cost: 'Less concurrency.',
    nothing: 'No sequences are served in this phase.',
    'w-h100': 'bytes of the sampler for each sequence and word of the vocabulary, vLLM on an H100',
  },
  zh: {
    title: '减少同时处理的序列',
    summary: '采样器缓冲区、CUDA graph 和缓存随引擎可同时服务的序列数增长。',
    how: '调小最大序列数；先做这一步，再考虑关闭 CUDA graph。',
    cost: '并发下降。',
    nothing: '这一阶段没有服务序列。',
    'w-h100': 'H100 上 vLLM 采样器每个序列、每个词表项的字节数',
  },
  ru: {
    title: 'Меньше последовательностей одновременно',
    summary:
      'Буферы сэмплера, графы и кэш растут с числом последовательностей, которые движок обслуживает вместе.',
    how: 'Уменьшить предельное число последовательностей — раньше, чем выключать графы.',
    cost: 'Меньше параллельных запросов.',
    nothing: 'На этом этапе последовательности не обслуживаются.',
    'w-h100': 'байты сэмплера на последовательность и слово словаря, vLLM на H100',
  },
} as const;

export const fewerSequencesAtOnce: Remedy = {
  id: 'fewer-sequences-at-once',
  code: 'UN384',
  since: '0.1.0',
  status: 'preview',
  family: 'kv-cache',
  answers: ['kv-cache', 'engine-reservation', 'activations-too-large', 'outside-the-pool'],
  domain: 'inference',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'llm-d planner: about 38.5 bytes × sequences × vocabulary in four of five model families',
    'vllm: max_num_seqs',
  ],
  roles: ['quick', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['kv_cache', 'activations', 'outputs'] },
  changes: [{ setting: 'max_sequences', to: 'half' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !hadRoom(c.amounts) &&
    c.isEngine &&
    c.frameworks.some((name) =>
      [
        'vllm',
        'sglang',
        'text-generation-inference',
        'lmdeploy',
        'tensorrt-llm',
        'llama.cpp',
        'ollama',
      ].includes(name),
    ) &&
    !c.has('allocating-weights') &&
    c.phase.value !== 'load',
};
