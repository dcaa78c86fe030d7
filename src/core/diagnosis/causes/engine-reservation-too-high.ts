/** The engine’s own share leaves no room for what it does outside it. */

import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { type Case, hadRoom, isInsideEngine, isPooled, isShortage, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'The engine reserves too much',
    summary:
      'The pool that an engine takes at start leaves too little for what it allocates beside it: sampler, graphs, workspaces, activations.',
    headline: 'The engine’s reservation leaves too little beside it: lower it.',
    message: 'The engine failed beside its pool, after that was taken.',
    swap: 'The engine was told to keep {swap} of the host’s {host} as swap space.',
    'headline-swap':
      'The engine’s swap space of {swap} takes too much of the host’s {host}: lower it.',
    start: 'At start {free} of {total} was free, less than the {budget} that it is told to take.',
    sampler: 'It failed while the sampler was warmed up, which is after the KV cache was sized.',
    inside:
      'It is the engine’s own process, which fills the card on purpose: what its reservation leaves is what ran out.',
    unplaced: 'Whether it was still loading the text does not show.',
    wakes:
      'A sleeping engine was taking its share back: {place}. What came onto the card meanwhile stands in its way.',
    warned:
      'The program itself warned that weights with such a share leave the work nothing: {place}.',
    'at-start': 'The framework was taking its pool when it failed: {place}.',
    default:
      'Frameworks that preallocate a pool leave a library nothing beside it; whose message it is the text does not show.',
    pool: 'The framework had preallocated its pool, and a library found nothing beside it.',
  },
  zh: {
    title: '引擎预留过多',
    summary: '引擎启动时占用的内存池，给池外的分配留得太少：采样器、CUDA graph、工作区、激活值。',
    headline: '引擎的预留给池外留得太少：应调低。',
    message: '引擎在占用内存池之后，于池外失败。',
    swap: '引擎被要求在主机的 {host} 内存中保留 {swap} 作为交换空间。',
    'headline-swap': '引擎的交换空间 {swap} 占主机 {host} 内存过多：应调低。',
    start: '启动时 {total} 中只有 {free} 空闲，少于要占用的 {budget}。',
    sampler: '失败发生在预热采样器时，即 KV 缓存大小确定之后。',
    inside: '这是引擎自己的进程，它有意占满显卡：用尽的是预留之外剩下的部分。',
    unplaced: '是否还在加载，文本没有显示。',
    wakes: '休眠的引擎正要取回自己的份额：{place}。期间占用显卡的内容挡住了它。',
    warned: '程序自己已警告：权重占用这样的比例，计算就没有显存可用：{place}。',
    'at-start': '失败时框架正在占用自己的内存池：{place}。',
    default: '预分配内存池的框架不给库在池外留下显存；这是谁的报错，文本没有显示。',
    pool: '框架已预分配内存池，库在池外找不到显存。',
  },
  ru: {
    title: 'Движок резервирует слишком много',
    summary:
      'Пул, который движок берёт при старте, оставляет мало тому, что выделяется рядом: сэмплеру, графам, рабочим областям, активациям.',
    headline: 'Резерв движка оставляет рядом слишком мало: уменьшить его.',
    message: 'Движок упал рядом со своим пулом, уже после того, как занял его.',
    swap: 'Движку велено держать {swap} из {host} памяти хоста под подкачку.',
    'headline-swap': 'Подкачка движка ({swap}) занимает слишком много из {host} хоста: уменьшить.',
    start:
      'При старте свободно {free} из {total}, меньше, чем {budget}, которые ему велено занять.',
    sampler: 'Сбой при прогреве сэмплера, уже после определения размера KV-кэша.',
    inside:
      'Это процесс самого движка, который занимает карту намеренно: кончилось то, что оставляет его резерв.',
    unplaced: 'Шла ли ещё загрузка, в тексте не видно.',
    wakes:
      'Уснувший движок забирал свою долю обратно: {place}. Мешает то, что за это время заняло карту.',
    warned:
      'Программа сама предупредила, что при такой доле весов вычислениям ничего не остаётся: {place}.',
    'at-start': 'Фреймворк как раз занимал свой пул: {place}.',
    default:
      'Фреймворк, который заранее занимает пул, не оставляет библиотеке ничего рядом; чьё это сообщение, из текста не видно.',
    pool: 'Фреймворк заранее занял пул, и библиотеке рядом ничего не осталось.',
  },
} as const;

