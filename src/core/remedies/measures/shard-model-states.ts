import { type Statement, say } from '../../base/texts.ts';
import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Shard weights, gradients and states (FSDP, ZeRO)',
    summary: 'Each rank keeps a part of the model’s states.',
    how: 'FSDP full_shard or DeepSpeed ZeRO-3; ZeRO-2 shards gradients and states only. Needs several GPUs.',
    cost: 'Communication in every layer; with one GPU it shards nothing.',
    'in-force': 'It is on already: the text shows it.',
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
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['DeepSpeed ZeRO; torch.distributed.fsdp'],
  tried_in_vain: 0,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  change: ['fsdp: full_shard   or   zero_optimization: { stage: 3 }'],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    isTorch(c) &&
    c.backend !== 'mps' &&
    ['optimizer', 'backward', 'forward', 'load', 'init', 'transfer'].includes(c.phase.value),
  barred(c): Statement | undefined {
    return c.isOn('zero-3') || c.isOn('fsdp') ? say(TEXTS, 'in-force') : undefined;
  },
};
