/** The diagnosis as text for a terminal: the answer first, twenty lines, the rest behind --why. */
import { formatBytes } from '../base/bytes.ts';
import { PHASES } from '../base/phase.ts';
import type { Lang } from '../base/texts.ts';
import {
  type CauseData,
  couldHelp,
  type Diagnosis,
  type Incident,
  type ProblemData,
  type RequestData,
  type StepData,
} from './diagnosis.ts';
import { columns, NO_BREAK, type Palette, PLAIN, shorten, wrap } from './layout.ts';
import { besideLines, figureTexts, findingLines, observationLines } from './observations.ts';
import { pricingLines } from './plans/pricing-text.ts';
import { LIMIT_WORDS } from './plans/text.ts';
import { ledgerRows, OF_LAYOUT, recordingLines } from './recordings.ts';
import { amountText, versionText } from './rows.ts';
import {
  commandLine,
  labelColumn,
  listed,
  placeOf,
  type Section,
  type Style,
  sectionWith,
} from './section.ts';
import { mapStrings, printable } from './strings.ts';
import { ALTERATION_WORDS } from './words/knowledge.ts';
import { BASIS_WORDS, CATEGORY_WORDS, RANGE_WORDS } from './words/ledger.ts';
import { KIND_WORDS, STRENGTH_WORDS } from './words/verdicts.ts';
import { type Vocabulary, vocabularyOf } from './words.ts';

export interface TextOptions {
  /** Columns; 80 when absent, 60 to 120. */
  readonly width?: number;
  readonly why?: boolean;
  readonly palette?: Palette;
  /** The language of labels; the diagnosis's own when absent. */
  readonly lang?: Lang;
}

