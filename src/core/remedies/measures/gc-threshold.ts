import { isInPieces, isShortage, isTorch, isTorchBefore } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'garbage_collection_threshold',
    summary:
      'Hands old cached blocks back before the card is full, so that others find room beside the pool.',
    how: 'Set it in the environment together with a memory fraction; 0.8 means: from 80 % of the fraction on, blocks that have not been used for long go back first.',
    cost: 'Blocks that go back are asked for again; that synchronises.',
    nothing:
      'It hands back what can be handed back, and PyTorch had done that with everything before it gave up.',
    'caution-fraction': 'Without a memory fraction it does nothing.',
  },
  zh: {
    title: 'garbage_collection_threshold',
    summary: '在显卡占满之前归还旧的缓存块，让内存池之外的使用者有空间。',
    how: '与显存占比一起用环境变量设置；0.8 表示：用到占比的 80 % 后，先归还长期未用的块。',
    cost: '归还的块之后要重新申请，会引起同步。',
    nothing: '它只归还可以归还的块，而 PyTorch 在报错之前已全部归还。',
    'caution-fraction': '不设显存占比时不起作用。',
  },
  ru: {
    title: 'garbage_collection_threshold',
    summary:
      'Возвращает старые кэшированные блоки до того, как карта заполнится, и рядом с пулом остаётся место.',
    how: 'Задать в окружении вместе с долей памяти; 0.8 значит: начиная с 80 % доли, давно не нужные блоки возвращаются первыми.',
    cost: 'Возвращённые блоки придётся запрашивать снова, а это синхронизация.',
    nothing: 'Возвращает то, что можно вернуть, а PyTorch перед отказом уже вернул всё.',
    'caution-fraction': 'Без заданной доли памяти ничего не делает.',
  },
} as const;

export const gcThreshold: Remedy = {
  id: 'gc-threshold',
  code: 'UN369',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  answers: ['fragmentation', 'outside-the-pool'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '1.12' }],
  docs: [
    'https://docs.pytorch.org/docs/stable/notes/cuda.html#optimizing-memory-usage-with-pytorch-alloc-conf',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: CUDA semantics, garbage_collection_threshold',
    'pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp (garbage_collect_cached_blocks)',
  ],
  roles: ['mlops', 'inference'],
  alters: 'nothing',
  often_tried: true,
  touches: { idle: 'releasable' },
  changes: [{ setting: 'gc_threshold', to: 0.8 }],
  replayed_as: 'garbage_collection_threshold',

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-fraction' }],
  concerns: (c) =>
    isShortage(c) &&
    ['cuda', 'hip'].includes(c.backend) &&
    c.format !== 'torch-async' &&
    c.setting('gc_threshold') === undefined &&
    !isTorchBefore(c, '1.12') &&
    ((isTorch(c) && isInPieces(c)) ||
      (c.has('library-workspace') && c.frameworks.includes('pytorch'))),
};
