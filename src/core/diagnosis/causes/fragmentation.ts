/** Idle memory that cannot serve a request: a large idle share points there, only a replay proves it. */
import { GiB } from '../../base/bytes.ts';
import { add, ZERO } from '../../base/interval.ts';
import { type Statement, say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { type Case, hadRoom, isCapped, servedWith, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    'headline-scattered': '{free} was free, but not in a piece large enough for {requested}.',
    scattered: '{free} is free, and its largest piece is smaller than {requested}.',
    compactable:
      'The runtime itself says that {free} is free in pieces and that moved together it would serve {requested}.',
    title: 'Fragmentation',
    summary: 'Enough memory is idle inside the allocator, but not in one piece.',
    headline: 'Memory is there but in pieces: {idle} is idle inside PyTorch.',
    enough: '{idle} is idle in {reserved} reserved, and {requested} was asked for in one piece.',
    'with-free':
      'Only idle ({idle}) and free ({free}) together reach the {requested} that was asked for.',
    unseen: 'The message does not show the pieces; a snapshot would.',
    small: 'The idle share is small ({share} % of reserved).',
    pieces:
      'Idle blocks of {pieces} in all could be used for the {block} that was asked for; the largest of them has {largest}.',
    streams: '{other} more is idle, but belongs to other streams.',
    'other-streams':
      '{other} is idle, but belongs to other streams than the one that asked for {block}.',
    replayed:
      'The recorded requests, run again with {settings}, are all served, the one that failed too.',
    modelled: 'By a model of the allocator {settings} would have served it.',
    'replayed-not': 'Run again with {settings}, the request fails all the same.',
    'headline-pieces':
      'The memory is there, but in pieces: {pieces} are idle, the largest piece has {largest}.',
    'headline-streams': 'The memory is there, but {other} of it is idle on other streams.',
  },
  zh: {
    'headline-scattered': '空闲 {free}，但没有一块够 {requested}。',
    scattered: '空闲 {free}，但其中最大的一块小于 {requested}。',
    compactable: '运行时自己说明：空闲的 {free} 分散成多块，合并后就能满足 {requested}。',
    title: '碎片化',
    summary: '分配器内有足够的空闲缓存，但不是连续的一块。',
    headline: '显存有，但是碎的：PyTorch 内有 {idle} 空闲。',
    enough: '已保留的 {reserved} 中有 {idle} 空闲，而申请的是一整块 {requested}。',
    'with-free': '只有空闲缓存（{idle}）与空闲（{free}）合起来才够申请的 {requested}。',
    unseen: '消息没有显示各个碎片；快照可以显示。',
    small: '空闲缓存占比很小（已保留的 {share} %）。',
    pieces: '对申请的 {block} 可用的空闲块合计 {pieces}，其中最大的一块只有 {largest}。',
    streams: '另有 {other} 空闲，但属于其他流。',
    'other-streams': '{other} 空闲，但属于其他流，而不是申请 {block} 的那个流。',
    replayed: '用 {settings} 重放所记录的申请，全部得到满足，包括失败的那一次。',
    modelled: '按分配器模型推算，{settings} 能满足它。',
    'replayed-not': '用 {settings} 重放，这次申请仍然失败。',
    'headline-pieces': '显存有，但是碎的：空闲合计 {pieces}，最大的一块只有 {largest}。',
    'headline-streams': '显存有，但其中 {other} 空闲在其他流上。',
  },
  ru: {
    'headline-scattered': 'Свободно {free}, но ни один кусок не вмещает {requested}.',
    scattered: 'Свободно {free}, но самый большой кусок меньше {requested}.',
    compactable:
      'Сама среда выполнения сообщает: свободные {free} разбросаны кусками, а собранные вместе вместили бы {requested}.',
    title: 'Фрагментация',
    summary: 'В аллокаторе простаивает достаточно памяти, но не одним куском.',
    headline: 'Память есть, но кусками: в PyTorch простаивает {idle}.',
    enough:
      'Из зарезервированных {reserved} простаивает {idle}, а одним куском запрошено {requested}.',
    'with-free':
      'Только простаивающее ({idle}) и свободное ({free}) вместе дают запрошенные {requested}.',
    unseen: 'Кусков сообщение не показывает; их покажет снимок.',
    small: 'Простаивает малая доля ({share} % зарезервированного).',
    pieces:
      'Под запрошенные {block} годятся простаивающие блоки, всего {pieces}; в самом большом {largest}.',
    streams: 'Ещё {other} простаивает, но принадлежит другим потокам.',
    'other-streams':
      'Простаивает {other}, но это блоки других потоков, а не того, что запросил {block}.',
    replayed: 'Записанные запросы, повторённые с {settings}, выполняются все, включая неудавшийся.',
    modelled: 'По модели аллокатора с {settings} запрос был бы выполнен.',
    'replayed-not': 'При повторе с {settings} запрос всё равно не выполняется.',
    'headline-pieces':
      'Память есть, но кусками: простаивает {pieces}, в самом большом куске {largest}.',
    'headline-streams': 'Память есть, но {other} простаивает у других потоков.',
  },
} as const;

