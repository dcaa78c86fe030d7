import { expect, it } from 'vitest';
import { renderSnapshotPage } from './snapshot-page.ts';

const page = [
  ...renderSnapshotPage({
    assets: { script: 'run()', scriptHash: 'c2NyaXB0', style: 'p{}', styleHash: 'c3R5bGU=' },
    lang: 'ru',
    title: '</title><script>alert(1)</script>"&',
    data: ['AAAA', 'BBBB'],
    size: 6,
    report: { source: { name: '</script><img src=x onerror=alert(1)>' } },
  }),
].join('');

it('has the data in pieces, one after another', () => {
  expect(page).toContain('data-size="6">AAAABBBB</script>');
});

it('allows its own script and style, and nothing from anywhere', () => {
  expect(page).toContain("default-src 'none'; script-src 'sha256-c2NyaXB0'");
  expect(page).not.toMatch(/unsafe-|https?:/);
});

it('lets no text of the snapshot become markup', () => {
  expect(page.match(/<script/g)).toHaveLength(3);
  expect(page).toContain('&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;');
  expect(page).toContain('\\u003c/script>\\u003cimg');
});
