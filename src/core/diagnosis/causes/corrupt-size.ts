/** Sizes that no program needs: integer overflow, corruption, a broadcast by mistake. */
import { say } from '../../base/texts.ts';
import { exceedsAnyCard, isAbsurd, isBeyondUse, isVastOnHost, isWorkUnderWay } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'An absurd request',
    summary:
      'The size asked for is no real need: an overflow, an uninitialised size, or a shape that went wrong.',
    headline: 'The request is absurd: a size or shape went wrong, not memory.',
    over: 'More than 1 EB was asked for: a negative or overflowed size.',
    huge: '{requested} was asked for on a card of {total}.',
    'huge-host':
      '{requested} of the machine’s memory was asked for in one piece; hardly any machine has so much.',
    'headline-host':
      'More of the machine’s memory was asked for than almost any machine has: probably a wrong size or shape.',
    'huge-alone': '{requested} was asked for: no machine has that.',
    uncounted: '{raw} was asked for, which no machine can count: an overflow.',
    'headline-likely':
      'The request is many times the card: probably a size or shape that went wrong.',
    count: 'A native function was called with the largest count that there is: {place}.',
    negative: 'A size below zero, or what 32 bits make of one, was asked for: {place}.',
    rasterizer:
      'A kernel counts what this buffer is for ({place}); built for another architecture it counts wrong.',
    working: 'Much of the card is in use, as within a step: the work may truly ask for that much.',
    real: 'A pairwise matrix over a very long dimension can truly be that large.',
  },
  zh: {
    title: '荒谬的申请',
    summary: '申请的大小不是真实需要：溢出、未初始化的大小，或形状出了错。',
    headline: '申请是荒谬的：出错的是大小或形状，不是显存。',
    over: '申请超过 1 EB：负数或溢出的大小。',
    huge: '在 {total} 的卡上申请 {requested}。',
    'huge-host': '一次申请了 {requested} 主机内存；几乎没有机器有这么多。',
    'headline-host': '申请的主机内存几乎没有机器能提供：多半是大小或形状算错了。',
    'huge-alone': '申请 {requested}：没有机器有这么多。',
    uncounted: '申请 {raw}，没有机器能表示：溢出。',
    'headline-likely': '申请是显存的许多倍：多半是大小或形状出了错。',
    count: '原生函数收到的计数是可能的最大值：{place}。',
    negative: '申请的大小为负数，或是负数在 32 位下的样子：{place}。',
    rasterizer: '这块缓冲区的大小由 kernel 统计（{place}）；为其他架构编译的 kernel 会统计错误。',
    working: '卡上已有很多占用，像是在某一步之中：这一步也许确实要这么多。',
    real: '在很长的维度上做两两矩阵，确实可能这么大。',
  },
  ru: {
    title: 'Нелепый запрос',
    summary:
      'Запрошенный размер — не настоящая потребность: переполнение, незаданный размер или ошибка в форме.',
    headline: 'Запрос нелеп: ошибка в размере или форме, а не в памяти.',
    over: 'Запрошено больше 1 ЭБ: отрицательный или переполненный размер.',
    huge: 'Запрошено {requested} на карте {total}.',
    'huge-host': 'Памяти машины запрошено {requested} одним куском; столько почти ни у кого нет.',
    'headline-host':
      'Памяти машины запрошено больше, чем есть почти у любой: вероятно, ошибка в размере или форме.',
    'huge-alone': 'Запрошено {requested}: столько нет ни у одной машины.',
    uncounted: 'Запрошено {raw}, чего не сосчитать: переполнение.',
    'headline-likely': 'Запрос во много раз больше карты: вероятно, ошибка в размере или форме.',
    count: 'Нативная функция вызвана с наибольшим возможным числом: {place}.',
    negative: 'Запрошен отрицательный размер или то, чем он становится в 32 битах: {place}.',
    rasterizer:
      'Размер этого буфера считает ядро ({place}); собранное для другой архитектуры, оно считает неверно.',
    working: 'Карта заметно занята, как внутри шага: работе и правда может быть нужно столько.',
    real: 'Попарная матрица по очень длинной размерности и правда бывает такой.',
  },
} as const;

