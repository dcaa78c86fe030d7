/** The diagnosis as text for a terminal: the answer first, twenty lines, the rest behind --why. */
import { formatBytes } from '../base/bytes.ts';
import type { Diagnosis, Incident, StepData } from './diagnosis.ts';
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
} from './layout.ts';
import { amountText, midOf, rowsOf } from './rows.ts';

export interface TextOptions {
  readonly width?: number;
  readonly why?: boolean;
  readonly palette?: Palette;
}

interface Style {
  readonly width: number;
  readonly why: boolean;
  readonly paint: Palette;
}

/** Steps, dead ends and further incidents shown without --why. */
const FEW = 4;
const LABEL = 13;

export function renderText(diagnosis: Diagnosis, options: TextOptions = {}): string {
  const style: Style = {
    width: Math.min(120, Math.max(60, options.width ?? 80)),
    why: options.why ?? false,
    paint: options.palette ?? PLAIN,
  };
  const main = mainIncident(diagnosis);
  const lines: string[] = wrap(diagnosis.headline, style.width).map((line) =>
    diagnosis.verdict === 'none' ? line : style.paint.strong(line),
  );
  if (main !== undefined) lines.push(...incidentLines(main, style));
  const others = diagnosis.incidents.filter((incident) => incident !== main);
  if (others.length > 0) lines.push('', ...otherLines(others, style));
  lines.push(...remarkLines(diagnosis, main, style));
  return `${lines.join('\n')}\n`;
}

/** The gravest, and of those the first. */
export function mainIncident(diagnosis: Diagnosis): Incident | undefined {
  return diagnosis.incidents.find((incident) => incident.kind === diagnosis.verdict);
}

function incidentLines(incident: Incident, style: Style): string[] {
  const lines = ['', ...ledgerLines(incident, style)];
  const section = (name: string, text: string): string[] =>
    labelled(
      `  ${style.paint.accent(pad(name, LABEL - 2))}`,
      text,
      style.width + markup(style, name),
    );
  const { causes, steps, dead_ends: deadEnds, ask_for: askFor } = incident;
  const facts = figureLine(incident);
  if (facts !== undefined) lines.push(...wrap(facts, style.width - 2).map((line) => `  ${line}`));
  lines.push('');
  causes.slice(0, style.why ? causes.length : 3).forEach((cause, index) => {
    const name = index === 0 ? (causes.length > 1 ? 'Causes' : 'Cause') : '';
    lines.push(...section(name, `${cause.title}: ${cause.strength}`));
    const because = style.why || index === 0 ? cause.because : cause.because.slice(0, 1);
    for (const reason of because)
      lines.push(...labelled(' '.repeat(LABEL), `+ ${reason}`, style.width));
    if (style.why) {
      for (const reason of cause.against)
        lines.push(...labelled(' '.repeat(LABEL), `- ${reason}`, style.width));
    }
  });
  const helping = steps.filter((step) => step.serves_request !== 'no');
  const weak = steps.filter((step) => step.serves_request === 'no');
  lines.push(...stepLines('Could help', helping, style, section));
  lines.push(...stepLines('Not enough', weak, style, section));
  const ends = style.why ? deadEnds : deadEnds.slice(0, FEW);
  ends.forEach((end, index) => {
    lines.push(...section(index === 0 ? 'Dead ends' : '', `${end.title}: ${end.why}`));
  });
  if (ends.length < deadEnds.length) lines.push(more(deadEnds.length - ends.length));
  askFor.forEach((request, index) => {
    lines.push(
      ...section(index === 0 ? 'To settle' : '', `${request.what}, to tell ${request.settles}:`),
    );
    lines.push(`${' '.repeat(LABEL)}${request.command}`);
  });
  if (style.why) lines.push(...whyLines(incident, style, section));
  return lines;
}

/** Colour codes take no columns; the label's own do not count against the width. */
const markup = (style: Style, name: string): number => {
  const plain = pad(name, LABEL - 2);
  return columns(style.paint.accent(plain)) - columns(plain);
};

const more = (count: number): string => `${' '.repeat(LABEL)}… ${count} more with --why`;

function stepLines(
  name: string,
  steps: readonly StepData[],
  style: Style,
  section: (name: string, text: string) => string[],
): string[] {
  const lines: string[] = [];
  const shown = style.why ? steps : steps.slice(0, FEW);
  shown.forEach((step, index) => {
    const text = style.why
      ? `${step.title}: ${claimText(step)}. ${step.because} ${step.how} Cost: ${step.cost}`
      : `${step.title}: ${claimText(step)}`;
    lines.push(...section(index === 0 ? name : '', text));
    if (style.why) for (const change of step.change) lines.push(`${' '.repeat(LABEL)}  ${change}`);
  });
  if (shown.length < steps.length) lines.push(more(steps.length - shown.length));
  return lines;
}

function claimText(step: StepData): string {
  if (!('mid' in step.bytes)) return 'how much is not known from this text';
  return `frees at most ${formatBytes(step.bytes.high)}`;
}

