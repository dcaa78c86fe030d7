/** How a problem is told: what, why, what to do. */
import type { Problem } from '../base/problem.ts';
import { joinSentences, render } from '../base/render.ts';
import type { Lang } from '../base/texts.ts';

/** A problem in a sentence or three. */
export function renderProblem({ what, why, todo, at }: Problem, lang: Lang): string {
  const text = joinSentences([what, why, todo].map((statement) => render(statement, lang)));
  if (at === undefined) return text;
  return `${at.source}${at.line === undefined ? '' : `:${at.line}`}: ${text}`;
}
