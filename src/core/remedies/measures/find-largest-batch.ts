import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Let a tool find the batch',
    summary: 'Batch finders try sizes until one fails; they are a help, not a proof.',
    how: 'Run the finder with the longest samples and two optimizer steps for each size, and leave a margin.',
    cost: 'Some minutes of trials; each failed trial leaves fragmented memory behind.',
    nothing: 'No batch is on the card in this phase.',
    'c-ranks':
      'On several ranks all must choose the same size; finders that try in one process cannot know.',
    'c-first':
      'A size that passes one short batch can fail on the longest one or when optimizer states appear.',
  },
  zh: {
    title: '用工具寻找 batch 大小',
    summary: 'batch 搜索工具不断尝试直到失败；它有帮助，但不是证明。',
    how: '用最长的样本、每个大小跑两次优化器更新，并留出余量。',
    cost: '需要几分钟试跑；每次失败都会留下碎片。',
    nothing: '这一阶段卡上没有 batch。',
    'c-ranks': '多 rank 时所有 rank 必须选同一大小；单进程试跑的工具不知道这一点。',
    'c-first': '通过一个短 batch 的大小，可能在最长的 batch 或优化器状态出现时失败。',
  },
  ru: {
    title: 'Подобрать батч инструментом',
    summary: 'Подборщики пробуют размеры, пока один не упадёт; это помощь, а не доказательство.',
    how: 'Запускать подбор на самых длинных примерах, по два шага оптимизатора на размер, и оставить запас.',
    cost: 'Несколько минут проб; каждая неудача оставляет фрагментированную память.',
    nothing: 'На этом этапе батча на карте нет.',
    'c-ranks':
      'При нескольких рангах размер должен быть один у всех; подборщик в одном процессе этого не знает.',
    'c-first':
      'Размер, прошедший на коротком батче, может упасть на самом длинном или когда появятся состояния оптимизатора.',
  },
} as const;

export const findLargestBatch: Remedy = {
  id: 'find-largest-batch',
  code: 'UN335',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'accelerate@1.15.0: utils/memory.py find_executable_batch_size',
    'Lightning: Tuner.scale_batch_size',
  ],
  roles: ['researcher'],
  alters: 'mathematics',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [],

  commands: [
    'accelerate.utils.find_executable_batch_size',
    'Lightning: Tuner(trainer).scale_batch_size(model, mode="binsearch")',
  ],
  costs: [],
  cautions: [
    { says: 'c-first' },
    { says: 'c-ranks', applies: (c) => c.situation.environment.distributed },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['forward', 'backward'].includes(c.phase.value) &&
    !c.has('reached-zero'),
};
