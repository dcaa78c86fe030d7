import { describe, expect, it } from 'vitest';
import type { Snapshot } from './columns.ts';
import { SnapshotReader } from './reader.ts';

function read(value: unknown): Snapshot {
  const reader = new SnapshotReader();
  reader.push(new TextEncoder().encode(JSON.stringify(value)));
  const { snapshot, problem } = reader.finish();
  if (snapshot === undefined) throw new Error(problem.code);
  return snapshot;
}

const MIB = 2 ** 20;
const segment = (more: object, block: object): object => ({
  device: 0,
  address: 4096,
  total_size: 2 * MIB,
  allocated_size: 2 * MIB,
  active_size: 2 * MIB,
  stream: 0,
  segment_type: 'large',
  ...more,
  blocks: [{ size: 2 * MIB, state: 'active_allocated', ...block }],
});
const event = (more: object): object => ({
  action: 'alloc',
  addr: 4096,
  size: 5,
  stream: 0,
  ...more,
});
const frames = (name: string): object[] => [{ name, filename: 'a.py', line: 3 }];

const NEW = segment(
  { requested_size: 9, segment_pool_id: [0, 0], is_expandable: false, frames: [] },
  { address: 4096, requested_size: 9, frames: [] },
);
const LEGACY = segment(
  { requested_size: 9 },
  { requested_size: 9, history: [{ addr: 4096, real_size: 9, frames: frames('new') }] },
);
const dict = (events: readonly object[], more: object = {}): object => ({
  segments: [NEW],
  device_traces: [events],
  ...more,
});
const SETTINGS = { allocator_settings: { max_split_size: -1 } };
const ANNOTATED = { ...SETTINGS, external_annotations: [] };

describe('the version that a snapshot shows', () => {
  it.each([
    ['≤ 1.13', [segment({}, { history: [{ addr: 4096, real_size: 8 }] })]],
    ['2.0', [LEGACY]],
    ['2.0', { segments: [LEGACY], device_traces: [[event({})]] }],
    ['2.0.1+', [NEW]],
    ['2.0.1 – 2.1', dict([event({})])],
    ['2.0.1 – 2.2', dict([])],
    ['2.2', dict([event({ time_us: 1 })])],
    ['2.3 – 2.5', dict([event({ time_us: 1 })], SETTINGS)],
    ['2.6 – 2.7', dict([event({ time_us: 1 })], ANNOTATED)],
    ['2.6 – 2.9', dict([], ANNOTATED)],
    ['2.7 – 2.9', dict([event({ time_us: 1, compile_context: 'N/A' })], ANNOTATED)],
    ['2.10+', dict([event({ compile_context: 'N/A', user_metadata: '' })], ANNOTATED)],
    [
      '2.10+',
      dict([], {
        ...ANNOTATED,
        allocator_settings: { graph_capture_record_stream_reuse: false },
      }),
    ],
    ['2.12+', dict([event({ pool_id: [0, 0] })], ANNOTATED)],
    ['2.12+', dict([], { ...ANNOTATED, trace_alloc_overflowed: [true] })],
  ])('%s', (version, value) => {
    expect(read(value).shape.version).toBe(version);
  });
});

describe('shapes of older versions', () => {
  it('blocks without addresses follow each other; the latest of their history counts', () => {
    const {
      blocks,
      shape,
      stacks,
      frames: table,
      strings,
    } = read([
      {
        ...segment({}, {}),
        blocks: [
          {
            size: 1024,
            state: 'active_allocated',
            history: [
              { addr: 1, real_size: 1000, frames: frames('new') },
              { addr: 1, real_size: 3, frames: frames('old') },
            ],
          },
          { size: 512, state: 'inactive' },
          {
            size: 2 * MIB - 1536,
            state: 'active_allocated',
            history: [{ addr: 1, real_size: 77, cpp_frames: frames('cpp') }],
          },
        ],
      },
    ]);
    expect([...blocks.address]).toEqual([4096, 5120, 5632]);
    expect([...blocks.requested]).toEqual([1000, Number.NaN, 77]);
    expect(shape).toMatchObject({ form: 'list', isLegacy: true });
    const names = [...blocks.stack].map((stack) =>
      stack < stacks.count
        ? strings[table.name[stacks.frames[stacks.offsets[stack] ?? 0] ?? 0] ?? 0]
        : '',
    );
    expect(names).toEqual(['new', '', 'cpp']);
  });

  it('overwritten events: one figure for all devices or a list, at the top or in the settings', () => {
    const of = (more: object) =>
      read({ segments: [], device_traces: [[event({})], [event({})]], ...more }).devices.map(
        ({ overflowed, maxEntries }) => [overflowed, maxEntries],
      );
    expect(of({})).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(of({ trace_alloc_overflowed: [false, true], trace_alloc_max_entries: 100 })).toEqual([
      [false, 100],
      [true, 100],
    ]);
    expect(
      of({ allocator_settings: { trace_alloc_overflowed: true, trace_alloc_max_entries: [7, 8] } }),
    ).toEqual([
      [true, 7],
      [true, 8],
    ]);
  });

  it('settings', () => {
    const { settings } = read(
      dict([], {
        allocator_settings: {
          PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:True',
          max_split_size: -1,
          garbage_collection_threshold: 0.5,
          expandable_segments: true,
          roundup_power2_divisions: { '1': 4, '2': 8, '32768': 2 },
          graph_capture_record_stream_reuse: false,
          pinned_num_register_threads: 1,
        },
      }),
    );
    expect(settings).toEqual({
      conf: 'expandable_segments:True',
      maxSplitSize: Number.POSITIVE_INFINITY,
      garbageCollectionThreshold: 0.5,
      expandableSegments: true,
      roundupPower2Divisions: [4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
      graphCaptureRecordStreamReuse: false,
    });
  });
});
