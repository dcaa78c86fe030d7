/** Shells, make, CI runners, IDEs and notebooks: a process ended, and by what. */
import type { Fact } from '../../ledger/fact.ts';
import { type EventRule, eventsIn, momentsOf, signalName } from '../around.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';

const HINT =
  /[Kk]illed|[Tt]erminated|[Ss]egmentation|[Aa]borted|[Bb]us error|exit(?:ed)? (?:code|status|with)|[Ee]rror 1\d\d|signal|SIG|crashed|died|restart|Exit status|[Ii]llegal instruction|more memory/;

const WORDS =
  '(?:Killed|Terminated|Segmentation fault|Aborted|Bus error|Illegal instruction|Floating point exception)';

const RULES: readonly EventRule[] = [
  {
    // ./run.sh: line 12: 20817 Killed                  python train.py
    kind: 'exit',
    pattern: new RegExp(
      `^\\s*(?:\\S{1,120}: )?line \\d{1,6}: +(?<pid>\\d{1,9}) (?<signal>${WORDS})(?: +\\(core dumped\\))?(?: +(?<who>\\S.{0,200}?))?\\s*$`,
    ),
    more: killedOrExit,
  },
  {
    // [1]+  Killed                  python train.py     [1]    20817 killed     python train.py
    kind: 'exit',
    pattern: new RegExp(
      `^\\s*\\[\\d{1,4}\\] *[+-]? +(?:(?<pid>\\d{1,9}) )?(?<signal>${WORDS}|killed|terminated|segmentation fault|abort|bus error)(?:: \\d{1,2})?(?: +\\(core dumped\\))?(?: {2,}(?<who>\\S.{0,200}?))?\\s*$`,
    ),
    more: killedOrExit,
  },
  {
    // zsh: killed     python train.py      zsh: segmentation fault (core dumped)  ./a.out
    kind: 'exit',
    pattern:
      /^\s*(?:-?(?:zsh|bash|fish|sh|csh|tcsh)): (?<signal>killed|terminated|segmentation fault|abort|bus error)(?: \(core dumped\))?(?: {2,}(?<who>\S.{0,200}?))?\s*$/,
    more: killedOrExit,
  },
  {
    kind: 'exit',
    pattern: new RegExp(`^\\s*(?<signal>${WORDS})(?:: \\d{1,2})?(?: *\\(core dumped\\))?\\s*$`),
    more: killedOrExit,
  },
  {
    kind: 'exit',
    pattern:
      /^\s*make(?:\[\d{1,3}\])?: \*\*\* \[(?<who>[^\]]{1,200})\] (?:Error (?<exit>\d{1,3})|(?<signal>Killed|Terminated|Segmentation fault|Aborted))(?: \(core dumped\)|: \d{1,2})?\s*$/,
  },
  {
    // PyCharm, GitHub Actions, GitLab, Azure, npm, kubectl exec, GNU time
    kind: 'exit',
    pattern:
      /\b(?:[Pp]rocess (?:finished|completed|exited|terminated)|[Cc]ommand (?:terminated|exited|failed)|[Jj]ob failed:?|[Tt]he process '[^']{1,200}' (?:failed|exited)|[Ss]cript (?:failed|exited)|failed) (?:with )?(?:an? )?(?:exit )?code:? (?<exit>-?\d{1,10})(?!\d)/,
    more: ({ groups }) => (groups?.['exit'] === '0' ? false : {}),
  },
  { kind: 'exit', pattern: /\bCommand terminated by signal (?<signal>\d{1,2})\b/ },
  {
    kind: 'exit',
    pattern:
      /^\s*(?:error: )?(?:process )?(?:exited|failed|finished) with (?:exit )?(?:status|code) (?<exit>1[2-5]\d)\s*$/i,
  },
  {
    kind: 'exit',
    pattern: /^\s*exit (?:status|code):? (?<exit>-9|-11|-6|-15|-7|1[2-5]\d)\s*\.?$/i,
  },
  {
    kind: 'exit',
    pattern:
      /^\s*(?:signal: |terminated by signal:? |process exited with signal )(?<signal>killed|SIG[A-Z0-9]{2,9}|\d{1,2})\b/i,
  },
  {
    kind: 'killed-for-memory',
    pattern:
      /Your session crashed (?:after|because it) us(?:ing|ed) all available RAM|Your notebook tried to allocate more memory than is available/,
    more: () => ({ who: 'notebook' }),
  },
  {
    kind: 'restart',
    pattern:
      /KernelRestarter: restarting kernel|The [Kk]ernel (?:appears to have died|has died|crashed)|Kernel Restarting|kernel (?:for .{1,120}? )?appears to have died/,
    more: () => ({ who: 'notebook kernel' }),
  },
  {
    // gunicorn, uvicorn, celery
    kind: 'exit',
    pattern:
      /Worker \(pid:(?<pid>\d{1,9})\) was sent (?<signal>SIG[A-Z0-9]{2,9})!|Child process \[(?<pid2>\d{1,9})\] died|WorkerLostError: .{0,60}?signal (?<signal2>\d{1,2})/,
    more: ({ groups }) => ({
      pid: Number(groups?.['pid'] ?? groups?.['pid2'] ?? Number.NaN) || undefined,
      signal: signalName(groups?.['signal'] ?? groups?.['signal2'] ?? ''),
      kind: groups?.['signal'] === 'SIGKILL' ? 'killed' : 'exit',
    }),
  },
];

