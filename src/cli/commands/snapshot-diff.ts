/** `unoom snapshot diff`: what grew between two snapshots of the same program. */
import type { Lang } from '../../core/index.ts';
import {
  analyseExactly,
  type DiffOwners,
  type DiffReport,
  diffReports,
  type PeakGrowth,
  Redactor,
  redactSnapshot,
  renderDiffMarkdown,
  renderDiffText,
  type Snapshot,
  type SnapshotReport,
  unitBytes,
  worstGrowth,
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

const ABSENT = {
  en: 'a GPU is in one of the snapshots only, so its peak cannot be held to a limit; --device chooses one that is in both',
  zh: '有 GPU 只出现在其中一个快照中，无法按限值比较其峰值；用 --device 选择两者都有的',
  ru: 'один из GPU есть лишь в одном из снимков, и его пик не с чем сравнить; --device выбирает тот, что есть в обоих',
} as const;

/** The same devices are in both. */
function isComplete(before: SnapshotReport, after: SnapshotReport): boolean {
  const indices = ({ devices }: SnapshotReport): string =>
    devices
      .map(({ device }) => device)
      .sort((a, b) => a - b)
      .join(' ');
  return indices(before) === indices(after);
}

/** Owners of each kind that are compared by name; the rest is compared as one. */
const MOST_OWNERS = 2000;

type Limit = { readonly percent: number } | { readonly bytes: number };

function readLimit(text: string): Limit | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?) ?(%|[A-Za-z]*)$/.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]);
  if (match[2] === '%') return { percent: value };
  const unit = unitBytes(match[2] ?? '');
  return unit === undefined ? undefined : { bytes: value * unit };
}

/** The peak that grew most as the limit counts, and whether that is more than it allows. */
function judged(
  diff: DiffReport,
  limit: Limit,
): { worst: PeakGrowth; exceeded: boolean } | undefined {
  const worst = worstGrowth(diff, 'percent' in limit ? 'share' : 'bytes');
  if (worst === undefined) return undefined;
  const exceeded =
    'percent' in limit
      ? (worst.change_percent ?? Number.POSITIVE_INFINITY) > limit.percent && worst.change_bytes > 0
      : worst.change_bytes > limit.bytes;
  return { worst, exceeded };
}

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
  const limit = given === undefined ? undefined : readLimit(given);
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
  const recent = report(second, after);
  const diff = diffReports(old, recent);
  const found = limit === undefined ? undefined : judged(diff, limit);
  // A gate that compares nothing must not pass.
  if (limit !== undefined && (found === undefined || !isComplete(old, recent))) {
    return fail(ABSENT[lang]);
  }
  const data =
    given === undefined || found === undefined ? diff : { ...diff, limit: { given, ...found } };
  const by = options.by === undefined ? (['category', 'line'] as const) : [options.by];
  if (options.format === 'json') print(`${JSON.stringify(data, undefined, 2)}\n`);
  else if (options.format === 'markdown') print(renderDiffMarkdown(data, { lang, by }));
  else {
    const palette = paletteFor(options.color);
    print(renderDiffText(data, { lang, by, why: options.why, palette }));
  }
  return found?.exceeded === true ? EXIT.finding : EXIT.ok;
}
