import { type Statement, say } from '../../base/texts.ts';
import { isShortage, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller evaluation batch',
    summary:
      'Evaluation has a batch size of its own, often a larger one than training. The result does not depend on it.',
    how: 'Halve the batch size of evaluation, down to one sample; with sliding windows halve the number of windows at once.',
    cost: 'Evaluation takes longer.',
    collected:
      'Outputs of all batches are being collected: with smaller batches there are as many of them.',
    one: 'It is one sample already: the text shows it.',
    nothing: 'No evaluation batch is on the card in this phase.',
    'caution-grad':
      'First see that gradients are off: with them on, activations of all layers stay.',
    'caution-norm':
      'A model left in training mode evaluates BatchNorm on the batch: call eval() first.',
  },
  zh: {
    title: '减小评估 batch',
    summary: '评估有自己的 batch 大小，往往比训练更大。评估结果与它无关。',
    how: '把评估的 batch 大小减半，最小到一个样本；滑动窗口推理则减半一次处理的窗口数。',
    cost: '评估耗时更长。',
    collected: '失败处正在收集所有 batch 的输出：batch 变小，输出总量不变。',
    one: '文本显示已经是一个样本。',
    nothing: '这一阶段卡上没有评估的 batch。',
    'caution-grad': '先确认梯度已关闭：否则所有层的激活值都会保留。',
    'caution-norm': '模型若仍处于训练模式，BatchNorm 会按 batch 计算：先调用 eval()。',
  },
  ru: {
    title: 'Меньший батч при оценке',
    summary:
      'У оценки свой размер батча, часто больше, чем у обучения. Результат от него не зависит.',
    how: 'Уменьшать батч оценки вдвое, до одного примера; при скользящем окне — число окон за раз.',
    cost: 'Оценка идёт дольше.',
    collected: 'Копятся выходы всех батчей: при меньших батчах их столько же.',
    one: 'Это уже один пример: видно в тексте.',
    nothing: 'На этом этапе батча оценки на карте нет.',
    'caution-grad':
      'Сначала убедиться, что градиенты выключены: иначе остаются активации всех слоёв.',
    'caution-norm': 'Модель в режиме обучения считает BatchNorm по батчу: сначала вызвать eval().',
  },
} as const;

export const smallerEvalBatch: Remedy = {
  id: 'smaller-eval-batch',
  code: 'UN334',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large', 'autograd-in-eval'],
  domain: 'any',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers documentation: per_device_eval_batch_size',
    'MONAI documentation: sliding_window_inference, sw_batch_size',
  ],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: true,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'eval_batch', to: 'half' }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-grad', applies: (c) => c.mayBeTorch && c.shows('no-grad') === undefined },
    { says: 'caution-norm', applies: (c) => c.shows('convolution') !== undefined },
  ],
  concerns: (c) => isShortage(c) && !c.isEngine && c.phase.value === 'eval',
  barred(c): Statement | undefined {
    if (c.shows('eval-outputs') !== undefined) return say(TEXTS, 'collected');
    return printedValue(c, 'eval_batch') === 1 ? say(TEXTS, 'one') : undefined;
  },
};