/** The status of a library for neural networks with nothing around it that names a framework. */
const isBareLibrary = (c: Case): boolean =>
  c.has('library-workspace') &&
  /^CUDNN/i.test(c.wording ?? '') &&
  c.phase.value === 'unknown' &&
  c.frameworks.every((name) => name === 'pytorch') &&
  c.amounts.requested === undefined;

export const engineReservationTooHigh: Cause = {
  id: 'engine-reservation-too-high',
  code: 'UN231',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  domain: 'inference',
  category: 'engine',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'vllm: gpu_memory_utilization; sglang: mem-fraction-static; XLA preallocates 75 % of the card',
  ],
  assess(c): Assessment | undefined {
    const { requested: swap, host_total: host } = {
      requested: c.amounts.requested,
      host_total: valueIn(c.facts, 'host_total'),
    };
    if (
      c.kind === 'host_oom' &&
      c.wording === 'swap-space' &&
      swap !== undefined &&
      host !== undefined
    ) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'swap', { swap, host })],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-swap', { swap, host }),
      };
    }
    if (c.kind !== 'gpu_oom') return undefined;
    if (c.shows('sampler-warm-up') !== undefined) {
      return { strength: 'likely', because: [say(TEXTS, 'sampler')], against: [], weight: 9 };
    }
    const warned = c.shows('share-warned');
    if (warned !== undefined) {
      const because = [say(TEXTS, 'warned', { place: placeText(warned) })];
      return { strength: 'likely', because, against: [], weight: 9 };
    }
    const budget = valueIn(c.facts, 'budget');
    const { free, total } = c.amounts;
    if (
      c.has('taken-at-start') &&
      budget !== undefined &&
      free !== undefined &&
      total !== undefined
    ) {
      // A nearly empty card that is asked for more than it has is a budget too high.
      const isEmpty = share(free, total) >= 0.8;
      return {
        strength: isEmpty ? 'likely' : 'possible',
        because: [say(TEXTS, 'start', { free, total, budget })],
        against: [],
        weight: isEmpty ? 9 : 5,
      };
    }
    if (c.has('engine-budget-too-large')) {
      return {
        strength: hadRoom(c.amounts) ? 'possible' : 'likely',
        because: [say(TEXTS, 'message')],
        against: [],
        weight: 9,
      };
    }
    const wakes = c.shows('engine-wakes');
    if (wakes !== undefined && isShortage(c)) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'wakes', { place: placeText(wakes) })],
        against: [],
        weight: 8,
      };
    }
    const atStart = c.shows('pool-at-start');
    if (atStart !== undefined && isShortage(c) && c.format !== 'cuda-library') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'at-start', { place: placeText(atStart) })],
        against: [],
        weight: 9,
      };
    }
    if (isInsideEngine(c)) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'inside')],
        against: [say(TEXTS, 'unplaced')],
        weight: 5,
      };
    }
    const isPool = c.has('library-workspace') && isPooled(c);
    if (isPool) {
      // What a library asks for with a size is scratch, whoever holds the rest.
      const weight = c.amounts.requested === undefined ? 9 : 4;
      return { strength: 'possible', because: [say(TEXTS, 'pool')], against: [], weight };
    }
    return isBareLibrary(c)
      ? { strength: 'possible', because: [say(TEXTS, 'default')], against: [], weight: -0.6 }
      : undefined;
  },
};
