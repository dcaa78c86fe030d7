/** Outputs of evaluation are collected on the GPU. */

import { say } from '../../base/texts.ts';
import { isShortage } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Outputs of evaluation pile up on the GPU',
    summary:
      'A trainer keeps the outputs of every batch on the GPU until the evaluation is over, although it runs without gradients.',
    headline: 'Evaluation collects the outputs of all batches on the GPU.',
    frame: 'It failed while outputs were being put together: {place}.',
  },
  zh: {
    title: '评估输出堆积在 GPU 上',
    summary: '训练器即使不计算梯度，也会把每个 batch 的输出保留在 GPU 上直到评估结束。',
    headline: '评估把所有 batch 的输出收集在 GPU 上。',
    frame: '失败发生在拼接输出时：{place}。',
  },
  ru: {
    title: 'Выходы оценки копятся на GPU',
    summary: 'Тренер держит выходы каждого батча на GPU до конца оценки, хотя градиентов и нет.',
    headline: 'Оценка собирает выходы всех батчей на GPU.',
    frame: 'Сбой случился, когда выходы соединялись: {place}.',
  },
} as const;

export const evalAccumulation: Cause = {
  id: 'eval-accumulation',
  code: 'UN223',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  domain: 'any',
  category: 'growth',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers: Trainer.evaluation_loop keeps logits on the device unless eval_accumulation_steps is set',
  ],
  assess(c): Assessment | undefined {
    const place = c.shows('eval-outputs');
    if (!isShortage(c) || place === undefined) return undefined;
    if (!['eval', 'unknown', 'generate'].includes(c.phase.value)) return undefined;
    return {
      strength: c.phase.value === 'eval' ? 'likely' : 'possible',
      because: [say(TEXTS, 'frame', { place: placeText(place) })],
      against: [],
      weight: 9,
    };
  },
};
