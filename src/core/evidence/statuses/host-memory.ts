/** Host memory as people paste it beside: free, /proc/meminfo, docker stats, kubectl top. */
import { phrase } from '../../base/texts.ts';
import type { Fact, Quantity } from '../../ledger/fact.ts';
import { type Gap, type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';

type Size = Parameters<typeof statusFact>[1];

const FREE_HEADER =
  /^\s*total\s+used\s+free\s+shared\s+(?:buff\/cache|buffers\s+cached?)(\s+available)?\s*$/;
const FREE_ROW = /^\s*Mem:((?:\s+\d{1,18}(?:[.,]\d{1,2})?[BKMGTP]?i?){3,6})\s*$/;
const COMMAND = /(?:^|[\s$#>])free((?:\s+-{1,2}[a-z]{1,10})*)\s*$/;
const MEMINFO = /^\s*(MemTotal|MemFree|MemAvailable):\s+(\d{1,15}) kB\s*$/;
const STATS_HEADER = /^\s*CONTAINER(?: ID)?\s.*MEM USAGE \/ LIMIT\b/;
const STATS_ROW =
  /^\s*([0-9a-f]{12,64})\s+(\S{1,80})\s+(?:\d[\d.]*%|--)\s+(\d[\d.]{0,12}[KMGT]?i?B) \/ (\d[\d.]{0,12}[KMGT]?i?B)\s+(?:\d[\d.]*%|--)/;
const TOP_HEADER =
  /^\s*(?:NAMESPACE\s+)?(?:POD\s+)?NAME\s+CPU\(cores\)\s+(?:CPU%\s+)?MEMORY\(bytes\)/;
const TOP_ROW =
  /^\s*(?:\S{1,80}\s+){0,2}?(\S{1,120})\s+\d{1,9}[mnu]?\s+(?:\d{1,3}%\s+)?(\d{1,12}[KMG]i)(?:\s+(\d{1,3})%)?\s*$/;

const MEM_ROW = phrase({ en: 'the row "Mem:"', zh: '“Mem:”行', ru: 'строка «Mem:»' });

interface Found extends Sighting {
  readonly facts: readonly Fact[];
}

/** The unit of figures that stand alone; undefined where nothing tells. */
function freeUnit(option: string | undefined, total: number): string | undefined {
  const told =
    /-(?:[a-z]*?)([bkmg])\b/.exec(option ?? '')?.[1] ?? (option === '' ? 'k' : undefined);
  if (told !== undefined) return { b: 'B', k: 'KiB', m: 'MiB', g: 'GiB' }[told];
  // By size, where only one unit gives a machine that exists: 4 GiB to 8 TiB in KiB, and so on.
  if (total >= 2 ** 33) return 'B';
  if (total >= 2 ** 22) return 'KiB';
  if (total < 2 ** 18 && total >= 2 ** 10) return 'MiB';
  return total < 2 ** 10 ? 'GiB' : undefined;
}

/** Old versions have no "available": what caches and buffers hold is given back on demand. */
function givenBack(cells: readonly string[], free: string): string {
  const all = [free, ...cells.slice(4, 6)];
  return cells.length === 6 && all.every((cell) => /^\d{1,18}$/.test(cell))
    ? String(all.reduce((sum, cell) => sum + Number(cell), 0))
    : free;
}

function fromFree({ lines, source, goes_on: goesOn }: Passage, at: number): Found | undefined {
  const header = FREE_HEADER.exec(lines[at]?.text ?? '');
  const line = lines[at + 1];
  const row = line === undefined ? null : FREE_ROW.exec(line.text);
  if (header === null || line === undefined || row === null) return undefined;
  const cells = (row[1] ?? '').trim().split(/\s+/);
  const [total = '', used = '', free = ''] = cells;
  const hasUnits = /[A-Z]/.test(total);
  // Columns are flush right: a last row that ends before its header is cut, maybe within a figure.
  const isShort = line.text.length < (lines[at]?.text.trimEnd().length ?? 0);
  const isCut = at + 2 >= lines.length && isShort;
  if (cells.length < 3 + Number(isCut)) return undefined;
  const available = header[1] === undefined || isCut ? undefined : cells[5];
  const above = [lines[at - 1], lines[at - 2]].map((one) => COMMAND.exec(one?.text ?? '')?.[1]);
  const option = above.find((one) => one !== undefined);
  const unit = hasUnits ? undefined : freeUnit(option?.trim(), Number(total));
  if (!hasUnits && unit === undefined) return undefined;
  const place = { source, line: line.number };
  const sizeOf = (text: string): Size | undefined => {
    const match = /^(\d+(?:[.,]\d+)?)([BKMGTP]?i?)$/.exec(text);
    if (match === null) return undefined;
    const said = match[2] === '' ? (unit ?? 'B') : (match[2] ?? '');
    return {
      digits: match[1] ?? '',
      unit: said,
      ...(!hasUnits && { rounding: 'floor' as const }),
    };
  };
  const facts = (
    [
      ['host_total', total],
      ['host_used', used],
      ['host_free', available ?? (header[1] === undefined ? givenBack(cells, free) : '')],
    ] as const
  ).flatMap(([quantity, text]) => {
    const size = sizeOf(text);
    return size === undefined ? [] : [statusFact(quantity, size, place)];
  });
  const gaps: Gap[] = isCut ? [{ code: 'cut-off', line: line.number, where: MEM_ROW }] : [];
  return {
    line: lines[at]?.number ?? line.number,
    last: line.number,
    facts,
    ...(gaps.length > 0 && !goesOn && { gaps }),
  };
}

const MEMINFO_FACTS: Readonly<Record<string, Quantity>> = {
  MemTotal: 'host_total',
  MemAvailable: 'host_free',
};

/** MemTotal, and what follows it within a few lines. */
function fromMeminfo(lines: readonly Line[], at: number, source: string): Found | undefined {
  const first = lines[at];
  if (first === undefined || MEMINFO.exec(first.text)?.[1] !== 'MemTotal') return undefined;
  const seen = new Map<string, { digits: string; line: number }>();
  for (const { text, number } of lines.slice(at, at + 4)) {
    const match = MEMINFO.exec(text);
    const key = match?.[1] ?? '';
    if (match === null || seen.has(key)) continue;
    seen.set(key, { digits: match[2] ?? '', line: number });
  }
  // MemAvailable says more; kernels without it go on with Buffers.
  const isOld = /^\s*Buffers:/.test(lines[at + 2]?.text ?? '');
  const free = seen.get('MemAvailable') ?? (isOld ? seen.get('MemFree') : undefined);
  if (free !== undefined) seen.set('MemAvailable', free);
  const facts = [...seen].flatMap(([key, { digits }]) => {
    const quantity = MEMINFO_FACTS[key];
    const size: Size = { digits, unit: 'KiB', rounding: 'floor' };
    return quantity === undefined
      ? []
      : [statusFact(quantity, size, { source, line: first.number })];
  });
  return { line: first.number, last: free?.line ?? first.number, facts };
}

function printedSize(text: string): Size {
  const match = /^(\d[\d.]*)([KMGT]?i?B?)$/.exec(text);
  return { digits: match?.[1] ?? '', unit: match?.[2] ?? '' };
}

/** A moment for each container or pod: the memory under its limit is its own. */
function fromRows(lines: readonly Line[], at: number, source: string): Found[] {
  const header = lines[at]?.text ?? '';
  const isStats = STATS_HEADER.test(header);
  const found: Found[] = [];
  let foreign = 0;
  for (const { text, number } of lines.slice(at + 1, at + 1025)) {
    const match = (isStats ? STATS_ROW : TOP_ROW).exec(text);
    if (match === null) {
      if (STATS_HEADER.test(text) || TOP_HEADER.test(text) || ++foreign > 2) break;
      continue;
    }
    const place = { source, line: number };
    if (isStats) {
      found.push({
        line: number,
        last: number,
        label: `container ${match[2]}`,
        facts: [
          statusFact('host_used', printedSize(match[3] ?? ''), place),
          statusFact('host_total', printedSize(match[4] ?? ''), place),
        ],
      });
    } else {
      const kind = match[3] === undefined ? 'pod' : 'node';
      found.push({
        line: number,
        last: number,
        label: `${kind} ${match[1]}`,
        facts: [
          statusFact('host_used', { ...printedSize(match[2] ?? ''), rounding: 'floor' }, place),
        ],
      });
    }
  }
  return found;
}

export const hostMemory: StatusReader = {
  id: 'host-memory',
  code: 'UN629',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'free, /proc/meminfo, docker stats, kubectl top',
      summary: 'Host memory in use and available, on a node or under the limit of a container.',
    },
    zh: {
      title: 'free、/proc/meminfo、docker stats、kubectl top 的输出',
      summary: '节点上或容器限制内的主机内存：已用量和可用量。',
    },
    ru: {
      title: 'Вывод free, /proc/meminfo, docker stats, kubectl top',
      summary: 'Занятая и доступная память хоста: на узле или в пределах лимита контейнера.',
    },
  },
  sources: [
    'procps 3.2, procps-ng 3.3 and 4.0: free.c',
    'https://docs.kernel.org/filesystems/proc.html (meminfo)',
    'docker/cli: cli/command/container/formatter_stats.go',
    'kubernetes/kubectl: pkg/metricsutil/metrics_printer.go',
  ],
  needles: ['buff/cache   available', 'memavailable:', 'mem usage / limit', 'memory(bytes)'],
  sign: /\bMem|MiB \/|GiB \/|MemTotal|\d(?:Mi|Gi)\b/,
  read(passage: Passage): Sighting[] {
    const { lines, source } = passage;
    return lines.flatMap(({ text }, at): Sighting[] => {
      if (text.includes('MemTotal:')) return [fromMeminfo(lines, at, source) ?? []].flat();
      if (text.includes('total') && text.includes('used'))
        return [fromFree(passage, at) ?? []].flat();
      if (STATS_HEADER.test(text) || TOP_HEADER.test(text)) return fromRows(lines, at, source);
      return [];
    });
  },
};
