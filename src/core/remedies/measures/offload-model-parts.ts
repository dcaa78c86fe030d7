import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Keep only the part that works on the GPU',
    summary: 'Models or a part of the weights wait in host memory.',
    how: 'Model offload for whole components, or the engine’s option for a part of its weights.',
    cost: 'Copies of whole components between phases.',
    nothing: 'No weights are held in this phase.',
    'w-disk':
      'From disk it is far slower: GPT-NeoX-20B took 0.08 s a token on the GPU, 10.7 s from disk.',
  },
  zh: {
    title: '只把正在工作的部分放在 GPU',
    summary: '模型或一部分权重在主机内存中等待。',
    how: '整个组件用 model offload，或使用引擎卸载部分权重的选项。',
    cost: '阶段之间复制整个组件。',
    nothing: '这一阶段没有权重。',
    'w-disk': '从磁盘卸载要慢得多：GPT-NeoX-20B 在 GPU 上每 token 0.08 秒，磁盘卸载为 10.7 秒。',
  },
  ru: {
    title: 'Держать на GPU только то, что работает',
    summary: 'Модели или часть весов ждут в памяти хоста.',
    how: 'Model offload — для целых компонентов, или опция движка для части весов.',
    cost: 'Копирование целых компонентов между этапами.',
    nothing: 'На этом этапе весов нет.',
    'w-disk': 'С диска намного медленнее: GPT-NeoX-20B — 0,08 с на токен на GPU, 10,7 с с диска.',
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
  sources: [
    'diffusers documentation: reduce memory usage',
    'transformers documentation: big model inference',
  ],
  roles: ['inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'model_offload', to: true }],

  commands: [],
  costs: [],
  cautions: [{ says: 'w-disk' }],
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
