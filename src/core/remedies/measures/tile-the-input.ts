import { type Case, exceedsCard, isShortage } from '../../diagnosis/case.ts';
import { isVisual } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Work through the input in pieces',
    summary:
      'Whole images, volumes and recordings are cut into overlapping pieces; memory then grows with a piece, not with the whole.',
    how: 'Use sliding-window or tiled inference with an overlap, few windows at once, and put the result together in host memory. Cut long recordings at silences.',
    cost: 'Overlaps are computed twice: 25 % in each dimension is 1.8 times the work for an image, 2.4 times for a volume.',
    nothing: 'No input is on the card in this phase.',
    'caution-seams':
      'Seams show where the overlap is smaller than what the network sees around a point; blend the pieces.',
    'caution-global':
      'Not for networks that look at the whole: global pooling, attention over all of it, norms over the instance.',
    'caution-result':
      'The assembled result of a large volume with many classes is itself gigabytes: keep it on the host.',
    'caution-window':
      'Windows are in use already: take smaller ones, fewer at once, and keep the result on the host.',
  },
  zh: {
    title: '分块处理输入',
    summary: '把整幅图像、体数据和录音切成有重叠的块；显存随块的大小增长，而不随整体增长。',
    how: '使用带重叠的滑动窗口或分块推理，一次只处理少量窗口，并在主机内存里拼接结果。长录音在静音处切开。',
    cost: '重叠部分要算两次：每个维度重叠 25 % 时，图像的计算量为 1.8 倍，体数据为 2.4 倍。',
    nothing: '这一阶段卡上没有输入。',
    'caution-seams': '重叠小于网络的感受野时会出现接缝；应对各块做融合。',
    'caution-global': '不适用于要看到整体的网络：全局池化、覆盖全部输入的注意力、实例归一化。',
    'caution-result': '类别多、体积大的数据，拼接后的结果本身就有数 GB：把它留在主机上。',
    'caution-window': '已经在用窗口：改用更小的窗口，一次少处理几个，并把结果留在主机上。',
  },
  ru: {
    title: 'Обрабатывать вход по частям',
    summary:
      'Целые изображения, объёмы и записи режутся на куски с перекрытием; память тогда растёт с размером куска, а не целого.',
    how: 'Использовать скользящее окно или тайлы с перекрытием, по нескольку окон за раз, а результат собирать в памяти хоста. Длинные записи резать по паузам.',
    cost: 'Перекрытия считаются дважды: 25 % по каждому измерению — в 1.8 раза больше работы для изображения, в 2.4 раза для объёма.',
    nothing: 'На этом этапе входа на карте нет.',
    'caution-seams':
      'Если перекрытие меньше того, что сеть видит вокруг точки, видны швы; куски нужно смешивать.',
    'caution-global':
      'Не для сетей, которые смотрят на целое: глобальный пулинг, внимание по всему входу, нормализация по экземпляру.',
    'caution-result':
      'Собранный результат большого объёма со многими классами сам занимает гигабайты: держать его на хосте.',
    'caution-window':
      'Окна уже используются: взять меньшие, меньше за раз, и держать результат на хосте.',
  },
} as const;

/** No graph is kept for a backward pass: by the phase, or because nothing trains. */
const isInference = (c: Case): boolean =>
  ['eval', 'generate'].includes(c.phase.value) ||
  (c.phase.value === 'forward' && c.situation.workload?.purpose !== 'training');

export const tileTheInput: Remedy = {
  id: 'tile-the-input',
  code: 'UN357',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large', 'autograd-in-eval'],
  domain: 'inference',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.monai.io/en/stable/inferers.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'MONAI documentation: sliding_window_inference (overlap, sw_batch_size, device of the result)',
    'counted: a stride of 3/4 in two dimensions is (4/3)² = 1.8 times the pieces, in three (4/3)³ = 2.4',
  ],
  roles: ['inference', 'researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [],
  commands: [
    'monai.inferers.sliding_window_inference(volume, roi_size, sw_batch_size=1, predictor=net, overlap=0.25, sw_device="cuda", device="cpu")',
  ],
  costs: [],
  cautions: [
    { says: 'caution-window', applies: (c) => c.shows('tiling') !== undefined },
    { says: 'caution-seams' },
    { says: 'caution-global' },
    { says: 'caution-result' },
  ],
  // The decoder of a diffusion model has a switch of its own.
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    c.shows('vae') === undefined &&
    isInference(c) &&
    (c.shows('tiling') !== undefined ||
      c.shows('convolution') !== undefined ||
      c.shows('upsampling') !== undefined ||
      (isVisual(c) && exceedsCard(c.amounts))),
};
