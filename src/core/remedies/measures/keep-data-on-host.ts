import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Keep the data on the host',
    summary:
      'Data sets, tables and caches that are put on the GPU whole can stay on the host and come in pieces.',
    how: 'Move batches, not the data set; external memory or smaller bins for boosted trees; partitions for tables.',
    cost: 'Transfers for each batch.',
    nothing: 'No data are held in this phase.',
  },
  zh: {
    title: '数据留在主机上',
    summary: '整个放到 GPU 上的数据集、表和缓存，可以留在主机上分块送入。',
    how: '只搬运 batch 而不是整个数据集；提升树使用外存或更少的分箱；表按分区处理。',
    cost: '每个 batch 都要传输。',
    nothing: '这一阶段没有数据。',
  },
  ru: {
    title: 'Держать данные на хосте',
    summary:
      'Наборы данных, таблицы и кэши, целиком положенные на GPU, могут остаться на хосте и приходить частями.',
    how: 'Переносить батчи, а не набор; внешняя память или меньше бинов для бустинга; разделы для таблиц.',
    cost: 'Передача для каждого батча.',
    nothing: 'На этом этапе данных нет.',
  },
} as const;

export const keepDataOnHost: Remedy = {
  id: 'keep-data-on-host',
  code: 'UN359',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'activations-too-large'],
  domain: 'any',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['catboost/catboost#302', 'XGBoost documentation: external memory'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['inputs', 'copies'] },
  changes: [],

  commands: [
    'CatBoost: gpu_cat_features_storage="CpuPinnedMemory"',
    'XGBoost: ExtMemQuantileDMatrix',
  ],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    ['catboost', 'xgboost', 'lightgbm', 'faiss', 'rmm', 'cudf', 'cupy', 'renderer'].includes(
      c.format,
    ),
};
