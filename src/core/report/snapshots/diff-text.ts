/** The difference of two snapshots as text and as Markdown: the change of the peaks first, then owners. */
import { formatBytes } from '../../base/bytes.ts';
import { render } from '../../base/render.ts';
import { type Lang, type Param, phrase } from '../../base/texts.ts';
import type {
  ChangeEntry,
  DeviceDiff,
  DiffReport,
  PeakGrowth,
} from '../../snapshot/report-data.ts';
import { type Palette, PLAIN, pad, padLeft, shorten } from '../layout.ts';
import { escapeMarkdown, mapStrings, printable } from '../strings.ts';
import { ownerName } from './owner-name.ts';

/** A difference with what `--fail-if-peak-grows` found. */
export interface SnapshotDiffData extends DiffReport {
  readonly limit?: {
    readonly given: string;
    readonly exceeded: boolean;
    /** The peak that grew most. */
    readonly worst: PeakGrowth;
  };
}

export type DiffOwners = 'line' | 'module' | 'library' | 'category';

export interface DiffTextOptions {
  readonly lang: Lang;
  /** Whose changes are listed. */
  readonly by: readonly DiffOwners[];
  readonly why?: boolean;
  readonly palette?: Palette;
}

const TEXTS = {
  grew: {
    en: 'GPU {device}: the peak grew by {change} ({share}) to {after} allocated.',
    zh: 'GPU {device}：峰值增加 {change}（{share}），已分配达到 {after}。',
    ru: 'GPU {device}: пик вырос на {change} ({share}), выделено до {after}.',
  },
  shrank: {
    en: 'GPU {device}: the peak fell by {change} ({share}) to {after} allocated.',
    zh: 'GPU {device}：峰值减少 {change}（{share}），已分配降到 {after}。',
    ru: 'GPU {device}: пик снизился на {change} ({share}), выделено до {after}.',
  },
  same: {
    en: 'GPU {device}: the peak is the same, {after} allocated.',
    zh: 'GPU {device}：峰值不变，已分配 {after}。',
    ru: 'GPU {device}: пик тот же, выделено {after}.',
  },
  nothing: {
    en: 'Neither snapshot holds a device with memory.',
    zh: '两个快照中都没有占用显存的设备。',
    ru: 'Ни в одном из снимков нет устройства с памятью.',
  },
  allocated: { en: 'peak allocated', zh: '已分配峰值', ru: 'пик выделенного' },
  reserved: { en: 'peak reserved', zh: '已保留峰值', ru: 'пик резерва' },
  category: { en: 'By category', zh: '按类别', ru: 'По категориям' },
  line: { en: 'By line', zh: '按代码行', ru: 'По строкам' },
  module: { en: 'By module', zh: '按模块', ru: 'По модулям' },
  library: { en: 'By library', zh: '按库', ru: 'По библиотекам' },
  more: {
    en: '{count} more with --why',
    zh: '另有 {count} 项，加 --why 查看',
    ru: 'ещё {count} — с ключом --why',
  },
  exceeded: {
    en: 'GPU {device}: {figure} grew by {change} ({share}), more than {limit}.',
    zh: 'GPU {device}：{figure}增长 {change}（{share}），超过 {limit}。',
    ru: 'GPU {device}: {figure} вырос на {change} ({share}), больше чем на {limit}.',
  },
  within: {
    en: 'No peak grew by more than {limit}; the most is {share}, GPU {device}, {figure}.',
    zh: '没有峰值增长超过 {limit}；最大为 {share}，GPU {device}，{figure}。',
    ru: 'Ни один пик не вырос больше чем на {limit}; наибольшее изменение — {share}, GPU {device}, {figure}.',
  },
} as const;

type Key = keyof typeof TEXTS;
type Say = (key: Key, params?: Readonly<Record<string, Param>>) => string;

const sayIn =
  (lang: Lang): Say =>
  (key, params = {}) =>
    render(phrase(TEXTS[key], params), lang);

const FEW = 8;

/** "+1.50 GiB", "−20.0 MiB". */
const signed = (bytes: number): string =>
  `${bytes > 0 ? '+' : bytes < 0 ? '−' : ''}${formatBytes(Math.abs(bytes))}`;

