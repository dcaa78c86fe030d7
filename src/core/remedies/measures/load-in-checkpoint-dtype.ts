import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Load the weights in their own format',
    summary:
      'A 16-bit checkpoint that is loaded without saying so can end up in fp32: twice the memory.',
    how: 'Name the format when loading; older versions of transformers load fp32 unless told otherwise.',
    cost: 'None for inference. In training the fp32 master copy is gone.',
    nothing: 'No weights are held in this phase.',
  },
  zh: {
    title: '按检查点自身的格式加载权重',
    summary: '16 位检查点加载时若不指明格式，可能变成 fp32：显存翻倍。',
    how: '加载时指明格式；旧版 transformers 不指明就按 fp32 加载。',
    cost: '推理没有代价；训练时则没有 fp32 主副本。',
    nothing: '这一阶段没有权重。',
  },
  ru: {
    title: 'Загружать веса в их собственном формате',
    summary:
      '16-битный чекпойнт, загруженный без указания формата, может оказаться в fp32: вдвое больше памяти.',
    how: 'Назвать формат при загрузке; старые версии transformers без этого загружают fp32.',
    cost: 'При инференсе ничего не стоит. При обучении исчезает основная копия в fp32.',
    nothing: 'На этом этапе весов нет.',
  },
} as const;

export const loadInCheckpointDtype: Remedy = {
  id: 'load-in-checkpoint-dtype',
  code: 'UN340',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'any',
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers before 5: fp32 unless torch_dtype is given; 5: dtype="auto"',
    'memory model 3.6',
  ],
  roles: ['quick', 'researcher', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'weights_dtype', to: 'bf16' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (c.frameworks.some((name) =>
      ['transformers', 'trl', 'peft', 'axolotl', 'llama-factory'].includes(name),
    ) ||
      c.modelSize !== undefined) &&
    ['load', 'transfer', 'init', 'optimizer', 'generate'].includes(c.phase.value),
};
