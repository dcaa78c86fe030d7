import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'An 8-bit optimizer',
    summary: 'Optimizer states in 8 bit: about 2 bytes per parameter instead of 8.',
    how: 'bitsandbytes AdamW8bit, or optim="adamw_bnb_8bit" in the HF Trainer; a paged variant can spill to host memory.',
    cost: 'Slightly noisier updates; small tensors and embeddings stay in 32 bit.',
    nothing: 'There are no optimizer states in this phase.',
    'when-tune': 'Llama-3.2-3B on an A100: 21.8 → 17.6 GiB',
  },
  zh: {
    title: '8 位优化器',
    summary: '优化器状态用 8 位：每个参数约 2 字节而不是 8 字节。',
    how: '使用 8 位 AdamW；paged 变体可溢出到主机内存。',
    cost: '更新略有噪声；小张量和嵌入层仍为 32 位。',
    nothing: '这一阶段没有优化器状态。',
    'when-tune': 'A100 上的 Llama-3.2-3B：21.8 → 17.6 GiB',
  },
  ru: {
    title: '8-битный оптимизатор',
    summary: 'Состояния оптимизатора в 8 бит: около 2 байт на параметр вместо 8.',
    how: 'Взять AdamW в 8 бит; paged-вариант может уходить в память хоста.',
    cost: 'Обновления чуть шумнее; малые тензоры и эмбеддинги остаются в 32 битах.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'when-tune': 'Llama-3.2-3B на A100: 21.8 → 17.6 GiB',
  },
} as const;

export const eightBitOptimizer: Remedy = {
  id: 'eight-bit-optimizer',
  code: 'UN308',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  domain: 'training',
  answers: ['optimizer-states'],
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['bitsandbytes: block-wise 8-bit optimizers'],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['optimizer'] },
  changes: [{ setting: 'optimizer', to: 'adamw-8bit' }],
  shown_by: ['eight-bit-optimizer'],
  commands: [],
  costs: [
    {
      what: 'throughput',
      low: -4.7,
      high: 0,
      unit: '%',
      when: 'when-tune',
      source: 'torchtune README',
    },
  ],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    isTorch(c) &&
    c.backend !== 'mps' &&
    ['optimizer', 'backward', 'forward'].includes(c.phase.value),
};
