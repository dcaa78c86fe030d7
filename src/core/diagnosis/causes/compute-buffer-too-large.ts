/** The graph’s scratch buffer beside weights and cache. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The compute buffer does not fit beside weights and cache',
    summary:
      'llama.cpp and what embeds it allocate the scratch of one graph last: it grows with the physical batch, the vocabulary and, without flash attention, the context.',
    headline: 'Weights and cache fit; the compute buffer beside them does not.',
    message: 'It was the compute buffer that was refused, not weights and not the cache.',
    weights: 'Fewer layers on the GPU would make room as well.',
  },
  zh: {},
  ru: {},
} as const;

export const computeBufferTooLarge: Cause = {
  id: 'compute-buffer-too-large',
  code: 'UN237',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'inference',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'llama.cpp: ggml_gallocr_reserve; memory model 3.5: 4 × n_ubatch × (vocabulary + width) with flash attention',
  ],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom' || !c.has('allocating-compute')) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'message')],
      against: [say(TEXTS, 'weights')],
      weight: 8,
    };
  },
};
