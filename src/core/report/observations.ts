/** Observations and findings as text: cards with who holds what, figures, what happened around it. */
import { formatBytes, MiB } from '../base/bytes.ts';
import type {
  DeviceData,
  EventData,
  Finding,
  Observation,
  RecordingData,
  ShownData,
} from './diagnosis.ts';
import { bar, columns, pad, padLeft, shorten } from './layout.ts';
import { ledgerRows, OF_LAYOUT, recordingLines } from './recordings.ts';
import { commandLine, listed, placeOf, type Section, type Style, sectionWith } from './section.ts';
import { FIGURE_NAMES, ROLE_NAMES } from './words/figures.ts';
import { LEFT_OVER } from './words/ledger.ts';
import { EVENT_WORDS, STRENGTH_WORDS } from './words/verdicts.ts';
import type { Vocabulary } from './words.ts';

/** Cards drawn with their processes; more are a line each. */
const FEW_CARDS = 4;
const FEW_PROCESSES = 6;
const BAR = 24;

/** One line that says what a report without a failure shows. */
export function summaryOf(
  observations: readonly Observation[],
  words: Vocabulary,
): string | undefined {
  const withCards = observations.findLast(({ devices }) => devices.some(hasUse));
  const all = (withCards?.devices ?? []).filter(hasUse);
  const whole = all.filter(({ mig }) => mig === undefined);
  const cards = whole.length > 0 ? whole : all;
  if (cards.length === 1 && cards[0] !== undefined) {
    return words.say('in-use', { name: cardName(cards[0]), use: useText(cards[0], words) });
  }
  if (cards.length > 1) {
    const fullest = [...cards].sort((a, b) => shareOf(b) - shareOf(a))[0];
    return fullest === undefined
      ? undefined
      : words.say('cards-in-use', {
          count: cards.length,
          name: cardName(fullest),
          use: useText(fullest, words),
        });
  }
  const figures = observations.findLast((one) => figureTexts(one, words).length > 0);
  if (figures === undefined) return undefined;
  const few = words.list(figureTexts(figures, words).slice(0, 3));
  return `${words.titled(figures.title, few)}${words.stop}`;
}

const bytesOf = (size: ShownData | undefined): number | undefined =>
  typeof size === 'number' ? size : undefined;

const hasUse = ({ used_bytes: used, total_bytes: total }: DeviceData): boolean =>
  typeof used === 'number' && typeof total === 'number';

const shareOf = (card: DeviceData): number =>
  (bytesOf(card.used_bytes) ?? 0) / Math.max(1, bytesOf(card.total_bytes) ?? 1);

function useText(card: DeviceData, words: Vocabulary): string {
  const [used, total] = [bytesOf(card.used_bytes), bytesOf(card.total_bytes)];
  if (used === undefined) {
    return total === undefined
      ? words.say('not-shown')
      : words.say('use-not-shown', { total: { size: total } });
  }
  return total === undefined
    ? formatBytes(used)
    : words.say('used-of', { used: { size: used }, total: { size: total } });
}

function cardName({ index, bus_id: bus, uuid, mig }: DeviceData): string {
  // The PCI domain is 0 nearly everywhere.
  const gpu = `GPU ${index ?? bus?.replace(/^0+:/, '') ?? uuid ?? '?'}`;
  if (mig === undefined) return gpu;
  return `${gpu} MIG ${mig.profile ?? mig.device ?? mig.gpu_instance ?? ''}`.trimEnd();
}

/** A card in a line: its use, and who holds most of it. */
export function deviceText(card: DeviceData, words: Vocabulary): string {
  const most = [...card.processes]
    .filter(({ bytes }) => typeof bytes === 'number')
    .sort((a, b) => (bytesOf(b.bytes) ?? 0) - (bytesOf(a.bytes) ?? 0))
    .slice(0, 3)
    .map(
      ({ pid, name, bytes }) => `${pid ?? '?'} ${name ?? ''} ${formatBytes(bytesOf(bytes) ?? 0)}`,
    );
  const holders = most.length === 0 ? '' : words.aside(words.list(most));
  const text = `${cardName(card)} ${card.name ?? ''} ${useText(card, words)}${holders}`;
  return text.replace(/ +/g, ' ');
}

/** A name of the table; a report that a later version wrote can hold others. */
function nameOfFigure(key: string, words: Vocabulary): string {
  const name = key.replace(/_bytes$/, '');
  return isFigure(name) ? words.word(FIGURE_NAMES[name]) : name.replaceAll('_', ' ');
}

const isFigure = (name: string): name is keyof typeof FIGURE_NAMES => name in FIGURE_NAMES;

