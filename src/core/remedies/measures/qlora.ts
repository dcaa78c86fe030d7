import { isSharded, printedValue } from '../../diagnosis/case.ts';
import { isAboutStates, isFineTuning, isLoadingModel, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'QLoRA: adapters on weights in 4 bit',
    summary:
      'The frozen weights are held in 4 bit: about 0.52 bytes for each parameter of a linear layer instead of 2. Only adapters are trained.',
    how: 'Load the model quantised (nf4 with double quantisation), prepare it for training in few bits, and add adapters.',
    cost: 'Slower than adapters on 16-bit weights, and a little quality.',
    nothing: 'No weights, gradients or states are held in this phase.',
    'when-slow': 'against LoRA on 16-bit weights; the low end with compilation and checkpointing',
    'caution-head':
      'Embedding and head are not quantised, and preparing the model casts them to fp32: with a large vocabulary gigabytes, 2.1 GB more for an 8B model.',
    'caution-load':
      'While it is loaded, each tensor is on the GPU in 16 bit before it is quantised.',
    'caution-sharded':
      'Weights in 4 bit can be sharded by FSDP only when they are stored in a floating-point format (quant_storage), and not by ZeRO 3 in every version.',
    'caution-activations':
      'Activations stay: adapters in fp32 on all linear layers save more of them than full fine-tuning does. Keep checkpointing on.',
  },
  zh: {
    title: 'QLoRA：在 4 位权重上训练适配器',
    summary: '冻结的权重以 4 位保存：线性层的每个参数约 0.52 字节，而不是 2。只训练适配器。',
    how: '以量化方式加载模型（nf4 加双重量化），做好低位训练的准备，再加上适配器。',
    cost: '比在 16 位权重上训练适配器慢，质量略有损失。',
    nothing: '这一阶段没有权重、梯度或状态。',
    'when-slow': '与 16 位权重上的 LoRA 相比；启用编译和激活重计算时为下限',
    'caution-head':
      '嵌入层和输出层不量化，准备步骤还会把它们转成 fp32：词表大时达数 GB，8B 模型多 2.1 GB。',
    'caution-load': '加载时，每个张量在量化之前会以 16 位停留在显卡上。',
    'caution-sharded':
      '4 位权重只有以浮点格式存放（quant_storage）时才能由 FSDP 切分；ZeRO 3 并非每个版本都支持。',
    'caution-activations':
      '激活值不变：在所有线性层上使用 fp32 适配器，保存的激活值比全量微调还多。应保持激活重计算开启。',
  },
  ru: {
    title: 'QLoRA: адаптеры на 4-битных весах',
    summary:
      'Замороженные веса хранятся в 4 битах: около 0.52 байта на параметр линейного слоя вместо 2. Обучаются только адаптеры.',
    how: 'Загрузить модель квантованной (nf4 с двойным квантованием), подготовить её к обучению в малом числе бит и добавить адаптеры.',
    cost: 'Медленнее, чем адаптеры на 16-битных весах, и немного хуже качество.',
    nothing: 'На этом этапе нет ни весов, ни градиентов, ни состояний.',
    'when-slow':
      'в сравнении с LoRA на 16-битных весах; нижняя граница — с компиляцией и чекпойнтингом',
    'caution-head':
      'Эмбеддинги и выходной слой не квантуются, а подготовка переводит их в fp32: при большом словаре это гигабайты, у модели 8B — ещё 2.1 GB.',
    'caution-load': 'При загрузке каждый тензор до квантования лежит на GPU в 16 битах.',
    'caution-sharded':
      '4-битные веса FSDP шардирует, только если они хранятся в формате с плавающей точкой (quant_storage), а ZeRO 3 — не в каждой версии.',
    'caution-activations':
      'Активации остаются: адаптеры в fp32 на всех линейных слоях хранят их больше, чем полное дообучение. Чекпойнтинг оставить включённым.',
  },
} as const;

export const qlora: Remedy = {
  id: 'qlora',
  code: 'UN351',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/peft/developer_guides/quantization'],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2305.14314 (QLoRA); bitsandbytes: nf4 in blocks of 64 with double quantisation, 4.127 bits per weight',
    'torchtune README, Llama-3.2-3B on an A100: LoRA 8.5 GiB and 8210 tokens/s, QLoRA 4.6 GiB and 8035 tokens/s',
    'PEFT documentation: prepare_model_for_kbit_training casts what is not quantised to fp32',
    'PEFT documentation: FSDP with quantised weights (quant_storage)',
  ],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'adapter', to: 'qlora' }],
  shown_by: ['four-bit'],
  commands: [],
  costs: [
    {
      what: 'time',
      low: 2,
      high: 39,
      unit: '%',
      when: 'when-slow',
      source: 'torchtune README (2 %); S. Raschka, LoRA experiments (39 %)',
    },
  ],
  cautions: [
    { says: 'caution-head' },
    { says: 'caution-load', applies: isLoadingModel },
    { says: 'caution-sharded', applies: isSharded },
    { says: 'caution-activations' },
  ],
  // What is loaded by transformers alone can be for inference: a trainer has to be in sight.
  concerns: (c) =>
    trainsShort(c) &&
    c.backend !== 'mps' &&
    printedValue(c, 'quantization') !== '4bit' &&
    ((isLoadingModel(c) && isFineTuning(c)) ||
      (isAboutStates(c) && (isFineTuning(c) || c.frameworks.includes('transformers')))),
};
