/** `torch.cuda.memory_stats()` printed as a dict, pairs, JSON or lines, whole or in part. */
import { phrase } from '../../base/texts.ts';
import type { CountName, Fact, Quantity } from '../../ledger/fact.ts';
import { countedEvent } from '../own-memory.ts';
import {
  type Gap,
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  statusFact,
} from '../status.ts';
import type { Line } from '../text/dress.ts';

const KEY =
  /(['"]?)((?:allocated|reserved|active|inactive_split|requested)_bytes\.(?:all|small_pool|large_pool)\.(?:current|peak|allocated|freed)|(?:allocation|segment|active|inactive_split)\.(?:all|small_pool|large_pool)\.(?:current|peak|allocated|freed)|oversize_(?:allocations|segments)\.(?:current|peak|allocated|freed)|num_(?:alloc_retries|ooms|sync_all_streams|device_alloc|device_free|oom_rejections)|max_split_size)\1\s*([,:=]|\s)\s*(-?\d{1,20})(?=([\d.eE]?))/g;

const SIZES: Readonly<Record<string, Quantity>> = {
  'allocated_bytes current': 'allocated',
  'allocated_bytes peak': 'peak',
  'allocated_bytes allocated': 'handed_out',
  'allocated_bytes freed': 'handed_back',
  'reserved_bytes current': 'reserved',
  'reserved_bytes peak': 'peak_reserved',
  'active_bytes current': 'active',
  'active_bytes peak': 'peak_active',
  'inactive_split_bytes current': 'inactive_split',
  'inactive_split_bytes peak': 'peak_inactive_split',
  'requested_bytes current': 'requested_by_tensors',
  'requested_bytes peak': 'peak_requested_by_tensors',
};

const COUNTED: Readonly<Record<string, CountName>> = {
  'allocation.all.current': 'allocations',
  'active.all.current': 'active_allocations',
  'segment.all.current': 'segments',
  'inactive_split.all.current': 'inactive_splits',
  'oversize_allocations.current': 'oversize_allocations',
  'oversize_segments.current': 'oversize_segments',
};

/** Lines without a key that may stand within one print. */
const FOREIGN = 4;

const HEAD = phrase({
  en: 'the head of the memory statistics',
  zh: '显存统计的开头',
  ru: 'начало статистики памяти',
});
const STATISTICS = phrase({ en: 'the memory statistics', zh: '显存统计', ru: 'статистика памяти' });

interface Stats {
  readonly first: Line;
  last: number;
  /** How the print opens: with a bracket, in the middle of one, or as plain lines. */
  readonly form: 'whole' | 'headless' | 'lines';
  isClosed: boolean;
  readonly seen: Set<string>;
  facts: Fact[];
  counts: Partial<Record<CountName, number>>;
  events: SeenEvent[];
}

export const torchMemoryStats: StatusReader = {
  id: 'torch-memory-stats',
  code: 'UN631',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'torch.cuda.memory_stats()',
      summary: 'The counters of the caching allocator, as a dict or as lines.',
    },
    zh: {
      title: 'torch.cuda.memory_stats()',
      summary: '缓存分配器的计数器，以字典或逐行的形式给出。',
    },
    ru: {
      title: 'torch.cuda.memory_stats()',
      summary: 'Счётчики кэширующего аллокатора — словарём или построчно.',
    },
  },
  sources: ['pytorch@2.6.0: torch/cuda/memory.py: memory_stats'],
  needles: [
    'active_bytes.all.',
    'allocated_bytes.all.',
    'reserved_bytes.all.',
    'num_alloc_retries',
  ],
  sign: /_bytes|num_\w|_pool|\.(?:current|peak|allocated|freed)/,
  read({ source, lines, goes_on }: Passage): Sighting[] {
    const found: Sighting[] = [];
    let stats: Stats | undefined;
    const end = (atEnd: boolean): void => {
      if (stats !== undefined) found.push(...closed(stats, atEnd && goes_on));
      stats = undefined;
    };
    for (const [index, line] of lines.entries()) {
      if (stats !== undefined && line.number - stats.last > FOREIGN) end(false);
      const { text } = line;
      let at = 0;
      for (const match of text.matchAll(KEY)) {
        const [all, quote = '', key = '', mark = '', digits = '', next = ''] = match;
        const before = text.slice(at, match.index);
        const after = text.slice(match.index + all.length);
        at = match.index + all.length;
        // The default in a call is no figure: get('…', 0).
        if (next !== '' || (quote !== '' && /\w\(\s*$/.test(before.slice(-80)))) continue;
        // In a dict or a pair the value ends with a comma or a bracket; a value at the very end is cut.
        if (quote !== '' && !/^\s*[,)}\]]/.test(after) && !isLineEnd(after, lines[index + 1]))
          continue;
        if (mark.trim() === '' && quote === '' && after.trim() !== '') continue;
        if (stats !== undefined && (stats.seen.has(key) || /[)}\]]\s*\n?.*[{[]/.test(before))) {
          end(false);
        }
        stats ??= begun(line, quote !== '', before, lines[index - 1]);
        stats.last = line.number;
        stats.seen.add(key);
        takeValue(stats, key, digits, { source, line: line.number });
        if (/^\s*\)?\s*[,]?\s*(?:\]\s*\)|\}\s*\)?)/.test(after)) stats.isClosed = true;
      }
      if (at === 0 && stats !== undefined && /^\s*(?:\}\s*\)?|\]\s*\))\s*,?\s*$/.test(text)) {
        stats.isClosed = true;
        stats.last = line.number;
      }
    }
    end(true);
    return found;
  },
};

