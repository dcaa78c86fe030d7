/** `unoom snapshot diff`: what grew between two snapshots of the same program. */
import type { Lang } from '../../core/index.ts';
import {
  analyseExactly,
  type DiffOwners,
  diffReports,
  peaksBeyond,
  Redactor,
  readGrowthLimit,
  redactSnapshot,
  renderDiffMarkdown,
  renderDiffText,
  type Snapshot,
  type SnapshotReport,
} from '../../core/snapshots.ts';
import { type ColorChoice, EXIT, paletteFor, print } from '../terminal.ts';
import { readRange, readSnapshotFile } from './snapshot-source.ts';

export interface SnapshotDiffArguments {
  readonly failIfPeakGrows?: string;
  readonly by?: DiffOwners;
  readonly device?: string;
  readonly why: boolean;
  readonly redact: boolean;
  readonly format: 'text' | 'json' | 'markdown';
  readonly lang: Lang;
  readonly color: ColorChoice;
}

const LIMIT = {
  en: '--fail-if-peak-grows wants a share or a size: 2%, 200MiB',
  zh: '--fail-if-peak-grows 需要百分比或大小：2%、200MiB',
  ru: '--fail-if-peak-grows требует доли или размера: 2%, 200MiB',
} as const;

/** Owners of each kind that are compared by name; the rest is compared as one. */
const MOST_OWNERS = 2000;

/** Exit 1 when a peak grew by more than was allowed, 2 when a file could not be read. */
export async function snapshotDiffCommand(
  before: string,
  after: string,
  options: SnapshotDiffArguments,
): Promise<number> {
  const { lang, device, failIfPeakGrows: given } = options;
  const fail = (text: string): number => {
    process.stderr.write(`unoom snapshot diff: ${text}\n`);
    return EXIT.usage;
  };
  const limit = given === undefined ? undefined : readGrowthLimit(given);
  if (given !== undefined && limit === undefined) return fail(`${LIMIT[lang]} (${given})`);
  const asked = readRange({ lang, ...(device === undefined ? {} : { device }) });
  if (typeof asked === 'string') return fail(asked);
  // One for both, so that a name has the same pseudonym on either side.
  const redactor = options.redact ? new Redactor() : undefined;
  const report = (snapshot: Snapshot, name: string): SnapshotReport =>
    analyseExactly(redactor === undefined ? snapshot : redactSnapshot(snapshot, redactor), {
      source: redactor?.path(name) ?? name,
      mostOwners: MOST_OWNERS,
    }).report;
  // One after the other: only the report of the first stays in memory.
  const first = await readSnapshotFile(before, asked.range, lang);
  if (typeof first === 'string') return fail(first);
  const old = report(first, before);
  const second = await readSnapshotFile(after, asked.range, lang);
  if (typeof second === 'string') return fail(second);
  const diff = diffReports(old, report(second, after));
  const grown = limit === undefined ? [] : peaksBeyond(diff, limit);
  const exceeded = grown.length > 0;
  const data =
    given === undefined ? diff : { ...diff, limit: { given, exceeded, exceeded_by: grown } };
  const by = options.by === undefined ? (['category', 'line'] as const) : [options.by];
  if (options.format === 'json') print(`${JSON.stringify(data, undefined, 2)}\n`);
  else if (options.format === 'markdown') print(renderDiffMarkdown(data, { lang, by }));
  else {
    const palette = paletteFor(options.color);
    print(renderDiffText(data, { lang, by, why: options.why, palette }));
  }
  return exceeded ? EXIT.finding : EXIT.ok;
}
