/**
 * The contract of a status reader: figures of a moment at which nothing need have failed. What tools
 * show of devices and processes (nvidia-smi), what a program prints of its own memory (memory_summary,
 * an engine's start-up lines), and what happened around it (exits, kills, time-outs, driver faults).
 */

import { type Rounding, readSize, type UnitMeaning } from '../base/bytes.ts';
import type { Place } from '../base/problem.ts';
import { phrase, type Statement } from '../base/texts.ts';
import type { Unit } from '../base/unit.ts';
import { unknown } from '../base/unknown.ts';
import type { SeenDevice, Shown } from '../ledger/device.ts';
import { type Fact, metricOf, type Quantity, type Scope } from '../ledger/fact.ts';
import type { Counts } from './reader.ts';
import type { Line } from './text/dress.ts';

export type EventKind =
  /** A process ended; `exit_code` or `signal` says how. */
  | 'exit'
  /** The kernel, a container runtime or a scheduler ended a process for memory. */
  | 'killed-for-memory'
  /** Somebody ended a process without saying why. */
  | 'killed'
  /** A collective or a heartbeat timed out: a consequence of what happened elsewhere. */
  | 'timeout'
  /** The peer of a connection was gone: a consequence too. */
  | 'peer-lost'
  /** The driver reported a fault of the device (Xid, fallen off the bus). */
  | 'driver-fault'
  /** A tool could not talk to the driver at all. */
  | 'driver-unreachable'
  /** The allocator had to hand back its cache and try again. */
  | 'allocation-retries'
  /** The allocator counts failures that the program survived or died of. */
  | 'counted-failures'
  /** What a program prints of its memory, turn by turn, only ever rises (what is free: falls). */
  | 'readings-rise'
  /** The same of the machine's memory. */
  | 'host-readings-rise'
  /** Each turn takes longer than the one before. */
  | 'turns-slow'
  | 'restart';

/** Something that happened around the failure. */
export interface SeenEvent {
  readonly kind: EventKind;
  readonly line: number;
  /** In a few words, as printed. */
  readonly says: string;
  readonly time?: string;
  readonly host?: string;
  readonly rank?: number;
  readonly local_rank?: number;
  readonly pid?: number;
  /** The program or the container that it happened to. */
  readonly who?: string;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly device?: number;
  readonly count?: number;
  /** The tool's own number of a fault: "Xid 79". */
  readonly code?: string;
  /** True where the reporter names it as the first, the cause of the others. */
  readonly is_first?: boolean;
}

/** A place where the text ends or breaks off, or something in it that could not be read. */
export interface Gap {
  readonly code:
    | 'cut-off'
    | 'damaged'
    /** The tool could not tell: it printed an error in the place of figures. */
    | 'tool-error';
  readonly line: number;
  /** What is missing, in words that complete "The text breaks off in …": "the list of processes". */
  readonly where: Statement;
  /** For a tool's error: what the user can do. */
  readonly todo?: Statement;
}

/** One moment of what a tool or a program shows of itself. */
export interface Sighting {
  /** First and last line in the source. */
  readonly line: number;
  readonly last: number;
  /** The moment as printed. */
  readonly time?: string;
  readonly host?: string;
  readonly rank?: number;
  readonly pid?: number;
  /** Versions and the like, by the tool's own name: driver, cuda. */
  readonly versions?: Readonly<Record<string, string>>;
  /** What the moment is, in a few words, where the text names it: "after step 120", "before initializing optimizer states". */
  readonly label?: string;
  readonly devices?: readonly SeenDevice[];
  /** Figures of a process or an engine. */
  readonly facts?: readonly Fact[];
  readonly counts?: Counts;
  readonly events?: readonly SeenEvent[];
  readonly gaps?: readonly Gap[];
}

/** What a status reader may look at: the lines of one writer, in order, undressed. */
export interface Passage {
  readonly source: string;
  readonly lines: readonly Line[];
  /** Where the passage is a window of something larger that goes on after it. */
  readonly goes_on: boolean;
}

export interface StatusReader extends Unit {
  /**
   * As a reader's needles. In large sources only what stands around needles (the first hundred places
   * of each), around failures, and at the end is shown to status readers.
   */
  readonly needles: readonly string[];
  /**
   * What else shows the format in a text of ordinary size, such as a row whose head is cut off. A
   * reader looks only at passages with a needle or this sign: most texts are of few formats.
   */
  readonly sign?: RegExp;
  /** Everything of this format in the passage, in order. Never throws; what cannot be read is a gap. */
  read(passage: Passage): Sighting[];
}

/** The line as it stands in the file where a prefix was taken off that may belong to the format. */
export const rawOf = (line: Line): string => line.raw ?? line.text;

/** A printed size: "40536MiB", "1.5 GiB"; `unit` when the digits stand alone. */
export function shown(
  text: string,
  options: { unit?: string; meaning?: UnitMeaning; rounding?: Rounding } = {},
): Shown {
  const raw = text.trim();
  const match = /^(-?\d{1,20}(?:[.,]\d{1,6})?)\s*([KMGTP]?i?B?|bytes)$/i.exec(raw);
  const unit = match?.[2] === '' || match?.[2] === undefined ? options.unit : match[2];
  if (match === null || unit === undefined) return { raw, bytes: unknown(notShown(raw)) };
  return { raw, bytes: readSize(match[1] ?? '', unit, options).bytes };
}

function notShown(raw: string): Statement {
  if (raw === '') {
    return phrase({
      en: 'the tool shows nothing here',
      zh: '工具在此处没有显示内容',
      ru: 'инструмент здесь ничего не показывает',
    });
  }
  return phrase(
    {
      en: 'the tool shows "{raw}"',
      zh: '工具显示“{raw}”',
      ru: 'инструмент показывает «{raw}»',
    },
    { raw: raw.slice(0, 60) },
  );
}

/** A fact of a status, at its line. */
export function statusFact(
  quantity: Quantity,
  size: {
    readonly digits: string;
    readonly unit: string;
    readonly meaning?: UnitMeaning;
    readonly rounding?: Rounding;
  },
  place: { readonly source: string; readonly line: number },
  scope: Scope = {},
): Fact {
  const { raw, bytes } = readSize(size.digits, size.unit, size);
  const span: Place = { source: place.source, line: place.line };
  return {
    quantity,
    metric: metricOf(quantity),
    value: bytes,
    raw,
    scope,
    moment: `${place.source}:${place.line}`,
    span,
  };
}
