import { isShortage } from '../../diagnosis/case.ts';
import { hasSeveralDevices } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Tensor parallelism',
    summary:
      'Every layer is divided over several GPUs: each holds its part of the weights, and of the KV cache or the activations.',
    how: 'Set the number of GPUs that share a layer to the next number that divides the attention heads, and give the job that many GPUs.',
    cost: 'Every layer waits for the others twice in each pass: it wants NVLink or a like link. Libraries take some memory more on each card.',
    nothing: 'No weights, cache or activations are held in this phase.',
    'caution-heads':
      'The number of attention heads must be divisible by it. Beyond the number of KV heads the cache is copied, not divided.',
    'caution-outside':
      'NCCL and its buffers come on top, outside the engine’s pool: about 0.4 GiB more on each card with two.',
    'caution-cards': 'The text shows one GPU: it needs as many free ones of the same kind.',
    'caution-norms':
      'Norms and the parts of activations between the blocks stay whole on each card; with sequence parallelism they are divided too.',
  },
  zh: {
    title: '张量并行',
    summary: '把每一层分到多张显卡上：每张卡只持有自己那部分权重，以及相应的 KV 缓存或激活值。',
    how: '把共享一层的显卡数设为下一个能整除注意力头数的数，并为任务提供同样多的显卡。',
    cost: '每次计算中每一层要互相等待两次：需要 NVLink 或类似的互连。各种库在每张卡上会多占一些显存。',
    nothing: '这一阶段没有权重、缓存或激活值。',
    'caution-heads': '注意力头数必须能被它整除。超过 KV 头数之后，缓存是复制而不是切分。',
    'caution-outside': 'NCCL 及其缓冲区另计，在引擎的内存池之外：两张卡时每张约多 0.4 GiB。',
    'caution-cards': '文本只显示一张显卡：需要同样多、同型号的空闲显卡。',
    'caution-norms': '归一化层以及块与块之间的激活值在每张卡上仍是完整的；配合序列并行才会切分。',
  },
  ru: {
    title: 'Тензорный параллелизм',
    summary:
      'Каждый слой делится между несколькими GPU: у каждой своя часть весов и KV-кэша или активаций.',
    how: 'Задать число GPU на слой — следующее, на которое делится число голов внимания, — и дать задаче столько GPU.',
    cost: 'Каждый слой дважды за проход ждёт остальных: нужен NVLink или подобная связь. Библиотеки займут на каждой карте ещё немного памяти.',
    nothing: 'На этом этапе нет ни весов, ни кэша, ни активаций.',
    'caution-heads':
      'Число голов внимания должно на него делиться. Сверх числа KV-голов кэш копируется, а не делится.',
    'caution-outside':
      'NCCL и его буферы — сверх того, вне пула движка: при двух картах примерно на 0.4 GiB больше на каждой.',
    'caution-cards': 'В тексте видна одна GPU: нужно столько же свободных того же типа.',
    'caution-norms':
      'Нормализации и активации между блоками остаются на каждой карте целыми; с параллелизмом по последовательности делятся и они.',
  },
} as const;

const SERVERS: readonly string[] = [
  'vllm',
  'sglang',
  'text-generation-inference',
  'tensorrt-llm',
  'lmdeploy',
  'mlc',
];

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
  docs: ['https://docs.vllm.ai/en/latest/serving/parallelism_scaling.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2205.05198 (Korthikanti et al.): what tensor and sequence parallelism divide',
    'llm-d planner documentation, vLLM on H100: Qwen3-32B 61.03 GiB of weights on one GPU, 30.59 on each of two; 0.13 GiB outside PyTorch on one, 0.54 on each of two',
  ],
  roles: ['mlops', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights', 'kv_cache', 'activations'] },
  changes: [{ setting: 'tensor_parallel', to: 'higher' }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-heads' },
    { says: 'caution-outside' },
    { says: 'caution-cards', applies: (c) => !hasSeveralDevices(c) },
    { says: 'caution-norms', applies: (c) => c.frameworks.includes('megatron') },
  ],
  // An engine beside a trainer is short because of the trainer; one whose card is taken needs the card.
  concerns: (c) =>
    isShortage(c) &&
    !c.has('taken-at-start') &&
    c.phase.value !== 'unknown' &&
    c.shows('rollout') === undefined &&
    (c.frameworks.some((name) => SERVERS.includes(name)) ||
      (c.frameworks.includes('megatron') && c.phase.value !== 'eval')),
};
