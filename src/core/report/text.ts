/** The diagnosis as text for a terminal: the answer first, twenty lines, the rest behind --why. */
import { formatBytes } from '../base/bytes.ts';
import { couldHelp, type Diagnosis, type Incident, type StepData } from './diagnosis.ts';
import {
  bar,
  columns,
  NO_BREAK,
  type Palette,
  PLAIN,
  pad,
  padLeft,
  shorten,
  wrap,
} from './layout.ts';
import { besideLines, figureTexts, findingLines, observationLines } from './observations.ts';
import { amountText, midOf, rowsOf, versionText } from './rows.ts';
import { LABEL, listed, placeOf, type Section, type Style, sectionWith } from './section.ts';
import { mapStrings, printable } from './strings.ts';

export interface TextOptions {
  /** Columns; 80 when absent, 60 to 120. */
  readonly width?: number;
  readonly why?: boolean;
  readonly palette?: Palette;
}

export function renderText(found: Diagnosis, options: TextOptions = {}): string {
  const diagnosis = mapStrings(found, printable);
  const style: Style = {
    width: Math.min(120, Math.max(60, options.width ?? 80)),
    why: options.why ?? false,
    paint: options.palette ?? PLAIN,
  };
  const main = mainIncident(diagnosis);
  const lines = wrap(diagnosis.headline, style.width).map(style.paint.strong);
  if (main !== undefined) lines.push(...incidentLines(main, style));
  if (main === undefined) lines.push(...observationLines(diagnosis.observations, style));
  const others = diagnosis.incidents.filter((incident) => incident !== main);
  if (others.length > 0) lines.push('', ...otherLines(others, style));
  if (main !== undefined && diagnosis.observations.length > 0) {
    lines.push('', ...besideLines(diagnosis.observations, style));
  }
  if (diagnosis.findings.length > 0) {
    const isTold = diagnosis.findings[0]?.headline === diagnosis.headline;
    lines.push(
      '',
      ...findingLines(diagnosis.findings, { isTold, isBrief: main !== undefined }, style),
    );
  }
  lines.push(...remarkLines(diagnosis, main, style));
  return `${lines.join('\n')}\n`;
}

/** The gravest, and of those the first. */
function mainIncident(diagnosis: Diagnosis): Incident | undefined {
  return diagnosis.incidents.find((incident) => incident.kind === diagnosis.verdict);
}

/** Figures that the ledger shows, or the sentence about the request. */
const IN_LEDGER: ReadonlySet<string> = new Set([
  'requested_bytes',
  'total_bytes',
  'free_bytes',
  'allocated_bytes',
  'reserved_bytes',
  'reserved_unallocated_bytes',
  'private_pool_bytes',
  'process_bytes',
  'other_allocations_bytes',
  'allowed_bytes',
  'exit_code',
]);

function incidentLines(incident: Incident, style: Style): string[] {
  const section = sectionWith(style);
  const { causes, steps, dead_ends: deadEnds, ask_for: askFor } = incident;
  const lines = ['', ...ledgerLines(incident, style)];
  const asked = askedLine(incident);
  if (asked !== undefined) lines.push(...wrap(asked, style.width - 2).map((line) => `  ${line}`));
  const more = figureTexts(incident, (key) => !IN_LEDGER.has(key));
  if (more.length > 0)
    lines.push(...wrap(`${more.join(' · ')}.`, style.width - 2).map((l) => `  ${l}`));
  lines.push('');
  const causesName = causes.length > 1 ? 'Causes' : 'Cause';
  lines.push(
    ...listed(causes, style, (cause, index) => {
      const strength = style.paint.strong(cause.strength);
      const because = style.why ? cause.because : index === 0 ? cause.because.slice(0, 2) : [];
      return [
        ...section(index === 0 ? causesName : '', `${cause.title}: ${strength}`),
        ...because.flatMap((reason) => section('', `+ ${reason}`)),
        ...(style.why ? cause.against : []).flatMap((reason) => section('', `- ${reason}`)),
      ];
    }),
  );
  lines.push(...stepLines(steps.filter(couldHelp), style));
  lines.push(
    ...listed(
      steps.filter((step) => !couldHelp(step)),
      style,
      (step, index) => section(index === 0 ? 'Not enough' : '', `${step.title}: ${step.because}`),
    ),
    ...listed(deadEnds, style, (end, index) =>
      section(index === 0 ? 'Dead ends' : '', `${end.title}: ${end.why}`),
    ),
  );
  askFor.slice(0, style.why ? askFor.length : 1).forEach((request, index) => {
    lines.push(...section(index === 0 ? 'To settle' : '', `${request.settles}: ${request.what}`));
    // A command is never wrapped: people copy it.
    lines.push(`${' '.repeat(LABEL)}${style.paint.dim(request.command)}`);
  });
  if (style.why) lines.push(...whyLines(incident, section));
  return lines;
}

