/** DeepSpeed's `see_memory_usage` and its estimates of what the model states need. */
import { phrase } from '../../base/texts.ts';
import {
  countsIn,
  type Entry,
  figure,
  hasFigures,
  joinEntries,
  type SizeRule,
  sizesIn,
} from '../own-memory.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';

const USAGE: readonly SizeRule[] = [
  { quantity: 'allocated', pattern: figure('(?<![\\w])MA {size}') },
  { quantity: 'peak', pattern: figure('\\bMax_MA {size}') },
  { quantity: 'reserved', pattern: figure('(?<![\\w])CA {size}') },
  { quantity: 'peak_reserved', pattern: figure('\\bMax_CA {size}') },
];
const HOST: SizeRule = {
  quantity: 'host_used',
  pattern: figure('CPU Virtual Memory: used = {size}'),
};
const HOST_PERCENT = /used = \S{1,12}\s?[KMGT]i?B, percent = (?<count>\d{1,3}(?:\.\d{1,2})?)\s?%/;
/** Versions before 0.3 print one figure a line, in "GigaBytes" of 2^30. */
const OLD: readonly SizeRule[] = [
  { quantity: 'allocated', pattern: figure('^ Memory Allocated {number} GigaBytes'), unit: 'GiB' },
  { quantity: 'peak', pattern: figure('^ Max Memory Allocated {number} GigaBytes'), unit: 'GiB' },
  { quantity: 'reserved', pattern: figure('^ Cache Allocated {number} GigaBytes'), unit: 'GiB' },
  {
    quantity: 'peak_reserved',
    pattern: figure('^ Max cache Allocated {number} GigaBytes'),
    unit: 'GiB',
  },
];

const HEAD =
  /Estimated memory needed for (params, optim states and gradients|params|[\w, ]{1,60}?) for a:/;
const ESTIMATE =
  /^\s*(?:per CPU\s*\|\s*per GPU\s*\|\s*Options)|^\s*(\d[\d.]{0,12})\s?GB\s*\|\s*(\d[\d.]{0,12})\s?GB\s*\|\s*(\S.{0,120}?)\s*$/;
const HARDWARE = /^\s*(?:HW|SW): (.{1,100})$/;

const HOST_MEMORY = phrase({ en: 'the memory of the host', zh: '主机内存', ru: 'память хоста' });
const TABLE_OF_ESTIMATES = phrase({
  en: 'the table of estimates',
  zh: '估算表',
  ru: 'таблица оценок',
});

export const deepspeedMemory: StatusReader = {
  id: 'deepspeed-memory',
  code: 'UN636',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'DeepSpeed see_memory_usage',
      summary: 'Allocated, cached and host memory at a named point, and estimates of model states.',
    },
    zh: {
      title: 'DeepSpeed see_memory_usage',
      summary: '指定位置的已分配显存、缓存显存和主机内存，以及模型状态的估算。',
    },
    ru: {
      title: 'DeepSpeed see_memory_usage',
      summary:
        'Выделенная и кэшированная память GPU и память хоста в названной точке; оценки состояний модели.',
    },
  },
  sources: [
    'deepspeed@0.17.0: deepspeed/runtime/utils.py: see_memory_usage',
    'deepspeed@0.17.0: deepspeed/runtime/zero/stage3.py: estimate_zero3_model_states_mem_needs',
  ],
  needles: ['see_memory_usage', 'cpu virtual memory:', 'estimated memory needed for'],
  read({ source, lines, goes_on }: Passage): Sighting[] {
    const entries: Entry[] = [];
    lines.forEach((line, index) => {
      entries.push(
        ...usageOf(line, source, lines[index - 1], index === lines.length - 1 && !goes_on),
      );
    });
    return [
      ...joinEntries(entries, { source, apart: 3 }),
      ...estimatesIn(lines, source, goes_on),
    ].sort((a, b) => a.line - b.line);
  },
};

