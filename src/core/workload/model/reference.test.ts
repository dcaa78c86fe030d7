import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModelConfig } from './read.ts';
import { elementsOf, parameterCount, weightsOf } from './weights.ts';

// What transformers builds, written by scripts/model-reference.py: key|parameters|digest|config.
const REFERENCE = new URL('../../../../test/models/reference.txt', import.meta.url);
const cases = readFileSync(REFERENCE, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [key = '', count = '', digest = '', ...config] = line.split('|');
    return { key, count: Number(count), digest, config: JSON.parse(config.join('|')) as unknown };
  });

/** Names with their elements, numbers in names as `#`: FNV-1a over the sorted lines. */
function digestOf(found: ReadonlyMap<string, number>): string {
  const lines = [...found].map(([name, elements]) => `${name} ${elements}\n`).sort();
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(lines.join(''))) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value.toString(16).padStart(8, '0');
}

describe('the weights of a model, against what transformers builds', () => {
  it('has cases of every kind', () => {
    expect(cases.length).toBeGreaterThan(150);
  });

  it.each(cases)('$key', ({ key, count, digest, config }) => {
    const reading = readModelConfig(config, key);
    if (!reading.ok)
      throw new Error(`${reading.problem.code} ${JSON.stringify(reading.problem.what.params)}`);
    const found = new Map<string, number>();
    for (const weight of weightsOf(reading.model)) {
      const name = weight.name.replaceAll(/\{\w\}/g, '#').replaceAll(/\.\d+(?=\.|$)/g, '.#');
      found.set(name, (found.get(name) ?? 0) + weight.count * elementsOf(weight));
    }
    expect({ count: parameterCount(reading.model), digest: digestOf(found) }).toEqual({
      count,
      digest,
    });
  });
});
