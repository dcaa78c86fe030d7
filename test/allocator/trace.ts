/** Snapshots written by hand, event by event, for tests that need one certain thing. */
import {
  Action,
  NONE,
  type RecordedSettings,
  type Snapshot,
} from '../../src/core/snapshot/columns.ts';

const ACTION = {
  alloc: Action.alloc,
  request: Action.freeRequested,
  complete: Action.freeCompleted,
  segment_alloc: Action.segmentAlloc,
  segment_free: Action.segmentFree,
  map: Action.segmentMap,
  unmap: Action.segmentUnmap,
  oom: Action.oom,
} as const;

/** `free` is a request and its completion. The stack is one frame of this name. */
export type TraceEvent = readonly [
  action: keyof typeof ACTION | 'free',
  address: number,
  size: number,
  stack?: string | undefined,
];

export interface HandSegment {
  readonly address: number;
  readonly isLarge?: boolean;
  readonly isExpandable?: boolean;
  readonly pool?: number;
  /** Sizes; those that are free are negative. */
  readonly blocks: readonly number[];
}

export interface HandOptions {
  readonly settings?: RecordedSettings;
  readonly version?: string;
}

/** All on stream 0. Segments in order of address. */
export function handSnapshot(
  events: readonly TraceEvent[],
  segments: readonly HandSegment[],
  options: HandOptions = {},
): Snapshot {
  const strings = [''];
  const stackOf = (name: string | undefined): number => {
    if (name === undefined) return NONE;
    if (!strings.includes(name)) strings.push(name);
    return strings.indexOf(name) - 1;
  };
  const flat = events.flatMap(([action, address, size, stack]) =>
    (action === 'free' ? (['request', 'complete'] as const) : [action]).map((each) => ({
      action: ACTION[each],
      address,
      size,
      stack: stackOf(stack),
    })),
  );
  const firstBlock = [0];
  for (const { blocks } of segments) firstBlock.push((firstBlock.at(-1) ?? 0) + blocks.length);
  const blocks = segments.flatMap(({ address, blocks: sizes }) => {
    let at = address;
    return sizes.map((size) => {
      const block = { address: at, size: Math.abs(size), isFree: size < 0 };
      at += block.size;
      return block;
    });
  });
  const names = strings.length - 1;
  const count = segments.length;
  const nan = new Float64Array(count).fill(Number.NaN);
  return {
    shape: {
      container: 'pickle',
      form: 'dict',
      isLegacy: false,
      version: options.version ?? '2.6',
      bytes: 0,
      isSynthetic: true,
    },
    strings,
    frames: {
      count: names,
      name: Uint32Array.from({ length: names }, (_, i) => i + 1),
      file: new Uint32Array(names),
      line: new Int32Array(names),
    },
    stacks: {
      count: names,
      offsets: Uint32Array.from({ length: names + 1 }, (_, i) => i),
      frames: Uint32Array.from({ length: names }, (_, i) => i),
    },
    streams: ['0'],
    pools: segments.some(({ pool }) => pool === 1)
      ? [
          [0, 0],
          [1, 0],
        ]
      : [[0, 0]],
    devices: [
      {
        index: 0,
        segments: [0, count],
        events: {
          count: flat.length,
          action: Uint8Array.from(flat, ({ action }) => action),
          address: Float64Array.from(flat, ({ address }) => address),
          size: Float64Array.from(flat, ({ size }) => size),
          stream: new Uint16Array(flat.length),
          stack: Uint32Array.from(flat, ({ stack }) => stack),
        },
      },
    ],
    segments: {
      count,
      device: new Uint16Array(count),
      address: Float64Array.from(segments, ({ address }) => address),
      total: Float64Array.from(segments, ({ blocks: sizes }) =>
        sizes.reduce((sum, size) => sum + Math.abs(size), 0),
      ),
      allocated: nan,
      active: nan,
      requested: nan,
      stream: new Uint16Array(count),
      isLarge: Uint8Array.from(segments, ({ isLarge }) => (isLarge === false ? 0 : 1)),
      isExpandable: Uint8Array.from(segments, ({ isExpandable }) => (isExpandable ? 1 : 0)),
      pool: Uint16Array.from(segments, ({ pool }) => pool ?? 0),
      stack: new Uint32Array(count).fill(NONE),
      firstBlock: Uint32Array.from(firstBlock),
    },
    blocks: {
      count: blocks.length,
      address: Float64Array.from(blocks, ({ address }) => address),
      size: Float64Array.from(blocks, ({ size }) => size),
      requested: Float64Array.from(blocks, ({ size }) => size),
      state: Uint8Array.from(blocks, ({ isFree }) => (isFree ? 0 : 1)),
      stack: new Uint32Array(blocks.length).fill(NONE),
    },
    annotations: {
      count: 0,
      name: new Uint32Array(0),
      isStart: new Uint8Array(0),
      device: new Int32Array(0),
      time: new Float64Array(0),
    },
    ...(options.settings && { settings: options.settings }),
    problems: [],
    notes: [],
  };
}
