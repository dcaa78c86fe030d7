/** Serving and generation: the cache beside the weights. */

import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { type Case, hadRoom } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The KV cache does not fit',
    summary: 'Keys and values of the context grow with every token and every sequence.',
    headline: 'The KV cache has no room beside the weights.',
    phase: 'It failed {phase}, where the cache grows or is allocated.',
    negative: 'After weights and activations {available} is left for the cache.',
    message: 'The engine found no room for the cache.',
    sequence:
      'One sequence of {length} tokens is longer than the {tokens} tokens that the cache can hold.',
    'sequence-bytes':
      'One sequence of full length needs {needed} of cache, and {available} is there.',
    said: 'The engine says that one sequence of full length does not fit into its cache.',
    'total-tokens': 'The engine cannot hold the {tokens} tokens that it is told to batch.',
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
    if (c.kind !== 'gpu_oom') return undefined;
    const told = toldByEngine(c);
    if (told !== undefined) return told;
    if (hadRoom(c.amounts) || c.has('allocating-weights') || c.has('allocating-compute'))
      return undefined;
    if (c.has('engine-budget-too-large') || c.has('taken-at-start')) return undefined;
    if (value !== 'generate' && value !== 'prefill' && value !== 'kv_alloc') return undefined;
    const available = valueIn(c.facts, 'kv_available');
    const because = [say(TEXTS, 'phase', { phase: PHASES[value] })];
    if (available !== undefined) because.push(say(TEXTS, 'negative', { available }));
    else if (c.has('kv-cache')) because.push(say(TEXTS, 'message'));
    return { strength: 'possible', because, against: [say(TEXTS, 'weights')], weight: 7 };
  },
};

/** What an engine says of its own cache: arithmetic where it prints both sides. */
function toldByEngine(c: Case): Assessment | undefined {
  const { max_seq_len: length, kv_tokens: tokens, total_tokens: total } = c.counts;
  const needed = valueIn(c.facts, 'kv_needed');
  const available = valueIn(c.facts, 'kv_available');
  const because = [];
  if (length !== undefined && tokens !== undefined && length > tokens) {
    because.push(say(TEXTS, 'sequence', { length, tokens }));
  }
  if (needed !== undefined && available !== undefined && needed.mid > available.mid) {
    because.push(say(TEXTS, 'sequence-bytes', { needed, available }));
  }
  if (because.length > 0) return { strength: 'proven', because, against: [], weight: 10 };
  if (c.has('sequence-exceeds-kv')) {
    return { strength: 'likely', because: [say(TEXTS, 'said')], against: [], weight: 10 };
  }
  if (c.format === 'tgi' && total !== undefined) {
    because.push(say(TEXTS, 'total-tokens', { tokens: total }));
    return { strength: 'likely', because, against: [], weight: 9 };
  }
  return c.has('allocating-kv')
    ? { strength: 'likely', because: [say(TEXTS, 'message')], against: [], weight: 9 }
    : undefined;
}
