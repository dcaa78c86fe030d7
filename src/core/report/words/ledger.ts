/** How the parts of a ledger are called: rows, categories, how a number came about. */
import type { Interval } from '../../base/interval.ts';
import { CONTENT_WORDS } from '../../base/phase.ts';
import type { Words } from '../../base/texts.ts';
import type { Basis, Category } from '../../ledger/ledger.ts';

/** Whose a part is. */
export const GROUPS = {
  this: { en: 'this process', zh: '本进程', ru: 'этот процесс' },
  process: { en: 'process {pid}', zh: '进程 {pid}', ru: 'процесс {pid}' },
  unclear: { en: 'not told apart', zh: '归属不明', ru: 'чьё — неясно' },
  unattributed: { en: 'unattributed', zh: '未归属', ru: 'не учтено' },
  free: { en: 'free', zh: '空闲', ru: 'свободно' },
} as const;

/** What a part is. */
export const PARTS = {
  tensors: { en: 'tensors', zh: '张量', ru: 'тензоры' },
  'other-tensors': { en: 'other tensors', zh: '其他张量', ru: 'прочие тензоры' },
  logits: { en: 'logits and loss', zh: 'logits 与损失', ru: 'логиты и потери' },
  temporaries: { en: 'temporaries', zh: '临时张量', ru: 'временные' },
  communication: { en: 'communication', zh: '通信缓冲区', ru: 'буферы обмена' },
  pending: { en: 'freed, not usable yet', zh: '已释放、尚不可用', ru: 'освобождено, занято' },
  'idle-graphs': {
    en: 'idle in graph pools',
    zh: 'CUDA Graph 内存池空闲',
    ru: 'простаивает в пулах графов',
  },
  'idle-segments': { en: 'idle segments', zh: '整段空闲', ru: 'свободные сегменты' },
  'idle-pool': { en: 'idle in the pool', zh: '内存池空闲', ru: 'простаивает в пуле' },
  'idle-torch': { en: 'idle in PyTorch', zh: 'PyTorch 空闲缓存', ru: 'простаивает в PyTorch' },
  'outside-pool': { en: 'outside the pool', zh: '内存池之外', ru: 'вне пула' },
  'outside-torch': { en: 'outside PyTorch', zh: 'PyTorch 之外', ru: 'вне PyTorch' },
  'outside-own-pool': { en: 'outside its pool', zh: '其内存池之外', ru: 'вне его пула' },
  'outside-own-torch': {
    en: 'outside this PyTorch',
    zh: '本进程的 PyTorch 之外',
    ru: 'вне этого PyTorch',
  },
  unattributed: { en: 'unattributed', zh: '未归属', ru: 'не учтено' },
} as const;

/** What people should know of a part. */
export const REMARKS = {
  'private-pools': { en: 'private pools', zh: '私有内存池', ru: 'приватные пулы' },
  pinned: {
    en: 'in segments with live tensors',
    zh: '所在段中有活动张量',
    ru: 'в сегментах с живыми тензорами',
  },
  releasable: { en: 'cached, can be handed back', zh: '缓存，可归还', ru: 'кэш, можно вернуть' },
  'other-allocations': {
    en: 'other allocations of the process',
    zh: '该进程的其他分配',
    ru: 'другие выделения процесса',
  },
  context: {
    en: 'CUDA context, libraries',
    zh: 'CUDA 上下文、库',
    ru: 'контекст CUDA, библиотеки',
  },
  'context-and-others': {
    en: 'own context and other processes',
    zh: '自身上下文和其他进程',
    ru: 'свой контекст и другие процессы',
  },
  rounding: { en: 'rounding of the figures', zh: '数字的舍入误差', ru: 'округление цифр' },
  'above-the-card': {
    en: 'above the card: system memory behind it',
    zh: '超出显卡：由系统内存补足',
    ru: 'сверх карты: остальное в памяти хоста',
  },
  hidden: {
    en: 'driver, hidden processes',
    zh: '驱动、隐藏的进程',
    ru: 'драйвер, скрытые процессы',
  },
} as const;

/** What a tool's list of processes leaves over on a card. */
export const LEFT_OVER = {
  free: { en: 'free', zh: '空闲', ru: 'свободно' },
  driver: { en: 'held back by the driver', zh: '驱动预留', ru: 'удержано драйвером' },
  unlisted: { en: 'not listed', zh: '未列出', ru: 'нет в списке' },
  'holders-not-shown': {
    en: 'in use, holders not shown',
    zh: '已用，未显示占用者',
    ru: 'занято, чем — не показано',
  },
} as const;

export const CATEGORY_WORDS: Readonly<Record<Category, Words>> = {
  ...CONTENT_WORDS,
  tensors: PARTS.tensors,
  logits: PARTS.logits,
  temporaries: PARTS.temporaries,
  communication: PARTS.communication,
  pending: PARTS.pending,
  idle: { en: 'idle', zh: '空闲缓存', ru: 'простаивает' },
  outside: { en: 'outside', zh: '分配器之外', ru: 'вне аллокатора' },
  process: { en: 'process', zh: '进程', ru: 'процесс' },
  free: GROUPS.free,
  unattributed: PARTS.unattributed,
};

export const BASIS_WORDS: Readonly<Record<Basis, Words>> = {
  exact: { en: 'exact', zh: '精确', ru: 'точно' },
  measured: { en: 'measured', zh: '实测', ru: 'измерено' },
  modelled: { en: 'modelled', zh: '模型估算', ru: 'по модели' },
  assumed: { en: 'assumed', zh: '假定', ru: 'допущение' },
};

export const RANGE_WORDS: Readonly<Record<Interval['kind'], Words>> = {
  bound: { en: 'bound', zh: '舍入范围', ru: 'граница округления' },
  p90: { en: 'p90', zh: 'p90', ru: 'p90' },
};
