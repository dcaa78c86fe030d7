// @ts-check
/**
 * A made-up training run as a snapshot in columns, of any length: layers that keep activations until
 * their backward pass, gradients, optimizer states from the first step on, buffers of a second stream that
 * are freed late, a list that grows with every step, and a request that fails at the end. It shows no
 * real run; its blocks lie in its segments without overlap.
 */

import { randomFrom } from './bench.mjs';

const MIB = 2 ** 20;
const NONE = 0xffff_ffff;
const ALLOC = 0;
const FREE_REQUESTED = 1;
const FREE_COMPLETED = 2;
const SEGMENT_ALLOC = 3;
const OOM = 8;

/**
 * Stacks, innermost frame first.
 * @typedef {readonly [name: string, file: string, line: number]} Frame
 */
const STACKS = {
  weights: [
    ['__init__', 'model.py', 31],
    ['build', 'train.py', 20],
  ],
  attention: [
    ['scores', 'attention.py', 88],
    ['forward', 'model.py', 64],
    ['step', 'train.py', 61],
  ],
  mlp: [
    ['silu', 'mlp.py', 27],
    ['forward', 'model.py', 71],
    ['step', 'train.py', 61],
  ],
  norm: [
    ['rms_norm', 'norm.py', 12],
    ['forward', 'model.py', 58],
    ['step', 'train.py', 61],
  ],
  logits: [
    ['lm_head', 'model.py', 120],
    ['step', 'train.py', 61],
  ],
  loss: [
    ['cross_entropy', 'loss.py', 9],
    ['step', 'train.py', 64],
  ],
  gradient: [['backward', 'train.py', 66]],
  moments: [
    ['init_state', 'adamw.py', 40],
    ['step', 'train.py', 70],
  ],
  update: [
    ['update', 'adamw.py', 55],
    ['step', 'train.py', 70],
  ],
  reduce: [
    ['all_reduce', 'comm.py', 33],
    ['backward', 'train.py', 66],
  ],
  kept: [
    ['append', 'metrics.py', 17],
    ['step', 'train.py', 73],
  ],
};

/** @typedef {keyof typeof STACKS} StackName */
const NAMES = /** @type {StackName[]} */ (Object.keys(STACKS));

/** Blocks come in slots of whole MiB (or 64 KiB), each size in segments of its own. */
const slotOf = (/** @type {number} */ size) => {
  const unit = size >= MIB ? 2 * MIB : 65_536;
  return Math.ceil(size / unit) * unit;
};

class Heap {
  /** @type {Map<number, number[]>} */
  #free = new Map();
  #next = 0x7f00_0000_0000;
  /** @type {{ address: number, size: number, blocks: number, block: number }[]} */
  segments = [];

  /** @param {() => number} random */
  constructor(random) {
    this.random = random;
  }

  /**
   * @param {number} bytes
   * @param {(address: number, size: number) => void} grow
   */
  take(bytes, grow) {
    const size = slotOf(bytes);
    const free = this.#free.get(size) ?? [];
    this.#free.set(size, free);
    const last = free.pop();
    if (last !== undefined) {
      const place = Math.floor(this.random() * (free.length + 1));
      if (place === free.length) return last;
      const found = free[place];
      free[place] = last;
      return found ?? last;
    }
    const blocks = Math.max(1, Math.floor((20 * MIB) / size));
    const segment = Math.ceil((blocks * size) / (2 * MIB)) * 2 * MIB;
    const address = this.#next;
    this.#next += segment + 64 * MIB;
    this.segments.push({ address, size: segment, blocks, block: size });
    grow(address, segment);
    for (let i = blocks - 1; i > 0; i--) free.push(address + i * size);
    return address;
  }

  /**
   * @param {number} address
   * @param {number} bytes
   */
  give(address, bytes) {
    this.#free.get(slotOf(bytes))?.push(address);
  }
}

/**
 * @param {number} count about how many events
 * @returns {import('../../src/core/snapshot/columns.ts').Snapshot}
 */
