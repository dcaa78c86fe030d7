/** TGI and LMDeploy say how many tokens or blocks fit; the bytes behind them they keep to themselves. */
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

const COUNTS: readonly CountRule[] = [
  // TGI
  {
    count: 'total_tokens',
    pattern: figure('(?:Setting|Using) max batch total tokens (?:to )?{count}'),
  },
  { count: 'total_tokens', pattern: figure('Maximum total tokens defaulted to {count}') },
  { count: 'gpu_blocks', pattern: figure('KV-cache blocks: {count}, size') },
  // LMDeploy
  { count: 'gpu_blocks', pattern: figure('\\bmax_block_count = {count}') },
  { count: 'gpu_blocks', pattern: figure('lmdeploy.{0,120}\\bnum_gpu_blocks=? {count}') },
];

const SIZES: readonly SizeRule[] = [
  {
    quantity: 'buffer',
    pattern: figure('\\[BlockManager\\] block_size = {size}'),
    scope: { buffer: 'KV block', role: 'kv' },
  },
];

export const servingCapacity: StatusReader = {
  id: 'serving-capacity',
  code: 'UN643',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Capacity lines of TGI and LMDeploy',
      summary: 'How many tokens or KV blocks the engine found room for.',
    },
    zh: {
      title: 'TGI 和 LMDeploy 日志中的容量',
      summary: '推理引擎能容纳多少 token 或 KV 块。',
    },
    ru: {
      title: 'Строки TGI и LMDeploy о ёмкости',
      summary: 'На сколько токенов или KV-блоков движку хватило памяти.',
    },
  },
  sources: [
    'text-generation-inference@2.0.0: router/src/main.rs: Setting max batch total tokens',
    'lmdeploy@0.6.0: src/turbomind/models/llama/BlockManager.cc',
  ],
  needles: ['max batch total tokens', 'kv-cache blocks:', '[blockmanager]'],
  sign: /token|batch/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries = lines.flatMap((line): Entry[] => {
      const { text, number } = line;
      if (text.length > 4000 || !/\d/.test(text)) return [];
      const entry: Entry = {
        line,
        facts: sizesIn(text, SIZES, { source, line: number }),
        counts: countsIn(text, COUNTS),
      };
      return hasFigures(entry) ? [entry] : [];
    });
    return joinEntries(entries, { source, apart: 40 });
  },
};
