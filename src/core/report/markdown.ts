/** The diagnosis as Markdown, for an issue or a pull request. */
import { formatBytes } from '../base/bytes.ts';
import type { Diagnosis, Incident } from './diagnosis.ts';
import { amountText, rowsOf } from './rows.ts';

/** Text from the input must not become markup. */
export const escapeMarkdown = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>|#]/g, (char) => `\\${char}`).replaceAll('\n', ' ');

const code = (text: string): string => {
  const fence = '`'.repeat(
    Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length)) + 1,
  );
  return `${fence}${text.replaceAll('\n', ' ')}${fence}`;
};

export function renderMarkdown(diagnosis: Diagnosis): string {
  const lines = [`**${escapeMarkdown(diagnosis.headline)}**`, ''];
  for (const incident of diagnosis.incidents) lines.push(...incidentMarkdown(incident));
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

function incidentMarkdown(incident: Incident): string[] {
  const { where } = incident;
  const place = `${where.source}${where.line === undefined ? '' : `:${where.line}`}`;
  const lines = [`### ${code(place)} · ${incident.kind} · ${incident.format}`, ''];
  lines.push(escapeMarkdown(incident.headline), '');
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
  const step = (serves: boolean): string[] =>
    incident.steps
      .filter((s) => (s.serves_request !== 'no') === serves)
      .map((s) => {
        const bytes =
          'mid' in s.bytes
            ? `frees at most ${formatBytes(s.bytes.high)}`
            : 'amount not known from this text';
        return `${escapeMarkdown(s.title)}: ${bytes}. ${escapeMarkdown(s.how)} Cost: ${escapeMarkdown(s.cost)}`;
      });
  list('Could help', step(true));
  list('Not enough alone', step(false));
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
