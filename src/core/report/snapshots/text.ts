/** The examination of a snapshot as text and as Markdown: the answer first, then where the bytes are. */
import { formatBytes } from '../../base/bytes.ts';
import { render } from '../../base/render.ts';
import { type Lang, type Param, phrase } from '../../base/texts.ts';
import {
  bar,
  columns,
  labelled,
  type Palette,
  PLAIN,
  pad,
  padLeft,
  shorten,
  wrap,
} from '../layout.ts';
import { escapeMarkdown, mapStrings, printable } from '../strings.ts';
import { STRENGTH_WORDS } from '../words/verdicts.ts';
import type { DeviceData, SnapshotData } from './examine.ts';
import { ownerName } from './owner-name.ts';

const TEXTS = {
  peak: {
    en: 'GPU {device} peaked at {allocated} allocated, {reserved} reserved.',
    zh: 'GPU {device} 的峰值：已分配 {allocated}，已保留 {reserved}。',
    ru: 'Пик GPU {device}: выделено {allocated}, зарезервировано {reserved}.',
  },
  nothing: {
    en: 'The snapshot holds no device with memory.',
    zh: '快照中没有占用显存的设备。',
    ru: 'В снимке нет ни одного устройства с памятью.',
  },
  failed: {
    en: 'GPU {device} ran out of memory when {line} asked for {asked}.',
    zh: 'GPU {device} 显存不足：{line} 申请 {asked} 时失败。',
    ru: 'GPU {device}: не хватило памяти, когда {line} запросил {asked}.',
  },
  grows: {
    en: '{line} keeps {bytes} more with every step.',
    zh: '{line} 每一步多保留 {bytes}。',
    ru: '{line} с каждым шагом удерживает на {bytes} больше.',
  },
  events: { en: '{count} events', zh: '{count} 个事件', ru: 'событий: {count}' },
  seconds: { en: '{n} s', zh: '{n} 秒', ru: '{n} с' },
  milliseconds: { en: '{n} ms', zh: '{n} 毫秒', ru: '{n} мс' },
  synthetic: { en: 'synthetic', zh: '合成', ru: 'синтетический' },
  'at-peak': { en: 'At the peak', zh: '峰值时', ru: 'На пике' },
  'at-failure': { en: 'At the failure', zh: '失败时', ru: 'При сбое' },
  lines: { en: 'By line', zh: '按代码行', ru: 'По строкам' },
  growth: { en: 'Growth', zh: '增长', ru: 'Рост' },
  failure: { en: 'Failure', zh: '失败', ru: 'Сбой' },
  waste: { en: 'Not in use', zh: '未使用', ru: 'Не занято' },
  replay: { en: 'Replay', zh: '重放', ru: 'Повтор' },
  'what-if': { en: 'What if', zh: '换用设置', ru: 'Что если' },
  room: { en: 'Room', zh: '所需空间', ru: 'Место' },
  problem: { en: 'Problem', zh: '问题', ru: 'Проблема' },
  note: { en: 'Note', zh: '说明', ru: 'Примечание' },
  'waste-says': {
    en: 'at the peak: rounding {rounding}, free parts of segments {split}, whole cached segments {cached}; largest free piece {largest}',
    zh: '峰值时：取整 {rounding}，段内空闲 {split}，整段缓存 {cached}；最大空闲块 {largest}',
    ru: 'на пике: округление {rounding}, свободные части сегментов {split}, целые сегменты в кэше {cached}; наибольший свободный кусок {largest}',
  },
  matched: {
    en: '{equal} of {count} allocations at the recorded address; blocks at the end {blocks}',
    zh: '{count} 次分配中 {equal} 次与记录的地址一致；结束时的块{blocks}',
    ru: 'по записанному адресу — {equal} выделений из {count}; блоки в конце {blocks}',
  },
  equal: { en: 'equal', zh: '相同', ru: 'совпадают' },
  differ: { en: 'differ', zh: '不同', ru: 'различаются' },
  'not-known': { en: 'unknown: {why}', zh: '未知：{why}', ru: 'неизвестно: {why}' },
  reference: {
    en: 'as recorded: {bytes} reserved at most',
    zh: '按记录的设置：最多保留 {bytes}',
    ru: 'как записано: зарезервировано не более {bytes}',
  },
  best: {
    en: 'best: {settings}: {bytes} ({change})',
    zh: '最佳：{settings}：{bytes}（{change}）',
    ru: 'лучше всего {settings}: {bytes} ({change})',
  },
  other: {
    en: '{settings}: {bytes} ({change})',
    zh: '{settings}：{bytes}（{change}）',
    ru: '{settings}: {bytes} ({change})',
  },
  serves: {
    en: 'the request that failed is served',
    zh: '原先失败的申请可以满足',
    ru: 'запрос, закончившийся сбоем, выполняется',
  },
  fails: {
    en: '{settings}: a request that was served fails at event {event}',
    zh: '{settings}：事件 {event} 处原本成功的申请会失败',
    ru: '{settings}: на событии {event} отказ там, где память была выделена',
  },
  none: {
    en: 'no other setting gains enough to be worth a change',
    zh: '没有其他设置带来值得更改的收益',
    ru: 'ни одна другая настройка не даёт выигрыша, ради которого стоит её менять',
  },
  'room-says': {
    en: 'this trace needs at least {bytes} for PyTorch’s segments; what came after it is not in it',
    zh: '这段记录至少需要 {bytes} 供 PyTorch 的段使用；之后的部分不在记录中',
    ru: 'этой записи нужно под сегменты PyTorch не менее {bytes}; что было после неё, не записано',
  },
  'at-moment': { en: 'At that moment', zh: '该时刻', ru: 'В этот момент' },
  moment: { en: 'Moment', zh: '时刻', ru: 'Момент' },
  'moment-says': {
    en: 'after event {event}: {allocated} allocated, {reserved} reserved, largest free piece {largest}',
    zh: '第 {event} 个事件之后：已分配 {allocated}，已保留 {reserved}，最大空闲块 {largest}',
    ru: 'после события {event}: выделено {allocated}, зарезервировано {reserved}, наибольший свободный кусок {largest}',
  },
  more: {
    en: '{count} more with --why',
    zh: '另有 {count} 项，加 --why 查看',
    ru: 'ещё {count} — с ключом --why',
  },
} as const;

