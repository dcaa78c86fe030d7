/** TensorRT and TensorRT-LLM: memory at each stage of a build or a load, engine, KV cache. */
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
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';

/** "[MemUsageChange] Init CUDA: CPU +319, GPU +0, now: CPU 345, GPU 512 (MiB)" */
const CHANGE =
  /\[MemUsageChange\] (.{1,120}?): CPU ([+-]?\d{1,9}), GPU ([+-]?\d{1,9}), now: CPU (\d{1,9}), GPU (\d{1,9}) \(MiB\)/;
const SNAPSHOT = /\[MemUsageSnapshot\] (.{1,120}?): CPU (\d{1,9}) MiB, GPU (\d{1,9}) MiB/;
const PEAK =
  /\[MemUsageStats\] (Peak memory usage .{1,120}?): CPU:? (\d{1,9}) MiB(?:, GPU (\d{1,9}) MiB)?/;

const ENGINE: readonly SizeRule[] = [
  { quantity: 'weights', pattern: figure('Loaded engine size: {size}') },
  { quantity: 'weights', pattern: figure('Total Weights Memory: {size}') },
  { quantity: 'activations', pattern: figure('Total Activation Memory: {size}') },
  ...(
    [
      ['Host Persistent', 'other'],
      ['Device Persistent', 'other'],
      ['Scratch', 'compute'],
    ] as const
  ).flatMap(([name, role]): SizeRule[] => [
    {
      quantity: 'buffer',
      pattern: figure(`Total ${name} Memory: {size}`),
      scope: { buffer: name, role },
    },
    {
      quantity: 'buffer',
      pattern: figure(`Total ${name} Memory: {number} $`),
      unit: 'bytes',
      scope: { buffer: name, role },
    },
  ]),
  {
    quantity: 'activations',
    pattern: figure('Total Activation Memory: {number} $'),
    unit: 'bytes',
  },
  { quantity: 'weights', pattern: figure('Total Weights Memory: {number} $'), unit: 'bytes' },
  {
    quantity: 'buffer',
    pattern: figure('Allocated {size} for execution context memory'),
    scope: { buffer: 'execution context', role: 'compute' },
  },
];

const LLM: readonly SizeRule[] = [
  { quantity: 'total', pattern: figure('max tokens in paged kv cache: total: {size}') },
  {
    quantity: 'free',
    pattern: figure('max tokens in paged kv cache: total: .{1,30}, available: {size}'),
  },
  { quantity: 'kv_cache', pattern: figure('Allocated {size} for max tokens in paged KV cache') },
  { quantity: 'kv_available', pattern: figure('Estimated max memory in KV cache : {size}') },
  {
    quantity: 'kv_available',
    pattern: figure('available KV cache memory when calculating max tokens: {size}'),
  },
  {
    quantity: 'peak',
    pattern: figure('Peak memory during memory usage profiling \\(torch \\+ non-torch\\): {size}'),
  },
  { quantity: 'total', pattern: figure('\\bdevice total memory {size}') },
  {
    quantity: 'weights',
    pattern: figure(
      'Memory used (?:after loading model weights|for model weights) \\(inside torch\\) in memory usage profiling: {size}',
    ),
  },
  {
    quantity: 'non_torch',
    pattern: figure(
      'Memory used after loading model weights \\(outside torch\\) in memory usage profiling: {size}',
    ),
  },
  {
    quantity: 'activations',
    pattern: figure(
      'Memory dynamically allocated during inference \\(inside torch\\) in memory usage profiling: {size}',
    ),
  },
];

const COUNTS: readonly CountRule[] = [
  { count: 'kv_tokens', pattern: figure('for max tokens in paged KV cache \\({count}\\)') },
  { count: 'kv_tokens', pattern: figure('Using {count} (?:total )?tokens in paged KV cache') },
  { count: 'gpu_blocks', pattern: figure('Number of blocks in KV cache primary pool: {count}') },
  { count: 'cpu_blocks', pattern: figure('Number of blocks in KV cache secondary pool: {count}') },
  { count: 'gpu_blocks', pattern: figure('\\bMax KV cache blocks: {count}') },
];

