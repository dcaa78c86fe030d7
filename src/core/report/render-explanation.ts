/** Explanations as text and as Markdown. */
import type { Explanation } from './explain.ts';
import { labelled, type Palette, PLAIN, pad, wrap } from './layout.ts';
import { escapeMarkdown } from './markdown.ts';

const LABEL = 16;

export function renderExplanations(
  found: readonly Explanation[],
  options: { readonly width?: number; readonly palette?: Palette } = {},
): string {
  const width = Math.min(120, Math.max(60, options.width ?? 80));
  const paint = options.palette ?? PLAIN;
  const blocks = found.map((one) => [
    `${paint.strong(one.title)}  ${paint.dim(`${one.kind} ${one.id}${one.code === undefined ? '' : ` (${one.code})`}`)}`,
    ...wrap(one.summary, width - 2).map((line) => `  ${line}`),
    ...one.more.flatMap(({ name, text }) => labelled(`  ${pad(name, LABEL - 3)} `, text, width)),
    ...one.sources.flatMap((source, index) =>
      labelled(`  ${pad(index === 0 ? 'sources' : '', LABEL - 2)}`, source, width),
    ),
  ]);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

export function renderExplanationsMarkdown(found: readonly Explanation[]): string {
  const blocks = found.map((one) =>
    [
      `## ${escapeMarkdown(one.title)}`,
      '',
      `\`${one.id}\`${one.code === undefined ? '' : ` · ${one.code}`} · ${one.kind}`,
      '',
      escapeMarkdown(one.summary),
      '',
      ...one.more.map(({ name, text }) => `- **${name}**: ${escapeMarkdown(text)}`),
      ...one.sources.map((source) => `- source: ${escapeMarkdown(source)}`),
    ].join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}
