import { type Case, isShortage, printedValue } from '../../diagnosis/case.ts';
import { isLoadingModel } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Weights in 16, 8 or 4 bit',
    summary:
      'Weights take 4 bytes for each parameter in fp32, 2 in bf16 or fp16, 1 in 8 bit, about 0.5 in 4 bit.',
    how: 'Load in 16 bit first. For inference, and for weights that are frozen, a quantised checkpoint or a quantisation config in 8 or 4 bit goes further.',
    cost: 'For inference 16 bit is usual; 8 bit costs little quality, 4 bit some. Speed depends on card and batch.',
    nothing: 'No weights are on the card in this phase.',
    'when-nf4':
      'throughput of nf4 against bf16, 8B: fewer tokens/s on an H100 (41 → 30), more on a 4090 (47 → 68), one sequence at a time',
    'when-gguf': 'above 6.23, Llama-3-8B as GGUF, q8_0 to q5_0',
    'caution-card': 'bf16 needs compute capability 8.0, fp8 needs 8.9.',
    'caution-trained':
      'Weights in 8 and 4 bit are for serving and for frozen weights; training all of them in 16 bit is another measure (pure-bf16).',
    'caution-rest':
      'Embedding, head and norms usually stay in 16 bit: of a 7B model with a large vocabulary that is 2 GiB.',
    'caution-scratch':
      'Some kernels unpack a whole layer into 16 bit while they work; that room is needed besides.',
    'caution-peak':
      'Quantising while loading needs the 16-bit tensor for a moment, a quantised checkpoint does not.',
  },
  zh: {
    title: '权重用 16、8 或 4 位',
    summary:
      '每个参数的权重，fp32 占 4 字节，bf16 或 fp16 占 2 字节，8 位占 1 字节，4 位约占 0.5 字节。',
    how: '先用 16 位加载。对于推理和冻结的权重，可以进一步使用量化的检查点，或 8 位、4 位的量化配置。',
    cost: '推理用 16 位很常见；8 位几乎不损失质量，4 位有一些。速度取决于显卡和 batch。',
    nothing: '这一阶段卡上没有权重。',
    'when-nf4':
      '8B 模型、一次一条序列时，nf4 与 bf16 的吞吐量相比：H100 上更少（41 → 30 token/s），4090 上更多（47 → 68）',
    'when-gguf': '在 6.23 之上，GGUF 格式的 Llama-3-8B，q8_0 到 q5_0',
    'caution-card': 'bf16 需要计算能力 8.0，fp8 需要 8.9。',
    'caution-trained':
      '8 位和 4 位权重用于推理和冻结的权重；用 16 位训练全部权重是另一项措施（pure-bf16）。',
    'caution-rest': '嵌入层、输出层和归一化层通常仍是 16 位：词表大的 7B 模型为 2 GiB。',
    'caution-scratch': '有些 kernel 工作时会把整层展开成 16 位；这部分空间要另外留出。',
    'caution-peak': '边加载边量化时，会短暂需要 16 位的张量；量化好的检查点则不需要。',
  },
  ru: {
    title: 'Веса в 16, 8 или 4 бита',
    summary:
      'Вес занимает 4 байта на параметр в fp32, 2 в bf16 или fp16, 1 в 8 битах, около 0.5 в 4 битах.',
    how: 'Сначала загрузить в 16 битах. Для инференса и замороженных весов дальше идут квантованный чекпойнт или настройка квантования в 8 или 4 бита.',
    cost: 'Для инференса 16 бит обычны; 8 бит почти не портят качество, 4 — немного. Скорость зависит от карты и батча.',
    nothing: 'На этом этапе весов на карте нет.',
    'when-nf4':
      'скорость nf4 против bf16, модель 8B, по одной последовательности: на H100 меньше токенов/с (41 → 30), на 4090 больше (47 → 68)',
    'when-gguf': 'сверх 6.23, Llama-3-8B в GGUF, от q8_0 до q5_0',
    'caution-card': 'bf16 требует compute capability 8.0, fp8 — 8.9.',
    'caution-trained':
      'Веса в 8 и 4 битах — для инференса и замороженных весов; обучение всех весов в 16 битах — другая мера (pure-bf16).',
    'caution-rest':
      'Эмбеддинги, выходной слой и нормализации обычно остаются в 16 битах: у модели 7B с большим словарём это 2 GiB.',
    'caution-scratch':
      'Некоторые ядра при работе разворачивают целый слой в 16 бит; для этого нужно место сверх весов.',
    'caution-peak':
      'При квантовании во время загрузки на мгновение нужен 16-битный тензор, готовому квантованному чекпойнту — нет.',
  },
} as const;

/** Beyond that the quantised checkpoint is what is being loaded. */
const isInFewBits = (c: Case): boolean =>
  ['4bit', '8bit'].includes(String(printedValue(c, 'quantization'))) ||
  c.shows('four-bit') !== undefined;

/** Their files say in how many bits the weights are: another file is another measure. */
const OF_FILES: readonly string[] = [
  'llama.cpp',
  'ollama',
  'lmstudio',
  'llamafile',
  'koboldcpp',
  'whisper.cpp',
];

export const weightsInLowerPrecision: Remedy = {
  id: 'weights-in-lower-precision',
  code: 'UN312',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'any',
  answers: ['model-does-not-fit', 'kv-cache'],
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/transformers/quantization/overview'],
  shares: [],
  texts: TEXTS,
  sources: [
    'bitsandbytes: nf4 in blocks of 64, 4.5 bits per weight, 4.127 with double quantisation; 8-bit 1 byte and a scale for each row',
    'bitsandbytes documentation, benchmarks of an 8B model on H100 and 4090: nf4 41 → 30 and 47 → 68 tokens/s',
    'ggml-org/llama.cpp#6936: perplexity of Llama-3-8B in fewer bits',
    'CUDA C++ Programming Guide: compute capabilities',
  ],
  roles: ['researcher', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'weights_dtype', to: 'bf16' }],
  is_graded: true,
  commands: [],
  costs: [
    {
      what: 'throughput',
      low: -27,
      high: 45,
      unit: '%',
      when: 'when-nf4',
      source: 'bitsandbytes documentation: benchmarks',
    },
    {
      what: 'quality',
      low: 0.003,
      high: 0.132,
      unit: 'perplexity',
      when: 'when-gguf',
      source: 'ggml-org/llama.cpp#6936',
    },
  ],
  cautions: [
    { says: 'caution-trained', applies: (c) => c.situation.workload?.purpose !== 'inference' },
    { says: 'caution-card', applies: (c) => c.backend === 'cuda' },
    { says: 'caution-rest' },
    { says: 'caution-scratch' },
    { says: 'caution-peak', applies: isLoadingModel },
  ],
  concerns: (c) =>
    isShortage(c) &&
    (c.mayBeTorch || c.isEngine) &&
    !isInFewBits(c) &&
    !c.frameworks.some((name) => OF_FILES.includes(name)) &&
    !c.has('taken-at-start') &&
    (isLoadingModel(c) || ['kv_alloc', 'generate'].includes(c.phase.value)),
};
