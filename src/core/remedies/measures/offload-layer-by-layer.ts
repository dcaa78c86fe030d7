import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Bring each layer to the GPU only while it computes',
    summary:
      'All weights wait in host memory; one layer after another is copied to the card and let go.',
    how: 'Sequential offload of the whole pipeline, or group offload by leaf.',
    cost: 'Every pass copies all weights over the bus: several times slower.',
    nothing: 'No weights are held in this phase.',
    'w-flux': 'FLUX, group offload by leaf: 0.53 → 1.88 s a step',
  },
  zh: {
    title: '逐层搬到 GPU，算完即释放',
    summary: '全部权重放在主机内存；每一层在计算时复制到显卡，随后释放。',
    how: '对整个流水线使用 sequential offload，或按叶子模块使用 group offload。',
    cost: '每次前向都要经总线复制全部权重：慢几倍。',
    nothing: '这一阶段没有权重。',
    'w-flux': 'FLUX，按叶子模块分组卸载：每步 0.53 → 1.88 秒',
  },
  ru: {
    title: 'Подавать каждый слой на GPU только на время счёта',
    summary: 'Все веса ждут в памяти хоста; слой за слоем копируется на карту и отпускается.',
    how: 'Sequential offload всего конвейера или group offload по листьям.',
    cost: 'Каждый проход гонит все веса по шине: в разы медленнее.',
    nothing: 'На этом этапе весов нет.',
    'w-flux': 'FLUX, group offload по листьям: 0,53 → 1,88 с на шаг',
  },
} as const;

export const offloadLayerByLayer: Remedy = {
  id: 'offload-layer-by-layer',
  code: 'UN399',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit'],
  domain: 'inference',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['diffusers documentation: reduce memory usage'],
  roles: ['inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'sequential_offload', to: true }],
  commands: [],
  costs: [
    {
      what: 'time',
      low: 3.5,
      high: 3.5,
      unit: 'times',
      when: 'w-flux',
      source: 'diffusers documentation',
    },
  ],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    !mayTrain(c) &&
    c.frameworks.includes('diffusers') &&
    c.phase.value !== 'capture',
};