function percent({ change_percent: share }: ChangeEntry): string {
  if (share === null) return '—';
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${Math.abs(share).toFixed(1)} %`;
}

function sentence(say: Say, { device, peak_allocated: peak }: DeviceDiff): string {
  const key = peak.change_bytes > 0 ? 'grew' : peak.change_bytes < 0 ? 'shrank' : 'same';
  return say(key, {
    device,
    change: { size: Math.abs(peak.change_bytes) },
    share: percent(peak),
    after: { size: peak.after_bytes },
  });
}

function verdict(say: Say, { limit }: SnapshotDiffData): string | undefined {
  if (limit === undefined) return undefined;
  const { worst, given, exceeded } = limit;
  return say(exceeded ? 'exceeded' : 'within', {
    device: worst.device,
    figure: say(worst.figure),
    change: { size: Math.abs(worst.change_bytes) },
    share: percent(worst),
    limit: given,
  });
}

/** For a terminal. */
export function renderDiffText(found: SnapshotDiffData, options: DiffTextOptions): string {
  const diff = mapStrings(found, printable);
  const { lang, by, why = false, palette: paint = PLAIN } = options;
  const say = sayIn(lang);
  const lines = diff.devices.map((device) => paint.strong(sentence(say, device)));
  if (lines.length === 0) lines.push(paint.strong(say('nothing')));
  const told = verdict(say, diff);
  if (told !== undefined) lines.push(paint.strong(told));
  lines.push('', `  ${paint.dim(`${diff.before.name} → ${diff.after.name}`)}`);
  for (const device of diff.devices) {
    lines.push('', `  GPU ${device.device}`);
    for (const [key, change] of peaks(device)) {
      const sides = `${formatBytes(change.before_bytes)} → ${formatBytes(change.after_bytes)}`;
      lines.push(
        `    ${pad(say(key), 20)}${padLeft(signed(change.change_bytes), 12)}  ${padLeft(percent(change), 9)}  ${sides}`,
      );
    }
    for (const kind of by) {
      const all = device.owners.filter((owner) => owner.by === kind);
      if (all.length === 0) continue;
      const shown = why ? all : mostChanged(all);
      lines.push(`  ${paint.accent(say(kind))}`);
      for (const owner of shown) {
        lines.push(
          `    ${pad(shorten(ownerName(owner, lang), 40), 40)} ${padLeft(signed(owner.change_bytes), 12)}  ${formatBytes(owner.before_bytes)} → ${formatBytes(owner.after_bytes)}`,
        );
      }
      const rest = all.length - shown.length;
      if (rest > 0) lines.push(`    … ${say('more', { count: rest })}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const peaks = (
  device: DeviceDiff,
): readonly (readonly ['allocated' | 'reserved', ChangeEntry])[] => [
  ['allocated', device.peak_allocated],
  ['reserved', device.peak_reserved],
];

/** Those that changed most, up or down, in the order of the list: growth first. */
function mostChanged(all: DeviceDiff['owners']): DeviceDiff['owners'] {
  const size = ({ change_bytes }: ChangeEntry): number => Math.abs(change_bytes);
  const largest = new Set([...all].sort((a, b) => size(b) - size(a)).slice(0, FEW));
  return all.filter((owner) => largest.has(owner));
}

/** For a pull request. */
export function renderDiffMarkdown(found: SnapshotDiffData, options: DiffTextOptions): string {
  const diff = mapStrings(found, printable);
  const { lang, by } = options;
  const say = sayIn(lang);
  const lines = diff.devices.flatMap((device) => [
    `**${escapeMarkdown(sentence(say, device))}**`,
    '',
  ]);
  const told = verdict(say, diff);
  if (told !== undefined) lines.push(escapeMarkdown(told), '');
  lines.push(escapeMarkdown(`${diff.before.name} → ${diff.after.name}`), '');
  for (const device of diff.devices) {
    lines.push(`### GPU ${device.device}`, '', '| | | | |', '|---|---:|---:|---:|');
    const row = (name: string, change: ChangeEntry): string =>
      `| ${escapeMarkdown(name)} | ${formatBytes(change.before_bytes)} | ${formatBytes(change.after_bytes)} | ${signed(change.change_bytes)} |`;
    for (const [key, change] of peaks(device)) lines.push(row(say(key), change));
    lines.push('');
    for (const kind of by) {
      const shown = mostChanged(device.owners.filter((owner) => owner.by === kind));
      if (shown.length === 0) continue;
      lines.push(`| ${say(kind)} | | | |`, '|---|---:|---:|---:|');
      for (const owner of shown) lines.push(row(ownerName(owner, lang), owner));
      lines.push('');
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
