import { type Statement, say } from '../../base/texts.ts';
import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Activation checkpointing',
    summary: 'Keeps layer inputs only and recomputes the rest in the backward pass.',
    how: 'model.gradient_checkpointing_enable() or torch.utils.checkpoint(..., use_reentrant=False); under FSDP its own activation-checkpointing option; with PEFT also model.enable_input_require_grads().',
    cost: 'About 20-40 % slower when full.',
    nothing: 'There are no saved activations in this phase.',
    'no-graph':
      'Evaluation and generation need no saved activations; with gradients off there are none to recompute.',
    model: 'The model itself was being moved; there are no activations yet.',
  },
  zh: {},
  ru: {},
} as const;

export const checkpointActivations: Remedy = {
  id: 'checkpoint-activations',
  code: 'UN305',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'training',
  answers: ['activations-too-large'],
  category: 'recomputation',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.utils.checkpoint; memory model section on recomputation'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: true,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'checkpointing', to: true }],
  shown_by: ['checkpointing'],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && mayTrain(c) && c.mayBeTorch,
  barred(c): Statement | undefined {
    if (['eval', 'generate', 'prefill'].includes(c.phase.value)) return say(TEXTS, 'no-graph');
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
