/** Ray about its workers and nodes: killed for memory, died of something, not heard of any more. */
import type { Fact, Quantity } from '../../ledger/fact.ts';
import { type EventRule, eventsIn, linesBetween, momentsOf } from '../around.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';

const HINT =
  /worker|Worker|memory (?:pressure|low)|marked dead|low on memory|actor (?:died|is dead)|raylet|ActorDied|WorkerCrashed|Memory on the node/;

const REASON = /Worker exit (?:type|detail): (.{1,160})/;

const RULES: readonly EventRule[] = [
  {
    kind: 'killed-for-memory',
    pattern:
      /(?<count>\d{1,6}) Workers? \(tasks \/ actors\) killed due to memory pressure \(OOM\)(?:.{0,160}?\bIP: (?<host>[\w.:-]{1,64})\))?/,
    more: ({ groups, 0: printed }) => (groups?.['count'] === '0' ? false : { says: printed }),
  },
  {
    kind: 'killed-for-memory',
    pattern:
      /System memory low at node with IP (?<host>[\w.:-]{1,60}?)\. Used memory .{1,200}?killing/,
    more: (match) => ({ says: match[0] }),
  },
  {
    kind: 'killed-for-memory',
    pattern:
      /Memory on the node \(IP: (?<host>[\w.:-]{1,64}), ID: \w{1,80}\) where the (?:task|actor|lease).{0,400}?\bpid=(?<pid>\d{1,9}), memory used=/,
    more: (match) => ({ who: /\bname=([\w.:<>-]{1,120})/.exec(match[0])?.[1] }),
  },
  {
    kind: 'exit',
    pattern:
      /A worker died or was killed while executing (?:a )?task.{0,400}?(?:Worker IP address: (?<host>[\w.:-]{1,64}).{0,80}?Worker PID: (?<pid>\d{1,9}))/,
    more: (match, lines, at) => ({
      says: REASON.exec(lines[at]?.text ?? '')?.[0] ?? match[0],
    }),
  },
  {
    kind: 'exit',
    pattern:
      /A worker died or was killed while executing (?:a )?task|The worker died unexpectedly while executing this task|WorkerCrashedError: /,
    more: (_, lines, at) => ({ pid: fieldBelow(lines, at, /\bPID: (\d{1,9})/i) }),
  },
  {
    kind: 'exit',
    pattern:
      /The actor (?:died|is dead) (?:unexpectedly )?(?:because|before)|ActorDiedError\b.{0,40}?: /,
    more: (_, lines, at) => ({
      pid: fieldBelow(lines, at, /^\s*pid: (\d{1,9})\s*$/),
      who: textBelow(lines, at, /^\s*class_name: (\S{1,120})\s*$/),
      host: textBelow(lines, at, /^\s*ip: ([\w.:-]{1,64})\s*$/),
    }),
  },
  {
    kind: 'exit',
    pattern:
      /The worker process (?:with PID (?<pid>\d{1,9}) )?has (?:died|exited).{0,80}?(?:signal (?<signal>\d{1,2})|exit code (?<exit>\d{1,3}))/,
  },
  {
    kind: 'timeout',
    pattern:
      /node (?:with node )?id:? \w{1,80} and (?:address|ip):? (?<host>[\w.:-]{1,64}).{0,120}? has been marked dead/,
  },
  {
    kind: 'peer-lost',
    pattern:
      /\braylet (?:exited immediately|has (?:exited|died)|died unexpectedly)|Local raylet died|raylet client is disconnected/i,
  },
];

