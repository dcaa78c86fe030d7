/** The diagnosis as Markdown, for an issue or a pull request. */
import { formatBytes } from '../base/bytes.ts';
import {
  couldHelp,
  type Diagnosis,
  type Finding,
  type Incident,
  type Observation,
  type StepData,
} from './diagnosis.ts';
import { deviceText, eventText, figureTexts } from './observations.ts';
import { amountText, rowsOf, versionText } from './rows.ts';
import { placeOf } from './section.ts';
import { mapStrings, printable } from './strings.ts';

/** All that Markdown takes for the end of a line. */
const LINE_ENDS = /[\r\n\u2028\u2029]+/g;

/** Text from the input must not become markup. */
export const escapeMarkdown = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>|#@~]/g, (char) => `\\${char}`).replace(LINE_ENDS, ' ');

/** A code span; blanks inside the fence keep backticks at its ends apart from it. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${text.replace(LINE_ENDS, ' ')}${pad}${fence}`;
}

export function renderMarkdown(found: Diagnosis): string {
  const diagnosis = mapStrings(found, printable);
  const lines = [`**${escapeMarkdown(diagnosis.headline)}**`, ''];
  const [first] = diagnosis.incidents;
  for (const incident of diagnosis.incidents) {
    lines.push(
      ...incidentMarkdown(incident, incident === first && incident.headline === diagnosis.headline),
    );
  }
  if (diagnosis.findings.length > 0) {
    lines.push('### Findings', '', ...diagnosis.findings.flatMap(findingMarkdown), '');
  }
  if (diagnosis.observations.length > 0) {
    lines.push('### Seen', '', ...seenMarkdown(diagnosis.observations), '');
  }
  for (const note of diagnosis.notes) lines.push(`> ${escapeMarkdown(note.text)}`, '');
  for (const problem of diagnosis.problems) {
    const place = problem.at === undefined ? '' : `${code(problem.at.source)}: `;
    lines.push(
      `> **Problem** ${place}${escapeMarkdown(`${problem.what} ${problem.why} ${problem.do}`)}`,
      '',
    );
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function findingMarkdown(finding: Finding): string[] {
  const { headline, strength, because, do: todo, commands } = finding;
  return [
    `- **${escapeMarkdown(headline)}** ${strength}`,
    ...[...because, ...todo].map((text) => `  - ${escapeMarkdown(text)}`),
    ...commands.map((command) => `  - ${code(command)}`),
  ];
}

/** Moments listed; of a long series the last ones. */
const MOST_SEEN = 12;

function seenMarkdown(observations: readonly Observation[]): string[] {
  const lines = ['| where | what | shows | |', '|---|---|---|---|'];
  for (const one of observations.slice(-MOST_SEEN)) {
    const shows = [
      ...one.devices.map(deviceText),
      ...figureTexts(one),
      ...one.events.map(eventText),
    ];
    const cells = [
      code(placeOf(one.where)),
      escapeMarkdown(
        [one.title, one.label ?? '', one.time ?? ''].filter((part) => part !== '').join(' · '),
      ),
      shows.map(escapeMarkdown).join('<br>'),
      escapeMarkdown(one.relation.value === 'alone' ? '' : one.relation.because),
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  const rest = observations.length - MOST_SEEN;
  return rest > 0 ? [...lines, '', `${rest} earlier moments are in the JSON.`] : lines;
}

function incidentMarkdown(incident: Incident, isToldAbove: boolean): string[] {
  const { where } = incident;
  const place = `${where.source}${where.line === undefined ? '' : `:${where.line}`}`;
  const lines = [`### ${code(place)} · ${incident.kind} · ${incident.format}`, ''];
  if (!isToldAbove) lines.push(escapeMarkdown(incident.headline), '');
  const card = [
    incident.device === undefined ? '' : `GPU ${incident.device}`,
    typeof incident.figures.total_bytes === 'number'
      ? formatBytes(incident.figures.total_bytes)
      : '',
    versionText(incident),
  ].filter((part) => part !== '');
  if (card.length > 0) lines.push(card.join(' · '), '');
  const rows = rowsOf(incident.ledger, true);
  if (rows.length > 0) {
    lines.push('| where | what | bytes | |', '|---|---|---:|---|');
    for (const row of rows) {
      lines.push(`| ${row.group} | ${row.label} | ${amountText(row.bytes)} | ${row.remark} |`);
    }
    lines.push('');
  }
  const asked = incident.figures.requested_bytes;
  if (typeof asked === 'number') lines.push(`Asked for ${formatBytes(asked)}.`, '');
  lines.push(`Phase: ${incident.phase.value} (${escapeMarkdown(incident.phase.because)})`, '');
  const list = (title: string, items: readonly string[]): void => {
    if (items.length > 0) lines.push(`**${title}**`, '', ...items.map((item) => `- ${item}`), '');
  };
  list(
    'Causes',
    incident.causes.map((cause) => {
      const because = cause.because.map(escapeMarkdown).join(' ');
      const against =
        cause.against.length === 0
          ? ''
          : ` Against: ${cause.against.map(escapeMarkdown).join(' ')}`;
      return `${escapeMarkdown(cause.title)} (${cause.strength}): ${because}${against}`;
    }),
  );
  const stepText = (step: StepData): string => {
    const most =
      step.at_most_bytes === undefined ? '' : `: frees at most ${formatBytes(step.at_most_bytes)}`;
    return `${escapeMarkdown(step.title)}${most}. ${escapeMarkdown(step.how)} Cost: ${escapeMarkdown(step.cost)}`;
  };
  list('Could help', incident.steps.filter(couldHelp).map(stepText));
  list(
    'Not enough',
    incident.steps
      .filter((step) => !couldHelp(step))
      .map((step) => `${escapeMarkdown(step.title)}: ${escapeMarkdown(step.because)}`),
  );
  list(
    'Dead ends',
    incident.dead_ends.map((end) => `${escapeMarkdown(end.title)}: ${escapeMarkdown(end.why)}`),
  );
  list(
    'To settle it',
    incident.ask_for.map(
      (ask) =>
        `${escapeMarkdown(ask.what)}, to tell ${escapeMarkdown(ask.settles)}: ${code(ask.command)}`,
    ),
  );
  for (const note of incident.notes) lines.push(`> ${escapeMarkdown(note.text)}`, '');
  return lines;
}
