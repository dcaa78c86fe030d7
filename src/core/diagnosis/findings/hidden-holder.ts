/** Memory in use that the list of processes does not explain: another container, a zombie, MPS, a hidden pid. */
import { MiB } from '../../base/bytes.ts';
import { known, subtract, sum } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import { cardsOf } from '../cards.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'Memory in use that no listed process accounts for',
    summary:
      'Much of the card is in use, and the list of processes is empty or far too short for it.',
    headline: '{hidden} of {card} is in use by nobody that is listed.',
    because: '{used} in use, {listed} in listed processes.',
    busy: 'The card is {percent} % busy, so somebody is running on it.',
    'todo-holders':
      'See who has the device open, as root and outside containers: a left-over child, another container, an MPS server.',
    'todo-admin':
      'If nobody has, ask the administrator: memory of a process that has died comes back with a reset of the card.',
  },
  zh: {},
  ru: {},
} as const;

/** Contexts of the display and of tools, and the driver’s own share, stay below this. */
const OWN_SHARE = 768 * MiB;
const MUCH = 0.05;

export const hiddenHolder: FindingRule = {
  id: 'hidden-holder',
  code: 'UN702',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: [
    'field report: nvidia-smi in containers lists no process',
    'nvml.h: nvmlDeviceGetComputeRunningProcesses',
  ],
  assess(observed: readonly Observed[]): Found[] {
    return cardsOf(observed).flatMap(({ card, name, ...place }): Found[] => {
      const total = known(card.total?.bytes);
      const used = known(card.used?.bytes);
      if (card.listed !== 'all' || total === undefined || used === undefined) return [];
      // Windows shows no figure for any process: there the list says nothing about bytes.
      const values = card.processes.map(({ memory }) => known(memory.bytes));
      if (values.includes(undefined)) return [];
      const listed = sum(values.filter((value) => value !== undefined));
      const hidden = subtract(used, listed);
      if (hidden.low < Math.max(OWN_SHARE, MUCH * total.mid)) return [];
      const because = [say(TEXTS, 'because', { used, listed })];
      const percent = card.utilization_percent ?? 0;
      if (percent > 0) because.push(say(TEXTS, 'busy', { percent }));
      return [
        {
          ...place,
          strength:
            hidden.mid > 0.2 * total.mid || card.processes.length === 0 ? 'proven' : 'likely',
          headline: say(TEXTS, 'headline', { card: name, hidden }),
          because,
          todo: [say(TEXTS, 'todo-holders'), say(TEXTS, 'todo-admin')],
          commands: ['sudo fuser -v /dev/nvidia*'],
          weight: 8,
        },
      ];
    });
  },
};
