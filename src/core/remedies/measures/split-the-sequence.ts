import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Divide the sequence or the layers over devices',
    summary: 'Context or sequence parallelism divides the tokens, pipeline parallelism the layers.',
    how: 'Set the degree of context, sequence or pipeline parallelism of the trainer.',
    cost: 'Communication of keys and values, or bubbles in the pipeline.',
    nothing: 'No activations are held in this phase.',
    'w-cp': 'torchtitan 8B: constant memory per device from 1 to 8 with the sequence',
  },
  zh: {
    title: '把序列或层切分到多张卡',
    summary: '上下文或序列并行切分 token，流水线并行切分层。',
    how: '设置训练器的上下文、序列或流水线并行度。',
    cost: '需要通信键和值，或产生流水线气泡。',
    nothing: '这一阶段没有激活值。',
    'w-cp': 'torchtitan 8B：从 1 到 8 张卡，序列随之变长而单卡显存不变',
  },
  ru: {
    title: 'Разделить последовательность или слои по устройствам',
    summary: 'Контекстный параллелизм делит токены, конвейерный — слои.',
    how: 'Задать степень контекстного, последовательностного или конвейерного параллелизма в тренере.',
    cost: 'Обмен ключами и значениями либо простои конвейера.',
    nothing: 'На этом этапе активаций нет.',
    'w-cp': 'torchtitan 8B: память устройства постоянна от 1 до 8 вместе с длиной',
  },
} as const;

export const splitTheSequence: Remedy = {
  id: 'split-the-sequence',
  code: 'UN343',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 1.7: torchtitan 8B, context parallel 1 to 8: 83.9 to 84.5 GiB at constant tokens per device',
  ],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'sequence_parallel', to: 'higher' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.situation.environment.distributed &&
    ['forward', 'backward'].includes(c.phase.value) &&
    c.shows('convolution') === undefined,
};
