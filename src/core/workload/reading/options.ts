/** Options of a command line: `--key value`, `--key=value`, `-k v`, `--flag`, `key=value` of Hydra. */
import type { Word } from './shell.ts';

export interface Option {
  /** Without leading dashes. */
  readonly key: string;
  /** "true" for a flag that stands alone; several words have commas. */
  readonly value: string;
  readonly line: number;
  /** Words that follow the first value, which belong to it only where the option takes a list. */
  readonly rest: readonly Word[];
  /** Nothing stands behind it. */
  readonly isFlag: boolean;
  /** Written with `=`. */
  readonly isPair: boolean;
}

export interface Options {
  readonly options: readonly Option[];
  /** Words that belong to no option. */
  readonly words: readonly Word[];
}

const NAMED = /^--?([A-Za-z][\w.-]*)(?:=([\s\S]*))?$/;
const HYDRA = /^[+~]{0,2}([A-Za-z_][\w./@-]*)=([\s\S]*)$/;

export function optionsOf(words: readonly Word[]): Options {
  const options: Option[] = [];
  const loose: Word[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    const named = NAMED.exec(word.text);
    const { line } = word;
    if (named?.[1] !== undefined) {
      const values: Word[] = [];
      if (named[2] === undefined) {
        for (let next = words[at + 1]; next !== undefined && isValue(next.text, values); ) {
          values.push(next);
          at++;
          next = words[at + 1];
        }
      }
      const [first, ...rest] = values;
      const value = named[2] ?? first?.text ?? 'true';
      options.push({
        key: named[1],
        value,
        line,
        rest,
        isFlag: named[2] === undefined && first === undefined,
        isPair: named[2] !== undefined,
      });
      continue;
    }
    const hydra = HYDRA.exec(word.text);
    if (hydra?.[1] === undefined) loose.push(word);
    else
      options.push({
        key: hydra[1],
        value: hydra[2] ?? '',
        line,
        rest: [],
        isFlag: false,
        isPair: true,
      });
  }
  return { options, words: loose };
}

/** A value may be a negative number; `key=value` after a first value is an option of Hydra's. */
const isValue = (text: string, before: readonly Word[]): boolean =>
  !/^--?[A-Za-z]/.test(text) && text !== '--' && (before.length === 0 || !HYDRA.test(text));
