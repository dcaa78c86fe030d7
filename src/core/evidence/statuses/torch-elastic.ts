/** torchrun's agent: which process failed first, how it ended, and whom it stopped because of it. */
import { phrase } from '../../base/texts.ts';
import {
  type EventRule,
  eventAt,
  eventsIn,
  type Fields,
  momentsOf,
  signalName,
} from '../around.ts';
import type { Gap, Passage, SeenEvent, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';

const HINT =
  /exitcode|SIG|PID|signal|restart worker|worker group|ChildFailedError|Rendezvous|endezvous/;

const RULES: readonly EventRule[] = [
  {
    kind: 'exit',
    pattern:
      /\bfailed \(exitcode: (?<exit>-?\d{1,10})\) local_rank: (?<local>\d{1,6}) \(pid: (?<pid>\d{1,9})\) of (?:binary|fn): (?<who>[^\s)]{1,200})/,
  },
  {
    kind: 'killed',
    pattern:
      /Sending process (?<pid>\d{1,9}) closing signal (?:Signals\.)?(?<signal>SIG[A-Z0-9]{2,9})\b/,
  },
  {
    kind: 'killed',
    pattern:
      /Unable to shutdown process (?<pid>\d{1,9}) via .{0,40}?, forcefully exi?tting via (?:Signals\.)?(?<signal>SIG[A-Z0-9]{2,9}|\d{1,2})/,
  },
  {
    kind: 'killed',
    pattern: /SignalException: Process (?<pid>\d{1,9}) got signal: (?<signal>\d{1,2})\b/,
  },
  {
    kind: 'killed',
    pattern:
      /Received (?:Signals\.)?(?<signal>SIG[A-Z0-9]{2,9}|\d{1,2}) death signal, shutting down workers/,
  },
  {
    kind: 'exit',
    pattern: /Signal (?<signal>\d{1,2}) \(SIG[A-Z0-9]{2,9}\) received by PID (?<pid>\d{1,9})/,
  },
  {
    kind: 'restart',
    pattern:
      /Worker group (?:\S{1,60} )?FAILED\. (?<count>\d{1,6})\/\d{1,6} attempts left; will restart worker group/i,
    more: () => ({ count: undefined }),
  },
  {
    kind: 'timeout',
    pattern: /RendezvousTimeoutError|failed to send a keep-alive heartbeat to the rendezvous/,
    more: (_, lines, at) => ({
      host: /The node '([\w.-]{1,100}?)_/.exec(lines[at]?.text ?? '')?.[1],
    }),
  },
  { kind: 'peer-lost', pattern: /Rendezvous(?:Connection|Closed)Error\b/ },
];

const ENTRY_OF_FAILED = phrase({
  en: 'the entry of a failed process',
  zh: '某个失败进程的条目',
  ru: 'запись об упавшем процессе',
});

const ENTRY = /^\s*\[\d{1,6}\]:\s*$/;
const FIELD = /^\s*(time|host|rank|exitcode|error_file|traceback|msg)\s*: ?(.*)$/;
const BORDER = /^\s*(?:={20,}|\*{20,}|-{20,})\s*$/;

export const torchElastic: StatusReader = {
  id: 'torch-elastic',
  code: 'UN660',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'torchrun\u2019s account of its workers',
      summary:
        'Which worker failed first, with its exit code, and which ones were stopped because of it.',
    },
    zh: {
      title: 'torchrun 对其 worker 的报告',
      summary: '哪个 worker 最先失败、退出码是多少，以及哪些 worker 因此被停止。',
    },
    ru: {
      title: 'Отчёт torchrun о воркерах',
      summary: 'Какой воркер упал первым и с каким кодом выхода, какие остановлены из-за него.',
    },
  },
  sources: [
    'pytorch@v2.6.0:torch/distributed/elastic/multiprocessing/errors/__init__.py',
    'pytorch@v2.6.0:torch/distributed/elastic/multiprocessing/api.py',
    'pytorch@v1.9.0:torch/distributed/elastic/multiprocessing/errors/__init__.py',
  ],
  needles: [
    'failed (exitcode',
    'first observed failure',
    'closing signal sig',
    'childfailederror',
    'root cause:',
    'will restart worker group',
    'death signal, shutting',
  ],
  sign: /rank|exit ?code|SIG(?:TERM|KILL)|elastic/i,
  read(passage: Passage): Sighting[] {
    const summary = entriesOf(passage);
    const inSummary = (line: number): boolean =>
      summary.spans.some(([first, last]) => line >= first && line <= last);
    const loose = eventsIn(passage, HINT, RULES).filter(({ line }) => !inSummary(line));
    const moments = momentsOf([...loose, ...summary.events]);
    if (summary.gap === undefined) return moments;
    const { gap } = summary;
    const owner = moments.findLast(({ line }) => line <= gap.line);
    if (owner === undefined) return [...moments, { line: gap.line, last: gap.line, gaps: [gap] }];
    return moments.map((moment) => (moment === owner ? { ...moment, gaps: [gap] } : moment));
  },
};

