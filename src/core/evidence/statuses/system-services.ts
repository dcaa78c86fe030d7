/** systemd, systemd-oomd and earlyoom: services that ended, and who ended them for memory. */
import type { Fact, Quantity } from '../../ledger/fact.ts';
import { type EventRule, eventsIn, linesBetween, momentsOf } from '../around.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';

const HINT =
  /process exited, code=|OOM killer|oom-kill|systemd-oomd|memory pressure for|memory used|sending SIG|killing process|Killing process|\(code=(?:killed|dumped|exited)|low swap|jetsam|memorystatus/;

const UNIT = String.raw`(?<who>[\w.@:\\-]{1,160}\.(?:service|scope|slice|mount|socket))`;

const RULES: readonly EventRule[] = [
  {
    kind: 'exit',
    pattern: new RegExp(
      `${UNIT}: (?:Main|Control|Child) process exited, code=(?:killed|dumped), status=\\d{1,3}\\/(?<signal>[A-Z0-9]{2,10})`,
    ),
  },
  {
    kind: 'exit',
    pattern: new RegExp(
      `${UNIT}: (?:Main|Control|Child) process exited, code=exited, status=(?<exit>\\d{1,3})(?:\\/|\\b)`,
    ),
    more: ({ groups }) => (groups?.['exit'] === '0' ? false : {}),
  },
  {
    kind: 'killed-for-memory',
    pattern: new RegExp(
      `${UNIT}: (?:A process of this unit has been killed by the OOM killer|Failed with result 'oom-kill')`,
    ),
  },
  {
    kind: 'killed-for-memory',
    pattern: new RegExp(`${UNIT}: systemd-oomd killed (?<count>\\d{1,6}) process`),
  },
  {
    kind: 'killed-for-memory',
    pattern: /\bActive: failed \(Result: oom-kill\)(?: since (?<time>.{10,40}?);)?/,
  },
  {
    kind: 'exit',
    pattern:
      /^\s*(?:Main PID|Process): (?<pid>\d{1,9}) .{0,300}?\(code=(?:killed|dumped), signal=(?<signal>[A-Z0-9]{2,10})\)/,
  },
  {
    kind: 'exit',
    pattern:
      /^\s*(?:Main PID|Process): (?<pid>\d{1,9}) .{0,300}?\(code=exited, status=(?<exit>\d{1,3})(?:\/|\))/,
    more: ({ groups }) => (groups?.['exit'] === '0' ? false : {}),
  },
  {
    // systemd-oomd
    kind: 'killed-for-memory',
    pattern: /\bKilled (?<who>\/\S{1,300}) due to (?:memory (?:pressure|used)|swap used)/,
  },
  {
    // earlyoom; before 1.3 "killing process", the first ones with the name in front
    kind: 'killed-for-memory',
    pattern:
      /\b(?:sending (?<signal>SIG(?:TERM|KILL)) to|killing) process (?<pid>\d{1,9})(?: uid \d{1,10})? "(?<who>[^"]{1,64})"(?: with signal \d{1,2})?: (?:badness|oom_score) /,
  },
  {
    kind: 'killed-for-memory',
    pattern:
      /\bKilling process '(?<who>[^']{1,64})' with signal (?<signal>\d{1,2}), pid: (?<pid>\d{1,9}), badness/,
  },
  {
    // macOS
    kind: 'killed-for-memory',
    pattern:
      /(?:memorystatus|jetsam|low swap): .{0,40}?killing .{0,40}?(?:pid |process )(?<pid>\d{1,9}) [[(](?<who>[^\])]{1,64})[\])]/,
  },
];

export const systemServices: StatusReader = {
  id: 'system-services',
  code: 'UN673',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Services and their killers',
      summary:
        'systemd about a service that ended, systemd-oomd and earlyoom about what they killed for memory.',
    },
    zh: {
      title: '系统服务与结束它们的程序',
      summary: 'systemd 报告的已结束的服务，以及 systemd-oomd 和 earlyoom 因内存不足杀死的进程。',
    },
    ru: {
      title: 'Службы и кто их завершил',
      summary:
        'systemd — о завершившейся службе, systemd-oomd и earlyoom — о том, что они убили из-за нехватки памяти.',
    },
  },
  sources: [
    'systemd@v255:src/core/service.c',
    'systemd@v255:src/oom/oomd-manager.c',
    'earlyoom@v1.7:kill.c',
  ],
  needles: [
    'process exited, code=',
    'killed by the oom killer',
    "result 'oom-kill'",
    'systemd-oomd killed',
    'due to memory pressure for',
    'due to memory used',
    ': badness ',
    ': oom_score ',
    'result: oom-kill',
  ],
  read(passage: Passage): Sighting[] {
    return momentsOf(eventsIn(passage, HINT, RULES)).map((moment) => withFigures(moment, passage));
  },
};

const FIGURES: readonly { quantity: Quantity; pattern: RegExp; unit?: string }[] = [
  {
    quantity: 'host_process',
    pattern: /(?:badness|oom_score) \d{1,5}, VmRSS:? (?<size>\d{1,12}) (?<unit>[KM]iB)/,
  },
  {
    quantity: 'host_free',
    pattern: /mem avail: {0,8}(?<size>\d{1,12}) of {1,8}\d{1,12} MiB/,
    unit: 'MiB',
  },
  {
    quantity: 'host_total',
    pattern: /mem avail: {0,8}\d{1,12} of {1,8}(?<size>\d{1,12}) MiB/,
    unit: 'MiB',
  },
  // systemd prints G for 2^30.
  {
    quantity: 'host_used',
    pattern: /\bConsumed .{1,120}?, (?<size>\d{1,9}(?:\.\d)?)(?<unit>[KMGT]) memory peak/,
  },
];

/** earlyoom says what was left in the lines above, systemd what was used in those below. */
const ABOVE = 3;
const BELOW = 4;

function withFigures(moment: Sighting, { lines, source }: Passage): Sighting {
  const facts: Fact[] = [];
  for (const line of linesBetween(lines, moment.line - ABOVE, moment.last + BELOW)) {
    for (const { quantity, pattern, unit } of FIGURES) {
      const groups = pattern.exec(line.text)?.groups;
      const digits = groups?.['size'];
      const word = unit ?? groups?.['unit'];
      if (digits === undefined || word === undefined || facts.length >= 64) continue;
      // What is available after the kill is no figure of the moment.
      if (facts.some((fact) => fact.quantity === quantity)) continue;
      facts.push(statusFact(quantity, { digits, unit: word }, { source, line: line.number }));
    }
  }
  return facts.length === 0 ? moment : { ...moment, facts };
}
