/** One card carries more than the others: contexts, gathers or data of other ranks. */

import { say } from '../../base/texts.ts';
import { crowdedCard } from '../cards.ts';
import { isShortage } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'One GPU carries more than the others',
    summary:
      'Other ranks hold contexts or tensors on the first GPU, or DataParallel gathers outputs there, so it fills before the others.',
    headline: 'GPU {device} carries what belongs to other ranks.',
    rank: 'Rank {rank} failed on GPU {device}: its work belongs on another one.',
    parallel: 'DataParallel keeps replicas’ outputs and gradients on the first GPU: {place}.',
    contexts: 'Processes of other GPUs are listed on GPU {device} too: {pids}.',
  },
  zh: {
    title: '一张 GPU 承担得比其他多',
    summary:
      '其他 rank 在第一张 GPU 上持有上下文或张量，或 DataParallel 把输出聚合到那里，因此它先被占满。',
    headline: 'GPU {device} 承担了属于其他 rank 的内容。',
    rank: 'rank {rank} 在 GPU {device} 上失败：它应该用另一张卡。',
    parallel: 'DataParallel 把各副本的输出和梯度放在第一张 GPU 上：{place}。',
    contexts: 'GPU {device} 上还列出了属于其他 GPU 的进程：{pids}。',
  },
  ru: {
    title: 'Один GPU нагружен больше остальных',
    summary:
      'Другие ранги держат на первом GPU контексты или тензоры, либо DataParallel собирает там выходы, и он заполняется первым.',
    headline: 'GPU {device} несёт то, что принадлежит другим рангам.',
    rank: 'Ранг {rank} упал на GPU {device}: его место на другом.',
    parallel: 'DataParallel держит выходы и градиенты реплик на первом GPU: {place}.',
    contexts: 'На GPU {device} видны и процессы других GPU: {pids}.',
  },
} as const;

export const rankImbalance: Cause = {
  id: 'rank-imbalance',
  code: 'UN229',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  domain: 'training',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'torch.nn.DataParallel: gathers on the first device; field report: 725 MiB contexts of other ranks on GPU 0',
  ],
  assess(c): Assessment | undefined {
    if (!isShortage(c)) return undefined;
    const { rank, device } = c;
    const crowded = crowdedCard(c.observed);
    if (crowded !== undefined) {
      const params = { device: crowded.name.replace('GPU ', ''), pids: crowded.pids.join(', ') };
      return {
        strength: 'likely',
        because: [say(TEXTS, 'contexts', params)],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline', params),
      };
    }
    if (rank !== undefined && rank > 0 && rank < 8 && device === 0) {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'rank', { rank, device })],
        against: [],
        weight: 7,
        headline: say(TEXTS, 'headline', { device }),
      };
    }
    const parallel = c.shows('data-parallel');
    if (parallel === undefined || (device ?? 0) !== 0) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'parallel', { place: placeText(parallel) })],
      against: [],
      weight: 3,
      headline: say(TEXTS, 'headline', { device: device ?? 0 }),
    };
  },
};
