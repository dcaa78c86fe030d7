import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Decode images one after another',
    summary:
      'The image decoder takes the pictures of a batch one by one; denoising stays as it is.',
    how: 'Turn slicing of the decoder on.',
    cost: 'Next to no time, and nothing of the pictures changes.',
    nothing: 'No batch of images is decoded in this phase.',
    'caution-one':
      'With one picture at a time there is nothing to divide: tiles are for large pictures.',
  },
  zh: {
    title: '逐张解码图像',
    summary: '图像解码器把一个批次的图逐张解码；去噪过程不变。',
    how: '开启解码器的 slicing。',
    cost: '几乎不耗时，图像本身不变。',
    nothing: '这一阶段没有成批解码图像。',
    'caution-one': '每次只有一张图时无可拆分：大图要用 tiling。',
  },
  ru: {
    title: 'Декодировать изображения по одному',
    summary: 'Декодер берёт изображения батча по одному; шумоподавление остаётся прежним.',
    how: 'Включить slicing декодера.',
    cost: 'Почти не занимает времени, изображения не меняются.',
    nothing: 'На этом этапе батч изображений не декодируется.',
    'caution-one': 'Одно изображение делить не на что: для больших изображений есть тайлы.',
  },
} as const;

export const decodeOneByOne: Remedy = {
  id: 'decode-one-by-one',
  code: 'UN395',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'inference',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'diffusers@0.42.1: models/autoencoders/autoencoder_kl.py (use_slicing splits the batch, not the picture)',
  ],
  roles: ['quick', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations', 'outputs'] },
  changes: [{ setting: 'vae_slicing', to: true }],

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-one' }],
  concerns: (c) => isShortage(c) && c.shows('vae') !== undefined,
};
