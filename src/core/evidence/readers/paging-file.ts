/** Windows commits memory against RAM plus paging file; loading DLLs of PyTorch in many workers exceeds it. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

export const pagingFile: Reader = {
  id: 'paging-file',
  code: 'UN420',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Windows paging file too small',
      summary:
        'WinError 1455: the commit limit of Windows (RAM plus paging file) is reached, often by many workers that each load the CUDA libraries.',
    },
    zh: {
      title: 'Windows 页面文件太小',
      summary:
        'WinError 1455：达到 Windows 的提交上限（物理内存加页面文件），常见于多个 worker 各自加载 CUDA 库。',
    },
    ru: {
      title: 'Файл подкачки Windows слишком мал',
      summary:
        'WinError 1455: достигнут предел выделения памяти Windows (ОЗУ плюс файл подкачки), часто из-за множества воркеров, каждый из которых загружает библиотеки CUDA.',
    },
  },
  sources: ['Windows system error codes: ERROR_COMMITMENT_LIMIT 1455'],
  needles: [
    'auslagerungsdatei ist',
    'fichier de pagination',
    'archivo de paginaci',
    'Файл подкачки',
    '页面文件太小',
    'ページング',
    'code: <1455>',
    'paging file is too small',
    'winerror 1455',
    'os error 1455',
  ],
  anchor:
    /Auslagerungsdateiistzuklein|Lefichierdepaginationest(?:insuffisant|troppetit)|Elarchivodepaginaciónesdemasiadopequeño|Файлподкачкислишкоммал|页面文件太小|ページングファイルが小さすぎ|WinError1455|sharedfilemapping:<[^>]{1,80}>,errorcode:<1455>|pagingfileistoosmall|oserror1455/gi,
  read(message): Reading | undefined {
    if (isAdvice(message) || /\?\s|\bwenn\b/i.test(message.line.text)) return undefined;
    return {
      kind: 'host_oom',
      framework: 'system',
      backend: 'cpu',
      facts: message.facts,
      clues: ['paging-file'],
      // Libraries are loaded at the start of a process.
      ...(/Errorloading\S{0,300}\.dll/i.test(message.text) && { phase: 'init' }),
      end: message.end,
    };
  },
};
