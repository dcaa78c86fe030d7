import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainRound, ReferenceAllocator } from '../../../test/allocator/reference.ts';
import { numRuns } from '../../../test/ring.ts';
import { MiB } from '../base/bytes.ts';
import { CachingAllocator } from './caching-allocator.ts';
import { type Driver, ModelledDevice } from './driver.ts';
import type { AllocatorSettings } from './program.ts';
import { divisionEntry, roundSize, segmentSize } from './rounding.ts';

const DEFAULTS: AllocatorSettings = {
  expandableSegments: false,
  maxSplitSize: Number.POSITIVE_INFINITY,
  maxNonSplitRounding: 20 * MiB,
  largeSegmentSize: 20 * MiB,
  roundupPower2Divisions: new Array(16).fill(0),
  garbageCollectionThreshold: 0,
  cap: Number.POSITIVE_INFINITY,
  capacity: Number.POSITIVE_INFINITY,
};

/** A device that gives addresses in no order, and writes down what it was asked. */
class ScatteringDevice implements Driver {
  readonly calls: string[] = [];
  private used = 0;
  private count = 0;
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  private place(): number {
    this.count += 1;
    // Odd multipliers permute the numbers below a power of two: no address comes twice.
    return (((this.count * 2654435761) >>> 0) % 2 ** 12) * 2 ** 40;
  }

  allocate(bytes: number): number {
    if (this.used + bytes > this.capacity) return -1;
    this.used += bytes;
    this.calls.push(`+${bytes}`);
    return this.place();
  }

  free(address: number, bytes: number): void {
    this.used -= bytes;
    this.calls.push(`-${address} ${bytes}`);
  }

  reserve(): number {
    return this.place();
  }

  isExhausted(): boolean {
    return false;
  }

  map(address: number, bytes: number): boolean {
    if (this.used + bytes > this.capacity) return false;
    this.used += bytes;
    this.calls.push(`map ${address} ${bytes}`);
    return true;
  }

  unmap(address: number, bytes: number): void {
    this.used -= bytes;
    this.calls.push(`unmap ${address} ${bytes}`);
  }
}

const STREAMS = 2;
const POOLS = 2;

type Step =
  | {
      readonly kind: 'malloc';
      readonly size: number;
      readonly stream: number;
      readonly pool: number;
    }
  | { readonly kind: 'free' | 'request' | 'complete'; readonly pick: number }
  | { readonly kind: 'empty' };

const sizes = fc.oneof(
  fc.integer({ min: 1, max: 4096 }),
  fc.integer({ min: 1, max: 2 * MiB }),
  fc.integer({ min: 1, max: 40 * MiB }),
  fc.constantFrom(512, MiB, MiB + 1, 10 * MiB, 10 * MiB - 512, 20 * MiB, 128 * MiB),
  // Multiples of what borders are made of, so that ties and exact fits come often.
  fc.integer({ min: 1, max: 16 }).map((n) => n * 512),
  fc.integer({ min: 2, max: 40 }).map((n) => n * MiB),
  fc.integer({ min: 2, max: 40 }).map((n) => n * MiB + 512),
);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant('malloc' as const),
        size: sizes,
        stream: fc.constantFrom(0, 0, 0, 1),
        pool: fc.constantFrom(0, 0, 0, 0, 0, 1),
      }),
    },
    {
      weight: 9,
      arbitrary: fc.record({ kind: fc.constant('free' as const), pick: fc.nat() }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('request' as const, 'complete' as const),
        pick: fc.nat(),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'empty' as const }) },
  ),
  { minLength: 100, maxLength: 400, size: 'max' },
);

const settings: fc.Arbitrary<AllocatorSettings> = fc.record({
  expandableSegments: fc.boolean(),
  maxSplitSize: fc.constantFrom(Number.POSITIVE_INFINITY, 24 * MiB, 32 * MiB),
  maxNonSplitRounding: fc.constantFrom(20 * MiB, 8 * MiB),
  largeSegmentSize: fc.constantFrom(20 * MiB, 20 * MiB, 12 * MiB),
  roundupPower2Divisions: fc
    .constantFrom(0, 0, 1, 2, 4, 8)
    .map((parts) => new Array(16).fill(parts)),
  garbageCollectionThreshold: fc.constantFrom(0, 0.3, 0.6),
  cap: fc.constantFrom(Number.POSITIVE_INFINITY, 200 * MiB, 400 * MiB),
  capacity: fc.constantFrom(Number.POSITIVE_INFINITY, 150 * MiB, 500 * MiB),
});

