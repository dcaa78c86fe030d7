/**
 * What the readers of events share: rules that make an event of a line, who wrote the line and when,
 * signals by number and name, and moments made of events that stand together.
 */
import type { EventKind, Passage, SeenEvent, Sighting } from './status.ts';
import type { Line } from './text/dress.ts';

/** POSIX numbers on Linux. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** What strsignal() and shells call them. */
const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  killed: 'SIGKILL',
  terminated: 'SIGTERM',
  'segmentation fault': 'SIGSEGV',
  aborted: 'SIGABRT',
  'abort trap': 'SIGABRT',
  'bus error': 'SIGBUS',
  'illegal instruction': 'SIGILL',
  'floating point exception': 'SIGFPE',
  hangup: 'SIGHUP',
  interrupt: 'SIGINT',
  'cpu time limit exceeded': 'SIGXCPU',
};

/** "9", "KILL", "SIGKILL", "Killed": the name, or undefined for what is none. */
export function signalName(text: string): string | undefined {
  const word = text.trim();
  if (/^\d{1,2}$/.test(word)) return SIGNALS[Number(word)];
  const named = `SIG${word.replace(/^(?:Signals\.)?SIG/i, '').toUpperCase()}`;
  return Object.values(SIGNALS).includes(named) ? named : SIGNAL_WORDS[word.toLowerCase()];
}