export interface SnapshotTextOptions {
  readonly width?: number;
  readonly why?: boolean;
  readonly palette?: Palette;
}

type Row = readonly [label: keyof typeof TEXTS | '', text: string];

const sayIn =
  (lang: Lang) =>
  (key: keyof typeof TEXTS, params: Readonly<Record<string, Param>> = {}): string =>
    render(phrase(TEXTS[key], params), lang);

/** For a terminal. */
export function renderSnapshotText(found: SnapshotData, options: SnapshotTextOptions = {}): string {
  const data = mapStrings(found, printable);
  const say = sayIn(data.lang);
  const paint = options.palette ?? PLAIN;
  const width = Math.min(120, Math.max(60, options.width ?? 80));
  const lines = wrap(headline(data), width).map(paint.strong);
  lines.push('', `  ${paint.dim(sourceLine(data))}`);
  const label = 4 + Math.max(...Object.values(LABELS).map((key) => columns(say(key))));
  const show = ([key, text]: Row): void => {
    const head = `  ${paint.accent(pad(key === '' ? '' : say(key), label - 2))}`;
    lines.push(
      ...labelled('', text, width - label).map(
        (line, i) => (i === 0 ? head : ' '.repeat(label)) + line,
      ),
    );
  };
  for (const device of data.devices) {
    lines.push('', `  ${deviceLine(device, data.lang)}`);
    lines.push(
      ...ownerLines(device, data.lang, { width, label, why: options.why ?? false, paint }),
    );
    rowsOf(device, data.lang, options.why ?? false).forEach(show);
  }
  if (data.problems.length + data.notes.length > 0) lines.push('');
  for (const { what, why, do: todo } of data.problems)
    show(['problem', `${what}. ${why}. ${todo}`.replaceAll('..', '.')]);
  for (const { text } of data.notes) show(['note', text]);
  return `${lines.join('\n')}\n`;
}

const LABELS = [
  'at-peak',
  'at-failure',
  'at-moment',
  'lines',
  'moment',
  'growth',
  'failure',
  'waste',
  'replay',
  'what-if',
  'room',
  'problem',
  'note',
] as const;

