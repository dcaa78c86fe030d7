/** Slurm: sacct, seff, scontrol show job, and what slurmstepd and srun print into the job's log. */
import type { Fact } from '../../ledger/fact.ts';
import {
  defined,
  type EventRule,
  eventAt,
  eventsIn,
  type Fields,
  linesBetween,
  momentsOf,
  signalName,
} from '../around.ts';
import {
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  statusFact,
} from '../status.ts';
import type { Line } from '../text/dress.ts';

const HINT = /slurmstepd|srun|oom[-_]kill|memory limit|task\(?s?\)? \d|CANCELLED|NODE FAIL/;

const WHERE = String.raw`srun: error: (?<host>[\w.-]{1,100}): tasks? (?<tasks>\d[\d,-]{0,200}): `;

/** "task 5" is one rank; of "tasks 0-7" no single one is meant. */
const taskOf = (match: RegExpExecArray): Fields => {
  const tasks = match.groups?.['tasks'] ?? '';
  return { rank: /^\d{1,6}$/.test(tasks) ? Number(tasks) : undefined };
};

const RULES: readonly EventRule[] = [
  {
    kind: 'killed-for-memory',
    pattern:
      /Detected (?<count>\d{1,9}) oom[-_]kill event(?:\(?s?\)?) in (?:StepId=|step )(?<who>[\w.+-]{1,60}?)(?: cgroup)?\.(?:\s|$)/,
  },
  {
    kind: 'killed-for-memory',
    pattern:
      /Detected (?<count>\d{1,9}) oom[-_]kill event(?:\(?s?\)?) in (?:StepId=|step )?(?<who>[\w.+-]{1,60})/,
  },
  { kind: 'killed-for-memory', pattern: /error: Exceeded (?:step|job) memory limit at some point/ },
  {
    kind: 'killed-for-memory',
    pattern:
      /(?:Job|Step|StepId=|JobId=)\s?(?<who>[\w.+-]{1,60}) exceeded (?:virtual )?memory limit \((?<used>\d{1,15}) > (?<limit>\d{1,15})\)/,
  },
  { kind: 'killed-for-memory', pattern: new RegExp(`${WHERE}Out Of Memory`), more: taskOf },
  {
    kind: 'exit',
    pattern: new RegExp(`${WHERE}Exited with exit code (?<exit>\\d{1,5})`),
    more: taskOf,
  },
  {
    kind: 'killed',
    pattern: new RegExp(`${WHERE}(?<signal>Killed|Terminated)`),
    more: taskOf,
  },
  {
    kind: 'exit',
    pattern: new RegExp(
      `${WHERE}(?<signal>Segmentation fault|Aborted|Bus error|Floating point exception|Illegal instruction|Hangup|Interrupt)`,
    ),
    more: taskOf,
  },
  {
    kind: 'killed',
    pattern:
      /\*\*\* (?:JOB|STEP) (?<who>[\w.+-]{1,60}) ON (?<host>[\w.-]{1,100}) CANCELLED AT (?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?: DUE TO (?<why>[A-Za-z ]{1,60}?))?(?:,.{0,100})? \*\*\*/,
    more: ({ groups }) => ({ code: groups?.['why'] }),
  },
  {
    kind: 'killed',
    pattern: /srun: error: Node failure on (?<host>[\w.,[\]-]{1,100})/,
    more: () => ({ code: 'NODE FAILURE' }),
  },
  {
    kind: 'killed',
    pattern:
      /srun: (?:launch\/slurm: _step_signal: )?(?:Force )?[Tt]erminat(?:ing|ed) (?:job step |StepId=)(?<who>[\w.+-]{1,60})/,
  },
];

