/** The diagnosis as Markdown, for an issue or a pull request. */
import { formatBytes } from '../base/bytes.ts';
import { PHASES } from '../base/phase.ts';
import type { Lang } from '../base/texts.ts';
import {
  type CauseData,
  couldHelp,
  type Diagnosis,
  type Finding,
  type Incident,
  type LedgerData,
  type Observation,
  type RecordingData,
  type RequestData,
} from './diagnosis.ts';
import { deviceText, eventText, figureTexts } from './observations.ts';
import { pricingMarkdown } from './plans/pricing-text.ts';
import { growthText, replaysShown, replayText } from './recordings.ts';
import { amountText, holdersOf, rowsOf, versionText } from './rows.ts';
import { placeOf } from './section.ts';
import { escapeMarkdown, LINE_ENDS, mapStrings, printable } from './strings.ts';
import { stepTitle, termsOf } from './text.ts';
import { KIND_WORDS, STRENGTH_WORDS } from './words/verdicts.ts';
import { type Vocabulary, vocabularyOf } from './words.ts';

/** A code span; blanks inside the fence keep backticks at its ends apart from it. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${text.replace(LINE_ENDS, ' ')}${pad}${fence}`;
}

export interface MarkdownOptions {
  /** The language of headings; the diagnosis's own when absent. */
  readonly lang?: Lang;
}

