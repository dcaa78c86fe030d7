/**
 * A small text drawing of allocations becomes a snapshot. The addresses are those that PyTorch's
 * allocator would have given, by simulation; the run is nobody's, and the snapshot says so.
 * The language is described in docs/snapshot-drawings.md.
 */
import type { Problem } from '../../base/problem.ts';
import { joinSentences, render } from '../../base/render.ts';
import type { Lang } from '../../base/texts.ts';
import { DrawingError } from './drawing-error.ts';
import { readLines } from './drawing-lines.ts';
import { type Drawn, runDrawing } from './drawing-run.ts';
import { readStatements } from './drawing-statements.ts';

/** @param source what the drawing is called in a problem. Never throws for what the text says. */
export function makeDrawing(text: string, source = 'drawing'): Drawn | { problem: Problem } {
  try {
    return runDrawing(readStatements(readLines(text)));
  } catch (error) {
    if (error instanceof DrawingError) return { problem: error.problem(source) };
    throw error;
  }
}

/** `leak.drawing:12: Nothing is held as x. Allocate it first …` */
export function renderDrawingProblem({ at, why, todo }: Problem, lang: Lang = 'en'): string {
  const place = at === undefined ? '' : `${at.source}:${at.line}: `;
  return `${place}${joinSentences([render(why, lang), render(todo, lang)])}`;
}
