// @ts-check
/**
 * Pages that the command writes carry their script and style inside. This plugin, of rolldown and of
 * Vite alike, serves them as the module `unoom:snapshot-page`.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'rolldown';

const folder = join(dirname(import.meta.dirname), 'src/web/snapshot-page');
const NAME = 'unoom:snapshot-page';

/** @returns {Promise<import('../src/core/report/snapshot-page.ts').PageAssets>} */
export async function buildSnapshotPage() {
  const { output } = await build({
    input: join(folder, 'main.ts'),
    platform: 'browser',
    tsconfig: false,
    write: false,
    transform: { target: 'es2023', define: { __UNOOM_VERSION__: '""' } },
    // Every page carries it, so here small counts; sources are in the repository.
    output: { format: 'esm', minify: true },
  });
  const css = await readFile(join(folder, 'page.css'), 'utf8');
  const script = output[0].code.trim();
  const style = css
    .replaceAll(/\/\*[^*]*\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  for (const text of [script, style]) {
    if (/<\/(?:script|style)|<!--/i.test(text))
      throw new Error('a page asset would end its element');
  }
  return { script, scriptHash: hash(script), style, styleHash: hash(style) };
}

/** @param {string} text */
const hash = (text) => createHash('sha256').update(text).digest('base64');

/** @returns {{ name: string, resolveId(id: string): string | null, load(id: string): Promise<string | null> }} */
export function pageAssets() {
  const resolved = `\0${NAME}`;
  return {
    name: 'page-assets',
    resolveId: (id) => (id === NAME ? resolved : null),
    async load(id) {
      if (id !== resolved) return null;
      return `export const snapshotPage = ${JSON.stringify(await buildSnapshotPage())};`;
    },
  };
}
