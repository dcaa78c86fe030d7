import { describe, expect, it } from 'vitest';
import { render } from '../base/render.ts';
import { SnapshotReader } from './reader.ts';

const MIB = 2 ** 20;
type Block = { address?: number; size: number; requested_size?: number; state: string };

const alive = (size: number, requested_size: number = size): Block => ({
  size,
  requested_size,
  state: 'active_allocated',
});
const waiting = (size: number): Block => ({ ...alive(size), state: 'active_pending_free' });
const free = (size: number): Block => ({ size, requested_size: 7, state: 'inactive' });

/** A segment whose sums are right, with some of its keys changed. */
function segment(address: number, blocks: readonly Block[], changed: object = {}): object {
  const sum = (states: readonly string[], key: 'size' | 'requested_size'): number =>
    blocks
      .filter(({ state }) => states.includes(state))
      .reduce((total, block) => total + (block[key] ?? 0), 0);
  let at = address;
  return {
    device: 0,
    address,
    total_size: blocks.reduce((total, { size }) => total + size, 0),
    allocated_size: sum(['active_allocated'], 'size'),
    active_size: sum(['active_allocated', 'active_pending_free'], 'size'),
    requested_size: sum(['active_allocated', 'active_pending_free'], 'requested_size'),
    stream: 0,
    segment_type: 'large',
    segment_pool_id: [0, 0],
    is_expandable: false,
    blocks: blocks.map((block) => {
      const placed = { address: at, ...block };
      at += block.size;
      return placed;
    }),
    ...changed,
  };
}

function problemsOf(segments: readonly object[], more: object = {}): string[] {
  const reader = new SnapshotReader();
  reader.push(new TextEncoder().encode(JSON.stringify({ segments, device_traces: [], ...more })));
  const { snapshot } = reader.finish();
  return (snapshot?.problems ?? []).map(({ code, why }) => `${code}: ${render(why)}`);
}

describe('integrity', () => {
  it('has nothing to say of what is right', () => {
    expect(
      problemsOf([
        segment(0x1000_0000, [alive(MIB), free(MIB), waiting(2 * MIB)]),
        segment(0x2000_0000, [alive(512, 4), free(2 * MIB - 512)], { segment_type: 'small' }),
        segment(0x3000_0000, [alive(3 * MIB)], { is_expandable: true }),
        segment(0x1000_0000, [alive(2 * MIB)], { device: 1 }),
      ]),
    ).toEqual([]);
  });

  it.each([
    [
      'total',
      segment(4096, [alive(2 * MIB)], { total_size: 4 * MIB }),
      'cuda:0 0x1000 2097152 ≠ 4194304',
    ],
    ['allocated', segment(4096, [waiting(2 * MIB)], { allocated_size: 1 }), 'cuda:0 0x1000 0 ≠ 1'],
    ['active', segment(4096, [waiting(2 * MIB)], { active_size: 0 }), 'cuda:0 0x1000 2097152 ≠ 0'],
    ['requested', segment(4096, [alive(2 * MIB, 9)], { requested_size: 8 }), 'cuda:0 0x1000 9 ≠ 8'],
    ['neighbours', segment(4096, [free(MIB), free(MIB)]), 'cuda:0 0x1000 1052672 ≠ -'],
    [
      'segment-size',
      segment(4096, [alive(4 * MIB)], { segment_type: 'small' }),
      'cuda:0 0x1000 4194304 ≠ 2097152',
    ],
    ['segment-size', segment(4096, [alive(3 * MIB)]), 'cuda:0 0x1000 3145728 ≠ n × 2097152'],
    [
      'block-place',
      segment(4096, [alive(MIB), { ...alive(MIB), address: 4097 }]),
      'cuda:0 0x1000 4097 ≠ 1052672',
    ],
  ])('%s: %j', (rule, wrong, example) => {
    expect(problemsOf([wrong])).toEqual([
      `snapshot-integrity-${rule}: Found ≠ expected: ${example}.`,
    ]);
  });

  it('shows the first three of many, and how many there are', () => {
    const wrong = Array.from({ length: 5 }, (_, i) =>
      segment((i + 1) * 0x1000_0000, [alive(2 * MIB)], { active_size: 0 }),
    );
    const [problem] = problemsOf(wrong);
    expect(problem?.match(/cuda:0/g)).toHaveLength(3);
    expect(problem).toMatch(/; …\.$/);
  });

  it('segments that overlap, and only on the same device', () => {
    const one = segment(0x1000_0000, [alive(4 * MIB)]);
    const two = segment(0x1000_0000 + 2 * MIB, [alive(2 * MIB)]);
    expect(problemsOf([two, one])).toEqual([
      'snapshot-integrity-segment-overlap: Found ≠ expected: cuda:0 0x10200000 270532608 ≠ ≥ 272629760.',
    ]);
  });

  it('times that go backwards', () => {
    const at = (time_us: number): object => ({
      action: 'alloc',
      addr: 1,
      size: 1,
      stream: 0,
      time_us,
    });
    expect(problemsOf([], { device_traces: [[at(5), at(7), at(6), at(7)]] })).toEqual([
      'snapshot-integrity-time: Found ≠ expected: cuda:0 #2 6 ≠ ≥ 7.',
    ]);
  });

  it('sizes of segments that a setting makes odd', () => {
    const settings = {
      allocator_settings: { PYTORCH_CUDA_ALLOC_CONF: 'large_segment_size_mb:13' },
    };
    expect(problemsOf([segment(4096, [alive(13 * MIB)])], settings)).toEqual([]);
  });
});
