import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'No KV cache in training',
    summary:
      'With use_cache on, a model collects keys and values of all layers in each forward pass and returns them; training never reads them.',
    how: 'Turn use_cache off in the model’s config for training and for evaluation without generation.',
    cost: 'None.',
    nothing: 'No forward pass that fills a cache is running in this phase.',
    'caution-generation': 'Generation inside of training needs the cache: turn it on again there.',
  },
  zh: {
    title: '训练中关闭 KV 缓存',
    summary:
      'use_cache 打开时，模型每次前向都会收集并返回所有层的 key 和 value；训练从不使用它们。',
    how: '在模型配置中为训练以及不做生成的评估关闭 use_cache。',
    cost: '没有代价。',
    nothing: '这一阶段没有填充缓存的前向传播。',
    'caution-generation': '训练过程中的生成需要缓存：在那里重新打开。',
  },
  ru: {
    title: 'Без KV-кэша при обучении',
    summary:
      'При включённом use_cache модель в каждом прямом проходе собирает ключи и значения всех слоёв и возвращает их; обучение их не читает.',
    how: 'Выключить use_cache в конфигурации модели для обучения и для оценки без генерации.',
    cost: 'Ничего не стоит.',
    nothing: 'На этом этапе нет прямого прохода, который заполняет кэш.',
    'caution-generation': 'Генерации внутри обучения кэш нужен: там включить его снова.',
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
  docs: ['https://huggingface.co/docs/transformers/main_classes/configuration'],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers@4.57.0:src/transformers/cache_utils.py (each layer is concatenated into a copy)',
    'transformers@4.57.0:src/transformers/modeling_layers.py (gradient checkpointing turns use_cache off)',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['kv_cache', 'outputs'] },
  changes: [{ setting: 'generation_cache', to: false }],
  commands: [],
  costs: [],
  cautions: [{ says: 'caution-generation' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    printedValue(c, 'generation_cache') === true &&
    // Recomputation turns it off by itself.
    c.shows('checkpointing') === undefined &&
    c.setting('checkpointing')?.value !== true &&
    ['forward', 'backward', 'eval'].includes(c.phase.value),
};
