import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partKinds, unitKinds } from '../scripts/units.mjs';
import { violations } from './layers.ts';

const root = join(import.meta.dirname, '..');
const unitFolders = [...unitKinds, ...partKinds].map(({ folder }) => folder);

function readSources(folder: string): Map<string, string> {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

const check = (path: string, source: string) => violations(new Map([[path, source]]), unitFolders);

describe('the sources', () => {
  it('import only downwards', () => {
    const sources = readSources('src');
    expect(sources.size).toBeGreaterThan(0);
    expect(violations(sources, unitFolders)).toEqual([]);
  });
});

describe('the rule', () => {
  it.each([
    ['src/core/base/a.ts', `import { b } from '../ledger/b.ts';`, 'a room further up'],
    ['src/core/base/a.ts', `import type { B } from '../ledger/b.ts';`, 'a room further up'],
    ['src/core/base/a.ts', `export { b } from '../ledger/b.ts';`, 'a room further up'],
    ['src/core/base/a.ts', `export * from '../ledger/b.ts';`, 'a room further up'],
    ['src/core/base/a.ts', `const b = () => import('../ledger/b.ts');`, 'a room further up'],
    ['src/core/base/a.ts', `type B = import('../ledger/b.ts').B;`, 'a room further up'],
    ['src/core/base/a.ts', `import\n{\nb }\nfrom "../ledger/b.ts"`, 'a room further up'],
    ['src/core/report/a.ts', `import { b } from '../diagnose.ts';`, 'a room further up'],
    ['src/core/report/a.ts', `import { b } from '../index.ts';`, 'shown to others'],
    ['src/core/diagnose.ts', `import { b } from './index.ts';`, 'shown to others'],
    ['src/core/attic/a.ts', `import { b } from '../base/b.ts';`, 'in no room'],
    ['src/core/report/a.ts', `import { b } from '../../node/index.ts';`, 'outside the core'],
    ['src/core/base/a.ts', `import { readFile } from 'node:fs';`, 'imports node:fs'],
    ['src/core/base/a.ts', `import pc from 'picocolors';`, 'imports picocolors'],
    ['src/core/evidence/readers/a.ts', `import { b } from './b.ts';`, 'siblings'],
    ['src/core/diagnosis/causes/a.ts', `import { b } from './b.ts';`, 'siblings'],
    ['src/node/a.ts', `import { b } from '../core/base/b.ts';`, 'sees only src/core/index.ts'],
    ['src/node/a.ts', `import { b } from '../cli/b.ts';`, 'sees only'],
    ['src/cli/a.ts', `import { b } from '../node/b.ts';`, 'sees only'],
    ['src/cli/a.ts', `import { b } from '../core/diagnose.ts';`, 'sees only'],
    ['src/cli/a.ts', `import { b } from '../mcp/index.ts';`, 'sees only'],
    ['src/cli/bin.ts', `import { b } from '../mcp/index.ts';`, 'sees only'],
    ['src/web/a.ts', `import { b } from '../node/index.ts';`, 'sees only'],
    ['src/web/a.ts', `import { b } from 'node:fs';`, 'a page cannot'],
    ['src/attic/a.ts', `import { b } from '../core/index.ts';`, 'no place'],
    ['src/core/base/a.ts', 'export const at = () => Date.now();', 'uses Date.now'],
    ['src/core/base/a.ts', 'export const at = () => new Date();', 'uses new Date()'],
    ['src/core/base/a.ts', 'export const env = process.env;', 'uses process'],
    ['src/core/base/a.ts', 'export const a = () => typeof console;', 'uses console'],
    ['src/core/base/a.ts', `export const a = () => fetch('x');`, 'uses fetch'],
  ])('reports %s with %s', (path, source, fault) => {
    expect(check(path, source)).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    ['src/core/ledger/a.ts', `import { b } from '../base/b.ts';`],
    ['src/core/evidence/a.ts', `import { b } from './scan/b.ts';`],
    ['src/core/evidence/readers/a.ts', `import { b } from '../scan/b.ts';`],
    ['src/core/evidence/readers.gen.ts', `import { b } from './readers/b.ts';`],
    ['src/core/index.ts', `export { b } from './diagnose.ts';`],
    ['src/core/base/a.test.ts', `import { b } from '../ledger/b.ts';`],
    ['src/node/a.ts', `import { b } from '../core/index.ts'; import 'node:fs';`],
    ['src/cli/a.ts', `import { b } from '../node/index.ts';`],
    ['src/cli/bin.ts', `const serve = () => import('../mcp/index.ts');`],
    ['src/core/base/a.ts', `// process.env\nexport const a = 'import x from "../ledger/b.ts"';`],
    ['src/core/base/a.ts', 'export const at = (ms: number) => new Date(ms);'],
    ['src/core/base/a.ts', 'export const pid = (process: { pid: number }) => process.pid;'],
  ])('accepts %s with %s', (path, source) => {
    expect(check(path, source)).toEqual([]);
  });
});
