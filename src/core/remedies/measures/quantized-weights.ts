import { hadRoom, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Quantised weights for serving',
    summary: 'A checkpoint in 8 or 4 bit takes a half or a quarter of the weights’ memory.',
    how: 'Serve an FP8, AWQ or GPTQ checkpoint, or a smaller GGUF type.',
    cost: 'Some quality; speed depends on card and batch.',
    nothing: 'No weights are held in this phase.',
    'w-ppl': 'Llama-3-8B GGUF: q8_0 to q5_0',
    'c-embed': 'Embeddings and head usually stay in 16 bit.',
  },
  zh: {
    title: '推理使用量化权重',
    summary: '8 位或 4 位检查点只占权重显存的一半或四分之一。',
    how: '使用 FP8、AWQ 或 GPTQ 检查点，或更小的 GGUF 类型。',
    cost: '质量略降；速度取决于显卡和 batch。',
    nothing: '这一阶段没有权重。',
    'w-ppl': 'Llama-3-8B GGUF：q8_0 到 q5_0',
    'c-embed': '嵌入层和输出头通常仍是 16 位。',
  },
  ru: {
    title: 'Квантованные веса для инференса',
    summary: 'Чекпойнт в 8 или 4 бита занимает половину или четверть памяти весов.',
    how: 'Подать чекпойнт FP8, AWQ или GPTQ либо меньший тип GGUF.',
    cost: 'Немного качества; скорость зависит от карты и батча.',
    nothing: 'На этом этапе весов нет.',
    'w-ppl': 'Llama-3-8B GGUF: от q8_0 до q5_0',
    'c-embed': 'Эмбеддинги и выходной слой обычно остаются в 16 бит.',
  },
} as const;

export const quantizedWeights: Remedy = {
  id: 'quantized-weights',
  code: 'UN388',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'kv-cache'],
  domain: 'inference',
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 1.2 and 6'],
  roles: ['inference'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'quantization', to: '4bit' }],

  commands: [],
  costs: [
    {
      what: 'quality',
      low: 0.003,
      high: 0.132,
      unit: 'perplexity',
      when: 'w-ppl',
      source: 'ggml-org/llama.cpp#6936',
    },
  ],
  cautions: [{ says: 'c-embed' }],
  concerns: (c) =>
    // A program that compared the model with the machine.
    (c.kind === 'host_oom' && c.wording === 'system-memory') ||
    (c.kind === 'gpu_oom' &&
      !hadRoom(c.amounts) &&
      !mayTrain(c) &&
      (c.has('allocating-weights') || ['load', 'kv_alloc', 'init'].includes(c.phase.value))),
};
