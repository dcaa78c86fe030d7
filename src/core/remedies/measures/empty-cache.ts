import { type Statement, say } from '../../base/texts.ts';
import { isAbsurd, isTorch } from '../../diagnosis/case.ts';
import { valueIn } from '../../ledger/observe.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'torch.cuda.empty_cache()',
    summary: 'Hands cached blocks without live tensors back to the driver.',
    how: 'Call it between phases of a program, where another allocator or process needs the memory: before CUDA graphs are captured, before an engine starts, after a model is gone.',
    cost: 'The next allocations go to the driver again, which is slow and synchronises. In every step it only costs time.',
    nothing:
      'PyTorch did this itself before it gave up; what is still idle lies in segments that hold live tensors or belongs to CUDA graphs.',
    'none-whole': 'No whole segment was idle when PyTorch gave up: there was nothing to hand back.',
    released:
      'PyTorch gave back {released} itself right before it gave up, and no whole segment is left idle: there is nothing more to hand back.',
    'caution-references':
      'It frees no tensor: what a variable, an optimizer or a traceback still refers to stays.',
    'caution-before':
      'During a capture nothing may be handed back: call it before the capture starts.',
  },
  zh: {
    title: 'torch.cuda.empty_cache()',
    summary: '把不含活动张量的缓存块归还给驱动。',
    how: '在程序的各阶段之间、其他分配器或进程需要显存时调用：捕获 CUDA graph 之前、引擎启动之前、模型释放之后。',
    cost: '之后的分配要重新向驱动申请，既慢又会同步。每步都调用只会浪费时间。',
    nothing:
      'PyTorch 报错前已自行这样做；剩下的空闲缓存位于含有活动张量的段中，或属于 CUDA graph。',
    'none-whole': 'PyTorch 报错时没有任何整段空闲：没有可归还的。',
    released: 'PyTorch 报错前已自行归还 {released}，没有任何整段空闲：再没有可归还的了。',
    'caution-references': '它不释放张量：变量、优化器或 traceback 仍引用的内容不变。',
    'caution-before': '捕获过程中不能归还：在捕获开始之前调用。',
  },
  ru: {
    title: 'torch.cuda.empty_cache()',
    summary: 'Возвращает драйверу кэшированные блоки без живых тензоров.',
    how: 'Вызывать между этапами программы, когда память нужна другому аллокатору или процессу: перед захватом CUDA-графов, перед запуском движка, после удаления модели.',
    cost: 'Следующие выделения снова идут в драйвер: медленно и с синхронизацией. На каждом шаге это лишь потеря времени.',
    nothing:
      'PyTorch сделал это сам перед отказом; что ещё простаивает, лежит в сегментах с живыми тензорами или принадлежит CUDA-графам.',
    'none-whole': 'Когда PyTorch отказал, целых свободных сегментов не было: возвращать нечего.',
    released:
      'Перед самым отказом PyTorch сам вернул {released}, и целых свободных сегментов не осталось: возвращать больше нечего.',
    'caution-references':
      'Тензоры оно не освобождает: остаётся всё, на что ссылается переменная, оптимизатор или traceback.',
    'caution-before': 'Во время захвата возвращать нельзя: вызывать до его начала.',
  },
} as const;

export const emptyCache: Remedy = {
  id: 'empty-cache',
  code: 'UN301',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  answers: ['fragmentation', 'outside-the-pool'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.empty_cache.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp (release_cached_blocks)',
    'PyTorch documentation: torch.cuda.empty_cache',
  ],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: true,
  touches: { idle: 'releasable' },
  changes: [],

  commands: ['torch.cuda.empty_cache()'],
  costs: [],
  cautions: [
    { says: 'caution-references' },
    { says: 'caution-before', applies: (c) => c.phase.value === 'capture' },
  ],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !isAbsurd(c) &&
    (isTorch(c) || (c.mayBeTorch && c.has('library-workspace'))),
  barred(c): Statement | undefined {
    // A recording tells what the allocator did before it refused, and what is left.
    const released = valueIn(c.facts, 'released');
    const whole = valueIn(c.facts, 'idle_segments');
    if (released === undefined || whole === undefined || whole.high > 0) return undefined;
    return released.high === 0 ? say(TEXTS, 'none-whole') : say(TEXTS, 'released', { released });
  },
};
