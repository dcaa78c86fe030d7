import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/ring.ts';
import type { AllocatorSettings } from '../allocator/program.ts';
import { MiB } from '../base/bytes.ts';
import { Places, type Program, replay } from './program-replay.ts';

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

const steps = fc.array(
  fc.record({
    pieces: fc.integer({ min: 1, max: 900 }),
    stream: fc.constantFrom(0, 0, 1, 2),
    /** How long it lives. */
    life: fc.constantFrom(0, 0, 1, 5, 20, 1000),
  }),
  { minLength: 40, maxLength: 250, size: 'max' },
);

/** Allocations one after the other, each freed when so many others have come. */
function programOf(given: readonly { pieces: number; stream: number; life: number }[]): Program {
  const events: number[] = [];
  given.forEach(({ life }, i) => {
    events.push(i);
    for (let k = 0; k < i; k += 1) if (k + (given[k]?.life ?? 0) === i) events.push(~k);
    if (life === 0) events.push(~i);
  });
  return {
    events: Int32Array.from(events),
    sizes: Float64Array.from(given, ({ pieces }) => pieces * 0.1 * MiB),
    streams: Uint8Array.from(given, ({ stream }) => stream),
    allocated: 0,
    later: 0,
    first: { events: Math.floor(events.length / 3), allocated: 0 },
  };
}

test('a replay from a place that another came by is the whole replay', () => {
  const settings = fc.constantFrom<Partial<AllocatorSettings>>(
    {},
    { expandableSegments: true },
    { maxSplitSize: 40 * MiB },
    { roundupPower2Divisions: new Array(16).fill(4) },
  );
  const shares = fc.array(fc.double({ min: 0.3, max: 1.1, noNaN: true }), { maxLength: 6 });
  fc.assert(
    fc.property(steps, settings, shares, fc.boolean(), (given, changed, parts, isFirst) => {
      const program = programOf(given);
      const chosen = { ...DEFAULTS, ...changed };
      const places = new Places();
      const all = replay(program, chosen, Number.POSITIVE_INFINITY, isFirst ? places : undefined);
      const most = all?.reserved ?? 0;
      for (const part of parts) {
        const whole = replay(program, chosen, part * most);
        expect(replay(program, chosen, part * most, places)).toEqual(whole);
        // What never met the end of its card is the same on any that is larger.
        if (part >= 1) expect(whole).toEqual(all);
        if (whole?.isFree === true) expect(whole).toEqual(all);
      }
    }),
    { numRuns: numRuns(200) },
  );
});
