import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Tensor parallelism',
    summary: 'Each device holds a part of every layer; weights and KV cache are divided.',
    how: 'Set the number of devices that share each layer; it must divide the number of heads.',
    cost: 'Two collectives in each layer: fast links are needed.',
    nothing: 'No weights and no cache are held in this phase.',
    'c-heads': 'The number of attention heads must be divisible by it.',
  },
  zh: {
    title: '张量并行',
    summary: '每张卡持有每一层的一部分，权重和 KV 缓存都被切分。',
    how: '设置共享每一层的卡数；它必须能整除注意力头数。',
    cost: '每层两次集合通信，需要高速互连。',
    nothing: '这一阶段没有权重和缓存。',
    'c-heads': '注意力头数必须能被它整除。',
  },
  ru: {
    title: 'Тензорный параллелизм',
    summary: 'Каждое устройство хранит часть каждого слоя; веса и KV-кэш делятся.',
    how: 'Задать число устройств на слой; на него должно делиться число голов.',
    cost: 'Две коллективные операции на слой: нужны быстрые связи.',
    nothing: 'На этом этапе нет ни весов, ни кэша.',
    'c-heads': 'На это число должно делиться число голов внимания.',
  },
} as const;

export const tensorParallel: Remedy = {
  id: 'tensor-parallel',
  code: 'UN342',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'kv-cache'],
  domain: 'any',
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 1.7 and 3.3: TP 2 halves weights, adds about 0.4 GiB of NCCL'],
  roles: ['mlops', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights', 'kv_cache', 'activations'] },
  changes: [{ setting: 'tensor_parallel', to: 'higher' }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-heads' }],
  concerns: (c) =>
    isShortage(c) &&
    c.frameworks.some((name) =>
      [
        'vllm',
        'sglang',
        'text-generation-inference',
        'tensorrt-llm',
        'lmdeploy',
        'megatron',
      ].includes(name),
    ),
};
