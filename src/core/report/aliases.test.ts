import { expect, test } from 'vitest';
import { ALIASES } from './aliases.ts';
import { explain, explainAll } from './explain.ts';

test('what people call a thing leads to it, and no name is taken from another', () => {
  const ids = new Set(explainAll().map(({ id }) => id));
  for (const [name, id] of Object.entries(ALIASES)) {
    expect(ids.has(id), `${name} leads to ${id}`).toBe(true);
    expect(ids.has(name), `${name} is an id itself`).toBe(false);
  }
  expect(explain('Gradient Accumulation').map(({ id }) => id)).toEqual(['gradient-accumulation']);
  expect(explain('zero_3').map(({ id }) => id)).toEqual(['shard-model-states']);
});
