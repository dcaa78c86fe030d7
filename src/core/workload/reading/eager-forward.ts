/**
 * A script that calls its model without training it, in its own words: `model(**batch)`. What such a pass keeps hangs on
 * whether autograd looks on.
 */

/** The name that a loaded model is given. */
const LOADED =
  /^[ \t]*(?<name>[A-Za-z_]\w{0,40})\s?=\s?[\w.]{0,80}?\b(?:Auto\w{0,40}Model\w{0,40}|AutoModel|\w{1,60}(?:For[A-Z]\w{1,40}|Model))\.from_pretrained\(/gm;
/** What only those do who train, or who leave the pass to a library. */
const OTHERWISE =
  /\.generate\(|\.backward\(|\.step\(\)|\.train\(\)|\bTrainer\b|\bTrainingArguments\b|\b(?:optim|optimizer)\b|\bLoraConfig\b|\bpipeline\(/;
const UNRECORDED =
  /\bno_grad\b|\binference_mode\b|\bset_grad_enabled\(\s*(?:mode\s*=\s*)?False|\.requires_grad_\(\s*False|\brequires_grad\s*=\s*False/;
const LONGEST = 200_000;

export interface EagerForward {
  readonly line: number;
  /** The variable that the pass is called on. */
  readonly name: string;
  /** Nothing turns gradients off anywhere in the script. */
  readonly isRecorded: boolean;
}

/** The first call of a model that a script loads and does not train; undefined where there is none. */
export function eagerForward(text: string): EagerForward | undefined {
  if (text.length > LONGEST || OTHERWISE.test(text)) return undefined;
  const names = [...text.matchAll(LOADED)].flatMap(({ groups }) => groups?.['name'] ?? []);
  const lines = text.split('\n');
  for (const name of new Set(names)) {
    const call = new RegExp(`(?<![\\w.])${name}\\(`);
    const at = lines.findIndex((line) => call.test(line.replace(/#.*/, '')));
    if (at !== -1) return { line: at + 1, name, isRecorded: !UNRECORDED.test(text) };
  }
  return undefined;
}