export const slurmJob: StatusReader = {
  id: 'slurm-job',
  code: 'UN670',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A Slurm job',
      summary:
        'How a job, its steps and its tasks ended, and what they used of the memory they had: sacct, seff, scontrol, slurmstepd, srun.',
    },
    zh: {
      title: 'Slurm 作业',
      summary:
        '作业、作业步和任务如何结束，以及分到的内存用了多少：sacct、seff、scontrol、slurmstepd、srun。',
    },
    ru: {
      title: 'Задание Slurm',
      summary:
        'Как завершились задание, его шаги и задачи и сколько из отведённой памяти они заняли: sacct, seff, scontrol, slurmstepd, srun.',
    },
  },
  sources: [
    'slurm@24.05:src/sacct, src/common/slurm_protocol_defs.c job_state_string',
    'slurm@24.05:src/plugins/task/cgroup/task_cgroup_memory.c',
    'slurm@24.05:contribs/seff/seff',
  ],
  needles: [
    'out_of_me',
    'oom_kill event',
    'oom-kill event',
    'memory efficiency:',
    'jobstate=',
    'slurmstepd: ',
    'srun: error: ',
    'exceeded memory limit',
    'exceeded step memory',
    'jobid|job',
    '     state exitcode',
  ],
  sign: /OUT_OF|RSS|JobID|srun|slurm|Memory Utilized|JobState|Mem=/i,
  read(passage: Passage): Sighting[] {
    const loose = momentsOf(eventsIn(passage, HINT, RULES)).map((moment) =>
      withLimits(moment, passage),
    );
    return [
      ...accountedIn(passage),
      ...efficiencyIn(passage),
      ...controlledIn(passage),
      ...loose,
    ].sort((a, b) => a.line - b.line);
  },
};

/** "exceeded memory limit (34000000 > 33554432), being killed": KiB. */
function withLimits(moment: Sighting, { lines, source }: Passage): Sighting {
  const near = linesBetween(lines, moment.line, moment.last);
  const facts = near.flatMap(({ number, text }): Fact[] => {
    const match = /exceeded (?:virtual )?memory limit \((\d{1,15}) > (\d{1,15})\)/.exec(text);
    if (match === null) return [];
    const place = { source, line: number };
    return [
      statusFact('host_used', { digits: match[1] ?? '', unit: 'KiB' }, place),
      statusFact('host_total', { digits: match[2] ?? '', unit: 'KiB' }, place),
    ];
  });
  return facts.length === 0 ? moment : { ...moment, facts };
}

// --- sacct

interface Row {
  readonly line: Line;
  readonly cells: ReadonlyMap<string, string>;
}

const STATES =
  /^(?:BOOT_FAIL|CANCELLED|COMPLETED|COMPLETING|DEADLINE|FAILED|NODE_FAIL|OUT_OF_MEMORY|PENDING|PREEMPTED|REQUEUED|RUNNING|SUSPENDED|TIMEOUT|OUT_OF_ME\w*\+?|CANCELLED\+|PREEMPT\w*\+|COMPLETE\w*\+?|NODE_FA\w*\+)\b/;

/** Rows of one job, in order: the job itself, then its steps. */
function accountedIn({ lines, source }: Passage): Sighting[] {
  const jobs: { id: string; rows: Row[] }[] = [];
  let columns: Columns | undefined;
  let isFar = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line === undefined) break;
    const header = headerAt(lines, at);
    if (header !== undefined) {
      columns = header;
      isFar = 0;
      continue;
    }
    if (/^\s*-+(?:\s+-+)+\s*$/.test(line.text)) continue;
    const cells =
      columns === undefined
        ? bareRow(line.text)
        : isFar < 4
          ? cellsOf(line.text, columns)
          : undefined;
    const id = cells?.get('jobid') ?? cells?.get('jobidraw');
    if (cells === undefined || id === undefined) {
      if (line.text.trim() !== '') isFar++;
      if (isFar >= 4) columns = undefined;
      continue;
    }
    const job = id.replace(/\..*$/, '');
    const last = jobs.at(-1);
    if (last?.id === job && at > 0) last.rows.push({ line, cells });
    else jobs.push({ id: job, rows: [{ line, cells }] });
    if (jobs.length > 4096) break;
  }
  return jobs.flatMap((job) => jobOf(job, source) ?? []);
}