/** Figures that are no parts of a card: "weights 15.2 GiB", "kv tokens 4512". */
export function figureTexts(
  { figures }: Pick<Observation, 'figures'>,
  words: Vocabulary,
  isShown: (key: string) => boolean = () => true,
): string[] {
  const { buffers, other_processes: _, tensor: __, ...plain } = figures;
  const texts = Object.entries(plain).flatMap(([key, value]) => {
    if (typeof value !== 'number' || !isShown(key)) return [];
    const amount = key.endsWith('_bytes') ? formatBytes(value) : value;
    return [`${nameOfFigure(key, words)} ${amount}`];
  });
  for (const { name, role, bytes } of buffers ?? []) {
    if (typeof bytes === 'number') {
      texts.push(`${name} ${words.word(ROLE_NAMES[role])} ${formatBytes(bytes)}`);
    }
  }
  return texts;
}

export function eventText(event: EventData, words: Vocabulary): string {
  const who = [
    event.rank === undefined ? '' : words.say('rank', { rank: event.rank }),
    event.who ?? '',
    event.pid === undefined ? '' : `pid ${event.pid}`,
    event.host === undefined ? '' : words.say('on-host', { host: event.host }),
  ].filter((part) => part !== '');
  const how = [
    event.exit_code === undefined ? '' : words.say('exit-code', { code: event.exit_code }),
    event.signal ?? '',
    event.is_first === true ? words.say('named-first') : '',
  ].filter((part) => part !== '');
  const aside = how.length === 0 ? '' : words.aside(words.list(how));
  const happened = words.titled(`${words.word(EVENT_WORDS[event.kind])}${aside}`, event.says);
  return who.length === 0 ? happened : words.titled(who.join(' '), happened);
}

/** All that was seen where nothing failed: the cards drawn, figures listed. */
export function observationLines(observations: readonly Observation[], style: Style): string[] {
  const groups = latestOfEach(observations, style.why);
  return groups.flatMap(({ one, count }) => ['', ...oneObservation(one, count, style)]);
}

interface Latest {
  readonly one: Observation;
  /** Moments of this format in this source; the last one is shown. */
  readonly count: number;
}

