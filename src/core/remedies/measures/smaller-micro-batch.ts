import { type Statement, say } from '../../base/texts.ts';
import { type Case, isShortage, printedValue } from '../../diagnosis/case.ts';
import { isSplatting } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller batch',
    summary:
      'Fewer samples at once: activations, inputs and outputs shrink in proportion. Weights, gradients and optimizer states do not.',
    how: 'Halve the micro-batch; in training raise gradient accumulation in step to keep the global batch.',
    cost: 'Lower utilisation once a step no longer fills the GPU.',
    one: 'It is one sample already: the text shows it. Fewer tokens or a smaller image can go below that.',
    zero: 'It was tried down to one sample and failed still: the batch is not what fills the card.',
    nothing:
      'The graph is freed before this phase; of the batch only inputs or outputs that a variable still holds can be left.',
    model: 'The model itself was being loaded or moved; no batch is on the card yet.',
    'caution-norm': 'BatchNorm sees fewer samples; contrastive losses see fewer negatives.',
    'caution-global':
      'Without accumulation the global batch shrinks too: the learning rate no longer fits it.',
    'caution-longest':
      'It ran for many steps: if one long batch is the cause, a budget of tokens costs less than a smaller batch for all.',
  },
  zh: {
    title: '减小 batch',
    summary: '一次处理更少的样本：激活值、输入和输出成比例减小。权重、梯度和优化器状态不变。',
    how: '把 micro-batch 减半；训练时相应提高梯度累积，以保持全局 batch。',
    cost: '当一步不足以填满 GPU 时，利用率下降。',
    one: '文本显示已经是一个样本。再往下只能减少 token 或缩小图像。',
    zero: '已试到一个样本仍然失败：占满显存的不是 batch。',
    nothing: '计算图在这一阶段之前已释放；batch 中只可能剩下变量仍引用的输入或输出。',
    model: '正在加载或移动的是模型本身，卡上还没有 batch。',
    'caution-norm': 'BatchNorm 看到的样本变少；对比损失的负样本变少。',
    'caution-global': '不做梯度累积，全局 batch 也会变小：学习率不再匹配。',
    'caution-longest':
      '已运行多步：若起因是某个很长的 batch，token 预算比整体减小 batch 代价更低。',
  },
  ru: {
    title: 'Меньший батч',
    summary:
      'Меньше примеров за раз: активации, входы и выходы уменьшаются пропорционально. Веса, градиенты и состояния оптимизатора — нет.',
    how: 'Уменьшить микробатч вдвое; при обучении во столько же раз поднять накопление градиентов, чтобы сохранить глобальный батч.',
    cost: 'Ниже загрузка, когда шаг перестаёт заполнять GPU.',
    one: 'Это уже один пример: видно в тексте. Ниже — только меньше токенов или меньшее изображение.',
    zero: 'Пробовали до одного примера, и всё равно не хватило: карту занимает не батч.',
    nothing:
      'Граф освобождён до этого этапа; от батча могли остаться лишь входы или выходы, которые держит переменная.',
    model: 'Загружалась или переносилась сама модель; батча на карте ещё нет.',
    'caution-norm': 'BatchNorm видит меньше примеров, контрастивные потери — меньше негативных.',
    'caution-global':
      'Без накопления уменьшится и глобальный батч: скорость обучения ему больше не подходит.',
    'caution-longest':
      'Прошло много шагов: если дело в одном длинном батче, бюджет токенов дешевле, чем меньший батч для всех.',
  },
} as const;

/** Steps after which a run of equal batches would have failed already. */
const LATE = 20;

const isTraining = (c: Case): boolean =>
  c.situation.workload?.purpose === 'training' || ['forward', 'backward'].includes(c.phase.value);

export const smallerMicroBatch: Remedy = {
  id: 'smaller-micro-batch',
  code: 'UN303',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'any',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2205.05198: activations are proportional to sequence × micro-batch',
    'transformers documentation: per_device_train_batch_size',
  ],
  roles: ['quick', 'researcher', 'inference'],
  alters: 'mathematics',
  often_tried: true,
  touches: { contents: ['activations', 'inputs', 'outputs', 'kv_cache'] },
  changes: [{ setting: 'micro_batch', to: 'half' }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-norm', applies: (c) => isTraining(c) && c.shows('logits') === undefined },
    { says: 'caution-global', applies: isTraining },
    { says: 'caution-longest', applies: (c) => isTraining(c) && (c.step ?? 0) >= LATE },
  ],
  concerns: (c) =>
    isShortage(c) &&
    // Evaluation has a batch of its own, and a measure of its own.
    c.phase.value !== 'eval' &&
    !isSplatting(c) &&
    // What is gathered to be saved does not depend on it.
    !c.has('kv-cache') &&
    !c.has('allocating-weights') &&
    !c.has('tactic-scratch') &&
    !c.has('taken-at-start'),
  barred(c): Statement | undefined {
    if (printedValue(c, 'micro_batch') === 1) return say(TEXTS, 'one');
    if (c.has('reached-zero')) return say(TEXTS, 'zero');
    return c.phase.moves_model || c.phase.value === 'load' ? say(TEXTS, 'model') : undefined;
  },
};
