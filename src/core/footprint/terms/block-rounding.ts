import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { roundedWeights, shardsOf } from '../static.ts';
import type { Term } from '../term.ts';

export const blockRounding: Term = {
  id: 'block-rounding',
  code: 'UN560',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Rounding of blocks',
      summary:
        'A large tensor gets a segment of whole 2 MiB, and up to 1 MiB that is left of it counts as allocated with it.',
    },
    zh: {
      title: '显存块取整',
      summary:
        '较大的张量独占一个 2 MiB 整数倍的段，其余不超过 1 MiB 的部分不再切分，一并计为已分配。',
    },
    ru: {
      title: 'Округление блоков',
      summary:
        'Крупный тензор получает сегмент, кратный 2 МиБ; остаток до 1 МиБ не отрезается и считается выделенным вместе с ним.',
    },
  },
  sources: ['torch@2.8: c10/cuda/CUDACachingAllocator.cpp (get_allocation_size, should_split)'],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'sum(block(weight) - weight)',
  inputs: (_, size) => ({ 'block(weight) - weight': bytes(size) }),
  at: ({ job }) => {
    if (job.trains !== 'none' || shardsOf(job) > 1) return undefined;
    const bytes = roundedWeights(job) * (1 - (job.loadsReserved ?? 0));
    return bytes === 0 ? undefined : constant(bytes);
  },
};