/** Python and launchers print a signal as -9, shells and container runtimes as 128 + 9. */
export function signalOfExit(code: number): string | undefined {
  if (code < 0) return SIGNALS[-code];
  return code > 128 ? SIGNALS[code - 128] : undefined;
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';

/** Time stamps that stand in front of a line and are no prefix that is taken off with its time. */
const STAMPS: readonly RegExp[] = [
  new RegExp(`^(${MONTH} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d)[ :]`),
  // dmesg -T
  new RegExp(`^\\[([A-Z][a-z]{2} ${MONTH} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4})\\]`),
  // glog and c10: E0930 18:22:07.101000, [E930 18:22:07.101 File.cpp:1]
  /^\[?[DIWEF](\d{3,4} \d\d:\d\d:\d\d(?:\.\d{1,9})?)[ \]]/,
  // dmesg: seconds since the start
  /^(?:\S{1,80} kernel: )?\[ {0,6}(\d{1,9}\.\d{6})\]/,
];

/** The moment in front of a line, as printed. */
export function stampOf(line: Line): string | undefined {
  if (line.time !== undefined) return line.time;
  for (const text of line.raw === undefined ? [line.text] : [line.raw, line.text]) {
    for (const stamp of STAMPS) {
      const found = stamp.exec(text.trimStart())?.[1];
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const LOGGED =
  /^(?:\S{3,12} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) ([A-Za-z0-9][\w.-]{0,79}) [\w.@()/-]{1,80}(?:\[\d+\])?: /;

/** The machine that a line of syslog or the journal names. */
export function hostOf(line: Line): string | undefined {
  return line.host ?? LOGGED.exec((line.raw ?? line.text).trimStart())?.[1];
}

const KERNEL_FRONT =
  /^ {0,12}(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?(?:[\w.-]{1,80} kernel: )?(?:kern {0,2}:\w{1,8} {0,4}: )?(?:\[(?: {0,6}\d{1,9}\.\d{6}|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})\] ?)?/;

/** A line of the kernel without host, facility and stamp. */
export const kernelText = (line: Line): string => line.text.replace(KERNEL_FRONT, '');

const LONGEST_SAYING = 200;

/** A line in a few words. */
export function inWords(text: string): string {
  const words = text.slice(0, 1000).replace(/\s+/g, ' ').trim();
  return words.length <= LONGEST_SAYING ? words : `${words.slice(0, LONGEST_SAYING - 1)}…`;
}

export type Fields = { readonly [K in keyof SeenEvent]?: SeenEvent[K] | undefined };

/** An event at a line: what the line's own prefix tells is added, what is undefined is left out. */
export function eventAt(line: Line, kind: EventKind, fields: Fields = {}): SeenEvent {
  const code = fields.exit_code;
  const all: Fields = {
    time: stampOf(line),
    host: hostOf(line),
    rank: line.rank,
    ...defined(fields),
    signal: fields.signal ?? (code === undefined ? undefined : signalOfExit(code)),
  };
  return {
    kind,
    line: fields.line ?? line.number,
    says: inWords(fields.says ?? line.text),
    ...defined({ ...all, kind: undefined, line: undefined, says: undefined }),
  };
}

/** The same without the fields that are undefined. */
export function defined<T extends object>(
  fields: {
    readonly [K in keyof T]: T[K] | undefined;
  },
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/**
 * A line that is an event. Groups of the pattern are its fields: pid, rank, local, who, host, exit,
 * signal, time, count, code.
 */
export interface EventRule {
  readonly kind: EventKind;
  readonly pattern: RegExp;
  /** So many lines below belong to the sentence: launchers wrap theirs. */
  readonly joined?: number;
  /** More of it, or `false` when it is none after all. */
  more?(match: RegExpExecArray, lines: readonly Line[], at: number): Fields | false;
}

const whole = (digits: string | undefined): number | undefined => {
  const value = digits === undefined ? Number.NaN : Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
};

function fieldsOf(match: RegExpExecArray): Fields {
  const found = match.groups ?? {};
  const signal = found['signal'];
  return {
    pid: whole(found['pid']),
    rank: whole(found['rank']),
    local_rank: whole(found['local']),
    who: found['who'],
    host: found['host'],
    exit_code: whole(found['exit']),
    signal: signal === undefined ? undefined : signalName(signal),
    time: found['time'],
    count: whole(found['count']),
    code: found['code'],
  };
}

/** "Killed": no event is told in less. */
const SHORTEST = 6;

/** Events of one source that are kept. */
const MOST_EVENTS = 4096;

/**
 * Every line that one of the rules takes, the first that does. @param hint a pattern without which
 * no rule can match; it spares the others on ordinary lines.
 */
export function eventsIn(
  { lines }: Passage,
  hint: RegExp,
  rules: readonly EventRule[],
): SeenEvent[] {
  const found: SeenEvent[] = [];
  for (let at = 0; at < lines.length && found.length < MOST_EVENTS; at++) {
    const line = lines[at];
    if (line === undefined || line.text.length < SHORTEST || !hint.test(line.text)) continue;
    for (const rule of rules) {
      const text = rule.joined === undefined ? line.text : joinedText(lines, at, rule.joined);
      const match = rule.pattern.exec(text);
      if (match === null) continue;
      const more = rule.more?.(match, lines, at);
      if (more === false) continue;
      found.push(eventAt(line, more?.kind ?? rule.kind, { ...fieldsOf(match), ...more }));
      break;
    }
  }
  return found;
}

function joinedText(lines: readonly Line[], at: number, more: number): string {
  return lines
    .slice(at, at + 1 + more)
    .map(({ text }) => text.trim())
    .join(' ')
    .slice(0, 2000);
}

/** The lines from one number to another, both included; lines stand in order. */
export function linesBetween(lines: readonly Line[], first: number, last: number): readonly Line[] {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.number ?? 0) < first) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < lines.length && (lines[end]?.number ?? 0) <= last) end++;
  return lines.slice(low, end);
}

/** Events no farther apart than this are one moment. */
const TOGETHER = 40;
const MOST_OF_A_MOMENT = 256;

/** Moments of events; what tells of the same end of the same process twice is told once. */
export function momentsOf(events: readonly SeenEvent[]): Sighting[] {
  const moments: SeenEvent[][] = [];
  for (const event of [...events].sort((a, b) => a.line - b.line)) {
    const last = moments.at(-1);
    const before = last?.at(-1);
    const isNear = before !== undefined && event.line - before.line <= TOGETHER;
    if (last === undefined || !isNear || last.length >= MOST_OF_A_MOMENT) moments.push([event]);
    else last.push(event);
  }
  return moments.map((list) => momentOf(list));
}

function momentOf(list: readonly SeenEvent[]): Sighting {
  const events = merged(list);
  const time = events.find((event) => event.time !== undefined)?.time;
  const hosts = new Set(events.flatMap(({ host }) => host ?? []));
  const [host] = hosts;
  return {
    line: list[0]?.line ?? 0,
    last: list.at(-1)?.line ?? 0,
    ...(time !== undefined && { time }),
    ...(hosts.size === 1 && host !== undefined && { host }),
    events,
  };
}

/** Two tellings of one event: a process ends once, and a rank's time-out is printed many times. */
function merged(list: readonly SeenEvent[]): SeenEvent[] {
  const found = new Map<string, SeenEvent>();
  list.forEach((event, index) => {
    const key = sameness(event) ?? `#${index}`;
    const before = found.get(key);
    found.set(key, before === undefined ? event : { ...event, ...before });
  });
  return [...found.values()];
}

function sameness(event: SeenEvent): string | undefined {
  const { kind, pid, rank, host } = event;
  if (kind === 'timeout' || kind === 'peer-lost') {
    return rank === undefined && host === undefined && pid === undefined
      ? undefined
      : `${kind} ${rank ?? ''} ${host ?? ''} ${pid ?? ''}`;
  }
  if (pid === undefined) return undefined;
  if (kind === 'exit') return `exit ${pid} ${event.signal ?? event.exit_code ?? ''}`;
  return kind === 'killed-for-memory' || kind === 'killed'
    ? `${kind} ${pid} ${event.signal ?? ''}`
    : undefined;
}
