import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inflate } from './inflate.ts';

const content = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  // Repetitions far and near, which copies are made of.
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 2000 }))
    .map(([part, times]) =>
      Uint8Array.from({ length: part.length * times }, (_, i) => part[i % part.length] as number),
    ),
);

it.each([
  ['dynamic codes', {}],
  ['fixed codes', { strategy: constants.Z_FIXED }],
  ['stored blocks', { level: 0 }],
])('unpacks what zlib has packed: %s', (_, options) => {
  fc.assert(
    fc.property(content, (bytes) => {
      const result = inflate(deflateRawSync(bytes, options), bytes.length);
      expect(Buffer.from(result).equals(Buffer.from(bytes))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it('refuses what is cut, or of another size', () => {
  const packed = deflateRawSync(Buffer.from('memory '.repeat(50)));
  expect(() => inflate(packed.subarray(0, 5), 350)).toThrow();
  expect(() => inflate(packed, 349)).toThrow();
  expect(() => inflate(packed, 351)).toThrow();
});

it('ends on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        inflate(bytes, 100);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
