/** A neighbour: whoever starts a job on this card has so much less. */
import { known, sum } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import type { SeenProcess } from '../../ledger/device.ts';
import { cardsOf } from '../cards.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'A process holds much of the card',
    summary:
      'A listed process holds a tenth of the card or more: a job that starts beside it has that much less.',
    headline: '{who} holds {held} of {total} on {card}.',
    'headline-many': '{count} processes hold {held} of {total} on {card}.',
    because: '{who}: {held}.',
    todo: 'If it is not the job in question, start on another card, or ask its owner.',
    'todo-own':
      'If it is a left-over of the job itself, make sure that all of its children have ended.',
  },
  zh: {},
  ru: {},
} as const;

const MUCH = 0.1;
/** With so much of the card left a job has room beside others. */
const ROOM = 0.25;
const MOST_NAMED = 4;

const whoOf = ({ pid, name }: SeenProcess): string =>
  `process ${pid ?? '?'}${name === undefined ? '' : ` (${name})`}`;

export const processHoldsCard: FindingRule = {
  id: 'process-holds-card',
  code: 'UN703',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['nvidia-smi: list of compute processes'],
  assess(observed: readonly Observed[]): Found[] {
    return cardsOf(observed).flatMap(({ card, name, ...place }): Found[] => {
      const total = known(card.total?.bytes);
      if (total === undefined) return [];
      // A job on a card with room for another one is nothing to remark on, unless something failed.
      const isAlone = observed[place.observation]?.relation === 'alone';
      const used = known(card.used?.bytes);
      const left = known(card.free?.bytes)?.mid ?? (used === undefined ? 0 : total.mid - used.mid);
      if (isAlone && left > ROOM * total.mid) return [];
      const held = card.processes.flatMap((process) => {
        const bytes = known(process.memory.bytes);
        return bytes === undefined ? [] : [{ process, bytes }];
      });
      const large = held
        .filter(({ bytes }) => bytes.mid >= MUCH * total.mid)
        .sort((a, b) => b.bytes.mid - a.bytes.mid);
      const [first] = large;
      if (first === undefined) return [];
      const all = { held: sum(large.map(({ bytes }) => bytes)), total, card: name };
      return [
        {
          ...place,
          strength: 'proven',
          headline:
            large.length === 1
              ? say(TEXTS, 'headline', { ...all, who: capital(whoOf(first.process)) })
              : say(TEXTS, 'headline-many', { ...all, count: large.length }),
          because:
            large.length === 1
              ? []
              : large
                  .slice(0, MOST_NAMED)
                  .map(({ process, bytes }) =>
                    say(TEXTS, 'because', { who: whoOf(process), held: bytes }),
                  ),
          todo: [say(TEXTS, 'todo'), say(TEXTS, 'todo-own')],
          commands:
            (first.process.pid ?? 0) <= 0
              ? []
              : [`ps -o pid,ppid,user,etime,cmd -p ${first.process.pid}`],
          weight: 4,
        },
      ];
    });
  },
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