export function trainingTrace(count) {
  // A step is finished, whatever it takes.
  const room = count + 32_768;
  const action = new Uint8Array(room);
  const address = new Float64Array(room);
  const sizes = new Float64Array(room);
  const stream = new Uint16Array(room);
  const stacks = new Uint32Array(room).fill(NONE);
  const time = new Float64Array(room);
  const random = randomFrom(7);
  const heap = new Heap(random);
  /** @type {Map<number, { size: number, stack: number }>} */
  const live = new Map();
  let at = 0;
  let clock = 1.7e15;

  /** @param {number} kind @param {number} where @param {number} size @param {number} on @param {number} stack */
  const event = (kind, where, size, on, stack) => {
    action[at] = kind;
    address[at] = where;
    sizes[at] = size;
    stream[at] = on;
    stacks[at] = stack;
    clock += 2 + Math.floor(random() * 40);
    time[at++] = clock;
  };
  /** @param {StackName} who @param {number} size */
  const make = (who, size, on = 0) => {
    const stack = NAMES.indexOf(who);
    const where = heap.take(size, (start, bytes) => event(SEGMENT_ALLOC, start, bytes, on, stack));
    live.set(where, { size, stack });
    event(ALLOC, where, size, on, stack);
    return where;
  };
  /** @param {number} where */
  const request = (where, on = 0) => {
    const held = live.get(where);
    if (held !== undefined) event(FREE_REQUESTED, where, held.size, on, held.stack);
  };
  /** @param {number} where */
  const complete = (where, on = 0) => {
    const held = live.get(where);
    if (held === undefined) return;
    event(FREE_COMPLETED, where, held.size, on, held.stack);
    live.delete(where);
    heap.give(where, held.size);
  };
  /** @param {number} where */
  const free = (where) => {
    request(where);
    complete(where);
  };

  const layers = 48;
  /** @type {{ name: string, start: number, end: number }[]} */
  const phases = [];
  /** @param {string} name @param {() => void} work */
  const phase = (name, work) => {
    const start = clock;
    work();
    phases.push({ name, start, end: clock });
  };
  const weights = Array.from({ length: layers * 4 }, (_, i) =>
    make('weights', (12 + (i % 3) * 8) * MIB),
  );
  let isFirst = true;
  for (let step = 0; at < count; step++) {
    /** @type {number[]} */
    const kept = [];
    /** @type {number[]} */
    const gradients = [];
    // Batches differ in length.
    const length = 0.7 + 0.3 * random();
    const piece = (/** @type {number} */ mib) =>
      Math.ceil(mib * length * (0.97 + 0.03 * random()) * MIB);
    phase('forward', () => {
      for (let layer = 0; layer < layers && at < count; layer++) {
        for (let head = 0; head < 6; head++) free(make('norm', piece(0.75)));
        kept.push(make('attention', piece(22)), make('mlp', piece(30)), make('norm', piece(9)));
        free(make('attention', piece(44)));
      }
      kept.push(make('logits', piece(640)));
      free(make('loss', piece(640)));
    });
    phase('backward', () => {
      /** @type {number[]} */
      let late = [];
      while (kept.length > 0) {
        for (const where of late) complete(where, 1);
        late = [];
        gradients.push(make('gradient', 14 * MIB));
        for (let i = 0; i < 8; i++) free(make('gradient', 2 * MIB + i * 512));
        const buffer = make('reduce', 25 * MIB, 1);
        request(buffer, 1);
        late.push(buffer);
        free(/** @type {number} */ (kept.pop()));
      }
      for (const where of late) complete(where, 1);
    });
    phase('Optimizer.step#AdamW.step', () => {
      for (let i = 0; i < weights.length; i++) {
        if (isFirst) {
          make('moments', 12 * MIB);
          make('moments', 12 * MIB);
        }
        for (let k = 0; k < 4; k++) free(make('update', (6 + k) * MIB));
      }
      isFirst = false;
    });
    for (const where of gradients) free(where);
    make('kept', 40 * MIB);
  }
  event(OOM, 512 * MIB, 2048 * MIB, 0, NAMES.indexOf('logits'));
  return snapshotOf({ action, address, sizes, stream, stacks, time, at }, heap, live, phases);
}

/**
 * @param {{ action: Uint8Array, address: Float64Array, sizes: Float64Array, stream: Uint16Array, stacks: Uint32Array, time: Float64Array, at: number }} e
 * @param {Heap} heap
 * @param {Map<number, { size: number, stack: number }>} live
 * @param {readonly { name: string, start: number, end: number }[]} phases
 * @returns {import('../../src/core/snapshot/columns.ts').Snapshot}
 */