/** As many cards in one piece. */
const MANY_CARDS = 8;
/** More than the splats of any scene are sorted in. */
const MUCH = 16 * 2 ** 30;
/** More than the memory of machines that one meets; matrices over all pairs reach it too. */
const VAST = 2 ** 40;

export const corruptSize: Cause = {
  id: 'corrupt-size',
  code: 'UN207',
  since: '0.1.0',
  status: 'preview',
  family: 'corrupt-size',
  domain: 'any',
  category: 'defect',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp (one_exa_bytes)'],
  assess(c): Assessment | undefined {
    const { requested, total } = c.amounts;
    if (c.has('absurd-request')) {
      return { strength: 'proven', because: [say(TEXTS, 'over')], against: [], weight: 10 };
    }
    const negative = requested === undefined ? c.shows('negative-size') : undefined;
    if (negative !== undefined && c.kind !== 'host_oom') {
      const place = placeText(negative);
      return {
        strength: 'possible',
        because: [say(TEXTS, 'negative', { place })],
        against: [],
        weight: 8,
      };
    }
    const count = c.has('host-allocator') && !isAbsurd(c) ? c.shows('absurd-count') : undefined;
    if (count !== undefined) {
      const because = [say(TEXTS, 'count', { place: placeText(count) })];
      return { strength: 'likely', because, against: [], weight: 10 };
    }
    const counted = c.shows('rasterizer');
    const isMuch = requested !== undefined && requested.low >= MUCH;
    if (counted !== undefined && isMuch && !isAbsurd(c) && !(requested.low <= (total?.low ?? 0))) {
      // So many cards no sorting of splats needs.
      const isMany = total !== undefined && requested.low >= MANY_CARDS * total.high;
      return {
        strength: isMany ? 'likely' : 'possible',
        because: [say(TEXTS, 'rasterizer', { place: placeText(counted) })],
        against: [],
        weight: 7.5,
      };
    }
    // No card is so large; the text names none.
    if (c.kind === 'gpu_oom' && total === undefined && !isAbsurd(c) && exceedsAnyCard(c.amounts)) {
      return {
        strength: 'possible',
        because: requested === undefined ? [] : [say(TEXTS, 'huge-alone', { requested })],
        against: [say(TEXTS, 'real')],
        weight: 3.5,
      };
    }
    const isMeant = !isAbsurd(c);
    const isVast = c.kind === 'host_oom' && requested !== undefined && requested.low >= VAST;
    if (isMeant && !isBeyondUse(c) && !isVast) return undefined;
    if (requested === undefined) {
      const raw = c.facts.find((fact) => fact.quantity === 'requested')?.raw ?? '';
      return {
        strength: 'proven',
        because: [say(TEXTS, 'uncounted', { raw })],
        against: [],
        weight: 10,
      };
    }
    const alone = c.kind === 'host_oom' && requested.low < 2 ** 50 ? 'huge-host' : 'huge-alone';
    const because = [
      total === undefined
        ? say(TEXTS, alone, { requested })
        : say(TEXTS, 'huge', { requested, total }),
    ];
    // No machine that one meets has so much; a matrix over all pairs is the other way to come to it.
    if (isVastOnHost(c)) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'huge-host', { requested })],
        against: [say(TEXTS, 'real')],
        weight: 9.5,
        headline: say(TEXTS, 'headline-host'),
      };
    }
    if (isMeant) {
      return { strength: 'possible', because, against: [say(TEXTS, 'real')], weight: 3 };
    }
    const isBeyondAll = requested.low >= 2 ** 50;
    const isWorking = counted === undefined && isWorkUnderWay(c);
    return {
      strength: isBeyondAll ? 'proven' : isWorking ? 'possible' : 'likely',
      because,
      against: isBeyondAll ? [] : [say(TEXTS, isWorking ? 'working' : 'real')],
      // An input that is too large is the nearer reason for work under way.
      weight: isWorking ? 5 : 10,
      headline: say(TEXTS, isBeyondAll ? 'headline' : 'headline-likely'),
    };
  },
};
