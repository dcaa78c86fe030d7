/** A guide as text and as Markdown. */

import type { Guide } from './guide.ts';
import { labelled, type Palette, PLAIN, wrap } from './layout.ts';
import { escapeMarkdown } from './strings.ts';
import { GUIDE_WORDS } from './words/guides.ts';
import { PARAGRAPHS } from './words/knowledge.ts';
import { vocabularyOf } from './words.ts';

export interface GuideOptions {
  /** Columns; 80 when absent, 60 to 120. */
  readonly width?: number;
  readonly palette?: Palette;
}

/** Spellings of one change: a person reads a few, `unoom explain <id>` prints all. */
const MOST_CHANGES = 3;

/** Code that may have backticks itself. */
function codeSpan(code: string): string {
  const longest = Math.max(0, ...[...code.matchAll(/`+/g)].map(({ 0: run }) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${code}${fence}` : `${fence} ${code} ${fence}`;
}

export function renderGuide(guide: Guide, options: GuideOptions = {}): string {
  const width = Math.min(120, Math.max(60, options.width ?? 80));
  const paint = options.palette ?? PLAIN;
  const words = vocabularyOf(guide.lang);
  const box = (text: string): string[] => labelled('  [ ] ', text, width);
  const lines = [
    paint.strong(guide.title),
    ...wrap(guide.summary, width - 2).map((line) => `  ${line}`),
    '',
    paint.strong(words.word(GUIDE_WORDS.order)),
  ];
  for (const { title, items } of guide.groups) {
    lines.push('', `  ${paint.strong(title)}`);
    for (const item of items) {
      lines.push(
        ...box(`${item.title}${words.aside(item.id)}`),
        ...labelled('      ', item.how, width),
        ...item.changes.slice(0, MOST_CHANGES).map((change) => `        ${paint.dim(change)}`),
        ...labelled('      ', words.titled(words.word(PARAGRAPHS.cost), item.cost), width),
      );
    }
  }
  if (guide.no_remedies.length > 0) {
    lines.push('', paint.strong(words.word(GUIDE_WORDS.not)));
    for (const { title, why } of guide.no_remedies)
      lines.push(...labelled('  - ', words.titled(title, why), width));
  }
  lines.push('', paint.strong(words.word(GUIDE_WORDS.acceptance)));
  for (const one of guide.acceptance) lines.push(...box(one));
  return `${lines.join('\n')}\n`;
}

export function renderGuideMarkdown(guide: Guide): string {
  const words = vocabularyOf(guide.lang);
  const lines = [
    `# ${escapeMarkdown(guide.title)}`,
    '',
    escapeMarkdown(guide.summary),
    '',
    `## ${words.word(GUIDE_WORDS.order)}`,
  ];
  for (const { title, items } of guide.groups) {
    lines.push('', `### ${escapeMarkdown(title)}`, '');
    for (const item of items) {
      lines.push(
        `- [ ] **${escapeMarkdown(item.title)}** \`${item.id}\``,
        `  - ${escapeMarkdown(item.how)}`,
        ...item.changes.map((change) => `  - ${codeSpan(change)}`),
        `  - ${words.titled(words.word(PARAGRAPHS.cost), escapeMarkdown(item.cost))}`,
      );
    }
  }
  if (guide.no_remedies.length > 0) {
    lines.push('', `## ${words.word(GUIDE_WORDS.not)}`, '');
    for (const { title, why } of guide.no_remedies)
      lines.push(`- ${words.titled(`**${escapeMarkdown(title)}**`, escapeMarkdown(why))}`);
  }
  lines.push('', `## ${words.word(GUIDE_WORDS.acceptance)}`, '');
  for (const one of guide.acceptance) lines.push(`- [ ] ${escapeMarkdown(one)}`);
  return `${lines.join('\n')}\n`;
}
