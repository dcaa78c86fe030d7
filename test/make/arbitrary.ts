// Random truths behind a message, always consistent: what is in use never exceeds the card.
import fc from 'fast-check';
import { GiB, MiB, type Truth } from './messages.ts';

const part = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 0, max: most }),
    fc.constantFrom(0, 512, MiB, 2 * MiB, GiB).map((n) => Math.min(n, most)),
  );

/** Segments are 512-byte multiples; figures are kept so to be like real ones. */
const round = (n: number): number => Math.floor(n / 512) * 512;

export const truth: fc.Arbitrary<Truth> = fc
  .record({
    device: fc.integer({ min: 0, max: 15 }),
    total: fc.integer({ min: 2 * GiB, max: 200 * GiB }),
    shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
    requested: fc.integer({ min: 1, max: 8 }).chain((n) => part(n * 10 * GiB)),
    withPools: fc.boolean(),
    allowed: fc.option(fc.double({ min: 0.05, max: 1, noNaN: true }), { nil: undefined }),
    listing: fc.constantFrom('none', 'marked', 'unmarked'),
    pids: fc.uniqueArray(fc.integer({ min: 2, max: 4_000_000 }), { minLength: 4, maxLength: 4 }),
  })
  .map(({ device, total, shares, requested, withPools, allowed, listing, pids }): Truth => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = shares;
    const allocated = round(total * 0.7 * a);
    const idle = round(total * 0.1 * b);
    const privateIdle = withPools ? round(total * 0.05 * c) + 512 : undefined;
    const context = round(300 * MiB * d);
    const own = allocated + idle + (privateIdle ?? 0) + context;
    const others =
      listing === 'none'
        ? []
        : [e, f].map((share, i) => ({ pid: pids[i] ?? 1, bytes: round(total * 0.04 * share) }));
    const used = own + others.reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      device,
      total,
      requested: Math.max(512, round(requested)),
      free: Math.max(0, total - used),
      allocated,
      idle,
      ...(privateIdle !== undefined && { privateIdle }),
      ...(allowed !== undefined && { allowed: round(total * allowed) }),
      ...(listing !== 'none' && {
        own: { bytes: own, pid: pids[3] ?? 1, isMarked: listing === 'marked' },
        others,
      }),
    };
  });
