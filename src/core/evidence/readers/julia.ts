/** CUDA.jl prints the state of the card and of its pool below the request; either part may have been cut. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('trying to allocate {size:size}');
const SIZE = String.raw`(?<size>\d{1,9}(?:\.\d{0,6})?)(?<size_unit>[KMGT]iB|bytes?)`;
const USAGE = String.raw`GPUmemoryusage:[\d.]{1,24}%\(`;
const USED = new RegExp(`${USAGE}${SIZE}/`);
const TOTAL = new RegExp(`${USAGE}[\\d.]{1,12}[A-Za-z]{1,5}/${SIZE}\\)`);
const ALLOCATED = clause('Memory pool usage : {size:size}');
const RESERVED = clause('({size:size} reserved)');
const HARD = clause('hard = {size:size}');
const SOFT = clause('soft = {size:size}');
const CAPPED = clause('(capped at {size:size}');
// 1.x to 3.2: "BinnedPool usage: 5.1 GiB (4.2 GiB allocated, 1.0 GiB cached)"
const POOL = clause('Pool usage : {size:size}');
const POOL_ALLOCATED = clause('({size:size} allocated,');
const POOL_CACHED = new RegExp(`allocated,${SIZE}cached`);
// CuArrays.jl
const IN_USE = clause('({size:size} in use by');
const IDLE = new RegExp(`buffer\\(s\\),${SIZE}idle`);
const PERCENT = /GPUmemoryusage:(?<count>\d{1,3}(?:\.\d{1,2})?)\d{0,20}%/i;

/** A report without the error above it: of a card that is as good as full. */
const FULL_PERCENT = 90;

export const julia: Reader = {
  id: 'julia',
  code: 'UN481',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Julia, CUDA.jl',
      summary:
        '"Out of GPU memory trying to allocate …" with the use of the card and of the memory pool.',
    },
    zh: {
      title: 'Julia 的 CUDA.jl',
      summary: '“Out of GPU memory trying to allocate …”，含显卡和内存池的用量。',
    },
    ru: {
      title: 'CUDA.jl для Julia',
      summary:
        '«Out of GPU memory trying to allocate …» и сколько занято на карте и в пуле памяти.',
    },
  },
  sources: [
    'CUDA.jl@v5.0.0:src/pool.jl',
    'CUDA.jl@v1.3.3:src/pool.jl',
    'CuArrays.jl@v1.7.3:src/memory.jl',
  ],
  needles: [
    'effective gpu memory',
    'total gpu memory usage:',
    'gpu memory trying',
    'error: out of gpu memory',
    'outofgpumemoryerror',
  ],
  anchor:
    /OutofGPUmemory(?:tryingtoallocate\d{1,6}(?:\.\d{1,6})?(?:[KMGT]iB|bytes?))?(?:(?:Effective|Total)GPUmemoryusage:)?|OutOfGPUMemoryError\(|(?:Effective|Total)GPUmemoryusage:/g,
  read(message): Reading | undefined {
    const text = message.match[0];
    const isReport = /^(?:Effective|Total)/.test(text);
    const isJulia =
      /trying|usage:|OutOfGPUMemoryError/.test(text) ||
      /ERROR:(?:\S{0,40}:)?$/.test(message.before) ||
      /^\S{0,40}Stacktrace:/.test(message.text.slice(text.length));
    // Other programs use the same words.
    if (!isJulia) return undefined;
    const percent = message.count('usage_percent', PERCENT);
    if (isReport && (percent === undefined || percent < FULL_PERCENT)) return undefined;
    message.size('requested', REQUESTED);
    message.size('used', USED);
    message.size('total', TOTAL);
    message.size('allocated', ALLOCATED) ??
      message.size('allocated', POOL_ALLOCATED) ??
      message.size('allocated', IN_USE);
    message.size('reserved', RESERVED) ?? message.size('reserved', POOL);
    message.size('reserved_unallocated', POOL_CACHED) ?? message.size('reserved_unallocated', IDLE);
    message.size('allowed', HARD) ??
      message.size('allowed', SOFT) ??
      message.size('allowed', CAPPED);
    return {
      kind: 'gpu_oom',
      framework: 'julia',
      backend: 'cuda',
      facts: message.facts,
      counts: message.counts,
      clues: isReport ? ['caching-allocator', 'first-line-only'] : ['caching-allocator'],
      end: message.end,
    };
  },
};
