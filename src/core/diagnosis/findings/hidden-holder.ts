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
  zh: {
    title: '已用显存没有对应的进程',
    summary: '显卡有大量显存被占用，而进程列表为空，或远不足以解释。',
    headline: '{card} 上有 {hidden} 被占用，但不属于任何列出的进程。',
    because: '已用 {used}，列出的进程共 {listed}。',
    busy: '显卡利用率为 {percent} %，说明有程序正在上面运行。',
    'todo-holders': '以 root 身份在容器外查看谁打开了该设备：残留的子进程、其他容器、MPS 服务。',
    'todo-admin': '如果没有任何进程打开它，联系管理员：已死进程的显存要在重置显卡后才会归还。',
  },
  ru: {
    title: 'Занятая память, которой нет ни у одного процесса из списка',
    summary: 'Занята заметная часть карты, а список процессов пуст или слишком короток для этого.',
    headline: '{card}: занято {hidden}, которых нет ни у одного процесса из списка.',
    because: 'Занято {used}, у процессов из списка {listed}.',
    busy: 'Карта загружена на {percent} %, значит, на ней кто-то работает.',
    'todo-holders':
      'Посмотреть от root и вне контейнеров, у кого открыто устройство: оставшийся дочерний процесс, другой контейнер, сервер MPS.',
    'todo-admin':
      'Если ни у кого, обратиться к администратору: память умершего процесса вернёт сброс карты.',
  },
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
