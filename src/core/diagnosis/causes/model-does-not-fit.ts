/** Weights larger than the card: shown by the phase, and by what was there before anything else ran. */

import { GiB, MiB } from '../../base/bytes.ts';
import type { Interval } from '../../base/interval.ts';
import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import {
  type Case,
  exceedsCard,
  hadRoom,
  hasStepped,
  heldBy,
  isCapped,
  isCrumb,
  isSharded,
  isTorch,
  printedValue,
  share,
} from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'The model does not fit',
    summary: 'Weights (with what loading needs beside them) are larger than the room on the card.',
    headline: 'The model itself does not fit in what the card has.',
    'headline-machine': 'The model is far larger than the memory that this machine has left.',
    machine: 'It needs {need}, and the machine has {free} left.',
    matrix:
      'The matrix of {rows} by {columns} is no batch of anything: it is a weight of a dense layer, or its gradient.',
    phase: 'It failed {phase}, when the card holds little but the model.',
    share: 'Live tensors take {share} % of the card.',
    spill: 'PyTorch holds {live}, more than the card’s {total}.',
    small: 'A card of {total} holds few of the models of today with what their work takes.',
    cut: 'The text does not show how much was loaded.',
    size: '{parameters} parameters ({text}) are {weights} in 16 bit; the card has {total}.',
    'weights-told': 'The weights are {weights} of the {total} that the card has.',
    'weights-rest': 'The weights are {weights}, and {rest} is left for the cache.',
    allocating: 'It was the weights that were being allocated.',
    buffer: 'The weights’ own buffer is {requested}.',
    formats: 'In 8 or 4 bit they would be a half or a quarter of that.',
    page: 'A page copies the model into memory of its own first, which ends at 2 to 4 GB.',
    'page-asked': 'The model’s buffer is {requested}.',
    copy: 'A second copy of the weights was being made: {place}.',
    other: 'Nothing in the text shows what the tensors are.',
    held: 'The weights hold {weights} of the {room} that this process could have had.',
    'held-and': 'With the {requested} that was asked for they are more than that.',
  },
  zh: {
    title: '模型放不下',
    summary: '权重（连同加载所需）大于显存中的空间。',
    headline: '模型本身放不进这张卡。',
    'headline-machine': '模型远大于这台机器剩余的内存。',
    machine: '它需要 {need}，而机器只剩 {free}。',
    matrix: '{rows} × {columns} 的矩阵不会是一个 batch：它是全连接层的权重或其梯度。',
    phase: '失败发生在{phase}，此时卡上几乎只有模型。',
    share: '活动张量占显存的 {share} %。',
    spill: 'PyTorch 占用 {live}，超过显存 {total}。',
    small: '{total} 的显卡容不下如今多数模型及其运行所需。',
    cut: '文本没有显示已加载多少。',
    size: '{parameters} 个参数（{text}）在 16 位下为 {weights}；这张卡有 {total}。',
    'weights-told': '权重为 {weights}，而这张卡共有 {total}。',
    'weights-rest': '权重为 {weights}，留给缓存的是 {rest}。',
    allocating: '正在分配的是权重。',
    buffer: '权重的缓冲区为 {requested}。',
    formats: '用 8 位或 4 位，只有它的一半或四分之一。',
    page: '网页先把模型复制到自己的内存，而其上限为 2 到 4 GB。',
    'page-asked': '模型的缓冲区为 {requested}。',
    copy: '正在复制第二份权重：{place}。',
    other: '文本没有显示这些张量是什么。',
    held: '本进程最多能得到 {room}，其中权重占 {weights}。',
    'held-and': '加上申请的 {requested} 就超过了它。',
  },
  ru: {
    title: 'Модель не помещается',
    summary: 'Веса (и то, что нужно при загрузке) больше места на карте.',
    headline: 'Сама модель не помещается в то, что есть у карты.',
    'headline-machine': 'Модель намного больше памяти, оставшейся у этой машины.',
    machine: 'Ей нужно {need}, а у машины осталось {free}.',
    matrix: 'Матрица {rows} на {columns} — не батч: это вес плотного слоя или его градиент.',
    phase: 'Сбой {phase}, когда на карте нет почти ничего, кроме модели.',
    share: 'Живые тензоры занимают {share} % карты.',
    spill: 'PyTorch держит {live} — больше, чем {total} карты.',
    small: 'На карте в {total} мало какой из нынешних моделей хватает места для работы.',
    cut: 'Сколько успело загрузиться, в тексте не видно.',
    size: '{parameters} параметров ({text}) в 16 битах — это {weights}; у карты {total}.',
    'weights-told': 'Веса — {weights} из {total}, что есть у карты.',
    'weights-rest': 'Веса — {weights}, кэшу остаётся {rest}.',
    allocating: 'Выделялись именно веса.',
    buffer: 'Буфер весов — {requested}.',
    formats: 'В 8 или 4 битах было бы вдвое или вчетверо меньше.',
    page: 'Страница сначала копирует модель в собственную память, а та кончается на 2–4 ГБ.',
    'page-asked': 'Буфер модели — {requested}.',
    copy: 'Делалась вторая копия весов: {place}.',
    other: 'Что это за тензоры, в тексте не видно.',
    held: 'Веса занимают {weights} из {room}, доступных этому процессу.',
    'held-and': 'С запрошенными {requested} это больше доступного.',
  },
} as const;

