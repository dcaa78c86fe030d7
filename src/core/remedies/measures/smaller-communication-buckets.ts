import { type Case, isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller communication buckets (DeepSpeed)',
    summary:
      'ZeRO gathers gradients and weights in buckets of a fixed number of elements, whatever the model: the default of 5e8 is 1 GB in 16 bit for each bucket, and two of them for gradients when communication overlaps.',
    how: 'Lower the reduce and all-gather buckets to 5e7 or less, or turn overlapping off. Stage 3 also has a prefetch bucket and limits for gathered weights.',
    cost: 'More and smaller collectives: slower where the network has a high latency.',
    nothing: 'No buckets are held in this phase.',
    'caution-units':
      'They count elements, not bytes. A bucket must not be smaller than the largest gradient that goes through it.',
    'caution-auto':
      'Trainers can fill them in by themselves ("auto"), in proportion to the square of the hidden size: look at the values that DeepSpeed prints.',
    'caution-live':
      'In stage 3 the limit of live parameters, 1e9 by default, keeps up to 2 GB of gathered weights.',
  },
  zh: {
    title: '更小的通信桶（DeepSpeed）',
    summary:
      'ZeRO 以固定元素数的桶来收集梯度和权重，与模型大小无关：默认的 5e8 在 16 位下每个桶为 1 GB；通信重叠时，梯度要用两个桶。',
    how: '把规约桶和全收集桶降到 5e7 或更小，或关闭通信重叠。第 3 级另有预取桶，以及对已收集权重的限制。',
    cost: '集合通信变得更多、更小：网络延迟高时会变慢。',
    nothing: '这一阶段没有通信桶。',
    'caution-units': '计的是元素数，不是字节数。桶不能小于要经过它的最大梯度。',
    'caution-auto':
      '训练器可能自行填写（"auto"），与隐藏维度的平方成正比：查看 DeepSpeed 打印的数值。',
    'caution-live': '在第 3 级，存活参数的上限默认为 1e9，最多保留 2 GB 已收集的权重。',
  },
  ru: {
    title: 'Меньшие буферы обмена (DeepSpeed)',
    summary:
      'ZeRO собирает градиенты и веса в буферах с постоянным числом элементов при любой модели: 5e8 по умолчанию — это 1 GB в 16 битах на буфер, а при перекрытии обмена буферов для градиентов два.',
    how: 'Уменьшить буферы сведения и сбора до 5e7 или ниже либо выключить перекрытие. У стадии 3 есть ещё буфер предвыборки и пределы для собранных весов.',
    cost: 'Больше мелких коллективных операций: медленнее, если задержка сети велика.',
    nothing: 'На этом этапе буферов обмена нет.',
    'caution-units':
      'Считаются элементы, а не байты. Буфер не должен быть меньше самого большого градиента, который через него проходит.',
    'caution-auto':
      'Тренеры могут заполнять их сами ("auto"), пропорционально квадрату размера скрытого слоя: смотреть на значения, которые печатает DeepSpeed.',
    'caution-live':
      'На стадии 3 предел живых параметров, по умолчанию 1e9, держит до 2 GB собранных весов.',
  },
} as const;

/** Elements below which there is nothing to win: 100 MB in 16 bit. */
const SMALL = 5e7;

const isSmallAlready = (c: Case): boolean => {
  const printed = printedValue(c, 'communication_bucket');
  return typeof printed === 'number' && printed <= SMALL;
};

export const smallerCommunicationBuckets: Remedy = {
  id: 'smaller-communication-buckets',
  code: 'UN360',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states', 'model-does-not-fit', 'activations-too-large'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://www.deepspeed.ai/docs/config-json/#zero-optimizations-for-fp16-training'],
  shares: [],
  texts: TEXTS,
  sources: [
    'deepspeed@0.19.8:deepspeed/runtime/zero/config.py (5e8 elements; max_live_parameters 1e9)',
    'DeepSpeed: deepspeed/runtime/zero/stage_1_and_2.py (two buckets with overlap_comm)',
    'transformers documentation, DeepSpeed: with overlap_comm 4.5 times both buckets, 9 GB at 5e8, 3.6 GB at 2e8; not found in the code',
  ],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['gradients', 'copies', 'workspace'] },
  changes: [{ setting: 'communication_bucket', to: 'lower' }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-units' },
    { says: 'caution-auto', applies: (c) => c.frameworks.includes('transformers') },
    { says: 'caution-live', applies: (c) => c.shows('zero-3') !== undefined },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    c.shows('zero') !== undefined &&
    !isSmallAlready(c) &&
    ['init', 'forward', 'backward', 'optimizer'].includes(c.phase.value),
};
