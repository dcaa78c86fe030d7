/** The kernel's OOM killer: whom it killed, how much that process held, under which limit. */

import { phrase } from '../../base/texts.ts';
import type { Fact, Quantity } from '../../ledger/fact.ts';
import { defined, eventAt, hostOf, kernelText, stampOf } from '../around.ts';
import {
  type Gap,
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  statusFact,
} from '../status.ts';
import type { Line } from '../text/dress.ts';

const INVOKED = /(?:^|\s)(\S.{0,60}?) invoked oom-killer: gfp_mask=/;
const USAGE = /^memory: usage (\d{1,15})kB, limit (\d{1,17})kB, failcnt \d/;
const RAM = /^(\d{1,12}) pages RAM$/;
const FREE = /^\s*free:(\d{1,12}) free_pcp:/;
const TABLE = /^\[\s*pid\s*\]\s+uid\s+tgid\s+total_vm\s+rss\s+(\S.*)$/;
const ROW = /^\[\s*(\d{1,9})\]\s+(\d{1,10})\s+(\d{1,9})\s+(\d{1,15})\s+(\d{1,15})\s+(\S.*)$/;
const CHOSEN =
  /^.{0,120}?oom-kill:constraint=(\w{1,40})(?:,.{0,4000}?oom_memcg=([^,]{1,1000}))?(?:,.{0,4000}?task=([^,]{1,64}),pid=(\d{1,9}))?/;
const KILLED = /Kill(ed|) process (\d{1,9})(?:, UID \d{1,10},)? ?\(([^)]{1,64})\)/;
const REAPED = /oom_reaper: reaped process (\d{1,9}) \(([^)]{1,64})\)/;

const SIZES_OF_KILLED = phrase({
  en: 'the sizes of the killed process',
  zh: '被杀死进程的内存大小',
  ru: 'размеры памяти убитого процесса',
});
const REPORT_OF_KILLED = phrase({
  en: 'the kernel\u2019s report of the killed process',
  zh: '内核关于被杀死进程的报告',
  ru: 'отчёт ядра об убитом процессе',
});

/** A limit beyond this is none: the kernel prints PAGE_COUNTER_MAX for "no limit". */
const NO_LIMIT_KB = 2 ** 50;

interface Task {
  readonly pid: number;
  readonly rss: number;
  readonly line: Line;
}

interface Report {
  readonly first: Line;
  last: Line;
  isOpen: boolean;
  invoked: boolean;
  usage?: { used: string; limit: string; line: Line };
  ram?: { pages: number; line: Line };
  free?: { pages: number; line: Line };
  table?: Line;
  readonly tasks: Task[];
  group?: string;
  victim?: { pid: number; name: string; line: Line; kb?: number };
  /** "Kill process … or sacrifice child": the one that was meant, which need not be the one killed. */
  meant?: boolean;
  broken?: Line;
}

export const kernelOom: StatusReader = {
  id: 'kernel-oom',
  code: 'UN666',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'The kernel\u2019s OOM report',
      summary:
        'dmesg or the journal: the process that was killed for host memory, what it held, and the limit that was reached.',
    },
    zh: {
      title: '内核的 OOM 报告',
      summary:
        'dmesg 或系统日志（journal）：因主机内存不足被杀死的进程、它占用的内存，以及触及的限制。',
    },
    ru: {
      title: 'Отчёт ядра об OOM',
      summary:
        'dmesg или журнал systemd: какой процесс убит из-за нехватки памяти хоста, сколько он занимал и какой лимит достигнут.',
    },
  },
  sources: ['linux@v6.6:mm/oom_kill.c', 'linux@v6.6:mm/memcontrol.c', 'linux@v3.10:mm/oom_kill.c'],
  needles: [
    'invoked oom-killer',
    'oom-kill:constraint',
    'out of memory: kill',
    'oom_reaper: reaped',
    'killed process ',
  ],
  read({ source, lines, goes_on }: Passage): Sighting[] {
    const reports: Report[] = [];
    for (const line of lines) take(reports, line);
    return reports.flatMap((report) => {
      const isLast = report === reports.at(-1) && !goes_on;
      return sightingOf(report, source, isLast) ?? [];
    });
  },
};

