// English words that were left in a report of another language.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnosis } from '../src/core/index.ts';

/** A word as prose has it: no part of a path, an option, a name with marks, a cut word. */
const WORD = /(?<![\p{L}\d_./\\=:@'"`<…-])[a-z]{3,}(?![\p{L}\d_./\\=@`(…-])/gu;

const wordsOf = (text: string): string[] => text.match(/[A-Za-z]+/g) ?? [];

/** What is said in English in every language, beside the terms of docs/languages.md. */
const ALSO = ['pid', 'token', 'prefill', 'unoom', 'explain', 'why'];

/** Names of programs and packages that are written in small letters. */
const NAMES = 'bitsandbytes dmesg docker kubectl nvidia python top torchrun vllm'.split(' ');

/** The English words that the table of terms has in a column of another language. */
export const TERMS: ReadonlySet<string> = new Set([
  ...ALSO,
  ...NAMES,
  ...readFileSync(resolve(import.meta.dirname, '../docs/languages.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => wordsOf(line.split('|').slice(2).join(' '))),
]);

/** The words of a text that are English, are no term, and are not among the known ones. */
export function englishIn(text: string, known: ReadonlySet<string> = new Set()): string[] {
  return [...text.matchAll(WORD)].flatMap(({ 0: word, index }) =>
    TERMS.has(word) || known.has(word)
      ? []
      : [`${word}: …${text.slice(Math.max(0, index - 40), index + word.length + 30)}…`],
  );
}

/** The words that a report quotes: of the input, of programs, names of formats. */
export function quotedIn(diagnosis: Diagnosis, log: string): ReadonlySet<string> {
  const { incidents, observations } = diagnosis;
  return new Set(
    [
      log,
      ...incidents.flatMap(({ format, wording, figures }) => [
        format,
        wording ?? '',
        ...Object.values(figures).map((figure) => JSON.stringify(figure)),
      ]),
      ...observations.flatMap(({ versions, events, figures }) => [
        ...Object.keys(versions ?? {}),
        ...events.flatMap(({ says, who }) => [says, who ?? '']),
        ...(figures.buffers ?? []).map(({ name }) => name),
      ]),
    ].flatMap(wordsOf),
  );
}

/** Code that stands in a report as it is: changes, commands, figures by their names. */
export function codeIn({ incidents, findings }: Diagnosis): string[] {
  return [
    ...incidents.flatMap(({ steps, ask_for: askFor, ledger }) => [
      ...steps.flatMap(({ change }) => change),
      ...askFor.map(({ command }) => command),
      ...ledger.atoms.map(({ source }) => source).filter((source) => IDENTITY.test(source)),
      ...ledger.totals.map(({ source }) => `（${source}）`),
      ...ledger.totals.map(({ source }) => `(${source})`),
    ]),
    ...findings.flatMap(({ commands }) => commands),
  ];
}

/** "total - free - reserved": names of figures. */
const IDENTITY = /^[a-z_]+(?: - [a-z_]+)*$/;

export const squeezed = (text: string): string => text.replace(/\s+/g, ' ');

/** Takes parts out of a text, the longest first; white space and the case of a first letter are one. */
export function without(text: string, parts: readonly string[]): string {
  const all = parts.flatMap((part) => {
    const one = squeezed(part).trim();
    return one.length < 2 ? [] : [one, one.charAt(0).toLowerCase() + one.slice(1)];
  });
  return [...new Set(all)]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, part) => rest.replaceAll(part, ' '), squeezed(text));
}
