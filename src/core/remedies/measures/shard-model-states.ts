import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Shard weights, gradients and states (FSDP, ZeRO)',
    summary: 'Each rank keeps a part of the model’s states.',
    how: 'FSDP full_shard or DeepSpeed ZeRO-3; ZeRO-2 shards gradients and states only. Needs several GPUs.',
    cost: 'Communication in every layer; with one GPU it shards nothing.',
    nothing: 'No weights or states are on the card in this phase.',
  },
  zh: {},
  ru: {},
} as const;

export const shardModelStates: Remedy = {
  id: 'shard-model-states',
  code: 'UN311',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  domain: 'training',
  answers: ['optimizer-states', 'model-does-not-fit'],
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['DeepSpeed ZeRO; torch.distributed.fsdp'],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'sharding', to: 'full' }],
  shown_by: ['zero-3', 'fsdp'],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    isTorch(c) &&
    c.backend !== 'mps' &&
    ['optimizer', 'backward', 'forward', 'load', 'init', 'transfer'].includes(c.phase.value),
};
