import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A larger paging file (Windows)',
    summary:
      'Windows promises memory before it is used; RAM and paging file together are the limit of its promises.',
    how: 'Let Windows manage the paging file, or give it a fixed size of one to two times the RAM, on a drive with room. Restart afterwards. Fewer data workers help as well: each loads the CUDA libraries again.',
    cost: 'Disk space; slow where it is really used.',
    nothing: 'It raises what Windows may promise; the card is what is short.',
    'caution-full': 'A drive without room keeps the file small, whatever is set.',
  },
  zh: {
    title: '增大页面文件（Windows）',
    summary: 'Windows 在内存使用之前就作出承诺；内存与页面文件之和是承诺的上限。',
    how: '让 Windows 自动管理页面文件，或在空间充足的磁盘上设为内存的一到两倍；之后重启。减少数据 worker 也有帮助：每个 worker 都会再次加载 CUDA 库。',
    cost: '占用磁盘空间；真正用到时很慢。',
    nothing: '它提高的是 Windows 可承诺的内存，而不足的是显存。',
    'caution-full': '磁盘没有空间时，无论怎么设置，文件都不会变大。',
  },
  ru: {
    title: 'Больший файл подкачки (Windows)',
    summary:
      'Windows обещает память до её использования; предел обещаний — ОЗУ и файл подкачки вместе.',
    how: 'Доверить файл подкачки Windows или задать размер в одно-два ОЗУ на диске, где есть место. Затем перезагрузить. Помогает и меньшее число воркеров данных: каждый заново загружает библиотеки CUDA.',
    cost: 'Место на диске; медленно, если он и вправду используется.',
    nothing: 'Растёт то, что может обещать Windows, а не хватает памяти GPU.',
    'caution-full': 'На заполненном диске файл останется маленьким, что ни задай.',
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
  docs: [
    'https://learn.microsoft.com/en-us/troubleshoot/windows-client/performance/introduction-to-the-page-file',
  ],
  shares: [],
  texts: TEXTS,
  sources: ['Microsoft documentation: introduction to the page file'],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-full' }],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    (c.has('paging-file') ||
      (c.has('host-allocator') &&
        !c.has('pinned-memory') &&
        c.shows('windows') !== undefined &&
        c.shows('wsl') === undefined)),
};
