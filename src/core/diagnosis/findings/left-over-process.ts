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
  zh: {
    title: '已不存在的进程的显存',
    summary: '驱动仍把显存记在一个已经结束或无法给出名称的进程上。',
    headline: '{card} 上仍有 {held} 记在进程 {pid} 上，而驱动已无法给出该进程的名称。',
    'headline-unknown': '{card} 上仍有显存记在进程 {pid} 上，而驱动已无法给出该进程的名称。',
    because: '其名称显示为“{name}”。',
    todo: '查看它的子进程或某个容器是否仍打开着该设备；如果都没有，需要重置显卡或重启机器。',
  },
  ru: {
    title: 'Память процесса, которого больше нет',
    summary:
      'Драйвер всё ещё числит память за процессом, который завершился или имени которого он не знает.',
    headline:
      '{card} всё ещё держит {held} за процессом {pid}, имени которого драйвер уже не знает.',
    'headline-unknown':
      '{card} всё ещё держит память за процессом {pid}, имени которого драйвер уже не знает.',
    because: 'Его имя показано как «{name}».',
    todo: 'Посмотреть, не открыто ли устройство у его дочернего процесса или у контейнера; если ни у кого, нужен сброс карты или перезагрузка машины.',
  },
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
