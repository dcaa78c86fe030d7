import { expect, test } from 'vitest';
import { redactSnapshot } from '../../report/snapshots/redact.ts';
import type { Snapshot } from '../columns.ts';
import { lifetimesOf } from '../lifetimes.ts';
import { makeDrawing } from '../make/drawing.ts';
import { eventOf, readMoment } from '../moment-of.ts';
import { peaksOf } from '../peak.ts';
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
  readonly args?: Readonly<Record<string, number>>;
}

const traceOf = (snapshot: Snapshot, least = 2 ** 20): readonly TraceEvent[] =>
  JSON.parse([...exportTraceEvents(snapshot, { least })].join('')).traceEvents;

test('trace events count memory, and show annotations, large allocations and the failure', () => {
  const events = traceOf(drawn());
  const of = (ph: string): readonly TraceEvent[] => events.filter((event) => event.ph === ph);
  const counted = of('C').map(({ args }) => args?.['allocated'] ?? 0);
  expect(Math.max(...counted)).toBe(1.5 * 2 ** 30 + 4096);
  expect(of('X').map(({ name }) => name)).toEqual([
    'ProfilerStep#1',
    'ProfilerStep#2',
    'ProfilerStep#3',
  ]);
  expect(of('b')).toHaveLength(4);
  expect(of('e')).toHaveLength(3);
  for (const end of of('e')) expect(of('b').filter(({ id }) => id === end.id)).toHaveLength(1);
  expect(of('i').filter(({ name }) => name === 'oom')).toHaveLength(1);
  for (const { ts } of of('C')) expect(ts).toBeGreaterThanOrEqual(0);
});

test('allocations below the size are in the counters only', () => {
  expect(traceOf(drawn(), 0).filter(({ ph }) => ph === 'b')).toHaveLength(7);
  expect(traceOf(drawn(), 2 ** 30).filter(({ ph }) => ph === 'b')).toHaveLength(1);
});

test('the table has a row an event, with owners as they are called', () => {
  const snapshot = drawn();
  const [head, ...rows] = [...exportCsv(snapshot)].join('').trimEnd().split('\r\n');
  expect(head?.split(',')).toHaveLength(12);
  expect(rows).toHaveLength(snapshot.devices[0]?.events.count ?? 0);
  const failed = rows.at(-1)?.split(',');
  expect(failed?.[3]).toBe('oom');
  expect(failed?.[6]).toBe(String(9 * 2 ** 30));
  expect(failed?.[7]).toBe(String(2 ** 30));
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