export function renderText(found: Diagnosis, options: TextOptions = {}): string {
  const diagnosis = mapStrings(found, printable);
  const words = vocabularyOf(options.lang ?? diagnosis.lang);
  const style: Style = {
    width: Math.min(120, Math.max(60, options.width ?? 80)),
    why: options.why ?? false,
    paint: options.palette ?? PLAIN,
    words,
    label: labelColumn(words),
  };
  const main = mainIncident(diagnosis);
  const lines = wrap(diagnosis.headline, style.width).map(style.paint.strong);
  if (main !== undefined) lines.push(...incidentLines(main, style));
  if (main?.pricing !== undefined) lines.push(...pricingLines(main.pricing, style));
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
  if (diagnosis.causes.length > 0) {
    lines.push('', ...causeLines(diagnosis.causes, style));
  }
  if (diagnosis.ask_for.length > 0) {
    if (diagnosis.causes.length === 0) lines.push('');
    lines.push(...requestLines(diagnosis.ask_for, style));
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
  const { words } = style;
  const { causes, steps, dead_ends: deadEnds, ask_for: askFor } = incident;
  const { recording } = incident;
  const lines = ['', ...ledgerLines(incident, style)];
  const asked = words.sentences([askedLine(incident, words) ?? '', recording?.why ?? '']);
  if (asked !== '') lines.push(...wrap(asked, style.width - 2).map((line) => `  ${line}`));
  // What a recording has of its layout the ledger and the sentence above have told.
  const isTold = (key: string): boolean =>
    IN_LEDGER.has(key) || (recording !== undefined && OF_LAYOUT.has(key));
  const more = figureTexts(incident, words, (key) => !isTold(key));
  if (more.length > 0)
    lines.push(
      ...wrap(`${more.join(' · ')}${words.stop}`, style.width - 2).map((line) => `  ${line}`),
    );
  if (recording !== undefined) {
    lines.push(...recordingLines({ ledger: incident.ledger, recording }, style));
  }
  lines.push('', ...causeLines(causes, style));
  lines.push(...stepLines(steps.filter(couldHelp), style));
  if (isPriceable(incident)) lines.push(...section('', words.say('price-them')));
  lines.push(
    ...listed(
      steps.filter((step) => !couldHelp(step)),
      style,
      (step, index) =>
        section(index === 0 ? 'not-enough' : '', words.titled(step.title, step.because)),
    ),
    ...listed(deadEnds, style, (end, index) =>
      section(index === 0 ? 'dead-ends' : '', words.titled(end.title, end.why)),
    ),
  );
  lines.push(...requestLines(askFor, style));
  if (style.why) lines.push(...whyLines(incident, section, words));
  return lines;
}

/** Frameworks whose jobs a plan can predict. */
const PREDICTED =
  /^(?:transformers|trl|peft|accelerate|deepspeed|fsdp|axolotl|llama-factory|llamafactory|torchtune|torchtitan|unsloth|megatron|vllm|sglang|text-generation-inference|tgi|llama\.cpp|ollama)$/;

/** With a model there would be savings instead of bounds. */
const isPriceable = ({ kind, pricing, steps, framework, frameworks }: Incident): boolean =>
  kind === 'gpu_oom' &&
  pricing === undefined &&
  steps.some(couldHelp) &&
  [framework, ...frameworks].some((name) => PREDICTED.test(name));

function causeLines(causes: readonly CauseData[], style: Style): string[] {
  const section = sectionWith(style);
  const { words } = style;
  const name = causes.length > 1 ? 'causes' : 'cause';
  return listed(causes, style, (cause, index) => {
    const strength = style.paint.strong(words.word(STRENGTH_WORDS[cause.strength]));
    const because = style.why ? cause.because : index === 0 ? cause.because.slice(0, 2) : [];
    return [
      ...section(index === 0 ? name : '', words.titled(cause.title, strength)),
      ...because.flatMap((reason) => section('', `+ ${reason}`)),
      ...(style.why ? cause.against : []).flatMap((reason) => section('', `- ${reason}`)),
    ];
  });
}

/** What would settle it; without --why the first. */
function requestLines(requests: readonly RequestData[], style: Style): string[] {
  const section = sectionWith(style);
  return requests
    .slice(0, style.why ? requests.length : 1)
    .flatMap((request, index) => [
      ...section(index === 0 ? 'to-settle' : '', style.words.titled(request.settles, request.what)),
      commandLine(request.command, style),
    ]);
}

function stepLines(steps: readonly StepData[], style: Style): string[] {
  const section = sectionWith(style);
  const { words } = style;
  if (!style.why) {
    // One paragraph: what could help, and how much it is at most. A bound that all share, because
    // the text does not tell the tensors apart, is said once.
    const shown = steps.slice(0, 4);
    const bounds = new Set(shown.map((step) => step.at_most_bytes ?? step.bytes?.mid));
    const [shared] = bounds.size === 1 && shown.length > 1 ? bounds : [];
    const few = shown.map((step) =>
      step.serves_request === 'yes'
        ? `${step.title}${words.aside(words.say('served'))}`
        : step.bytes !== undefined
          ? `${step.title}${words.aside(savingText(step, step.bytes.mid, words))}`
          : shared === undefined && step.at_most_bytes !== undefined
            ? `${step.title}${words.aside(`≤${NO_BREAK}${unbroken(step.at_most_bytes)}`)}`
            : step.title,
    );
    if (shared !== undefined) few.push(words.say('each-at-most', { size: unbroken(shared) }));
    const rest = steps.length - shown.length;
    if (rest > 0) few.push(words.say('more-with-why', { count: rest }));
    const text = few.length === 0 ? [] : section('could-help', words.series(few));
    // With one or two the command is worth its line.
    const worth = steps.length > 2 ? steps.filter(isServing).slice(0, 1) : steps;
    // Two measures can be the same line in the words of a framework.
    const commands = new Set(worth.flatMap((step) => step.change.slice(0, 1)));
    return [...text, ...[...commands].map((change) => commandLine(change, style))];
  }
  return steps.flatMap((step, index) => [
    ...section(index === 0 ? 'could-help' : '', stepTitle(step, words)),
    ...section('', words.sentences([step.because, step.how, ...termsOf(step, words)])),
    ...step.change.map((change) => commandLine(change, style, 2)),
  ]);
}

const isServing = ({ serves_request: serves }: StepData): boolean => serves === 'yes';

/** On what terms a measure is to be had: its price, what it alters of the run, what to beware of. */
export function termsOf({ cost, alters, cautions }: StepData, words: Vocabulary): string[] {
  const altered = { what: words.word(ALTERATION_WORDS[alters]) };
  return [
    words.say('cost', { cost }),
    ...(alters === 'nothing' ? [] : [words.say('alters', altered)]),
    ...cautions,
  ];
}

/** A measure with its bound: "A smaller batch: frees at most 2.00 GiB". */
export function stepTitle(step: StepData, words: Vocabulary): string {
  const { title, at_most_bytes: most, bytes } = step;
  if (bytes !== undefined) return words.titled(title, savingText(step, bytes.mid, words));
  return most === undefined
    ? title
    : words.titled(title, words.say('frees-at-most', { size: { size: most } }));
}

function savingText({ claim, room_at: at }: StepData, bytes: number, words: Vocabulary): string {
  const size = unbroken(bytes);
  if (at === undefined || at === 'card')
    return words.say(claim === 'fits' ? 'fits-then' : 'saves', { size });
  const limit = words.word(LIMIT_WORDS[at]);
  return words.say(claim === 'fits' ? 'room-then' : 'gives-room', { size, limit });
}

/** A size that stays on one line. */
const unbroken = (bytes: number): string => formatBytes(bytes).replace(' ', NO_BREAK);

function ledgerLines(incident: Incident, style: Style): string[] {
  const { total_bytes: total } = incident.figures;
  const rows = ledgerRows(incident.ledger, typeof total === 'number' ? total : 0, style);
  return [...headLines(incident, style, rows.length > 0), ...rows];
}

/** What the ledger is of, on the left; where it stands in the input, on the right. */
function headLines(incident: Incident, style: Style, hasLedger: boolean): string[] {
  const { where, figures } = incident;
  const { words } = style;
  const head = [
    incident.device === undefined ? '' : `GPU ${incident.device}`,
    sizeText(figures, words),
    hasLedger ? words.say('at-the-failure') : '',
    versionText(incident, words),
    timesText(incident, words),
  ].filter((part) => part !== '');
  const left = `  ${head.join(' · ')}`;
  const source = placeOf(where, words);
  const room = style.width - columns(left) - 2;
  const place = shorten(source, Math.max(30, room));
  if (head.length === 0) return [`  ${style.paint.dim(place)}`];
  if (columns(place) > room) return [left, `  ${style.paint.dim(place)}`];
  return [`${left}  ${' '.repeat(room - columns(place))}${style.paint.dim(place)}`];
}

const timesText = ({ repeats }: Incident, words: Vocabulary): string =>
  repeats > 1 ? words.say('times', { count: repeats }) : '';

/** The card's size, or the limit that stands in its place. */
function sizeText(
  { total_bytes: total, allowed_bytes: allowed }: Incident['figures'],
  words: Vocabulary,
): string {
  if (typeof total === 'number') return formatBytes(total);
  return typeof allowed === 'number' ? words.say('allowed', { size: { size: allowed } }) : '';
}

function askedLine({ kind, figures, recording }: Incident, words: Vocabulary): string | undefined {
  const asked = figures.requested_bytes;
  if (asked === undefined) return undefined;
  if (typeof asked !== 'number') return words.say('asked-unknown', { ...asked });
  const line = recording?.asked_by;
  if (line !== undefined) return words.say('asked-at', { size: { size: asked }, line });
  return words.say(kind === 'host_oom' ? 'asked-host' : 'asked', { size: { size: asked } });
}

function whyLines(incident: Incident, section: Section, words: Vocabulary): string[] {
  const { phase, own_frame: own, ledger } = incident;
  const lines = [
    '',
    ...section('phase', words.titled(words.word(PHASES[phase.value].name), phase.because)),
  ];
  if (own !== undefined) {
    const place = `${own.file}${own.line === undefined ? '' : `:${own.line}`}`;
    lines.push(...section('your-line', `${place}${own.code === undefined ? '' : `  ${own.code}`}`));
  }
  lines.push(...section('moment', ledger.moment.detail));
  ledger.atoms.forEach((atom, index) => {
    lines.push(...section(index === 0 ? 'figures' : '', atomText(atom, words)));
  });
  const wording = incident.wording === undefined ? '' : words.aside(incident.wording);
  lines.push(
    ...section(
      'format',
      words.series([`${incident.format}${wording}`, `unoom explain ${incident.format}`]),
    ),
  );
  return lines;
}

/** "idle 3.12 GiB (3.11 GiB to 3.13 GiB, bound), measured: reserved - allocated" */
function atomText(
  { category, bytes, source, holder }: Incident['ledger']['atoms'][number],
  words: Vocabulary,
): string {
  const range =
    'mid' in bytes && bytes.low !== bytes.high
      ? words.aside(
          words.say('range', {
            low: { size: bytes.low },
            high: { size: bytes.high },
            kind: words.word(RANGE_WORDS[bytes.kind]),
          }),
        )
      : '';
  const basis = 'basis' in bytes ? words.word(BASIS_WORDS[bytes.basis]) : words.say('unknown');
  const held = holder === undefined ? '' : ` ${holder}`;
  const amount = `${words.word(CATEGORY_WORDS[category])}${held} ${amountText(bytes, words)}${range}`;
  return words.titled(words.list([amount, basis]), source);
}

function otherLines(others: readonly Incident[], style: Style): string[] {
  const section = sectionWith(style);
  const { words } = style;
  return listed(others, style, (incident, index) => {
    const { where, phase } = incident;
    const asked = incident.figures.requested_bytes;
    const text = [
      where.rank === undefined ? '' : words.say('rank', { rank: where.rank }),
      `${words.word(KIND_WORDS[incident.kind])}${words.aside(incident.format)}`,
      phase.value === 'unknown' ? '' : words.word(PHASES[phase.value].name),
      typeof asked === 'number' ? words.say('asked-for', { size: { size: asked } }) : '',
      timesText(incident, words),
    ].filter((part) => part !== '');
    const place = shorten(placeOf(where, words), 40);
    return section(index === 0 ? 'also' : '', `${place} ${words.list(text)}`);
  });
}

function remarkLines(diagnosis: Diagnosis, main: Incident | undefined, style: Style): string[] {
  const section = sectionWith(style);
  const remarks = [...diagnosis.notes, ...(main?.notes ?? [])];
  const lines = listed(remarks, style, (note, index) =>
    section(index === 0 ? 'note' : '', note.text),
  );
  if (lines.length > 0) lines.unshift('');
  if (diagnosis.problems.length > 0) lines.push('');
  for (const problem of diagnosis.problems) {
    lines.push(...section('problem', problemText(problem, style.words)));
  }
  return lines;
}

function problemText({ at, what, why, do: todo }: ProblemData, words: Vocabulary): string {
  const text = words.sentences([what, why, todo]);
  return at === undefined ? text : words.titled(at.source, text);
}