interface Summary {
  readonly events: readonly SeenEvent[];
  readonly spans: readonly (readonly [number, number])[];
  readonly gap?: Gap;
}

/** The entries of "FAILED … Root Cause (first observed failure)". */
function entriesOf({ lines, goes_on }: Passage): Summary {
  const events: SeenEvent[] = [];
  const spans: [number, number][] = [];
  let gap: Gap | undefined;
  let part: 'root' | 'others' | undefined;
  let who: string | undefined;
  for (let at = 0; at < lines.length && events.length < 4096; at++) {
    const line = lines[at];
    const text = line?.text ?? '';
    who = /^\s*(\S{1,200}) FAILED\s*$/.exec(text)?.[1] ?? who;
    if (/^\s*Root Cause(?: \(first observed failure\))?:\s*$/.test(text)) part = 'root';
    else if (/^\s*(?:Other )?Failures:\s*$/.test(text)) part = 'others';
    if (line === undefined || part === undefined || !ENTRY.test(text)) continue;
    const { fields, end } = fieldsBelow(lines, at + 1);
    const exit = /^(-?\d{1,10}) \(pid: (\d{1,9})\)/.exec(fields.get('exitcode') ?? '');
    if (fields.size === 0) continue;
    if (exit === null) {
      if (end >= lines.length && !goes_on)
        gap = { code: 'cut-off', line: line.number, where: ENTRY_OF_FAILED };
      continue;
    }
    spans.push([line.number, lines[end - 1]?.number ?? line.number]);
    events.push(eventAt(line, 'exit', entryOf(fields, exit, part === 'root', who)));
    at = end - 1;
  }
  return { events, spans, ...(gap !== undefined && { gap }) };
}

function fieldsBelow(
  lines: readonly Line[],
  from: number,
): { fields: Map<string, string>; end: number } {
  const fields = new Map<string, string>();
  let at = from;
  for (; at < lines.length; at++) {
    const text = lines[at]?.text ?? '';
    if (ENTRY.test(text) || BORDER.test(text) || /^\s*(?:Root Cause|Other Failures)/.test(text))
      break;
    const field = FIELD.exec(text);
    if (field === null) {
      // A traceback goes on over many lines; other text ends the entry.
      if (!fields.has('traceback') && !fields.has('msg') && text.trim() !== '') break;
      if (at - from > 400) break;
      continue;
    }
    const name = field[1] ?? '';
    if (fields.has(name)) break;
    fields.set(name, (field[2] ?? '').trim());
  }
  return { fields, end: at };
}

function entryOf(
  fields: ReadonlyMap<string, string>,
  exit: RegExpExecArray,
  isFirst: boolean,
  who: string | undefined,
): Fields {
  const rank = /^(\d{1,6})(?: \(local_rank: (\d{1,6})\))?/.exec(fields.get('rank') ?? '');
  const told = /^Signal (\d{1,2}) /.exec(fields.get('traceback') ?? fields.get('msg') ?? '')?.[1];
  const traceback = fields.get('traceback') ?? fields.get('msg');
  return {
    exit_code: Number(exit[1]),
    pid: Number(exit[2]),
    says: `exitcode ${exit[1]}${traceback === undefined || traceback === '' ? '' : `: ${traceback}`}`,
    time: fields.get('time') || undefined,
    host: fields.get('host') || undefined,
    rank: rank === null ? undefined : Number(rank[1]),
    local_rank: rank?.[2] === undefined ? undefined : Number(rank[2]),
    signal: told === undefined ? undefined : signalName(told),
    who,
    ...(isFirst && { is_first: true }),
  };
}
