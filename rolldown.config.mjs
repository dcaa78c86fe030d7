// Seven bundles. `index.js` is the core and stands alone, `snapshots.js` the engine for snapshots, `models.js` the catalog of
// models, which is only data, `footprints.js` the memory model, `workloads.js` reads what people have of a run, `plans.js` plans (these three share chunks); `node.js`, `node-snapshots.js`, `node-models.js` and `bin.js` import them as they are published instead of
// carrying a copy, so a value made by one entry is known to the others.
import { chmod, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pageAssets } from './scripts/page-assets.mjs';

const root = import.meta.dirname;
const { version } = JSON.parse(await readFile(resolve(root, 'package.json'), 'utf8'));

/** Source entries that other bundles import by their published name. */
const published = new Map([
  [resolve(root, 'src/core/index.ts'), 'index.js'],
  [resolve(root, 'src/core/snapshots.ts'), 'snapshots.js'],
  [resolve(root, 'src/core/models.ts'), 'models.js'],
  [resolve(root, 'src/core/footprints.ts'), 'footprints.js'],
  [resolve(root, 'src/core/workloads.ts'), 'workloads.js'],
  [resolve(root, 'src/core/plans.ts'), 'plans.js'],
  [resolve(root, 'src/node/index.ts'), 'node.js'],
  [resolve(root, 'src/node/snapshots.ts'), 'node-snapshots.js'],
  [resolve(root, 'src/node/models.ts'), 'node-models.js'],
]);

/** @returns {import('rolldown').Plugin} */
function importPublished() {
  // How far up the published file lies is known only once a chunk has its name.
  const mark = 'published:';
  return {
    name: 'import-published',
    async resolveId(source, importer, options) {
      if (importer === undefined || !source.startsWith('.')) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      const target = found === null ? undefined : published.get(found.id);
      return target === undefined ? null : { id: `${mark}${target}`, external: true };
    },
    renderChunk(code, { fileName }) {
      return code.replaceAll(mark, fileName.includes('/') ? '../' : './');
    },
  };
}

/** @returns {import('rolldown').Plugin} */
function makeExecutable() {
  return {
    name: 'make-executable',
    async writeBundle({ dir }) {
      await chmod(resolve(dir ?? 'dist', 'bin.js'), 0o755);
    },
  };
}

/**
 * One letter beyond Latin-1 makes V8 decode and keep a whole file in two bytes a character; escaped,
 * the texts of all languages cost a start 10 ms less.
 * @returns {import('rolldown').Plugin}
 */
function escapeNonAscii() {
  return {
    name: 'escape-non-ascii',
    generateBundle(_, files) {
      const escaped = (/** @type {string} */ unit) =>
        `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
      for (const file of Object.values(files)) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what it says.
        if (file.type === 'chunk') file.code = file.code.replaceAll(/[^\x00-\x7f]/g, escaped);
      }
    },
  };
}

/** Packages of all bundles so far: the last one writes the notices of all. @type {Set<string>} */
const bundled = new Set();

/**
 * Bundled packages ask that their licence travels with the code.
 * @returns {import('rolldown').Plugin}
 */
function emitLicenses() {
  return {
    name: 'emit-licenses',
    async generateBundle() {
      for (const id of this.getModuleIds()) {
        const path = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0];
        if (path !== undefined) bundled.add(path);
      }
      const packages = [...bundled].sort();
      const notices = packages.map(async (path) => {
        const { name, version, license } = JSON.parse(
          await readFile(`${path}/package.json`, 'utf8'),
        );
        return `${name} ${version} (${license})\n\n${await readFile(`${path}/LICENSE`, 'utf8')}`;
      });
      if (notices.length === 0) return;
      const source = (await Promise.all(notices)).join('\n----\n\n');
      this.emitFile({ type: 'asset', fileName: 'third-party-licenses.txt', source });
    },
  };
}

/**
 * @param {string} name
 * @param {string | Record<string, string>} input one file, or several that share what they have in common
 * @param {import('rolldown').InputOptions} options
 * @returns {import('rolldown').BuildOptions}
 */
function bundle(name, input, options) {
  return {
    cwd: root,
    input: typeof input === 'string' ? { [name]: input } : input,
    tsconfig: false,
    ...options,
    transform: {
      target: options.platform === 'browser' ? 'es2023' : 'node20.19',
      define: {
        __UNOOM_VERSION__: JSON.stringify(version),
        // strnum would fall back to window.parseInt; the core takes nothing from a page.
        ...((name === 'index' || name === 'footprints') && { window: 'undefined' }),
      },
    },
    output: {
      dir: 'dist',
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: `chunks/${name}-[name]-[hash].js`,
      // Small without minifying: stack traces and pasted excerpts stay readable.
      comments: { legal: true, annotation: true, jsdoc: false },
    },
  };
}

export default [
  bundle('index', 'src/core/index.ts', {
    platform: 'browser',
    plugins: [emitLicenses(), escapeNonAscii()],
  }),
  bundle('snapshots', 'src/core/snapshots.ts', {
    platform: 'browser',
    plugins: [escapeNonAscii()],
  }),
  bundle('models', 'src/core/models.ts', {
    platform: 'browser',
  }),
  bundle(
    'plans',
    {
      footprints: 'src/core/footprints.ts',
      workloads: 'src/core/workloads.ts',
      plans: 'src/core/plans.ts',
    },
    { platform: 'browser', plugins: [emitLicenses(), escapeNonAscii()] },
  ),
  bundle(
    'node',
    {
      node: 'src/node/index.ts',
      'node-snapshots': 'src/node/snapshots.ts',
      'node-models': 'src/node/models.ts',
    },
    { platform: 'node', plugins: [importPublished(), pageAssets()] },
  ),
  bundle('bin', 'src/cli/bin.ts', {
    platform: 'node',
    plugins: [importPublished(), emitLicenses(), makeExecutable()],
  }),
];
