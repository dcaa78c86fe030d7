import { constant } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import { Kind } from '../rehearsal/rehearsal.ts';
import {
  hasLastingGradients,
  heldGradients,
  holdsGradients,
  staysWhole,
  steppedGradients,
} from '../static.ts';
import type { Term } from '../term.ts';

export const gradients: Term = {
  id: 'gradients',
  code: 'UN504',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Gradients',
      summary:
        'One gradient for each trained weight, from its backward pass to zero_grad. With accumulation they stay over all micro-batches.',
    },
    zh: {
      title: '梯度',
      summary:
        '每个被训练的权重一份梯度，从反向传播产生到 zero_grad 释放。梯度累积时会贯穿所有 micro-batch。',
    },
    ru: {
      title: 'Градиенты',
      summary:
        'По одному градиенту на каждый обучаемый вес, от обратного прохода до zero_grad. При накоплении они живут все микробатчи.',
    },
  },
  sources: ['torch@2.8: torch/csrc/autograd/functions/accumulate_grad.h'],
  category: 'gradients',
  pool: 'torch',
  basis: 'modelled',
  formula: 'elements × width',
  inputs: ({ job }, size) => ({
    elements: count(size / job.gradientWidth),
    width: count(job.gradientWidth),
  }),
  at: ({ job, moment, steps }) => {
    const step = steps[moment.turn === 'first' ? 'first' : 'later'];
    if (step === undefined) return undefined;
    const lasts = hasLastingGradients(job);
    const isAdded = holdsGradients(job) || staysWhole(job);
    const isHeld = lasts || (moment.turn === 'later' && isAdded);
    const held = isHeld ? heldGradients(job) : 0;
    if (moment.point === 'backward')
      return constant(held + (step.backward[Kind.gradient] as number));
    if (/^(?:load|evaluate|save|forward|prefill|decode|serve)$/.test(moment.point))
      return held === 0 || (!lasts && moment.point !== 'forward') ? undefined : constant(held);
    return moment.point === 'optimizer' ? constant(steppedGradients(job)) : undefined;
  },
};
