/** A card with little left: the next job on it will fail, whatever the job. */
import { known } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import { cardsOf } from '../cards.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'A card is nearly full',
    summary: 'Less than a twentieth of the card is free.',
    headline: '{card} is nearly full: {used} of {total} in use.',
    because: '{free} of {total} is free.',
    todo: 'Start the next job on another card, or wait until this one has room.',
  },
  zh: {
    title: '显卡几乎占满',
    summary: '显卡的空闲显存不到二十分之一。',
    headline: '{card} 几乎占满：已用 {used}，共 {total}。',
    because: '空闲 {free}，共 {total}。',
    todo: '换一块显卡启动下一个任务，或等这块显卡腾出空间。',
  },
  ru: {
    title: 'Карта почти заполнена',
    summary: 'Свободно меньше двадцатой части карты.',
    headline: '{card}: карта почти заполнена, занято {used} из {total}.',
    because: 'Свободно {free} из {total}.',
    todo: 'Запустить следующую задачу на другой карте или подождать, пока на этой освободится место.',
  },
} as const;

/** Below this share of the card nothing of use starts. */
const LITTLE = 0.05;

export const nearlyFullCard: FindingRule = {
  id: 'nearly-full-card',
  code: 'UN701',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['nvidia-smi: memory.used, memory.total'],
  assess(observed: readonly Observed[]): Found[] {
    return cardsOf(observed).flatMap(({ card, name, ...place }): Found[] => {
      const total = known(card.total?.bytes);
      const used = known(card.used?.bytes);
      if (total === undefined || used === undefined || total.mid <= 0) return [];
      const free = known(card.free?.bytes)?.mid ?? total.mid - used.mid;
      if (free >= LITTLE * total.mid) return [];
      return [
        {
          ...place,
          strength: 'proven',
          headline: say(TEXTS, 'headline', { card: name, used, total }),
          because: [say(TEXTS, 'because', { free: { size: free }, total })],
          todo: [say(TEXTS, 'todo')],
          commands: [],
          weight: 5,
        },
      ];
    });
  },
};
