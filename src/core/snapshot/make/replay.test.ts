import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numRuns } from '../../../../test/ring.ts';
import { replayRecorded } from '../replay.ts';
import { makeDrawing, renderDrawingProblem } from './drawing.ts';
import { syntheticTraining } from './synthetic-training.ts';

/** A drawing with all that an allocator can be asked for, under settings that are drawn too. */
const program = fc
  .record({
    settings: fc.constantFrom(
      '',
      'expandable_segments:True',
      'max_split_size_mb:64',
      'roundup_power2_divisions:4',
      'large_segment_size_mb:12',
      'expandable_segments:True,roundup_power2_divisions:[256:1,512:2,>:8]',
    ),
    seed: fc.nat(1000),
    capacity: fc.constantFrom('80GiB', '1GiB'),
    isRecordedLate: fc.boolean(),
  })
  .map(({ settings, seed, capacity, isRecordedLate }) =>
    [
      `device 0 ${capacity}`,
      ...(settings === '' ? [] : [`settings ${settings}`]),
      `seed ${seed}`,
      'at train.py:1 in main:',
      '  for step in 1..12:',
      ...(isRecordedLate ? ['    if step == 4:', '      record'] : []),
      '    for layer in 1..4:',
      '      at train.py:5 in forward',
      '      a[layer] = alloc random(1, 40MiB)',
      '      temp random(1, 3MiB)',
      '    on stream 7:',
      '      b = alloc random(1, 20MiB)',
      '    record_stream b',
      '    free b',
      '    if step % 2 == 0:',
      '      synchronize',
      '    free a',
      '    kept += alloc random(1, 2MiB)',
      '    if step % 5 == 0:',
      '      at train.py:9 in end',
      '      empty_cache',
    ].join('\n'),
  );

describe('what is drawn can be replayed to the address', () => {
  it('under any settings', () => {
    fc.assert(
      fc.property(program, (text) => {
        const made = makeDrawing(text);
        if ('problem' in made) throw new Error(renderDrawingProblem(made.problem));
        const replay = replayRecorded(made.snapshot, 0);
        if ('unknown' in replay) throw new Error('nothing was replayed');
        expect(replay.address_equal).toBe(replay.allocations);
        expect(replay.final_blocks_equal).toBe(true);
        expect(replay.segment_events_equal).toBe(replay.segment_events);
      }),
      { numRuns: numRuns(60) },
    );
  });

  it('and so can a synthetic run', () => {
    for (const expandableSegments of [false, true]) {
      const replay = replayRecorded(syntheticTraining({ events: 30_000, expandableSegments }), 0);
      expect(replay).toMatchObject({ final_blocks_equal: true });
      if ('address_equal' in replay) expect(replay.address_equal).toBe(replay.allocations);
    }
  });
});
