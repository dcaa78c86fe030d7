/** What would settle a case that the evidence leaves open: the piece of evidence and its command. */
import { type Statement, say } from '../base/texts.ts';
import type { Case, Growing } from './case.ts';
import { hadRoom } from './case.ts';
import {
  capCommand,
  hostCommand,
  isOnWindows,
  logCommand,
  processesCommand,
  snapshotCommand,
  stepsCommand,
  summaryCommand,
  syncCommand,
  versionsCommand,
} from './commands.ts';
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
    identity: 'the cards with their UUIDs, and which of them the program sees',
    'identity-settles': 'which card of the list is the one that failed',
    traceback: 'the whole log with its traceback',
    'traceback-settles': 'in which phase it failed, and in which line of yours',
    start: 'the engine’s whole log from its start on',
    'start-settles': 'how it divides the card between weights, cache and the rest',
    snapshot: 'a memory snapshot of a run that fails',
    'snapshot-settles': 'what the live tensors are and whether the rest is fragmented',
    steps: 'the allocated memory at the end of each step',
    'steps-settles': 'whether memory grows from step to step or one sample is too long',
    summary: 'the allocator’s summary right after the error',
    'summary-settles':
      'how much was allocated, idle and outside, which this message does not print',
    cap: 'the allocator settings and any memory fraction that the program sets',
    'cap-settles': 'why the driver refused although it had room',
    versions: 'the versions of driver, toolkit and libraries',
    'versions-settles': 'whether the libraries fit each other',
    kernel: 'the kernel’s log of the machine (or of the pod)',
    'kernel-settles': 'whether the system killed the process for host memory, and at which limit',
    host: 'how much memory the machine has, and the limits of the process',
    'host-settles': 'whether the machine is too small, or a limit is set below what it has',
    shm: 'the size of the shared memory segment',
    'shm-settles': 'whether /dev/shm is too small for the workers',
    collective: 'the same run with NCCL’s own log',
    'collective-settles': 'which call of NCCL failed, and with what',
    sync: 'the same run with synchronous launches',
    'sync-settles': 'which call fails: this error is reported by a later one',
  },
  zh: {
    processes: '任务运行期间，哪些进程占用这张卡的显存',
    'processes-settles': '是否有其他进程占用了这张卡的一部分',
    identity: '各张卡的 UUID，以及程序能看到哪几张',
    'identity-settles': '列表中的哪张卡是出错的那张',
    traceback: '包含 traceback 的完整日志',
    'traceback-settles': '在哪个阶段、你的代码哪一行出错',
    start: '推理引擎从启动开始的完整日志',
    'start-settles': '引擎如何在权重、缓存和其余部分之间划分显存',
    snapshot: '出错那次运行的显存快照',
    'snapshot-settles': '活动张量是什么，其余部分是否碎片化',
    steps: '每一步结束时的已分配显存',
    'steps-settles': '显存是逐步增长，还是某个样本过长',
    summary: '报错后立即打印的分配器摘要',
    'summary-settles': '已分配、空闲缓存和分配器之外各占多少（这条消息没有给出）',
    cap: '分配器设置，以及程序设置的显存比例',
    'cap-settles': '为何还有空闲，驱动却拒绝了申请',
    versions: '驱动、工具包和各个库的版本',
    'versions-settles': '这些库是否互相匹配',
    kernel: '机器（或 pod）的内核日志',
    'kernel-settles': '系统是否因主机内存不足杀死了进程，以及上限是多少',
    host: '机器有多少内存，以及进程受到的限制',
    'host-settles': '是机器内存太小，还是设置了低于物理内存的限制',
    shm: '共享内存段的大小',
    'shm-settles': '/dev/shm 对这些 worker 是否太小',
    collective: '打开 NCCL 自己的日志再跑一次',
    'collective-settles': 'NCCL 的哪个调用失败、错误是什么',
    sync: '以同步方式启动 kernel 再跑一次',
    'sync-settles': '究竟是哪个调用失败：这个错误是由之后的调用报告的',
  },
  ru: {
    processes: 'какие процессы занимают память карты, пока задача работает',
    'processes-settles': 'занята ли часть карты другими процессами',
    identity: 'карты с их UUID и какие из них видит программа',
    'identity-settles': 'какая карта из списка дала сбой',
    traceback: 'весь лог вместе с traceback',
    'traceback-settles': 'на каком этапе и в какой строке случился сбой',
    start: 'весь лог движка с самого запуска',
    'start-settles': 'как движок делит карту между весами, кэшем и остальным',
    snapshot: 'снимок памяти (snapshot) запуска, который падает',
    'snapshot-settles': 'что это за живые тензоры и фрагментировано ли остальное',
    steps: 'объём выделенной памяти в конце каждого шага',
    'steps-settles': 'растёт ли память от шага к шагу или один пример слишком длинный',
    summary: 'сводка аллокатора сразу после ошибки',
    'summary-settles':
      'сколько было выделено, простаивало и лежало вне аллокатора — в сообщении этого нет',
    cap: 'настройки аллокатора и доля памяти, которую задаёт программа',
    'cap-settles': 'почему драйвер отказал, хотя место было',
    versions: 'версии драйвера, тулкита и библиотек',
    'versions-settles': 'подходят ли библиотеки друг другу',
    kernel: 'журнал ядра машины (или пода)',
    'kernel-settles': 'убила ли система процесс из-за памяти хоста и при каком пределе',
    host: 'сколько памяти у машины и какие ограничения у процесса',
    'host-settles': 'мала ли память машины или задан предел ниже её объёма',
    shm: 'размер сегмента разделяемой памяти',
    'shm-settles': 'не мал ли /dev/shm для воркеров',
    collective: 'тот же запуск с журналом самой NCCL',
    'collective-settles': 'какой вызов NCCL не удался и с какой ошибкой',
    sync: 'тот же запуск с синхронным вызовом ядер',
    'sync-settles': 'какой вызов падает: об этой ошибке сообщает более поздний',
  },
} as const;

