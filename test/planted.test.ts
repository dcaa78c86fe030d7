import { describe, expect, it } from 'vitest';
import {
  makeDrawing,
  readSnapshot,
  renderDrawingProblem,
  writeSnapshot,
} from '../src/core/index.ts';
import type { Snapshot } from '../src/core/snapshot/columns.ts';
import { count } from './planted/count.ts';
import { FORMATS, PROGRAMS, TRUTH } from './planted/programs.ts';

/** The snapshot of a program, by way of a file. */
async function snapshotOf(name: string): Promise<Snapshot> {
  const made = makeDrawing(PROGRAMS[name]?.() ?? '', name);
  if ('problem' in made) throw new Error(renderDrawingProblem(made.problem));
  const { snapshot } = await readSnapshot([...writeSnapshot(made.snapshot, FORMATS[name])]);
  if (snapshot === undefined) throw new Error(`${name} cannot be read`);
  return snapshot;
}

describe('planted truth', () => {
  it('knows each program, and each program is known', () => {
    expect(Object.keys(TRUTH).sort()).toEqual(Object.keys(PROGRAMS).sort());
  });

  it.each(Object.keys(TRUTH))('%s does what its truth says', async (name) => {
    const { device = 0, owner_line, leak_lines, failure_reason } = TRUTH[name] ?? {};
    const { peakLines, endLines, failures } = count(await snapshotOf(name), device);
    // Where the recorder lost the beginning, the trace alone does not hold all blocks.
    if (owner_line !== undefined && name !== 'ring-of-maps') {
      const named = peakLines.filter(([line]) => line !== '(none)');
      expect(named[0]?.[0]).toBe(owner_line);
      expect(named[0]?.[1]).toBeGreaterThan(1.05 * (named[1]?.[1] ?? 0));
    }
    const held = new Set(endLines.map(([line]) => line));
    for (const lines of leak_lines ?? [])
      expect([lines].flat().some((line) => held.has(line))).toBe(true);
    if (failure_reason !== undefined) expect(failures).toBe(1);
  });
});