function headline(data: SnapshotData): string {
  const say = sayIn(data.lang);
  const device = [...data.devices].sort(
    (a, b) =>
      Number(b.failure !== undefined) - Number(a.failure !== undefined) ||
      b.peak.allocated_bytes - a.peak.allocated_bytes,
  )[0];
  if (device === undefined) return say('nothing');
  const { failure, peak } = device;
  const first =
    failure === undefined
      ? say('peak', {
          device: device.device,
          allocated: { size: peak.allocated_bytes },
          reserved: { size: peak.reserved_bytes },
        })
      : `${say('failed', {
          device: device.device,
          line: failure.line,
          asked: { size: failure.asked_bytes },
        })} ${failure.why}`;
  const growth = device.growth_by_line.find(({ strength }) => strength === 'likely');
  if (growth === undefined) return first;
  return `${first} ${say('grows', { line: growth.line, bytes: { size: growth.bytes_per_step } })}`;
}

function sourceLine({ source, lang }: SnapshotData): string {
  const parts = [source.name, `PyTorch ${source.version}`, formatBytes(source.bytes)];
  if (source.is_synthetic) parts.push(sayIn(lang)('synthetic'));
  return parts.join(' · ');
}

/** "GPU 0 · 6486 events · 1.18 s": what `--at` can ask for. */
function deviceLine({ device, events, time_us: time }: DeviceData, lang: Lang): string {
  const say = sayIn(lang);
  const parts = [`GPU ${device}`, say('events', { count: events })];
  const us = time === undefined ? 0 : time.to - time.from;
  if (us >= 1e6) parts.push(say('seconds', { n: (us / 1e6).toFixed(2) }));
  else if (us > 0) parts.push(say('milliseconds', { n: (us / 1e3).toFixed(2) }));
  return parts.join(' · ');
}

const FEW = 6;

interface Look {
  readonly width: number;
  readonly label: number;
  readonly why: boolean;
  readonly paint: Palette;
}

/** Of the moment that was asked for, else of the failure, else of the peak. */
function shownOwners(device: DeviceData): {
  readonly owners: DeviceData['owners'];
  readonly moment: 'at-moment' | 'at-failure' | 'at-peak';
} {
  if (device.moment !== undefined) return { owners: device.moment.owners, moment: 'at-moment' };
  return device.owners_at_failure === undefined
    ? { owners: device.owners, moment: 'at-peak' }
    : { owners: device.owners_at_failure, moment: 'at-failure' };
}

/** Who held the bytes, as bars: by category, then by line. */
function ownerLines(device: DeviceData, lang: Lang, { width, label, why, paint }: Look): string[] {
  const say = sayIn(lang);
  const { owners, moment } = shownOwners(device);
  return (['category', 'line'] as const).flatMap((by) => {
    const all = owners.filter((owner) => owner.by === by && owner.bytes > 0);
    const shown = why ? all : all.slice(0, FEW);
    const most = Math.max(1, ...all.map(({ bytes }) => bytes));
    const room = Math.max(16, Math.min(40, width - label - 30));
    const lines = shown.map((owner, index) => {
      const name = ownerName(owner, lang);
      const head = index === 0 ? say(by === 'category' ? moment : 'lines') : '';
      const text = `${pad(shorten(name, room), room)} ${padLeft(formatBytes(owner.bytes), 11)}  `;
      return `  ${paint.accent(pad(head, label - 2))}${text}${paint.accent(bar(owner.bytes / most, 14))}`.trimEnd();
    });
    const rest = all.length - shown.length;
    if (rest > 0) lines.push(`${' '.repeat(label)}… ${say('more', { count: rest })}`);
    return lines;
  });
}

function rowsOf(device: DeviceData, lang: Lang, why: boolean): Row[] {
  const say = sayIn(lang);
  const rows: Row[] = [];
  if (device.moment !== undefined) rows.push(['moment', momentText(device.moment, lang)]);
  const growth = why ? device.growth_by_line : device.growth_by_line.slice(0, 3);
  growth.forEach((one, index) => {
    const text = say('grows', { line: one.line, bytes: { size: one.bytes_per_step } });
    rows.push([index === 0 ? 'growth' : '', `${text} ${STRENGTH_WORDS[one.strength][lang]}`]);
    if (why) for (const reason of one.because) rows.push(['', `+ ${reason}`]);
    if (why) for (const reason of one.against) rows.push(['', `- ${reason}`]);
  });
  if (device.failure !== undefined) rows.push(['failure', device.failure.why]);
  const { peak: waste } = device.waste;
  rows.push([
    'waste',
    say('waste-says', {
      rounding: { size: waste.rounding_bytes },
      split: { size: waste.inactive_split_bytes + waste.expandable_free_bytes },
      cached: { size: waste.cached_segment_bytes },
      largest: { size: waste.largest_free_bytes },
    }),
  ]);
  rows.push(...replayRows(device, lang, why));
  return rows;
}

