import { constant } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import { adapterElements, frozenBytes } from '../static.ts';
import type { Term } from '../term.ts';

export const adapterWeights: Term = {
  id: 'adapter-weights',
  code: 'UN503',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Adapter weights',
      summary:
        'The two thin matrices of LoRA beside each linear layer that it stands at, or what another method of PEFT has there. PEFT keeps them in fp32 unless told otherwise.',
    },
    zh: {
      title: '适配器权重',
      summary:
        'LoRA 在每个目标线性层旁增加的两个窄矩阵，或 PEFT 其他方法在那里的参数。PEFT 默认用 fp32 保存。',
    },
    ru: {
      title: 'Веса адаптера',
      summary:
        'Две узкие матрицы LoRA рядом с каждым целевым линейным слоем или то, что там держит другой метод PEFT. PEFT по умолчанию хранит их в fp32.',
    },
  },
  sources: ['peft@0.17: tuners_utils.py, autocast_adapter_dtype'],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'sum(rank × (inputs + outputs) × width)',
  inputs: ({ job: { adapter } }, size) => {
    const { rank: told = 1, width = 4 } = adapter ?? {};
    // Methods without a rank.
    const rank = Math.max(1, told);
    return {
      rank: count(rank),
      width: count(width),
      'inputs + outputs': count(size / rank / width),
    };
  },
  at: ({ job }) =>
    job.adapter === undefined
      ? undefined
      : constant(adapterElements(job) * job.adapter.width + frozenBytes(job)),
};
