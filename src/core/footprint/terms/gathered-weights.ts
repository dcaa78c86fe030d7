import { constant, type Factor, type Modelled, plus, scaled } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { Kind } from '../rehearsal/rehearsal.ts';
import { lateUnit } from '../static.ts';
import { instantOf, type Scene, type Term } from '../term.ts';

/** FSDP 1 lets go of a unit when another stream is through with it; its rate limiter lets two be on their way. */
const LATE: Factor = {
  name: 'units_let_go_late',
  low: 0,
  mid: 2,
  high: 2,
  unit: 'ratio',
  source: 'torch@2.9: distributed/fsdp/_limiter_utils.py (two in flight), _unshard_param_utils.py',
};

function bytesOf(scene: Scene): Modelled | undefined {
  const gathered = instantOf(scene)?.[Kind.gathered] ?? 0;
  if (gathered === 0) return undefined;
  const late = Math.min(lateUnit(scene.job), gathered / LATE.mid);
  const rest = constant(gathered - LATE.mid * late);
  return late === 0 ? rest : plus(rest, scaled(late, LATE));
}

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
  at: bytesOf,
};
