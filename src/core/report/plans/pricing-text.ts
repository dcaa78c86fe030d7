/** A priced failure as text and as Markdown: how the model stands to it, then the plan. */

import type { PricingData } from '../diagnosis.ts';
import { type Style, sectionWith } from '../section.ts';
import { escapeMarkdown } from '../strings.ts';
import { settingName } from '../words/settings.ts';
import type { Vocabulary } from '../words.ts';
import { PURPOSE_WORDS, renderPlanMarkdown, renderPlanText } from './text.ts';

/** What was asked for, as far as the model has a tensor of that size. */
const tensorTexts = ({ failing_tensors: tensors }: PricingData, words: Vocabulary): string[] =>
  tensors.map(({ what, dimensions, is_named: isNamed }) =>
    words.say(isNamed ? 'tensor-named' : 'tensor-consistent', { what, dimensions }),
  );

/** What was said of the job, the nearest to memory first. */
function jobText({ workload }: PricingData['plan'], words: Vocabulary): string {
  const settings = workload.settings.map(
    ({ name, value, source }) => `${settingName(name, words.lang)} ${value}${words.aside(source)}`,
  );
  return words.list([words.word(PURPOSE_WORDS[workload.purpose]), ...settings]);
}

export function pricingLines(pricing: PricingData, style: Style): string[] {
  const { plan, anchor, may_fit: mayFit } = pricing;
  const { words, width, why, paint } = style;
  const section = sectionWith(style);
  const tensors = tensorTexts(pricing, words);
  return [
    '',
    paint.strong(words.say('with-model', { model: plan.model.name })),
    ...section('job', jobText(plan, words)),
    ...(anchor === undefined ? [] : section('anchored', anchor.why)),
    ...(tensors.length === 0 ? [] : section('request', words.series(tensors))),
    '',
    ...renderPlanText(plan, { width, why, palette: paint, brief: true, withholds: !mayFit })
      .trimEnd()
      .split('\n'),
  ];
}

export function pricingMarkdown(pricing: PricingData, words: Vocabulary): string[] {
  const { plan, anchor, may_fit: mayFit } = pricing;
  const tensors = tensorTexts(pricing, words);
  return [
    `### ${escapeMarkdown(words.say('with-model', { model: plan.model.name }))}`,
    '',
    ...(anchor === undefined
      ? []
      : [escapeMarkdown(words.titled(words.say('anchored'), anchor.why)), '']),
    ...(tensors.length === 0
      ? []
      : [escapeMarkdown(words.titled(words.say('request'), words.series(tensors))), '']),
    ...renderPlanMarkdown(plan, { withholds: !mayFit }).trimEnd().split('\n'),
    '',
  ];
}
