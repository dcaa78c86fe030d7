import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnoseExample, examplesOf, failuresOf, readPages, testsItself } from './pages.ts';

const pages = readPages(resolve(import.meta.dirname, '..'));

describe.each(pages.map((page) => [`${page.kind}/${page.id}`, page] as const))('%s', (_, page) => {
  test('has an example that names its own unit', () => {
    expect(
      testsItself(page),
      `docs/${page.kind}/${page.id}.md needs a log block whose expect block names ${page.id}`,
    ).toBe(true);
  });
  test.each(page.examples.map((example) => [example.line, example] as const))(
    'the log at line %i gives what the page says',
    async (_line, example) => {
      const diagnosis = await diagnoseExample(example);
      expect(failuresOf(example, diagnosis)).toEqual([]);
    },
  );
});

describe('the page runner', () => {
  const page = '```log\nCUDA error: out of memory\n```\n```expect\nverdict: none\n```\n';

  test('sees an expectation that does not come true', async () => {
    const [example] = examplesOf(page);
    if (example === undefined) throw new Error('no example');
    expect(failuresOf(example, await diagnoseExample(example))).toEqual([
      'verdict: expected none, got gpu_oom',
    ]);
  });
  test('refuses a log block that expects nothing', () => {
    expect(() => examplesOf('```log\nx\n```\n')).toThrow('without an expect block');
  });
  test('refuses an expectation that it does not know', async () => {
    const [example] = examplesOf(page.replace('verdict:', 'vredict:'));
    if (example === undefined) throw new Error('no example');
    expect(failuresOf(example, await diagnoseExample(example))).toEqual([
      'no such expectation: vredict',
    ]);
  });
});
