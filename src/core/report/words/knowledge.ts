/** Words of explanations: kinds of units, names of their paragraphs, families, categories. */
import type { Words } from '../../base/texts.ts';
import type { Status } from '../../base/unit.ts';
import type { RemedyCategory } from '../../remedies/remedy.ts';

export type ExplanationKind =
  | 'cause'
  | 'remedy'
  | 'reader'
  | 'status'
  | 'finding'
  | 'term'
  | 'phase';

export const EXPLANATION_KINDS: Readonly<Record<ExplanationKind, Words>> = {
  cause: { en: 'cause', zh: '原因', ru: 'причина' },
  remedy: { en: 'remedy', zh: '措施', ru: 'мера' },
  reader: { en: 'reader', zh: '失败格式', ru: 'формат сбоя' },
  status: { en: 'status', zh: '状态格式', ru: 'формат состояния' },
  finding: { en: 'finding', zh: '发现', ru: 'находка' },
  term: { en: 'term', zh: '用量项', ru: 'слагаемое' },
  phase: { en: 'phase', zh: '阶段', ru: 'этап' },
};

/** What the paragraphs of an explanation are called. */
export const PARAGRAPHS = {
  how: { en: 'how', zh: '做法', ru: 'как' },
  cost: { en: 'cost', zh: '代价', ru: 'цена' },
  change: { en: 'change', zh: '改动', ru: 'правка' },
  category: { en: 'category', zh: '类别', ru: 'категория' },
  family: { en: 'family', zh: '问题类型', ru: 'семейство' },
  'applies-to': { en: 'applies to', zh: '适用于', ru: 'для версий' },
  formula: { en: 'formula', zh: '公式', ru: 'формула' },
  since: { en: 'since', zh: '起始版本', ru: 'с версии' },
  'can-hold': { en: 'can hold', zh: '可能包含', ru: 'может быть' },
  sources: { en: 'sources', zh: '来源', ru: 'источники' },
  source: { en: 'source', zh: '来源', ru: 'источник' },
  phase: { en: 'Phase', zh: '阶段', ru: 'Этап' },
} as const;

export const STATUS_WORDS: Readonly<Record<Status, Words>> = {
  preview: { en: 'preview', zh: '预览', ru: 'предварительно' },
  stable: { en: 'stable', zh: '稳定', ru: 'стабильно' },
};

export const REMEDY_CATEGORIES: Readonly<Record<RemedyCategory, Words>> = {
  surroundings: { en: 'surroundings', zh: '运行环境', ru: 'окружение' },
  'same-mathematics': {
    en: 'same mathematics',
    zh: '数学上等价',
    ru: 'та же математика',
  },
  'micro-batch': { en: 'micro-batch', zh: 'micro-batch', ru: 'микробатч' },
  recomputation: { en: 'recomputation', zh: '重计算', ru: 'пересчёт' },
  precision: { en: 'precision', zh: '精度', ru: 'точность' },
  sharding: { en: 'sharding', zh: '切分', ru: 'шардирование' },
  offload: { en: 'offload', zh: '卸载（offload）', ru: 'выгрузка (offload)' },
  experiment: { en: 'experiment', zh: '试验', ru: 'эксперимент' },
};

/** By the `family` of causes and remedies. */
export const FAMILY_WORDS: Readonly<Record<string, Words>> = {
  'activations-too-large': {
    en: 'activations too large',
    zh: '激活值过大',
    ru: 'слишком большие активации',
  },
  'autograd-in-eval': {
    en: 'autograd in evaluation',
    zh: '评估时保留计算图',
    ru: 'граф вычислений при оценке',
  },
  'corrupt-size': { en: 'corrupt size', zh: '大小异常', ru: 'испорченный размер' },
  'engine-reservation': {
    en: 'reservation of an engine',
    zh: '推理引擎预留',
    ru: 'резерв движка',
  },
  fragmentation: { en: 'fragmentation', zh: '碎片化', ru: 'фрагментация' },
  'host-memory': { en: 'host memory', zh: '主机内存', ru: 'память хоста' },
  'kv-cache': { en: 'KV cache', zh: 'KV 缓存', ru: 'KV-кэш' },
  leak: { en: 'leak', zh: '泄漏', ru: 'утечка' },
  'memory-cap': { en: 'memory cap', zh: '显存上限', ru: 'предел памяти' },
  'model-does-not-fit': {
    en: 'model does not fit',
    zh: '模型放不下',
    ru: 'модель не помещается',
  },
  neighbour: { en: 'neighbour', zh: '其他进程', ru: 'соседний процесс' },
  'not-oom': { en: 'no memory failure', zh: '不是显存不足', ru: 'не нехватка памяти' },
  'optimizer-states': {
    en: 'optimizer states',
    zh: '优化器状态',
    ru: 'состояния оптимизатора',
  },
  'outside-the-pool': {
    en: 'outside the pool',
    zh: '内存池之外',
    ru: 'вне пула',
  },
};
