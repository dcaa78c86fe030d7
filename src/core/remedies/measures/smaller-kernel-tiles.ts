import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller kernel tiles',
    summary:
      'The tile of one block does not fit into the on-chip memory of this GPU. It has nothing to do with the card’s memory.',
    how: 'Lower num_stages or the block sizes of the kernel; a newer version of the library often has a configuration for this GPU.',
    cost: 'A somewhat slower kernel on this GPU.',
    nothing: 'No kernel is too large.',
    'caution-batch': 'Batch, precision of the states and allocator settings do not change it.',
    'caution-other':
      'A configuration tuned on a data-centre card often does not fit on a consumer card of the same generation.',
  },
  zh: {
    title: '减小 kernel 的分块',
    summary: '一个线程块的分块放不进这块 GPU 的片上内存。与显存大小无关。',
    how: '降低 kernel 的 num_stages 或块大小；较新版本的库往往带有适合这块 GPU 的配置。',
    cost: '这块 GPU 上 kernel 稍慢。',
    nothing: '没有过大的 kernel。',
    'caution-batch': 'batch、状态精度和分配器设置都改变不了它。',
    'caution-other': '在数据中心显卡上调好的配置，往往放不进同代的消费级显卡。',
  },
  ru: {
    title: 'Меньшие плитки ядра',
    summary:
      'Плитка одного блока не помещается в память на кристалле этого GPU. С памятью карты это не связано.',
    how: 'Уменьшить num_stages или размеры блоков ядра; в новой версии библиотеки часто есть конфигурация для этого GPU.',
    cost: 'На этом GPU ядро чуть медленнее.',
    nothing: 'Слишком большого ядра нет.',
    'caution-batch': 'Батч, точность состояний и настройки аллокатора этого не меняют.',
    'caution-other':
      'Конфигурация, подобранная на серверной карте, часто не помещается на потребительской того же поколения.',
  },
} as const;

export const smallerKernelTiles: Remedy = {
  id: 'smaller-kernel-tiles',
  code: 'UN318',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  answers: ['not-oom'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://triton-lang.org/main/python-api/generated/triton.autotune.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'Triton documentation: triton.Config, triton.autotune',
    'CUDA C++ Programming Guide: shared memory per block',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],
  commands: ['triton.Config({"BLOCK_M": 64, "BLOCK_N": 64}, num_stages=2, num_warps=4)'],
  costs: [],
  cautions: [{ says: 'caution-batch' }, { says: 'caution-other' }],
  concerns: (c) => c.has('kernel-shared-memory'),
};
