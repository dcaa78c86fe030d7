import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registryDocuments, renderRegistry, unitFaults } from '../scripts/registries.mjs';
import { unitKinds } from '../scripts/units.mjs';

const cause = unitKinds.find(({ kind }) => kind === 'cause');
if (cause === undefined) throw new Error('the kind "cause" is gone');

describe('renderRegistry', () => {
  it('lists the units by id', () => {
    expect(renderRegistry(cause, ['late-growth', 'leak'])).toMatchInlineSnapshot(`
      "// Written by \`npm run gen\`; edits are lost.
      import type { Cause } from './cause.ts';
      import { lateGrowth } from './causes/late-growth.ts';
      import { leak } from './causes/leak.ts';

      export const causes: readonly Cause[] = [lateGrowth, leak];
      "
    `);
  });

  it('breaks a list that does not fit a line', () => {
    const ids = Array.from({ length: 9 }, (_, i) => `a-fairly-long-cause-${i}`);
    const lines = renderRegistry(cause, ids).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines).toContain('  aFairlyLongCause8,');
  });
});

describe('unitFaults', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'unoom-units-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const unit = (name: string, code: string) => `export const ${name} = { code: '${code}' };\n`;

  it('has nothing to say of a unit with its page', () => {
    put('src/core/diagnosis/causes/late-growth.ts', unit('lateGrowth', 'UN201'));
    put('src/core/diagnosis/causes/late-growth.test.ts', '');
    put('docs/causes/late-growth.md', '');
    put('docs/causes/README.md', '');
    expect(unitFaults(root)).toEqual([]);
    expect(registryDocuments(root).map(({ path }) => path)).toEqual([cause.registry]);
  });

  it('misses pages and units', () => {
    put('src/core/diagnosis/causes/leak.ts', unit('leak', 'UN201'));
    put('docs/causes/leek.md', '');
    expect(unitFaults(root)).toEqual([
      'docs/causes/leak.md is missing: every cause has a page',
      'docs/causes/leek.md has no src/core/diagnosis/causes/leek.ts: rename or delete it',
    ]);
  });

  it.each([
    ['a wrong name', unit('leaks', 'UN202'), 'not just secondLeak'],
    ['a second constant', `${unit('secondLeak', 'UN202')}export const b = 1;\n`, 'not just'],
    ['a code of another kind', unit('secondLeak', 'UN302'), 'outside UN200 to UN299'],
    ['a code that is taken', unit('secondLeak', 'UN201'), 'belongs to'],
    ['no code', 'export const secondLeak = {};\n', 'has no code'],
    ['another id', `export const secondLeak = { id: 'x', code: 'UN202' };\n`, `its id is 'x'`],
  ])('reports %s', (_, source, fault) => {
    put('src/core/diagnosis/causes/leak.ts', unit('leak', 'UN201'));
    put('src/core/diagnosis/causes/second-leak.ts', source);
    for (const id of ['leak', 'second-leak']) put(`docs/causes/${id}.md`, '');
    expect(unitFaults(root)).toEqual([expect.stringContaining(fault)]);
  });
});
