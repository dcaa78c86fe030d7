import { isModelTooLarge } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A larger card',
    summary:
      'Where what has to be there at once exceeds the card, and dividing or shrinking it is not wanted, only more memory helps.',
    how: 'Count weights, gradients and states first, then look at the memory that programs see, not at the label: an 80 GB H100 has 79.2 GiB, a 24 GB L4 22.0.',
    cost: 'Money, or waiting for another queue.',
    nothing: 'It changes the machine.',
    'caution-more':
      'More cards of the same size lower nothing by themselves: each holds the whole until something is sharded.',
    'caution-ecc': 'On cards with GDDR6 error correction takes a sixteenth of the memory.',
    'caution-context':
      'The CUDA context and libraries take 0.3 to 0.6 GiB of it before the first tensor.',
    'caution-mig': 'A MIG slice or a vGPU has its own, smaller size.',
  },
  zh: {
    title: '显存更大的显卡',
    summary: '必须同时存在的内容超过显卡，又不想切分或缩小它，就只有更大的显存才有用。',
    how: '先计算权重、梯度和状态，再看程序所能看到的显存，而不是标称值：80 GB 的 H100 有 79.2 GiB，24 GB 的 L4 有 22.0 GiB。',
    cost: '花钱，或等待另一个队列。',
    nothing: '它改变的是机器。',
    'caution-more': '再加同样大小的显卡本身不会降低什么：在切分之前，每张卡都要保存全部。',
    'caution-ecc': '在使用 GDDR6 的卡上，ECC 会占去显存的十六分之一。',
    'caution-context': '在第一个张量之前，CUDA 上下文和各种库就要占 0.3 到 0.6 GiB。',
    'caution-mig': 'MIG 切片或 vGPU 有自己的、更小的容量。',
  },
  ru: {
    title: 'Карта с большей памятью',
    summary:
      'Если то, что должно быть в памяти одновременно, больше карты, а делить или уменьшать его не хочется, поможет только больше памяти.',
    how: 'Сначала посчитать веса, градиенты и состояния, затем смотреть на память, которую видят программы, а не на этикетку: у H100 на 80 GB — 79.2 GiB, у L4 на 24 GB — 22.0.',
    cost: 'Деньги или ожидание другой очереди.',
    nothing: 'Меняет машину.',
    'caution-more':
      'Больше карт того же размера сами по себе ничего не уменьшают: пока ничего не шардировано, каждая держит всё.',
    'caution-ecc': 'На картах с GDDR6 коррекция ошибок забирает шестнадцатую часть памяти.',
    'caution-context': 'Контекст CUDA и библиотеки занимают 0.3–0.6 GiB ещё до первого тензора.',
    'caution-mig': 'У среза MIG или vGPU свой, меньший объём.',
  },
} as const;

export const largerCard: Remedy = {
  id: 'larger-card',
  code: 'UN362',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states', 'kv-cache'],
  domain: 'any',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'nvidia-smi and torch on public logs: H100 80 GB 81,082 to 81,090 MiB, A100 80 GB 81,150 MiB, A10G 24 GB 22,587 MiB; L4 22.03 GiB',
    'NVIDIA documentation: ECC on GDDR6 takes 1/16 of the memory',
  ],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { machine: true },
  changes: [],
  commands: [
    'nvidia-smi --query-gpu=name,memory.total,memory.reserved,ecc.mode.current --format=csv',
  ],
  costs: [],
  cautions: [
    { says: 'caution-more' },
    { says: 'caution-context' },
    { says: 'caution-ecc', applies: (c) => c.backend === 'cuda' },
    { says: 'caution-mig', applies: (c) => c.backend === 'cuda' },
  ],
  concerns: isModelTooLarge,
};
