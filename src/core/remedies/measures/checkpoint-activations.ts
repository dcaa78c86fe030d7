import { type Statement, say } from '../../base/texts.ts';
import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Activation checkpointing',
    summary: 'Keeps layer inputs only and recomputes the rest in the backward pass.',
    how: 'model.gradient_checkpointing_enable() or torch.utils.checkpoint(..., use_reentrant=False); under FSDP its own activation-checkpointing option; with PEFT also model.enable_input_require_grads().',
    cost: 'About 20-40 % slower when full.',
    nothing: 'There are no saved activations in this phase.',
    'no-graph':
      'Evaluation and generation need no saved activations; with gradients off there are none to recompute.',
    model: 'The model itself was being moved; there are no activations yet.',
    'when-full': 'full recomputation',
    'caution-fsdp': 'Under FSDP use its own activation-checkpointing option, not the model’s.',
    'caution-peft': 'With PEFT the inputs need gradients: enable_input_require_grads().',
  },
  zh: {
    title: '激活重计算（checkpointing）',
    summary: '只保留各层输入，其余在反向传播时重算。',
    how: '使用框架的开关，采用非重入方式；FSDP 下用它自己的选项；PEFT 还需要 enable_input_require_grads()。',
    cost: '完全重算时慢约 20 到 40 %。',
    nothing: '这一阶段没有保存的激活值。',
    'no-graph': '评估和生成不需要保存激活值；关闭梯度后没有可重算的内容。',
    model: '正在移动的是模型本身，还没有激活值。',
    'when-full': '完全重计算',
    'caution-fsdp': 'FSDP 下应使用它自己的激活重计算选项，而不是模型的开关。',
    'caution-peft': '配合 PEFT 时输入需要梯度：enable_input_require_grads()。',
  },
  ru: {
    title: 'Чекпойнтинг активаций',
    summary: 'Хранит только входы слоёв, остальное пересчитывает в обратном проходе.',
    how: 'Включить опцию фреймворка в нереентерабельном варианте; под FSDP — его собственную; с PEFT ещё enable_input_require_grads().',
    cost: 'При полном пересчёте медленнее примерно на 20–40 %.',
    nothing: 'На этом этапе сохранённых активаций нет.',
    'no-graph':
      'Оценке и генерации сохранённые активации не нужны; без градиентов пересчитывать нечего.',
    model: 'Переносилась сама модель; активаций ещё нет.',
    'when-full': 'полный пересчёт',
    'caution-fsdp': 'Под FSDP включать его собственную опцию чекпойнтинга, а не модели.',
    'caution-peft': 'С PEFT входам нужны градиенты: enable_input_require_grads().',
  },
} as const;

export const checkpointActivations: Remedy = {
  id: 'checkpoint-activations',
  code: 'UN305',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'training',
  answers: ['activations-too-large'],
  category: 'recomputation',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.utils.checkpoint; memory model section on recomputation'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: true,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'checkpointing', to: true }],
  shown_by: ['checkpointing'],
  commands: [],
  costs: [
    {
      what: 'time',
      low: 20,
      high: 40,
      unit: '%',
      when: 'when-full',
      source:
        'transformers documentation (20 %); arXiv 2205.05198 (30-40 %); torchtune README (-21.4 % tokens/s)',
    },
  ],
  cautions: [
    { says: 'caution-fsdp', applies: (c) => c.shows('fsdp') !== undefined },
    { says: 'caution-peft', applies: (c) => c.shows('lora') !== undefined },
  ],
  concerns: (c) => isShortage(c) && mayTrain(c) && c.mayBeTorch,
  barred(c): Statement | undefined {
    if (['eval', 'generate', 'prefill'].includes(c.phase.value)) return say(TEXTS, 'no-graph');
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
