/**
 * Texts in three languages, kept apart from data. A Statement is a key into a unit's own table with
 * its parameters; it becomes a sentence only where somebody reads it.
 */
import { formatBytes } from './bytes.ts';
import type { Interval } from './interval.ts';

export type Lang = 'en' | 'zh' | 'ru';
export const LANGS: readonly Lang[] = ['en', 'zh', 'ru'];

/** English is complete; a slot that is still empty in another language falls back to it. */
export interface TextTable<Key extends string = string> {
  readonly en: Readonly<Record<Key, string>>;
  readonly zh: Readonly<Partial<Record<Key, string>>>;
  readonly ru: Readonly<Partial<Record<Key, string>>>;
}

/** Bytes are given as intervals (or exact numbers wrapped in `size`), so that they print with a unit. */
export type Param =
  | string
  | number
  | Interval
  | { readonly size: number }
  /** Words that exist in every language, e.g. a phase. */
  | { readonly words: Readonly<Record<Lang, string>> }
  | Statement;

export interface Statement {
  readonly texts: TextTable;
  readonly key: string;
  readonly params: Readonly<Record<string, Param>>;
}

export function say<Key extends string>(
  texts: TextTable<Key>,
  key: NoInfer<Key>,
  params: Readonly<Record<string, Param>> = {},
): Statement {
  return { texts, key, params };
}

function renderParam(param: Param, lang: Lang): string {
  if (typeof param === 'string') return param;
  if (typeof param === 'number') return String(param);
  if ('texts' in param) return render(param, lang);
  if ('words' in param) return param.words[lang];
  return formatBytes('size' in param ? param.size : param.mid);
}

/** The sentence in `lang`. A missing parameter is a bug of ours and throws. */
export function render(statement: Statement, lang: Lang = 'en'): string {
  const own = statement.texts[lang][statement.key];
  // A sentence is of one language: where its slot is empty, its words are English too.
  const used = own === undefined ? 'en' : lang;
  const template = own ?? statement.texts.en[statement.key];
  if (template === undefined) throw new Error(`no text for "${statement.key}"`);
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const param = statement.params[name];
    if (param === undefined) throw new Error(`text "${statement.key}" lacks "${name}"`);
    return renderParam(param, used);
  });
}

/** The parameter names of a template, for the test that compares languages. */
export function parametersOf(template: string): readonly string[] {
  return [...new Set([...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();
}

/** Order of ids and codes. A collator would cost more than all the rest of a small diagnosis. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
