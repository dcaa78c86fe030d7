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
    en: 'wants an event (1843), a time after the first event (12.5s, 350ms), microseconds since 1970 (@1732629600000000), peak, failure or end',
    zh: '需要事件编号（1843）、距首个事件的时间（12.5s、350ms）、1970 年以来的微秒数（@1732629600000000）、peak、failure 或 end',
    ru: 'требует номера события (1843), времени после первого события (12.5s, 350ms), микросекунд с 1970 года (@1732629600000000), peak, failure или end',
  },
  border: {
    en: 'wants an event (1843), a time after the first event (12.5s, 350ms), or microseconds since 1970 (@1732629600000000)',
    zh: '需要事件编号（1843）、距首个事件的时间（12.5s、350ms）或 1970 年以来的微秒数（@1732629600000000）',
    ru: 'требует номера события (1843), времени после первого события (12.5s, 350ms) или микросекунд с 1970 года (@1732629600000000)',
  },
  empty: {
    en: 'nothing lies between --from and --to',
    zh: '--from 与 --to 之间没有任何内容',
    ru: 'между --from и --to ничего нет',
  },
  absent: {
    en: 'the snapshot holds nothing of GPU',
    zh: '快照中没有该 GPU 的内容：',
    ru: 'в снимке ничего нет о GPU',
  },
  timeless: {
    en: 'its events have no times (PyTorch before 2.2): give numbers of events',
    zh: '其中的事件没有时间（PyTorch 2.2 之前）：给出事件编号',
    ru: 'у событий нет времени (PyTorch до 2.2): укажи номера событий',
  },
  read: { en: 'read', zh: '已读取', ru: 'прочитано' },
} as const;

type Range = Pick<ReadOptions, 'device' | 'events' | 'sinceFirst' | 'time'>;
type Border = Extract<MomentWanted, { kind: 'event' | 'time' | 'clock' }>;

/** The part of the file that the options ask for, or what is wrong with them. */
export function readRange(
  options: RangeArguments,
): { readonly range: Range; readonly at?: MomentWanted } | string {
  const { device, from, to, at, lang } = options;
  const wrong = (name: string, word: keyof typeof WORDS, given: string): string =>
    `--${name} ${WORDS[word][lang]}: ${given}`;
  if (device !== undefined && !/^\d{1,9}$/.test(device)) return wrong('device', 'number', device);
  const first = readBorder(from);
  if (from !== undefined && first === undefined) return wrong('from', 'border', from);
  const last = readBorder(to);
  if (to !== undefined && last === undefined) return wrong('to', 'border', to);
  const isEmpty =
    first !== undefined && first.kind === last?.kind && amountOf(first) >= amountOf(last);
  if (isEmpty) return WORDS.empty[lang];
  const moment = at === undefined ? undefined : readMoment(at);
  if (at !== undefined && moment === undefined) return wrong('at', 'moment', at);
  return {
    range: {
      ...(device === undefined ? {} : { device: Number(device) }),
      ...between('event', 'events', first, last),
      ...between('time', 'sinceFirst', first, last),
      ...between('clock', 'time', first, last),
    },
    ...(moment === undefined ? {} : { at: moment }),
  };
}

function readBorder(text: string | undefined): Border | undefined {
  const moment = text === undefined ? undefined : readMoment(text);
  const isBorder = moment?.kind === 'event' || moment?.kind === 'time' || moment?.kind === 'clock';
  return isBorder ? moment : undefined;
}

const amountOf = (border: Border): number => (border.kind === 'event' ? border.event : border.us);

/** The borders of one kind as a range of the reader's; none where neither is of that kind. */
function between(
  kind: Border['kind'],
  key: 'events' | 'sinceFirst' | 'time',
  first: Border | undefined,
  last: Border | undefined,
): Range {
  const of = (border: Border | undefined): number | undefined =>
    border?.kind === kind ? amountOf(border) : undefined;
  const [low, high] = [of(first), of(last)];
  if (low === undefined && high === undefined) return {};
  return { [key]: [low ?? 0, high ?? Number.MAX_SAFE_INTEGER] };
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
    return opened.problems.map(({ what, do: todo }) => `${file}: ${what} ${todo}`).join('\n');
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
  if (result.problem !== undefined) return `${file}: ${renderProblem(result.problem, lang)}`;
  const asksForTimes = range.sinceFirst !== undefined || range.time !== undefined;
  const { snapshot } = result;
  if (range.device !== undefined && snapshot.devices.length === 0) {
    return `${file}: ${WORDS.absent[lang]} ${range.device}`;
  }
  return asksForTimes && snapshot.firstTime === undefined
    ? `${file}: ${WORDS.timeless[lang]}`
    : snapshot;
}
