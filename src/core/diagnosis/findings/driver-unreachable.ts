/** nvidia-smi printed an error in the place of figures. */
import { say } from '../../base/texts.ts';
import { eventsOf } from '../events.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'The driver cannot be reached',
    summary:
      'The tool could not talk to the driver, so it has no figures: what to do depends on its message.',
    headline: 'The driver cannot be reached: {says}.',
    todo: 'See the problem beside it for what to do.',
  },
  zh: {
    title: '无法访问驱动',
    summary: '工具无法与驱动通信，因此没有数据：怎么处理取决于它的报错。',
    headline: '无法访问驱动：{says}。',
    todo: '处理方法见一同列出的问题。',
  },
  ru: {
    title: 'Драйвер недоступен',
    summary:
      'Инструмент не смог связаться с драйвером, поэтому цифр нет: что делать, зависит от его сообщения.',
    headline: 'Драйвер недоступен: {says}.',
    todo: 'Что делать, сказано в проблеме, показанной рядом.',
  },
} as const;

export const driverUnreachable: FindingRule = {
  id: 'driver-unreachable',
  code: 'UN706',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['nvml.h: nvmlReturn_t'],
  assess(observed: readonly Observed[]): Found[] {
    return eventsOf(observed, ['driver-unreachable']).map(({ event, observation }) => ({
      strength: 'proven',
      headline: say(TEXTS, 'headline', { says: event.says }),
      because: [],
      todo: [say(TEXTS, 'todo')],
      commands: [],
      observation,
      weight: 9,
    }));
  },
};
