/** Labelled paragraphs and short lists: the bones of every text report. */
import { columns, type Palette, pad, wrap } from './layout.ts';
import type { Label, Vocabulary } from './words.ts';

export interface Style {
  readonly width: number;
  readonly why: boolean;
  readonly paint: Palette;
  readonly words: Vocabulary;
  /** Columns of the labels on the left. */
  readonly label: number;
}

/** Entries of a list shown without --why. */
const FEW = 3;
const INDENT = 2;
const GAP = 2;

/** The labels' column: as wide as the longest label of the language. */
export const labelColumn = ({ labels }: Vocabulary): number =>
  INDENT + Math.max(...labels.map(columns)) + GAP;

/** One labelled paragraph; the label stands once, the text is wrapped beside it. */
export type Section = (name: Label | '', text: string) => string[];

export function sectionWith({ width, paint, words, label }: Style): Section {
  return (name, text) =>
    wrap(text, width - label).map((line, index) => {
      const shown = index === 0 && name !== '' ? words.say(name) : '';
      return `${' '.repeat(INDENT)}${paint.accent(pad(shown, label - INDENT))}${line}`;
    });
}

/** A line under a label that is never wrapped: people copy it. */
export const commandLine = (command: string, { label, paint }: Style, indent = 0): string =>
  `${' '.repeat(label + indent)}${paint.dim(command)}`;

/** Shows the first few of a list, all with --why, and says how many are left out. */
export function listed<T>(
  items: readonly T[],
  style: Style,
  show: (item: T, index: number) => string[],
): string[] {
  const shown = style.why ? items : items.slice(0, FEW);
  const lines = shown.flatMap(show);
  const rest = items.length - shown.length;
  if (rest > 0) {
    lines.push(`${' '.repeat(style.label)}… ${style.words.say('more-with-why', { count: rest })}`);
  }
  return lines;
}

/** How people call a place in the input. */
export function placeOf(
  {
    source,
    line,
    event,
  }: { readonly source: string; readonly line?: number; readonly event?: number },
  words: Vocabulary,
): string {
  const name = source === '-' ? words.say('standard-input') : source.replace(/\s+/g, ' ');
  if (event !== undefined) return words.say('event-of', { source: name, event });
  return line === undefined ? name : `${name}:${line}`;
}
