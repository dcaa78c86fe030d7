// Trace, groups, stack, raster and segment map against plain counting, on made-up runs.
import { describe, expect, it } from 'vitest';
import {
  NONE,
  type PageData,
  type PageDevice,
  packForPage,
  syntheticTraining,
  unpackPage,
} from '../../core/snapshots.ts';
import { framesOf, frameText, matchingStacks } from './frames.ts';
import { groupsOf } from './groups.ts';
import { type Inks, Raster, type Viewport } from './raster.ts';
import { piecesOf, segmentsAt } from './segment-map.ts';
import { Stack } from './stack.ts';
import { Trace } from './trace.ts';

const data: PageData = unpackPage(
  packForPage(syntheticTraining({ events: 2500, leakPerStep: 2 ** 24, layers: 6 }), { lang: 'en' }),
);
const device = data.devices[0] as PageDevice;
const trace = new Trace(device);
const lines = data.owners.find(({ by }) => by === 'line');
const way = { by: 'line', names: lines?.names ?? [], of: lines?.of[0] ?? new Uint32Array(0) };
const groups = groupsOf(trace, way);
const stack = new Stack(trace, groups);
const somePositions = [0, 1, 2, 31, 32, 33, 64, 777, 1000, trace.peak, trace.positions - 1];

const sumOfLive = (position: number): number =>
  trace.liveAt(position).reduce((sum, row) => sum + (device.allocations.held[row] as number), 0);

describe('a trace', () => {
  it('counts the bytes that are live at every position', () => {
    for (const position of somePositions) {
      expect(trace.allocated.values[position]).toBe(sumOfLive(position));
    }
  });

  it('finds positions by time and times by position', () => {
    expect(trace.positionAt(-1)).toBe(0);
    expect(trace.positionAt(trace.duration)).toBe(trace.positions - 1);
    expect(trace.timeAt(trace.positionAt(trace.duration / 2))).toBeLessThanOrEqual(
      trace.duration / 2,
    );
  });
});

describe('a stack of groups', () => {
  it('has the bytes of each group at any position, and no others', () => {
    for (const position of somePositions) {
      const counted = new Float64Array(groups.count);
      for (const row of trace.liveAt(position)) {
        const g = groups.of[row] as number;
        counted[g] = (counted[g] as number) + (device.allocations.held[row] as number);
      }
      const waiting = device.allocations.held.reduce((sum, bytes, row) => {
        const waits =
          (trace.end[row] as number) <= position && position < (trace.done[row] as number);
        return waits ? sum + bytes : sum;
      }, 0);
      counted[groups.waiting] = waiting;
      expect([...stack.at(position, new Float64Array(groups.count))]).toEqual([...counted]);
    }
  });

  it('puts what is out of focus aside', () => {
    const isMeant = way.of.map((owner) => (owner === 0 ? 1 : 0));
    const focused = groupsOf(trace, way, Uint8Array.from(isMeant));
    const others = focused.list.findIndex(({ kind }) => kind === 'others');
    for (const [row, group] of focused.of.entries()) {
      expect(group === others).toBe(isMeant[row] === 0);
    }
  });

  it('names an owner that keeps growing', () => {
    expect(groups.list.map(({ name }) => name)).toContainEqual(
      expect.stringContaining('metrics.py:77'),
    );
  });
});

describe('the raster', () => {
  const [width, height] = [240, 120];
  const inks: Inks = {
    ground: 1,
    idle: 2,
    idleStripe: 2,
    reserved: 3,
    ink: 4,
    groups: Uint32Array.from({ length: groups.count }, (_, g) => 0xff000010 + g),
    isStriped: new Uint8Array(groups.count),
  };
  const high = (trace.reserved.values[trace.positions - 1] as number) * 1.1;
  const draw = (view: Partial<Viewport>) => {
    const pixels = new Uint32Array(width * height);
    const whole = { from: 0, to: trace.positions, isTime: false, low: 0, high, width, height };
    const columns = new Raster(pixels, width, height).draw(stack, { ...whole, ...view }, inks, -1);
    return { pixels, columns };
  };

  it.each([
    ['events', {}],
    ['few events', { from: 300, to: 340 }],
    ['time', { isTime: true, to: trace.duration }],
    ['a part of the height', { low: high / 4, high: high / 2 }],
  ])('shows in each column one instant, which adds up: %s', (_, view) => {
    const { columns, pixels } = draw(view);
    let before = 0;
    for (let c = 0; c < width; c++) {
      const position = columns.position[c] as number;
      expect(position).toBeGreaterThanOrEqual(before);
      before = position;
      const top = columns.offsets[c * (groups.count + 1) + groups.count];
      expect(top).toBe(trace.allocated.values[position]);
    }
    expect(pixels.every((ink) => ink !== 0)).toBe(true);
  });

  it('loses no peak, however narrow', () => {
    const { columns } = draw({});
    expect([...columns.position]).toContain(trace.peak);
  });
});

describe('the map of segments', () => {
  it('covers every segment without gaps, and agrees with the totals', () => {
    for (const position of somePositions) {
      const state = segmentsAt(trace, position);
      expect(state.reserved).toBe(trace.reserved.values[position]);
      expect(state.used + state.between + state.empty).toBe(state.reserved);
      for (const segment of state.segments) {
        let at = 0;
        for (const { from, to } of piecesOf(trace, state, segment)) {
          expect(from).toBe(at);
          at = to;
        }
        expect(at).toBe(device.segments.size[segment]);
      }
    }
  });
});

describe('frames', () => {
  it('are found by function, by file and by line', () => {
    const stackOf = device.allocations.stack.find((id) => id !== NONE) ?? 0;
    const frame = frameText(data, framesOf(data, stackOf)[0] as number);
    for (const text of [frame.name, frame.place, frame.place.toUpperCase()]) {
      expect(matchingStacks(data, text)[stackOf]).toBe(1);
    }
    expect(matchingStacks(data, 'no such thing').every((each) => each === 0)).toBe(true);
  });

  it('are not found by the beginning of another line', () => {
    const found = matchingStacks(data, 'metrics.py:7');
    expect(found.some((each) => each === 1)).toBe(false);
    expect(matchingStacks(data, 'metrics.py:77').some((each) => each === 1)).toBe(true);
  });
});
