/** Words of explanations: kinds of units, names of their paragraphs, families, categories. */
import type { Words } from '../../base/texts.ts';
import type { Family, Status } from '../../base/unit.ts';
import type { Alteration, Cost, RemedyCategory, Role } from '../../remedies/remedy.ts';

export type ExplanationKind =
  | 'cause'
  | 'remedy'
  | 'no-remedy'
  | 'reader'
  | 'status'
  | 'finding'
  | 'term'
  | 'dialect'
  | 'phase';

export const EXPLANATION_KINDS: Readonly<Record<ExplanationKind, Words>> = {
  cause: { en: 'cause', zh: '原因', ru: 'причина' },
  remedy: { en: 'remedy', zh: '措施', ru: 'мера' },
  'no-remedy': { en: 'no remedy', zh: '无效措施', ru: 'не мера' },
  reader: { en: 'reader', zh: '失败格式', ru: 'формат сбоя' },
  status: { en: 'status', zh: '状态格式', ru: 'формат состояния' },
  finding: { en: 'finding', zh: '发现', ru: 'находка' },
  term: { en: 'term', zh: '用量项', ru: 'слагаемое' },
  dialect: { en: 'dialect', zh: '框架写法', ru: 'диалект' },
  phase: { en: 'phase', zh: '阶段', ru: 'этап' },
};

/** What the paragraphs of an explanation are called. */
export const PARAGRAPHS = {
  how: { en: 'how', zh: '做法', ru: 'как' },
  cost: { en: 'cost', zh: '代价', ru: 'цена' },
  change: { en: 'change', zh: '改动', ru: 'правка' },
  beware: { en: 'beware', zh: '注意', ru: 'осторожно' },
  measured: { en: 'measured', zh: '实测', ru: 'измерено' },
  assumed: { en: 'assumed', zh: '假定', ru: 'принято' },
  alters: { en: 'alters', zh: '改变', ru: 'меняет' },
  'for-whom': { en: 'for', zh: '适用角色', ru: 'для кого' },
  answers: { en: 'answers', zh: '针对', ru: 'отвечает на' },
  counted: { en: 'counted', zh: '统计', ru: 'посчитано' },
  threads: { en: 'threads', zh: '讨论', ru: 'обсуждения' },
  why: { en: 'why not', zh: '为何无效', ru: 'почему нет' },
  settings: { en: 'settings', zh: '设置项', ru: 'настройки' },
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
  'no-remedy': { en: 'no remedy', zh: '无效措施', ru: 'не мера' },
};

/** What a measure changes of what the run computes. */
export const ALTERATION_WORDS: Readonly<Record<Alteration, Words>> = {
  nothing: { en: 'nothing of the result', zh: '不改变结果', ru: 'результат не меняется' },
  rounding: { en: 'rounding only', zh: '仅舍入误差', ru: 'только округление' },
  mathematics: {
    en: 'the mathematics of training',
    zh: '训练的数学过程',
    ru: 'математику обучения',
  },
  experiment: { en: 'the experiment', zh: '实验本身', ru: 'сам эксперимент' },
};

export const ROLE_WORDS: Readonly<Record<Role, Words>> = {
  quick: { en: 'quick commands', zh: '快速命令', ru: 'быстрые команды' },
  researcher: { en: 'researcher', zh: '研究人员', ru: 'исследователь' },
  mlops: { en: 'MLOps engineer', zh: 'MLOps 工程师', ru: 'инженер MLOps' },
  inference: { en: 'inference engineer', zh: '推理工程师', ru: 'инженер инференса' },
};

/** What a measure costs, and in which unit. */
export const COST_WORDS: Readonly<Record<Cost['what'], Words>> = {
  time: { en: 'time', zh: '时间', ru: 'время' },
  throughput: { en: 'throughput', zh: '吞吐量', ru: 'пропускная способность' },
  'host-memory': { en: 'host memory', zh: '主机内存', ru: 'память хоста' },
  quality: { en: 'quality', zh: '质量', ru: 'качество' },
  traffic: { en: 'communication', zh: '通信量', ru: 'обмен' },
  latency: { en: 'latency', zh: '延迟', ru: 'задержка' },
};

export const UNIT_WORDS: Readonly<Record<Cost['unit'], Words>> = {
  '%': { en: '%', zh: '%', ru: '%' },
  times: { en: 'times', zh: '倍', ru: 'раза' },
  'bytes/parameter': { en: 'bytes/parameter', zh: '字节/参数', ru: 'байт/параметр' },
  'ms/GB': { en: 'ms/GB', zh: '毫秒/GB', ru: 'мс/ГБ' },
  perplexity: { en: 'perplexity', zh: '困惑度', ru: 'перплексии' },
};

/** k of n; below five it is no share. */
export const COUNT_TEXTS = {
  en: {
    helped: 'helped in {k} of {n} counted threads in which it was tried',
    seen: 'seen to help {k} times',
    vain: 'seen to be tried in vain {k} times',
    cause: 'the cause in {k} of {n} counted threads',
    'cause-seen': 'seen as the cause {k} times',
  },
  zh: {
    helped: '统计的 {n} 个尝试过它的讨论中有 {k} 个有效',
    seen: '见到有效 {k} 次',
    vain: '见到无效 {k} 次',
    cause: '统计的 {n} 个讨论中有 {k} 个以此为原因',
    'cause-seen': '见到以此为原因 {k} 次',
  },
  ru: {
    helped: 'помогло в {k} из {n} учтённых обсуждений, где это пробовали',
    seen: 'замечено, что помогло: {k}',
    vain: 'замечено, что не помогло: {k}',
    cause: 'причина в {k} из {n} учтённых обсуждений',
    'cause-seen': 'замечено как причина: {k}',
  },
} as const;

/** By the `family` of causes and remedies. */
export const FAMILY_WORDS: Readonly<Record<Family, Words>> = {
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