export function renderMarkdown(found: Diagnosis, options: MarkdownOptions = {}): string {
  const diagnosis = mapStrings(found, printable);
  const words = vocabularyOf(options.lang ?? diagnosis.lang);
  const lines = [`**${escapeMarkdown(diagnosis.headline)}**`, ''];
  const [first] = diagnosis.incidents;
  for (const incident of diagnosis.incidents) {
    const isToldAbove = incident === first && incident.headline === diagnosis.headline;
    lines.push(...incidentMarkdown(incident, isToldAbove, words));
  }
  if (diagnosis.findings.length > 0) {
    const found = diagnosis.findings.flatMap((finding) => findingMarkdown(finding, words));
    lines.push(`### ${words.say('findings')}`, '', ...found, '');
  }
  if (diagnosis.observations.length > 0) {
    lines.push(`### ${words.say('seen')}`, '', ...seenMarkdown(diagnosis.observations, words), '');
    for (const one of diagnosis.observations) lines.push(...peakMarkdown(one, words));
  }
  lines.push(...causesMarkdown(diagnosis.causes, words));
  lines.push(...requestsMarkdown(diagnosis.ask_for, words));
  for (const note of diagnosis.notes) lines.push(`> ${escapeMarkdown(note.text)}`, '');
  for (const { at, what, why, do: todo } of diagnosis.problems) {
    const text = escapeMarkdown(words.sentences([what, why, todo]));
    const placed = at === undefined ? text : words.titled(code(at.source), text);
    lines.push(`> **${words.say('problem')}** ${placed}`, '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function findingMarkdown(finding: Finding, words: Vocabulary): string[] {
  const { headline, strength, because, do: todo, commands } = finding;
  return [
    `- ${words.say('sure', {
      text: `**${escapeMarkdown(headline)}**`,
      strength: words.word(STRENGTH_WORDS[strength]),
    })}`,
    ...[...because, ...todo].map((text) => `  - ${escapeMarkdown(text)}`),
    ...commands.map((command) => `  - ${code(command)}`),
  ];
}

/** Moments listed; of a long series the last ones. */
const MOST_SEEN = 12;

function seenMarkdown(observations: readonly Observation[], words: Vocabulary): string[] {
  const lines = tableHead([words.say('where'), words.say('what'), words.say('shows'), '']);
  for (const one of observations.slice(-MOST_SEEN)) {
    const shows = [
      ...one.devices.map((device) => deviceText(device, words)),
      ...figureTexts(one, words),
      ...one.events.map((event) => eventText(event, words)),
    ];
    const cells = [
      code(placeOf(one.where, words)),
      escapeMarkdown(
        [one.title, one.label ?? '', one.time ?? ''].filter((part) => part !== '').join(' · '),
      ),
      shows.map(escapeMarkdown).join('<br>'),
      escapeMarkdown(one.relation.value === 'alone' ? '' : one.relation.because),
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  const rest = observations.length - MOST_SEEN;
  return rest > 0 ? [...lines, '', words.say('earlier-moments', { count: rest })] : lines;
}

/** The head of a table. @param right the column that is set to the right. */
const tableHead = (names: readonly string[], right?: number): string[] => [
  `| ${names.join(' | ')} |`.replace(/ {2}\|$/, ' |'),
  `|${names.map((_, index) => (index === right ? '---:' : '---')).join('|')}|`,
];

function ledgerTable(ledger: LedgerData, words: Vocabulary): string[] {
  const rows = rowsOf(ledger, true, words);
  if (rows.length === 0) return [];
  const lines = tableHead([words.say('where'), words.say('what'), words.say('bytes'), ''], 2);
  for (const row of rows) {
    const cells = [row.group, row.label, amountText(row.bytes, words), row.remark];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return [...lines, ''];
}

function incidentMarkdown(incident: Incident, isToldAbove: boolean, words: Vocabulary): string[] {
  const { where, phase, figures, ledger } = incident;
  const place =
    where.event === undefined
      ? `${where.source}${where.line === undefined ? '' : `:${where.line}`}`
      : placeOf(where, words);
  const kind = words.word(KIND_WORDS[incident.kind]);
  const lines = [`### ${code(place)} · ${kind} · ${incident.format}`, ''];
  if (!isToldAbove) lines.push(escapeMarkdown(incident.headline), '');
  const card = [
    incident.device === undefined ? '' : `GPU ${incident.device}`,
    typeof figures.total_bytes === 'number' ? formatBytes(figures.total_bytes) : '',
    versionText(incident, words),
  ].filter((part) => part !== '');
  if (card.length > 0) lines.push(card.join(' · '), '');
  lines.push(...ledgerTable(ledger, words));
  const asked = figures.requested_bytes;
  if (typeof asked === 'number')
    lines.push(words.say('asked-plainly', { size: { size: asked } }), '');
  if (incident.recording?.why !== undefined) lines.push(escapeMarkdown(incident.recording.why), '');
  const name = words.word(PHASES[phase.value].name);
  lines.push(
    words.titled(words.say('phase'), `${name}${words.aside(escapeMarkdown(phase.because))}`),
    '',
  );
  const list = (title: string, items: readonly string[]): void => {
    lines.push(...listMarkdown(title, items));
  };
  const listTitled = (title: string, items: readonly (readonly [string, string])[]): void =>
    list(title, titledItems(items, words));
  lines.push(...recordingMarkdown(incident, words));
  lines.push(...causesMarkdown(incident.causes, words));
  list(
    words.say('could-help'),
    incident.steps.filter(couldHelp).map((step) => {
      const title = `${stepTitle(step, words)}${words.stop}`;
      return escapeMarkdown(words.sentences([title, step.how, ...termsOf(step, words)]));
    }),
  );
  listTitled(
    words.say('not-enough'),
    incident.steps.filter((step) => !couldHelp(step)).map(({ title, because }) => [title, because]),
  );
  listTitled(
    words.say('dead-ends'),
    incident.dead_ends.map(({ title, why }) => [title, why]),
  );
  lines.push(...requestsMarkdown(incident.ask_for, words));
  if (incident.pricing !== undefined) lines.push(...pricingMarkdown(incident.pricing, words));
  for (const note of incident.notes) lines.push(`> ${escapeMarkdown(note.text)}`, '');
  return lines;
}

/** Lines of code listed; the JSON has all. */
const MOST_HOLDERS = 12;

/** What a memory snapshot shows beside its ledger. */
function recordingMarkdown(
  { ledger, recording }: { readonly ledger?: LedgerData; readonly recording?: RecordingData },
  words: Vocabulary,
): string[] {
  if (ledger === undefined || recording === undefined) return [];
  const holders = holdersOf(ledger, words).slice(0, MOST_HOLDERS);
  const grown = 'unknown' in recording.growth ? [] : recording.growth;
  return [
    ...listMarkdown(
      words.say('held-by'),
      holders.map(
        ({ line, bytes, what }) =>
          `${code(line)} ${formatBytes(bytes)}${words.aside(escapeMarkdown(words.list(what)))}`,
      ),
    ),
    ...listMarkdown(
      words.say('grows'),
      grown.map((one) => escapeMarkdown(growthText(one, words))),
    ),
    ...listMarkdown(
      words.say('replayed'),
      replaysShown(recording, false).map((row) => escapeMarkdown(replayText(row, words))),
    ),
  ];
}

/** The peak of a memory snapshot in which nothing failed. */
function peakMarkdown(one: Observation, words: Vocabulary): string[] {
  if (one.ledger === undefined || one.recording === undefined) return [];
  return [
    `#### ${code(placeOf(one.recording, words))} · ${escapeMarkdown(one.label ?? '')}`,
    '',
    ...ledgerTable(one.ledger, words),
    ...recordingMarkdown(one, words),
  ];
}

const listMarkdown = (title: string, items: readonly string[]): string[] =>
  items.length === 0 ? [] : [`**${title}**`, '', ...items.map((item) => `- ${item}`), ''];

const titledItems = (items: readonly (readonly [string, string])[], words: Vocabulary): string[] =>
  items.map(([name, text]) => words.titled(escapeMarkdown(name), escapeMarkdown(text)));

function causesMarkdown(causes: readonly CauseData[], words: Vocabulary): string[] {
  const items = causes.map(({ title, strength, because, against }): [string, string] => {
    const reasons = words.say('against', { reasons: words.sentences(against) });
    return [
      `${title}${words.aside(words.word(STRENGTH_WORDS[strength]))}`,
      words.sentences([...because, against.length === 0 ? '' : reasons]),
    ];
  });
  return listMarkdown(words.say('causes'), titledItems(items, words));
}

function requestsMarkdown(requests: readonly RequestData[], words: Vocabulary): string[] {
  const items = requests.map(({ what, settles, command }) =>
    words.titled(escapeMarkdown(words.say('to-tell', { what, settles })), code(command)),
  );
  return listMarkdown(words.say('to-settle-it'), items);
}
