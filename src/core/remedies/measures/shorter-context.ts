import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A shorter context or fewer sequences',
    summary: 'The KV cache is proportional to tokens times sequences.',
    how: 'Lower max_num_seqs, max_num_batched_tokens, max_model_len or max_new_tokens, in that order before enforce_eager; or keep the cache in 8 bit. When the weights alone leave nothing, it cannot make room.',
    cost: 'Longer prompts are refused; an 8-bit cache costs a little quality.',
    nothing: 'There is no KV cache in this phase.',
  },
  zh: {},
  ru: {},
} as const;

export const shorterContext: Remedy = {
  id: 'shorter-context',
  code: 'UN313',
  since: '0.1.0',
  status: 'preview',
  family: 'kv-cache',
  domain: 'inference',
  answers: ['kv-cache'],
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['vllm: max_model_len, max_num_seqs'],
  roles: ['inference'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['kv_cache'] },
  changes: [{ setting: 'context_length', to: 'lower' }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) && ['generate', 'prefill', 'kv_alloc', 'capture'].includes(c.phase.value),
};
