import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Shorter sequences in training',
    summary:
      'Activations and logits grow with the tokens of a sample: in proportion, and with its square where attention keeps scores.',
    how: 'Truncate at a percentile of the lengths, or split long samples.',
    cost: 'Another experiment: long context is not learnt.',
    nothing: 'No batch is on the card in this phase.',
  },
  zh: {
    title: '缩短训练序列',
    summary: '激活值和 logits 随样本的 token 数成比例增长；注意力保存分数时按平方增长。',
    how: '在长度的某个分位处截断，或切分长样本。',
    cost: '这是另一个实验：学不到长上下文。',
    nothing: '这一阶段卡上没有 batch。',
  },
  ru: {
    title: 'Более короткие последовательности при обучении',
    summary:
      'Активации и логиты растут с числом токенов примера: пропорционально, а где внимание хранит оценки — квадратично.',
    how: 'Обрезать по процентилю длин или делить длинные примеры.',
    cost: 'Другой эксперимент: длинный контекст не выучится.',
    nothing: 'На этом этапе батча на карте нет.',
  },
} as const;

export const shorterSequences: Remedy = {
  id: 'shorter-sequences',
  code: 'UN353',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 2: activations per token; scores per token squared'],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'sequence_length', to: 'lower' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['forward', 'backward'].includes(c.phase.value) &&
    c.shows('convolution') === undefined &&
    (c.shows('attention-scores') !== undefined ||
      c.shows('logits') !== undefined ||
      c.frameworks.some((name) =>
        [
          'transformers',
          'trl',
          'axolotl',
          'llama-factory',
          'torchtune',
          'megatron',
          'fairseq',
          'deepspeed',
        ].includes(name),
      )),
};
