import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Keep only the part that works on the GPU',
    summary: 'Models, layers or a part of the weights wait in host memory.',
    how: 'Model offload for whole components, sequential or group offload for layers, or the engine’s option for a part of its weights.',
    cost: 'Model offload costs little; layer by layer is several times slower.',
    nothing: 'No weights are held in this phase.',
    'w-flux': 'FLUX, group offload by leaf: 0.53 → 1.88 s a step',
    'w-disk': 'GPT-NeoX-20B: 0.08 s a token on the GPU, 10.7 s from disk',
  },
  zh: {
    title: '只把正在工作的部分放在 GPU',
    summary: '模型、层或一部分权重在主机内存中等待。',
    how: '整个组件用 model offload，逐层用 sequential 或 group offload，或使用引擎卸载部分权重的选项。',
    cost: 'model offload 代价小；逐层卸载会慢几倍。',
    nothing: '这一阶段没有权重。',
    'w-flux': 'FLUX，按叶子模块分组卸载：每步 0.53 → 1.88 秒',
    'w-disk': 'GPT-NeoX-20B：GPU 上每 token 0.08 秒，磁盘卸载 10.7 秒',
  },
  ru: {
    title: 'Держать на GPU только то, что работает',
    summary: 'Модели, слои или часть весов ждут в памяти хоста.',
    how: 'Model offload — для целых компонентов, sequential или group offload — для слоёв, или опция движка для части весов.',
    cost: 'Model offload стоит мало; по слоям — в разы медленнее.',
    nothing: 'На этом этапе весов нет.',
    'w-flux': 'FLUX, group offload по листьям: 0,53 → 1,88 с на шаг',
    'w-disk': 'GPT-NeoX-20B: 0,08 с на токен на GPU, 10,7 с с диска',
  },
} as const;

export const offloadModelParts: Remedy = {
  id: 'offload-model-parts',
  code: 'UN392',
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
  sources: ['diffusers documentation: reduce memory usage', 'memory model 2.7 and 6'],
  roles: ['inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'model_offload', to: true }],

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
    {
      what: 'time',
      low: 134,
      high: 134,
      unit: 'times',
      when: 'w-disk',
      source: 'transformers documentation: big model inference',
    },
  ],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    !mayTrain(c) &&
    c.frameworks.some((name) =>
      [
        'diffusers',
        'transformers',
        'accelerate',
        'comfyui',
        'stable-diffusion-webui',
        'vllm',
      ].includes(name),
    ) &&
    c.phase.value !== 'capture',
};
