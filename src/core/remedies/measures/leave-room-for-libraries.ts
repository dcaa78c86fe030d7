import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Leave room for libraries',
    summary:
      'Keeps the allocator from taking the whole card, so that cuBLAS, cuDNN and NCCL find memory of their own.',
    how: 'torch.cuda.set_per_process_memory_fraction(0.9), create handles early, or hand the cache back before the call.',
    cost: 'The allocator has that much less.',
    nothing: 'No library was short.',
  },
  zh: {
    title: '给库留出空间',
    summary: '不让分配器占满整张卡，使 cuBLAS、cuDNN 和 NCCL 能分到自己的显存。',
    how: '限制显存比例，尽早创建句柄，或在调用前归还缓存。',
    cost: '分配器可用的显存相应减少。',
    nothing: '没有库缺少显存。',
  },
  ru: {
    title: 'Оставить место библиотекам',
    summary: 'Не даёт аллокатору занять всю карту, чтобы cuBLAS, cuDNN и NCCL нашли свою память.',
    how: 'Ограничить долю памяти, создать дескрипторы заранее или отдать кэш перед вызовом.',
    cost: 'Аллокатору достанется настолько же меньше.',
    nothing: 'Памяти хватило всем библиотекам.',
  },
} as const;

export const leaveRoomForLibraries: Remedy = {
  id: 'leave-room-for-libraries',
  code: 'UN319',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'any',
  answers: ['outside-the-pool'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.cuda.set_per_process_memory_fraction'],
  roles: ['mlops', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [{ setting: 'memory_fraction', to: 0.9 }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => c.kind === 'gpu_oom' && c.has('library-workspace'),
};
