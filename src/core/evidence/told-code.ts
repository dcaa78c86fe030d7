/**
 * Shapes of pasted code that keep memory: an evaluation without a guard against autograd, a sum of
 * losses with their graphs, outputs kept as tensors. A paste is a part of a program, so none is proof.
 */

export type CodeShape = 'unguarded-eval' | 'summed-loss' | 'appended-outputs';

export interface ShownShape {
  readonly topic: CodeShape;
  readonly line: number;
  readonly text: string;
}

interface CodeLine {
  readonly text: string;
  readonly number: number;
}

const EVALUATES = /^\s*[\w.]{1,60}\.eval\(\)/;
const LOOPS = /^\s*(?:async )?for\b[^:]{1,160}\bin\b[^:]{1,160}:/;
const TRAINS = /\.backward\(|\.train\(\)/;
/** Autograd is off, or was meant to be. */
const GUARDED =
  /no_grad|inference_mode|set_grad_enabled|requires_grad_?\s?[(=]\s?\(?False|volatile\s?=\s?True/i;
/** `total_loss += loss`, and with a factor; a plain number has no graph. */
const SUMMED =
  /^\s*(?:self\.)?(\w{0,30}(?:loss|cost)\w{0,20})\s?\+=\s?(?:self\.)?\w{0,30}(?:loss|cost)\w{0,20}(?:\s?[*/]\s?[\w.()[\]]{1,40})?\s*(?:#.*)?$/i;
const APPENDED =
  /^\s*(?:self\.)?\w{0,30}(?:outputs?|preds?|predictions?|logits|losses|features?|embeddings?|embs|results?)\w{0,10}\.append\((?:self\.)?\w{0,30}(?:out(?:puts?)?|preds?|predictions?|logits|loss|features?|embeddings?|embs?)\w{0,10}\)\s*(?:#.*)?$/i;

/** Lines between an `eval()` and the loop that it stands before. */
const APART = 12;

/** Shapes in the lines of a report, each once. */
export function shapesIn(lines: readonly CodeLine[]): ShownShape[] {
  const found: ShownShape[] = [];
  const show = (topic: CodeShape, line: CodeLine | undefined): void => {
    if (line === undefined) return;
    found.push({ topic, line: line.number, text: line.text.trim().slice(0, 160) });
  };
  if (!lines.some(({ text }) => GUARDED.test(text))) show('unguarded-eval', evaluationIn(lines));
  show(
    'summed-loss',
    lines.find(({ text }) => {
      const name = SUMMED.exec(text)?.[1];
      // What is summed to be differentiated has to keep its graph.
      return name !== undefined && !lines.some((one) => one.text.includes(`${name}.backward`));
    }),
  );
  show(
    'appended-outputs',
    lines.find(({ text }) => APPENDED.test(text)),
  );
  return found;
}

/** An `eval()` with a loop soon below it, before anything trains again. */
function evaluationIn(lines: readonly CodeLine[]): CodeLine | undefined {
  let evaluation: CodeLine | undefined;
  for (const line of lines) {
    if (EVALUATES.test(line.text)) evaluation = line;
    else if (TRAINS.test(line.text)) evaluation = undefined;
    else if (evaluation !== undefined && LOOPS.test(line.text)) {
      if (line.number - evaluation.number <= APART) return evaluation;
    }
  }
  return undefined;
}
