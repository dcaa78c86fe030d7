import { describe, expect, it } from 'vitest';
import { syntheticSnapshot } from '../../../test/allocator/synthetic.ts';
import { handSnapshot, type TraceEvent } from '../../../test/allocator/trace.ts';
import { MiB } from '../base/bytes.ts';
import { isUnknown } from '../base/unknown.ts';
import type { Snapshot } from './columns.ts';
import { type WhatIf, type WhatIfOptions, type WhatIfs, whatIf } from './what-if.ts';

function studied(snapshot: Snapshot, options: WhatIfOptions = {}): WhatIfs {
  const found = whatIf(snapshot, 0, options);
  if (isUnknown(found)) throw new Error(`no what-if: ${found.unknown.key}`);
  return found;
}

function rowOf({ rows }: WhatIfs, id: string): WhatIf {
  const row = rows.find((each) => each.id === id);
  if (row === undefined) throw new Error(`no row ${id} among ${rows.map((each) => each.id)}`);
  return row;
}

const sumOf = ({ segments }: Snapshot) => segments.total.reduce((sum, bytes) => sum + bytes, 0);

const A = 0x7f00_0000_0000;

/**
 * 30 and 40 MiB side by side, then their sum: two segments that do not join, and a third that the
 * device has no room for.
 */
function failing(free: number): Snapshot {
  const B = A + 64 * MiB;
  const C = A + 128 * MiB;
  const events: readonly TraceEvent[] = [
    ['segment_alloc', A, 30 * MiB],
    ['alloc', A, 30 * MiB],
    ['segment_alloc', B, 40 * MiB],
    ['alloc', B, 40 * MiB],
    ['segment_alloc', C, 2 * MiB],
    ['alloc', C, 1000],
    ['free', A, 30 * MiB],
    ['alloc', A, 10 * MiB],
    ['free', B, 40 * MiB],
    ['segment_free', B, 40 * MiB, 'linear'],
    ['oom', free, 60 * MiB],
  ];
  const segments = [
    { address: A, blocks: [10 * MiB, -20 * MiB] },
    { address: C, isLarge: false, blocks: [1024, -(2 * MiB - 1024)] },
  ];
  return handSnapshot(events, segments);
}

describe('what would have been', () => {
  it('begins with what was: the peak that the segments sum up to', () => {
    for (const seed of [1, 2, 3]) {
      const snapshot = syntheticSnapshot({ seed, events: 4000 });
      const { rows, compared_with } = studied(snapshot);
      expect(rows[0]).toMatchObject({
        id: 'as_recorded',
        peak_reserved_bytes: sumOf(snapshot),
        final_reserved_bytes: sumOf(snapshot),
        basis: 'replayed',
      });
      expect(compared_with).toBe(0);
    }
  });

  it('needs another row to compare with when memory lay there before', () => {
    const snapshot = syntheticSnapshot({ seed: 2, events: 5000, keep: 1500 });
    const found = studied(snapshot);
    expect(found.rows[found.compared_with]).toMatchObject({
      id: 'as_recorded_anew',
      basis: 'modelled',
    });
    const expandable = rowOf(found, 'expandable_segments');
    expect(expandable.basis).toBe('modelled');
    expect(expandable.why.map(({ key }) => key)).toContain('start');
  });

  it('is the same as running under those settings', () => {
    const workload = { seed: 5, events: 4000 };
    const plain = studied(syntheticSnapshot(workload));
    const real = syntheticSnapshot({ ...workload, settings: { expandableSegments: true } });
    expect(rowOf(plain, 'expandable_segments')).toMatchObject({
      peak_reserved_bytes: studied(real).rows[0]?.peak_reserved_bytes,
      basis: 'replayed',
    });
  });

  it('says which paths no real trace has taken', () => {
    const found = studied(syntheticSnapshot({ seed: 1, events: 4000 }));
    for (const row of found.rows) {
      const isPlain = row.id === 'as_recorded' || row.id === 'expandable_segments';
      expect(row.basis).toBe(isPlain ? 'replayed' : 'modelled');
      if (!isPlain) expect(row.why.map(({ key }) => key)).toContain('unseen');
    }
  });

  it('keeps the cache when the program does not call empty_cache()', () => {
    const snapshot = syntheticSnapshot({
      seed: 3,
      events: 4000,
      emptyCacheEvery: 2,
      withStacks: true,
    });
    const found = studied(snapshot);
    const kept = rowOf(found, 'without_empty_cache');
    expect(kept.device_calls).toBeLessThan(found.rows[0]?.device_calls ?? 0);
    expect(kept.conf).toBeUndefined();
    expect(kept.without_empty_cache).toBe(true);
  });
});

