/** SGLang while it starts: free memory after each stage, weights, KV cache, CUDA graphs. */
import type { Fact } from '../../ledger/fact.ts';
import {
  type CountRule,
  countsIn,
  type Entry,
  figure,
  hasFigures,
  joinEntries,
  type SizeRule,
  sizesIn,
} from '../own-memory.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';

/** "GB" is 2^30 throughout. */
const SIZES: readonly SizeRule[] = [
  { quantity: 'free_before', pattern: figure('Load weight begin\\..{0,60}avail mem={size}') },
  { quantity: 'free', pattern: figure('(?<!Load weight begin.{0,60})\\bavail mem={size}') },
  { quantity: 'free', pattern: figure('\\bavailable_gpu_mem={size}') },
  { quantity: 'weights', pattern: figure('Load weight end\\..{0,400}\\bmem usage={size}') },
  {
    quantity: 'non_torch',
    pattern: figure('Init torch distributed ends?\\..{0,80}\\bmem usage={size}'),
  },
  {
    quantity: 'graphs',
    pattern: figure(
      'Capture (?:\\w{1,16} )?(?:cuda |cpu |npu )?graph end\\..{0,200}\\bmem usage={size}',
    ),
  },
  { quantity: 'kv_cache', pattern: figure('KV Cache is allocated\\..{0,120}\\bKV size: {size}') },
  { quantity: 'kv_cache', pattern: figure('\\b\\w{0,12}KVPool mem usage: {size}') },
  {
    quantity: 'buffer',
    pattern: figure('KV Cache is allocated\\..{0,120}\\bK size: {size}'),
    scope: { buffer: 'K', role: 'kv' },
  },
  {
    quantity: 'buffer',
    pattern: figure('KV Cache is allocated\\..{0,160}\\bV size: {size}'),
    scope: { buffer: 'V', role: 'kv' },
  },
  {
    quantity: 'buffer',
    pattern: figure('Mamba Cache is allocated\\..{0,120}\\bconv_state size: {size}'),
    scope: { buffer: 'Mamba conv_state', role: 'other' },
  },
  {
    quantity: 'buffer',
    pattern: figure('Mamba Cache is allocated\\..{0,160}\\bssm_state size: {size}'),
    scope: { buffer: 'Mamba ssm_state', role: 'other' },
  },
];

const COUNTS: readonly CountRule[] = [
  { count: 'kv_tokens', pattern: figure('#tokens: {count}') },
  { count: 'kv_tokens', pattern: figure('\\bmax_total_num_tokens={count}') },
  {
    count: 'prefill_tokens',
    pattern: figure('\\bmax_total_num_tokens=.{0,120}\\bmax_prefill_tokens={count}'),
  },
  {
    count: 'max_seq_len',
    pattern: figure('\\bmax_total_num_tokens=.{0,200}\\bcontext_len={count}'),
  },
  {
    count: 'mem_fraction_static',
    pattern: figure('\\bserver_args=.{0,8000}\\bmem_fraction_static={count}'),
  },
];

const BEGINS = /\bserver_args=ServerArgs\(|Init torch distributed begin|Load weight begin/;
const MAY_SAY =
  /avail mem=|mem usage|KV Cache is allocated|Mamba Cache is allocated|max_total_num_tokens=\d|server_args=|KVPool/;

export const sglangStartup: StatusReader = {
  id: 'sglang-startup',
  code: 'UN639',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'SGLang start-up lines',
      summary:
        'Free memory after each stage of SGLang\u2019s start, with weights, KV cache and graphs.',
    },
    zh: {
      title: 'SGLang 启动日志',
      summary: 'SGLang 启动时各阶段之后的空闲显存，以及权重、KV 缓存和 CUDA graph 的占用。',
    },
    ru: {
      title: 'Строки запуска SGLang',
      summary: 'Свободная память после каждого этапа запуска SGLang; веса, KV-кэш и графы.',
    },
  },
  sources: [
    'sglang@0.4.6: python/sglang/srt/model_executor/model_runner.py',
    'sglang@0.4.6: python/sglang/srt/mem_cache/memory_pool.py',
    'sglang@0.4.6: python/sglang/srt/managers/scheduler.py: max_total_num_tokens',
  ],
  needles: [
    'load weight begin',
    'load weight end',
    'kv cache is allocated',
    'memory pool end',
    'cuda graph begin',
    'cuda graph end',
    'max_total_num_tokens=',
  ],
  sign: /avail mem|#tokens|mem usage|max_total_num_tokens|KV Cache/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries: Entry[] = [];
    let isLoaded = true;
    for (const line of lines) {
      if (line.text.length > 16_000 || !MAY_SAY.test(line.text)) {
        if (!BEGINS.test(line.text.slice(0, 400))) continue;
      }
      const entry = entryOf(line, source);
      // The first marker of a start begins a load; the later ones belong to it.
      const isMark = BEGINS.test(line.text.slice(0, 400));
      const begins = isMark && isLoaded;
      isLoaded = isMark
        ? false
        : isLoaded || /Memory pool end|max_total_num_tokens=\d/.test(line.text);
      if (begins || hasFigures(entry)) entries.push({ ...entry, ...(begins && { begins }) });
    }
    const found = joinEntries(entries, { source, apart: 400, many });
    return found.map((one) => ({ ...one, ...ordered(one.facts) }));
  },
};

/** Free memory is told again after each stage; a draft model has weights of its own. */
const many = ({ quantity }: Fact): boolean => quantity !== 'free_before';

/** The last free figure is the one that holds when the start is over: it comes first. */
function ordered(facts: readonly Fact[] | undefined): { facts?: readonly Fact[] } {
  const last = facts?.findLast(({ quantity }) => quantity === 'free');
  if (facts === undefined || last === undefined) return {};
  return { facts: [last, ...facts.filter((fact) => fact !== last)] };
}

function entryOf(line: Line, source: string): Entry {
  const { text } = line;
  const place = { source, line: line.number };
  const facts = sizesIn(text, SIZES, place);
  const [k, v] = [/\bK size: ([\d.]+) GB/.exec(text)?.[1], /\bV size: ([\d.]+) GB/.exec(text)?.[1]];
  const counts = countsIn(text, COUNTS);
  const sum =
    k === undefined || v === undefined || !/KV Cache is allocated/.test(text)
      ? []
      : sizesIn(
          `kv ${(Number(k) + Number(v)).toFixed(decimalsOf(k))} GB`,
          [{ quantity: 'kv_cache', pattern: figure('kv {size}') }],
          place,
        );
  return { line, facts: [...facts, ...sum], counts };
}

const decimalsOf = (digits: string): number => digits.split('.')[1]?.length ?? 0;
