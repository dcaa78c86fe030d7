import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer or shorter calibration samples',
    summary: 'Quantisers keep the inputs of a layer for all calibration samples at once.',
    how: 'Fewer samples, shorter ones, or the option that keeps them on the host.',
    cost: 'With very few samples the scales get worse.',
    nothing: 'No calibration is running in this phase.',
  },
  zh: {
    title: '减少或缩短校准样本',
    summary: '量化工具会同时保留所有校准样本在某一层的输入。',
    how: '减少样本数、缩短样本，或使用把它们放在主机上的选项。',
    cost: '样本过少会使缩放系数变差。',
    nothing: '这一阶段没有在做校准。',
  },
  ru: {
    title: 'Меньше или короче калибровочных примеров',
    summary: 'Квантователи держат входы слоя сразу для всех калибровочных примеров.',
    how: 'Меньше примеров, короче примеры или опция, которая держит их на хосте.',
    cost: 'При очень малом числе примеров масштабы хуже.',
    nothing: 'На этом этапе калибровки нет.',
  },
} as const;

export const fewerCalibrationSamples: Remedy = {
  id: 'fewer-calibration-samples',
  code: 'UN358',
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
  sources: ['casper-hansen/AutoAWQ#242: 512 samples fit, 800 did not'],
  roles: ['inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['inputs', 'activations', 'outputs'] },
  changes: [],

  commands: ['AWQ: max_calib_samples=128, max_calib_seq_len=512'],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && c.shows('calibration') !== undefined,
};
