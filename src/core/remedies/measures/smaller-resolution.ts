import { isShortage } from '../../diagnosis/case.ts';
import { isVisual } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller resolution or crop',
    summary:
      'Activations of images grow with the number of pixels, those of volumes with the voxels: half the edge is a quarter of an image, an eighth of a volume.',
    how: 'Train on smaller images or random crops. Where whole images must go through at inference, work through them in pieces instead.',
    cost: 'Another experiment: small objects vanish, and what is seen around a point shrinks.',
    nothing: 'No image is on the card in this phase: the size of images changes nothing here.',
    'caution-pieces':
      'At inference and in validation a whole image can be worked through in pieces at full size.',
    'caution-multiple':
      'Networks with pooling want edges that are multiples of their stride, generators those they were trained on.',
    'caution-largest':
      'With images of different sizes the largest sets the peak: limit the longer edge.',
  },
  zh: {
    title: '更小的分辨率或裁剪',
    summary:
      '图像的激活值随像素数增长，体数据随体素数增长：边长减半，图像为四分之一，体数据为八分之一。',
    how: '用更小的图像或随机裁剪来训练。推理时若必须处理整幅图像，则改为分块处理。',
    cost: '这是另一个实验：小物体会消失，每个点周围可见的范围也变小。',
    nothing: '这一阶段卡上没有图像：图像大小在这里不起作用。',
    'caution-pieces': '推理和验证时，整幅图像可以按原尺寸分块处理。',
    'caution-multiple': '带池化的网络要求边长是其步幅的倍数，生成模型要求其训练时的尺寸。',
    'caution-largest': '图像大小不一时，峰值由最大的决定：限制较长的边。',
  },
  ru: {
    title: 'Меньшее разрешение или кроп',
    summary:
      'Активации изображений растут с числом пикселей, объёмов — с числом вокселей: половина стороны — четверть изображения и восьмая часть объёма.',
    how: 'Обучать на меньших изображениях или случайных кропах. Если при инференсе нужны целые изображения, обрабатывать их по частям.',
    cost: 'Это другой эксперимент: мелкие объекты пропадают, окружение точки сужается.',
    nothing: 'На этом этапе изображений на карте нет: их размер здесь ничего не меняет.',
    'caution-pieces':
      'При инференсе и валидации целое изображение можно обработать по частям в полном размере.',
    'caution-multiple':
      'Сетям с пулингом нужны стороны, кратные их шагу, генераторам — те, на которых их обучали.',
    'caution-largest':
      'Если изображения разного размера, пик задаёт самое большое: ограничить длинную сторону.',
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
  sources: [
    'measured with saved-tensor hooks, fp32, for each image of 224 × 224: ResNet-50 81.9 MiB, ConvNeXt-T 104.1 MiB, Swin-T 101.7 MiB; all scale with height × width',
  ],
  roles: ['researcher', 'inference'],
  alters: 'experiment',
  often_tried: true,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'resolution', to: 'lower' }],
  commands: [],
  costs: [],
  cautions: [
    {
      says: 'caution-pieces',
      applies: (c) => c.phase.value === 'eval' || c.phase.value === 'generate',
    },
    { says: 'caution-multiple' },
    { says: 'caution-largest' },
  ],
  // Where the phase holds no images it is a dead end that people try.
  concerns: (c) => isShortage(c) && isVisual(c) && c.phase.value !== 'unknown',
};
