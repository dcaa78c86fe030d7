/** What of the card is not this process’s, by the driver’s own figures. */

import { GiB } from '../../base/bytes.ts';
import { spread } from '../../base/factor.ts';
import { add, type Interval, known } from '../../base/interval.ts';
import { type Statement, say } from '../../base/texts.ts';
import { gpuNamed } from '../../catalog/gpus.ts';
import { contextBytes } from '../../footprint/context.ts';
import { valueIn } from '../../ledger/observe.ts';
import { cardsOf } from '../cards.ts';
import {
  type Case,
  hadRoom,
  isCapped,
  isPooled,
  isTorch,
  likeItself,
  MANY_ALIKE,
  printedValue,
  servedWith,
  share,
} from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Another process holds the card',
    summary: 'A considerable part of the card belongs to other processes.',
    headline: 'Other processes hold {held} of the card.',
    'headline-before': 'The card was full before this program began: another process holds it.',
    'headline-untold':
      '{held} of the card is held outside this process’s PyTorch, most likely by another process.',
    listed:
      'Other processes hold {others} of {total}; without them the request of {requested} is served.',
    untold:
      '{untold} of {total} is held outside this process’s PyTorch; its own context explains about {context} of that.',
    little:
      'Only {free} of {total} is free, and this program’s own allocator has handed out no more than {live}.',
    'little-live':
      'This program’s own tensors are {live} of {total}, and yet {requested} was refused.',
    context:
      'Creating a CUDA context failed: the card was full before this program had anything on it.',
    'small-pool':
      'TensorFlow’s whole pool is {allowed}, and by default it takes nearly all that is free.',
    'small-request':
      'TensorFlow takes nearly all that is free, and yet {requested} is refused before any step.',
    pool: 'TensorFlow got only {budget} of the {name}, where it takes nearly all that is free.',
    'pool-set': 'A limit that the program sets looks the same.',
    said: 'The program itself says that others may hold the card.',
    'taken-at-start':
      'At start only {free} of {total} was free, before the program had loaded anything.',
    'little-at-start':
      'At start the program found {free} free, and it wants {requested} for itself.',
    moved:
      'Other processes hold {others} of {total}, and {free} is free: figures are taken after the refusal, and a neighbour’s use moves.',
    observed:
      'A tool’s list beside the failure shows {used} of {total} in use on {card}, by {who}.',
    'observed-nobody':
      'A tool’s list beside the failure shows {used} of {total} in use on {card}, and not by whom.',
    'observed-open': 'Whether that was the moment of the failure nothing proves.',
    ranks:
      '{count} of them are of about the size of this process: they may be ranks of the same job.',
    unmarked:
      'The message does not say which of the listed processes is the failing one; the nearest above its reserved memory was taken.',
    library:
      'A library found nothing beside the framework’s pool. An earlier run that is still there, another program, or a second framework in this one can hold the rest.',
    'not-told':
      'The message lists no processes; a second framework in the same process would look the same.',
  },
  zh: {
    title: '其他进程占着这张卡',
    summary: '显存中相当一部分属于其他进程。',
    headline: '其他进程占用了这张卡的 {held}。',
    'headline-before': '在本程序开始之前卡已占满：被其他进程占用。',
    'headline-untold': '{held} 显存在本进程的 PyTorch 之外，很可能属于其他进程。',
    listed: '{total} 中其他进程占 {others}；没有它们，{requested} 的申请就能满足。',
    untold: '{total} 中有 {untold} 在本进程的 PyTorch 之外；自身上下文大约只占其中 {context}。',
    little: '{total} 中只有 {free} 空闲，而本程序自己的分配器只分出了 {live}。',
    context: '创建 CUDA 上下文失败：本程序还没有任何占用时卡就已满。',
    'small-pool': 'TensorFlow 的整个内存池只有 {allowed}，而默认会占用几乎全部空闲显存。',
    'small-request': 'TensorFlow 会占用几乎全部空闲显存，却在第一步之前连 {requested} 也得不到。',
    pool: 'TensorFlow 在 {name} 上只拿到 {budget}，而默认会占用几乎全部空闲显存。',
    'pool-set': '程序自己设定的上限看起来也一样。',
    'little-live': '本程序自己的张量只占 {total} 中的 {live}，却仍无法得到 {requested}。',
    'little-at-start': '程序启动时只找到 {free} 空闲，而它自己需要 {requested}。',
    said: '程序自己说这张卡可能被其他进程占用。',
    'taken-at-start': '启动时 {total} 中只有 {free} 空闲，程序还没有加载任何内容。',
    moved:
      '{total} 中其他进程占 {others}，空闲 {free}：数字是在拒绝之后取的，而相邻进程的占用会变动。',
    observed: '失败旁边的工具列表显示 {card} 已用 {used}（共 {total}），占用者：{who}。',
    'observed-nobody':
      '失败旁边的工具列表显示 {card} 已用 {used}（共 {total}），没有显示被谁占用。',
    'observed-open': '没有证据表明那正是失败的时刻。',
    ranks: '其中 {count} 个与本进程大小相近：可能是同一任务的其他 rank。',
    unmarked: '消息没有说明列出的进程中哪个是失败者；这里取略高于其已保留显存的那个。',
    library:
      '库在框架的内存池之外找不到显存。其余部分可能被仍未退出的前一次运行、其他程序或本程序中的第二个框架占用。',
    'not-told': '消息没有列出进程；同一进程中的另一个框架看起来也一样。',
  },
  ru: {
    title: 'Карту держит другой процесс',
    summary: 'Заметная часть карты принадлежит другим процессам.',
    headline: 'Другие процессы держат {held} карты.',
    'headline-before': 'Карта была полна до начала этой программы: её держит другой процесс.',
    'headline-untold':
      'Вне PyTorch этого процесса занято {held}, вероятнее всего — другим процессом.',
    listed: 'Другие процессы держат {others} из {total}; без них запрос ({requested}) прошёл бы.',
    untold:
      'Вне PyTorch этого процесса занято {untold} из {total}; собственный контекст объясняет около {context}.',
    little:
      'Свободно лишь {free} из {total}, а собственный аллокатор программы выдал не больше {live}.',
    context:
      'Не удалось создать контекст CUDA: карта была полна, когда у программы на ней ещё ничего не было.',
    'little-live':
      'Собственные тензоры этой программы — {live} из {total}, и всё же в {requested} отказано.',
    'little-at-start': 'При старте программа нашла свободными {free}, а ей нужно {requested}.',
    said: 'Программа сама говорит, что карту могут занимать другие.',
    'taken-at-start': 'При старте свободно {free} из {total}, а программа ещё ничего не загрузила.',
    'small-pool': 'Весь пул TensorFlow — {allowed}, а по умолчанию он берёт почти всё свободное.',
    'small-request':
      'TensorFlow берёт почти всё свободное, и всё же ещё до первого шага отказано в {requested}.',
    pool: 'TensorFlow взял себе на {name} лишь {budget}, а по умолчанию берёт почти всё свободное.',
    'pool-set': 'Заданный программой предел выглядит так же.',
    moved:
      'Другие процессы держат {others} из {total}, свободно {free}: цифры сняты после отказа, а занятое соседом меняется.',
    observed:
      'Список инструмента рядом со сбоем: на {card} занято {used} из {total}, держат: {who}.',
    'observed-nobody':
      'Список инструмента рядом со сбоем: на {card} занято {used} из {total}, кем — не показано.',
    'observed-open': 'Что это момент самого сбоя, ничем не доказано.',
    ranks: 'Из них одного размера с этим процессом: {count}; это могут быть ранги той же задачи.',
    unmarked:
      'Какой из процессов в списке упал, сообщение не говорит; взят тот, что ближе всего сверху к зарезервированному.',
    library:
      'Библиотеке ничего не досталось рядом с пулом фреймворка. Остальное может занимать ещё живой прежний запуск, другая программа или второй фреймворк в этой же.',
    'not-told':
      'Процессов сообщение не перечисляет; второй фреймворк в том же процессе выглядел бы так же.',
  },
} as const;

