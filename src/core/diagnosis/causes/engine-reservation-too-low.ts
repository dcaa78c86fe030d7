/** The share that the engine may take is too small for weights and one sequence. */
import { type Interval, subtract } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { type Case, isCapped } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The engine may take too little',
    summary:
      'Of the share that an engine may take, weights and activations leave nothing, or too little, for the KV cache.',
    headline: 'The engine’s share leaves no room for the KV cache.',
    message: 'The engine says that its budget is too small for what it must hold.',
    utilization: 'Its share is {percent} % of the card.',
    short: '{short} more for the cache would do: a larger share of the card may have that.',
    fraction: 'The process may use {allowed} of the card by a fraction that it was given.',
    weights: 'Weights near the card’s size look the same.',
    room: 'Without the cache it needs {need} of {total}: a larger share leaves room for one.',
  },
  zh: {
    title: '允许引擎占用的太少',
    summary: '在引擎可占用的份额中，权重和激活值之后没有或几乎没有剩余给 KV 缓存。',
    headline: '引擎的份额没有给 KV 缓存留出空间。',
    message: '引擎称其预算不足以容纳必需的内容。',
    utilization: '它的份额是整张卡的 {percent} %。',
    short: '缓存再多 {short} 就够：份额再大些也许就有。',
    fraction: '按给定的比例，该进程只能使用显卡的 {allowed}。',
    weights: '权重接近整张卡时看起来也一样。',
    room: '不算缓存，它需要 {total} 中的 {need}：份额再大些就能容下缓存。',
  },
  ru: {
    title: 'Движку разрешено слишком мало',
    summary:
      'В доле, которую движку можно занять, после весов и активаций KV-кэшу не остаётся ничего или почти ничего.',
    headline: 'Доля движка не оставляет места KV-кэшу.',
    message: 'Движок сообщает, что бюджета не хватает на необходимое.',
    utilization: 'Его доля — {percent} % карты.',
    short: 'Кэшу хватило бы ещё {short}: при большей доле карты они могут найтись.',
    fraction: 'По заданной доле процессу доступно {allowed} карты.',
    weights: 'Веса размером почти с карту выглядят так же.',
    room: 'Без кэша ему нужно {need} из {total}: при большей доле место для кэша найдётся.',
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
    if (c.kind !== 'gpu_oom') return undefined;
    if (!c.has('engine-budget-too-small')) return nearly(c) ?? ofFraction(c);
    const share = c.counts.utilization ?? c.counts.mem_fraction_static;
    const isLow = share !== undefined && share < 0.8;
    const because = [say(TEXTS, 'message')];
    if (share !== undefined) {
      because.push(say(TEXTS, 'utilization', { percent: Math.round(share * 100) }));
    }
    const [need, total] = [needWithoutCache(c), c.amounts.total];
    const leavesRoom =
      need !== undefined && total !== undefined && need.high <= MOST_SHARE * total.low;
    if (leavesRoom) because.push(say(TEXTS, 'room', { need, total }));
    return {
      strength: leavesRoom ? 'likely' : 'possible',
      because,
      against: leavesRoom ? [] : [say(TEXTS, 'weights')],
      weight: leavesRoom || isLow ? 9 : 7,
    };
  },
};

/** What an engine can be given of a card on which nothing else runs. */
const MOST_SHARE = 0.92;

/** What the engine measured before it came to the cache: what it may take, less what was left of that. */
function needWithoutCache({ facts }: Case): Interval | undefined {
  const [budget, left] = [valueIn(facts, 'budget'), valueIn(facts, 'kv_available')];
  return budget === undefined || left === undefined ? undefined : subtract(budget, left);
}

/** One sequence nearly fits: what is missing is little beside what is there. */
function nearly({ facts }: Case): Assessment | undefined {
  const [needed, there] = [valueIn(facts, 'kv_needed'), valueIn(facts, 'kv_available')];
  if (needed === undefined || there === undefined) return undefined;
  const short = subtract(needed, there);
  if (short.low <= 0 || short.high > there.low) return undefined;
  return {
    strength: 'possible',
    because: [say(TEXTS, 'short', { short })],
    against: [],
    weight: 6,
  };
}

/** A fraction of the card that the framework was told to keep to; frameworks call that their reservation. */
function ofFraction(c: Case): Assessment | undefined {
  const { allowed } = c.amounts;
  if (c.format !== 'torch-cuda' || allowed === undefined || !isCapped(c)) return undefined;
  return {
    strength: 'possible',
    because: [say(TEXTS, 'fraction', { allowed })],
    against: [],
    weight: 5,
  };
}
