import { constant, type Factor, type Modelled, ofFactor, plus } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import { largestPacked } from '../static.ts';
import type { Term } from '../term.ts';

const SMALL: Factor = {
  name: 'kernel_scratch',
  low: 0,
  mid: 8 * 2 ** 20,
  high: 64 * 2 ** 20,
  unit: 'bytes',
  source: 'scratch of attention kernels and of sampling; assumed range',
};

const GRAPHS: Factor = {
  name: 'compiled_graphs',
  low: 64 * 2 ** 20,
  mid: 256 * 2 ** 20,
  high: 640 * 2 ** 20,
  unit: 'bytes',
  source:
    'assumed, after published pairs of compiled and eager generation: a quarter of a gigabyte',
};

export const kernelScratch: Term = {
  id: 'kernel-scratch',
  code: 'UN562',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Scratch of kernels',
      summary:
        'What kernels keep beside their tensors: the unpacked largest layer of exllama, buffers of compiled graphs, small ones of attention and sampling.',
    },
    zh: {
      title: 'kernel 暂存区',
      summary:
        'kernel 在张量之外保留的缓冲区：exllama 为最大的一层准备的解包缓冲、编译后计算图的缓冲，以及注意力和采样的小缓冲。',
    },
    ru: {
      title: 'Рабочие буферы ядер',
      summary:
        'То, что ядра держат помимо тензоров: буфер exllama под распакованный наибольший слой, буферы скомпилированных графов, малые буферы внимания и выборки.',
    },
  },
  sources: [
    'auto_gptq@0.7.1: modeling/_utils.py (temp_dq)',
    'published peaks of generation with short prompts',
  ],
  category: 'workspace',
  pool: 'torch',
  basis: 'modelled',
  formula: 'scratch_bytes × largest_packed_layer + kernel_scratch + compiled_graphs',
  formulaAt: ({ job }) =>
    [
      ...(job.packing?.scratch === undefined ? [] : ['scratch_bytes × largest_packed_layer']),
      'kernel_scratch',
      ...(job.compiled === true ? ['compiled_graphs'] : []),
    ].join(' + '),
  inputs: ({ job }) => ({
    scratch_bytes: count(job.packing?.scratch ?? 0),
    largest_packed_layer: count(largestPacked(job)),
  }),
  at: ({ job, moment }) => {
    if (job.trains !== 'none' || moment.point === 'load') return undefined;
    const kept = (job.packing?.scratch ?? 0) * largestPacked(job);
    const small: Modelled =
      job.compiled === true ? plus(ofFactor(SMALL), ofFactor(GRAPHS)) : ofFactor(SMALL);
    return kept === 0 ? small : plus(constant(kept), small);
  },
};
