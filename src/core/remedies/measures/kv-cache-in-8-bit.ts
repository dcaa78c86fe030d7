import { hadRoom } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'KV cache in 8 bit',
    summary: 'Keys and values in fp8 or q8 take half of the memory.',
    how: 'Set the cache’s format in the engine; llama.cpp needs flash attention for a quantised value cache.',
    cost: 'About none in quality with 8 bit; 4 bit is visible.',
    nothing: 'No KV cache is held in this phase.',
    'c-card': 'fp8 needs compute capability 8.9 to be fast.',
  },
  zh: {
    title: '8 位 KV 缓存',
    summary: '键和值用 fp8 或 q8，显存减半。',
    how: '在引擎中设置缓存格式；llama.cpp 量化 V 缓存需要 flash attention。',
    cost: '8 位几乎不影响质量；4 位会看得出来。',
    nothing: '这一阶段没有 KV 缓存。',
    'c-card': 'fp8 要快需要计算能力 8.9。',
  },
  ru: {
    title: 'KV-кэш в 8 бит',
    summary: 'Ключи и значения в fp8 или q8 занимают вдвое меньше.',
    how: 'Задать формат кэша в движке; llama.cpp для квантованного кэша значений нужен flash attention.',
    cost: 'С 8 битами качество почти не страдает; 4 бита заметны.',
    nothing: 'На этом этапе KV-кэша нет.',
    'c-card': 'Быстрый fp8 требует compute capability 8.9.',
  },
} as const;

export const kvCacheIn8Bit: Remedy = {
  id: 'kv-cache-in-8-bit',
  code: 'UN387',
  since: '0.1.0',
  status: 'preview',
  family: 'kv-cache',
  answers: ['kv-cache'],
  domain: 'inference',
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 3.1 and 6: fp8 and q8_0 half of the cache'],
  roles: ['inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['kv_cache'] },
  changes: [{ setting: 'kv_dtype', to: 'fp8' }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-card', applies: (c) => c.backend === 'cuda' }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !hadRoom(c.amounts) &&
    (c.has('kv-cache') ||
      c.has('sequence-exceeds-kv') ||
      c.has('allocating-kv') ||
      (['generate', 'prefill', 'kv_alloc'].includes(c.phase.value) &&
        c.frameworks.some((name) =>
          [
            'vllm',
            'sglang',
            'llama.cpp',
            'ollama',
            'lmdeploy',
            'tensorrt-llm',
            'lmstudio',
          ].includes(name),
        ))) &&
    !c.has('allocating-weights'),
};
