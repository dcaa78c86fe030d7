import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Decode images tile by tile',
    summary: 'The image decoder works at full resolution; tiles or slices bound its memory.',
    how: 'Turn tiling on for large images, slicing for batches.',
    cost: 'Seams can be faint; a little time.',
    nothing: 'No image is decoded in this phase.',
  },
  zh: {
    title: '分块解码图像',
    summary: '图像解码器以原始分辨率工作；分块或逐张解码可限制其显存。',
    how: '大图开启 tiling，批量图像开启 slicing。',
    cost: '可能有轻微接缝；略微耗时。',
    nothing: '这一阶段没有解码图像。',
  },
  ru: {
    title: 'Декодировать изображения тайлами',
    summary:
      'Декодер изображений работает в полном разрешении; тайлы или срезы ограничивают его память.',
    how: 'Включить тайлинг для больших изображений, slicing — для батчей.',
    cost: 'Возможны слабые швы; немного времени.',
    nothing: 'На этом этапе изображения не декодируются.',
  },
} as const;

export const tileTheVae: Remedy = {
  id: 'tile-the-vae',
  code: 'UN393',
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
    'memory model 2.7: 768 × height × width × bytes per element without tiling',
    'diffusers: enable_tiling, enable_slicing',
  ],
  roles: ['quick', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations', 'outputs'] },
  changes: [{ setting: 'vae_tiling', to: true }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && c.shows('vae') !== undefined,
};
