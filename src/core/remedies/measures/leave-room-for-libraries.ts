import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Leave room for libraries',
    summary:
      'Keeps the allocator from taking the whole card, so that cuBLAS, cuDNN and NCCL find memory of their own.',
    how: 'Set a memory fraction a little below 1; create handles and communicators early, with one small matrix product and one small all-reduce; or hand the cache back right before the call.',
    cost: 'The allocator has that much less: a run close to its limit fails earlier.',
    nothing: 'No library was short.',
    'caution-unsure':
      'The same error comes from an earlier kernel fault, from labels out of range, or from versions that do not match: rule that out first.',
    'caution-amount':
      'How much a library needs depends on card and version: it is the process’s total less what the allocator reserves.',
  },
  zh: {
    title: '给各种库留出空间',
    summary: '不让分配器占满显卡，使 cuBLAS、cuDNN、NCCL 能取得自己的显存。',
    how: '把显存占比设得略低于 1；用一次小的矩阵乘法和一次小的 all-reduce 提前创建 handle 和通信域；或在调用之前归还缓存。',
    cost: '分配器可用的显存相应减少：接近极限的运行会更早失败。',
    nothing: '没有库缺少显存。',
    'caution-unsure':
      '更早的 kernel 错误、越界的标签或不匹配的版本也会产生同样的错误：先排除它们。',
    'caution-amount': '库需要多少取决于显卡和版本：等于进程总占用减去分配器的已保留显存。',
  },
  ru: {
    title: 'Оставить место библиотекам',
    summary: 'Аллокатор не забирает всю карту, и cuBLAS, cuDNN, NCCL находят память для себя.',
    how: 'Задать долю памяти чуть меньше 1; создать handle и коммуникаторы заранее — одним малым умножением матриц и одним малым all-reduce; или вернуть кэш прямо перед вызовом.',
    cost: 'У аллокатора на столько же меньше: запуск на пределе откажет раньше.',
    nothing: 'Библиотекам памяти хватало.',
    'caution-unsure':
      'Та же ошибка бывает после сбоя ядра, при метках вне диапазона или несовпадающих версиях: сначала исключить это.',
    'caution-amount':
      'Сколько нужно библиотеке, зависит от карты и версии: это всё занятое процессом минус зарезервированное аллокатором.',
  },
} as const;

export const leaveRoomForLibraries: Remedy = {
  id: 'leave-room-for-libraries',
  code: 'UN319',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: ['outside-the-pool'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.set_per_process_memory_fraction.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.cuda.set_per_process_memory_fraction',
    'cuBLAS documentation: cublasCreate',
  ],
  roles: ['mlops', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [{ setting: 'memory_fraction', to: 0.9 }],

  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-unsure', applies: (c) => c.has('may-be-no-memory') },
    { says: 'caution-amount' },
  ],
  concerns: (c) => c.kind === 'gpu_oom' && c.has('library-workspace'),
};
