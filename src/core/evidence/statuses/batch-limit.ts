/** LSF, PBS, Grid Engine and HTCondor: jobs that a batch system ended at a limit. */
import type { Fact, Quantity } from '../../ledger/fact.ts';
import { type EventRule, eventsIn, linesBetween, momentsOf } from '../around.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';

const HINT =
  /TERM_|Exited (?:with exit code|by signal)|PBS: job killed|hard limit|assumedly after job|qmaster enforced|memory limit|exit_status|Exit_status/;

const RULES: readonly EventRule[] = [
  {
    kind: 'killed-for-memory',
    pattern: /\b(?<code>TERM_(?:MEMLIMIT|SWAP|CGROUP_OOM))\b: job killed/,
  },
  { kind: 'killed', pattern: /\b(?<code>TERM_[A-Z_]{3,30})\b: job (?:killed|exited)/ },
  { kind: 'exit', pattern: /^\s*Exited with exit code (?<exit>\d{1,5})\./ },
  { kind: 'exit', pattern: /^\s*Exited by signal (?<signal>\d{1,2})\./ },
  {
    kind: 'killed-for-memory',
    pattern: /PBS: job killed: (?:p?mem|p?vmem|cgroup mem)\b/,
    more: () => ({ code: 'mem' }),
  },
  { kind: 'killed', pattern: /PBS: job killed: (?<code>\w{1,30}) / },
  {
    kind: 'killed-for-memory',
    pattern:
      /job (?<who>\d[\d.]{0,20}) exceed(?:s|ed) (?:job )?(?:hard|soft) limit "?(?<code>(?:h|s)_(?:vmem|rss|data))"?/,
    more: (_, lines, at) => {
      const signal = /sending (SIG[A-Z0-9]{2,9})/.exec(lines[at]?.text ?? '')?.[1];
      return { signal };
    },
  },
  {
    kind: 'killed',
    pattern:
      /job (?<who>\d[\d.]{0,20}) exceed(?:s|ed) (?:job )?(?:hard|soft) limit "?(?<code>[hs]_(?:rt|cpu))"?/,
  },
  {
    kind: 'killed',
    pattern: /qmaster enforced (?<code>h_rt, h_cpu,? or h_vmem) limit/,
  },
  {
    kind: 'killed-for-memory',
    pattern: /Job has gone over (?:cgroup )?memory limit of \d{1,12} (?:megabytes|MB)/i,
    more: (_, lines, at) => ({
      who: /Error from (\S{1,100}?):/.exec(lines[at]?.text ?? '')?.[1],
      code: 'memory limit',
    }),
  },
];

export const batchLimit: StatusReader = {
  id: 'batch-limit',
  code: 'UN671',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A batch job at its limit',
      summary:
        'LSF, PBS, Grid Engine or HTCondor ended the job: which limit, and what it had used.',
    },
    zh: {
      title: '触及限制的批处理作业',
      summary: 'LSF、PBS、Grid Engine 或 HTCondor 结束了作业：触及哪项限制，以及已用了多少。',
    },
    ru: {
      title: 'Пакетное задание, достигшее лимита',
      summary:
        'LSF, PBS, Grid Engine или HTCondor завершает задание: какой лимит достигнут и сколько израсходовано.',
    },
  },
  sources: [
    'IBM Spectrum LSF 10.1: job termination reasons',
    'openpbs@v23.06:src/resmom/linux/mom_mach.c',
    'Son of Grid Engine 8.1.9:source/daemons/execd/reaper_execd.c',
    'htcondor@v23:src/condor_starter.V6.1/vanilla_proc.cpp',
  ],
  needles: [
    'term_memlimit',
    'term_runlimit',
    'term_owner: job',
    'resource usage summary',
    'pbs: job killed',
    'hard limit ',
    'gone over memory limit',
    'qmaster enforced',
  ],
  read(passage: Passage): Sighting[] {
    return momentsOf(eventsIn(passage, HINT, RULES)).map((moment) => withFigures(moment, passage));
  },
};

interface Figure {
  readonly quantity: Quantity;
  /** Groups: size, and unit where it is printed. */
  readonly pattern: RegExp;
  readonly unit?: string;
}

const FIGURES: readonly Figure[] = [
  // LSF: MB is 2^20. What was requested for placing the job is no limit.
  {
    quantity: 'host_used',
    pattern: /^\s*Max Memory :\s+(?<size>\d{1,12}(?:\.\d{1,3})?) (?<unit>[KMGT]?B(?:ytes)?)\s*$/i,
  },
  {
    quantity: 'host_used',
    pattern:
      /PBS: job killed: (?:p?v?mem|cgroup mem)[\w ]{0,20}? (?<size>\d{1,15}) ?(?<unit>[kmg]?b) exceeded limit/,
  },
  {
    quantity: 'host_total',
    pattern:
      /PBS: job killed: (?:p?v?mem|cgroup mem).{0,60}? exceeded limit (?<size>\d{1,15}) ?(?<unit>[kmg]?b)/,
  },
  {
    quantity: 'host_used',
    pattern:
      /hard limit "?h_(?:vmem|rss)\b.{0,120}?\((?<size>\d{1,12}(?:\.\d{1,5})?)(?<unit>[KMGTkmgt]?)\s?>/,
  },
  {
    quantity: 'host_total',
    pattern:
      /hard limit "?h_(?:vmem|rss)\b.{0,160}?limit:\s?(?<size>\d{1,12}(?:\.\d{1,5})?)(?<unit>[KMGTkmgt]?)\)/,
  },
  {
    quantity: 'host_total',
    pattern: /over (?:cgroup )?memory limit of (?<size>\d{1,12}) (?:megabytes|MB)/i,
    unit: 'MiB',
  },
  {
    quantity: 'host_used',
    pattern: /Peak usage: (?<size>\d{1,12}) (?:megabytes|MB)/i,
    unit: 'MiB',
  },
];

/** Figures of the lines of the moment, and of the summary that follows it. */
const SUMMARY = 16;

function withFigures(moment: Sighting, { lines, source }: Passage): Sighting {
  const facts: Fact[] = [];
  let last = moment.last;
  for (const line of linesBetween(lines, moment.line, moment.last + SUMMARY)) {
    for (const { quantity, pattern, unit } of FIGURES) {
      const groups = pattern.exec(line.text)?.groups;
      const digits = groups?.['size'];
      if (digits === undefined || facts.some((fact) => fact.quantity === quantity)) continue;
      const word = unit ?? (groups?.['unit'] || 'bytes');
      facts.push(statusFact(quantity, { digits, unit: word }, { source, line: line.number }));
      last = Math.max(last, line.number);
    }
  }
  return facts.length === 0 ? moment : { ...moment, last, facts };
}