function momentText(moment: NonNullable<DeviceData['moment']>, lang: Lang): string {
  return sayIn(lang)('moment-says', {
    event: moment.event,
    allocated: { size: moment.allocated_bytes },
    reserved: { size: moment.reserved_bytes },
    largest: { size: moment.waste.largest_free_bytes },
  });
}

function replayRows(device: DeviceData, lang: Lang, why: boolean): Row[] {
  const say = sayIn(lang);
  const { replay } = device;
  if ('unknown' in replay) return [['replay', say('not-known', { why: replay.unknown })]];
  const rows: Row[] = [
    [
      'replay',
      say('matched', {
        equal: replay.address_equal,
        count: replay.allocations,
        blocks: say(replay.final_blocks_equal ? 'equal' : 'differ'),
      }),
    ],
  ];
  if (replay.diverged !== undefined) rows.push(['', replay.diverged]);
  const reference = device.what_if.find((row) => row.is_reference);
  if (reference === undefined) return rows;
  rows.push(['what-if', say('reference', { bytes: { size: reference.peak_reserved_bytes } })]);
  const others = device.what_if.filter((row) => !row.is_reference && row.id !== 'as_recorded');
  const shown = why ? others : others.filter((row) => row.is_best);
  if (shown.length === 0) rows.push(['', say('none')]);
  for (const row of shown) {
    if (row.failed_at !== null) {
      rows.push(['', say('fails', { settings: row.settings, event: row.failed_at })]);
      continue;
    }
    const change = (row.peak_reserved_bytes / Math.max(1, reference.peak_reserved_bytes) - 1) * 100;
    rows.push([
      '',
      say(row.is_best ? 'best' : 'other', {
        settings: row.settings,
        bytes: { size: row.peak_reserved_bytes },
        change: `${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} %`,
      }),
    ]);
    if (row.served === true) rows.push(['', `+ ${say('serves')}`]);
    for (const danger of why ? row.dangers : row.dangers.slice(0, 1))
      rows.push(['', `! ${danger}`]);
    if (why) for (const reason of row.why) rows.push(['', `  ${reason}`]);
  }
  const least = Math.min(...device.smallest_room.map((one) => one.reserved_bytes));
  if (Number.isFinite(least)) rows.push(['room', say('room-says', { bytes: { size: least } })]);
  return rows;
}

/** For an issue or a pull request. */
export function renderSnapshotMarkdown(found: SnapshotData): string {
  const data = mapStrings(found, printable);
  const say = sayIn(data.lang);
  const lines = [`**${escapeMarkdown(headline(data))}**`, '', escapeMarkdown(sourceLine(data)), ''];
  for (const device of data.devices) {
    lines.push(`### ${deviceLine(device, data.lang)}`, '');
    const { owners, moment } = shownOwners(device);
    for (const by of ['category', 'line'] as const) {
      const shown = owners.filter((owner) => owner.by === by && owner.bytes > 0).slice(0, 12);
      if (shown.length === 0) continue;
      lines.push(`| ${say(by === 'category' ? moment : 'lines')} | |`, '|---|---:|');
      for (const owner of shown) {
        const called = ownerName(owner, data.lang);
        lines.push(`| ${escapeMarkdown(called)} | ${formatBytes(owner.bytes)} |`);
      }
      lines.push('');
    }
    for (const [key, text] of rowsOf(device, data.lang, true)) {
      lines.push(`- ${key === '' ? '' : `**${say(key)}** `}${escapeMarkdown(text)}`);
    }
    lines.push('');
  }
  for (const { what, why, do: todo } of data.problems)
    lines.push(`> **${say('problem')}** ${escapeMarkdown(`${what} ${why} ${todo}`)}`, '');
  for (const { text } of data.notes) lines.push(`> ${escapeMarkdown(text)}`, '');
  return `${lines.join('\n').trimEnd()}\n`;
}
