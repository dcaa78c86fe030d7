/** What all commands on snapshots share: which part of which file, and reading it. */
import { setFlagsFromString } from 'node:v8';
import type { Lang } from '../../core/index.ts';
import {
  type MomentWanted,
  type ReadOptions,
  readMoment,
  readSnapshot,
  renderProblem,
  type Snapshot,
} from '../../core/snapshots.ts';
import { openSources } from '../../node/snapshots.ts';

export interface RangeArguments {
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
  readonly at?: string;
  readonly lang: Lang;
}

const WORDS = {
  number: {
    en: 'wants a whole number',
    zh: '需要整数',
    ru: 'требует целого числа',
  },
  moment: {
    en: 'wants an event (1843), a time after the first event (12.5s, 350ms), peak, failure or end',
    zh: '需要事件编号（1843）、距首个事件的时间（12.5s、350ms）、peak、failure 或 end',
    ru: 'требует номера события (1843), времени после первого события (12.5s, 350ms), peak, failure или end',
  },
  border: {
    en: 'wants an event (1843) or a time after the first event (12.5s, 350ms)',
    zh: '需要事件编号（1843）或距首个事件的时间（12.5s、350ms）',
    ru: 'требует номера события (1843) или времени после первого события (12.5s, 350ms)',
  },
  mixed: {
    en: '--from and --to are both events or both times',
    zh: '--from 与 --to 须同为事件编号或同为时间',
    ru: '--from и --to — либо оба события, либо оба времена',
  },
  read: { en: 'read', zh: '已读取', ru: 'прочитано' },
} as const;

type Range = Pick<ReadOptions, 'device' | 'events' | 'sinceFirst'>;

/** The part of the file that the options ask for, or what is wrong with them. */
export function readRange(
  options: RangeArguments,
): { readonly range: Range; readonly at?: MomentWanted } | string {
  const { device, from, to, at, lang } = options;
  const wrong = (name: string, word: keyof typeof WORDS, given: string): string =>
    `--${name} ${WORDS[word][lang]}: ${given}`;
  if (device !== undefined && !/^\d{1,9}$/.test(device)) return wrong('device', 'number', device);
  const borders: (MomentWanted & { kind: 'event' | 'time' })[] = [];
  for (const [name, text] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (text === undefined) continue;
    const moment = readMoment(text);
    if (moment?.kind !== 'event' && moment?.kind !== 'time') return wrong(name, 'border', text);
    borders.push(moment);
  }
  if (new Set(borders.map(({ kind }) => kind)).size > 1) return WORDS.mixed[lang];
  const moment = at === undefined ? undefined : readMoment(at);
  if (at !== undefined && moment === undefined) return wrong('at', 'moment', at);
  const values = borders.map((border) => (border.kind === 'event' ? border.event : border.us));
  const low = from === undefined ? 0 : (values[0] ?? 0);
  const high = to === undefined ? Number.MAX_SAFE_INTEGER : (values.at(-1) ?? 0);
  const kind = borders[0]?.kind;
  return {
    range: {
      ...(device === undefined ? {} : { device: Number(device) }),
      ...(kind === 'event' ? { events: [low, high] } : {}),
      ...(kind === 'time' ? { sinceFirst: [low, high] } : {}),
    },
    ...(moment === undefined ? {} : { at: moment }),
  };
}

/** The snapshot in a file or on standard input, with progress on a terminal; or why it cannot be read. */
export async function readSnapshotFile(
  file: string,
  range: Range,
  lang: Lang,
): Promise<Snapshot | string> {
  // What is read lies in typed arrays beside the heap: room for 16 MB of short-lived objects would stay empty.
  setFlagsFromString('--semi-space-growth-factor=1');
  const opened = await openSources([file], { lang });
  const [source] = opened.sources;
  if (source === undefined) {
    return opened.problems.map(({ what, do: todo }) => `${what} ${todo}`).join('\n');
  }
  const { size } = source;
  const isShown = process.stderr.isTTY === true;
  let shown = 0;
  const result = await readSnapshot(source.bytes, {
    ...range,
    ...(size === undefined ? {} : { sizeHint: size }),
    onProgress: ({ bytes }) => {
      if (!isShown || bytes - shown < 64e6) return;
      shown = bytes;
      const share = size === undefined ? '' : ` (${Math.round((bytes / size) * 100)} %)`;
      process.stderr.write(`\r${WORDS.read[lang]} ${Math.round(bytes / 1e6)} MB${share}`);
    },
  });
  if (isShown) process.stderr.write('\r\u001b[K');
  return result.problem === undefined
    ? result.snapshot
    : `${file}: ${renderProblem(result.problem, lang)}`;
}
