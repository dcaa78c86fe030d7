import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A fused or chunked loss',
    summary:
      'Computes the loss piece by piece, so that the logits of all tokens never stand in memory at once.',
    how: 'Use a fused linear cross entropy (Liger kernel, Cut Cross-Entropy) or the framework’s chunked loss.',
    cost: 'About none; often faster. The model no longer returns logits in training.',
    nothing: 'No logits are computed in this phase.',
    'when-fused': 'large vocabularies; Liger on 8B-class models',
    'caution-logits':
      'Code that reads outputs.logits in training (custom losses, distillation, metrics) gets none.',
    'caution-support': 'The kernel must know the model’s class; check that it says it was applied.',
  },
  zh: {
    title: '融合或分块的损失函数',
    summary: '分块计算损失，所有 token 的 logits 不会同时留在显存里。',
    how: '使用融合的 linear cross entropy（Liger kernel、Cut Cross-Entropy），或框架自带的分块损失。',
    cost: '几乎没有代价，往往更快；训练时模型不再返回 logits。',
    nothing: '这一阶段不计算 logits。',
    'when-fused': '词表较大时；在 8B 级模型上使用 Liger',
    'caution-logits': '训练中读取 outputs.logits 的代码（自定义损失、蒸馏、指标）将拿不到它。',
    'caution-support': '该 kernel 需要支持此模型类；确认日志显示已生效。',
  },
  ru: {
    title: 'Слитая или блочная функция потерь',
    summary:
      'Считает функцию потерь по частям: логиты всех токенов никогда не лежат в памяти одновременно.',
    how: 'Включить слитую linear cross entropy (Liger kernel, Cut Cross-Entropy) или блочную функцию потерь фреймворка.',
    cost: 'Почти ничего не стоит, часто быстрее. При обучении модель больше не возвращает логиты.',
    nothing: 'На этом этапе логиты не вычисляются.',
    'when-fused': 'большой словарь; Liger на моделях класса 8B',
    'caution-logits':
      'Код, который при обучении читает outputs.logits (свои потери, дистилляция, метрики), их не получит.',
    'caution-support':
      'Ядро должно знать класс модели; проверить, что в логе сказано о его включении.',
  },
} as const;

export const chunkedLoss: Remedy = {
  id: 'chunked-loss',
  code: 'UN321',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://github.com/linkedin/Liger-Kernel'],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 2.5: 12-14 bytes per logit in the backward pass of a bf16 model, a chunk when fused',
    'torchtune README, Llama-3.2-3B on A100: chunked cross entropy 51.0 → 42.9 GiB, +2 % tokens/s',
  ],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['outputs'] },
  changes: [{ setting: 'fused_loss', to: true }],
  shown_by: ['fused-loss'],
  commands: [],
  costs: [
    {
      what: 'throughput',
      low: 0,
      high: 20,
      unit: '%',
      when: 'when-fused',
      source: 'Liger kernel README (+20 %); torchtune README (+2 %)',
    },
  ],
  cautions: [
    { says: 'caution-logits' },
    { says: 'caution-support', applies: (c) => c.frameworks.includes('transformers') },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    c.shows('fused-loss') === undefined &&
    c.shows('logits') !== undefined,
};
