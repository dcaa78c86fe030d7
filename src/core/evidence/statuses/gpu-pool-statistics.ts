/** Pools of CuPy and RMM as people print them. */
import type { Quantity } from '../../ledger/fact.ts';
import { type Entry, isCodeOrAdvice, joinEntries, plainDigits } from '../own-memory.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';

/** RMM: Statistics(current_bytes=…, current_count=…, peak_bytes=…, total_bytes=…) or a dict of them. */
const RMM =
  /(?:Statistics\(|\{\s*['"])(current_bytes|peak_bytes)['"]?\s*[=:]\s*\d.{0,400}?(?:\)|\}|$)/;
const RMM_PART =
  /['"]?\b(current_bytes|peak_bytes|total_bytes|current_count)['"]?\s*[=:]\s*(\d{1,19})(?=\s*[,)}])/g;
const CUPY =
  /\b(?:mem(?:ory)?_?pool|pool|cupy)\b.{0,40}?\b(used_bytes|total_bytes|free_bytes)(?:\(\))?['"]?\s*[:=]\s*(\d[\d,]{0,18}(?:\.\d{1,6})?)\s?([KMG]i?B|bytes)?(?![\w.])/gi;

const RMM_QUANTITIES: Readonly<Record<string, Quantity>> = {
  current_bytes: 'allocated',
  peak_bytes: 'peak',
  total_bytes: 'handed_out',
};
const CUPY_QUANTITIES: Readonly<Record<string, Quantity>> = {
  used_bytes: 'allocated',
  total_bytes: 'reserved',
  free_bytes: 'reserved_unallocated',
};

export const gpuPoolStatistics: StatusReader = {
  id: 'gpu-pool-statistics',
  code: 'UN647',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Pool statistics of CuPy and RMM',
      summary: 'Bytes in use, held and at most in use of a memory pool.',
    },
    zh: {
      title: 'CuPy 和 RMM 的内存池统计',
      summary: '内存池的已用、持有和峰值字节数。',
    },
    ru: {
      title: 'Статистика пулов CuPy и RMM',
      summary: 'Пул памяти: сколько байт занято, удержано и занято на пике.',
    },
  },
  sources: [
    'cupy@13.0.0: cupy.cuda.MemoryPool: used_bytes, total_bytes, free_bytes',
    'rmm@24.12: rmm.statistics.Statistics',
  ],
  needles: ['statistics(current_bytes', 'used_bytes', 'current_bytes'],
  read({ source, lines }: Passage): Sighting[] {
    const entries = lines.flatMap((line): Entry[] => {
      const { text, number } = line;
      if (text.length > 4000 || !text.includes('_bytes') || isCodeOrAdvice(text)) return [];
      const place = { source, line: number };
      const rmm = RMM.exec(text)?.[0];
      if (rmm !== undefined) {
        const parts = [...rmm.matchAll(RMM_PART)];
        const facts = parts.flatMap(([, key = '', digits = '']) => {
          const quantity = RMM_QUANTITIES[key];
          return quantity === undefined
            ? []
            : [statusFact(quantity, { digits, unit: 'bytes' }, place)];
        });
        const count = parts.find(([, key]) => key === 'current_count')?.[2];
        const counts = count === undefined ? {} : { allocations: Number(count) };
        return facts.length === 0 ? [] : [{ line, begins: true, facts, counts }];
      }
      const facts = [...text.matchAll(CUPY)].flatMap(
        ([, key = '', digits = '', unit = 'bytes']) => {
          const quantity = CUPY_QUANTITIES[key.toLowerCase()];
          return quantity === undefined
            ? []
            : [statusFact(quantity, { digits: plainDigits(digits), unit }, place)];
        },
      );
      return facts.length === 0 ? [] : [{ line, facts }];
    });
    return joinEntries(entries, { source, apart: 2 });
  },
};
