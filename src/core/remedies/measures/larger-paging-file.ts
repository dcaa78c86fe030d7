import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A larger paging file',
    summary:
      'Windows promises memory up to RAM and paging file together; mapping checkpoints and loading CUDA’s libraries counts in each process.',
    how: 'Let Windows manage the paging file or set a larger one, with fewer worker processes.',
    cost: 'Disk space.',
    nothing: 'No commit limit of Windows is shown.',
  },
  zh: {
    title: '增大页面文件',
    summary:
      'Windows 承诺的内存以物理内存加页面文件为限；映射检查点和加载 CUDA 库在每个进程都计入。',
    how: '让 Windows 管理页面文件或手动调大，并减少 worker 进程。',
    cost: '占用磁盘空间。',
    nothing: '没有出现 Windows 的提交上限。',
  },
  ru: {
    title: 'Больший файл подкачки',
    summary:
      'Windows обещает память в пределах ОЗУ и файла подкачки; отображение чекпойнтов и библиотеки CUDA считаются в каждом процессе.',
    how: 'Отдать файл подкачки под управление Windows или увеличить его и взять меньше воркеров.',
    cost: 'Место на диске.',
    nothing: 'Предела фиксации Windows не видно.',
  },
} as const;

export const largerPagingFile: Remedy = {
  id: 'larger-paging-file',
  code: 'UN377',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: ['host-memory'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['Windows error 1455: ERROR_COMMITMENT_LIMIT'],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => c.has('paging-file'),
};
