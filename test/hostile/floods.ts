/**
 * Files that are small to write and large to follow: very many of one thing. Each is a whole pickle with
 * keys that are written once, as Python writes them.
 */

export const MIB: number = 2 ** 20;
/** Where made-up segments begin. */
export const BASE: number = 2 ** 45;

type Fields = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/** Writes pickles of protocol 4 piece by piece. */
export class PickleWriter {
  private bytes: Buffer = Buffer.alloc(1 << 16);
  private used = 0;
  private readonly places = new Map<string, number>();

  constructor() {
    this.put(0x80, 4);
  }

  put(...codes: readonly number[]): this {
    this.room(codes.length);
    for (const code of codes) {
      this.bytes[this.used] = code;
      this.used += 1;
    }
    return this;
  }

  int(value: number): this {
    if (value >= 0 && value < 256) return this.put(0x4b, value);
    this.room(10);
    if (Math.abs(value) < 2 ** 31) {
      this.bytes[this.used] = 0x4a;
      this.used = this.bytes.writeInt32LE(value, this.used + 1);
    } else {
      this.put(0x8a, 8);
      this.used = this.bytes.writeBigInt64LE(BigInt(value), this.used);
    }
    return this;
  }

  float(value: number): this {
    this.room(9);
    this.bytes[this.used] = 0x47;
    this.used = this.bytes.writeDoubleBE(value, this.used + 1);
    return this;
  }

  /** Written once, and named by its place in the memo afterwards. */
  key(text: string): this {
    const place = this.places.get(text);
    if (place !== undefined) return this.again(place);
    this.text(text).put(0x94);
    this.places.set(text, this.places.size);
    return this;
  }

  /** @param place in the memo */
  again(place: number): this {
    if (place < 256) return this.put(0x68, place);
    this.room(5);
    this.bytes[this.used] = 0x6a;
    this.used = this.bytes.writeUInt32LE(place, this.used + 1);
    return this;
  }

  text(text: string): this {
    const utf8 = Buffer.from(text);
    this.room(5 + utf8.length);
    this.bytes[this.used] = 0x58;
    this.used = this.bytes.writeUInt32LE(utf8.length, this.used + 1);
    this.used += utf8.copy(this.bytes, this.used);
    return this;
  }

  dict(fields: Fields): this {
    this.put(0x7d, 0x28);
    for (const [key, value] of Object.entries(fields)) {
      this.key(key);
      if (typeof value === 'string') this.key(value);
      else if (typeof value === 'boolean') this.put(value ? 0x88 : 0x89);
      else if (typeof value !== 'number') this.pair(value);
      else if (Number.isSafeInteger(value)) this.int(value);
      else this.float(value);
    }
    return this.put(0x75);
  }

  list(write: () => void): this {
    this.put(0x5d, 0x28);
    write();
    return this.put(0x65);
  }

  finish(): Uint8Array {
    return this.put(0x2e).bytes.subarray(0, this.used);
  }

  private pair(values: readonly number[]): void {
    for (const value of values) this.int(value);
    this.put(0x86);
  }

  private room(count: number): void {
    if (this.used + count <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.bytes.length * 2, this.used + count));
    this.bytes.copy(grown, 0, 0, this.used);
    this.bytes = grown;
  }
}

/** A snapshot of one device. */
export function snapshotOf(
  segments: (to: PickleWriter) => void,
  events: (to: PickleWriter) => void,
  more: (to: PickleWriter) => void = () => undefined,
): Uint8Array {
  const to = new PickleWriter();
  to.put(0x7d, 0x28);
  to.key('segments').list(() => segments(to));
  to.key('device_traces').list(() => to.list(() => events(to)));
  more(to);
  return to.put(0x75).finish();
}

export const event = (
  to: PickleWriter,
  action: string,
  addr: number,
  size: number,
  more: Fields = {},
): PickleWriter => to.dict({ action, addr, size, stream: 0, ...more });

/** A segment with one free block. */
function freeSegment(
  to: PickleWriter,
  address: number,
  total_size: number,
  is_expandable: boolean,
): PickleWriter {
  to.put(0x7d, 0x28);
  const numbers = { device: 0, address, total_size, allocated_size: 0, active_size: 0, stream: 0 };
  for (const [key, value] of Object.entries(numbers)) to.key(key).int(value);
  to.key('segment_type').key(total_size === 2 * MIB ? 'small' : 'large');
  to.key('is_expandable').put(is_expandable ? 0x88 : 0x89);
  to.key('blocks').list(() => to.dict({ address, size: total_size, state: 'inactive' }));
  return to.put(0x75);
}

const nothing = (): void => undefined;
const LARGE = 20 * MIB;
/** A place among `count` others, not in their order. */
const scattered = (i: number, count: number): number => BASE + ((i * 7919) % count) * 2 * LARGE;

