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

/** As a terminal shows it: lines broken at 80 columns, within words too. */
const broken = (log: string): string =>
  log
    .split('\n')
    .flatMap((line) => line.match(/.{1,80}/gu) ?? [''])
    .join('\n');

describe('lines that a terminal broke', () => {
  test('are read as if they were whole', async () => {
    let [all, alike] = [0, 0];
    for (const example of pages.flatMap(({ kind, examples }) =>
      kind === 'readers' ? examples : [],
    )) {
      const log = broken(example.log);
      if (log === example.log) continue;
      const formats = async (one: typeof example): Promise<string> =>
        (await diagnoseExample(one)).incidents
          .map(({ format, kind }) => `${format} ${kind}`)
          .join();
      all += 1;
      if ((await formats(example)) === (await formats({ ...example, log }))) alike += 1;
    }
    // What a broken line begins with can be what another program prints.
    expect(alike / all).toBeGreaterThan(0.98);
  });
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