function latestOfEach(observations: readonly Observation[], all: boolean): Latest[] {
  if (all) return observations.map((one) => ({ one, count: 1 }));
  const groups = new Map<string, Latest>();
  for (const one of observations) {
    const key = `${one.format} ${one.where.source} ${one.where.host ?? ''} ${one.where.rank ?? ''}`;
    groups.set(key, { one, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].slice(-8);
}

function headOf(one: Observation, count: number, words: Vocabulary): string {
  const versions = Object.entries(one.versions ?? {}).map(
    ([name, version]) => `${name} ${version}`,
  );
  return [
    one.title,
    ...versions.slice(0, 2),
    shorten(one.label ?? '', 40),
    one.recording === undefined ? '' : momentText(one.recording, words),
    one.time ?? '',
    count > 1 ? words.say('last-of-moments', { count }) : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** What the ledger of a recording shows already. */
const isOfLayout = ({ recording }: Observation, key: string): boolean =>
  recording !== undefined && OF_LAYOUT.has(key);

/** Of which moment the ledger of a snapshot is. */
function momentText({ event, events }: RecordingData, words: Vocabulary): string {
  if (event === undefined) return words.say('as-taken');
  return `${words.say('at-the-peak')}${words.aside(words.say('event-in-file', { event, events }))}`;
}

function oneObservation(one: Observation, count: number, style: Style): string[] {
  const { words } = style;
  const place = placeOf(one.where, words);
  const head = `  ${shorten(headOf(one, count, words), style.width - 4)}`;
  const room = style.width - columns(head) - 2;
  const lines =
    columns(place) <= room
      ? [`${head}  ${' '.repeat(room - columns(place))}${style.paint.dim(place)}`]
      : [head, `  ${style.paint.dim(shorten(place, style.width - 2))}`];
  const isShort = one.devices.length > FEW_CARDS && !style.why;
  const width = Math.max(0, ...one.devices.map((card) => columns(cardName(card)))) + 2;
  for (const card of one.devices) lines.push(...cardLines(card, width, isShort, style));
  if (one.ledger !== undefined) lines.push(...ledgerRows(one.ledger, 0, style));
  const figures = figureTexts(one, words, (key) => style.why || !isOfLayout(one, key));
  const section = sectionWith(style);
  if (figures.length > 0) lines.push(...section('figures', figures.join(' · ')));
  const { ledger, recording } = one;
  if (ledger !== undefined && recording !== undefined) {
    lines.push(...recordingLines({ ledger, recording }, style));
  }
  lines.push(
    ...listed(one.events, style, (event, index) =>
      section(index === 0 ? 'happened' : '', eventText(event, words)),
    ),
  );
  return lines;
}

function cardLines(card: DeviceData, width: number, isShort: boolean, style: Style): string[] {
  const total = bytesOf(card.total_bytes);
  const name = `    ${pad(cardName(card), width)}${card.name ?? ''}`;
  const { words } = style;
  const use = useText(card, words);
  const { utilization_percent: percent } = card;
  const busy = percent === undefined ? '' : ` · ${words.say('busy', { percent })}`;
  if (isShort) {
    const drawn = bar(shareOf(card), BAR - 14);
    const { length } = card.processes;
    const count = length === 0 ? '' : ` · ${words.say('processes', { count: length })}`;
    return [
      `${pad(shorten(name, 44), 45)}${padLeft(use, 24)}  ${style.paint.accent(drawn)}${count}`.trimEnd(),
    ];
  }
  const room = Math.max(24, style.width - columns(use) - columns(busy) - 2);
  const lines = [`${shorten(name, room)}  ${style.paint.dim(`${use}${busy}`)}`];
  const rows: { label: string; bytes: number | undefined; why: string }[] = [];
  const shown = style.why ? card.processes : card.processes.slice(0, FEW_PROCESSES);
  for (const { pid, name: called, bytes } of shown) {
    rows.push({
      label: `${pid ?? '?'} ${called ?? ''}`.trimEnd(),
      bytes: bytesOf(bytes),
      why: typeof bytes === 'object' && 'unknown' in bytes ? bytes.unknown : '',
    });
  }
  for (const { category, process, bytes } of card.ledger.atoms) {
    if (category === 'process' || !('mid' in bytes)) continue;
    const owner =
      category === 'free'
        ? 'free'
        : process === 'nobody'
          ? 'driver'
          : card.processes_listed === 'all'
            ? 'unlisted'
            : 'holders-not-shown';
    // Rounding to whole MiB, and what a list counts twice, are in the JSON.
    if (category === 'unattributed' && bytes.mid < 8 * MiB) continue;
    if (category === 'unattributed' && process !== 'unknown') continue;
    rows.push({ label: words.word(LEFT_OVER[owner]), bytes: bytes.mid, why: '' });
  }
  const labels = Math.min(34, Math.max(0, ...rows.map(({ label }) => columns(shorten(label, 34)))));
  for (const { label, bytes, why } of rows) {
    const amount = bytes === undefined ? words.say('unknown') : formatBytes(bytes);
    const left = `      ${pad(shorten(label, 34), labels)}  ${padLeft(amount, 10)}  `;
    const drawn =
      bytes === undefined || total === undefined
        ? shorten(why, style.width - columns(left))
        : bar(bytes / total, BAR);
    lines.push(`${left}${style.paint.accent(drawn)}`.trimEnd());
  }
  const rest = card.processes.length - shown.length;
  if (rest > 0) lines.push(`      … ${words.say('more-processes', { count: rest })}`);
  return lines;
}

/** What was seen beside a failure, a line each, with how its moment stands to the failure. */
export function besideLines(observations: readonly Observation[], style: Style): string[] {
  const section = sectionWith(style);
  const { words } = style;
  return listed(latestOfEach(observations, style.why), style, ({ one, count }, index) => {
    const what = [
      ...one.devices
        .filter(hasUse)
        .slice(0, 4)
        .map((card) => `${cardName(card)} ${useText(card, words)}`),
      ...figureTexts(one, words, (key) => style.why || !isOfLayout(one, key)).slice(
        0,
        style.why ? 40 : 5,
      ),
      ...one.events.slice(0, 2).map((event) => eventText(event, words)),
    ];
    const place = shorten(placeOf(one.where, words), 40);
    const seen = words.titled(`${place} ${headOf(one, count, words)}`, words.list(what));
    const isTied = one.devices.length > 0 || one.recording !== undefined;
    const beside = isTied ? [one.relation.because] : [];
    return section(index === 0 ? 'also-seen' : '', words.series([seen, ...beside]));
  });
}

export function findingLines(
  findings: readonly Finding[],
  how: { readonly isTold: boolean; readonly isBrief: boolean },
  style: Style,
): string[] {
  const section: Section = sectionWith(style);
  const { words, paint } = style;
  return listed(findings, style, (finding, index) => {
    const isBrief = how.isBrief && !style.why;
    const because =
      style.why || findings.length < 3 ? finding.because : finding.because.slice(0, 1);
    const rest = isBrief
      ? []
      : [
          ...because.flatMap((text) => section('', `+ ${text}`)),
          ...(style.why ? finding.do : finding.do.slice(0, 2)).flatMap((text) => section('', text)),
          ...finding.commands
            .slice(0, style.why ? 9 : 1)
            .map((command) => commandLine(command, style)),
        ];
    const strength = paint.strong(words.word(STRENGTH_WORDS[finding.strength]));
    return [
      ...section(
        index === 0 ? (findings.length > 1 ? 'findings' : 'finding') : '',
        index === 0 && how.isTold
          ? words.titled(finding.title, strength)
          : words.say('sure', { text: finding.headline, strength }),
      ),
      ...rest,
    ];
  });
}
