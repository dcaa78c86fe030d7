// @ts-check
/**
 * Writes large memory snapshots byte by byte as `pickle.dump(torch.cuda.memory._snapshot(), f)` would:
 * protocol 4, batches of 1000, strings, frames and lists of frames shared through the memo as in real
 * files. They show no real run. The state at the end follows from the events: slots of fixed size in
 * segments that are allocated first.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { randomFrom } from './bench.mjs';

const BATCH = 1000;
const FRAME_SIZE = 64 * 1024;
const MIB = 2 ** 20;
/** Slots of a large segment: 20 of 1 MiB plus 512 KiB of rest would not be; so 16 of 1.25 MiB. */
const SLOTS = 16;
const SLOT = (20 * MIB) / SLOTS;
const FIRST_SEGMENT = 0x7f12_0000_0000;

/** The bytes of a pickle, gathered and written as they come. */
class PickleWriter {
  /** @param {string} path */
  constructor(path) {
    this.file = openSync(path, 'w');
    this.buffer = Buffer.allocUnsafe(4 * MIB);
    this.length = 0;
    this.written = 0;
    this.memo = 0;
    /** @type {Map<string, number>} */
    this.texts = new Map();
    this.op(0x80, 4);
  }

  /** @param {number[]} bytes */
  op(...bytes) {
    if (this.length + FRAME_SIZE > this.buffer.length) this.flush();
    for (const byte of bytes) {
      this.buffer[this.length] = byte;
      this.length += 1;
    }
  }

  flush() {
    writeSync(this.file, this.buffer, 0, this.length);
    this.written += this.length;
    this.length = 0;
  }

  get size() {
    return this.written + this.length;
  }

  close() {
    this.op(0x2e);
    this.flush();
    closeSync(this.file);
  }

  /** MEMOIZE; gives the place. */
  memoize() {
    this.op(0x94);
    this.memo += 1;
    return this.memo - 1;
  }

  /** @param {number} place */
  get(place) {
    if (place < 256) this.op(0x68, place);
    else this.op(0x6a, place & 255, (place >> 8) & 255, (place >> 16) & 255, place >>> 24);
  }

