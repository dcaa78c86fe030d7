/** A process that ended without giving its memory back, as the driver shows it. */
import { known } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import { cardsOf } from '../cards.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'Memory of a process that is no more',
    summary: 'The driver still counts memory to a process that has ended or that it cannot name.',
    headline: '{card} still holds {held} for process {pid}, which the driver cannot name any more.',
    'headline-unknown':
      '{card} still holds memory for process {pid}, which the driver cannot name any more.',
    because: 'Its name is shown as "{name}".',
    todo: 'Look whether a child of it, or a container, still has the device open; when nobody has, the card needs a reset, or the machine a restart.',
  },
  zh: {},
  ru: {},
} as const;

const GONE = /^\[?(?:unknown error|not found|gpu requires reset)\]?$/i;

export const leftOverProcess: FindingRule = {
  id: 'left-over-process',
  code: 'UN704',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['field report: "Unknown Error" in the place of a process name after a crash'],
  assess(observed: readonly Observed[]): Found[] {
    return cardsOf(observed).flatMap(({ card, name, ...place }): Found[] =>
      card.processes
        .filter((process) => GONE.test(process.name ?? ''))
        .map((process) => {
          const held = known(process.memory.bytes);
          const pid = process.pid ?? '?';
          return {
            ...place,
            strength: 'likely',
            headline:
              held === undefined
                ? say(TEXTS, 'headline-unknown', { card: name, pid })
                : say(TEXTS, 'headline', { card: name, held, pid }),
            because: [say(TEXTS, 'because', { name: process.name ?? '' })],
            todo: [say(TEXTS, 'todo')],
            commands: ['sudo fuser -v /dev/nvidia*'],
            weight: 7,
          };
        }),
    );
  },
};
