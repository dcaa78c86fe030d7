/** `unoom snapshot`: a memory snapshot of PyTorch, examined. */
import { basename } from 'node:path';
import type { Lang } from '../../core/index.ts';
import {
  examineSnapshot,
  Redactor,
  redactSnapshot,
  renderSnapshotMarkdown,
  renderSnapshotText,
} from '../../core/snapshots.ts';
import { snapshotPage } from '../../node/snapshots.ts';
import { refusalOf, writeWhole } from '../output-file.ts';
import { type ColorChoice, EXIT, paletteFor, print, widthOf } from '../terminal.ts';
import { readRange, readSnapshotFile } from './snapshot-source.ts';

export interface SnapshotArguments {
  readonly why: boolean;
  readonly format: 'text' | 'json' | 'markdown';
  readonly html?: string;
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
  readonly at?: string;
  readonly redact: boolean;
  readonly whatIf: boolean;
  readonly force: boolean;
  readonly lang: Lang;
  readonly color: ColorChoice;
}

const WORDS = {
  'no-moment': {
    en: 'no GPU of this snapshot has that moment: --at',
    zh: '此快照中没有 GPU 含有该时刻：--at',
    ru: 'ни у одного GPU снимка нет такого момента: --at',
  },
} as const;

/** Exit 1 when the run failed for memory or something surely grows, 2 when the file could not be read. */
export async function snapshotCommand(file: string, options: SnapshotArguments): Promise<number> {
  const { lang } = options;
  const fail = (text: string, code: number = EXIT.usage): number => {
    process.stderr.write(`unoom snapshot: ${text}\n`);
    return code;
  };
  const asked = readRange(options);
  if (typeof asked === 'string') return fail(asked);
  const { html } = options;
  const refused = html === undefined ? undefined : refusalOf(html, options.force, lang);
  if (refused !== undefined) return fail(refused.text, refused.code);
  const read = await readSnapshotFile(file, asked.range, lang);
  if (typeof read === 'string') return fail(read);
  // One for all, so that a name has the same pseudonym in the report, the page and the source.
  const redactor = options.redact ? new Redactor() : undefined;
  const snapshot = redactor === undefined ? read : redactSnapshot(read, redactor);
  const data = examineSnapshot(snapshot, {
    source: redactor?.path(file) ?? file,
    lang,
    withoutWhatIf: !options.whatIf,
    ...(asked.at === undefined ? {} : { at: asked.at }),
  });
  if (asked.at !== undefined && data.devices.every(({ moment }) => moment === undefined)) {
    return fail(`${WORDS['no-moment'][lang]} ${options.at}`);
  }
  if (html !== undefined) {
    const page = snapshotPage(snapshot, { lang, title: basename(data.source.name), report: data });
    const failed = await writeWhole(html, page, options);
    if (failed !== undefined) return fail(failed.text, failed.code);
  }
  if (options.format === 'json') print(`${JSON.stringify(data, undefined, 2)}\n`);
  else if (options.format === 'markdown') print(renderSnapshotMarkdown(data));
  else {
    print(
      renderSnapshotText(data, {
        width: widthOf(),
        why: options.why,
        palette: paletteFor(options.color),
      }),
    );
  }
  const isFinding = data.devices.some(
    ({ failures, growth_by_line: growth }) =>
      failures > 0 || growth.some(({ strength }) => strength === 'likely'),
  );
  return isFinding ? EXIT.finding : EXIT.ok;
}