interface Columns {
  readonly names: readonly string[];
  /** First and last position of each column; absent in the form with bars. */
  readonly spans?: readonly (readonly [number, number])[];
}

function headerAt(lines: readonly Line[], at: number): Columns | undefined {
  const text = lines[at]?.text ?? '';
  if (!/\bJobID(?:Raw)?\b/.test(text) || !/\b(?:State|ExitCode|MaxRSS)\b/.test(text))
    return undefined;
  if (text.includes('|')) return { names: text.trim().toLowerCase().split('|') };
  const names = text.trim().toLowerCase().split(/\s+/);
  const below = lines[at + 1]?.text ?? '';
  if (!/^\s*-+(?:\s+-+)+\s*$/.test(below)) return { names };
  const spans = [...below.matchAll(/-+/g)].map(
    ({ index, 0: dashes }) => [index, index + dashes.length] as const,
  );
  return spans.length === names.length ? { names, spans } : { names };
}

const ID = /^\d{1,12}(?:_(?:\d{1,8}|\[[^\]]{1,60}\]))?(?:\+\d{1,4})?(?:\.[\w+]{1,40})?$/;

function cellsOf(text: string, { names, spans }: Columns): Map<string, string> | undefined {
  const barred = text.includes('|') ? text.trim().split('|') : undefined;
  const words = text.trim().split(/\s+/);
  const values =
    barred !== undefined && spans === undefined
      ? barred
      : spans !== undefined && isAligned(text, spans)
        ? spans.map(([first, last]) => text.slice(first, last).trim())
        : words.length === names.length
          ? words
          : undefined;
  if (values === undefined) return bareRow(text);
  const cells = new Map<string, string>();
  names.forEach((name, index) => {
    const value = values[index]?.trim() ?? '';
    if (name !== '' && value !== '') cells.set(name, value);
  });
  const id = cells.get('jobid') ?? cells.get('jobidraw') ?? '';
  return ID.test(id) ? cells : undefined;
}

/** No word of the row crosses the edge between two columns. */
const isAligned = (text: string, spans: readonly (readonly [number, number])[]): boolean =>
  spans.every(([first, last]) => {
    const [before, after] = [text[first - 1], text[last]];
    return (before === undefined || before === ' ') && (after === undefined || after === ' ');
  });

/** A row without its header: id, a state that Slurm has, and code:signal. */
function bareRow(text: string): Map<string, string> | undefined {
  const words = text.trim().split(/[\s|]+/);
  const [id = ''] = words;
  const state = words.findIndex((word) => STATES.test(word));
  const exit = words.find((word) => /^\d{1,3}:\d{1,3}$/.test(word));
  if (!ID.test(id) || state < 0 || exit === undefined || words.length > 40) return undefined;
  return new Map([
    ['jobid', id],
    ['state', words[state] ?? ''],
    ['exitcode', exit],
  ]);
}

function jobOf(
  { id, rows }: { id: string; rows: readonly Row[] },
  source: string,
): Sighting | undefined {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const events = rows.flatMap((row) => endOf(row) ?? []);
  const used = rows
    .flatMap(({ line, cells }) => {
      const rss = memoryOf(cells.get('maxrss') ?? tresMemory(cells.get('tresusageinmax')));
      return rss === undefined
        ? []
        : statusFact('host_process', rss, { source, line: line.number });
    })
    .sort((a, b) => high(b) - high(a));
  const facts: Fact[] = [...used.slice(0, 64)];
  for (const { line, cells } of rows) {
    const limit = limitOf(cells);
    if (limit === undefined) continue;
    facts.push(statusFact('host_total', limit, { source, line: line.number }));
    break;
  }
  if (events.length === 0 && facts.length === 0) return undefined;
  const nodes = first.cells.get('nodelist');
  const time = first.cells.get('end');
  return {
    line: first.line.number,
    last: last.line.number,
    ...defined({
      time: time !== undefined && /^\d{4}-/.test(time) ? time : undefined,
      host:
        nodes !== undefined && /^[\w.-]{1,100}$/.test(nodes) && nodes !== 'None'
          ? nodes
          : undefined,
    }),
    label: `job ${id}`,
    facts,
    events,
  };
}