function usageOf(line: Line, source: string, previous: Line | undefined, isLast: boolean): Entry[] {
  const { text, number } = line;
  if (text.length > 2000) return [];
  const place = { source, line: number };
  const at = text.search(/(?<!\w)MA\s{1,4}[\d.]{1,16}\s?[KMG]B\s/);
  if (at >= 0 && /Max_MA/.test(text)) {
    const own = nameOf(text.slice(0, at));
    const label = own ?? nameOf(previous?.text ?? '');
    return [
      {
        line,
        begins: true,
        facts: sizesIn(text, USAGE, place),
        ...(label !== undefined && { label }),
      },
    ];
  }
  if (/GPU: allocated/.test(text)) return [];
  // The last line of the three, begun and not ended.
  if (
    isLast &&
    /(?:^|[\s\]])CPU Vir[a-z]{0,4}(?: M[a-z]{0,5})?(?::\s{0,2}(?:used(?: =)?)?)?\s*$/.test(text)
  ) {
    return [{ line, gaps: [{ code: 'cut-off', line: number, where: HOST_MEMORY }] }];
  }
  const host = sizesIn(text, [HOST], place);
  if (host.length > 0) {
    const counts = countsIn(text, [{ count: 'host_percent', pattern: HOST_PERCENT }]);
    return [{ line, facts: host, counts }];
  }
  if (!/GigaBytes/.test(text)) return [];
  const entry: Entry = { line, facts: sizesIn(text, OLD, place) };
  if (!hasFigures(entry)) return [];
  const isFirst = entry.facts?.[0]?.quantity === 'allocated';
  const label = isFirst ? nameOf(previous?.text ?? '') : undefined;
  return [{ ...entry, ...(isFirst && { begins: true }), ...(label !== undefined && { label }) }];
}

/** The message that was given to see_memory_usage: a line of its own in front of the figures. */
function nameOf(text: string): string | undefined {
  const name = text
    .replace(/^\s*(?:\[[^\]]{0,80}\]\s*){0,4}/, '')
    .replace(/[\s:|-]+$/, '')
    .trim();
  const isMessage =
    name !== '' && name.length <= 120 && /[A-Za-z]/.test(name) && !/Max_MA|CPU Virtual/.test(name);
  return isMessage ? name : undefined;
}

/** The tables of the estimators: one moment for each choice of offload. */
function estimatesIn(lines: readonly Line[], source: string, goesOn: boolean): Sighting[] {
  const found: Sighting[] = [];
  let head: Line | undefined;
  let hardware = '';
  let rows = 0;
  for (const line of lines) {
    if (HEAD.test(line.text)) {
      head = line;
      hardware = '';
      rows = 0;
      continue;
    }
    if (head === undefined) continue;
    if (line.number - head.number > 24) head = undefined;
    hardware = /^\s*HW: (.{1,100})$/.exec(line.text)?.[1]?.trim() ?? hardware;
    const row = ESTIMATE.exec(line.text);
    if (row?.[3] === undefined) {
      if (rows > 0 && line.text.trim() !== '' && !HARDWARE.test(line.text)) head = undefined;
      continue;
    }
    rows++;
    const place = { source, line: line.number };
    const [, host = '', gpu = '', options = ''] = row;
    found.push({
      line: line.number,
      last: line.number,
      label: `estimate: ${hardware === '' ? '' : `${hardware}; `}${options}`,
      facts: [
        statusFact('estimated_host', { digits: host, unit: 'GB' }, place),
        statusFact('estimated_gpu', { digits: gpu, unit: 'GB' }, place),
      ],
    });
  }
  const last = lines.at(-1);
  if (head !== undefined && rows === 0 && last !== undefined && !goesOn) {
    found.push({
      line: head.number,
      last: last.number,
      gaps: [{ code: 'cut-off', line: last.number, where: TABLE_OF_ESTIMATES }],
    });
  }
  return found;
}