export const fragmentation: Cause = {
  id: 'fragmentation',
  code: 'UN205',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  domain: 'any',
  category: 'layout',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp (get_free_block, release_cached_blocks)',
  ],
  assess(c): Assessment | undefined {
    if (c.isExact) return ofLayout(c);
    const { requested, free, idle, reserved } = c.amounts;
    if (c.kind !== 'gpu_oom' || requested === undefined || free === undefined) return undefined;
    if (c.wording === 'compactable' || c.wording === 'scattered') {
      return {
        strength: 'likely',
        because: [say(TEXTS, c.wording, { free, requested })],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-scattered', { free, requested }),
      };
    }
    if (
      idle === undefined ||
      reserved === undefined ||
      hadRoom(c.amounts) ||
      !servedWith(c.amounts, idle)
    ) {
      return undefined;
    }
    const of = share(idle, reserved);
    const isEnough = idle.low >= requested.high;
    if (!isEnough && of < 0.05) return undefined;
    const because = [
      isEnough
        ? say(TEXTS, 'enough', { idle, reserved, requested })
        : say(TEXTS, 'with-free', { idle, free, requested }),
    ];
    const against = [say(TEXTS, 'unseen')];
    if (of < 0.1) against.unshift(say(TEXTS, 'small', { share: Math.round(of * 100) }));
    // A large piece is hard to find among what is idle; a small one nearly always fits somewhere.
    const isTwice = idle.low >= 2 * requested.high && of >= 0.05 && requested.low >= LARGE_PIECE;
    // An idle share of about the request, or a small one, is what any work that is too large leaves behind.
    const isMuch =
      (idle.low >= 2 * requested.high && of >= 0.3) ||
      (idle.low >= 4 * requested.high && of >= 0.2);
    // A large piece, refused with many times as much idle.
    const isManyTimes = idle.low >= 5 * requested.high && of >= 0.1 && requested.low >= GiB;
    return {
      // Large shares are seen as often where the input was simply too large; only the layout tells them apart.
      strength: 'possible',
      because,
      against,
      weight: isMuch ? 7 : isManyTimes ? 6 : of >= 0.1 || isTwice ? 3.5 : FAINT,
      headline: say(TEXTS, 'headline', { idle }),
    };
  },
};

/** Behind what is usual for such a message. */
const FAINT = -1;

/** From here on idle memory is more than any program leaves. */
const NOTEWORTHY = 0.05;

/** With every block at hand it is arithmetic: what could be used, in how large a piece, and a replay. */
function ofLayout(c: Case): Assessment | undefined {
  const { free, reserved } = c.amounts;
  const [block, pieces, largest] = (
    ['requested_block', 'idle_in_pieces', 'largest_usable'] as const
  ).map((quantity) => valueIn(c.facts, quantity));
  if (block === undefined || pieces === undefined || largest === undefined || free === undefined) {
    return undefined;
  }
  if (hadRoom(c.amounts) || isCapped(c) || largest.low >= block.high) return undefined;
  const other = valueIn(c.facts, 'idle_other_stream') ?? ZERO;
  const isEnough = pieces.low >= block.high;
  const isEnoughWithFree =
    add(pieces, free).low >= block.high && share(pieces, reserved) >= NOTEWORTHY;
  const isOnOthers = add(pieces, other).low >= block.high && other.mid > pieces.mid;
  const replay = c.replays.find(({ id }) => id === 'expandable_segments');
  const isReplayed = replay?.served === true && replay.basis === 'replayed';
  if (!isEnough && !isEnoughWithFree && !isOnOthers && !isReplayed) return undefined;
  const because: Statement[] = [];
  if (isOnOthers && !isEnough) because.push(say(TEXTS, 'other-streams', { other, block }));
  else because.push(say(TEXTS, 'pieces', { pieces, block, largest }));
  if (!isEnough && isEnoughWithFree && !isOnOthers) {
    because.push(say(TEXTS, 'with-free', { idle: pieces, free, requested: block }));
  }
  if (isEnough && other.mid > 0) because.push(say(TEXTS, 'streams', { other }));
  const settings = replay?.settings ?? replay?.id ?? '';
  if (replay?.served === true) {
    because.push(say(TEXTS, isReplayed ? 'replayed' : 'modelled', { settings }));
  }
  const strength =
    isEnough || isReplayed ? 'proven' : isOnOthers || replay?.served ? 'likely' : 'possible';
  return {
    strength,
    because,
    against: replay?.served === false ? [say(TEXTS, 'replayed-not', { settings })] : [],
    weight: 9,
    headline:
      isOnOthers && !isEnough
        ? say(TEXTS, 'headline-streams', { other })
        : say(TEXTS, 'headline-pieces', { pieces, largest }),
  };
}

const LARGE_PIECE = 512 * 2 ** 20;
