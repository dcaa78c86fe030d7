/** mpirun of Open MPI (PMIx, PRRTE), Hydra of MPICH and Intel MPI, horovodrun. */
import { type EventRule, eventAt, eventsIn, momentsOf, signalName } from '../around.ts';
import type { Passage, SeenEvent, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';

const HINT =
  /noticed that process|first process to do so|MPI_ABORT|BAD TERMINATION|lost communication|Primary job|LOST.CONNECTION|exit string|EXIT STRING|exiting improperly|exit with status code|calling "?finalize/i;

const RULES: readonly EventRule[] = [
  {
    kind: 'exit',
    joined: 2,
    pattern:
      /(?:mpirun|mpiexec|orterun|prterun|prun|\S{1,60}run) noticed that process rank (?<rank>\d{1,7}) with PID (?<pid>\d{1,9}) on node (?<host>\S{1,100}) exited on signal (?<signal>\d{1,2}) \([^)]{1,60}\)/,
    more: (match) => ({
      is_first: true,
      says: match[0],
      pid: match.groups?.['pid'] === '0' ? undefined : Number(match.groups?.['pid']),
    }),
  },
  {
    kind: 'exit',
    joined: 1,
    pattern:
      /MPI_ABORT was invoked on rank (?<rank>\d{1,7}) in communicator .{1,80}? with errorcode (?<exit>-?\d{1,10})/,
    more: (match) => ({ says: match[0] }),
  },
  {
    kind: 'exit',
    joined: 2,
    pattern:
      /has exited due to process rank (?<rank>\d{1,7}) with PID (?<pid>\d{1,9}) on (?:node )?(?<host>\S{1,100}) (?:exiting improperly|exiting without calling)/,
    more: (match) => ({ is_first: true, says: match[0] }),
  },
  {
    kind: 'exit',
    joined: 1,
    pattern:
      /Primary job {1,2}terminated normally, but (?<count>\d{1,6}) process(?:es)? returned a non-zero exit code/,
    more: (match) => ({ says: match[0] }),
  },
  {
    kind: 'peer-lost',
    joined: 6,
    pattern:
      /has lost communication with a remote daemon\..{0,160}?Remote daemon: .{0,60}? on node (?<host>[\w.-]{1,100})/,
    more: (match) => ({ says: match[0] }),
  },
  { kind: 'peer-lost', pattern: /PMIX[ _]ERROR:? .{0,60}?(?:LOST[-_]CONNECTION|UNREACHABLE)/ },
  {
    kind: 'exit',
    pattern: /^Process (?<rank>\d{1,6}) exit with status code (?<exit>-?\d{1,6})\./,
  },
];

export const mpiLauncher: StatusReader = {
  id: 'mpi-launcher',
  code: 'UN664',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'mpirun and its kin',
      summary: 'Which rank ended first, on which node, by which signal or with which code.',
    },
    zh: {
      title: 'mpirun 及同类启动器',
      summary: '哪个 rank 最先结束、在哪个节点上、因什么信号或以什么退出码结束。',
    },
    ru: {
      title: 'mpirun и его аналоги',
      summary: 'Какой ранг завершился первым, на каком узле, по какому сигналу или с каким кодом.',
    },
  },
  sources: [
    'open-mpi@v4.1.6:orte/tools/orterun/help-orterun.txt',
    'prrte@v3.0.6:src/tools/prte/help-prun.txt',
    'mpich@v4.2.0:src/pm/hydra/tools/topo',
    'horovod@v0.28.1:horovod/runner/gloo_run.py',
  ],
  needles: [
    'noticed that process',
    'process to do so was',
    'mpi_abort was invoked',
    'bad termination of',
    'primary job  terminated',
    'primary job terminated',
    'lost communication with',
    'exit with status code',
  ],
  read(passage: Passage): Sighting[] {
    return momentsOf([
      ...eventsIn(passage, HINT, RULES),
      ...firstProcesses(passage.lines),
      ...badTerminations(passage.lines),
    ]);
  },
};

/** "The first process to do so was:" with name and code in the lines below. */
function firstProcesses(lines: readonly Line[]): SeenEvent[] {
  return lines.flatMap((line, at) => {
    if (!/first process to do so was/i.test(line.text)) return [];
    const below = lines.slice(at + 1, at + 6).map(({ text }) => text);
    const name = below.flatMap(
      (text) => /^\s*Process name:\s*(\S.{0,80}?)\s*$/.exec(text)?.[1] ?? [],
    )[0];
    const code = below.flatMap(
      (text) => /^\s*Exit code:\s*(-?\d{1,10})\b/.exec(text)?.[1] ?? [],
    )[0];
    if (name === undefined && code === undefined) return [];
    const rank = /(?:^|,)\s*(\d{1,7})\]?$/.exec(name ?? '')?.[1];
    return eventAt(line, 'exit', {
      says: `Process name: ${name ?? '?'}, exit code: ${code ?? '?'}`,
      rank: rank === undefined ? undefined : Number(rank),
      exit_code: code === undefined ? undefined : Number(code),
      is_first: true,
    });
  });
}

/** Hydra's box: rank, pid, node, and a code that is the wait status. */
function badTerminations(lines: readonly Line[]): SeenEvent[] {
  return lines.flatMap((line, at) => {
    if (!/BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES/.test(line.text)) return [];
    const below = lines
      .slice(at + 1, at + 10)
      .map(({ text }) => text.replace(/^\s*[=|]\s*/, ''))
      .join('\n');
    const where = /(?:RANK (\d{1,7}) )?PID (\d{1,9}) RUNNING AT (\S{1,100})/.exec(below);
    const killed = /KILLED BY SIGNAL: (\d{1,2})/.exec(below)?.[1];
    const spoken = /EXIT STRING: .{0,60}?\(signal (\d{1,2})\)/i.exec(below)?.[1];
    const code = /^EXIT (?:CODE|STATUS): (\d{1,5})/m.exec(below)?.[1];
    const signal = signalName(killed ?? spoken ?? '');
    return eventAt(line, 'exit', {
      says: below.split('\n').slice(0, 2).join(' '),
      rank: where?.[1] === undefined ? undefined : Number(where[1]),
      pid: where?.[2] === undefined ? undefined : Number(where[2]),
      host: where?.[3],
      signal,
      exit_code: signal === undefined && code !== undefined ? Number(code) : undefined,
      is_first: true,
    });
  });
}
