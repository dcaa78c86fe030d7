/** Time-outs and lost peers are consequences: the first cause is elsewhere. */
import { say } from '../../base/texts.ts';
import { eventsOf } from '../events.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'A collective timed out',
    summary:
      'Ranks waited for one that did not come. The cause is in the log of the rank that failed first.',
    headline:
      'A collective timed out{on}: a consequence. The cause is in the log of the rank that failed first.',
    'headline-beside': 'A collective timed out{on}: a consequence of the failure, not its cause.',
    'headline-first': 'A collective timed out{on}: a consequence. {first} failed first.',
    because: '{says}',
    todo: 'Give the logs of all ranks together: the first failure among them is the cause.',
  },
  zh: {},
  ru: {},
} as const;

export const collectiveTimeout: FindingRule = {
  id: 'collective-timeout',
  code: 'UN708',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['pytorch@v2.6.0:torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp'],
  assess(observed: readonly Observed[]): Found[] {
    const [happened] = eventsOf(observed, ['timeout', 'peer-lost']);
    if (happened === undefined) return [];
    const first = eventsOf(observed, ['exit', 'killed', 'killed-for-memory']).find(
      ({ event, who }) => event.is_first === true && who !== '',
    );
    const { event, observation, who } = happened;
    const isBeside = observed[observation]?.relation !== 'alone';
    const on = who === '' ? '' : ` on ${who}`;
    return [
      {
        strength: 'proven',
        headline: isBeside
          ? say(TEXTS, 'headline-beside', { on })
          : first === undefined
            ? say(TEXTS, 'headline', { on })
            : say(TEXTS, 'headline-first', { on, first: capital(first.who) }),
        because: [say(TEXTS, 'because', { says: event.says })],
        todo: isBeside ? [] : [say(TEXTS, 'todo')],
        commands: isBeside ? [] : ['unoom diagnose LOG-FOLDER'],
        observation,
        weight: 3,
      },
    ];
  },
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
