/** Python programs that start processes: accelerate's and torch's old launcher, spawn, process pools. */
import { type EventRule, eventsIn, momentsOf } from '../around.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const HINT = /CalledProcessError|DataLoader worker|[Pp]rocess|Signals\.SIG|died with/;

/** The script among the words of a command as Python prints it. */
function scriptOf(text: string): string | undefined {
  const names = [...text.slice(0, 4000).matchAll(/'([^'[\]]{1,200})'/g)].map(
    (name) => name[1] ?? '',
  );
  return names.find((name) => /\.(?:py|sh)$/.test(name)) ?? names[0];
}

const RULES: readonly EventRule[] = [
  {
    kind: 'exit',
    pattern:
      /^.{0,200}?CalledProcessError: Command .{1,8000}? (?:returned non-zero exit status (?<exit>-?\d{1,10})|died with <Signals\.(?<signal>SIG[A-Z0-9]{2,9}): \d{1,2}>)/,
    more: (match) => ({ who: scriptOf(match[0]), says: match[0].slice(-120) }),
  },
  {
    // A long command that a terminal or a mail has broken.
    kind: 'exit',
    pattern: /\bdied with <Signals\.(?<signal>SIG[A-Z0-9]{2,9}): \d{1,2}>/,
  },
  {
    kind: 'exit',
    pattern:
      /Process(?:Exited)?Exception: process (?<local>\d{1,6}) terminated with (?:signal (?<signal>SIG[A-Z0-9]{2,9})|exit code (?<exit>-?\d{1,10}))/i,
  },
  {
    kind: 'exit',
    pattern: /^-- Process (?<local>\d{1,6}) terminated with the following error:/,
    more: () => ({ is_first: true }),
  },
  {
    kind: 'exit',
    pattern:
      /BrokenProcessPool: A (?:child )?process in the (?:process )?pool (?:was )?terminated abruptly|A task has failed to un-serialize|TerminatedWorkerError: A worker process managed by the executor was unexpectedly terminated/,
    more: (match) => (/un-serialize/.test(match[0]) ? false : {}),
  },
  {
    kind: 'killed',
    pattern:
      /DataLoader worker \(pid (?<pid>\d{1,9})\) is killed by signal: (?<signal>[A-Z][\w ]{1,40}?)\./,
    more: ({ groups }) => ({ kind: groups?.['signal'] === 'Killed' ? 'killed' : 'exit' }),
  },
  {
    kind: 'exit',
    pattern: /DataLoader worker \(pid(?:\(s\))? (?<pid>\d{1,9})[\d, ]{0,200}\) exited unexpectedly/,
  },
  {
    // joblib names the signals of its workers.
    kind: 'exit',
    pattern:
      /^\s*The exit codes of the workers are \{(?<signal>SIG[A-Z0-9]{2,9})\((?<exit>-?\d{1,3})\)/,
  },
];

export const pythonChildren: StatusReader = {
  id: 'python-children',
  code: 'UN663',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A Python program about its processes',
      summary:
        'How a started process ended: CalledProcessError of accelerate launch, torch.multiprocessing.spawn, process pools.',
    },
    zh: {
      title: 'Python 程序对其子进程的报告',
      summary:
        '启动的进程如何结束：accelerate launch 的 CalledProcessError、torch.multiprocessing.spawn、进程池。',
    },
    ru: {
      title: 'Python-программа о своих процессах',
      summary:
        'Как завершился запущенный процесс: CalledProcessError от accelerate launch, torch.multiprocessing.spawn, пулы процессов.',
    },
  },
  sources: [
    'cpython@v3.12:Lib/subprocess.py CalledProcessError.__str__',
    'pytorch@v2.6.0:torch/multiprocessing/spawn.py',
    'pytorch@v2.6.0:torch/utils/data/_utils/signal_handling.py',
    'joblib@1.4:joblib/externals/loky/process_executor.py',
  ],
  needles: [
    'calledprocesserror:',
    'died with <signals',
    'terminated with signal',
    'terminated with exit code',
    'terminated with the following error',
    'dataloader worker',
    'brokenprocesspool',
    'terminatedworkererror',
  ],
  read(passage: Passage): Sighting[] {
    return momentsOf(eventsIn(passage, HINT, RULES));
  },
};