function snapshotOf(e, heap, live, phases) {
  /** @type {string[]} */
  const strings = [];
  /** @param {string} text */
  const id = (text) => {
    const place = strings.indexOf(text);
    return place === -1 ? strings.push(text) - 1 : place;
  };
  const frames = NAMES.flatMap((name) => /** @type {Frame[]} */ (STACKS[name]));
  const offsets = [0];
  for (const name of NAMES) offsets.push((offsets.at(-1) ?? 0) + STACKS[name].length);

  const segments = [...heap.segments].sort((a, b) => a.address - b.address);
  /** @type {{ address: number, size: number, state: number, stack: number }[]} */
  const blocks = [];
  const firstBlock = [0];
  for (const segment of segments) {
    for (let i = 0; i < segment.blocks; i++) {
      const where = segment.address + i * segment.block;
      const held = live.get(where);
      const used = held === undefined ? segment.block : Math.ceil(held.size / 512) * 512;
      blocks.push({
        address: where,
        size: used,
        state: held === undefined ? 0 : 1,
        stack: held?.stack ?? NONE,
      });
      const free = segment.block - used;
      if (free > 0) blocks.push({ address: where + used, size: free, state: 0, stack: NONE });
    }
    const end = segment.address + segment.blocks * segment.block;
    const rest = segment.address + segment.size - end;
    if (rest > 0) blocks.push({ address: end, size: rest, state: 0, stack: NONE });
    firstBlock.push(blocks.length);
  }
  const sums = segments.map((_, s) =>
    blocks
      .slice(firstBlock[s], firstBlock[s + 1])
      .reduce((sum, { size, state }) => sum + (state === 1 ? size : 0), 0),
  );
  return {
    shape: {
      container: 'pickle',
      protocol: 4,
      form: 'dict',
      isLegacy: false,
      version: '2.6+',
      bytes: 0,
      isSynthetic: true,
    },
    frames: {
      count: frames.length,
      name: Uint32Array.from(frames, ([name]) => id(name)),
      file: Uint32Array.from(frames, ([, file]) => id(`/home/user/${file}`)),
      line: Int32Array.from(frames, ([, , line]) => line),
    },
    stacks: {
      count: NAMES.length,
      offsets: Uint32Array.from(offsets),
      frames: Uint32Array.from(frames, (_, i) => i),
    },
    streams: ['0', '94201'],
    pools: [[0, 0]],
    devices: [
      {
        index: 0,
        segments: [0, segments.length],
        events: {
          count: e.at,
          action: e.action.slice(0, e.at),
          address: e.address.slice(0, e.at),
          size: e.sizes.slice(0, e.at),
          stream: e.stream.slice(0, e.at),
          stack: e.stacks.slice(0, e.at),
          time: e.time.slice(0, e.at),
        },
      },
    ],
    segments: {
      count: segments.length,
      device: new Uint16Array(segments.length),
      address: Float64Array.from(segments, ({ address }) => address),
      total: Float64Array.from(segments, ({ size }) => size),
      allocated: Float64Array.from(sums),
      active: Float64Array.from(sums),
      requested: Float64Array.from(sums),
      stream: new Uint16Array(segments.length),
      isLarge: Uint8Array.from(segments, ({ block }) => (block > MIB ? 1 : 0)),
      isExpandable: new Uint8Array(segments.length),
      pool: new Uint16Array(segments.length),
      stack: new Uint32Array(segments.length).fill(NONE),
      firstBlock: Uint32Array.from(firstBlock),
    },
    blocks: {
      count: blocks.length,
      address: Float64Array.from(blocks, ({ address }) => address),
      size: Float64Array.from(blocks, ({ size }) => size),
      requested: Float64Array.from(blocks, ({ size }) => size),
      state: Uint8Array.from(blocks, ({ state }) => state),
      stack: Uint32Array.from(blocks, ({ stack }) => stack),
    },
    annotations: annotationsOf(phases, id),
    strings,
    problems: [],
    notes: [],
  };
}

/**
 * @param {readonly { name: string, start: number, end: number }[]} phases
 * @param {(text: string) => number} id
 */
function annotationsOf(phases, id) {
  const both = phases.flatMap(({ name, start, end }) => [
    { name: id(name), isStart: 1, time: start },
    { name: id(name), isStart: 0, time: end },
  ]);
  return {
    count: both.length,
    name: Uint32Array.from(both, ({ name }) => name),
    isStart: Uint8Array.from(both, ({ isStart }) => isStart),
    device: new Int32Array(both.length),
    time: Float64Array.from(both, ({ time }) => time),
  };
}
