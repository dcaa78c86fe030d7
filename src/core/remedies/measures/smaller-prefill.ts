import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller pieces of the prompt at once',
    summary: 'Long prompts are computed in chunks; the transient memory follows the chunk.',
    how: 'Lower the tokens of one forward pass, or turn chunked prefill on.',
    cost: 'Long prompts take longer to their first token.',
    nothing: 'No prompt is computed in this phase.',
  },
  zh: {
    title: '每次处理更少的 prompt token',
    summary: '长 prompt 分块计算，瞬时显存取决于块的大小。',
    how: '调小单次前向的 token 数，或开启分块预填充。',
    cost: '长 prompt 的首 token 时间变长。',
    nothing: '这一阶段没有计算 prompt。',
  },
  ru: {
    title: 'Меньшие куски промпта за раз',
    summary: 'Длинные промпты считаются частями; временная память следует за размером части.',
    how: 'Уменьшить число токенов одного прохода или включить частичный prefill.',
    cost: 'До первого токена длинного промпта дольше.',
    nothing: 'На этом этапе промпт не считается.',
  },
} as const;

export const smallerPrefill: Remedy = {
  id: 'smaller-prefill',
  code: 'UN385',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large', 'kv-cache'],
  domain: 'inference',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 3.2: 2 × tokens × (3 × intermediate + 4 × hidden) bytes',
    'vllm: max_num_batched_tokens; sglang: chunked-prefill-size',
  ],
  roles: ['inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations', 'inputs'] },
  changes: [
    { setting: 'batched_tokens', to: 'half' },
    { setting: 'physical_batch', to: 'half' },
  ],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    c.isEngine &&
    ['prefill', 'generate', 'kv_alloc', 'init', 'capture', 'forward'].includes(c.phase.value) &&
    !c.has('allocating-weights') &&
    c.frameworks.some((name) =>
      [
        'vllm',
        'sglang',
        'text-generation-inference',
        'llama.cpp',
        'ollama',
        'lmdeploy',
        'tensorrt-llm',
      ].includes(name),
    ),
};
