import { expect, test } from 'vitest';
import { examineSnapshot } from '../../report/snapshots/examine.ts';
import { redactSnapshot } from '../../report/snapshots/redact.ts';
import type { Snapshot } from '../columns.ts';
import { lifetimesOf } from '../lifetimes.ts';
import { makeDrawing } from '../make/drawing.ts';
import { eventOf, readMoment } from '../moment-of.ts';
import { peaksOf } from '../peak.ts';
import { readSnapshot } from '../reader.ts';
import { METRICS } from '../timeline.ts';
import { writeSnapshot } from '../write/write.ts';
import { exportCsv } from './csv.ts';
import { exportTraceEvents } from './trace-events.ts';

const DRAWING = `device 0 8GiB

at /home/alice/train.py:30 in main
weights = alloc 1GiB
for step in 1..3:
  phase ProfilerStep#{step}:
    at /home/alice/model.py:88 in forward
    hidden = alloc 512MiB
    small = alloc 4KiB
    at /home/alice/train.py:60 in backward
    free small
    free hidden
at /home/alice/train.py:71 in main
oom 9GiB
`;

function drawn(text: string = DRAWING): Snapshot {
  const made = makeDrawing(text, 'test');
  if ('problem' in made) throw new Error('the drawing of this test is wrong');
  return made.snapshot;
}