const high = ({ value }: Fact): number => ('high' in value ? value.high : 0);

function endOf({ line, cells }: Row, says?: string): SeenEvent | undefined {
  const state = cells.get('state') ?? '';
  const [code = 0, number = 0] = (cells.get('exitcode') ?? '').split(':').map(Number);
  const kind = /^OUT_OF_ME/.test(state)
    ? 'killed-for-memory'
    : /^(?:CANCELLED|TIMEOUT|NODE_FA|PREEMPT|DEADLINE|BOOT_FAIL)/.test(state)
      ? 'killed'
      : /^FAILED/.test(state)
        ? 'exit'
        : undefined;
  if (kind === undefined) return undefined;
  const name = cells.get('jobname');
  const id = cells.get('jobid') ?? cells.get('jobidraw') ?? '';
  const nodes = cells.get('nodelist');
  const exit = cells.get('exitcode');
  return eventAt(line, kind, {
    says: says ?? `${id} ${state}${exit === undefined ? '' : ` ${exit}`}`,
    who: name === undefined ? id : `${id} ${name}`,
    code: state,
    exit_code: code > 0 ? code : undefined,
    // 125 is Slurm's own mark of an OOM kill, no signal.
    signal: number > 0 && number < 65 ? signalName(String(number)) : undefined,
    time: cells.get('end'),
    host: nodes !== undefined && /^[\w.-]{1,100}$/.test(nodes) ? nodes : undefined,
  });
}

interface Size {
  readonly digits: string;
  readonly unit: string;
}

/** "12345K", "1.5G"; with --noconvert plain bytes. Slurm counts in 1024. */
function memoryOf(text: string | undefined): Size | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,4})?)([KMGTP]?)$/.exec(text ?? '');
  if (match === null || Number(match[1]) === 0) return undefined;
  return { digits: match[1] ?? '', unit: match[2] === '' ? 'bytes' : `${match[2]}iB` };
}

const tresMemory = (text: string | undefined): string | undefined =>
  /(?:^|,)mem=([\d.]{1,16}[KMGTP]?)(?:,|$)/.exec(text ?? '')?.[1];

/** ReqMem: of a node ("32Gn", newer "32G"); per core ("4Gc") it needs the number of cores. */
function limitOf(cells: ReadonlyMap<string, string>): Size | undefined {
  const asked = /^(\d{1,12}(?:\.\d{1,4})?)([KMGTP])([nc]?)$/.exec(cells.get('reqmem') ?? '');
  if (asked !== null && Number(asked[1]) > 0) {
    if (asked[3] !== 'c') return { digits: asked[1] ?? '', unit: `${asked[2]}iB` };
    const cores = Number(cells.get('alloccpus') ?? cells.get('ncpus') ?? cells.get('reqcpus'));
    const nodes = Number(cells.get('nnodes') ?? cells.get('allocnodes') ?? 1);
    if (Number.isInteger(cores) && cores > 0 && nodes === 1)
      return { digits: String(Number(asked[1]) * cores), unit: `${asked[2]}iB` };
  }
  const nodes = Number(cells.get('nnodes') ?? cells.get('allocnodes') ?? 1);
  return nodes === 1
    ? memoryOf(tresMemory(cells.get('alloctres') ?? cells.get('reqtres')))
    : undefined;
}

// --- seff

