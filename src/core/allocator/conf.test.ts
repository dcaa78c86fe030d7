import { describe, expect, it } from 'vitest';
import { MiB } from '../base/bytes.ts';
import { parseConf, writeConf } from './conf.ts';

describe('PYTORCH_CUDA_ALLOC_CONF', () => {
  it('is read with lists and white space', () => {
    const conf = parseConf(
      ' max_split_size_mb: 128 ,roundup_power2_divisions:[256:1,512:2,1024:4,>:8], expandable_segments:True',
    );
    expect(conf.maxSplitSize).toBe(128 * MiB);
    expect(conf.expandableSegments).toBe(true);
    // The first value fills what is below; `>` fills from the last key on and takes that too.
    expect(conf.roundupPower2Divisions).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 8, 8, 8, 8, 8, 8]);
    expect(conf.unknownKeys).toEqual([]);
    expect(conf.illegible).toEqual([]);
  });

  it('takes one division for all sizes', () => {
    expect(parseConf('roundup_power2_divisions:4').roundupPower2Divisions).toEqual(
      new Array(16).fill(4),
    );
  });

  it('reads fractions, sizes and the backend', () => {
    const conf = parseConf(
      'garbage_collection_threshold:0.8,per_process_memory_fraction:0.5,large_segment_size_mb:12,max_non_split_rounding_mb:64,backend:cudaMallocAsync',
    );
    expect(conf).toMatchObject({
      garbageCollectionThreshold: 0.8,
      perProcessMemoryFraction: 0.5,
      largeSegmentSize: 12 * MiB,
      maxNonSplitRounding: 64 * MiB,
      backend: 'cudaMallocAsync',
    });
  });

  it('names what it does not know and what has no legible value', () => {
    const conf = parseConf(
      'shiny:1,expandable_segments:true,max_split_size_mb:-1,roundup_power2_divisions:3,__proto__:1',
    );
    expect(conf.unknownKeys).toEqual(['shiny', '__proto__']);
    expect(conf.illegible.map(({ key }) => key)).toEqual([
      'expandable_segments',
      'max_split_size_mb',
      'roundup_power2_divisions',
    ]);
    expect(conf.expandableSegments).toBeUndefined();
  });

  it.each([
    '',
    ',',
    ':',
    '[',
    ']',
    'a:[',
    'roundup_power2_divisions:[',
    '[:],',
    `${'x:'.repeat(9e4)}`,
  ])('survives %j', (text) => {
    expect(parseConf(text).maxSplitSize).toBeUndefined();
  });

  it('writes what it reads', () => {
    const text =
      'max_split_size_mb:128,roundup_power2_divisions:[256:1,>:8],pinned_use_cuda_host_register:True';
    expect(writeConf(parseConf(text).entries)).toBe(text);
  });
});
