/** `unoom snapshot export`: the events of a snapshot for other tools. */
import type { Lang } from '../../core/index.ts';
import { exportCsv, exportTraceEvents, redactSnapshot, unitBytes } from '../../core/snapshots.ts';
import { refusalOf, writeWhole } from '../output-file.ts';
import { EXIT, print } from '../terminal.ts';
import { readRange, readSnapshotFile } from './snapshot-source.ts';

export interface SnapshotExportArguments {
  readonly to: 'perfetto' | 'chrome' | 'csv';
  readonly output: string;
  readonly least: string;
  readonly device?: string;
  readonly from?: string;
  readonly until?: string;
  readonly redact: boolean;
  readonly force: boolean;
  readonly lang: Lang;
}

const WORDS = {
  size: {
    en: '--least wants a size: 1MiB, 512KiB, 0',
    zh: '--least 需要大小：1MiB、512KiB、0',
    ru: '--least требует размера: 1MiB, 512KiB, 0',
  },
} as const;

/** "1MiB", "1.5 GB", "0": bytes, or undefined. */
function readLeast(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]*)$/.exec(text);
  if (match === null) return undefined;
  const unit = match[2] === '' ? 1 : unitBytes(match[2] ?? '');
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

export async function snapshotExportCommand(
  file: string,
  options: SnapshotExportArguments,
): Promise<number> {
  const { lang, output } = options;
  const fail = (text: string, code: number = EXIT.usage): number => {
    process.stderr.write(`unoom snapshot export: ${text}\n`);
    return code;
  };
  const { device, from, until } = options;
  const asked = readRange({
    lang,
    ...(device === undefined ? {} : { device }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { to: until }),
  });
  if (typeof asked === 'string') return fail(asked.replace('--to', '--until'));
  const least = readLeast(options.least);
  if (least === undefined) return fail(`${WORDS.size[lang]} (${options.least})`);
  const refused = output === '-' ? undefined : refusalOf(output, options.force, lang);
  if (refused !== undefined) return fail(refused.text, refused.code);
  const read = await readSnapshotFile(file, asked.range, lang);
  if (typeof read === 'string') return fail(read);
  const snapshot = options.redact ? redactSnapshot(read) : read;
  const pieces =
    options.to === 'csv' ? exportCsv(snapshot) : exportTraceEvents(snapshot, { least });
  if (output === '-') {
    for (const piece of pieces) print(piece);
    return EXIT.ok;
  }
  const failed = await writeWhole(output, pieces, options);
  return failed === undefined ? EXIT.ok : fail(failed.text, failed.code);
}