export const neighbourProcess: Cause = {
  id: 'neighbour-process',
  code: 'UN204',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: neighbour', 'nvml compute process list'],
  assess(c): Assessment | undefined {
    const { requested, total, others, untold, reserved, free } = c.amounts;
    const rest = c.amounts.untold_others;
    if (c.kind !== 'gpu_oom') return undefined;
    if (hadRoom(c.amounts)) return ofMovingNeighbour(c);
    const before = valueIn(c.facts, 'free_before');
    if (c.has('taken-at-start') && before !== undefined && total !== undefined) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'taken-at-start', { free: before, total })],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    if (c.has('taken-at-start') && free === undefined && c.wording === 'unbalanced') {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'said')],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    if (c.has('taken-at-start') && free === undefined && c.wording === 'said') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'said')],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    if (c.has('taken-at-start') && free !== undefined && total !== undefined) {
      const of = share(free, total);
      if (of >= 0.8) return undefined;
      // The trainer that the engine runs beside has its part of the card by right.
      const beside = c.shows('rollout-engine');
      const isBeside = beside !== undefined && /colocate|rollout/i.test(placeText(beside));
      return {
        strength: of < 0.6 && !isBeside ? 'likely' : 'possible',
        because: [say(TEXTS, 'taken-at-start', { free, total })],
        against: [],
        weight: isBeside ? 5 : 9,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    if (c.has('taken-at-start') && free !== undefined && requested !== undefined) {
      const isNearlyAll = share(free, requested) < LITTLE;
      return {
        strength: isNearlyAll ? 'likely' : 'possible',
        because: [say(TEXTS, 'little-at-start', { free, requested })],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    const atStart = freeAtStart(c);
    if (atStart !== undefined) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'taken-at-start', atStart)],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    const pool = poolAtStart(c);
    if (pool !== undefined) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'pool', pool)],
        against: [say(TEXTS, 'pool-set')],
        weight: 8,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    const meagre = meagrePool(c);
    if (meagre !== undefined) {
      return {
        strength: 'possible',
        because: [meagre],
        against: [say(TEXTS, 'pool-set')],
        weight: 8.5,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    if (c.has('context-creation') && c.phase.value === 'init') {
      return {
        // A limit on virtual memory of the job refuses the driver's own start in the same words.
        strength: c.has('may-be-no-memory') || c.format === 'tensorflow' ? 'possible' : 'likely',
        because: [say(TEXTS, 'context')],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    if (
      requested === undefined &&
      c.phase.value === 'init' &&
      (c.shows('first-call') ?? (c.frameworks.includes('julia') ? c.phase.because : undefined)) !==
        undefined
    ) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'context')],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-before'),
      };
    }
    if (requested === undefined && c.has('library-workspace') && isPooled(c)) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'library')],
        against: [say(TEXTS, 'not-told')],
        weight: 8.5,
      };
    }
    if (
      requested === undefined &&
      isMostlyUntold(c) &&
      untold !== undefined &&
      total !== undefined
    ) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'untold', { untold, total, context: spread(contextBytes()) })],
        against: [say(TEXTS, 'not-told')],
        weight: 9,
        headline: say(TEXTS, 'headline-untold', { held: untold }),
      };
    }
    if (requested === undefined || total === undefined) return besideOf(c);
    // What no listed process accounts for weighs more when it is more (hidden-holder).
    const isMoreHidden = (rest?.mid ?? 0) > (others?.mid ?? 0);
    if (others !== undefined && !isMoreHidden && servedWith(c.amounts, others)) {
      const of = share(others, total);
      if (of < 0.02) return undefined;
      const isMajor = of >= 0.3;
      // Whichever of the listed processes is the failing one: the others held what was missing.
      const least = c.amounts.others_at_least;
      const isProven =
        least !== undefined &&
        share(least, total) >= 0.3 &&
        servedWith(c.amounts, least) &&
        share(reserved, total) < 0.5;
      const alike = likeItself(c);
      const mayBeRanks = alike >= MANY_ALIKE;
      return {
        strength: isProven && !mayBeRanks ? 'proven' : isMajor ? 'likely' : 'possible',
        because: [say(TEXTS, 'listed', { others, total, requested })],
        against: [
          ...(c.selfIsMarked ? [] : [say(TEXTS, 'unmarked')]),
          ...(mayBeRanks ? [say(TEXTS, 'ranks', { count: alike })] : []),
        ],
        weight: isMajor ? 9 : of >= 0.1 ? 6 : 2,
        headline: say(TEXTS, 'headline', { held: others }),
      };
    }
    // What the pool holds is not told, only that next to nothing of it was in use.
    const { live } = c.amounts;
    const isLittle =
      live !== undefined &&
      (share(live, total) < LITTLE || (isTorch(c) && share(add(live, requested), total) < HALF));
    // The rest of the figures was cut off. PyTorch gives its cache back first, so what is missing is not its own.
    if (
      reserved === undefined &&
      free === undefined &&
      isTorch(c) &&
      isLittle &&
      share(requested, total) < LITTLE
    ) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'little-live', { live, total, requested })],
        against: [say(TEXTS, 'not-told')],
        weight: 7,
      };
    }
    if (reserved === undefined && free !== undefined && isLittle && share(free, total) < LITTLE) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'little', { free, total, live })],
        against: [say(TEXTS, 'not-told')],
        weight: share(live, total) < LITTLE ? 6 : 7,
      };
    }
    // Nothing is listed: what is not this allocator's is the own context and others together.
    if (c.amounts.outside !== undefined || untold === undefined || rest === undefined)
      return undefined;
    if (!servedWith(c.amounts, rest)) return undefined;
    const of = share(rest, total);
    if (of < 0.1) return undefined;
    // One piece of a good part of the card asks for much, whoever has the rest.
    const isHuge = share(requested, total) >= MUCH;
    // Who has a good part of the card, or asks for one, can be what was too large for the rest.
    const isMinor = share(live, total) < MINOR && share(requested, total) < LARGE;
    return {
      strength:
        of >= 0.3 && rest.low >= BEYOND_A_DESKTOP && !isHuge && isMinor ? 'likely' : 'possible',
      because: [say(TEXTS, 'untold', { untold, total, context: spread(contextBytes()) })],
      against: [say(TEXTS, 'not-told')],
      // Own tensors that fill most of the card are the nearer reason.
      weight: isHuge ? 3.5 : of >= 0.3 ? 9 : share(live, total) >= MOSTLY && of < NOTABLE ? 3.5 : 5,
      headline: say(TEXTS, 'headline-untold', { held: untold }),
    };
  },
};

