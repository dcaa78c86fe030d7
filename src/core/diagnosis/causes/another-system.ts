/** Another system’s limit: a database, a message, a virtual machine. */
import { say } from '../../base/texts.ts';
import { isDatabaseLimit, isManagedHeap } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Another system’s limit',
    summary:
      'A database, a message size, a quota or the heap of a virtual machine ran out, not the GPU.',
    headline: 'Another system ran out (a heap, a quota, a message size, open files), not the GPU.',
    message: 'The words are those of another system.',
  },
  zh: {
    title: '另一个系统的上限',
    summary: '耗尽的是数据库、消息大小、配额或虚拟机堆，而不是 GPU。',
    headline: '耗尽的是另一个系统（堆、配额、消息大小、打开的文件数），不是 GPU。',
    message: '这是另一个系统的用语。',
  },
  ru: {
    title: 'Предел другой системы',
    summary:
      'Кончились база данных, размер сообщения, квота или куча виртуальной машины, а не GPU.',
    headline:
      'Кончилось что-то в другой системе (куча, квота, размер сообщения, открытые файлы), а не GPU.',
    message: 'Это слова другой системы.',
  },
} as const;

export const anotherSystem: Cause = {
  id: 'another-system',
  code: 'UN245',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'other',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['gRPC RESOURCE_EXHAUSTED, Java OutOfMemoryError, Redis maxmemory'],
  assess(c): Assessment | undefined {
    if (!c.has('another-system')) return undefined;
    return {
      strength:
        c.kind === 'look_alike' && !isManagedHeap(c) && !isDatabaseLimit(c) ? 'likely' : 'possible',
      because: [say(TEXTS, 'message')],
      against: [],
      // A heap says whose it is by its name; what filled it is the question.
      weight: isManagedHeap(c) ? -1 : 9,
    };
  },
};
