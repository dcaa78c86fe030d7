import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Weights in 16, 8 or 4 bit',
    summary: 'Loads the weights in a smaller format.',
    how: 'dtype=torch.bfloat16 instead of fp32; for inference or LoRA a quantisation config (8 or 4 bit).',
    cost: 'For inference 16 bit is usual. Training all weights in pure bf16 can lose small updates; 8 and 4 bit are for frozen weights. What a loader does by default depends on its version.',
    nothing: 'No weights are on the card in this phase.',
  },
  zh: {
    title: '权重用 16、8 或 4 位',
    summary: '以更小的格式加载权重。',
    how: '用 16 位代替 fp32；推理或 LoRA 可用 8 或 4 位量化。',
    cost: '推理用 16 位很常见。全部权重用纯 bf16 训练可能丢失小更新；8 位和 4 位用于冻结的权重。加载器的默认行为取决于版本。',
    nothing: '这一阶段卡上没有权重。',
  },
  ru: {
    title: 'Веса в 16, 8 или 4 бита',
    summary: 'Загружает веса в меньшем формате.',
    how: '16 бит вместо fp32; для инференса или LoRA — квантование в 8 или 4 бита.',
    cost: 'Для инференса 16 бит обычны. Обучение всех весов в чистом bf16 может терять мелкие обновления; 8 и 4 бита — для замороженных весов. Что загрузчик делает по умолчанию, зависит от версии.',
    nothing: 'На этом этапе весов на карте нет.',
  },
} as const;

export const weightsInLowerPrecision: Remedy = {
  id: 'weights-in-lower-precision',
  code: 'UN312',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'any',
  answers: ['model-does-not-fit', 'kv-cache', 'optimizer-states'],
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['transformers: dtype and quantization_config'],
  roles: ['researcher', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'weights_dtype', to: 'bf16' }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    ['load', 'init', 'transfer', 'kv_alloc', 'optimizer', 'generate'].includes(c.phase.value),
};
