/** Variable lengths: the peak is the longest sample, not the mean. */

import { say } from '../../base/texts.ts';
import { isShortage, mayTrain } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { allocatedSeries, isFlat } from '../series.ts';

const TEXTS = {
  en: {
    title: 'The longest sample',
    summary:
      'With samples of different lengths the peak comes with the longest batch, which can be thousands of steps away.',
    headline:
      'It ran {step} steps before it failed: the largest batch so far is what does not fit.',
    late: '{step} steps passed before this one failed, so weights and states fit.',
    flat: 'Memory at the end of the steps stays at {bytes}: nothing is kept from step to step.',
    growth: 'A slow growth from step to step looks the same where the log does not print it.',
  },
  zh: {
    title: '最长的样本',
    summary: '样本长短不一时，峰值出现在最长的 batch，可能要跑几千步才遇到。',
    headline: '跑了 {step} 步才失败：放不下的是迄今最大的 batch。',
    late: '失败之前已跑过 {step} 步，所以权重和状态放得下。',
    flat: '每步结束时的显存稳定在 {bytes}：没有东西逐步累积。',
    growth: '日志没有打印每步显存时，缓慢增长看起来也一样。',
  },
  ru: {
    title: 'Самый длинный пример',
    summary:
      'При примерах разной длины пик приходит с самым длинным батчем, а до него могут пройти тысячи шагов.',
    headline: 'До сбоя прошло шагов: {step}; не поместился самый большой батч.',
    late: 'До сбоя прошло шагов: {step}, значит, веса и состояния помещаются.',
    flat: 'Память в конце шагов держится на {bytes}: от шага к шагу ничего не копится.',
    growth: 'Медленный рост от шага к шагу выглядит так же, если лог его не печатает.',
  },
} as const;

/** These train on the same rows in every step. */
const TABLES: readonly string[] = ['catboost', 'xgboost', 'lightgbm'];

/** Steps after which all that stays is there. */
const LATE = 20;

export const longestSample: Cause = {
  id: 'longest-sample',
  code: 'UN221',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'training',
  category: 'work',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['field report: death at a late step with flat figures at the end of each step'],
  assess(c): Assessment | undefined {
    if (!isShortage(c) || !mayTrain(c) || c.step === undefined || c.step < LATE) return undefined;
    if (TABLES.includes(c.format)) return undefined;
    // Photographs of a scene are of one size; what grows is the scene.
    if (c.shows('densifies') !== undefined) return undefined;
    if (!['forward', 'backward', 'unknown', 'eval'].includes(c.phase.value)) return undefined;
    const flat = allocatedSeries(c.observed).find(isFlat);
    const because = [say(TEXTS, 'late', { step: c.step })];
    if (flat !== undefined) {
      because.push(say(TEXTS, 'flat', { bytes: { size: flat.at(-1)?.value ?? 0 } }));
    }
    return {
      strength: flat === undefined ? 'possible' : 'likely',
      because,
      against: flat === undefined ? [say(TEXTS, 'growth')] : [],
      weight: 7,
      headline: say(TEXTS, 'headline', { step: c.step }),
    };
  },
};
