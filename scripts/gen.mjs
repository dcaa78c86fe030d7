// Writes what is derived: unit registries and generated documents. With --check it writes nothing
// and says what would change.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { documents } from './documents.mjs';
import { registryDocuments, unitFaults } from './registries.mjs';

const root = dirname(import.meta.dirname);

/**
 * @param {{ check: boolean }} options
 * @returns {Promise<boolean>} whether everything is as it should be
 */
export async function generate({ check }) {
  /** @type {string[]} */
  const stale = [];
  // Registries come first: documents may ask the core, and the core imports them.
  /** @type {ReturnType<typeof loadCore> | undefined} */
  let core;
  const once = () => (core ??= loadCore());
  for (const document of [...registryDocuments(root), ...documents]) {
    const text = await document.render(once);
    const path = join(root, document.path);
    if (existsSync(path) && (await readFile(path, 'utf8')) === text) continue;
    stale.push(document.path);
    if (check) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    console.log(`wrote ${document.path}`);
  }
  const faults = unitFaults(root);
  for (const fault of faults) console.error(fault);
  if (check) {
    for (const path of stale) console.error(`${path} is out of date`);
    if (stale.length > 0) console.error('To bring it up to date: npm run gen');
  }
  return faults.length === 0 && (!check || stale.length === 0);
}

/**
 * The core, bundled from the sources as they stand: Node 20 cannot import TypeScript itself.
 * @type {import('./documents.mjs').LoadCore}
 */
async function loadCore() {
  const { default: bundles } = await import('../rolldown.config.mjs');
  const [core] = bundles;
  if (core === undefined) throw new Error('rolldown.config.mjs lists no bundle of the core');
  const { output } = await (await rolldown(core)).generate({ format: 'esm', codeSplitting: false });
  // A file, not a data URL: an error's stack then names a path instead of the whole bundle.
  const folder = await mkdtemp(join(tmpdir(), 'unoom-gen-'));
  const path = join(folder, 'core.mjs');
  await writeFile(path, output[0].code);
  try {
    return await import(pathToFileURL(path).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = (await generate({ check: process.argv.includes('--check') })) ? 0 : 1;
}
