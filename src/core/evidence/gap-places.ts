/** Places where a text breaks off, in words that several status readers use. */
import { phrase, type Statement } from '../base/texts.ts';

export const LIST_OF_PROCESSES: Statement = phrase({
  en: 'the list of processes',
  zh: '进程列表',
  ru: 'список процессов',
});

export const rowOfGpu = (index: number | string): Statement =>
  phrase(
    { en: 'the row of GPU {index}', zh: 'GPU {index} 的行', ru: 'строка GPU {index}' },
    { index },
  );
