import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MiB } from '../base/bytes.ts';
import { analyse } from './analyse.ts';
import { Action, NONE } from './columns.ts';
import { BEFORE } from './lifetimes.ts';
import { syntheticTraining } from './make/synthetic-training.ts';
import { pack, packForPage, unpackPage } from './pack.ts';
import type { PageAllocations, PageData, PageDevice } from './page-data.ts';

const events = fc.oneof(fc.nat(1e6), fc.constantFrom(NONE));
const bytes = fc.oneof(fc.nat(1e9), fc.constantFrom(2 ** 47 + 512, 2 ** 52, 0));

/** Allocations whose events may be anything that a trace can hold. */
const allocations: fc.Arbitrary<PageAllocations> = fc
  .array(
    fc.record({
      address: bytes,
      size: bytes,
      stream: fc.nat(65_535),
      stack: events,
      from: events,
      life: fc.option(fc.nat(1000), { nil: NONE }),
      isBefore: fc.boolean(),
      late: fc.option(fc.nat(5), { nil: NONE }),
    }),
    { maxLength: 40 },
  )
  .map((rows) => {
    const freed = rows.map(({ from, life, isBefore }) => {
      if (from === NONE && isBefore) return BEFORE;
      return life === NONE ? NONE : (from === NONE ? 0 : from) + life;
    });
    return {
      count: rows.length,
      address: Float64Array.from(rows, ({ address }) => address),
      requested: Float64Array.from(rows, ({ size }) => size),
      held: Float64Array.from(rows, ({ size }) => Math.ceil(size / 512) * 512),
      stream: Uint16Array.from(rows, ({ stream }) => stream),
      stack: Uint32Array.from(rows, ({ stack }) => stack),
      from: Uint32Array.from(rows, ({ from }) => from),
      freed: Uint32Array.from(freed),
      to: Uint32Array.from(rows, ({ late }, i) => {
        const at = freed[i] as number;
        return late === NONE || at === NONE ? NONE : (at === BEFORE ? 0 : at) + late;
      }),
    };
  });

function dataWith(device: Pick<PageDevice, 'allocations'>): PageData {
  const none = new Uint32Array(0);
  return {
    strings: ['forward', '/home/я/模型.py', '</script>'],
    frames: {
      count: 2,
      name: Uint32Array.of(0, 2),
      file: Uint32Array.of(1, 1),
      line: Int32Array.of(12, -1),
    },
    stacks: { count: 1, offsets: Uint32Array.of(0, 2), frames: Uint32Array.of(0, 1) },
    streams: ['0', '-94'],
    pools: [[0, 0]],
    stages: ['unknown', 'forward'],
    devices: [
      {
        index: 3,
        events: 7,
        time: Float64Array.of(1.7e15, 1.7e15, 1.7e15 + 3),
        segments: {
          count: 1,
          address: Float64Array.of(2 ** 47),
          size: Float64Array.of(2 * MiB),
          stream: Uint16Array.of(1),
          isExpandable: Uint8Array.of(1),
          pool: Uint16Array.of(0),
          from: Uint32Array.of(NONE),
          to: Uint32Array.of(5),
        },
        ooms: {
          count: 1,
          event: Uint32Array.of(6),
          asked: Float64Array.of(512),
          free: Float64Array.of(0),
        },
        phases: {
          count: 1,
          name: ['step'],
          from: Uint32Array.of(2),
          to: Uint32Array.of(7),
          depth: Uint16Array.of(0),
        },
        stages: { count: 1, from: Uint32Array.of(0), stage: Uint8Array.of(1) },
        ...device,
      },
    ],
    owners: [
      { by: 'line', names: ['a'], of: [new Uint32Array(device.allocations.count).fill(NONE)] },
      { by: 'none', names: [], of: [none] },
    ],
  };
}

describe('a packed snapshot', () => {
  it('is unpacked to what it was', () => {
    fc.assert(
      fc.property(allocations, (rows) => {
        const data = dataWith({ allocations: rows });
        expect(unpackPage(pack(data))).toEqual(data);
      }),
    );
  });

  it('leaves out strings that no frame names', () => {
    const data = dataWith({
      allocations: unpackPage(pack(training())).devices[0]?.allocations as PageAllocations,
    });
    const packed = unpackPage(pack({ ...data, strings: [...data.strings, 'secret'] }));
    expect(packed.strings).toEqual(data.strings);
  });

  it('is refused when it is cut or of another version', () => {
    const packed = pack(training());
    expect(() => unpackPage(packed.subarray(0, packed.length - 1))).toThrow();
    expect(() => unpackPage(packed.subarray(0, 100))).toThrow();
    const text = new TextDecoder().decode(packed.subarray(4));
    const other = new TextEncoder().encode(text.replace('"version":1', '"version":9'));
    expect(() => unpackPage(Uint8Array.of(...packed.subarray(0, 4), ...other))).toThrow();
  });

  it('keeps what is no size from shifting the rest', () => {
    const data = training();
    const device = data.devices[0] as PageDevice;
    const asked = Float64Array.of(-5, Number.NaN, 7);
    const ooms = { count: 3, event: Uint32Array.of(1, 2, 3), asked, free: asked };
    const packed = unpackPage(pack({ ...data, devices: [{ ...device, ooms }] }));
    expect([...(packed.devices[0]?.ooms.asked ?? [])]).toEqual([0, 0, 7]);
    expect(packed.devices[0]?.allocations).toEqual(device.allocations);
  });
});

describe('what a page is told of a trace', () => {
  it('adds up to what the report says', () => {
    const snapshot = syntheticTraining({ events: 3000 });
    const [device] = unpackPage(packForPage(snapshot, { lang: 'en' })).devices as [PageDevice];
    const report = analyse(snapshot).devices[0];
    const at = report?.peak.at_event ?? -1;
    const { from, freed, held } = device.allocations;
    let sum = 0;
    held.forEach((bytes, row) => {
      const start = from[row] as number;
      const end = freed[row] as number;
      const isLive =
        (start === NONE || start <= at) && (end === NONE || (end > at && end < BEFORE));
      if (isLive) sum += bytes;
    });
    expect(sum).toBe(report?.peak.allocated_bytes);
  });

  it.each([false, true])('has segments that add up at every event (expandable: %s)', (is) => {
    const snapshot = syntheticTraining({ events: 4000, expandableSegments: is });
    const [device] = unpackPage(packForPage(snapshot, { lang: 'en' })).devices as [PageDevice];
    const { events } = snapshot.devices[0] as (typeof snapshot.devices)[number];
    const { segments } = device;
    const change = new Float64Array(events.count + 1);
    let now = 0;
    for (let s = 0; s < segments.count; s++) {
      const size = segments.size[s] as number;
      const start = segments.from[s] as number;
      const end = segments.to[s] as number;
      if (start === NONE) now += size;
      else change[start] = (change[start] as number) + size;
      if (end !== NONE) change[end] = (change[end] as number) - size;
    }
    const grows = new Set<number>([Action.segmentAlloc, Action.segmentMap]);
    const shrinks = new Set<number>([Action.segmentFree, Action.segmentUnmap]);
    for (let e = 0; e < events.count; e++) {
      const action = events.action[e] as number;
      const size = events.size[e] as number;
      expect(change[e]).toBe(grows.has(action) ? size : shrinks.has(action) ? -size : 0);
      now += change[e] as number;
    }
    expect(now).toBe(snapshot.segments.total.reduce((sum, each) => sum + each, 0));
  });
});

function training(): PageData {
  return unpackPage(packForPage(syntheticTraining({ events: 500 }), { lang: 'en' }));
}
