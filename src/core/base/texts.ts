/**
 * Texts in three languages, kept apart from data. A Statement is a key into a unit's own table with
 * its parameters; it becomes a sentence (render.ts) only where somebody reads it.
 */
import type { Interval } from './interval.ts';

export type Lang = 'en' | 'zh' | 'ru';
export const LANGS: readonly Lang[] = ['en', 'zh', 'ru'];

/** The same words in every language. */
export type Words = Readonly<Record<Lang, string>>;

/** One table of a unit or module. While a slot is empty its sentence is English. */
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
  | { readonly words: Words }
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

/** A statement of its own, for words that stand in one place only. */
export function phrase(words: Words, params: Readonly<Record<string, Param>> = {}): Statement {
  const { en, zh, ru } = words;
  return {
    texts: { en: { phrase: en }, zh: { phrase: zh }, ru: { phrase: ru } },
    key: 'phrase',
    params,
  };
}

/** One after another, as each language lists things. Names that are no words are given as strings. */
export function enumerated(parts: readonly (Words | string)[]): { readonly words: Words } {
  const join = (lang: Lang, mark: string): string =>
    parts.map((part) => (typeof part === 'string' ? part : part[lang])).join(mark);
  return { words: { en: join('en', ', '), zh: join('zh', '、'), ru: join('ru', ', ') } };
}

/** The parameter names of a template, for the test that compares languages. */
export function parametersOf(template: string): readonly string[] {
  return [...new Set([...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();
}

/** Order of ids and codes. A collator would cost more than all the rest of a small diagnosis. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
