// @ts-check
/** Modules of the source that are not part of what is published, made loadable. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { REPO } from './bench.mjs';

/**
 * Bundles a TypeScript module and imports it.
 * @param {string} entry relative to the repository
 */
export async function importSource(entry) {
  const folder = mkdtempSync(join(tmpdir(), 'unoom-bench-source-'));
  const file = join(folder, 'bundle.mjs');
  try {
    await build({
      cwd: REPO,
      input: join(REPO, entry),
      platform: 'node',
      logLevel: 'warn',
      output: { file, format: 'esm', codeSplitting: false },
    });
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
