/** Windows reached its commit limit. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The Windows paging file is too small',
    summary:
      'Windows promises memory only up to RAM and paging file together; loading libraries or mapping a checkpoint can exceed that.',
    headline: 'Windows reached its commit limit: RAM and paging file together.',
    message: 'Windows reached its commit limit (RAM and paging file together).',
  },
  zh: {
    title: 'Windows 页面文件太小',
    summary: 'Windows 承诺的内存以物理内存加页面文件为限；加载库或映射检查点都可能超出。',
    headline: 'Windows 达到了提交上限：物理内存加页面文件。',
    message: 'Windows 达到了提交上限（物理内存加页面文件）。',
  },
  ru: {
    title: 'Файл подкачки Windows слишком мал',
    summary:
      'Windows обещает память лишь в пределах ОЗУ и файла подкачки вместе; загрузка библиотек или отображение чекпойнта может их превысить.',
    headline: 'Windows достигла предела фиксации: ОЗУ и файл подкачки вместе.',
    message: 'Windows достигла предела фиксации (ОЗУ и файл подкачки вместе).',
  },
} as const;

export const pagingFile: Cause = {
  id: 'paging-file',
  code: 'UN242',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  category: 'host',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['Windows error 1455: ERROR_COMMITMENT_LIMIT'],
  assess(c): Assessment | undefined {
    if (c.kind !== 'host_oom' || !c.has('paging-file')) return undefined;
    return { strength: 'proven', because: [say(TEXTS, 'message')], against: [], weight: 10 };
  },
};