const HINT =
  /oom|Kill(?:ed|) process|pages RAM|free_pcp|memory: usage|^\[? {0,6}[\d.]{0,20}\]? ?\[\s*(?:pid|\d{1,9})\s*\]|total_vm|\]\s+\d/;
const MOST_TASKS = 8192;

/** Lines of one report lie no farther apart: modules, registers and a long list of tasks stand between. */
const REACH = 3000;

function take(reports: Report[], line: Line): void {
  if (!HINT.test(line.text)) return;
  const text = kernelText(line);
  const last = reports.at(-1);
  const open = last?.isOpen === true && line.number - last.last.number < REACH ? last : undefined;
  const begin = (invoked: boolean): Report => {
    const report: Report = { first: line, last: line, isOpen: true, invoked, tasks: [] };
    reports.push(report);
    return report;
  };
  const use = (): Report => {
    const report = open ?? begin(false);
    report.last = line;
    return report;
  };
  if (INVOKED.test(text)) {
    // Two lines of one report: some kernels print it twice.
    if (open === undefined || !open.invoked || open.victim !== undefined || open.tasks.length > 0) {
      begin(true);
    }
    return;
  }
  const usage = USAGE.exec(text);
  if (usage !== null) {
    use().usage = { used: usage[1] ?? '', limit: usage[2] ?? '', line };
    return;
  }
  if (open !== undefined) {
    const ram = RAM.exec(text)?.[1];
    const free = FREE.exec(text)?.[1];
    if (ram !== undefined) use().ram = { pages: Number(ram), line };
    else if (free !== undefined) use().free = { pages: Number(free), line };
    if (ram !== undefined || free !== undefined) return;
  }
  if (TABLE.test(text)) {
    use().table = line;
    return;
  }
  const row = open?.table === undefined ? null : ROW.exec(text);
  if (row !== null && open !== undefined) {
    if (open.tasks.length < MOST_TASKS)
      open.tasks.push({ pid: Number(row[1]), rss: Number(row[5]), line });
    open.last = line;
    return;
  }
  const chosen = CHOSEN.exec(text);
  if (chosen !== null) {
    const report = open?.victim === undefined ? use() : begin(false);
    report.group = chosen[2] ?? chosen[1] ?? '';
    const [name, pid] = [chosen[3], chosen[4]];
    if (name !== undefined && pid !== undefined) report.victim = { pid: Number(pid), name, line };
    return;
  }
  const killed = KILLED.exec(text);
  if (killed !== null && isKernels(text, killed)) {
    takeKilled(reports, open, begin, line, text, killed);
    return;
  }
  const reaped = REAPED.exec(text);
  if (reaped !== null) {
    const pid = Number(reaped[1]);
    if (reports.slice(-8).some(({ victim }) => victim?.pid === pid)) return;
    const report = use();
    report.victim ??= { pid, name: reaped[2] ?? '', line };
    report.isOpen = false;
  }
}

/** Other programs kill processes too, and say so in fewer words. */
const isKernels = (text: string, { index }: RegExpExecArray): boolean =>
  /out of memory[^:]{0,40}: $/i.test(text.slice(0, index)) ||
  /total-vm:|\bscore \d/.test(text.slice(index));

function takeKilled(
  reports: Report[],
  open: Report | undefined,
  begin: (invoked: boolean) => Report,
  line: Line,
  text: string,
  killed: RegExpExecArray,
): void {
  const pid = Number(killed[2]);
  const isMeant = killed[1] === '';
  const before = open ?? reports.at(-1);
  const goesOn =
    before !== undefined &&
    line.number - before.last.number < REACH &&
    (before.victim === undefined ||
      before.victim.pid === pid ||
      (before.meant === true && !isMeant));
  const report = goesOn && (before.isOpen || before.victim?.pid === pid) ? before : begin(false);
  if (report.victim?.kb !== undefined) {
    report.last = line;
    return;
  }
  const kb = rssOf(text);
  report.victim = { pid, name: killed[3] ?? '', line, ...(kb !== undefined && { kb }) };
  report.meant = isMeant;
  report.last = line;
  if (!isMeant) report.isOpen = false;
  if (!isMeant && /total-vm|-rss/.test(text) && kb === undefined) report.broken = line;
  if (report.group === undefined && /Memory cgroup out of memory/i.test(text)) report.group = '';
}

