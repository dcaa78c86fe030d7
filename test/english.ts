// English words that were left in a report of another language.
import type { Diagnosis } from '../src/core/index.ts';

/**
 * The words that no English sentence does without. Terms stay in Latin letters in every language (a pod,
 * a kernel, a checkpoint: docs/languages.md); a sentence that nobody translated has these.
 */
const GRAMMAR = new Set(
  'the an of is are was were be been being has have had does did to with without and or nor not no but for from than that this these those it its they their there which who what where when while if so only already still also because by at into onto more most less fewer every each both can cannot could may must should would will needs takes keeps holds'.split(
    ' ',
  ),
);

/** A word as prose has it: no part of a path, an option, a name with marks, a cut word. */
const WORD = /(?<![\p{L}\d_./\\=:@'"`<…-])[a-z]{2,}(?![\p{L}\d_./\\=@`(…-])/gu;

/** What stands in quotation marks is somebody's own words. */
const QUOTED = /“[^”]{0,400}”|«[^»]{0,400}»|"[^"\n]{0,400}"|`[^`\n]{0,400}`/g;

const wordsOf = (text: string): string[] => text.match(/[A-Za-z]+/g) ?? [];

/** The words of an English sentence in a text that are neither quoted nor among the known ones. */
export function englishIn(text: string, known: ReadonlySet<string> = new Set()): string[] {
  const plain = text.replace(QUOTED, ' ');
  return [...plain.matchAll(WORD)].flatMap(({ 0: word, index }) =>
    !GRAMMAR.has(word) || known.has(word)
      ? []
      : [`${word}: …${plain.slice(Math.max(0, index - 40), index + word.length + 30)}…`],
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

/**
 * Takes parts out of a text, the longest first; white space and the case of a first letter are one. Parts
 * without a word of grammar are no English, and stay.
 */
export function without(text: string, parts: readonly string[]): string {
  const all = parts.flatMap((part) => {
    const one = squeezed(part).trim();
    return !wordsOf(one).some((word) => GRAMMAR.has(word.toLowerCase()))
      ? []
      : [one, one.charAt(0).toLowerCase() + one.slice(1)];
  });
  return [...new Set(all)]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, part) => rest.replaceAll(part, ' '), squeezed(text));
}
