/**
 * How many parameters the model has, where a text counts them or names the model by them. A name is
 * rounded by whoever named it; a count is exact.
 */
import type { Line } from './text/dress.ts';

export interface ModelSize {
  readonly parameters: number;
  /** Parameters that are trained, where the text counts them apart. */
  readonly trained?: number;
  readonly by: 'counted' | 'named';
  /** As printed. */
  readonly text: string;
  readonly line: number;
}

const COUNTED: readonly RegExp[] = [
  /trainable params:\s*(?<trained>[\d,]{4,20})\s*\|\|\s*all params:\s*(?<all>[\d,]{4,20})/i,
  /Number of trainable parameters\s*[=:]\s*(?<all>[\d,]{7,20})/i,
  /\b(?:total|model|all) (?:params|parameters)\s*[=:]\s*(?<all>[\d,]{7,20})(?![\d.]*\s?[MBK])/i,
  /partition count \[[^\]]{1,20}\] and sizes\[\((?<all>\d{7,15}),/,
];

/** "Qwen3-4B", "llama-2-7b-hf", "pythia-2.8b"; not "8x7B" (experts) and not "A3B" (active ones). */
const NAMED =
  /(?<![\w.])([A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+){0,6}?[._-](\d{1,3}(?:\.\d{1,2})?)[bB])(?![A-Za-z0-9])/;

const LONGEST_LINE = 2000;
const plain = (digits: string): number => Number(digits.replaceAll(',', ''));

/** The size that the lines tell: a count before a name, the first of each. */
export function modelSizeIn(lines: readonly Line[]): ModelSize | undefined {
  let named: ModelSize | undefined;
  for (const { text, number: line } of lines) {
    if (text.length > LONGEST_LINE) continue;
    for (const pattern of COUNTED) {
      const groups = pattern.exec(text)?.groups;
      const all = groups?.['all'];
      if (all === undefined || plain(all) < 1e6) continue;
      const trained = groups?.['trained'];
      return {
        parameters: plain(all),
        ...(trained !== undefined && { trained: plain(trained) }),
        by: 'counted',
        text: text.trim().slice(0, 120),
        line,
      };
    }
    if (named !== undefined) continue;
    const [, name, billions] = NAMED.exec(text) ?? [];
    // A mixture names one expert; what it holds in all the name does not tell.
    if (name === undefined || billions === undefined || /\dx\d|-A\d/i.test(text)) continue;
    const parameters = Number(billions) * 1e9;
    if (parameters >= 1e8) named = { parameters, by: 'named', text: name, line };
  }
  return named;
}
