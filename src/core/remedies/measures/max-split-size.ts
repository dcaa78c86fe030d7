import { type Statement, say } from '../../base/texts.ts';
import {
  isInPieces,
  isShortage,
  isTorch,
  isTorchBefore,
  lacksExpandable,
  printedValue,
} from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'max_split_size_mb',
    summary: 'Blocks above a size are never split, so large ones stay whole for large requests.',
    how: 'Set it in the environment before the process starts, first to a value well below the size that failed. Where segments can grow page by page, use that instead: it is the last resort of PyTorch’s documentation.',
    cost: 'From none to substantial, by the program’s pattern of sizes; nobody can tell beforehand.',
    nothing: 'Nothing is idle inside PyTorch: there are no blocks to keep whole.',
    'with-expandable':
      'Segments grow page by page already; the two together are known to let reserved memory grow without bound.',
    whole:
      'What is idle and what is free could not serve the request, or hardly anything is idle: blocks that stay whole gain nothing.',
    'caution-minimum':
      'The value must be above 20; smaller ones are an error at the first use of CUDA.',
    'caution-peak':
      'Blocks that are kept whole are lost to small requests: reserved memory can rise.',
  },
  zh: {
    title: 'max_split_size_mb',
    summary: '超过某一大小的块不再拆分，大块得以完整保留给大的请求。',
    how: '在进程启动前用环境变量设置，先取远小于失败请求的值。能使用可扩展段（expandable segments）时优先用它；PyTorch 文档把 max_split_size_mb 列为最后手段。',
    cost: '从没有到很大，取决于程序申请显存的大小分布，事先无法判断。',
    nothing: 'PyTorch 内部没有空闲缓存：没有可保持完整的块。',
    'with-expandable': '段已可逐页增长；两者同用已知会使已保留显存无限增长。',
    whole: '空闲缓存加上空闲显存也满足不了请求，或几乎没有空闲缓存：保持块完整没有收益。',
    'caution-minimum': '取值必须大于 20，否则首次使用 CUDA 时报错。',
    'caution-peak': '保持完整的块不能再服务小请求：已保留显存可能上升。',
  },
  ru: {
    title: 'max_split_size_mb',
    summary: 'Блоки больше заданного размера не делятся и остаются целыми для крупных запросов.',
    how: 'Задать в окружении до запуска процесса, сначала заметно меньше отказанного запроса. Если доступны расширяемые сегменты (expandable segments), лучше они: в документации PyTorch это последнее средство.',
    cost: 'От нулевой до ощутимой, смотря какие размеры запрашивает программа; заранее не сказать.',
    nothing: 'Внутри PyTorch ничего не простаивает: беречь целыми нечего.',
    'with-expandable':
      'Сегменты уже растут постранично; известно, что вместе они дают неограниченный рост зарезервированной памяти.',
    whole:
      'Простаивающее вместе со свободным не покрывает запрос, или почти ничего не простаивает: целые блоки ничего не дадут.',
    'caution-minimum':
      'Значение должно быть больше 20, иначе — ошибка при первом обращении к CUDA.',
    'caution-peak':
      'Целые блоки недоступны мелким запросам: зарезервированная память может вырасти.',
  },
} as const;

export const maxSplitSize: Remedy = {
  id: 'max-split-size',
  code: 'UN367',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  answers: ['fragmentation'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '1.10' }],
  docs: [
    'https://docs.pytorch.org/docs/stable/notes/cuda.html#optimizing-memory-usage-with-pytorch-alloc-conf',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: CUDA semantics, max_split_size_mb',
    'pytorch/pytorch#123548: together with expandable_segments',
  ],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: true,
  touches: { idle: 'any' },
  changes: [{ setting: 'max_split_size', to: 128 }],
  replayed_as: 'max_split_size_mb',

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-minimum' }, { says: 'caution-peak' }],
  concerns: (c) =>
    isShortage(c) &&
    isTorch(c) &&
    c.format !== 'torch-async' &&
    ['cuda', 'hip'].includes(c.backend) &&
    c.amounts.idle !== undefined &&
    c.setting('max_split_size') === undefined &&
    !isTorchBefore(c, '1.10') &&
    lacksExpandable(c),
  barred(c): Statement | undefined {
    if (printedValue(c, 'expandable_segments') === true) return say(TEXTS, 'with-expandable');
    return isInPieces(c) ? undefined : say(TEXTS, 'whole');
  },
};
