import { describe, expect, test } from 'vitest';
import { isOfLimit, isRefusal } from './refusal.ts';

/** How programs put it, in every order of words. */
const REFUSED: readonly string[] = [
  'vol2mesh: could not get 3 GB for the voxel grid',
  'g2d_alloc: alloc memory fail with size 1382400!',
  'failed to allocate 8064000000 bytes for *dest',
  'Unable to alocate memmory for lookup table!!',
  'pool allocation of 4096 pages failed (errno 12)',
  'ERROR in slab.c:221: malloc(65536) returned NULL',
  'SOLVER: INSUFFICIENT CORE, 2341 MB NEEDED, 1024 MB AVAILABLE',
  'need 132 MB in heap 4, 96 MB left of 512 MB',
  'memory exhausted while reading block 7',
  'Program too big to fit in memory',
  'tile server is low on memory, refusing new tiles',
  'job 4: VERR_NO_MEMORY',
  'dims (4096, 4096, 900): there is not enough video memory',
  'the request of 9000 MB exceeds the available memory',
  'Heap exhausted, game over.',
  'cannot allocate 2 GB of fixed buffers',
  'could not get 3 GB; this may be too large',
  "the model can't fit in GPU memory",
  'drm: failed to allocate BO, size 8388608',
];

const LIMITED: readonly string[] = [
  'Job has gone over memory limit of 2048 megabytes. Peak usage: 2051 megabytes.',
  'query 17: memory limit exceeded',
  'container is running beyond physical memory limits',
  'vmem limit exceeded: 12gb > 10gb',
];

const QUIET: readonly string[] = [
  'failed to allocate an IP address from the pool',
  'unable to reserve port 8080',
  'thread pool exhausted, 200 tasks waiting',
  'connection pool is full',
  'no memory leaks are possible',
  'memory: 4 GB used, 12 GB free',
  'allocation of 4 MB failed, retrying with 2 MB',
  'requires 4 GB of memory, 16 GB available',
  'rate limit exceeded',
  'the buffer was filled and written',
  'xmalloc never returns NULL',
  'out of range: 12',
  'not enough memory bandwidth',
  'early stop limit not reached, peak memory 5 GB',
];

describe('refusals by their grammar', () => {
  test.each([...REFUSED, ...LIMITED])('%s', (line) => {
    expect(isRefusal(line)).toBe(true);
  });
  test.each(QUIET)('not: %s', (line) => {
    expect(isRefusal(line)).toBe(false);
  });
  test.each(LIMITED)('a limit: %s', (line) => {
    expect(isOfLimit(line)).toBe(true);
  });
});
