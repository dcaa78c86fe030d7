import { constant } from '../../base/factor.ts';
import { systemOf, zeroCopies } from '../buffers.ts';
import { bytes, count } from '../inputs.ts';
import { bucketBytes, computeWidth } from '../static.ts';
import type { Term } from '../term.ts';

export const bucketCopies: Term = {
  id: 'bucket-copies',
  code: 'UN511',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Buckets of gradients',
      summary:
        'Data parallelism copies gradients into buckets for the reduction: once all of them with DDP, one or two buckets with ZeRO.',
    },
    zh: {
      title: '梯度桶',
      summary: '数据并行为归约把梯度复制到桶中：DDP 相当于全部梯度一份，ZeRO 为一到两个桶。',
    },
    ru: {
      title: 'Корзины градиентов',
      summary:
        'Параллелизм по данным копирует градиенты в корзины для редукции: у DDP — все целиком, у ZeRO — одна-две корзины.',
    },
  },
  sources: [
    'torch@2.8: nn/parallel/distributed.py, gradient_as_bucket_view',
    'deepspeed@0.16: runtime/zero/stage_1_and_2.py, stage3.py, config.py (reduce_bucket_size 5e8)',
  ],
  category: 'copies',
  pool: 'torch',
  basis: 'modelled',
  formula: 'max(gradients, bucket_elements × width)',
  formulaAt: ({ job }) =>
    systemOf(job) === 'deepspeed' ? 'buckets × bucket_elements × width' : 'gradients',
  inputs: ({ job, moment }, size) => {
    const width = computeWidth(job);
    return systemOf(job) === 'deepspeed'
      ? {
          bucket_elements: count(size / width / zeroCopies(job, moment.point)),
          width: count(width),
          buckets: count(zeroCopies(job, moment.point)),
        }
      : { gradients: bytes(size) };
  },
  at: ({ job, moment }) => {
    const bytes = moment.point === 'load' ? 0 : bucketBytes(job, moment.point);
    return bytes === 0 ? undefined : constant(bytes);
  },
};
