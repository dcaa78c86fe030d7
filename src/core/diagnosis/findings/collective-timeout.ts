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
  zh: {
    title: '集合通信超时',
    summary: '其他 rank 在等一个没有到达的 rank。原因在最先失败的 rank 的日志里。',
    headline: '集合通信超时{on}：这是后果。原因在最先失败的 rank 的日志里。',
    'headline-beside': '集合通信超时{on}：这是失败的后果，不是原因。',
    'headline-first': '集合通信超时{on}：这是后果。最先失败：{first}。',
    because: '{says}',
    todo: '把所有 rank 的日志一起给出：其中最先的失败就是原因。',
  },
  ru: {
    title: 'Истекло время ожидания коллективной операции',
    summary: 'Ранги ждали тот, который не пришёл. Причина в логе ранга, который упал первым.',
    headline:
      'Истекло время ожидания коллективной операции{on}: это следствие. Причина в логе ранга, который упал первым.',
    'headline-beside':
      'Истекло время ожидания коллективной операции{on}: это следствие сбоя, а не его причина.',
    'headline-first':
      'Истекло время ожидания коллективной операции{on}: это следствие. Первый сбой: {first}.',
    because: '{says}',
    todo: 'Передать логи всех рангов вместе: первый сбой среди них и есть причина.',
  },
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
      ({ event, who }) => event.is_first === true && who !== undefined,
    )?.who;
    const { event, observation, who } = happened;
    const isBeside = observed[observation]?.relation !== 'alone';
    const on =
      who === undefined
        ? ''
        : { words: { en: ` on ${who.en}`, zh: `（${who.zh}）`, ru: ` (${who.ru})` } };
    return [
      {
        strength: 'proven',
        headline: isBeside
          ? say(TEXTS, 'headline-beside', { on })
          : first === undefined
            ? say(TEXTS, 'headline', { on })
            : say(TEXTS, 'headline-first', {
                on,
                first: { words: { ...first, en: capital(first.en) } },
              }),
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