function textBelow(lines: readonly Line[], at: number, pattern: RegExp): string | undefined {
  for (const line of lines.slice(at, at + 12)) {
    const found = pattern.exec(line.text)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function fieldBelow(lines: readonly Line[], at: number, pattern: RegExp): number | undefined {
  const digits = textBelow(lines, at, pattern);
  return digits === undefined ? undefined : Number(digits);
}

export const rayWorkers: StatusReader = {
  id: 'ray-workers',
  code: 'UN672',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Ray about its workers',
      summary:
        'Workers that Ray\u2019s memory monitor killed, workers and nodes that died, and the object store as ray memory shows it.',
    },
    zh: {
      title: 'Ray 对其 worker 的报告',
      summary:
        '被 Ray 内存监控杀死的 worker、意外退出的 worker 和节点，以及 ray memory 显示的对象存储。',
    },
    ru: {
      title: 'Ray о своих воркерах',
      summary:
        'Воркеры, убитые монитором памяти Ray, упавшие воркеры и узлы, а также хранилище объектов по данным ray memory.',
    },
  },
  sources: [
    'ray@2.35.0:src/ray/raylet/node_manager.cc',
    'ray@2.35.0:src/ray/common/memory_monitor.cc',
    'ray@2.35.0:python/ray/exceptions.py',
    'ray@2.35.0:python/ray/_private/internal_api.py memory_summary',
  ],
  needles: [
    'killed due to memory pressure',
    'system memory low at node',
    'memory on the node (ip',
    'a worker died or was killed',
    'worker died unexpectedly',
    'actordiederror',
    'has been marked dead',
    'plasma memory usage',
  ],
  read(passage: Passage): Sighting[] {
    const moments = momentsOf(eventsIn(passage, HINT, RULES)).map((moment) =>
      withFigures(moment, passage),
    );
    return [...moments, ...storesIn(passage)].sort((a, b) => a.line - b.line);
  },
};

const SIZE = String.raw`(?<size>\d{1,9}(?:\.\d{1,4})?)(?<unit>[KMGT]i?B)`;

/** Ray divides by 1024 three times and prints GB. */
const FIGURES: readonly (readonly [Quantity, RegExp])[] = [
  ['host_process', new RegExp(`\\bpid=\\d{1,9}, memory used=${SIZE}`)],
  ['host_used', new RegExp(`was running was ${SIZE} / `)],
  [
    'host_total',
    /was running was [\d.]{1,14}[KMGT]i?B \/ (?<size>\d{1,9}(?:\.\d{1,4})?)(?<unit>[KMGT]i?B)/,
  ],
  ['host_used', new RegExp(`Used memory \\(${SIZE}\\) / total capacity`)],
  ['host_total', new RegExp(`total capacity \\(${SIZE}\\)`)],
];

function withFigures(moment: Sighting, { lines, source }: Passage): Sighting {
  const facts: Fact[] = [];
  for (const line of linesBetween(lines, moment.line, moment.last)) {
    for (const [quantity, pattern] of FIGURES) {
      const groups = pattern.exec(line.text)?.groups;
      const [digits, unit] = [groups?.['size'], groups?.['unit']];
      if (digits === undefined || unit === undefined || facts.length >= 64) continue;
      const pid = /\bpid=(\d{1,9}), memory used=/.exec(line.text)?.[1];
      const scope = quantity === 'host_process' && pid !== undefined ? { pid: Number(pid) } : {};
      facts.push(statusFact(quantity, { digits, unit }, { source, line: line.number }, scope));
    }
  }
  return facts.length === 0 ? moment : { ...moment, facts };
}

/** ray memory: "Plasma memory usage 1024 MiB, 3 objects, 10.2% full". */
function storesIn({ lines, source }: Passage): Sighting[] {
  return lines.flatMap(({ text, number }): Sighting[] => {
    const match =
      /^\s*Plasma memory usage (\d{1,12}(?:\.\d{1,3})?) ([KMGT]iB), \d{1,12} objects/.exec(text);
    if (match === null) return [];
    const size = { digits: match[1] ?? '', unit: match[2] ?? '' };
    return [
      {
        line: number,
        last: number,
        label: 'object store in host memory',
        facts: [
          statusFact(
            'buffer',
            size,
            { source, line: number },
            { buffer: 'object store', role: 'other' },
          ),
        ],
      },
    ];
  });
}
