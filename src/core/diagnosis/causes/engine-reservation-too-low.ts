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
  zh: {
    title: '允许引擎占用的太少',
    summary: '在引擎可占用的份额中，权重和激活值之后没有或几乎没有剩余给 KV 缓存。',
    headline: '引擎的份额没有给 KV 缓存留出空间。',
    message: '引擎称其预算不足以容纳必需的内容。',
    utilization: '它的份额是整张卡的 {percent} %。',
    weights: '权重接近整张卡时看起来也一样。',
  },
  ru: {
    title: 'Движку разрешено слишком мало',
    summary:
      'В доле, которую движку можно занять, после весов и активаций KV-кэшу не остаётся ничего или почти ничего.',
    headline: 'Доля движка не оставляет места KV-кэшу.',
    message: 'Движок сообщает, что бюджета не хватает на необходимое.',
    utilization: 'Его доля — {percent} % карты.',
    weights: 'Веса размером почти с карту выглядят так же.',
  },
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
