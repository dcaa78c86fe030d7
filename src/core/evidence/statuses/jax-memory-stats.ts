/** `device.memory_stats()` of JAX: a dict of bytes. */
import { phrase } from '../../base/texts.ts';
import type { CountName, Fact, Quantity } from '../../ledger/fact.ts';
import { type Entry, joinEntries } from '../own-memory.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';

const KEY =
  /(['"])(bytes_in_use|peak_bytes_in_use|bytes_limit|bytes_reserved|peak_bytes_reserved|bytes_reservable_limit|largest_alloc_size|largest_free_block_bytes|pool_bytes|peak_pool_bytes|num_allocs)\1\s*:\s*(\d{1,19})(?=\s*[,}])|\b(bytes_in_use|peak_bytes_in_use|bytes_limit)\s*[:=]\s*(\d{3,19})(?![\d.])/g;

const QUANTITIES: Readonly<Record<string, Quantity>> = {
  bytes_in_use: 'allocated',
  peak_bytes_in_use: 'peak',
  bytes_limit: 'budget',
  pool_bytes: 'reserved',
  peak_pool_bytes: 'peak_reserved',
  bytes_reserved: 'reserved',
  peak_bytes_reserved: 'peak_reserved',
  largest_alloc_size: 'largest_allocation',
  largest_free_block_bytes: 'largest_free_block',
};

const STATISTICS = phrase({
  en: 'the memory statistics',
  zh: '显存统计',
  ru: 'статистика памяти',
});

export const jaxMemoryStats: StatusReader = {
  id: 'jax-memory-stats',
  code: 'UN646',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'memory_stats() of a JAX device',
      summary: 'Bytes in use, their peak and the limit of the pool.',
    },
    zh: {
      title: 'JAX 设备的 memory_stats()',
      summary: '内存池的已用字节数、峰值和上限。',
    },
    ru: {
      title: 'memory_stats() устройства JAX',
      summary: 'Занятые байты, их пик и лимит пула.',
    },
  },
  sources: ['jax@0.4.30: jax.Device.memory_stats'],
  needles: ['bytes_in_use', 'peak_bytes_in_use'],
  sign: /bytes_|num_allocs|largest_/,
  read({ source, lines, goes_on }: Passage): Sighting[] {
    const entries: Entry[] = [];
    for (const [index, line] of lines.entries()) {
      const { text, number } = line;
      const facts = new Map<Quantity, Fact>();
      const counts: Partial<Record<CountName, number>> = {};
      let device: number | undefined;
      for (const match of text.matchAll(KEY)) {
        const key = match[2] ?? match[4] ?? '';
        const digits = match[3] ?? match[5] ?? '';
        device ??= deviceIn(text.slice(0, match.index));
        const quantity = QUANTITIES[key];
        if (key === 'num_allocs') counts.allocations = Number(digits);
        // A reserved size of 0 beside the pool's size says nothing.
        if (quantity === undefined || (key.includes('reserved') && digits === '0')) continue;
        const scope = device === undefined ? {} : { device };
        facts.set(
          quantity,
          statusFact(quantity, { digits, unit: 'bytes' }, { source, line: number }, scope),
        );
      }
      if (facts.size === 0) continue;
      const isOpen = /\{[^{}]*$/.test(text.slice(-4000));
      const isCut = isOpen && index === lines.length - 1 && !goes_on;
      entries.push({
        line,
        facts: [...facts.values()],
        counts,
        ...(device !== undefined && { label: `device ${device}` }),
        ...(isCut && {
          gaps: [{ code: 'cut-off' as const, line: number, where: STATISTICS }],
        }),
      });
    }
    return joinEntries(entries, { source, apart: 3 });
  },
};

/** "CudaDevice(id=1)", "cuda:1", "gpu:1" in front of the dict. */
function deviceIn(lead: string): number | undefined {
  const index = /(?:\bid=|\b(?:cuda|gpu|rocm|tpu):)(\d{1,4})\b[^{}]{0,40}\{?[^{}]{0,200}$/i.exec(
    lead.slice(-300),
  )?.[1];
  return index === undefined ? undefined : Number(index);
}