/** Room enough by the figures, on a card that others have nearly filled. */
function ofMovingNeighbour(c: Case): Assessment | undefined {
  const { others, total, free } = c.amounts;
  if (others === undefined || total === undefined || free === undefined) return undefined;
  const isCrowded = share(others, total) >= 0.3 && share(free, total) < 0.05 && !isCapped(c);
  if (!isCrowded) return undefined;
  return {
    strength: 'possible',
    because: [say(TEXTS, 'moved', { others, total, free })],
    against: [],
    weight: 9,
    headline: say(TEXTS, 'headline', { held: others }),
  };
}

/** Without the request too, most of the card beyond an own context is somebody's. */
const isMostlyUntold = ({ amounts }: Case): boolean =>
  amounts.others === undefined &&
  amounts.outside === undefined &&
  share(amounts.untold_others, amounts.total) >= 0.5;

/** What a desktop and its programs hold of a card at times, without anybody who computes; assumed. */
const BEYOND_A_DESKTOP = 3 * GiB;
/** A share of the card that leaves others the smaller part. */
const MOSTLY = 0.6;
/** A share that no context and no library comes to. */
const NOTABLE = 0.25;
/** A share of the card that counts as next to nothing. */
const LITTLE = 0.1;
/** A share of the card that one tensor of a step's work can be, and hardly one of weights. */
const MUCH = 0.3;
/** Up to here the program's own part is not what fills the card, and its request is not what asks too much of it. */
const MINOR = 0.35;
const LARGE = 0.1;
/** PyTorch empties its cache before it fails: where so little is its own, the rest is hardly cache. */
const HALF = 0.5;

