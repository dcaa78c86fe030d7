import { isAbsurd, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'torch.cuda.empty_cache()',
    summary: 'Hands cached blocks without live tensors back to the driver.',
    how: 'Call it between phases of a program, where another allocator or process needs the memory.',
    cost: 'The next allocations go to the driver again, which is slow.',
    nothing:
      'PyTorch did this itself before it gave up; what is still idle lies in segments that hold live tensors or belongs to CUDA graphs.',
  },
  zh: {
    title: 'torch.cuda.empty_cache()',
    summary: '把没有活动张量的缓存块归还驱动。',
    how: '在程序的阶段之间调用，当其他分配器或进程需要显存时。',
    cost: '之后的分配要重新向驱动申请，较慢。',
    nothing:
      'PyTorch 在放弃之前已经这样做过；仍空闲的部分位于含有活动张量的段中，或属于 CUDA graph。',
  },
  ru: {
    title: 'torch.cuda.empty_cache()',
    summary: 'Отдаёт драйверу кэшированные блоки без живых тензоров.',
    how: 'Вызывать между этапами программы, когда память нужна другому аллокатору или процессу.',
    cost: 'Следующие выделения снова идут к драйверу, а это медленно.',
    nothing:
      'PyTorch сделал это сам, прежде чем сдаться; что ещё простаивает, лежит в сегментах с живыми тензорами или принадлежит CUDA-графам.',
  },
} as const;

export const emptyCache: Remedy = {
  id: 'empty-cache',
  code: 'UN301',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  domain: 'any',
  answers: ['fragmentation'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp (release_cached_blocks)'],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: true,
  touches: { idle: 'releasable' },
  changes: [],
  commands: ['torch.cuda.empty_cache()'],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !isAbsurd(c) &&
    (isTorch(c) || (c.mayBeTorch && c.has('library-workspace'))),
};