function efficiencyIn({ lines, source }: Passage): Sighting[] {
  const found: Sighting[] = [];
  lines.forEach((line, at) => {
    const used = /^\s*Memory Utilized: ([\d.]{1,12}) ([KMGTP]?B)\b/.exec(line.text);
    if (used === null) return;
    const above = lines.slice(Math.max(0, at - 16), at);
    const start = above.findLastIndex(({ text }) => /^\s*Job ID: \d/.test(text));
    const head = start < 0 ? above : above.slice(start);
    const state = head.findLast(({ text }) => /^\s*State: /.test(text));
    const told = /^\s*State: ([A-Z_]{1,30})(?: \(exit code (\d{1,5})\))?/.exec(state?.text ?? '');
    const id = /^\s*Job ID: (\S{1,40})/.exec(head[0]?.text ?? '')?.[1];
    const next = lines[at + 1];
    const of = /^\s*Memory Efficiency: [\d.]{1,12}% of ([\d.]{1,12}) ([KMGTP]?B)/.exec(
      next?.text ?? '',
    );
    const facts = [
      statusFact(
        'host_used',
        { digits: used[1] ?? '', unit: used[2] ?? '' },
        { source, line: line.number },
      ),
    ];
    if (of !== null && next !== undefined && Number(of[1]) > 0) {
      facts.push(
        statusFact(
          'host_total',
          { digits: of[1] ?? '', unit: of[2] ?? '' },
          { source, line: next.number },
        ),
      );
    }
    const event =
      state === undefined || told === null
        ? undefined
        : endOf(
            {
              line: state,
              cells: new Map([
                ['jobid', id ?? ''],
                ['state', told[1] ?? ''],
                ['exitcode', `${told[2] ?? 0}:0`],
              ]),
            },
            state.text,
          );
    found.push({
      line: head[0]?.number ?? line.number,
      last: of === null ? line.number : (next?.number ?? line.number),
      ...(id !== undefined && { label: `job ${id}` }),
      facts,
      ...(event !== undefined && { events: [event] }),
    });
  });
  return found;
}

// --- scontrol show job

const MOST_JOBS = 512;

function controlledIn({ lines, source }: Passage): Sighting[] {
  const found: Sighting[] = [];
  lines.forEach((line, at) => {
    const match = /\bJobState=([A-Z_]{1,30})\b/.exec(line.text);
    if (match === null || found.length >= MOST_JOBS) return;
    const above = lines.slice(Math.max(0, at - 6), at + 1);
    const start = Math.max(
      0,
      above.findLastIndex(({ text }) => /\bJobId=\d/.test(text)),
    );
    const until = lines.slice(at + 1, at + 40);
    const end = until.findIndex(({ text }) => /\bJobId=\d/.test(text));
    const block = [...above.slice(start), ...(end < 0 ? until : until.slice(0, end))];
    const field = (name: string): { value: string; line: Line } | undefined => {
      const pattern = new RegExp(`(?:^|\\s)${name}=(\\S{1,400})`);
      for (const one of block) {
        const value = pattern.exec(one.text)?.[1];
        if (value !== undefined) return { value, line: one };
      }
      return undefined;
    };
    const cells = new Map<string, string>();
    const put = (name: string, from: string): void => {
      const value = field(from)?.value;
      if (value !== undefined && value !== '(null)') cells.set(name, value);
    };
    put('jobid', 'JobId');
    put('jobname', 'JobName');
    put('state', 'JobState');
    put('exitcode', 'ExitCode');
    put('nodelist', 'NodeList');
    put('end', 'EndTime');
    put('nnodes', 'NumNodes');
    put('alloctres', 'AllocTRES');
    if (!cells.has('alloctres')) put('alloctres', 'TRES');
    const event = endOf({ line, cells }, line.text);
    const perNode = field('MinMemoryNode');
    const limit = memoryOf(perNode?.value) ?? limitOf(cells);
    const at_ = perNode?.line ?? field('AllocTRES')?.line ?? field('TRES')?.line ?? line;
    if (event === undefined) return;
    const id = cells.get('jobid');
    found.push({
      line: block[0]?.number ?? line.number,
      last: Math.max(line.number, limit === undefined ? 0 : at_.number),
      ...(id !== undefined && { label: `job ${id}` }),
      events: [event],
      ...(limit !== undefined && {
        facts: [statusFact('host_total', limit, { source, line: at_.number })],
      }),
    });
  });
  return found;
}
