/** The share that the engine may take is too small for weights and one sequence. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The engine may take too little',
    summary:
      'Of the share that an engine may take, weights and activations leave nothing, or too little, for the KV cache.',
    headline: 'The engine’s share leaves no room for the KV cache.',
    message: 'The engine says that its budget is too small for what it must hold.',
    utilization: 'Its share is {percent} % of the card.',
    weights: 'Weights near the card’s size look the same.',
  },
  zh: {},
  ru: {},
} as const;

export const engineReservationTooLow: Cause = {
  id: 'engine-reservation-too-low',
  code: 'UN232',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  domain: 'inference',
  category: 'engine',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['vllm: "No available memory for the cache blocks"; sglang: mem-fraction-static'],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom' || !c.has('engine-budget-too-small')) return undefined;
    const share = c.counts.utilization ?? c.counts.mem_fraction_static;
    const isLow = share !== undefined && share < 0.8;
    const because = [say(TEXTS, 'message')];
    if (share !== undefined) {
      because.push(say(TEXTS, 'utilization', { percent: Math.round(share * 100) }));
    }
    return {
      strength: 'possible',
      because,
      against: [say(TEXTS, 'weights')],
      weight: isLow ? 9 : 7,
    };
  },
};
