import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { Kind } from '../rehearsal/rehearsal.ts';
import { instantOf, type Term } from '../term.ts';

export const gatheredWeights: Term = {
  id: 'gathered-weights',
  code: 'UN510',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Gathered weights',
      summary:
        'With full sharding: the whole weights of the layer at work and of the next one, gathered from all ranks, and the gradient before it is divided.',
    },
    zh: {
      title: '聚合的权重',
      summary: '完全切分时：当前层与下一层从所有 rank 聚合来的完整权重，以及切分前的梯度。',
    },
    ru: {
      title: 'Собранные веса',
      summary:
        'При полном шардировании: целые веса текущего и следующего слоя, собранные со всех рангов, и градиент до разделения.',
    },
  },
  sources: [
    'torch@2.9: distributed/fsdp/_fully_shard/_fsdp_param_group.py, _fsdp_collectives.py',
    'deepspeed@0.16: runtime/zero/partitioned_param_coordinator.py',
  ],
  category: 'copies',
  pool: 'torch',
  basis: 'modelled',
  formula: 'max(units_in_flight + reduction_buffer)',
  inputs: (_, size) => ({ 'units_in_flight + reduction_buffer': bytes(size) }),
  at: (scene) => {
    const bytes = instantOf(scene)?.[Kind.gathered] ?? 0;
    return bytes === 0 ? undefined : constant(bytes);
  },
};
