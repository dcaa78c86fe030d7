/** Places where a text breaks off, in words that several status readers use. */
import { phrase, type Statement } from '../base/texts.ts';

export const LIST_OF_PROCESSES: Statement = phrase({
  en: 'the list of processes',
  zh: '进程列表',
  ru: 'список процессов',
});

export const LIST_OF_CARDS: Statement = phrase({
  en: 'the list of cards',
  zh: '显卡列表',
  ru: 'список карт',
});

export const LIST_OF_MIG_DEVICES: Statement = phrase({
  en: 'the list of MIG devices',
  zh: 'MIG 设备列表',
  ru: 'список устройств MIG',
});

export const TABLE_OF_DEVICES: Statement = phrase({
  en: 'the table of devices',
  zh: '设备表格',
  ru: 'таблица устройств',
});

export const LAST_ROW: Statement = phrase({
  en: 'the last row',
  zh: '最后一行',
  ru: 'последняя строка',
});

export const rowOfGpu = (index: number | string): Statement =>
  phrase(
    { en: 'the row of GPU {index}', zh: 'GPU {index} 的行', ru: 'строка GPU {index}' },
    { index },
  );

export const sectionOfGpu = (busId: string | undefined): Statement =>
  busId === undefined
    ? phrase({ en: 'the section of a card', zh: '某块显卡的小节', ru: 'раздел одной из карт' })
    : phrase(
        { en: 'the section of GPU {bus_id}', zh: 'GPU {bus_id} 的小节', ru: 'раздел GPU {bus_id}' },
        { bus_id: busId },
      );
