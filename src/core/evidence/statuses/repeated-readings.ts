/**
 * Readings that a program prints again and again in words of its own: "chunk 10 free 7.42 GB",
 * "step 2000 rss 5.9 GB", "ms/batch 597.85". One is no fact of anything; a row of them that only ever
 * goes one way is. Nothing is said of rows that stay, or go up and down.
 */
import { MiB, unitBytes } from '../../base/bytes.ts';
import { WENT_WELL } from '../computing.ts';
import type { EventKind, Passage, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';
import { figuresOfForms, PROGRESS } from '../trainer-lines.ts';

/** A name, at most a mark, a size with its unit; a bare G or M is one where no word follows. */
const SIZE =
  /(?<![A-Za-z_])(?<name>(?:cpu|gpu|host|system|process|cuda|peak|max)?[ _.-]?(?:rss|vms|ram|vram|mem(?:ory)?|heap|used|usage|allocated|alloc|free|available|avail)(?:[ _.-](?:used|usage|allocated|alloc|free|available|mem(?:ory)?|size|mb|gb))?)[)\]"']?\s{0,3}[:=~]?\s{0,3}(?<size>\d{1,9}(?:\.\d{1,6})?)\s?(?<unit>[KMG]i?B?)(?![A-Za-z$]| [A-Za-z]{4})/i;
/** What is of memory by its name; "free" and "used" are of disks as well. */
const OF_MEMORY = /mem|rss|vms|ram|heap|\bgpu|cuda/i;
/** Other things that are used up, and measurements of one size after another. */
const OF_ELSE =
  /\b(?:disk|quota|storage|budget|tokens?|usd|eur|seq\w*|len\w*|size|width|height|resolution|px|warm\S{0,4}|bench\w*|gc)\b|\bon \/|\$/i;
/** The time that one turn took: in the past a turn keeps, there is ever more to go through. */
const TURN =
  /(?<![\w/])(?:ms|s|sec(?:onds)?)\/(?:batch|step|iter(?:ation)?|it)\b\W{0,4}(?<size>\d{1,7}(?:\.\d{1,6})?)/i;
/** What counts turns, with its number. */
const TURNS =
  /(?<![A-Za-z])(?:steps?|it(?:er(?:ations?)?)?|epoch|ep|chunk|image|img|frame|file|requests?|req|round|sample|episode|batch(?:es)?|call|turn|page|doc(?:ument)?|loop|video|query|i)\b\W{0,4}(?<turn>\d{1,9})(?![\d.]*[KMG]i?B)|(?<other>\d{1,9})\s?\/\s?\d{1,9}\s?(?:batches|steps|it)\b/gi;
/** Weights that are read fill memory as they should. */
const ON_THE_WAY =
  /\b(?:load|shard|weights?|layers?|download|import|cop(?:y|ied|ying)|upload|tensors?)\w{0,3}\b/i;

const NOWHERE = { source: '', line: 0 };
const LONGEST = 300;
// What makes a row of readings; all of it chosen, no source.
/** Fewer readings are no row. */
const FEWEST = 3;
/** So many times the first. */
const STEEP = 1.6;
/** Of the first, what is left where "free" is all that the line says: memory runs out, disks seldom do. */
const RUN_OUT = 0.1;
/** Less memory than this fills nothing. */
const LEAST = 256 * MiB;
/** Of the mean step, the least that a step is, and in reverse the most. */
const EVEN = 0.4;
const VERY_EVEN = 0.8;
/** So many times the first, where each step is alike. */
const GROWN = 1.05;

interface Reading {
  readonly line: Line;
  /** Each counter of the line. */
  readonly turns: readonly number[];
  readonly value: number;
  readonly shown: string;
}

/** The words of a line without its figures: lines of one row have the same. */
const frameOf = (text: string): string => text.replaceAll(/\s*\d[\d.,:]*\s*/g, '#').slice(0, 120);

function readingIn(line: Line): { key: string; kind: Kind; reading: Reading } | undefined {
  const { text } = line;
  if (text.length > LONGEST || ON_THE_WAY.test(text) || OF_ELSE.test(text)) return undefined;
  // Peaks and columns of trainers are judged as a series of figures.
  if (/\bpeak|\bmax/i.test(text) || figuresOfForms(text, PROGRESS, NOWHERE)) return undefined;
  const turns = [...text.matchAll(TURNS)].map(({ groups }) =>
    Number(groups?.['turn'] ?? groups?.['other']),
  );
  if (turns.length === 0) return undefined;
  const size = SIZE.exec(text)?.groups;
  const found = size ?? TURN.exec(text)?.groups;
  if (found === undefined) return undefined;
  const [name = '', digits = '', unit = ''] = [found['name'], found['size'], found['unit']];
  const value = Number(digits) * (unitBytes(unit) ?? 1);
  const kind = size === undefined ? 'turn' : kindOf(name);
  const shown = (size === undefined ? TURN : SIZE).exec(text)?.[0].trim() ?? digits;
  return { key: `${kind} ${frameOf(text)}`, kind, reading: { line, turns, value, shown } };
}