interface TraceEvent {
  readonly ph: string;
  readonly pid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly name: string;
  readonly id?: string;
  readonly tid?: number;
  readonly cat?: string;
  readonly s?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

const traceOf = (snapshot: Snapshot, least = 2 ** 20): readonly TraceEvent[] =>
  JSON.parse([...exportTraceEvents(snapshot, { least })].join('')).traceEvents;

test('trace events count memory, and show annotations, large allocations and the failure', () => {
  const events = traceOf(drawn());
  const of = (ph: string): readonly TraceEvent[] => events.filter((event) => event.ph === ph);
  const counted = (name: string): readonly number[] =>
    of('C').flatMap((event) => (event.name === name ? [Number(event.args?.['bytes'])] : []));
  expect(Math.max(...counted('allocated'))).toBe(1.5 * 2 ** 30 + 4096);
  for (const name of METRICS) {
    const own = counted(name);
    // Only changes are written, from the state before the first event on.
    expect(own[0], name).toBe(0);
    expect(own.every((bytes, i) => bytes !== own[i - 1])).toBe(true);
  }
  expect(of('X').map(({ name }) => name)).toEqual([
    'ProfilerStep#1',
    'ProfilerStep#2',
    'ProfilerStep#3',
  ]);
  expect(of('b')).toHaveLength(4);
  expect(of('e')).toHaveLength(3);
  for (const end of of('e')) expect(of('b').filter(({ id }) => id === end.id)).toHaveLength(1);
  expect(of('i').filter(({ name }) => name === 'oom')).toHaveLength(1);
  expect(of('b')[0]?.args).toMatchObject({
    size_bytes: 2 ** 30,
    address: '0x200000000000',
    category: 'unknown',
    stack: ['main (/home/alice/train.py:30)'],
  });
  expect(of('i').at(-1)?.args).toMatchObject({ size_bytes: 9 * 2 ** 30 });
  for (const { ts } of of('C')) expect(ts).toBeGreaterThanOrEqual(0);
});

test('allocations below the size are in the counters only', () => {
  expect(traceOf(drawn(), 0).filter(({ ph }) => ph === 'b')).toHaveLength(7);
  expect(traceOf(drawn(), 2 ** 30).filter(({ ph }) => ph === 'b')).toHaveLength(1);
});

test('the table has a row an event, with owners as they are called', () => {
  const snapshot = drawn();
  const [head, ...rows] = [...exportCsv(snapshot)].join('').trimEnd().split('\r\n');
  const table = rows.map((row) => {
    const fields = row.split(',');
    return new Map(head?.split(',').map((name, i) => [name, fields[i]]));
  });
  expect(table).toHaveLength(snapshot.devices[0]?.events.count ?? 0);
  const failed = table.at(-1);
  expect(failed?.get('action')).toBe('oom');
  expect(failed?.get('address')).toBe('');
  expect(failed?.get('size_bytes')).toBe(String(9 * 2 ** 30));
  expect(failed?.get('device_free_bytes')).toMatch(/^\d{9,}$/);
  expect(failed?.get('allocated_bytes')).toBe(String(2 ** 30));
  // Freed at another line than it was made: the owner is the line that made it.
  const freed = table.filter((row) => row.get('action') === 'free_completed');
  expect(freed.map((row) => row.get('owner'))).toEqual(freed.map(() => 'model.py:88'));
});

test('a field with a separator is quoted, one like a formula is defused', () => {
  const snapshot = drawn();
  const strings = snapshot.strings.map((one) => one.replace('/home/alice/train.py', '=x,"y".py'));
  const text = [...exportCsv({ ...snapshot, strings })].join('');
  expect(text).toContain(`,"'=x,""y"".py:30"`);
});

test('a redacted snapshot names nobody', () => {
  const text = [...exportCsv(redactSnapshot(drawn()))].join('');
  const trace = [...exportTraceEvents(redactSnapshot(drawn()), { least: 0 })].join('');
  expect(text + trace).not.toMatch(/alice/);
  expect(redactSnapshot(drawn()).strings.join(' ')).toMatch(/\/home\/user\//);
});

test.each([
  ['1843', { kind: 'event', event: 1843 }],
  ['12.5s', { kind: 'time', us: 12.5e6 }],
  ['350 ms', { kind: 'time', us: 350e3 }],
  ['@1732629600000001', { kind: 'clock', us: 1732629600000001 }],
  ['peak', { kind: 'peak' }],
])('a moment can be written as %s', (text, moment) => {
  expect(readMoment(text)).toEqual(moment);
});

test.each(['', '-1', '12.5', '@', '@1s', '1h', '1e9s', 'Peak', '99999999999'])(
  '%s is no moment',
  (text) => {
    expect(readMoment(text)).toBeUndefined();
  },
);

test('moments lead to the event after which they are seen', () => {
  const snapshot = drawn();
  const [device] = snapshot.devices;
  if (device === undefined) throw new Error('no device');
  const peaks = peaksOf(snapshot, device, lifetimesOf(snapshot, device));
  const at = (text: string): number | undefined => {
    const moment = readMoment(text);
    return moment === undefined ? undefined : eventOf(moment, snapshot, device, peaks);
  };
  const { count } = device.events;
  expect(at('failure')).toBe(count - 1);
  expect(at('end')).toBe(count - 1);
  expect(at(String(count))).toBeUndefined();
  expect(at('0us')).toBe(0);
  expect(at('5min')).toBe(count - 1);
  const third = (device.events.time?.[3] ?? 0) - (device.events.time?.[0] ?? 0);
  expect(at(`${third}us`)).toBe(3);
  expect(at(`@${device.events.time?.[3]}`)).toBe(3);
  const later = { ...device, firstEvent: 10 };
  expect(eventOf({ kind: 'event', event: 12 }, snapshot, later, peaks)).toBe(2);
  expect(eventOf({ kind: 'event', event: 9 }, snapshot, later, peaks)).toBeUndefined();
});

test('slices of a thread nest, also where an END is missing', () => {
  const snapshot = drawn(`phase outer:
  phase inner:
    x = alloc 1MiB
  y = alloc 1MiB
z = alloc 1MiB
phase next:
  w = alloc 1MiB
`);
  const { annotations } = snapshot;
  // The END of the inner phase is lost.
  const kept = [...annotations.name.keys()].filter(
    (i) => annotations.isStart[i] === 1 || snapshot.strings[annotations.name[i] ?? 0] !== 'inner',
  );
  const slices = traceOf({
    ...snapshot,
    annotations: {
      count: kept.length,
      name: Uint32Array.from(kept, (i) => annotations.name[i] ?? 0),
      isStart: Uint8Array.from(kept, (i) => annotations.isStart[i] ?? 0),
      device: Int32Array.from(kept, (i) => annotations.device[i] ?? 0),
      time: Float64Array.from(kept, (i) => annotations.time[i] ?? 0),
    },
  }).filter(({ ph }) => ph === 'X');
  expect(slices.map(({ name }) => name)).toEqual(['outer', 'inner', 'next']);
  const ends = slices.map(({ ts = 0, dur = 0 }) => ts + dur);
  expect(ends[1]).toBeLessThanOrEqual(ends[0] ?? 0);
  expect(slices[2]?.ts).toBeGreaterThanOrEqual(ends[0] ?? 0);
});

test('every event has the keys that the format asks for', () => {
  const keys: Readonly<Record<string, readonly (keyof TraceEvent)[]>> = {
    M: ['name', 'args'],
    X: ['name', 'cat', 'ts', 'dur', 'tid'],
    C: ['name', 'ts', 'args'],
    i: ['name', 'ts', 's', 'tid'],
    b: ['name', 'cat', 'id', 'ts'],
    e: ['name', 'cat', 'id', 'ts'],
  };
  for (const event of traceOf(drawn(), 0)) {
    expect(Number.isInteger(event.pid)).toBe(true);
    for (const key of keys[event.ph] ?? ['unknown phase' as never]) {
      expect(event[key], `${key} of ${event.ph}`).toBeDefined();
    }
  }
});

test('figures are those of the report, and events keep their numbers of the file', async () => {
  const whole = drawn();
  const { snapshot } = await readSnapshot(writeSnapshot(whole), { events: [6, 14] });
  if (snapshot === undefined) throw new Error('not read');
  const { devices } = examineSnapshot(snapshot, { source: 'x', withoutWhatIf: true });
  const rows = [...exportCsv(snapshot)].join('').trimEnd().split('\r\n').slice(1);
  const column = (i: number): readonly number[] => rows.map((row) => Number(row.split(',')[i]));
  expect(column(2)).toEqual([6, 7, 8, 9, 10, 11, 12, 13]);
  expect(Math.max(...column(9))).toBe(devices[0]?.peak.allocated_bytes);
  expect(Math.max(...column(11))).toBe(devices[0]?.peak.reserved_bytes);
});
