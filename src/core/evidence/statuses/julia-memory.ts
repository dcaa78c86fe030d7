/** Julia's `CUDA.memory_status()`, where it stands alone: a failure prints the same lines. */
import {
  type Entry,
  figure,
  hasFigures,
  joinEntries,
  type SizeRule,
  sizesIn,
} from '../own-memory.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const SIZES: readonly SizeRule[] = [
  {
    quantity: 'used',
    pattern: figure('(?:Effective|Total) GPU memory usage: [\\d.]{1,8}% \\({size}/'),
  },
  {
    quantity: 'total',
    pattern: figure('(?:Effective|Total) GPU memory usage: [\\d.]{1,8}% \\(.{1,24}/{size}\\)'),
  },
  {
    quantity: 'allocated',
    pattern: figure('^.{0,8}(?:Memory|CUDA) (?:pool|allocator) usage: {size}'),
  },
  {
    quantity: 'reserved',
    pattern: figure('(?:Memory|CUDA) (?:pool|allocator) usage: .{1,24} \\({size} reserved\\)'),
  },
  { quantity: 'allowed', pattern: figure('Memory limit: (?:soft = .{1,24}, )?hard = {size}') },
];
const FAILURE = /Out of (?:GPU )?memory/i;

export const juliaMemory: StatusReader = {
  id: 'julia-memory',
  code: 'UN648',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'CUDA.memory_status() of Julia',
      summary: 'Use of the device and of the memory pool.',
    },
    zh: {
      title: 'Julia 的 CUDA.memory_status()',
      summary: '设备和内存池的占用情况。',
    },
    ru: {
      title: 'CUDA.memory_status() в Julia',
      summary: 'Сколько занято на устройстве и в пуле памяти.',
    },
  },
  sources: ['CUDA.jl@5.4.0: src/pool.jl: memory_status'],
  needles: ['gpu memory usage:', 'memory pool usage:'],
  sign: /GPU memory|pool usage|allocator usage/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries: Entry[] = [];
    let failure = Number.NEGATIVE_INFINITY;
    for (const line of lines) {
      const { text, number } = line;
      if (text.length > 1000) continue;
      if (FAILURE.test(text)) failure = number;
      const facts = sizesIn(text, SIZES, { source, line: number });
      const entry: Entry = { line, facts, ...(/GPU memory usage/.test(text) && { begins: true }) };
      if (hasFigures(entry) && number - failure > 3) entries.push(entry);
    }
    return joinEntries(entries, { source, apart: 2 });
  },
};