type Kind = 'free' | 'host' | 'device' | 'turn';

function kindOf(name: string): Kind {
  if (/free|avail/i.test(name)) return 'free';
  return /rss|vms|(?<!v)ram|heap|cpu|host|system|process/i.test(name) ? 'host' : 'device';
}

const EVENTS: Readonly<Record<Kind, EventKind>> = {
  free: 'readings-rise',
  device: 'readings-rise',
  host: 'host-readings-rise',
  turn: 'turns-slow',
};

export const repeatedReadings: StatusReader = {
  id: 'repeated-readings',
  code: 'UN650',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Readings that only ever go one way',
      summary:
        'Lines in a program’s own words, printed turn by turn, whose memory figure rises every time, whose free memory falls every time, or whose turns take ever longer.',
    },
    zh: {
      title: '只朝一个方向变化的读数',
      summary:
        '程序用自己的措辞逐轮打印的行：内存读数每次都上升、空闲每次都下降，或每轮耗时越来越长。',
    },
    ru: {
      title: 'Показания, которые меняются только в одну сторону',
      summary:
        'Строки в собственных словах программы, печатаемые раз за разом: занятая память каждый раз растёт, свободная каждый раз убывает или проход длится всё дольше.',
    },
  },
  sources: ['pytorch/examples@main: word_language_model/main.py: ms/batch'],
  needles: ['ms/batch '],
  sign: /\b(?:rss|vms|v?ram|mem|memory|heap|used|usage|alloc\w{0,5}|free|avail\w{0,4})\b.{0,12}\d\s?[KMG]|\b(?:ms|s|sec)\/(?:batch|step|iter|it)\b/i,
  read({ lines }: Passage): Sighting[] {
    const rows = new Map<string, { kind: Kind; readings: Reading[] }>();
    for (const line of lines) {
      const found = readingIn(line);
      if (found === undefined) continue;
      const row = rows.get(found.key) ?? { kind: found.kind, readings: [] };
      row.readings.push(found.reading);
      rows.set(found.key, row);
    }
    return [...rows.values()].flatMap(({ kind, readings }) => {
      const end = readings.at(-1)?.line.number ?? 0;
      const isFine = lines.some(
        ({ number, text }) => number > end && (WENT_WELL.test(text) || /\bpassed\b/i.test(text)),
      );
      return isFine ? [] : sightingOf(kind, readings);
    });
  },
};

function sightingOf(kind: Kind, readings: readonly Reading[]): Sighting[] {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined || readings.length < FEWEST) return [];
  const values = readings.map(({ value }) => (kind === 'free' ? -value : value));
  const counters = first.turns.map((_, i) => readings.map(({ turns }) => turns[i] ?? 0));
  const isOneWay =
    isRising(values) && counters.some((turns) => isRising(turns) && !areSizes(turns));
  const isBare = !OF_MEMORY.test(first.shown);
  // What nobody calls memory is taken for it only where it comes to its end.
  if (isBare && kind !== 'turn' && !(kind === 'free' && last.value < RUN_OUT * first.value))
    return [];
  const most = Math.max(first.value, last.value);
  if (kind !== 'turn' && most < LEAST) return [];
  const isSteep =
    kind === 'free'
      ? last.value * STEEP <= first.value
      : first.value > 0 && last.value >= STEEP * first.value;
  // By the same each time, no data are so even: less of it is enough.
  const isGrown = first.value > 0 && last.value >= GROWN * first.value;
  const isSure = (isSteep && isEven(values, EVEN)) || (isGrown && isEven(values, VERY_EVEN));
  if (!isOneWay || !isSure) return [];
  return [
    {
      line: first.line.number,
      last: last.line.number,
      events: [
        {
          kind: EVENTS[kind],
          line: last.line.number,
          says: `${first.shown} … ${last.shown}`,
          count: readings.length,
        },
      ],
    },
  ];
}

const isRising = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value > (values[i - 1] ?? value));

/** A first turn sets up more than all others; what is kept of each turn is about as much each time. */
function isEven(values: readonly number[], least: number): boolean {
  const steps = values.slice(1).map((value, i) => value - (values[i] ?? value));
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return steps.every((step) => step >= least * mean && step <= mean / least);
}

/** "batch 16", "batch 32", "batch 64" or "image 512", "image 768": sizes that are tried, no turns. */
function areSizes(turns: readonly number[]): boolean {
  const [first = 0, second = 0] = turns;
  const isDoubled = turns.every((turn, i) => i === 0 || turn >= 1.9 * (turns[i - 1] ?? turn));
  // Turns are printed every so many of them, and so the first is no more than the step; a log may begin later.
  const isOffset = first > second - first && first < 3 * (second - first);
  return first > 1 && (isDoubled || isOffset);
}
