import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import { globalsOf, type Import, importsOf } from './layers.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

interface Reached {
  /** Files of the build, by absolute path. */
  readonly files: ReadonlyMap<string, string>;
  readonly packages: readonly string[];
}

const parsed = new Map<string, readonly Import[]>();
/** The entries share chunks, and the largest are megabytes. */
function importsIn(path: string, source: string): readonly Import[] {
  const imports = parsed.get(path) ?? importsOf(path, source);
  parsed.set(path, imports);
  return imports;
}

function reach(entry: string, { lazy }: { lazy: boolean }): Reached {
  const files = new Map<string, string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (files.has(path)) return;
    const source = readFileSync(path, 'utf8');
    files.set(path, source);
    for (const { specifier, isLazy } of importsIn(path, source)) {
      if (isLazy && !lazy) continue;
      if (specifier.startsWith('.')) visit(resolve(dirname(path), specifier));
      else packages.add(specifier);
    }
  };
  visit(join(dist, entry));
  return { files, packages: [...packages].sort() };
}

describe('dist/index.js', () => {
  it('imports nothing and takes nothing from Node or a page', () => {
    const { files, packages } = reach('index.js', { lazy: true });
    expect(packages).toEqual([]);
    for (const [path, source] of files) expect(globalsOf(path, source), path).toEqual([]);
  });

  it('runs where there is only the language and the text codecs', async () => {
    const bundle = await rolldown({ input: join(dist, 'index.js'), platform: 'browser' });
    const { output } = await bundle.generate({
      format: 'iife',
      name: 'unoom',
      codeSplitting: false,
    });
    const bare = createContext({ TextDecoder, TextEncoder });
    runInContext(output[0].code, bare, { filename: 'index.js' });

    const names = runInContext('Object.keys(unoom).sort()', bare);
    const published = await import(pathToFileURL(join(dist, 'index.js')).href);
    expect([...names]).toEqual(Object.keys(published).sort());
    expect(runInContext('typeof process + typeof Buffer', bare)).toBe('undefinedundefined');
    const found = await runInContext('unoom.diagnoseText("CUDA error: out of memory")', bare);
    expect(found.verdict).toBe('gpu_oom');
  });
});

describe('dist/node.js', () => {
  it('shares the published core and needs only what Node brings', () => {
    const { files, packages } = reach('node.js', { lazy: true });
    expect([...files.keys()]).toContain(join(dist, 'index.js'));
    expect(packages.filter((name) => !name.startsWith('node:'))).toEqual([]);
  });
});

describe('dist/bin.js', () => {
  it('starts without loading the core', () => {
    const { files } = reach('bin.js', { lazy: false });
    expect([...files.keys()]).not.toContain(join(dist, 'index.js'));
  });

  it('needs only what Node brings', () => {
    const { packages } = reach('bin.js', { lazy: true });
    expect(packages.filter((name) => !name.startsWith('node:'))).toEqual([]);
  });

  it('prints its version', () => {
    const printed = execFileSync(process.execPath, [join(dist, 'bin.js'), '--version'], {
      encoding: 'utf8',
    });
    expect(printed).toBe(`${version}\n`);
  });

  it('can be run as a command', () => {
    expect(readFileSync(join(dist, 'bin.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    if (process.platform !== 'win32') {
      expect(execFileSync(join(dist, 'bin.js'), ['--version'], { encoding: 'utf8' })).toContain(
        version,
      );
    }
  });
});