function stepLines(steps: readonly StepData[], style: Style): string[] {
  const section = sectionWith(style);
  if (!style.why) {
    // One paragraph: what could help, and how much it is at most. A bound that all share, because
    // the text does not tell the tensors apart, is said once.
    const shown = steps.slice(0, 4);
    const bounds = new Set(shown.map((step) => step.at_most_bytes));
    const [shared] = bounds.size === 1 && shown.length > 1 ? bounds : [];
    const few = shown.map((step) =>
      shared === undefined ? `${step.title}${bound(step, ` (≤${NO_BREAK}`, ')')}` : step.title,
    );
    if (shared !== undefined)
      few.push(`each at most ${formatBytes(shared).replace(' ', NO_BREAK)}`);
    if (steps.length > shown.length) few.push(`${steps.length - shown.length} more with --why`);
    const text = few.length === 0 ? [] : section('Could help', few.join('; '));
    // With one or two the command is worth its line.
    const commands = steps.length > 2 ? [] : steps.flatMap((step) => step.change.slice(0, 1));
    return [...text, ...commands.map((change) => `${' '.repeat(LABEL)}${style.paint.dim(change)}`)];
  }
  return steps.flatMap((step, index) => [
    ...section(
      index === 0 ? 'Could help' : '',
      `${step.title}${bound(step, ': frees at most ', '')}`,
    ),
    ...section('', `${step.because} ${step.how} Cost: ${step.cost}`),
    ...step.change.map((change) => `${' '.repeat(LABEL)}  ${style.paint.dim(change)}`),
  ]);
}

const bound = (step: StepData, before: string, after: string): string =>
  step.at_most_bytes === undefined
    ? ''
    : `${before}${formatBytes(step.at_most_bytes).replace(' ', NO_BREAK)}${after}`;

function ledgerLines(incident: Incident, style: Style): string[] {
  const rows = rowsOf(incident.ledger, style.why);
  const { total_bytes: total } = incident.figures;
  const lines = headLines(incident, style, rows.length > 0);
  if (rows.length === 0) return lines;
  const amounts = rows.map((row) => amountText(row.bytes));
  const whole = Math.max(
    1,
    typeof total === 'number' ? total : 0,
    ...rows.map((row) => midOf(row.bytes)),
  );
  const widest = (texts: readonly string[]): number => Math.max(...texts.map(columns));
  const groupWidth = widest(rows.map((row) => row.group)) + 2;
  const labelWidth = widest(rows.map((row) => row.label)) + 1;
  const amountWidth = widest(amounts);
  const beside = style.width - 4 - groupWidth - labelWidth - amountWidth - 2;
  const barWidth = Math.min(34, Math.max(8, beside));
  let last = '';
  rows.forEach((row, index) => {
    const group = row.group === last ? '' : row.group;
    last = row.group;
    const drawn = bar(midOf(row.bytes) / whole, barWidth);
    const gap = drawn === '' ? '' : '  ';
    // A remark that has no room beside its bar is left to --format json.
    const fits = columns(drawn) + gap.length + columns(row.remark) <= beside;
    const line = [
      `    ${pad(group, groupWidth)}${pad(row.label, labelWidth)}`,
      `${padLeft(amounts[index] ?? '', amountWidth)}  `,
      `${style.paint.accent(drawn)}${gap}${fits ? style.paint.dim(row.remark) : ''}`,
    ];
    lines.push(line.join('').trimEnd());
  });
  return lines;
}

/** What the ledger is of, on the left; where it stands in the input, on the right. */
function headLines(incident: Incident, style: Style, hasLedger: boolean): string[] {
  const { where, figures } = incident;
  const head = [
    incident.device === undefined ? '' : `GPU ${incident.device}`,
    sizeText(figures),
    hasLedger ? 'at the failure' : '',
    versionText(incident),
    incident.repeats > 1 ? `${incident.repeats} times` : '',
  ].filter((part) => part !== '');
  const left = `  ${head.join(' · ')}`;
  const source = placeOf(where);
  const room = style.width - columns(left) - 2;
  const place = shorten(source, Math.max(30, room));
  if (head.length === 0) return [`  ${style.paint.dim(place)}`];
  if (columns(place) > room) return [left, `  ${style.paint.dim(place)}`];
  return [`${left}  ${' '.repeat(room - columns(place))}${style.paint.dim(place)}`];
}

/** The card's size, or the limit that stands in its place. */
function sizeText({ total_bytes: total, allowed_bytes: allowed }: Incident['figures']): string {
  if (typeof total === 'number') return formatBytes(total);
  return typeof allowed === 'number' ? `${formatBytes(allowed)} allowed` : '';
}

function askedLine(incident: Incident): string | undefined {
  const asked = incident.figures.requested_bytes;
  if (asked === undefined) return undefined;
  if (typeof asked !== 'number') return `Asked for ${asked.raw}: ${asked.why}.`;
  const kind = incident.kind === 'host_oom' ? ' of host memory' : ' more in one piece';
  return `Asked for ${formatBytes(asked)}${kind}.`;
}

function whyLines(incident: Incident, section: Section): string[] {
  const lines = ['', ...section('Phase', `${incident.phase.value}: ${incident.phase.because}`)];
  const own = incident.own_frame;
  if (own !== undefined) {
    const place = `${own.file}${own.line === undefined ? '' : `:${own.line}`}`;
    lines.push(...section('Your line', `${place}${own.code === undefined ? '' : `  ${own.code}`}`));
  }
  lines.push(...section('Moment', incident.ledger.moment.detail));
  incident.ledger.atoms.forEach((atom, index) => {
    const range =
      'mid' in atom.bytes && atom.bytes.low !== atom.bytes.high
        ? ` (${formatBytes(atom.bytes.low)} to ${formatBytes(atom.bytes.high)}, ${atom.bytes.kind})`
        : '';
    const basis = 'basis' in atom.bytes ? atom.bytes.basis : 'unknown';
    const text = `${atom.category} ${amountText(atom.bytes)}${range}, ${basis}: ${atom.source}`;
    lines.push(...section(index === 0 ? 'Figures' : '', text));
  });
  const wording = incident.wording === undefined ? '' : ` (${incident.wording})`;
  lines.push(
    ...section('Format', `${incident.format}${wording}; unoom explain ${incident.format}`),
  );
  return lines;
}

function otherLines(others: readonly Incident[], style: Style): string[] {
  const section = sectionWith(style);
  return listed(others, style, (incident, index) => {
    const { where } = incident;
    const asked = incident.figures.requested_bytes;
    const text = [
      where.rank === undefined ? '' : `rank ${where.rank}`,
      `${incident.kind} (${incident.format})`,
      incident.phase.value === 'unknown' ? '' : incident.phase.value,
      typeof asked === 'number' ? `asked for ${formatBytes(asked)}` : '',
      incident.repeats > 1 ? `${incident.repeats} times` : '',
    ].filter((part) => part !== '');
    const place = placeOf(where);
    return section(index === 0 ? 'Also' : '', `${shorten(place, 40)} ${text.join(', ')}`);
  });
}

function remarkLines(diagnosis: Diagnosis, main: Incident | undefined, style: Style): string[] {
  const section = sectionWith(style);
  const remarks = [...diagnosis.notes, ...(main?.notes ?? [])];
  const lines = listed(remarks, style, (note, index) =>
    section(index === 0 ? 'Note' : '', note.text),
  );
  if (lines.length > 0) lines.unshift('');
  if (diagnosis.problems.length > 0) lines.push('');
  for (const problem of diagnosis.problems) {
    const place = problem.at === undefined ? '' : `${problem.at.source}: `;
    lines.push(...section('Problem', `${place}${problem.what} ${problem.why} ${problem.do}`));
  }
  return lines;
}
