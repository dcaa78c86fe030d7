import {
  isInPieces,
  isShortage,
  isTorch,
  isTorchBefore,
  lacksExpandable,
} from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'roundup_power2_divisions',
    summary:
      'Rounds sizes up to steps between powers of two, so that blocks of nearly the same size are used again.',
    how: 'Set it in the environment before the process starts; 4 or 8 steps per power of two are a start. For inputs whose lengths differ from batch to batch.',
    cost: 'Each block is a little larger than asked for: by at most a part in as many as there are steps.',
    nothing: 'Nothing is idle inside PyTorch: no sizes are left over to be used again.',
    'caution-fixed': 'With shapes that never change it only makes every block larger.',
  },
  zh: {
    title: 'roundup_power2_divisions',
    summary: '把申请大小向上取整到 2 的幂之间的若干档，使大小相近的块可以重用。',
    how: '在进程启动前用环境变量设置；每个 2 的幂分 4 或 8 档是合适的起点。适用于每个 batch 长度不同的输入。',
    cost: '每个块比请求略大：最多多出约档数分之一。',
    nothing: 'PyTorch 内部没有空闲缓存：没有剩余的块可重用。',
    'caution-fixed': '形状固定时，它只会让每个块变大。',
  },
  ru: {
    title: 'roundup_power2_divisions',
    summary:
      'Округляет размеры до ступеней между степенями двойки, и блоки почти того же размера используются снова.',
    how: 'Задать в окружении до запуска процесса; для начала 4 или 8 ступеней на степень двойки. Для входов, чья длина меняется от батча к батчу.',
    cost: 'Каждый блок немного больше запрошенного: не более чем примерно на одну ступень.',
    nothing: 'Внутри PyTorch ничего не простаивает: повторно использовать нечего.',
    'caution-fixed': 'При неизменных формах оно только увеличивает каждый блок.',
  },
} as const;

export const roundupDivisions: Remedy = {
  id: 'roundup-divisions',
  code: 'UN368',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  answers: ['fragmentation'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '1.12' }],
  docs: [
    'https://docs.pytorch.org/docs/stable/notes/cuda.html#optimizing-memory-usage-with-pytorch-alloc-conf',
  ],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: CUDA semantics, roundup_power2_divisions'],
  roles: ['mlops', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { idle: 'any' },
  changes: [{ setting: 'roundup_divisions', to: 8 }],
  replayed_as: 'roundup_power2_divisions',

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-fixed' }],
  concerns: (c) =>
    isShortage(c) &&
    isTorch(c) &&
    c.format !== 'torch-async' &&
    ['cuda', 'hip'].includes(c.backend) &&
    isInPieces(c) &&
    c.setting('roundup_divisions') === undefined &&
    !isTorchBefore(c, '1.12') &&
    lacksExpandable(c),
};