/** Formats of failures that TensorFlow's own start-up lines belong to. */
const OF_TENSORFLOW: readonly string[] = ['tensorflow', 'cuda-error'];

/** TensorFlow 1.x prints its cards before it takes anything of them; given where every one is half full. */
function freeAtStart(c: Case): { readonly free: Interval; readonly total: Interval } | undefined {
  if (!OF_TENSORFLOW.includes(c.format)) return undefined;
  const cards = c.observed
    .filter(({ sighted: { label } }) => label === 'devices found')
    .flatMap(({ sighted: { devices = [] } }) => devices)
    .map((card) => ({ free: known(card.free?.bytes), total: known(card.total?.bytes) }));
  let least: { readonly free: Interval; readonly total: Interval } | undefined;
  for (const { free, total } of cards) {
    if (free === undefined || total === undefined || share(free, total) >= 0.5) return undefined;
    if (least === undefined || free.mid < least.free.mid) least = { free, total };
  }
  return least;
}

/** TensorFlow 2 prints only the pool that it takes; given where that is less than half of every card. */
function poolAtStart(c: Case): { readonly budget: Interval; readonly name: string } | undefined {
  if (c.format !== 'tensorflow' || printedValue(c, 'memory_fraction') !== undefined)
    return undefined;
  const pools = c.observed
    .filter(({ sighted: { label } }) => label === 'devices created')
    .flatMap(({ sighted: { facts = [], devices = [] } }) =>
      facts.flatMap(({ quantity, value, scope }) => {
        const name = devices.find(({ index }) => index === scope.device)?.name;
        const budget = quantity === 'budget' ? known(value) : undefined;
        return budget === undefined || name === undefined ? [] : [{ budget, name }];
      }),
    );
  const isSmall = ({ budget, name }: (typeof pools)[number]): boolean => {
    const match = gpuNamed(name);
    const sizes = match && [match.gpu, ...match.others].map(({ usable }) => usable.low);
    return sizes !== undefined && budget.high < 0.5 * Math.min(...sizes);
  };
  return pools.every(isSmall) ? pools[0] : undefined;
}

