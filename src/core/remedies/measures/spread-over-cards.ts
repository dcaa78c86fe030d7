import { isSharded, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Spread the layers over cards for inference',
    summary: 'device_map places layers on several cards; each works in turn.',
    how: 'device_map="auto" with several visible cards; max_memory for each where one must keep room.',
    cost: 'The cards work one after another: no faster than one.',
    nothing: 'No weights are held in this phase.',
    'c-train': 'It is for inference: under DDP, FSDP or DeepSpeed it is wrong.',
    'c-peak': 'The transient of a long prompt is needed on each card.',
  },
  zh: {
    title: '推理时把层分布到多张卡',
    summary: 'device_map 把各层放到多张卡上，轮流计算。',
    how: '有多张可见的卡时使用 device_map="auto"；需要留空间时为每张卡设置 max_memory。',
    cost: '各卡依次工作，不比一张卡快。',
    nothing: '这一阶段没有权重。',
    'c-train': '它用于推理：在 DDP、FSDP 或 DeepSpeed 下使用是错误的。',
    'c-peak': '长 prompt 的瞬时占用在每张卡上都需要。',
  },
  ru: {
    title: 'Распределить слои по картам для инференса',
    summary: 'device_map раскладывает слои по нескольким картам, они работают по очереди.',
    how: 'device_map="auto" при нескольких видимых картах; max_memory для тех, где нужно оставить место.',
    cost: 'Карты работают по очереди: не быстрее одной.',
    nothing: 'На этом этапе весов нет.',
    'c-train': 'Это для инференса: под DDP, FSDP или DeepSpeed так делать нельзя.',
    'c-peak': 'Временная память длинного промпта нужна на каждой карте.',
  },
} as const;

export const spreadOverCards: Remedy = {
  id: 'spread-over-cards',
  code: 'UN344',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit'],
  domain: 'inference',
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['accelerate: big model inference; memory model 3.2'],
  roles: ['inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'kv_cache'] },
  changes: [{ setting: 'spread', to: true }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-train' }, { says: 'c-peak' }],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.situation.workload?.purpose !== 'training' &&
    !c.situation.environment.distributed &&
    !isSharded(c) &&
    c.shows('ddp') === undefined &&
    ['load', 'transfer', 'init', 'generate'].includes(c.phase.value) &&
    c.frameworks.some((name) => ['transformers', 'accelerate', 'diffusers'].includes(name)),
};
