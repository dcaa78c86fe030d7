import { isModelTooLarge } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller model',
    summary:
      'Weights, gradients and states are proportional to the number of parameters, and so is the least that a card must have.',
    how: 'Take a smaller member of the family, a distilled one, or fewer layers. Count first: 2 bytes for each parameter to serve in 16 bit, 16 to train with Adam in mixed precision.',
    cost: 'Another experiment, and quality.',
    nothing: 'No weights are held in this phase.',
    'caution-last':
      'It is the last resort: fewer bits, sharding and offload keep the model that was asked for.',
    'caution-experts':
      'Of a mixture of experts all parameters are held, not only the active ones that its name counts.',
  },
  zh: {
    title: '更小的模型',
    summary: '权重、梯度和状态与参数数量成正比，显卡至少要有的显存也是如此。',
    how: '换用同系列中较小的模型、蒸馏后的模型，或减少层数。先算一下：16 位推理每个参数 2 字节，用 Adam 混合精度训练为 16 字节。',
    cost: '这是另一个实验，质量也会变化。',
    nothing: '这一阶段没有权重。',
    'caution-last': '这是最后的手段：更低的位数、切分和卸载都能保留原本想用的模型。',
    'caution-experts': '混合专家模型要保存全部参数，而不只是名称中所计的激活参数。',
  },
  ru: {
    title: 'Модель поменьше',
    summary:
      'Веса, градиенты и состояния пропорциональны числу параметров, а с ними и наименьшая нужная память карты.',
    how: 'Взять меньшую модель того же семейства, дистиллированную или с меньшим числом слоёв. Сначала посчитать: 2 байта на параметр для инференса в 16 битах, 16 — для обучения с Adam в смешанной точности.',
    cost: 'Это другой эксперимент и другое качество.',
    nothing: 'На этом этапе весов нет.',
    'caution-last':
      'Это последнее средство: меньше бит, шардирование и выгрузка сохраняют ту модель, которая нужна.',
    'caution-experts':
      'У смеси экспертов хранятся все параметры, а не только активные, которые считает её название.',
  },
} as const;

export const smallerModel: Remedy = {
  id: 'smaller-model',
  code: 'UN355',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'any',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 1910.02054 (ZeRO): 16 bytes per parameter in mixed precision with Adam',
    'counted: weights in 16 bit, 2 bytes per parameter; a mixture holds all its experts',
  ],
  roles: ['researcher', 'inference'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [],
  commands: [],
  costs: [],
  cautions: [{ says: 'caution-last' }, { says: 'caution-experts' }],
  concerns: isModelTooLarge,
};