/** More than the samples of a batch; chosen, no source. */
const LONG_SIDE = 8192;

export const modelDoesNotFit: Cause = {
  id: 'model-does-not-fit',
  code: 'UN201',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'any',
  category: 'capacity',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: loading and .to(device) failures'],
  assess(c): Assessment | undefined {
    const { live, total, requested } = c.amounts;
    if (c.has('page-memory')) return ofPage(c);
    const machine = beyondMachine(c);
    if (machine !== undefined) return machine;
    if (c.kind !== 'gpu_oom' || hadRoom(c.amounts) || isCapped(c)) return undefined;
    // A codec of video holds frames, no weights.
    if (c.format === 'nvenc') return undefined;
    // A trial prefill runs on a model that has found its room.
    if (c.format === 'tgi' && c.wording === 'prefill-tokens') return undefined;
    const { value } = c.phase;
    const told = toldByWeights(c);
    if (told !== undefined) return told;
    if (c.has('engine-budget-too-large') || c.has('taken-at-start')) return undefined;
    if (c.isExact) return ofLedger(c);
    // A matrix whose sides are both longer than any batch is a weight, or the gradient of one.
    const sides = c.format === 'tensorflow' ? (c.tensor?.shape ?? []) : [];
    if (sides.length === 2 && sides.every((side) => side >= LONG_SIDE) && value !== 'optimizer')
      return {
        strength: 'possible',
        because: [say(TEXTS, 'matrix', { rows: sides[0] ?? 0, columns: sides[1] ?? 0 })],
        against: [],
        weight: 7,
      };
    const isLoading =
      value === 'load' ||
      value === 'init' ||
      value === 'kv_alloc' ||
      (value === 'transfer' && c.phase.moves_model);
    const because = [];
    const of = share(live, total);
    if (isLoading) because.push(say(TEXTS, 'phase', { phase: PHASES[value] }));
    if (of > 0) because.push(say(TEXTS, 'share', { share: Math.round(of * 100) }));
    const spills = live !== undefined && total !== undefined && live.low > total.high;
    if (spills) because.push(say(TEXTS, 'spill', { live, total }));
    const copy = c.shows('copy-of-model');
    if (copy !== undefined) {
      because.push(say(TEXTS, 'copy', { place: placeText(copy) }));
      const isMost = of >= 0.5 && share(requested, total) < 0.5;
      return { strength: isMost ? 'likely' : 'possible', because, against: [], weight: 8 };
    }
    if (isLoading) {
      const isMost = exceedsCard(c.amounts) || (of >= 0.5 && share(requested, total) < 0.5);
      // What was being made is not the model, which has found its room.
      const isTrial = value === 'kv_alloc' && c.shows('profile-run') !== undefined;
      const isOther =
        isTrial ||
        // What fills the card can be the model before.
        c.shows('switches-model') !== undefined ||
        c.shows('later-run') !== undefined ||
        c.shows('notebook') !== undefined ||
        (value === 'init' && c.shows('optimizer-states') !== undefined);
      return {
        // Where the cache is being made, a part of it can lie on the card already.
        strength: isMost && !isOther && value !== 'kv_alloc' ? 'likely' : 'possible',
        because,
        against: of > 0 ? [] : [say(TEXTS, 'cut')],
        // An engine that has no room for its cache tells nothing of its weights; a card on which little of it lies is full of
        // something else.
        weight:
          of > 0 && of < 0.2 && share(requested, total) < 0.1
            ? 4
            : isTrial
              ? 5
              : value === 'kv_alloc'
                ? 6
                : 8,
      };
    }
    // Elsewhere a full card is compatible with it; only a phase in which weights dominate points there.
    const isOpen =
      value === 'unknown' ||
      value === 'transfer' ||
      value === 'forward' ||
      value === 'generate' ||
      value === 'eval';
    // What has run a step fits; what is larger than the card does not.
    if (hasStepped(c) && !spills) return undefined;
    // A server that answers requests has put its model in place, and may load it with the first one.
    if (c.shows('serves-requests') !== undefined && !spills && !c.isEngine && isTorch(c))
      return { strength: 'possible', because, against: [say(TEXTS, 'other')], weight: -1 };
    const isSmall = total !== undefined && total.high < SMALL_CARD;
    if (isOpen && isTorch(c) && isSmall) {
      because.push(say(TEXTS, 'small', { total }));
      return { strength: 'possible', because, against: [say(TEXTS, 'other')], weight: 4.5 };
    }
    if (!isOpen || (of < 0.6 && !spills)) return undefined;
    return {
      strength: 'possible',
      because,
      against: [say(TEXTS, 'other')],
      // A card that weights fill refuses pieces of a model; where the last crumbs are refused, it has filled slowly.
      weight:
        spills && share(requested, total) >= 0.3
          ? 3
          : spills
            ? value === 'forward'
              ? 5
              : 6
            : value === 'unknown' && isCrumb(c.amounts)
              ? -1
              : 1,
    };
  },
};

