/** A rising baseline of what the program prints of itself: something is kept from step to step. */
import { say } from '../../base/texts.ts';
import { isUnknown } from '../../base/unknown.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';
import { growthIn } from '../series.ts';

const TEXTS = {
  en: {
    title: 'Memory in use grows from step to step',
    summary:
      'The figure that the program prints at the same point of each step rises: something is kept.',
    headline: 'Allocated memory grows by about {each} a moment: {from} to {to} over {count}.',
    because: '{rising} of {count} moments lie above the one before.',
    'headline-line': '{line} keeps {each} more with each step: {bytes} by the end.',
    todo: 'Look for what is kept: a loss or an output in a list, a metric with its graph, a graph that is retained.',
  },
  zh: {
    title: '显存占用逐步增长',
    summary: '程序在每一步同一位置打印的数值不断上升：有东西一直没有释放。',
    headline: '已分配显存每个时刻约增长 {each}：从 {from} 到 {to}，历经 {count} 个时刻。',
    because: '{count} 个时刻中有 {rising} 个高于前一个。',
    'headline-line': '{line} 每步多保留 {each}：到最后共 {bytes}。',
    todo: '查找一直被保留的对象：放进列表的 loss 或输出、带着计算图的指标、被保留的计算图。',
  },
  ru: {
    title: 'Занятая память растёт от шага к шагу',
    summary:
      'Цифра, которую программа печатает в одной и той же точке каждого шага, растёт: что-то удерживается.',
    headline:
      'Выделенная память растёт примерно на {each} за момент: было {from}, стало {to}, моментов {count}.',
    because: 'Моментов, которые выше предыдущего: {rising} из {count}.',
    'headline-line': '{line} с каждым шагом удерживает ещё {each}: к концу {bytes}.',
    todo: 'Искать то, что удерживается: loss или выход модели в списке, метрика вместе с её графом, сохранённый граф.',
  },
} as const;

export const memoryGrowth: FindingRule = {
  id: 'memory-growth',
  code: 'UN710',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['field report: a rising step-end baseline is a leak, a flat one is not'],
  assess(observed: readonly Observed[]): Found[] {
    return [
      ...recordedGrowth(observed),
      ...growthIn(observed).map(
        ({ from, to, count, rising, last }): Found => ({
          strength: 'likely',
          headline: say(TEXTS, 'headline', {
            each: { size: (to - from) / count },
            from: { size: from },
            to: { size: to },
            count,
          }),
          because: [say(TEXTS, 'because', { rising, count })],
          todo: [say(TEXTS, 'todo')],
          commands: [],
          observation: last.observation,
          weight: 7,
        }),
      ),
    ];
  },
};

/** The lines that a memory snapshot shows to leave something behind with each step. */
function recordedGrowth(observed: readonly Observed[]): Found[] {
  return observed.flatMap(({ sighted: { recorded } }, observation) => {
    const growth = recorded?.growth;
    if (growth === undefined || isUnknown(growth)) return [];
    return growth
      .filter(({ strength }) => strength === 'likely')
      .slice(0, MOST_LINES)
      .map(
        ({ line, bytes_per_step: each, bytes, because, against }): Found => ({
          strength: 'likely',
          headline: say(TEXTS, 'headline-line', {
            line,
            each: { size: each },
            bytes: { size: bytes },
          }),
          because: [...because, ...against],
          todo: [say(TEXTS, 'todo')],
          commands: [],
          observation,
          weight: 8,
        }),
      );
  });
}

/** Lines of one recording that are findings of their own. */
const MOST_LINES = 3;