/** A whole pool below this is what others have left. */
const SMALL_POOL = 512 * 2 ** 20;
/** Any pool serves so much to its first variables. */
const SMALL_REQUEST = 64 * 2 ** 20;

/** What shows that there was little to take for a pool that takes what it can. */
function meagrePool(c: Case): Statement | undefined {
  if (c.format !== 'tensorflow' || printedValue(c, 'memory_fraction') !== undefined)
    return undefined;
  const { allowed, requested, live } = c.amounts;
  if (allowed !== undefined && allowed.high < SMALL_POOL)
    return say(TEXTS, 'small-pool', { allowed });
  const isFirst = c.phase.value === 'init' && allowed === undefined && live === undefined;
  return isFirst && requested !== undefined && requested.high < SMALL_REQUEST
    ? say(TEXTS, 'small-request', { requested })
    : undefined;
}

/** Formats of frameworks that take their pool at start. */
const POOLED: readonly string[] = ['tensorflow', 'xla'];

/** A full card that a tool showed beside a failure whose message has no figures. */
function besideOf(c: Case): Assessment | undefined {
  for (const { card, name } of cardsOf(c.observed)) {
    const [used, total] = [known(card.used?.bytes), known(card.total?.bytes)];
    if (used === undefined || total === undefined || used.mid < 0.5 * total.mid) continue;
    // A pool that is taken at start makes a full card by itself.
    if (card.processes.length === 0 && POOLED.includes(c.format)) continue;
    const who = card.processes.map(({ pid, name: called }) =>
      `${pid ?? '?'} ${called ?? ''}`.trim(),
    );
    return {
      strength: 'possible',
      because: [
        who.length === 0
          ? say(TEXTS, 'observed-nobody', { used, total, card: name })
          : say(TEXTS, 'observed', { used, total, card: name, who: who.join(', ') }),
      ],
      against: [say(TEXTS, 'observed-open')],
      weight: 8,
    };
  }
  return undefined;
}
