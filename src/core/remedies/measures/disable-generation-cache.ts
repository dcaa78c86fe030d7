import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'No KV cache in training',
    summary:
      'A model that returns its cache in training keeps keys and values of all layers for nothing.',
    how: 'Set use_cache to false in the model’s config for training; checkpointing needs it off too.',
    cost: 'None.',
    nothing: 'No forward pass of training is running in this phase.',
  },
  zh: {
    title: '训练时关闭 KV 缓存',
    summary: '训练时仍返回缓存的模型会白白保留各层的键和值。',
    how: '训练时把模型配置中的 use_cache 设为 false；checkpointing 也需要关闭它。',
    cost: '没有代价。',
    nothing: '这一阶段没有训练的前向传播。',
  },
  ru: {
    title: 'Без KV-кэша при обучении',
    summary: 'Модель, которая при обучении возвращает кэш, зря хранит ключи и значения всех слоёв.',
    how: 'На время обучения задать в конфигурации модели use_cache=false; чекпойнтингу это тоже нужно.',
    cost: 'Ничего не стоит.',
    nothing: 'На этом этапе нет прямого прохода обучения.',
  },
} as const;

export const disableGenerationCache: Remedy = {
  id: 'disable-generation-cache',
  code: 'UN329',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['transformers: use_cache is incompatible with gradient checkpointing'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['kv_cache', 'activations', 'outputs'] },
  changes: [{ setting: 'generation_cache', to: false }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    printedValue(c, 'generation_cache') === true &&
    ['forward', 'backward'].includes(c.phase.value),
};
