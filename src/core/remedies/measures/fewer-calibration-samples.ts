import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer or shorter calibration samples',
    summary:
      'GPTQ, AWQ and the like run all calibration samples through a layer at once and keep its inputs: samples × tokens × hidden size, for the widest layer some times more.',
    how: 'Lower the number of samples and their length, run them in small batches, or keep the inputs on the host between layers. 128 samples of 512 tokens are usual.',
    cost: 'With few samples the scales fit the data less well.',
    nothing: 'No calibration is running in this phase.',
    'caution-quality':
      'Samples like the later prompts matter more than many: check perplexity or a task afterwards.',
    'caution-cache': 'Turn the model’s KV cache off: it grows with each sample for nothing.',
    'caution-weights': 'The layer in work is there in 16 bit; the others can wait on the host.',
  },
  zh: {
    title: '更少或更短的校准样本',
    summary:
      'GPTQ、AWQ 等会把全部校准样本一次送过一层，并保留该层的输入：样本数 × token 数 × 隐藏维度，最宽的层还要多几倍。',
    how: '减少样本数量和长度，分小批运行，或把层与层之间的输入放在主机上。常用的是 128 个样本、每个 512 个 token。',
    cost: '样本少时，缩放系数与数据的契合度下降。',
    nothing: '这一阶段没有在做校准。',
    'caution-quality': '样本与今后的提示相近，比数量多更重要：之后应检查困惑度或某个任务。',
    'caution-cache': '关闭模型的 KV 缓存：它会随每个样本增长，却毫无用处。',
    'caution-weights': '正在处理的层以 16 位存在；其余各层可以留在主机上。',
  },
  ru: {
    title: 'Меньше примеров калибровки или короче',
    summary:
      'GPTQ, AWQ и подобные пропускают через слой сразу все примеры калибровки и хранят его входы: примеры × токены × размер скрытого слоя, для самого широкого слоя в несколько раз больше.',
    how: 'Уменьшить число примеров и их длину, пропускать их малыми порциями или держать входы между слоями на хосте. Обычно берут 128 примеров по 512 токенов.',
    cost: 'Если примеров мало, масштабы хуже подходят к данным.',
    nothing: 'На этом этапе калибровка не идёт.',
    'caution-quality':
      'Похожесть примеров на будущие запросы важнее их числа: потом проверить перплексию или задачу.',
    'caution-cache': 'Выключить KV-кэш модели: он растёт с каждым примером без всякой пользы.',
    'caution-weights': 'Обрабатываемый слой лежит в 16 битах; остальные могут ждать на хосте.',
  },
} as const;

export const fewerCalibrationSamples: Remedy = {
  id: 'fewer-calibration-samples',
  code: 'UN358',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large', 'model-does-not-fit'],
  domain: 'inference',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.vllm.ai/projects/llm-compressor/en/latest/'],
  shares: [],
  texts: TEXTS,
  sources: [
    'casper-hansen/AutoAWQ#516: more than 128 samples run out of memory, as all go through at once; batches of samples',
    'casper-hansen/AutoAWQ#242: 512 samples fit, 800 did not',
    'casper-hansen/AutoAWQ#482: use_cache=False while quantising',
  ],
  roles: ['inference'],
  // The scales are fitted to other data.
  alters: 'mathematics',
  often_tried: false,
  touches: { contents: ['inputs', 'activations', 'outputs', 'copies'] },
  changes: [],
  commands: [
    'AutoAWQ: model.quantize(tokenizer, quant_config=config, max_calib_samples=64, max_calib_seq_len=512, n_parallel_calib_samples=1)',
    'llm-compressor: oneshot(..., num_calibration_samples=64, max_seq_length=512)',
  ],
  costs: [],
  cautions: [{ says: 'caution-quality' }, { says: 'caution-cache' }, { says: 'caution-weights' }],
  concerns: (c) => isShortage(c) && c.mayBeTorch && c.shows('calibration') !== undefined,
};
