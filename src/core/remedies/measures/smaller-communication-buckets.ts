import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller communication buckets',
    summary:
      'DeepSpeed’s reduce and all-gather buckets are gigabytes with the default of 5e8 elements, twice that with overlap.',
    how: 'Lower reduce_bucket_size and allgather_bucket_size, or turn overlap_comm off.',
    cost: 'More, smaller collectives.',
    nothing: 'No buckets are held in this phase.',
  },
  zh: {
    title: '减小通信桶',
    summary:
      'DeepSpeed 的 reduce 和 all-gather 桶默认 5e8 个元素，达数 GB，开启 overlap 还要翻倍。',
    how: '调小 reduce_bucket_size 和 allgather_bucket_size，或关闭 overlap_comm。',
    cost: '集合通信次数更多、每次更小。',
    nothing: '这一阶段没有通信桶。',
  },
  ru: {
    title: 'Меньшие бакеты обмена',
    summary:
      'Бакеты reduce и all-gather в DeepSpeed при 5e8 элементов по умолчанию занимают гигабайты, с overlap — вдвое больше.',
    how: 'Уменьшить reduce_bucket_size и allgather_bucket_size или выключить overlap_comm.',
    cost: 'Больше мелких коллективных операций.',
    nothing: 'На этом этапе бакетов нет.',
  },
} as const;

export const smallerCommunicationBuckets: Remedy = {
  id: 'smaller-communication-buckets',
  code: 'UN360',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: ['outside-the-pool', 'optimizer-states'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['deepspeed: reduce_bucket_size and allgather_bucket_size 5e8', 'memory model 1.6'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['gradients', 'copies', 'workspace'] },
  changes: [{ setting: 'communication_bucket', to: 'lower' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.shows('zero') !== undefined &&
    ['backward', 'optimizer', 'init'].includes(c.phase.value),
};