const MAY_SAY =
  /MemUsage|engine size|(?:Persistent|Scratch|Weights|Activation) Memory|execution context memory|paged [Kk][Vv] cache|KV cache|memory usage profiling/;

export const tensorrtMemory: StatusReader = {
  id: 'tensorrt-memory',
  code: 'UN640',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'TensorRT memory lines',
      summary:
        'Host and GPU memory at each stage of TensorRT, and TensorRT-LLM\u2019s share for the KV cache.',
    },
    zh: {
      title: 'TensorRT 日志中的内存信息',
      summary: 'TensorRT 各阶段的主机内存和显存，以及 TensorRT-LLM 留给 KV 缓存的部分。',
    },
    ru: {
      title: 'Строки TensorRT о памяти',
      summary:
        'Память хоста и GPU на каждом этапе TensorRT; доля, которую TensorRT-LLM отводит под KV-кэш.',
    },
  },
  sources: [
    'tensorrt@8.6: trtexec --verbose: [MemUsageChange], [MemUsageSnapshot], [MemUsageStats]',
    'tensorrt-llm@0.13.0: cpp/tensorrt_llm/batch_manager/kvCacheManager.cpp',
    'tensorrt-llm@0.20.0: tensorrt_llm/_torch/pyexecutor/_util.py: estimate_max_kv_cache_tokens',
  ],
  needles: [
    '[memusagechange]',
    '[memusagesnapshot]',
    '[memusagestats]',
    'loaded engine size',
    'in paged kv cache',
    'in memory usage profiling',
    'kv cache primary pool',
  ],
  sign: /TRT|TensorRT|MemUsage|Memory/i,
  read({ source, lines }: Passage): Sighting[] {
    const stages: Entry[] = [];
    const loads: Entry[] = [];
    for (const line of lines) {
      if (line.text.length > 4000 || !MAY_SAY.test(line.text)) continue;
      const stage = stageOf(line, source);
      if (stage !== undefined) stages.push(stage);
      const place = { source, line: line.number };
      const entry: Entry = {
        line,
        facts: sizesIn(line.text, [...ENGINE, ...LLM], place),
        counts: countsIn(line.text, COUNTS),
      };
      if (hasFigures(entry)) loads.push(entry);
    }
    return [
      ...joinEntries(stages, { source, apart: 0 }),
      ...joinEntries(loads, { source, apart: 200, many: isTotal }),
    ].sort((a, b) => a.line - b.line);
  },
};

/** The card's total is printed with other digits by the profile. */
const isTotal = ({ quantity }: Fact): boolean => quantity === 'total';

function stageOf(line: Line, source: string): Entry | undefined {
  const { text, number } = line;
  const place = { source, line: number };
  const mib = (quantity: Fact['quantity'], digits: string): Fact =>
    statusFact(quantity, { digits: digits.replace('+', ''), unit: 'MiB' }, place);
  const change = CHANGE.exec(text);
  if (change !== null) {
    const [, label = '', hostDelta = '', delta = '', host = '', now = ''] = change;
    // What TensorRT manages itself; the other lines are of the whole device.
    const isOwn = /managed allocation/i.test(label);
    return {
      line,
      begins: true,
      label,
      facts: [
        mib(isOwn ? 'allocated' : 'used', now),
        mib('host_process', host),
        mib(isOwn ? 'allocated_delta' : 'device_delta', delta),
        mib('host_delta', hostDelta),
      ],
    };
  }
  const snapshot = SNAPSHOT.exec(text);
  if (snapshot !== null) {
    const [, label = '', host = '', used = ''] = snapshot;
    return { line, begins: true, label, facts: [mib('used', used), mib('host_process', host)] };
  }
  const peak = PEAK.exec(text);
  if (peak === null) return undefined;
  const [, label = '', host = '', gpu] = peak;
  return {
    line,
    begins: true,
    label,
    facts: [...(gpu === undefined ? [] : [mib('peak', gpu)]), mib('host_peak', host)],
  };
}
