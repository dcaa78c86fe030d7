import { hadRoom } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer layers on the GPU',
    summary:
      'Layers that stay on the CPU take their weights and their part of the cache with them.',
    how: 'Lower the number of GPU layers, or let the program fit them by itself.',
    cost: 'Tokens per second fall with each layer on the CPU.',
    nothing: 'No layers are placed in this phase.',
  },
  zh: {
    title: '减少放到 GPU 的层数',
    summary: '留在 CPU 上的层会带走其权重和对应的缓存。',
    how: '调小 GPU 层数，或让程序自动适配。',
    cost: '每多一层在 CPU 上，速度就下降一些。',
    nothing: '这一阶段没有放置层。',
  },
  ru: {
    title: 'Меньше слоёв на GPU',
    summary: 'Слои, что остаются на CPU, забирают свои веса и свою часть кэша.',
    how: 'Уменьшить число слоёв на GPU или дать программе подобрать его.',
    cost: 'С каждым слоем на CPU токенов в секунду меньше.',
    nothing: 'На этом этапе слои не размещаются.',
  },
} as const;

export const fewerGpuLayers: Remedy = {
  id: 'fewer-gpu-layers',
  code: 'UN389',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'activations-too-large', 'outside-the-pool', 'kv-cache'],
  domain: 'inference',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['llama.cpp: -ngl; memory model 3.5 and 6'],
  roles: ['quick', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'kv_cache'] },
  changes: [{ setting: 'gpu_layers', to: 'lower' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !hadRoom(c.amounts) &&
    c.frameworks.some((name) =>
      [
        'llama.cpp',
        'ollama',
        'lmstudio',
        'koboldcpp',
        'llamafile',
        'text-generation-webui',
      ].includes(name),
    ),
};
