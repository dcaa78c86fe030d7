import { type Factor, scaled } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { largestConvolution } from '../network.ts';
import type { Term } from '../term.ts';

/** Assumed: nobody but the library knows which algorithm it takes for which convolution on which card. */
const WORKSPACE: Factor = {
  name: 'convolution_workspace',
  low: 0,
  mid: 0.7,
  high: 3,
  unit: 'ratio',
  source:
    'assumed: from algorithms without a workspace to transformed copies of input and output; the middle after published peaks of detectors',
};

export const convolutionWorkspace: Term = {
  id: 'convolution-workspace',
  code: 'UN590',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Workspace of convolutions',
      summary:
        'cuDNN asks for scratch for the time of a convolution, as much as the algorithm that it picks wants. It is an assumption: no record of a network shows it.',
    },
    zh: {
      title: '卷积工作区',
      summary:
        'cuDNN 在一次卷积期间申请暂存区，大小由它选中的算法决定。这是假定值：网络的记录中看不到它。',
    },
    ru: {
      title: 'Рабочая область свёрток',
      summary:
        'cuDNN просит память на время свёртки, сколько хочет выбранный им алгоритм. Это допущение: в записи сети её не видно.',
    },
  },
  sources: [
    'torch@2.8: aten/src/ATen/native/cudnn/Conv_v8.cpp (the first plan whose workspace can be allocated)',
    'https://github.com/pytorch/pytorch/issues/49207 (a workspace of 8.7 GB)',
  ],
  category: 'workspace',
  pool: 'torch',
  basis: 'assumed',
  formula: 'largest_convolution × convolution_workspace',
  inputs: ({ job }) => ({ largest_convolution: bytes(largestConvolution(job)) }),
  at: ({ job, moment }) => {
    if (!/^(?:forward|backward|evaluate)$/.test(moment.point)) return undefined;
    const size = largestConvolution(job);
    return size === 0 ? undefined : scaled(size, WORKSPACE);
  },
};
