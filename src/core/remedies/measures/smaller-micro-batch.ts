import { type Statement, say } from '../../base/texts.ts';
import { isShortage, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller batch',
    summary: 'Fewer samples at once: activations, inputs and outputs shrink in proportion.',
    how: 'Halve the micro-batch (per_device_train_batch_size, batch_size); raise gradient accumulation to keep the global batch.',
    cost: 'Lower utilisation; BatchNorm statistics change.',
    one: 'It is one sample already: the text shows it. Fewer tokens or a smaller image can go below that.',
    zero: 'It was tried down to one sample and failed still: the batch is not what fills the card.',
    nothing:
      'The graph is freed before this phase; of the batch only inputs or outputs that a variable still holds can be left.',
    model: 'The model itself was being moved; no batch is on the card yet.',
  },
  zh: {
    title: '减小 batch',
    summary: '一次处理更少的样本：激活值、输入和输出成比例减小。',
    how: '把 micro-batch 减半；提高梯度累积以保持全局 batch。',
    cost: '利用率下降；BatchNorm 统计量改变。',
    one: '文本显示已经是一个样本。再往下只能减少 token 或缩小图像。',
    zero: '已试到一个样本仍然失败：占满显存的不是 batch。',
    nothing: '计算图在这一阶段之前已释放；batch 中只可能剩下变量仍引用的输入或输出。',
    model: '正在移动的是模型本身，卡上还没有 batch。',
  },
  ru: {
    title: 'Меньший батч',
    summary: 'Меньше примеров за раз: активации, входы и выходы уменьшаются пропорционально.',
    how: 'Уменьшить микробатч вдвое; поднять накопление градиентов, чтобы сохранить глобальный батч.',
    cost: 'Ниже загрузка; меняется статистика BatchNorm.',
    one: 'Это уже один пример: видно в тексте. Ниже — только меньше токенов или меньшее изображение.',
    zero: 'Пробовали до одного примера, и всё равно не хватило: карту занимает не батч.',
    nothing:
      'Граф освобождён до этого этапа; от батча могли остаться лишь входы или выходы, которые держит переменная.',
    model: 'Переносилась сама модель; батча на карте ещё нет.',
  },
} as const;

export const smallerMicroBatch: Remedy = {
  id: 'smaller-micro-batch',
  code: 'UN303',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'any',
  answers: ['activations-too-large'],
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model: activations scale with tokens per micro-batch'],
  roles: ['quick', 'researcher'],
  alters: 'mathematics',
  often_tried: true,
  touches: { contents: ['activations', 'inputs', 'outputs', 'kv_cache'] },
  changes: [{ setting: 'micro_batch', to: 'half' }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    !c.has('kv-cache') &&
    !c.has('allocating-weights') &&
    !c.has('tactic-scratch') &&
    !c.has('taken-at-start'),
  barred(c): Statement | undefined {
    if (printedValue(c, 'micro_batch') === 1) return say(TEXTS, 'one');
    if (c.has('reached-zero')) return say(TEXTS, 'zero');
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
