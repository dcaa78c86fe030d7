/** Logits: tokens times vocabulary, several copies at once in the loss. */

import { GiB } from '../../base/bytes.ts';
import { say } from '../../base/texts.ts';
import { heldBy, isShortage, share, shareOfLive } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'The logits are too large',
    summary:
      'The head gives one number per token and word of the vocabulary; loss and its backward pass hold several copies of that at once.',
    headline: 'The logits (tokens × vocabulary) and their copies in the loss do not fit.',
    frame: 'What was being computed is the logits or their loss: {place}.',
    shape: 'The tensor that was asked for has {size} elements in its last dimension: a vocabulary.',
    request: 'The one request is {requested}.',
    small: 'The request is small: something else fills most of the card.',
    held: 'Logits and their copies in the loss hold {logits}, {share} % of the live tensors.',
  },
  zh: {
    title: 'logits 过大',
    summary: '输出头为每个 token 和词表中的每个词各产生一个数；损失及其反向传播会同时保留好几份。',
    headline: 'logits（token × 词表）及其在损失中的副本放不下。',
    frame: '正在计算的是 logits 或其损失：{place}。',
    shape: '申请的张量最后一维有 {size} 个元素，是词表大小。',
    request: '单次申请为 {requested}。',
    small: '申请很小，占满显存的多半是别的东西。',
    held: 'logits 及其在损失中的副本占 {logits}，为活动张量的 {share} %。',
  },
  ru: {
    title: 'Логиты слишком велики',
    summary:
      'Выходной слой даёт число на каждый токен и каждое слово словаря; функция потерь и её обратный проход держат сразу несколько таких копий.',
    headline: 'Логиты (токены × словарь) и их копии в функции потерь не помещаются.',
    frame: 'Вычислялись логиты или их функция потерь: {place}.',
    shape: 'У запрошенного тензора в последней размерности {size} элементов — это словарь.',
    request: 'Один запрос: {requested}.',
    small: 'Запрос мал: карту занимает в основном другое.',
    held: 'Логиты и их копии в функции потерь занимают {logits} — {share} % живых тензоров.',
  },
} as const;

/** Vocabularies of language models start about here. */
const SMALLEST_VOCABULARY = 20_000;
/** From this share of the live tensors on logits are what fills the memory. */
const MUCH_OF_LIVE = 0.2;
const PHASES_OF_LOGITS = ['forward', 'backward', 'eval', 'generate', 'prefill', 'unknown'];

export const logitsSpike: Cause = {
  id: 'logits-spike',
  code: 'UN218',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'any',
  category: 'work',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model: 10 to 16 bytes per logit in forward and backward of a causal language model',
  ],
  assess(c): Assessment | undefined {
    if (!isShortage(c)) return undefined;
    const place = c.shows('logits');
    const last = c.tensor?.shape.at(-1) ?? 0;
    // A square is a matrix over all pairs of something.
    const isVocabulary =
      last >= SMALLEST_VOCABULARY &&
      (c.tensor?.shape.length ?? 0) >= 2 &&
      c.tensor?.shape.at(-2) !== last;
    const logits = heldBy(c, 'logits');
    const of = shareOfLive(c, 'logits');
    const isHeld = of >= MUCH_OF_LIVE;
    if (
      (place === undefined && !isVocabulary && !isHeld) ||
      !PHASES_OF_LOGITS.includes(c.phase.value)
    ) {
      return undefined;
    }
    const { requested, room } = c.amounts;
    const because = [];
    if (place !== undefined) because.push(say(TEXTS, 'frame', { place: placeText(place) }));
    if (isVocabulary) because.push(say(TEXTS, 'shape', { size: last }));
    const isLarge =
      requested !== undefined && (requested.mid >= GiB || share(requested, room) >= 0.03);
    if (logits !== undefined && isHeld) {
      because.push(say(TEXTS, 'held', { logits, share: Math.round(of * 100) }));
    }
    if (requested !== undefined) {
      if (isLarge) because.push(say(TEXTS, 'request', { requested }));
    }
    return {
      strength: isLarge || isHeld ? 'likely' : 'possible',
      because,
      against: isLarge || isHeld ? [] : [say(TEXTS, 'small')],
      weight: 8,
    };
  },
};
