import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numRuns } from '../../../../test/ring.ts';
import { CachingAllocator } from '../../allocator/caching-allocator.ts';
import type { Driver as ReplayDriver } from '../../allocator/driver.ts';
import type { AllocatorSettings } from '../../allocator/program.ts';
import { GiB, KiB, MiB } from '../../base/bytes.ts';
import { NONE } from '../columns.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { SimulatedAllocator } from './allocator.ts';
import type { Block } from './block.ts';
import { Driver } from './driver.ts';

const CAPACITY = 2 * GiB;

/** The same simulated driver, as the replayer wants to call it. */
function replayDriver(): ReplayDriver {
  const driver = new Driver(0, CAPACITY);
  return {
    allocate: (bytes) => driver.allocate(bytes) ?? -1,
    free: (address, bytes) => driver.release(address, bytes),
    reserve: () => driver.reserve(),
    isExhausted: () => false,
    map: (_, bytes) => driver.map(bytes),
    unmap: (_, bytes) => driver.unmap(bytes),
  };
}

const NOTHING = { segment: () => undefined, completed: () => undefined };

/** A request, or a number that picks a live block to free, or a call. */
type Step =
  | {
      readonly kind: 'malloc';
      readonly size: number;
      readonly stream: number;
      readonly pool: number;
    }
  | { readonly kind: 'free' | 'defer'; readonly pick: number }
  | { readonly kind: 'empty' | 'synchronize' };

const size = fc.oneof(
  fc.integer({ min: 1, max: 4 * KiB }),
  fc.integer({ min: 1, max: 2 * MiB }),
  fc.integer({ min: 1, max: 40 * MiB }),
  fc.integer({ min: 1, max: 300 * MiB }),
  fc.constantFrom(512, MiB, MiB + 1, 10 * MiB, 10 * MiB - 1, 64 * MiB, 128 * MiB),
);
const malloc = fc.record({
  kind: fc.constant('malloc' as const),
  size,
  stream: fc.nat(2),
  pool: fc.constantFrom(0, 0, 0, 1),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: malloc, weight: 10 },
  { arbitrary: fc.record({ kind: fc.constant('free' as const), pick: fc.nat() }), weight: 7 },
  { arbitrary: fc.record({ kind: fc.constant('defer' as const), pick: fc.nat() }), weight: 1 },
  { arbitrary: fc.constant({ kind: 'synchronize' as const }), weight: 1 },
  { arbitrary: fc.constant({ kind: 'empty' as const }), weight: 1 },
);

/** What waits becomes free with a request, so there is one at the end. */
const LAST: Step = { kind: 'malloc', size: 1, stream: 0, pool: 0 };

const settings: fc.Arbitrary<AllocatorSettings> = fc
  .record({
    expandableSegments: fc.boolean(),
    maxSplitSize: fc.constantFrom(Number.POSITIVE_INFINITY, 32 * MiB, 128 * MiB),
    roundupPower2Divisions: fc
      .constantFrom(0, 1, 4, 8)
      .map((parts): number[] => new Array(16).fill(parts)),
    cap: fc.constantFrom(Number.POSITIVE_INFINITY, GiB),
    garbageCollectionThreshold: fc.constantFrom(0, 0.5),
    largeSegmentSize: fc.constantFrom(20 * MiB, 12 * MiB),
  })
  .map((chosen) => ({ ...DEFAULT_SETTINGS, ...chosen }));

describe('the simulated allocator', () => {
  it('and the replayer, written apart from it, choose the same addresses', () => {
    fc.assert(
      fc.property(settings, fc.array(step, { minLength: 5, maxLength: 150 }), (chosen, drawn) => {
        const steps = [...drawn, LAST];
        const plain = new SimulatedAllocator(chosen, new Driver(0, CAPACITY), NOTHING);
        const fast = new CachingAllocator(chosen, replayDriver(), {
          streams: 3,
          pools: 2,
          blocks: steps.length,
        });
        const live: { number: number; block: Block }[] = [];
        const waiting: number[] = [];
        for (const [number, each] of steps.entries()) {
          if (each.kind === 'malloc') {
            const { stream, pool } = each;
            const block = plain.malloc(each.size, stream, pool, NONE, pool > 0);
            const isServed = fast.malloc(number, each.size, stream, pool);
            expect(isServed ? fast.addressOf(number) : undefined).toBe(block?.address);
            if (block !== undefined) live.push({ number, block });
          } else if (each.kind === 'free' || each.kind === 'defer') {
            const [gone] = live.length > 0 ? live.splice(each.pick % live.length, 1) : [];
            if (gone === undefined) continue;
            gone.block.isUsedElsewhere = each.kind === 'defer';
            if (plain.free(gone.block)) fast.freeCompleted(gone.number);
            else {
              fast.freeRequested(gone.number);
              waiting.push(gone.number);
            }
          } else if (each.kind === 'synchronize') {
            // The plain one does it with the next request, which comes to the same.
            plain.synchronize();
            for (const done of waiting.splice(0)) fast.freeCompleted(done);
          } else {
            plain.emptyCache();
            fast.emptyCache();
          }
          expect(fast.reserved).toBe(plain.reserved);
        }
        const blocks = [...plain.segments()].flat().map(({ address, size }) => ({ address, size }));
        expect(fast.blocks().map(({ address, size }) => ({ address, size }))).toEqual(blocks);
      }),
      { numRuns: numRuns(600) },
    );
  });
});