/** What a process holds of the machine: anonymous, file and shared pages that are resident. */
function rssOf(text: string): number | undefined {
  const anon = /anon-rss:(\d{1,15})kB/.exec(text)?.[1];
  if (anon === undefined) return undefined;
  const [file = '0', shmem = '0'] = [
    /file-rss:(\d{1,15})kB/.exec(text)?.[1],
    /shmem-rss:(\d{1,15})kB/.exec(text)?.[1],
  ];
  return Number(anon) + Number(file) + Number(shmem);
}

/** KiB per page: 4, and 16 or 64 on some ARM kernels, where the killed process is counted both ways. */
function pageOf({ victim, tasks }: Report): number {
  const row = tasks.find(({ pid }) => pid === victim?.pid);
  if (row === undefined || victim?.kb === undefined || row.rss === 0) return 4;
  const ratio = victim.kb / row.rss;
  return [4, 16, 64].find((page) => ratio > page * 0.8 && ratio < page * 1.25) ?? 4;
}

function sightingOf(report: Report, source: string, isLast: boolean): Sighting | undefined {
  const { first, last, victim, usage, group } = report;
  const page = pageOf(report);
  const facts: Fact[] = [];
  const put = (quantity: Quantity, kb: number | string, line: Line, pid?: number): void => {
    const size = { digits: String(kb), unit: 'kB' };
    facts.push(
      statusFact(quantity, size, { source, line: line.number }, pid === undefined ? {} : { pid }),
    );
  };
  const row = report.tasks.find(({ pid }) => pid === victim?.pid);
  if (victim?.kb !== undefined) put('host_process', victim.kb, victim.line, victim.pid);
  else if (row !== undefined) put('host_process', row.rss * page, row.line, row.pid);
  if (usage !== undefined) {
    put('host_used', usage.used, usage.line);
    if (Number(usage.limit) < NO_LIMIT_KB) put('host_total', usage.limit, usage.line);
  } else if (report.ram !== undefined && !isOfGroup(group)) {
    put('host_total', report.ram.pages * page, report.ram.line);
    if (report.free !== undefined) put('host_free', report.free.pages * page, report.free.line);
  }
  for (const task of report.tasks) {
    if (task !== row) put('host_process', task.rss * page, task.line, task.pid);
  }
  const events: SeenEvent[] = [
    victim === undefined
      ? // Whom it killed is cut off; the one that asked for memory need not be the one.
        eventAt(first, 'killed-for-memory', { says: kernelText(first) })
      : eventAt(victim.line, 'killed-for-memory', {
          says: kernelText(victim.line),
          pid: victim.pid,
          who: victim.name,
        }),
  ];
  // A list of tasks without anything else is no report of this kind.
  if (victim === undefined && !report.invoked) return undefined;
  const gaps = gapsOf(report, isLast);
  const label = labelOf(group, victim?.line);
  return {
    line: first.number,
    last: last.number,
    ...defined({ time: stampOf(victim?.line ?? first), host: hostOf(first) }),
    ...(label !== undefined && { label }),
    facts,
    events,
    ...(gaps.length > 0 && { gaps }),
  };
}

const isOfGroup = (group: string | undefined): boolean =>
  group !== undefined && (group === '' || group.startsWith('/') || group === 'CONSTRAINT_MEMCG');

function labelOf(group: string | undefined, line: Line | undefined): string | undefined {
  if (group?.startsWith('/')) return `memory cgroup ${group}`;
  if (isOfGroup(group) || /Memory cgroup/i.test(line?.text ?? '')) return 'a memory cgroup';
  return undefined;
}

function gapsOf({ victim, invoked, last, broken }: Report, isLast: boolean): Gap[] {
  if (broken !== undefined && isLast)
    return [{ code: 'cut-off', line: broken.number, where: SIZES_OF_KILLED }];
  return invoked && victim === undefined && isLast
    ? [
        {
          code: 'cut-off',
          line: last.number,
          where: REPORT_OF_KILLED,
        },
      ]
    : [];
}
