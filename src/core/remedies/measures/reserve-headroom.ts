import { hadRoom } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Reserve headroom',
    summary:
      'A program that places layers by its own estimate can be told to leave some memory untouched.',
    how: 'Set the reserve in bytes, on the server, and restart it.',
    cost: 'Fewer layers on the GPU.',
    nothing: 'No estimate of a program is shown.',
    'c-bytes':
      'The value is in bytes, without a unit, and it is the server’s setting, not the client’s.',
  },
  zh: {
    title: '预留余量',
    summary: '按自身估计放置各层的程序，可以被要求留出一部分显存。',
    how: '在服务端以字节为单位设置预留量并重启。',
    cost: '放到 GPU 的层变少。',
    nothing: '没有出现程序的估计。',
    'c-bytes': '数值以字节为单位，不带后缀；是服务端设置，不是客户端设置。',
  },
  ru: {
    title: 'Оставить запас',
    summary:
      'Программе, которая раскладывает слои по своей оценке, можно велеть не трогать часть памяти.',
    how: 'Задать запас в байтах на сервере и перезапустить его.',
    cost: 'Меньше слоёв на GPU.',
    nothing: 'Оценки программы не видно.',
    'c-bytes': 'Значение — в байтах, без единицы, и это настройка сервера, а не клиента.',
  },
} as const;

export const reserveHeadroom: Remedy = {
  id: 'reserve-headroom',
  code: 'UN390',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: ['outside-the-pool', 'model-does-not-fit'],
  domain: 'inference',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['ollama: OLLAMA_GPU_OVERHEAD; ollama/ollama#8447 (bytes, not "16G")'],
  roles: ['quick', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { budget: 'engine' },
  changes: [{ setting: 'engine_reserve', to: 2147483648 }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-bytes' }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !hadRoom(c.amounts) &&
    c.frameworks.some((name) => ['ollama', 'comfyui'].includes(name)),
};
