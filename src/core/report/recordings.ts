/** Ledgers as rows with bars, and what a memory snapshot shows beside its ledger: holders, growth, replays. */
import { formatBytes } from '../base/bytes.ts';
import type { LedgerData, RecordingData, ReplayedData } from './diagnosis.ts';
import { bar, columns, pad, padLeft } from './layout.ts';
import { amountText, holdersOf, midOf, rowsOf } from './rows.ts';
import { listed, type Style, sectionWith } from './section.ts';
import type { Vocabulary } from './words.ts';

/** One row for each part. @param total bytes that a whole bar stands for; 0 where it is not known. */
export function ledgerRows(ledger: LedgerData, total: number, style: Style): string[] {
  const rows = rowsOf(ledger, style.why, style.words);
  if (rows.length === 0) return [];
  const amounts = rows.map((row) => amountText(row.bytes, style.words));
  const whole = Math.max(1, total, ...rows.map((row) => midOf(row.bytes)));
  const widest = (texts: readonly string[]): number => Math.max(...texts.map(columns));
  const groupWidth = widest(rows.map((row) => row.group)) + 2;
  const labelWidth = widest(rows.map((row) => row.label)) + 1;
  const amountWidth = widest(amounts);
  const beside = style.width - 4 - groupWidth - labelWidth - amountWidth - 2;
  const barWidth = Math.min(34, Math.max(8, beside));
  let last = '';
  return rows.map((row, index) => {
    const group = row.group === last ? '' : row.group;
    last = row.group;
    const drawn = bar(midOf(row.bytes) / whole, barWidth);
    const gap = drawn === '' ? '' : '  ';
    // A remark that has no room beside its bar is left to --format json.
    const fits = columns(drawn) + gap.length + columns(row.remark) <= beside;
    const line = [
      `    ${pad(group, groupWidth)}${pad(row.label, labelWidth)}`,
      `${padLeft(amounts[index] ?? '', amountWidth)}  `,
      `${style.paint.accent(drawn)}${gap}${fits ? style.paint.dim(row.remark) : ''}`,
    ];
    return line.join('').trimEnd();
  });
}

/** Figures of the layout of a recording: parts of its ledger in other words. */
export const OF_LAYOUT: ReadonlySet<string> = new Set([
  'requested_block_bytes',
  'inactive_split_bytes',
  'idle_segments_bytes',
  'largest_free_block_bytes',
  'largest_usable_bytes',
  'idle_in_pieces_bytes',
  'idle_other_stream_bytes',
  'pending_free_bytes',
  'released_bytes',
]);

interface Shown {
  readonly ledger: LedgerData;
  readonly recording: RecordingData;
}

/** Holders, growth and replays, a paragraph each; without --why the first few of each. */
export function recordingLines({ ledger, recording }: Shown, style: Style): string[] {
  const section = sectionWith(style);
  const { words } = style;
  const lines = listed(holdersOf(ledger, words), style, ({ line, bytes, what }, index) =>
    section(
      index === 0 ? 'held-by' : '',
      `${line} ${formatBytes(bytes)}${words.aside(words.list(what.slice(0, 3)))}`,
    ),
  );
  const grown = 'unknown' in recording.growth ? [] : recording.growth;
  lines.push(
    ...listed(grown, style, (one, index) =>
      section(index === 0 ? 'grows' : '', growthText(one, words)),
    ),
  );
  const replays = replaysShown(recording, style.why);
  lines.push(
    ...replays.flatMap((row, index) =>
      section(index === 0 ? 'replayed' : '', replayText(row, words)),
    ),
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

/** "train.py:57 96.0 MiB each step, 1.12 GiB by the end" */
export function growthText(
  one: Exclude<RecordingData['growth'], { readonly unknown: string }>[number],
  words: Vocabulary,
): string {
  return words.say('each-step', {
    line: one.line,
    each: { size: one.bytes_per_step },
    bytes: { size: one.bytes },
  });
}

/** What was recorded and the best of the alternatives, or all. */
export function replaysShown(
  { replays, failures }: RecordingData,
  all: boolean,
): readonly ReplayedData[] {
  if (all) return replays;
  const best = replays.filter((row) => row.is_best);
  // Where a request failed, a setting that does not serve it is no news.
  if (best.length === 0 || (failures > 0 && best[0]?.served !== true)) return [];
  // What is known to serve weighs more than what a model says.
  const sure = replays.find(({ served, basis }) => served === true && basis === 'replayed');
  const isShown = (row: ReplayedData): boolean =>
    row.is_reference || row.is_best || (row === sure && best[0]?.basis !== 'replayed');
  return replays.filter(isShown);
}

/** "PYTORCH_ALLOC_CONF=…: 7.12 GiB reserved at most, serves the request, best" */
export function replayText(row: ReplayedData, words: Vocabulary): string {
  const name =
    row.id === 'as_recorded'
      ? words.say('as-recorded')
      : row.id === 'as_recorded_anew'
        ? words.say('as-recorded-anew')
        : (row.settings ?? row.call ?? row.id);
  const { served, failed_at: failedAt } = row;
  const parts = [
    words.say('reserved-at-most', { size: { size: row.peak_reserved_bytes } }),
    ...(failedAt === null ? [] : [words.say('fails-before', { event: failedAt })]),
    ...(served === null || failedAt !== null ? [] : [words.say(served ? 'served' : 'not-served')]),
    ...(row.is_best ? [words.say('best')] : []),
  ];
  return words.titled(name, words.list(parts));
}