function ledgerLines(incident: Incident, style: Style): string[] {
  const rows = rowsOf(incident.ledger, style.why);
  const { total_bytes: total } = incident.figures;
  const source = `${incident.where.source}${incident.where.line === undefined ? '' : `:${incident.where.line}`}`;
  const head = [
    incident.device === undefined ? '' : `GPU ${incident.device}`,
    typeof total === 'number' ? formatBytes(total) : '',
    rows.length > 0 ? 'at the failure' : '',
    versionText(incident),
    incident.repeats > 1 ? `${incident.repeats} times` : '',
  ].filter((part) => part !== '');
  const left = `  ${head.join(' · ')}`;
  const room = style.width - columns(left) - 2;
  const place = shorten(source, Math.max(20, room));
  const lines =
    room >= Math.min(20, columns(source))
      ? [
          left +
            padLeft(
              style.paint.dim(place),
              room + 2 + columns(style.paint.dim(place)) - columns(place),
            ),
        ]
      : [left, `  ${style.paint.dim(place)}`];
  if (rows.length === 0) return lines;
  const whole = Math.max(
    1,
    typeof total === 'number' ? total : 0,
    ...rows.map((row) => midOf(row.bytes)),
  );
  const groupWidth = Math.max(...rows.map((row) => columns(row.group))) + 2;
  const labelWidth = Math.max(...rows.map((row) => columns(row.label))) + 1;
  const amountWidth = Math.max(...rows.map((row) => columns(amountText(row.bytes))));
  const barWidth = Math.max(
    6,
    Math.min(24, style.width - 4 - groupWidth - labelWidth - amountWidth - 32),
  );
  let last = '';
  for (const row of rows) {
    const group = row.group === last ? '' : row.group;
    last = row.group;
    const text = `    ${pad(group, groupWidth)}${pad(row.label, labelWidth)}${padLeft(amountText(row.bytes), amountWidth)}  `;
    const drawn = bar(midOf(row.bytes) / whole, barWidth);
    lines.push(
      `${text}${style.paint.accent(drawn)}${drawn === '' ? '' : ' '}${style.paint.dim(row.remark)}`.trimEnd(),
    );
  }
  return lines;
}

function versionText(incident: Incident): string {
  const { versions } = incident;
  if (versions === undefined) return '';
  const name = versions.package === 'torch' ? 'PyTorch' : versions.package;
  if (versions.from === versions.to) return `${name} ${versions.from ?? ''}`;
  if (versions.to === undefined) return `${name} ${versions.from ?? ''}+`;
  return versions.from === undefined
    ? `${name} up to ${versions.to}`
    : `${name} ${versions.from}-${versions.to}`;
}

function figureLine(incident: Incident): string | undefined {
  const asked = incident.figures.requested_bytes;
  if (asked === undefined) return undefined;
  const where = incident.kind === 'host_oom' ? ' of host memory' : ' more in one piece';
  return typeof asked === 'number'
    ? `Asked for ${formatBytes(asked)}${where}.`
    : `Asked for ${asked.raw}: ${asked.why}.`;
}

function whyLines(
  incident: Incident,
  style: Style,
  section: (name: string, text: string) => string[],
): string[] {
  const lines = section('Phase', `${incident.phase.value}: ${incident.phase.because}`);
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
    lines.push(
      ...section(
        index === 0 ? 'Figures' : '',
        `${atom.category}: ${amountText(atom.bytes)}${range}, ${basis}, from ${atom.source}`,
      ),
    );
  });
  lines.push(
    ...section(
      'Format',
      `${incident.format}${incident.wording === undefined ? '' : ` (${incident.wording})`}: unoom explain ${incident.format}`,
    ),
  );
  return lines.length === 0 ? lines : ['', ...lines.map((line) => line.slice(0, style.width * 4))];
}

function otherLines(others: readonly Incident[], style: Style): string[] {
  const shown = style.why ? others : others.slice(0, FEW);
  const lines = shown.map((incident, index) => {
    const rank = incident.where.rank === undefined ? '' : ` rank ${incident.where.rank}`;
    const place = `${incident.where.source}:${incident.where.line ?? '?'}`;
    const asked = incident.figures.requested_bytes;
    const size = typeof asked === 'number' ? ` asked ${formatBytes(asked)}` : '';
    const times = incident.repeats > 1 ? ` × ${incident.repeats}` : '';
    const text = `${incident.kind} ${incident.format}${rank}, ${incident.phase.value}${size}${times}`;
    return `  ${pad(index === 0 ? 'Also' : '', LABEL - 2)}${shorten(place, 30)}  ${text}`;
  });
  if (shown.length < others.length) lines.push(more(others.length - shown.length));
  return lines;
}

function remarkLines(diagnosis: Diagnosis, main: Incident | undefined, style: Style): string[] {
  const lines: string[] = [];
  const remarks = [...(main?.notes ?? []), ...diagnosis.notes];
  const shown = style.why ? remarks : remarks.slice(0, FEW);
  if (remarks.length > 0) lines.push('');
  shown.forEach((note, index) => {
    lines.push(
      ...labelled(`  ${pad(index === 0 ? 'Note' : '', LABEL - 2)}`, note.text, style.width),
    );
  });
  if (shown.length < remarks.length) lines.push(more(remarks.length - shown.length));
  if (diagnosis.problems.length > 0) lines.push('');
  for (const problem of diagnosis.problems) {
    const place = problem.at === undefined ? '' : `${problem.at.source}: `;
    lines.push(
      ...labelled(
        `  ${pad('Problem', LABEL - 2)}`,
        `${place}${problem.what} ${problem.why} ${problem.do}`,
        style.width,
      ),
    );
  }
  return lines;
}
