// `npm run build` makes dist/ from nothing: the bundles, then the declarations.
// `npm run build -- --bundles` renews the bundles only.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';

export const root = dirname(import.meta.dirname);
const dist = join(root, 'dist');
const inputs = ['src', 'package.json', 'package-lock.json', 'rolldown.config.mjs'];

export async function buildBundles() {
  const { default: bundles } = await import('../rolldown.config.mjs');
  // Chunk names carry a hash, so chunks of an earlier build would stay behind.
  await rm(join(dist, 'chunks'), { recursive: true, force: true });
  // bin.js is written last: its age stands for the whole build.
  for (const bundle of bundles) await build(bundle);
}

/** Builds only when a source is newer than the last build. */
export async function ensureBundles() {
  const built = join(dist, 'bin.js');
  const isFresh =
    existsSync(built) &&
    (await stat(built)).mtimeMs >
      Math.max(...(await Promise.all(inputs.map((path) => newest(join(root, path))))));
  if (!isFresh) await buildBundles();
}

/**
 * Directories count too, so that a deleted file is noticed.
 * @param {string} path
 * @returns {Promise<number>}
 */
async function newest(path) {
  const { mtimeMs } = await stat(path);
  const entries = (await stat(path)).isDirectory() ? await readdir(path) : [];
  return Math.max(mtimeMs, ...(await Promise.all(entries.map((name) => newest(join(path, name))))));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const bundlesOnly = process.argv.includes('--bundles');
  // Declarations of deleted modules would otherwise be published.
  if (!bundlesOnly) await rm(dist, { recursive: true, force: true });
  await buildBundles();
  if (!bundlesOnly) {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { status } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: 'inherit' });
    process.exitCode = status ?? 1;
  }
}