describe('the allocator', () => {
  it('does what the plain one does, whatever the program and the settings', () => {
    fc.assert(
      fc.property(steps, settings, (program, chosen) => {
        const device = new ScatteringDevice(chosen.capacity);
        const plainDevice = new ScatteringDevice(chosen.capacity);
        const fast = new CachingAllocator(chosen, device, {
          streams: STREAMS,
          pools: POOLS,
          blocks: program.length,
        });
        const plain = new ReferenceAllocator(chosen, plainDevice);
        const live: number[] = [];
        for (const [number, step] of program.entries()) {
          if (step.kind === 'malloc') {
            const isServed = fast.malloc(number, step.size, step.stream, step.pool);
            expect(plain.malloc(number, step.size, step.stream, step.pool)).toBe(isServed);
            expect(plain.addressOf(number)).toBe(fast.addressOf(number));
            if (isServed) live.push(number);
          } else if (step.kind === 'empty') {
            fast.emptyCache();
            plain.emptyCache();
          } else if (live.length > 0) {
            const block = live[step.pick % live.length] as number;
            if (step.kind !== 'complete') {
              fast.freeRequested(block);
              plain.freeRequested(block);
            }
            if (step.kind !== 'request') {
              fast.freeCompleted(block);
              plain.freeCompleted(block);
              live.splice(live.indexOf(block), 1);
            }
          }
          expect(fast.reserved).toBe(plain.reserved);
        }
        expect(device.calls).toEqual(plainDevice.calls);
        expect(fast.peakReserved).toBe(plain.peakReserved);
        expect(
          fast.blocks().map((block) => `${block.address} ${block.size} ${block.state}`),
        ).toEqual(plain.layout());
      }),
      { numRuns: numRuns(100) },
    );
  });
});

describe('rounding', () => {
  it('is that of the plain one', () => {
    const divisions = fc.constantFrom(0, 1, 2, 8, 64).map((parts) => new Array(16).fill(parts));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 36 }), divisions, (bytes, parts) => {
        expect(roundSize(bytes, parts)).toBe(plainRound(bytes, parts));
      }),
    );
  });

  it('takes the division of its power of two', () => {
    expect(divisionEntry(1)).toBe(0);
    expect(divisionEntry(2 * MiB - 1)).toBe(0);
    expect(divisionEntry(2 * MiB)).toBe(1);
    expect(divisionEntry(2 ** 35)).toBe(15);
    expect(divisionEntry(2 ** 40)).toBe(15);
  });

  it('rounds 1200 in quarters of 1024 only above 512 bytes a part', () => {
    // The example of the documentation: 1200 with 4 divisions would be 1280, but blocks are of 512.
    expect(roundSize(1200, new Array(16).fill(4))).toBe(1536);
    expect(roundSize(5000, new Array(16).fill(4))).toBe(5120);
  });

  it('gives segments of 2 MiB, of 20 MiB, and multiples of 2 MiB', () => {
    expect(segmentSize(MiB, 20 * MiB)).toBe(2 * MiB);
    expect(segmentSize(MiB + 512, 20 * MiB)).toBe(20 * MiB);
    expect(segmentSize(10 * MiB, 20 * MiB)).toBe(10 * MiB);
    expect(segmentSize(11 * MiB + 512, 20 * MiB)).toBe(12 * MiB);
  });
});

describe('best fit', () => {
  it('takes the smallest block that is large enough, of equal ones the lowest', () => {
    const allocator = new CachingAllocator(DEFAULTS, new ScatteringDevice(Infinity), {
      streams: 1,
      pools: 1,
      blocks: 8,
    });
    for (let block = 0; block < 3; block += 1) allocator.malloc(block, 30 * MiB, 0, 0);
    const lowest = Math.min(...[0, 1, 2].map((block) => allocator.addressOf(block)));
    for (let block = 0; block < 3; block += 1) allocator.freeCompleted(block);
    allocator.malloc(3, 30 * MiB, 0, 0);
    expect(allocator.addressOf(3)).toBe(lowest);
    expect(allocator.reserved).toBe(90 * MiB);
  });
});

it('leaves all as it was where bytes that come and go at once are passing', () => {
  const size = fc.integer({ min: 1, max: 400 }).map((pieces) => pieces * 0.3 * MiB);
  const operation = fc.oneof(
    fc.record({ scratch: fc.constant(true), size, at: fc.constant(0) }),
    fc.record({ scratch: fc.constant(false), size, at: fc.nat(20) }),
  );
  const settings = fc.constantFrom<Partial<AllocatorSettings>>(
    {},
    { expandableSegments: true },
    { maxSplitSize: 40 * MiB },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), settings, (operations, changed) => {
      const names = { blocks: operations.length, streams: 1, pools: 1 };
      const make = (): CachingAllocator =>
        new CachingAllocator({ ...DEFAULTS, ...changed }, new ModelledDevice(1024 * MiB), names);
      const [run, skipped] = [make(), make()];
      operations.forEach(({ scratch, size: bytes, at }, block) => {
        if (!scratch) {
          for (const one of [run, skipped]) {
            if (at < block) one.freeCompleted(at);
            one.malloc(block, bytes, 0, 0);
          }
          return;
        }
        if (run.malloc(block, bytes, 0, 0)) run.freeCompleted(block);
        if (skipped.isPassing(bytes, 0, 0)) return;
        if (skipped.malloc(block, bytes, 0, 0)) skipped.freeCompleted(block);
      });
      expect(skipped.blocks()).toEqual(run.blocks());
      expect([skipped.peakReserved, skipped.retries]).toEqual([run.peakReserved, run.retries]);
    }),
    { numRuns: numRuns(200) },
  );
});
