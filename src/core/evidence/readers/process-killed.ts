/** A full GPU never kills a process; the kernel does that when host memory runs out. */
import type { Reader, Reading } from '../reader.ts';

/** Who kills for memory says so. */
const FOR_MEMORY = /oom|OutOfMemory|cgroupoutofmemory|memorylimit|OUT_OF_MEMORY/i;

/** As printed: 137, 247 or -9. */
const EXIT = /^[^\d-]{0,40}(?<count>137|247|-9)(?!\d)/i;

export const processKilled: Reader = {
  id: 'process-killed',
  code: 'UN412',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Process killed by the system',
      summary:
        'SIGKILL without a word from the program: exit code 137 or -9, the kernel\u2019s OOM killer, a cgroup or Slurm limit.',
    },
    zh: {},
    ru: {},
  },
  sources: ['linux@v6.6:mm/oom_kill.c', 'slurm@23.11'],
  needles: [
    'return code = -9',
    'return code = 247',
    'exit code 137',
    'with code 137',
    'exit code: 137',
    'exitcode: -9',
    'exitcode : -9',
    'oom-killer',
    'oom_killer',
    'oom-kill:',
    'oom_kill event',
    'out of memory: kill',
    'task 0: out of memory',
    ': out of memory',
    'oomkilled',
    'signal 9 ',
    'signals.sigkill',
    'sigkill(-9)',
    ': killed  ',
    'killed: 9',
    'exit status 137',
    'exit code -9',
    'exit status -9',
    'status=9/kill',
    'killed by signal 9',
    'oom killer',
    'memory limits.',
    'step memory limit',
    'job memory limit',
    'out_of_memory (exit',
    'killed signal terminated',
    'systemd-oomd killed',
    'killed out of',
    'perhaps out of memory',
    'killed: out of',
    'signal: 9, sig',
    'signal: killed',
    'signalexception: sigkill',
    'memory cgroup out',
    '\nkilled\n',
    '\nkilled\r',
    ' killed  ',
    '] killed ',
  ],
  anchor:
    /exitswithreturncode=(?:-9|247)(?!\d)|exitcode:?=?(?:137|-9)(?!\d)|exitcode:-9\(pid|invokedoom-killer|oom-kill:|OutOfmemory:Kill(?:ed)?process|oom_killevent|Memorycgroupoutofmemory|(?:srun|slurmstepd):error:\S{0,120}?(?:OutOfMemory|oom-kill)|OOMKilled|interruptedbysignal9|terminatedbysignal9|diedwith<Signals\.SIGKILL:9>|SIGKILL\(-9\)|exitedwithcode137|exitstatus:?=?(?:137|-9)(?!\d)|exitcode(?:is|of)?(?:137|-9)(?!\d)|status=9\/KILL|killedbysignal(?:9(?!\d)|:?SIGKILL)|killedbytheOOMkiller|systemd-oomdkilled|killed:?outofmemory|wassentSIGKILL!Perhapsoutofmemory|signal:9,SIGKILL|exceed(?:ed|ing)(?:step|job|the)?memorylimits?(?=[.,;]?\d|at|,|\.|$)|State:OUT_OF_MEMORY\(exitcode|fatalerror:Killedsignalterminatedprogram/gi,
  // What a shell prints for a child that died of SIGKILL.
  line: /^(?:\S{1,60}: )?(?:line \d+: )?(?:\[\d+\] {0,4}(?:[+-] {0,4})?)?(?:\d{2,9} +)?(?:Killed|killed(?= {2}))(?:: 9)?(?: {2,}\S.*|\s*\(core dumped\).*)?$/,
  precedence: 1,
  read(message): Reading {
    message.count('exit_code', EXIT);
    return {
      kind: 'host_oom',
      framework: 'system',
      backend: 'cpu',
      wording: message.match[0].slice(0, 40),
      facts: message.facts,
      counts: message.counts,
      clues: FOR_MEMORY.test(message.match[0])
        ? ['process-killed', 'killed-for-memory']
        : ['process-killed'],
      end: message.end,
    };
  },
};
