/** A fault of card, bus or driver: no matter of memory size. */
import { say } from '../../base/texts.ts';
import { eventsOf } from '../events.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'The driver reported a fault of the card',
    summary:
      'An Xid, a card that fell off the bus, a reset that is due: no setting of the job helps.',
    headline: 'The driver reported a fault: {says}.',
    'headline-code': 'The driver reported {code}: {says}.',
    todo: 'Give the kernel’s log to the administrator; the card needs a reset, the machine perhaps a restart.',
  },
  zh: {
    title: '驱动报告显卡故障',
    summary: 'Xid 错误、显卡从总线掉线、需要重置：改任务的任何设置都没有用。',
    headline: '驱动报告故障：{says}。',
    'headline-code': '驱动报告 {code}：{says}。',
    todo: '把内核日志交给管理员；显卡需要重置，机器可能需要重启。',
  },
  ru: {
    title: 'Драйвер сообщил о неисправности карты',
    summary:
      'Xid, карта, отвалившаяся от шины, необходимый сброс: никакая настройка задачи не поможет.',
    headline: 'Драйвер сообщил о неисправности: {says}.',
    'headline-code': 'Драйвер сообщил {code}: {says}.',
    todo: 'Передать лог ядра администратору: карте нужен сброс, машине, возможно, перезагрузка.',
  },
} as const;

export const driverFault: FindingRule = {
  id: 'driver-fault',
  code: 'UN705',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['docs.nvidia.com/deploy/xid-errors'],
  assess(observed: readonly Observed[]): Found[] {
    return eventsOf(observed, ['driver-fault']).map(({ event, observation }) => ({
      strength: 'proven',
      headline:
        event.code === undefined
          ? say(TEXTS, 'headline', { says: withoutStop(event.says) })
          : say(TEXTS, 'headline-code', { says: withoutStop(event.says), code: event.code }),
      because: [],
      todo: [say(TEXTS, 'todo')],
      commands: [
        'sudo dmesg --ctime | grep -iE "nvrm|xid|amdgpu"',
        'nvidia-smi -q -d ECC,PAGE_RETIREMENT',
      ],
      observation,
      weight: 9,
    }));
  },
};

/** The headline ends the sentence itself. */
const withoutStop = (says: string): string => says.replace(/[.。\s]{1,8}$/, '');
