/** What would settle a case that the evidence leaves open: the piece of evidence and its command. */
import { type Statement, say } from '../base/texts.ts';
import type { Case } from './case.ts';
import { hadRoom } from './case.ts';
import type { WeighedCause } from './weigh.ts';

export interface Request {
  readonly what: Statement;
  readonly command: string;
  readonly settles: Statement;
}

const TEXTS = {
  en: {
    processes: 'which processes hold memory on the card, while the job runs',
    'processes-settles': 'whether other processes hold part of the card',
    traceback: 'the whole log with its traceback',
    'traceback-settles': 'in which phase it failed, and in which line of yours',
    snapshot: 'a memory snapshot of a run that fails',
    'snapshot-settles': 'what the live tensors are and whether the rest is fragmented',
    summary: 'the allocator’s summary right after the error',
    'summary-settles':
      'how much was allocated, idle and outside, which this message does not print',
    cap: 'the allocator settings and any memory fraction that the program sets',
    'cap-settles': 'why the driver refused although it had room',
    kernel: 'the kernel’s log of the machine (or of the pod)',
    'kernel-settles': 'whether the system killed the process for host memory, and at which limit',
    shm: 'the size of the shared memory segment',
    'shm-settles': 'whether /dev/shm is too small for the workers',
    sync: 'the same run with synchronous launches',
    'sync-settles': 'which call fails: this error is reported by a later one',
  },
  zh: {},
  ru: {},
} as const;

interface Rule {
  readonly when: (c: Case, causes: readonly WeighedCause[]) => boolean;
  readonly what: keyof (typeof TEXTS)['en'];
  readonly settles: keyof (typeof TEXTS)['en'];
  readonly command: string;
}

const RULES: readonly Rule[] = [
  {
    when: (c) => hadRoom(c.amounts),
    what: 'cap',
    settles: 'cap-settles',
    command: "env | grep -i ALLOC_CONF; grep -rn 'set_per_process_memory_fraction' .",
  },
  {
    when: (c) =>
      c.kind === 'gpu_oom' &&
      c.backend === 'cuda' &&
      c.amounts.others === undefined &&
      c.amounts.outside === undefined,
    what: 'processes',
    settles: 'processes-settles',
    command: 'nvidia-smi --query-compute-apps=gpu_uuid,pid,used_memory,process_name --format=csv',
  },
  {
    when: (c) => c.kind === 'gpu_oom' && c.has('asynchronous'),
    what: 'sync',
    settles: 'sync-settles',
    command: 'CUDA_LAUNCH_BLOCKING=1 python train.py 2>&1 | tee train.log',
  },
  {
    when: (c) => c.kind === 'gpu_oom' && c.phase.value === 'unknown',
    what: 'traceback',
    settles: 'traceback-settles',
    command: 'python train.py 2>&1 | tee train.log; unoom diagnose train.log',
  },
  {
    when: (c) => c.kind === 'gpu_oom' && c.amounts.live === undefined && !c.has('kv-cache'),
    what: 'summary',
    settles: 'summary-settles',
    command: 'print(torch.cuda.memory_summary())',
  },
  {
    when: (c, causes) =>
      c.kind === 'gpu_oom' && c.amounts.live !== undefined && causes[0]?.strength !== 'proven',
    what: 'snapshot',
    settles: 'snapshot-settles',
    command:
      'torch.cuda.memory._record_memory_history(); …; torch.cuda.memory._dump_snapshot("oom.pickle")',
  },
  {
    when: (c) => c.kind === 'host_oom' && c.has('shared-memory-segment'),
    what: 'shm',
    settles: 'shm-settles',
    command: 'df -h /dev/shm',
  },
  {
    when: (c) => c.kind === 'host_oom' && !c.has('shared-memory-segment'),
    what: 'kernel',
    settles: 'kernel-settles',
    command: "sudo dmesg -T | grep -iE 'oom|killed process'",
  },
];

/** At most two requests: those that would settle most. Nothing when the cause is proven. */
export function evidenceToAskFor(c: Case, causes: readonly WeighedCause[]): Request[] {
  if (causes[0]?.strength === 'proven') return [];
  return RULES.filter((rule) => rule.when(c, causes))
    .slice(0, 2)
    .map((rule) => ({
      what: say(TEXTS, rule.what),
      command: rule.command,
      settles: say(TEXTS, rule.settles),
    }));
}
