/** `unoom snapshot`: a memory snapshot of PyTorch, examined. */
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Lang } from '../../core/index.ts';
import {
  examineSnapshot,
  redactSnapshot,
  renderSnapshotMarkdown,
  renderSnapshotText,
  type Snapshot,
  type SnapshotData,
} from '../../core/snapshots.ts';
import { snapshotPage } from '../../node/snapshots.ts';
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
  exists: {
    en: 'is there already; --force overwrites it',
    zh: '已存在；--force 覆盖它',
    ru: 'уже есть; --force перезапишет его',
  },
  'no-moment': {
    en: 'no GPU of this snapshot has that moment: --at',
    zh: '此快照中没有 GPU 含有该时刻：--at',
    ru: 'ни у одного GPU снимка нет такого момента: --at',
  },
} as const;

/** Exit 1 when the run failed for memory or something surely grows, 2 when the file could not be read. */
export async function snapshotCommand(file: string, options: SnapshotArguments): Promise<number> {
  const { lang } = options;
  const fail = (text: string): number => {
    process.stderr.write(`unoom snapshot: ${text}\n`);
    return EXIT.usage;
  };
  const asked = readRange(options);
  if (typeof asked === 'string') return fail(asked);
  const { html } = options;
  if (html !== undefined && !options.force && existsSync(html)) {
    return fail(`${html} ${WORDS.exists[lang]}`);
  }
  const read = await readSnapshotFile(file, asked.range, lang);
  if (typeof read === 'string') return fail(read);
  const snapshot = options.redact ? redactSnapshot(read) : read;
  const data = examineSnapshot(snapshot, {
    source: options.redact ? await redacted(file) : file,
    lang,
    withoutWhatIf: !options.whatIf,
    ...(asked.at === undefined ? {} : { at: asked.at }),
  });
  if (asked.at !== undefined && data.devices.every(({ moment }) => moment === undefined)) {
    return fail(`${WORDS['no-moment'][lang]} ${options.at}`);
  }
  if (html !== undefined) await writePage(html, snapshot, data, basename(data.source.name), lang);
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

/** What redacts texts comes with all that diagnoses them: it is read only here. */
export async function redacted(name: string): Promise<string> {
  const { redact } = await import('../../core/index.ts');
  return redact(name);
}

/** Beside its place first, so that a page is whole or not there. */
async function writePage(
  path: string,
  snapshot: Snapshot,
  report: SnapshotData,
  title: string,
  lang: Lang,
): Promise<void> {
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w');
    try {
      for await (const piece of snapshotPage(snapshot, { lang, title, report })) {
        await file.write(piece);
      }
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
