import { expect, it } from 'vitest';
import { fill, WORDS, type Word } from './words.ts';

it('has the same parameters in every language', () => {
  const parameters = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const word of Object.keys(WORDS.en) as Word[]) {
    expect(parameters(WORDS.zh[word]), word).toEqual(parameters(WORDS.en[word]));
    expect(parameters(WORDS.ru[word]), word).toEqual(parameters(WORDS.en[word]));
  }
});

it('fills in what it is given and leaves the rest', () => {
  expect(fill('{a} of {b} {constructor}', { a: '{b}', b: '2' })).toBe('{b} of 2 {constructor}');
});
