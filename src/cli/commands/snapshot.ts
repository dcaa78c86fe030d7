/** `unoom snapshot`: a memory snapshot of PyTorch, examined. */
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Lang } from '../../core/index.ts';
import {
  examineSnapshot,
  type ReadOptions,
  readSnapshot,
  renderProblem,
  renderSnapshotMarkdown,
  renderSnapshotText,
  type Snapshot,
  type SnapshotData,
} from '../../core/snapshots.ts';
import { openSources, snapshotPage } from '../../node/snapshots.ts';
import { type ColorChoice, EXIT, paletteFor, print, widthOf } from '../terminal.ts';

export interface SnapshotArguments {
  readonly why: boolean;
  readonly format: 'text' | 'json' | 'markdown';
  readonly html?: string;
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
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
  number: {
    en: 'wants a whole number',
    zh: '需要整数',
    ru: 'требует целого числа',
  },
  read: { en: 'read', zh: '已读取', ru: 'прочитано' },
} as const;

/** Exit 1 when the run failed for memory or something surely grows, 2 when the file could not be read. */
export async function snapshotCommand(file: string, options: SnapshotArguments): Promise<number> {
  const { lang } = options;
  const fail = (text: string): number => {
    process.stderr.write(`unoom snapshot: ${text}\n`);
    return EXIT.usage;
  };
  for (const name of ['device', 'from', 'to'] as const) {
    const given = options[name];
    if (given !== undefined && !/^\d{1,9}$/.test(given))
      return fail(`--${name} ${WORDS.number[lang]}: ${given}`);
  }
  const { html } = options;
  if (html !== undefined && !options.force && existsSync(html)) {
    return fail(`${html} ${WORDS.exists[lang]}`);
  }
  // What is read lies in typed arrays beside the heap: room for 16 MB of short-lived objects would stay empty.
  setFlagsFromString('--semi-space-growth-factor=1');
  const opened = await openSources([file], { lang });
  const [source] = opened.sources;
  if (source === undefined) {
    return fail(opened.problems.map(({ what, do: todo }) => `${what} ${todo}`).join('\n'));
  }
  const result = await readSnapshot(source.bytes, readOptions(options, source.size));
  if (process.stderr.isTTY === true) process.stderr.write('\r\u001b[K');
  if (result.problem !== undefined) return fail(`${file}: ${renderProblem(result.problem, lang)}`);
  const { snapshot } = result;
  const data = examineSnapshot(snapshot, { source: file, lang, withoutWhatIf: !options.whatIf });
  if (html !== undefined) await writePage(html, snapshot, data, basename(file), lang);
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

function readOptions(options: SnapshotArguments, size: number | undefined): ReadOptions {
  const { from, to, device, lang } = options;
  let shown = 0;
  return {
    ...(size === undefined ? {} : { sizeHint: size }),
    ...(device === undefined ? {} : { device: Number(device) }),
    ...(from === undefined && to === undefined
      ? {}
      : { events: [Number(from ?? 0), to === undefined ? Number.MAX_SAFE_INTEGER : Number(to)] }),
    onProgress: ({ bytes }) => {
      if (process.stderr.isTTY !== true || bytes - shown < 64e6) return;
      shown = bytes;
      const share = size === undefined ? '' : ` (${Math.round((bytes / size) * 100)} %)`;
      process.stderr.write(`\r${WORDS.read[lang]} ${Math.round(bytes / 1e6)} MB${share}`);
    },
  };
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
