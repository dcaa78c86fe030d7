import { isTorch } from '../../diagnosis/case.ts';
import { hasSmallStates, isAboutStates, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'An 8-bit optimizer',
    summary:
      'Adam’s two states in 8 bit, with a scale for each block of 256: about 2 bytes per parameter instead of 8, or of 4 with bf16 states.',
    how: 'Replace AdamW by an 8-bit one (bitsandbytes has it), or name it in the trainer. Learning rate and schedule stay.',
    cost: 'About none in speed; updates are a little noisier.',
    nothing: 'There are no optimizer states in this phase.',
    'when-tune': 'Llama-3.2-3B on an A100, the last of several measures: 21.8 → 17.6 GiB',
    'caution-embedding':
      'Embeddings can become unstable: keep their states in 32 bit (a stable embedding layer, or an override for them).',
    'caution-small': 'Tensors below 4,096 elements keep 32-bit states; norms and biases are such.',
    'caution-sharded':
      'Under ZeRO and FSDP the states are divided already: with many ranks little is left to save, and saving or resuming quantised states needs support.',
    'caution-masters':
      'Where the engine keeps fp32 weights beside 16-bit ones, those 4 bytes stay.',
  },
  zh: {
    title: '8 位优化器',
    summary:
      'Adam 的两份状态用 8 位保存，每 256 个元素一块、各有一个缩放系数：每个参数约 2 字节，而不是 8 字节（bf16 状态则为 4）。',
    how: '用 8 位版本替换 AdamW（bitsandbytes 提供），或在训练器中指定。学习率和调度不变。',
    cost: '速度几乎不受影响；更新的噪声略大。',
    nothing: '这一阶段没有优化器状态。',
    'when-tune': 'A100 上的 Llama-3.2-3B，多项措施中的最后一项：21.8 → 17.6 GiB',
    'caution-embedding': '嵌入层可能变得不稳定：其状态应保留 32 位（稳定嵌入层，或为其单独覆盖）。',
    'caution-small': '少于 4,096 个元素的张量保留 32 位状态；归一化层和偏置就是如此。',
    'caution-sharded':
      '在 ZeRO 和 FSDP 下状态已经切分：rank 多时可省的很少，而且保存或恢复量化状态需要专门支持。',
    'caution-masters': '如果引擎在 16 位权重之外还保留 fp32 权重，那 4 字节仍在。',
  },
  ru: {
    title: '8-битный оптимизатор',
    summary:
      'Оба состояния Adam — в 8 битах, с масштабом на каждый блок из 256: около 2 байт на параметр вместо 8, или вместо 4 при состояниях в bf16.',
    how: 'Заменить AdamW 8-битным (есть в bitsandbytes) либо указать его в тренере. Скорость обучения и расписание остаются.',
    cost: 'На скорости почти не сказывается; обновления чуть более шумные.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'when-tune': 'Llama-3.2-3B на A100, последняя из нескольких мер: 21.8 → 17.6 GiB',
    'caution-embedding':
      'Эмбеддинги могут стать неустойчивыми: их состояния оставить в 32 битах (устойчивый слой эмбеддингов или отдельная настройка).',
    'caution-small':
      'У тензоров меньше 4096 элементов состояния остаются 32-битными; таковы нормализации и смещения.',
    'caution-sharded':
      'При ZeRO и FSDP состояния уже поделены: при многих рангах экономить почти нечего, а сохранение и возобновление квантованных состояний должно поддерживаться.',
    'caution-masters':
      'Если движок держит рядом с 16-битными весами веса в fp32, эти 4 байта останутся.',
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
  docs: ['https://huggingface.co/docs/bitsandbytes/explanations/optimizers'],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2110.02861 (8-bit Optimizers via Block-wise Quantization)',
    'bitsandbytes documentation: 8-bit optimizers; blocks of 256, at least 4096 elements',
    'torchtune README, Llama-3.2-3B on an A100: 21.8 → 17.6 GiB, 7301 → 6960 tokens/s',
  ],
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
      source: 'torchtune README; bitsandbytes documentation',
    },
  ],
  cautions: [
    { says: 'caution-embedding' },
    { says: 'caution-small' },
    {
      says: 'caution-sharded',
      applies: (c) => c.shows('zero') !== undefined || c.shows('fsdp') !== undefined,
    },
    {
      says: 'caution-masters',
      applies: (c) => c.shows('zero') !== undefined || c.frameworks.includes('megatron'),
    },
  ],
  concerns: (c) =>
    trainsShort(c) && isTorch(c) && c.backend !== 'mps' && isAboutStates(c) && !hasSmallStates(c),
};
