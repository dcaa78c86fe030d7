import { constant } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import { Kind } from '../rehearsal/rehearsal.ts';
import { instantOf, type Term } from '../term.ts';

export const weightCopies: Term = {
  id: 'weight-copies',
  code: 'UN509',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Copies of weights',
      summary:
        'Casts that autocast keeps until the backward pass has used them, and packed weights unpacked for a product.',
    },
    zh: {
      title: '权重副本',
      summary: 'autocast 保留到反向用完为止的转换副本，以及为一次乘法而解包的量化权重。',
    },
    ru: {
      title: 'Копии весов',
      summary:
        'Приведения типов, которые autocast хранит до использования в обратном проходе, и упакованные веса, распакованные для произведения.',
    },
  },
  sources: ['torch@2.8: aten/src/ATen/autocast_mode.cpp', 'bitsandbytes@0.48: MatMul4Bit'],
  category: 'copies',
  pool: 'torch',
  basis: 'modelled',
  formula: 'elements × copy_width',
  inputs: ({ job }, size) => {
    const width = job.autocast ?? job.packing?.unpacked ?? job.width;
    return { elements: count(size / width), copy_width: count(width) };
  },
  at: (scene) => {
    const bytes = instantOf(scene)?.[Kind.copy] ?? 0;
    return bytes === 0 ? undefined : constant(bytes);
  },
};
