import { exceedsCard, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Work through the input in pieces',
    summary:
      'Whole images, volumes and recordings are cut into overlapping pieces and put together afterwards.',
    how: 'Sliding-window or tiled inference with some overlap; long audio in chunks.',
    cost: 'Overlaps are computed twice; seams where the receptive field is larger than the overlap.',
    nothing: 'No input is on the card in this phase.',
  },
  zh: {
    title: '分块处理输入',
    summary: '整幅图像、体数据和录音切成有重叠的小块，处理后再拼接。',
    how: '带重叠的滑动窗口或分块推理；长音频分段处理。',
    cost: '重叠部分要算两次；感受野大于重叠时会有接缝。',
    nothing: '这一阶段卡上没有输入。',
  },
  ru: {
    title: 'Обрабатывать вход по частям',
    summary: 'Целые изображения, объёмы и записи режутся на куски с перекрытием и потом сшиваются.',
    how: 'Скользящее окно или тайлы с перекрытием; длинное аудио — фрагментами.',
    cost: 'Перекрытия считаются дважды; швы, если поле восприятия больше перекрытия.',
    nothing: 'На этом этапе входа на карте нет.',
  },
} as const;

export const tileTheInput: Remedy = {
  id: 'tile-the-input',
  code: 'UN357',
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
  sources: ['oom-case-labels: whole image or volume at inference; tiling confirmed'],
  roles: ['inference', 'researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [],

  commands: ['monai.inferers.sliding_window_inference(inputs, roi_size, sw_batch_size, net)'],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    c.situation.workload?.purpose !== 'training' &&
    ['forward', 'eval', 'generate'].includes(c.phase.value) &&
    (c.shows('convolution') !== undefined ||
      c.shows('upsampling') !== undefined ||
      c.shows('tiling') !== undefined ||
      exceedsCard(c.amounts)),
};
