import { type Case, isShortage } from '../../diagnosis/case.ts';
import { hasOneMemory } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Keep the data on the host',
    summary:
      'A data set, table, index or graph that is put on the GPU whole can stay in host memory and come in pieces.',
    how: 'Move batches, not the data set. For boosted trees use external memory or fewer bins (XGBoost), or host memory for categorical features (CatBoost); for tables partitions and spilling (cuDF); for graphs neighbour sampling; for indexes a compressed one or the CPU.',
    cost: 'Each piece crosses the link, once in every pass over the data.',
    nothing: 'No data are held in this phase.',
    'caution-external':
      'Batches of external memory should be large: the link between host and GPU becomes the limit.',
    'caution-copies':
      'Booster and input can each hold a copy: pass host arrays, and a quantised matrix is made piece by piece.',
    'caution-graph': 'Sampled neighbourhoods change how a graph network is trained.',
    'caution-pinned': 'Page-locked memory makes the copies faster and counts as host memory.',
  },
  zh: {
    title: '把数据留在主机上',
    summary: '整个放到显卡上的数据集、表、索引或图，可以留在主机内存里，分块送来。',
    how: '移动批次，而不是整个数据集。提升树使用外存模式或更少的分箱（XGBoost），或把类别特征放在主机内存（CatBoost）；表使用分区和溢出（cuDF）；图使用邻居采样；索引使用压缩索引或 CPU。',
    cost: '每遍历一次数据，每一块都要经过互连一次。',
    nothing: '这一阶段没有数据。',
    'caution-external': '外存模式的批次应当大：主机与显卡之间的互连会成为瓶颈。',
    'caution-copies': '提升器和输入可能各有一份副本：传入主机数组，量化矩阵会分块构建。',
    'caution-graph': '邻居采样会改变图网络的训练方式。',
    'caution-pinned': '锁页内存让拷贝更快，但要计入主机内存。',
  },
  ru: {
    title: 'Держать данные на хосте',
    summary:
      'Набор данных, таблица, индекс или граф, целиком помещённые на GPU, могут лежать в памяти хоста и приходить по частям.',
    how: 'Переносить батчи, а не весь набор. Для бустинга — внешняя память или меньше бинов (XGBoost), память хоста для категориальных признаков (CatBoost); для таблиц — секции и вытеснение (cuDF); для графов — выборка соседей; для индексов — сжатый индекс или CPU.',
    cost: 'При каждом проходе по данным каждая часть один раз проходит по шине.',
    nothing: 'На этом этапе данных нет.',
    'caution-external':
      'Порции внешней памяти должны быть большими: узким местом становится шина между хостом и GPU.',
    'caution-copies':
      'Бустер и вход могут держать по копии: передавать массивы хоста, тогда квантованная матрица строится по частям.',
    'caution-graph': 'Выборка соседей меняет обучение графовой сети.',
    'caution-pinned': 'Закреплённая память ускоряет копирование, но это память хоста.',
  },
} as const;

const BOOSTERS: readonly string[] = ['catboost', 'xgboost', 'lightgbm'];
const OTHERS: readonly string[] = ['faiss', 'rmm', 'cudf', 'cupy'];

const isGraph = (c: Case): boolean => c.frameworks.includes('pyg') || c.frameworks.includes('dgl');

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
  docs: [
    'https://xgboost.readthedocs.io/en/stable/tutorials/external_memory.html',
    'https://catboost.ai/docs/en/references/training-parameters/performance',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'XGBoost documentation: external memory, ExtMemQuantileDMatrix (GPU, from 3.0)',
    'CatBoost documentation: gpu_cat_features_storage=CpuPinnedMemory; catboost/catboost#302',
    'cuDF documentation: spilling to host memory',
  ],
  roles: ['researcher', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['inputs', 'copies'] },
  changes: [],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-external', applies: (c) => c.format === 'xgboost' },
    { says: 'caution-copies', applies: (c) => BOOSTERS.includes(c.format) },
    { says: 'caution-graph', applies: isGraph },
    { says: 'caution-pinned' },
  ],
  concerns: (c) =>
    isShortage(c) &&
    !hasOneMemory(c) &&
    (BOOSTERS.includes(c.format) ||
      OTHERS.includes(c.format) ||
      (c.phase.value === 'transfer' &&
        !c.phase.moves_model &&
        (c.shows('whole-data') !== undefined || isGraph(c)))),
};
