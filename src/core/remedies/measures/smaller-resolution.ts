import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller resolution or crop',
    summary: 'Activations of images and volumes grow with the number of pixels or voxels.',
    how: 'Smaller images or crops in training; full size stays possible in pieces at inference.',
    cost: 'Another experiment: small things vanish.',
    nothing: 'No image is on the card in this phase.',
  },
  zh: {
    title: '降低分辨率或裁剪',
    summary: '图像和体数据的激活值随像素或体素数增长。',
    how: '训练用更小的图像或裁剪块；推理时仍可分块处理原尺寸。',
    cost: '这是另一个实验：小目标会消失。',
    nothing: '这一阶段卡上没有图像。',
  },
  ru: {
    title: 'Меньшее разрешение или кроп',
    summary: 'Активации изображений и объёмов растут с числом пикселей или вокселей.',
    how: 'Обучать на меньших изображениях или кропах; полный размер при инференсе — по частям.',
    cost: 'Другой эксперимент: мелкое исчезает.',
    nothing: 'На этом этапе изображения на карте нет.',
  },
} as const;

export const smallerResolution: Remedy = {
  id: 'smaller-resolution',
  code: 'UN354',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'any',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 2.7: scale with height × width'],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: true,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'resolution', to: 'lower' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    ['forward', 'backward', 'eval', 'generate'].includes(c.phase.value) &&
    (c.shows('convolution') !== undefined ||
      c.shows('upsampling') !== undefined ||
      c.shows('vae') !== undefined ||
      c.frameworks.some((name) =>
        [
          'diffusers',
          'comfyui',
          'ultralytics',
          'mmdetection',
          'mmsegmentation',
          'detectron2',
          'monai',
          'nnunet',
          'stable-diffusion-webui',
        ].includes(name),
      )),
};
