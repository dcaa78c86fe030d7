/** Attention that keeps a matrix of scores: batch × heads × sequence². */

import { GiB } from '../../base/bytes.ts';
import { say } from '../../base/texts.ts';
import { isShortage, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Attention scores grow with the square of the length',
    summary:
      'Attention without a fused kernel keeps a matrix of tokens times tokens for each head; images and long texts make it the largest tensor.',
    headline: 'A matrix of attention scores (tokens × tokens) does not fit.',
    frame: 'What was being computed is attention scores: {place}.',
    request: 'The one request is {requested}: one matrix of scores.',
    small: 'The request is small: something else fills most of the card.',
  },
  zh: {
    title: '注意力分数随长度平方增长',
    summary:
      '不用融合 kernel 的注意力为每个头保留 token × token 的矩阵；图像和长文本会使它成为最大的张量。',
    headline: '注意力分数矩阵（token × token）放不下。',
    frame: '正在计算的是注意力分数：{place}。',
    request: '单次申请为 {requested}：一个分数矩阵。',
    small: '申请很小，占满显存的多半是别的东西。',
  },
  ru: {
    title: 'Оценки внимания растут как квадрат длины',
    summary:
      'Внимание без слитого ядра хранит на каждую голову матрицу токены × токены; на изображениях и длинных текстах это самый большой тензор.',
    headline: 'Матрица оценок внимания (токены × токены) не помещается.',
    frame: 'Вычислялись оценки внимания: {place}.',
    request: 'Один запрос: {requested} — одна матрица оценок.',
    small: 'Запрос мал: карту занимает в основном другое.',
  },
} as const;

export const quadraticAttention: Cause = {
  id: 'quadratic-attention',
  code: 'UN219',
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
  sources: ['memory model: eager attention keeps 6 bytes × batch × heads × sequence² (bf16)'],
  assess(c): Assessment | undefined {
    const place = c.shows('attention-scores');
    if (!isShortage(c) || place === undefined) return undefined;
    const { requested, room } = c.amounts;
    const because = [say(TEXTS, 'frame', { place: placeText(place) })];
    const isLarge =
      requested !== undefined && (requested.mid >= GiB || share(requested, room) >= 0.05);
    if (requested !== undefined && isLarge) because.push(say(TEXTS, 'request', { requested }));
    return {
      strength: isLarge ? 'likely' : 'possible',
      because,
      against: isLarge ? [] : [say(TEXTS, 'small')],
      weight: 8,
    };
  },
};