/** By name: the file for a number of things. */
export const FLOODS: Readonly<Record<string, (count: number) => Uint8Array>> = {
  'mapped ranges in no order': (count) =>
    snapshotOf(nothing, (to) => {
      for (let i = 0; i < count; i += 1) event(to, 'segment_map', scattered(i, count), LARGE);
    }),
  'mapped ranges that are there at the end': (count) =>
    snapshotOf(
      (to) => {
        for (let i = 0; i < count; i += 1) freeSegment(to, BASE + i * 2 * LARGE, LARGE, true);
      },
      (to) => {
        for (let i = 0; i < count; i += 1) event(to, 'segment_map', scattered(i, count), LARGE);
        to.dict({ action: 'oom', size: 30 * MIB, stream: 0, device_free: 100 });
      },
    ),
  'unmapped ranges in no order': (count) =>
    snapshotOf(nothing, (to) => {
      for (let i = 0; i < count; i += 1) event(to, 'segment_unmap', scattered(i, count), LARGE);
      event(to, 'alloc', BASE, 512);
      event(to, 'free_completed', BASE, 512);
    }),
  'holes that are all too small': (count) =>
    snapshotOf(
      nothing,
      (to) => {
        const each = (begin: number, step: number, visit: (address: number) => void): void => {
          for (let i = begin; i < count; i += step) visit(BASE + i * LARGE);
        };
        each(0, 1, (at) => event(event(to, 'segment_map', at, LARGE), 'alloc', at, LARGE));
        each(0, 2, (at) =>
          event(event(to, 'free_requested', at, LARGE), 'free_completed', at, LARGE),
        );
        each(0, 2, (at) => event(to, 'segment_unmap', at, LARGE));
        each(0, 2, (at) => {
          const behind = at + count * LARGE;
          event(event(to, 'segment_map', behind, 2 * LARGE), 'alloc', behind, 2 * LARGE);
        });
      },
      (to) => to.key('allocator_settings').dict({ expandable_segments: true }),
    ),
  'one segment named again and again': (count) =>
    snapshotOf(
      (to) => {
        freeSegment(to, BASE, 2 * MIB, false).put(0x94);
        // The last thing that was kept is the segment itself.
        const place = 15;
        for (let i = 0; i < count; i += 1) to.again(place);
      },
      (to) => event(to, 'alloc', 1, 1),
    ),
  segments: (count) =>
    snapshotOf((to) => {
      for (let i = 0; i < count; i += 1) freeSegment(to, BASE + i * 2 * MIB, 2 * MIB, false);
    }, nothing),
  devices: (count) => {
    const to = new PickleWriter();
    to.put(0x7d, 0x28).key('segments').list(nothing);
    to.key('device_traces').list(() => {
      for (let i = 0; i < count; i += 1) to.list(() => event(to, 'alloc', BASE, 512));
    });
    return to.put(0x75).finish();
  },
  streams: (count) =>
    snapshotOf(nothing, (to) => {
      for (let stream = 0; stream < count; stream += 1) {
        const at = BASE + stream * 2 * MIB;
        event(to, 'segment_alloc', at, 2 * MIB, { stream });
        event(to, 'alloc', at, 512, { stream });
      }
    }),
  'pools and streams': (count) =>
    snapshotOf(nothing, (to) => {
      for (let i = 0; i < count; i += 1) {
        const more = { stream: i % 60_000, pool_id: [i % 60_000, i % 50] };
        event(to, 'segment_alloc', BASE + i * 2 * MIB, 2 * MIB, more);
        event(to, 'alloc', BASE + i * 2 * MIB, 512, more);
      }
    }),
  'annotations that never end': (count) =>
    snapshotOf(
      nothing,
      (to) => {
        for (let i = 0; i < 2000; i += 1) event(to, 'alloc', BASE + i * 512, 512, { time_us: i });
      },
      (to) =>
        to.key('external_annotations').list(() => {
          for (let i = 0; i < count; i += 1) {
            to.dict({ name: `a${i}`, stage: 'START', device: 0, time_us: i % 2000 });
          }
        }),
    ),
  failures: (count) =>
    snapshotOf(nothing, (to) => {
      for (let i = 0; i < count; i += 1) {
        to.dict({ action: 'oom', size: 2 * MIB * (1 + (i % 50)), stream: 0, device_free: i });
        if (i % 3 === 0) event(to, 'alloc', BASE + 512 * i, 512);
      }
    }),
  'times that are none': (count) =>
    snapshotOf(nothing, (to) => {
      for (let i = 0; i < count; i += 1) {
        const time_us = i % 3 === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
        event(to, i % 2 === 0 ? 'free_completed' : 'alloc', BASE + (i >> 1) * 512, 512, {
          time_us,
        });
      }
    }),
  'blocks whose end is not known': (count) =>
    snapshotOf(
      (to) => {
        for (let i = 0; i < count; i += 1) freeSegment(to, BASE + i * LARGE, LARGE, false);
      },
      (to) => {
        for (let i = 0; i < count; i += 1) {
          event(to, 'free_requested', BASE + i * LARGE, 2 * MIB + 1);
          event(to, 'free_completed', BASE + i * LARGE, 2 * MIB + 1);
        }
        for (let i = 0; i < count; i += 1) event(to, 'alloc', BASE + i * LARGE + 3 * MIB, 11 * MIB);
      },
    ),
  'addresses that meet in one slot': (count) =>
    snapshotOf(nothing, (to) => {
      const pages = Array.from(
        { length: Math.min(count, 2 ** 20) },
        (_, high) => high * 2 ** 32 + (Math.imul(high, 0x27d4eb2f) >>> 0),
      );
      for (const page of pages) event(to, 'alloc', page * 512, 512);
      for (const page of pages) event(to, 'free_completed', page * 512, 512);
    }),
};