/** A shell's "Killed" says that somebody did it; the other words say how the program ended itself. */
function killedOrExit({ groups }: RegExpExecArray): {
  kind: 'killed' | 'exit';
  signal: string | undefined;
} {
  const word = (groups?.['signal'] ?? '').toLowerCase();
  return {
    kind: word === 'killed' || word === 'terminated' ? 'killed' : 'exit',
    signal: signalName(word === 'abort' ? 'aborted' : word),
  };
}

export const shellExit: StatusReader = {
  id: 'shell-exit',
  code: 'UN674',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'How a process ended',
      summary:
        'What shells, make, CI runners, IDEs and notebooks print of a process that ended by a signal or with a code.',
    },
    zh: {
      title: '进程如何结束',
      summary: '进程因信号或以某个退出码结束时，shell、make、CI、IDE 和 notebook 打印的内容。',
    },
    ru: {
      title: 'Как завершился процесс',
      summary:
        'Что печатают shell, make, CI, IDE и notebook о процессе, который завершился по сигналу или с кодом выхода.',
    },
  },
  sources: [
    'bash-5.2: jobs.c',
    'zsh-5.9: jobs.c',
    'GNU time 1.9: time.c',
    'bash(1): the exit status of a command that ends by signal N is 128 + N',
  ],
  needles: [
    'exit code 137',
    'exit code 139',
    'exit code 134',
    'exit code 143',
    'terminated by signal',
    '(core dumped)',
    ' killed  ',
    '] killed ',
    '\nkilled\n',
    'session crashed after',
    'kernelrestarter',
    'was sent sigkill',
    'maximum resident set size',
  ],
  sign: /exit|kill|status|signal|dumped/i,
  read(passage: Passage): Sighting[] {
    return [...momentsOf(eventsIn(passage, HINT, RULES)), ...timedIn(passage)].sort(
      (a, b) => a.line - b.line,
    );
  },
};

/** /usr/bin/time -v */
function timedIn({ lines, source }: Passage): Sighting[] {
  return lines.flatMap(({ text, number }, at): Sighting[] => {
    const size = /^\s*Maximum resident set size \(kbytes\): (\d{1,15})\s*$/.exec(text)?.[1];
    if (size === undefined) return [];
    const command = lines
      .slice(Math.max(0, at - 12), at)
      .flatMap((line) => /^\s*Command being timed: "(.{1,200})"\s*$/.exec(line.text)?.[1] ?? [])[0];
    const facts: Fact[] = [
      statusFact('host_process', { digits: size, unit: 'KiB' }, { source, line: number }),
    ];
    return [{ line: number, last: number, label: command ?? 'the largest resident set', facts }];
  });
}
