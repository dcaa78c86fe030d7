/** Explanations as text and as Markdown. */

import type { Lang } from '../base/texts.ts';
import type { Explanation } from './explain.ts';
import { columns, labelled, type Palette, PLAIN, pad, wrap } from './layout.ts';
import { escapeMarkdown } from './strings.ts';
import { EXPLANATION_KINDS, PARAGRAPHS } from './words/knowledge.ts';
import { type Vocabulary, vocabularyOf } from './words.ts';

export interface ExplanationOptions {
  /** Columns; 80 when absent, 60 to 120. */
  readonly width?: number;
  readonly palette?: Palette;
  /** The language of labels; that of the explanations when absent. */
  readonly lang?: Lang;
}

const LABEL = 16;

const vocabularyFor = (found: readonly Explanation[], lang: Lang | undefined): Vocabulary =>
  vocabularyOf(lang ?? found[0]?.lang ?? 'en');

export function renderExplanations(
  found: readonly Explanation[],
  options: ExplanationOptions = {},
): string {
  const width = Math.min(120, Math.max(60, options.width ?? 80));
  const paint = options.palette ?? PLAIN;
  const words = vocabularyFor(found, options.lang);
  const label = (name: string): string => `  ${pad(name, LABEL - 3)} `;
  const blocks = found.map((one) => [
    `${paint.strong(one.title)}  ${paint.dim(identityOf(one, words))}`,
    ...wrap(one.summary, width - 2).map((line) => `  ${line}`),
    ...one.more.flatMap(({ name, text }) => labelled(label(name), text, width)),
    ...one.sources.flatMap((source, index) =>
      labelled(label(index === 0 ? words.word(PARAGRAPHS.sources) : ''), source, width),
    ),
  ]);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** "remedy eight-bit-optimizer (UN308)" */
const identityOf = ({ kind, id, code }: Explanation, words: Vocabulary): string =>
  `${words.word(EXPLANATION_KINDS[kind])} ${id}${code === undefined ? '' : words.aside(code)}`;

/** A line each: what it is, its code and id, its title. */
export function renderExplanationList(
  found: readonly Explanation[],
  options: Pick<ExplanationOptions, 'lang'> = {},
): string {
  const words = vocabularyFor(found, options.lang);
  const kinds = found.map(({ kind }) => words.word(EXPLANATION_KINDS[kind]));
  const widest = Math.max(0, ...kinds.map(columns));
  return found
    .map(
      ({ id, code, title }, index) =>
        `${pad(kinds[index] ?? '', widest)} ${pad(code ?? '', 6)} ${pad(id, 34)} ${title}\n`,
    )
    .join('');
}

export function renderExplanationsMarkdown(
  found: readonly Explanation[],
  options: Pick<ExplanationOptions, 'lang'> = {},
): string {
  const words = vocabularyFor(found, options.lang);
  const source = words.word(PARAGRAPHS.source);
  const blocks = found.map((one) =>
    [
      `## ${escapeMarkdown(one.title)}`,
      '',
      `\`${one.id}\`${one.code === undefined ? '' : ` · ${one.code}`} · ${words.word(EXPLANATION_KINDS[one.kind])}`,
      '',
      escapeMarkdown(one.summary),
      '',
      ...one.more.map(({ name, text }) => `- ${words.titled(`**${name}**`, escapeMarkdown(text))}`),
      ...one.sources.map((text) => `- ${words.titled(source, escapeMarkdown(text))}`),
    ].join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}
