import { expect, test } from 'vitest';
import { findCatalogModel } from './models.ts';
import { type Relative, relativesOf } from './relatives.ts';

function of(name: string): readonly Relative[] {
  const found = findCatalogModel(name);
  if (found === undefined) throw new Error(`${name} is not in the catalog`);
  return relativesOf(name, found.model.parameters ?? Number.POSITIVE_INFINITY);
}

test('members of a family are smaller, and the largest comes first', () => {
  const found = of('meta-llama/Llama-3.1-70B');
  expect(found.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.2-1B']),
  );
  const sizes = found.map(({ parameters }) => parameters);
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect(sizes[0]).toBeLessThan(70e9);
  expect(found.every(({ name }) => name.startsWith('meta-llama/'))).toBe(true);
});

test('what was distilled says so', () => {
  const found = of('google-bert/bert-base-uncased');
  expect(found.filter(({ isDistilled }) => isDistilled).map(({ name }) => name)).toContain(
    'distilbert/distilbert-base-uncased',
  );
});

test('the smallest of a family has no relatives below it', () => {
  expect(of('Qwen/Qwen2.5-0.5B').every(({ parameters }) => parameters < 0.5e9)).toBe(true);
});