describe('a request that failed', () => {
  it('is served where its pieces join', () => {
    const found = studied(failing(40 * MiB));
    expect(found.capacity).toMatchObject({ bytes: 72 * MiB });
    expect(found.rows[0]).toMatchObject({
      served: false,
      retries: 1,
      peak_reserved_bytes: 72 * MiB,
    });
    // 10 MiB held and 60 asked: 80 MiB in pages of 20, with 2 for the small one. 70 and 2 would do.
    expect(rowOf(found, 'expandable_segments').served).toBe(false);
    expect(studied(failing(50 * MiB)).rows[0]).toMatchObject({ served: false });
    expect(rowOf(studied(failing(50 * MiB)), 'expandable_segments').served).toBe(true);
  });

  it('is not spoken of when none failed', () => {
    const { rows } = studied(syntheticSnapshot({ seed: 1, events: 3000 }));
    expect(rows.every(({ served }) => served === undefined)).toBe(true);
  });

  it('was stopped by a cap when the device had room for it', () => {
    const found = studied(failing(2 ** 37));
    expect(found.rows[0]?.served).toBe(false);
    expect(found.capacity).toMatchObject({ basis: { key: 'other_limit' } });
  });
});

describe('the room that a trace needs', () => {
  it('lies between what was allocated and what was reserved', () => {
    const snapshot = syntheticSnapshot({ seed: 6, events: 4000 });
    const found = studied(snapshot);
    const [base] = found.smallest;
    expect(base?.row).toBe(0);
    expect(base?.reserved_bytes).toBeLessThanOrEqual(found.rows[0]?.peak_reserved_bytes ?? 0);
    expect(base?.reserved_bytes).toBeGreaterThan(0);
    expect(base?.basis.key).toBe('lower_bound');
  });
});

describe('the environment variable', () => {
  const confOf = (version: string, conf: string, id: string): WhatIf => {
    const plain = syntheticSnapshot({ seed: 2, events: 3000, conf });
    return rowOf(studied({ ...plain, shape: { ...plain.shape, version } }), id);
  };

  it('has the name of the version and keeps what else was set', () => {
    const conf = 'pinned_use_cuda_host_register:True,expandable_segments:False';
    expect(confOf('2.6', conf, 'expandable_segments').conf).toBe(
      'PYTORCH_CUDA_ALLOC_CONF=pinned_use_cuda_host_register:True,expandable_segments:True',
    );
    expect(confOf('2.10+', '', 'expandable_segments').conf).toBe(
      'PYTORCH_ALLOC_CONF=expandable_segments:True',
    );
  });

  it('has only options that the version knows', () => {
    const plain = syntheticSnapshot({ seed: 2, events: 3000 });
    const idsOf = (version: string) =>
      studied({ ...plain, shape: { ...plain.shape, version } }).rows.map(({ id }) => id);
    expect(idsOf('2.0')).not.toContain('expandable_segments');
    expect(idsOf('2.0').some((id) => id.startsWith('roundup_power2_divisions'))).toBe(true);
    expect(idsOf('2.6')).not.toContain('large_segment_size_mb:12');
    const open = confOf('2.10+', '', 'large_segment_size_mb:12');
    expect(open.dangers.map(({ key }) => key)).toContain('needs_version');
  });

  it('calls for the fraction where there is no option for it', () => {
    const plain = syntheticSnapshot({ seed: 2, events: 3000 });
    const deviceTotal = 2 * sumOf(plain);
    const id = 'garbage_collection_threshold:0.8';
    expect(rowOf(studied(plain, { deviceTotal }), id)).toMatchObject({
      conf: 'PYTORCH_CUDA_ALLOC_CONF=garbage_collection_threshold:0.8',
      call: 'torch.cuda.set_per_process_memory_fraction(0.5)',
    });
    const newer = { ...plain, shape: { ...plain.shape, version: '2.12+' } };
    expect(rowOf(studied(newer, { deviceTotal }), id).conf).toBe(
      'PYTORCH_ALLOC_CONF=garbage_collection_threshold:0.8,per_process_memory_fraction:0.5',
    );
  });

  it('warns of what is known against an option', () => {
    const old = confOf('2.3 – 2.5', 'max_split_size_mb:128', 'expandable_segments');
    expect(old.dangers.map(({ key }) => key)).toEqual(['expandable_platform', 'expandable_ipc']);
  });
});