  /** @param {number} value a whole number */
  int(value) {
    if (value >= 0 && value < 256) this.op(0x4b, value);
    else if (value >= 0 && value < 65536) this.op(0x4d, value & 255, value >> 8);
    else if (value >= -(2 ** 31) && value < 2 ** 31) {
      this.op(0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255);
    } else {
      const bytes = [];
      for (let rest = value; rest >= 1; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
      if ((bytes[bytes.length - 1] ?? 0) >= 128) bytes.push(0);
      this.op(0x8a, bytes.length, ...bytes);
    }
  }

  /** A string that is a new object each time. @param {string} text */
  freshText(text) {
    const bytes = Buffer.from(text);
    if (bytes.length < 256) this.op(0x8c, bytes.length, ...bytes);
    else this.op(0x58, bytes.length & 255, (bytes.length >> 8) & 255, 0, 0, ...bytes);
    return this.memoize();
  }

  /** A string that is one object. @param {string} text */
  text(text) {
    const place = this.texts.get(text);
    if (place !== undefined) this.get(place);
    else this.texts.set(text, this.freshText(text));
  }

  /** @param {readonly (readonly [key: string, write: () => void])[]} entries fewer than 1000 */
  dict(entries) {
    this.op(0x7d);
    this.memoize();
    this.op(0x28);
    for (const [key, write] of entries) {
      this.text(key);
      write();
    }
    this.op(0x75);
  }

  /** @param {number} count @param {(index: number) => void} write */
  list(count, write) {
    this.op(0x5d);
    const place = this.memoize();
    for (let from = 0; from < count; from += BATCH) {
      const to = Math.min(count, from + BATCH);
      if (to - from > 1) this.op(0x28);
      for (let i = from; i < to; i += 1) write(i);
      this.op(to - from > 1 ? 0x65 : 0x61);
    }
    return place;
  }

  /** A list that grows until `more` says no. @param {() => boolean} more @param {() => void} write */
  listWhile(more, write) {
    this.op(0x5d);
    this.memoize();
    while (more()) {
      this.op(0x28);
      for (let i = 0; i < BATCH; i += 1) write();
      this.op(0x65);
    }
  }
}

/**
 * @typedef {{ events: number, bytes: number }} Written
 * @param {string} path
 * @param {{ bytes: number, stacks: 'all' | 'python', seed?: number }} options `stacks` as in
 *   `_record_memory_history`: about 270 bytes an event, or about 100.
 * @returns {Written}
 */
export function writeSnapshotFile(path, { bytes, stacks, seed = 1 }) {
  const random = randomFrom(seed);
  /** @param {number} n */
  const pick = (n) => Math.floor(random() * n);
  const out = new PickleWriter(path);

  const depth = stacks === 'all' ? () => 30 + pick(60) : () => 2 + pick(3);
  const frames = Array.from({ length: 800 }, (_, i) => ({
    name:
      stacks === 'all' && i % 2 === 0 ? `at::native::kernel_${i}(at::Tensor const&)` : `call_${i}`,
    filename: stacks === 'all' && i % 2 === 0 ? '??' : `/opt/app/module_${i % 40}.py`,
    line: i % 2 === 0 && stacks === 'all' ? 0 : 10 + i,
    /** @type {number | undefined} */
    place: undefined,
  }));
  const stackOf = Array.from({ length: 260 }, () =>
    Array.from({ length: depth() }, () => pick(frames.length)),
  );

  /** @param {number} index */
  const frame = (index) => {
    const it = frames[index];
    if (it === undefined) return;
    if (it.place !== undefined) {
      out.get(it.place);
      return;
    }
    it.place = out.memo;
    out.dict([
      ['name', () => out.text(it.name)],
      ['filename', () => out.text(it.filename)],
      ['line', () => out.int(it.line)],
    ]);
  };
  /** A list of frames as an object of its own; gives its place. @param {number} stack */
  const frameList = (stack) => {
    const mine = stackOf[stack] ?? [];
    return out.list(mine.length, (i) => frame(mine[i] ?? 0));
  };

  // The program: a tensor lives for a while in a slot; then it is freed.
  const segments = 64;
  const slots = segments * SLOTS;
  const sizes = new Float64Array(slots);
  const lists = new Float64Array(slots).fill(-1);
  const free = Array.from({ length: slots }, (_, i) => slots - 1 - i);
  /** @type {number[]} */
  const live = [];
  /** @param {number} slot */
  const addressOf = (slot) => FIRST_SEGMENT + slot * SLOT;
  let time = 1_770_000_000_000_000;
  let events = 0;

  /** @param {string} action @param {number} addr @param {number} size @param {() => void} writeFrames */
  const event = (action, addr, size, writeFrames) => {
    time += 1 + pick(40);
    events += 1;
    out.dict([
      ['action', () => out.text(action)],
      ['addr', () => out.int(addr)],
      ['size', () => out.int(size)],
      ['stream', () => out.int(0)],
      ['time_us', () => out.int(time)],
      ['compile_context', () => out.freshText('N/A')],
      ['user_metadata', () => out.freshText('')],
      ['frames', writeFrames],
    ]);
  };

  let mapped = 0;
  /** The second half of a free. @type {(() => void) | undefined} */
  let pending;
  const step = () => {
    if (mapped < segments) {
      event('segment_alloc', addressOf(mapped * SLOTS), 20 * MIB, () => frameList(mapped % 260));
      mapped += 1;
      return;
    }
    if (pending !== undefined) {
      pending();
      pending = undefined;
      return;
    }
    const isFull = free.length === 0;
    if (!isFull && (live.length < slots / 2 || random() < 0.5)) {
      const slot = free.pop() ?? 0;
      const size = SLOT - 4 * pick(100);
      live.push(slot);
      sizes[slot] = size;
      event('alloc', addressOf(slot), size, () => {
        lists[slot] = frameList(pick(260));
      });
    } else {
      const at = pick(live.length);
      const slot = live[at] ?? 0;
      live[at] = live[live.length - 1] ?? 0;
      live.pop();
      free.push(slot);
      let list = 0;
      const size = sizes[slot] ?? 0;
      event('free_requested', addressOf(slot), size, () => {
        list = frameList(pick(260));
      });
      lists[slot] = -1;
      pending = () => event('free_completed', addressOf(slot), size, () => out.get(list));
    }
  };

  // The state comes last here: it is known only then. Readers take keys in any order.
  out.op(0x7d);
  out.memoize();
  out.op(0x28);
  out.text('device_traces');
  out.list(1, () =>
    out.listWhile(
      () => out.size < bytes,
      () => step(),
    ),
  );
  out.text('segments');
  out.list(segments, (s) => {
    /** @type {{ first: number, length: number, isLive: boolean }[]} */
    const blocks = [];
    for (let slot = s * SLOTS; slot < (s + 1) * SLOTS; slot += 1) {
      const isLive = (lists[slot] ?? -1) >= 0;
      const last = blocks[blocks.length - 1];
      if (last !== undefined && !isLive && !last.isLive) last.length += 1;
      else blocks.push({ first: slot, length: 1, isLive });
    }
    const alive = blocks.filter(({ isLive }) => isLive);
    const requested = alive.reduce((sum, { first }) => sum + (sizes[first] ?? 0), 0);
    out.dict([
      ['device', () => out.int(0)],
      ['address', () => out.int(addressOf(s * SLOTS))],
      ['total_size', () => out.int(20 * MIB)],
      ['allocated_size', () => out.int(alive.length * SLOT)],
      ['active_size', () => out.int(alive.length * SLOT)],
      ['requested_size', () => out.int(requested)],
      ['stream', () => out.int(0)],
      ['segment_type', () => out.text('large')],
      [
        'segment_pool_id',
        () => {
          out.op(0x4b, 0, 0x4b, 0, 0x86);
          out.memoize();
        },
      ],
      ['is_expandable', () => out.op(0x89)],
      ['frames', () => out.list(0, () => undefined)],
      [
        'blocks',
        () =>
          out.list(blocks.length, (i) => {
            const { first, length, isLive } = blocks[i] ?? { first: 0, length: 0, isLive: false };
            out.dict([
              ['address', () => out.int(addressOf(first))],
              ['size', () => out.int(length * SLOT)],
              ['requested_size', () => out.int(isLive ? (sizes[first] ?? 0) : 0)],
              ['state', () => out.text(isLive ? 'active_allocated' : 'inactive')],
              [
                'frames',
                () => {
                  if (isLive) out.get(lists[first] ?? 0);
                  else out.list(0, () => undefined);
                },
              ],
            ]);
          }),
      ],
    ]);
  });
  out.text('allocator_settings');
  out.dict([
    ['PYTORCH_CUDA_ALLOC_CONF', () => out.text('')],
    ['max_split_size', () => out.int(-1)],
    ['expandable_segments', () => out.op(0x89)],
    ['synthetic', () => out.op(0x88)],
  ]);
  out.text('external_annotations');
  out.list(0, () => undefined);
  out.op(0x75);
  out.close();
  return { events, bytes: out.written };
}
