/** How a problem is told: what, why, what to do. */
import type { Problem } from '../base/problem.ts';
import { joinSentences, render } from '../base/render.ts';
import type { Lang } from '../base/texts.ts';

/** A problem in a sentence or three. */
export const renderProblem = ({ what, why, todo }: Problem, lang: Lang): string =>
  joinSentences([what, why, todo].map((statement) => render(statement, lang)));