/** A dict printed one key a line: its last value may have no comma. */
function isLineEnd(after: string, next: Line | undefined): boolean {
  return after.trim() === '' && next !== undefined && /^\s*[}\])]/.test(next.text);
}

function begun(first: Line, isQuoted: boolean, before: string, previous: Line | undefined): Stats {
  const lead = /^[\s('"]*$/.test(before) ? `${previous?.text ?? ''}${before}` : before;
  const isOpen = /\{\s*['"]?\s*$|\[\s*\(?\s*$|[{[][^{}[\]]*$/.test(lead);
  return {
    first,
    last: first.number,
    form: isOpen ? 'whole' : isQuoted ? 'headless' : 'lines',
    isClosed: false,
    seen: new Set(),
    facts: [],
    counts: {},
    events: [],
  };
}

function takeValue(
  stats: Stats,
  key: string,
  digits: string,
  place: { readonly source: string; readonly line: number },
): void {
  const says = `${key}: ${digits}`;
  const value = Number(digits);
  if (key === 'num_ooms') {
    stats.events.push(...countedEvent('counted-failures', value, { line: place.line, says }));
  } else if (key === 'num_alloc_retries') {
    stats.events.push(...countedEvent('allocation-retries', value, { line: place.line, says }));
  }
  const [what = '', pool = '', column = ''] = key.split('.');
  const quantity = SIZES[`${what} ${column}`];
  if (quantity !== undefined) {
    const scope =
      pool === 'all' ? {} : ({ pool: pool === 'large_pool' ? 'large' : 'small' } as const);
    stats.facts.push(statusFact(quantity, { digits, unit: 'bytes' }, place, scope));
  }
  const count = COUNTED[key];
  if (count !== undefined) stats.counts[count] ??= value;
}

function closed(stats: Stats, goesOn: boolean): Sighting[] {
  const { first, last, form, facts, counts, events } = stats;
  const gaps: Gap[] = [];
  if (form === 'headless') {
    gaps.push({ code: 'cut-off', line: first.number, where: HEAD });
  }
  if (form !== 'lines' && !stats.isClosed && !goesOn) {
    gaps.push({ code: 'cut-off', line: last, where: STATISTICS });
  }
  // Figures of both pools together come first: they are what a report shows.
  const ordered = [
    ...facts.filter(({ scope }) => scope.pool === undefined),
    ...facts.filter(({ scope }) => scope.pool !== undefined),
  ];
  const moment = facts[0]?.moment;
  return [
    {
      line: first.number,
      last,
      ...(first.time !== undefined && { time: first.time }),
      facts: ordered.map((fact) => ({ ...fact, moment: moment ?? fact.moment })),
      counts,
      events,
      gaps,
    },
  ];
}
