/** Labelled paragraphs and short lists: the bones of every text report. */
import { type Palette, pad, wrap } from './layout.ts';

export interface Style {
  readonly width: number;
  readonly why: boolean;
  readonly paint: Palette;
}

/** Entries of a list shown without --why. */
const FEW = 3;
/** Columns of the labels on the left. */
export const LABEL = 14;

/** One labelled paragraph; the label stands once, the text is wrapped beside it. */
export type Section = (name: string, text: string) => string[];

export function sectionWith({ width, paint }: Style): Section {
  return (name, text) =>
    wrap(text, width - LABEL).map(
      (line, index) => `  ${paint.accent(pad(index === 0 ? name : '', LABEL - 2))}${line}`,
    );
}

/** Shows the first few of a list, all with --why, and says how many are left out. */
export function listed<T>(
  items: readonly T[],
  style: Style,
  show: (item: T, index: number) => string[],
): string[] {
  const shown = style.why ? items : items.slice(0, FEW);
  const lines = shown.flatMap(show);
  const rest = items.length - shown.length;
  if (rest > 0) lines.push(`${' '.repeat(LABEL)}… ${rest} more with --why`);
  return lines;
}

/** How people call a place in the input. */
export function placeOf({
  source,
  line,
}: {
  readonly source: string;
  readonly line?: number;
}): string {
  const name = source === '-' ? 'standard input' : source.replace(/\s+/g, ' ');
  return line === undefined ? name : `${name}:${line}`;
}
