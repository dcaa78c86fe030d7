/** Serving and generation: the cache beside the weights. */

import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import {
  type Case,
  hadRoom,
  heldBy,
  isOfPicturesOrSound,
  isOwnLoop,
  shareOfLive,
} from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

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
    extended: 'The line that failed makes the cache longer, with the old one still there: {place}.',
    held: 'The cache holds {cache}, {share} % of the live tensors.',
  },
  zh: {
    title: 'KV 缓存放不下',
    summary: '上下文的键和值随每个 token、每个序列增长。',
    headline: '权重之外没有空间容纳 KV 缓存。',
    phase: '失败发生在{phase}，此时缓存在增长或分配。',
    negative: '权重和激活值之后，留给缓存的是 {available}。',
    message: '引擎没有为缓存找到空间。',
    sequence: '一个 {length} token 的序列超过缓存能容纳的 {tokens} 个 token。',
    'sequence-bytes': '一个满长序列需要 {needed} 缓存，而可用的是 {available}。',
    said: '引擎称一个满长序列放不进它的缓存。',
    'total-tokens': '引擎容纳不下要求它批处理的 {tokens} 个 token。',
    weights: '权重接近整张卡时看起来也一样。',
    extended: '出错的代码行在加长缓存，而旧缓存还在：{place}。',
    held: '缓存占 {cache}，为活动张量的 {share} %。',
  },
  ru: {
    title: 'KV-кэш не помещается',
    summary: 'Ключи и значения контекста растут с каждым токеном и каждой последовательностью.',
    headline: 'Рядом с весами KV-кэшу нет места.',
    phase: 'Сбой {phase}, где кэш растёт или выделяется.',
    negative: 'После весов и активаций кэшу остаётся {available}.',
    message: 'Движок не нашёл места для кэша.',
    sequence:
      'Одна последовательность ({length} токенов) длиннее, чем вмещает кэш ({tokens} токенов).',
    'sequence-bytes': 'Последовательности полной длины нужно {needed} кэша, а есть {available}.',
    said: 'Движок сообщает, что последовательность полной длины не помещается в кэш.',
    'total-tokens': 'Движок не вмещает токенов, которые ему велено брать в батч: {tokens}.',
    weights: 'Веса размером почти с карту выглядят так же.',
    extended: 'Строка, где случился сбой, удлиняет кэш, пока цел прежний: {place}.',
    held: 'Кэш занимает {cache} — {share} % живых тензоров.',
  },
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
    // The cache can stand in host memory: layers that are not on the card, or no card at all.
    if (c.kind === 'host_oom' && c.has('allocating-kv')) {
      return { strength: 'likely', because: [say(TEXTS, 'message')], against: [], weight: 8 };
    }
    if (c.kind !== 'gpu_oom' || isOfPicturesOrSound(c)) return undefined;
    const told = toldByEngine(c);
    if (told !== undefined) return told;
    if (hadRoom(c.amounts) || c.has('allocating-weights') || c.has('allocating-compute'))
      return undefined;
    if (c.has('engine-budget-too-large') || c.has('taken-at-start')) return undefined;
    if (c.isExact) return ofLedger(c);
    const extended = c.shows('cache-extended');
    if (extended !== undefined) {
      const because = [say(TEXTS, 'extended', { place: placeText(extended) })];
      return { strength: 'possible', because, against: [say(TEXTS, 'weights')], weight: 7 };
    }
    if (value !== 'generate' && value !== 'prefill' && value !== 'kv_alloc') return undefined;
    const available = valueIn(c.facts, 'kv_available');
    const because = [say(TEXTS, 'phase', { phase: PHASES[value] })];
    if (available !== undefined) because.push(say(TEXTS, 'negative', { available }));
    else if (c.has('kv-cache')) because.push(say(TEXTS, 'message'));
    // What is made sample by sample is no text, and keeps no cache of it.
    const weight = value === 'generate' && isOwnLoop(c) ? -1 : 7;
    return { strength: 'possible', because, against: [say(TEXTS, 'weights')], weight };
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
  // Where most of it is there, a larger share of the card is the other way to the rest.
  const isNearly = isMost(tokens, length) || isMost(available?.mid, needed?.mid);
  if (because.length > 0) {
    return { strength: isNearly ? 'likely' : 'proven', because, against: [], weight: 10 };
  }
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

/** Below this share of the live tensors the cache is not what fills the memory. */
const MUCH_OF_LIVE = 0.3;

function ofLedger(c: Case): Assessment | undefined {
  const cache = heldBy(c, 'kv_cache');
  const of = shareOfLive(c, 'kv_cache');
  if (cache === undefined || of < MUCH_OF_LIVE) return undefined;
  return {
    strength: 'likely',
    because: [say(TEXTS, 'held', { cache, share: Math.round(of * 100) })],
    against: [],
    weight: 8,
  };
}

const isMost = (there: number | undefined, needed: number | undefined): boolean =>
  there !== undefined && needed !== undefined && there >= needed / 2;
