/** Serving and generation: the cache beside the weights. */

import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { hadRoom } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The KV cache does not fit',
    summary: 'Keys and values of the context grow with every token and every sequence.',
    headline: 'The KV cache has no room beside the weights.',
    phase: 'It failed {phase}, where the cache grows or is allocated.',
    negative: 'After weights and activations {available} is left for the cache.',
    message: 'The engine found no room for the cache.',
    weights: 'Weights near the card’s size look the same.',
  },
  zh: {},
  ru: {},
} as const;

export const kvCacheTooLarge: Cause = {
  id: 'kv-cache-too-large',
  code: 'UN209',
  since: '0.1.0',
  status: 'preview',
  family: 'kv-cache',
  domain: 'inference',
  category: 'state',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['vllm@v0.8.0: KV cache sizing'],
  assess(c): Assessment | undefined {
    const { value } = c.phase;
    if (c.kind !== 'gpu_oom' || hadRoom(c.amounts)) return undefined;
    if (value !== 'generate' && value !== 'prefill' && value !== 'kv_alloc') return undefined;
    const available = valueIn(c.facts, 'kv_available');
    const because = [say(TEXTS, 'phase', { phase: PHASES[value] })];
    if (available !== undefined) because.push(say(TEXTS, 'negative', { available }));
    else if (c.has('kv-cache')) because.push(say(TEXTS, 'message'));
    return { strength: 'possible', because, against: [say(TEXTS, 'weights')], weight: 7 };
  },
};
