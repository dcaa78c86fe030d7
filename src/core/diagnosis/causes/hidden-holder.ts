/** In use, and of no listed process. */

import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { hadRoom, servedWith, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Memory that no listed process holds',
    summary:
      'Much of the card is in use and belongs to no process that is listed: another container or user, a left-over child, MPS, a card that lost a process.',
    headline: '{held} of the card is in use and belongs to no listed process.',
    hidden:
      '{untold} of {total} is in use and belongs to no listed process: another container or user, a left-over process, MPS.',
    seen: 'A tool’s list beside the failure shows the same: {hidden} in use by nobody that is listed.',
  },
  zh: {
    title: '没有列出的进程占用的显存',
    summary:
      '卡上大量显存在用，却不属于任何列出的进程：其他容器或用户、残留的子进程、MPS，或丢失了进程的卡。',
    headline: '这张卡有 {held} 在用，却不属于任何列出的进程。',
    hidden: '{total} 中有 {untold} 在用，却不属于任何列出的进程：其他容器或用户、残留进程、MPS。',
    seen: '失败旁边的工具列表也是如此：{hidden} 不属于任何列出的进程。',
  },
  ru: {
    title: 'Память, которой не держит ни один видимый процесс',
    summary:
      'Большая часть карты занята, но ни один процесс из списка её не держит: другой контейнер или пользователь, оставшийся потомок, MPS, карта, потерявшая процесс.',
    headline: 'На карте занято {held}, и ни один процесс из списка этого не держит.',
    hidden:
      'Занято {untold} из {total}, и ни один процесс из списка этого не держит: другой контейнер или пользователь, оставшийся процесс, MPS.',
    seen: 'Список инструмента рядом со сбоем показывает то же: {hidden} ничьих.',
  },
} as const;

export const hiddenHolder: Cause = {
  id: 'hidden-holder',
  code: 'UN227',
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
  sources: ['field report: nvidia-smi in containers lists no process; fuser -v /dev/nvidia*'],
  assess(c): Assessment | undefined {
    const { requested, total, others, untold, outside } = c.amounts;
    const rest = c.amounts.untold_others;
    if (
      c.kind !== 'gpu_oom' ||
      requested === undefined ||
      total === undefined ||
      hadRoom(c.amounts)
    ) {
      return undefined;
    }
    // Only where the own process is told apart from the rest.
    const isApart = outside !== undefined || valueIn(c.facts, 'process') !== undefined;
    if (!isApart || untold === undefined || rest === undefined) return undefined;
    if ((others?.mid ?? 0) >= rest.mid || !servedWith(c.amounts, rest)) return undefined;
    const of = share(rest, total);
    if (of < 0.1) return undefined;
    return {
      strength: of >= 0.3 ? 'likely' : 'possible',
      because: [say(TEXTS, 'hidden', { untold, total })],
      against: [],
      weight: of >= 0.3 ? 9 : 5,
      headline: say(TEXTS, 'headline', { held: untold }),
    };
  },
};