type Key = keyof (typeof TEXTS)['en'];

interface Rule {
  readonly when: (c: Case, causes: readonly WeighedCause[]) => boolean;
  readonly what: Key;
  readonly settles: Key;
  /** None where no tool is known for what the program runs on: then something else is asked for. */
  readonly command: string | ((c: Case) => string | undefined);
}

const isOfTheFailure = ({ isOfFailure }: Growing): boolean => isOfFailure;

const names = (causes: readonly WeighedCause[], ...ids: readonly string[]): boolean =>
  causes.some(({ cause }) => ids.includes(cause.id));

const DMESG = "sudo dmesg -T | grep -iE 'oom|killed process'; cat /sys/fs/cgroup/memory.max";

/** What tells whether the system killed for memory. */
export const KERNEL_LOG: Request = {
  what: say(TEXTS, 'kernel'),
  command: DMESG,
  settles: say(TEXTS, 'kernel-settles'),
};

const RULES: readonly Rule[] = [
  {
    when: (c) => hadRoom(c.amounts),
    what: 'cap',
    settles: 'cap-settles',
    command: capCommand,
  },
  {
    // A list was taken, but nothing ties its card to the one that failed.
    when: (c, causes) =>
      names(causes, 'neighbour-process', 'hidden-holder') &&
      c.observed.some(({ relation, sighted }) =>
        (sighted.devices ?? []).length > 0 ? relation !== 'same_moment' : false,
      ),
    what: 'identity',
    settles: 'identity-settles',
    command: 'nvidia-smi -L; echo "$CUDA_VISIBLE_DEVICES $CUDA_DEVICE_ORDER"',
  },
  {
    when: (_, causes) => causes[0]?.cause.id === 'hidden-holder',
    what: 'processes',
    settles: 'processes-settles',
    command: 'sudo fuser -v /dev/nvidia*',
  },
  {
    when: (c) =>
      c.kind === 'gpu_oom' &&
      !(c.backend === 'tpu' && c.phase.value === 'compile') &&
      c.amounts.others === undefined &&
      c.amounts.outside === undefined,
    what: 'processes',
    settles: 'processes-settles',
    command: processesCommand,
  },
  {
    when: (c) => c.kind === 'gpu_oom' && c.has('asynchronous'),
    what: 'sync',
    settles: 'sync-settles',
    command: syncCommand,
  },
  {
    when: (c) => c.kind === 'gpu_oom' && c.isEngine,
    what: 'start',
    settles: 'start-settles',
    command: logCommand,
  },
  {
    when: (c) => c.kind === 'gpu_oom' && c.phase.value === 'unknown',
    what: 'traceback',
    settles: 'traceback-settles',
    command: logCommand,
  },
  {
    when: (c, causes) =>
      c.kind !== 'look_alike' &&
      names(causes, 'growth-over-steps', 'longest-sample') &&
      !c.growth.some(isOfTheFailure),
    what: 'steps',
    settles: 'steps-settles',
    command: stepsCommand,
  },
  {
    when: (_, causes) => names(causes, 'broken-install'),
    what: 'versions',
    settles: 'versions-settles',
    command: versionsCommand,
  },
  {
    when: (c) => c.kind === 'gpu_oom' && c.amounts.live === undefined && !c.has('kv-cache'),
    what: 'summary',
    settles: 'summary-settles',
    command: summaryCommand,
  },
  {
    when: (c, causes) =>
      c.kind === 'gpu_oom' &&
      c.amounts.live !== undefined &&
      !c.isExact &&
      causes[0]?.strength !== 'proven',
    what: 'snapshot',
    settles: 'snapshot-settles',
    command: snapshotCommand,
  },
  {
    when: (c) => c.kind === 'gpu_oom',
    what: 'traceback',
    settles: 'traceback-settles',
    command: logCommand,
  },
  {
    when: (c) => c.kind === 'host_oom' && c.has('shared-memory-segment'),
    what: 'shm',
    settles: 'shm-settles',
    command: 'df -h /dev/shm',
  },
  {
    // Refused, not killed: the kernel's log says nothing of it.
    when: (c) =>
      c.kind === 'host_oom' &&
      !c.has('shared-memory-segment') &&
      !c.has('process-killed') &&
      !c.frameworks.includes('kubernetes'),
    what: 'host',
    settles: 'host-settles',
    command: hostCommand,
  },
  {
    when: (c) => c.kind === 'host_oom' && !c.has('shared-memory-segment') && !isOnWindows(c),
    what: 'kernel',
    settles: 'kernel-settles',
    command: (c) => (c.frameworks.includes('kubernetes') ? 'kubectl describe pod POD' : DMESG),
  },
  {
    when: (c) => c.has('collective-failed'),
    what: 'collective',
    settles: 'collective-settles',
    command: 'NCCL_DEBUG=INFO torchrun … train.py 2>&1 | unoom diagnose -',
  },
  {
    when: (c) => c.kind === 'look_alike',
    what: 'traceback',
    settles: 'traceback-settles',
    command: logCommand,
  },
];

/** At most two requests: those that would settle most. Nothing when the cause is proven. */
export function evidenceToAskFor(c: Case, causes: readonly WeighedCause[]): Request[] {
  if (causes[0]?.strength === 'proven') return [];
  const asked = new Map<Key, Request>();
  for (const { when, what, settles, command } of RULES) {
    if (asked.size === 2) break;
    const told = typeof command === 'string' ? command : command(c);
    if (told === undefined || asked.has(what) || !when(c, causes)) continue;
    asked.set(what, { what: say(TEXTS, what), command: told, settles: say(TEXTS, settles) });
  }
  return [...asked.values()];
}
