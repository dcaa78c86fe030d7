/** Idle memory that cannot serve a request: a large idle share points there, only a replay proves it. */
import { say } from '../../base/texts.ts';
import { hadRoom, servedWith, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Fragmentation',
    summary: 'Enough memory is idle inside the allocator, but not in one piece.',
    headline: 'Memory is there but in pieces: {idle} is idle inside PyTorch.',
    enough: '{idle} is idle in {reserved} reserved, and {requested} was asked for in one piece.',
    'with-free':
      'Only idle ({idle}) and free ({free}) together reach the {requested} that was asked for.',
    unseen: 'The message does not show the pieces; a snapshot would.',
    small: 'The idle share is small ({share} % of reserved).',
  },
  zh: {
    title: '碎片化',
    summary: '分配器内有足够的空闲缓存，但不是连续的一块。',
    headline: '显存有，但是碎的：PyTorch 内有 {idle} 空闲。',
    enough: '已保留的 {reserved} 中有 {idle} 空闲，而申请的是一整块 {requested}。',
    'with-free': '只有空闲缓存（{idle}）与空闲（{free}）合起来才够申请的 {requested}。',
    unseen: '消息没有显示各个碎片；快照可以显示。',
    small: '空闲缓存占比很小（已保留的 {share} %）。',
  },
  ru: {
    title: 'Фрагментация',
    summary: 'В аллокаторе простаивает достаточно памяти, но не одним куском.',
    headline: 'Память есть, но кусками: в PyTorch простаивает {idle}.',
    enough:
      'Из зарезервированных {reserved} простаивает {idle}, а одним куском запрошено {requested}.',
    'with-free':
      'Только простаивающее ({idle}) и свободное ({free}) вместе дают запрошенные {requested}.',
    unseen: 'Кусков сообщение не показывает; их покажет снимок.',
    small: 'Простаивает малая доля ({share} % зарезервированного).',
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
    const { requested, free, idle, reserved } = c.amounts;
    if (c.kind !== 'gpu_oom' || requested === undefined || free === undefined) return undefined;
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
    // Large shares were seen too where the input was simply too large; several times the request is
    // more than that leaves behind.
    const isLikely = idle.low >= 3 * requested.high && of >= 0.3;
    return {
      strength: isLikely ? 'likely' : 'possible',
      because,
      against,
      weight: of >= 0.1 ? 7 : 4,
      headline: say(TEXTS, 'headline', { idle }),
    };
  },
};
