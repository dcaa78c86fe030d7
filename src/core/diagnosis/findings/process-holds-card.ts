/** A neighbour: whoever starts a job on this card has so much less. */
import { known, sum } from '../../base/interval.ts';
import { type Param, say } from '../../base/texts.ts';
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
  zh: {
    title: '某个进程占用了大量显存',
    summary: '列出的某个进程占用了显卡的十分之一或更多：与它同时运行的任务就少这么多显存。',
    headline: '{card}：{who}，占用 {held}（总量 {total}）。',
    'headline-many': '{card}：{count} 个进程合计占用 {held}（总量 {total}）。',
    because: '{who}：{held}。',
    todo: '如果它不是要诊断的任务，换一块显卡启动，或询问其所有者。',
    'todo-own': '如果它是任务自身的残留，确认任务的所有子进程都已结束。',
  },
  ru: {
    title: 'Процесс занимает заметную часть карты',
    summary:
      'Процесс из списка занимает десятую часть карты или больше: задаче, запущенной рядом, достаётся настолько меньше.',
    headline: '{card}: {who} занимает {held} из {total}.',
    'headline-many': '{card}: несколько процессов ({count}) занимают {held} из {total}.',
    because: '{who}: {held}.',
    todo: 'Если это не сама задача, запустить её на другой карте или спросить владельца процесса.',
    'todo-own':
      'Если это остаток самой задачи, убедиться, что все её дочерние процессы завершились.',
  },
} as const;

const MUCH = 0.1;
/** With so much of the card left a job has room beside others. */
const ROOM = 0.25;
const MOST_NAMED = 4;

/** @param process the English word, as it stands in the sentence. */
function whoOf({ pid, name }: SeenProcess, process: 'process' | 'Process'): Param {
  const [narrow, wide] = name === undefined ? ['', ''] : [` (${name})`, `（${name}）`];
  return {
    words: {
      en: `${process} ${pid ?? '?'}${narrow}`,
      zh: `进程 ${pid ?? '?'}${wide}`,
      ru: `процесс ${pid ?? '?'}${narrow}`,
    },
  };
}

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
              ? say(TEXTS, 'headline', { ...all, who: whoOf(first.process, 'Process') })
              : say(TEXTS, 'headline-many', { ...all, count: large.length }),
          because:
            large.length === 1
              ? []
              : large
                  .slice(0, MOST_NAMED)
                  .map(({ process, bytes }) =>
                    say(TEXTS, 'because', { who: whoOf(process, 'process'), held: bytes }),
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