/** In public reports of cards below it the answer was most often another model or another card. */
const SMALL_CARD = 2.5 * GiB;

/** Of what is free, from here on no closing of other programs makes room for it. */
const FAR_BEYOND = 3;

/** Programs that compare a model with the machine before they load it, and say both figures. */
function beyondMachine(c: Case): Assessment | undefined {
  const need = c.amounts.requested;
  const free = valueIn(c.facts, 'host_free');
  if (c.kind !== 'host_oom' || c.wording !== 'system-memory') return undefined;
  if (need === undefined || free === undefined || need.low < FAR_BEYOND * free.high)
    return undefined;
  return {
    strength: 'likely',
    because: [say(TEXTS, 'machine', { need, free })],
    against: [],
    weight: 10,
    headline: say(TEXTS, 'headline-machine'),
  };
}

/** A buffer of which a page has room for a few at most. */
const MUCH_OF_A_PAGE = 512 * MiB;

/** A page that loads a model: the copy on the way to the GPU is what fails. */
function ofPage(c: Case): Assessment | undefined {
  if (c.phase.value !== 'load') return undefined;
  const { requested } = c.amounts;
  const because = [say(TEXTS, 'page')];
  if (requested !== undefined) because.push(say(TEXTS, 'page-asked', { requested }));
  const isLarge = requested !== undefined && requested.mid >= MUCH_OF_A_PAGE;
  return { strength: isLarge ? 'likely' : 'possible', because, against: [], weight: 8 };
}

/** Beside weights that take so much of a card an engine has no room for anything. */
const MOST_OF_CARD = 0.9;

/** Weights whose size the text tells, against what there is. */
function toldByWeights(c: Case): Assessment | undefined {
  const { total, requested } = c.amounts;
  if (c.has('allocating-weights')) {
    const because = [say(TEXTS, 'allocating')];
    if (requested !== undefined) because.push(say(TEXTS, 'buffer', { requested }));
    return { strength: 'likely', because, against: [], weight: 9 };
  }
  const weights = valueIn(c.facts, 'weights') ?? weightsBeside(c);
  const rest = valueIn(c.facts, 'kv_available');
  const isMost = share(weights, total) >= MOST_OF_CARD;
  if (weights !== undefined && rest !== undefined && rest.mid <= 0 && !isMost) {
    return {
      strength: 'possible',
      because: [say(TEXTS, 'weights-rest', { weights, rest })],
      against: [],
      weight: 8,
    };
  }
  // Graphs and samplers are warmed up after weights and cache have found their room.
  if (total === undefined || c.phase.value === 'capture') return undefined;
  if (weights !== undefined && share(weights, total) >= 0.8) {
    return {
      strength: 'likely',
      because: [say(TEXTS, 'weights-told', { weights, total })],
      against: [],
      weight: 10,
    };
  }
  const size = c.modelSize;
  const isEarly = ['load', 'init', 'transfer', 'kv_alloc'].includes(c.phase.value);
  if (size === undefined || !isEarly || c.shows('four-bit') !== undefined || isSharded(c))
    return undefined;
  if (printedValue(c, 'quantization') !== undefined) return undefined;
  const inHalf = 2 * size.parameters;
  if (inHalf < 0.85 * total.mid) return undefined;
  return {
    strength: 'likely',
    because: [
      say(TEXTS, 'size', {
        parameters: size.parameters.toLocaleString('en'),
        text: size.text,
        weights: { size: inHalf },
        total,
      }),
    ],
    against: [say(TEXTS, 'formats')],
    weight: 10,
  };
}

/** Weights as an engine printed them when it started. */
function weightsBeside(c: Case): Interval | undefined {
  for (const { sighted } of c.observed) {
    const weights = valueIn(sighted.facts ?? [], 'weights');
    if (weights !== undefined) return weights;
  }
  return undefined;
}

/** Weights that take so much of what there is leave no room for work. */
const NEARLY_ALL = 0.8;

/** With the weights known apart from all else. */
function ofLedger(c: Case): Assessment | undefined {
  const weights = heldBy(c, 'weights');
  const { requested, room } = c.amounts;
  if (weights === undefined || room === undefined) return undefined;
  const { value } = c.phase;
  const isLoading =
    value === 'load' || value === 'init' || (value === 'transfer' && c.phase.moves_model);
  const of = share(weights, room);
  if (!isLoading && of < NEARLY_ALL) return undefined;
  const because = [say(TEXTS, 'held', { weights, room })];
  if (isLoading) because.unshift(say(TEXTS, 'phase', { phase: PHASES[value] }));
  // While a model is loaded, what is asked for is more of it.
  const isBeyond = isLoading && requested !== undefined && weights.low + requested.low > room.high;
  if (isBeyond) because.push(say(TEXTS, 'held-and', { requested }));
  return {
    strength: isBeyond ? 'proven' : of >= 0.5 ? 'likely' : 'possible',
    because,
    against: [],
    weight: 8,
  };
}
