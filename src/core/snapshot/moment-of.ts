/** A moment of a trace as a person writes it: an event, a time, the peak, the failure. */
import type { Device, Snapshot } from './columns.ts';
import type { Peaks } from './peak.ts';
import { eventAfter } from './phases.ts';

export type MomentWanted =
  /** Number of an event in the file. */
  | { readonly kind: 'event'; readonly event: number }
  /** Microseconds after the first event of the file that has a time. */
  | { readonly kind: 'time'; readonly us: number }
  /** Microseconds since the epoch. */
  | { readonly kind: 'clock'; readonly us: number }
  | { readonly kind: 'peak' | 'failure' | 'end' };

const UNITS: ReadonlyMap<string, number> = new Map([
  ['us', 1],
  ['µs', 1],
  ['ms', 1e3],
  ['s', 1e6],
  ['min', 60e6],
]);

/** "1843", "12.5s", "350ms", "@1732629600000000", "peak", "failure", "end"; undefined for anything else. */
export function readMoment(text: string): MomentWanted | undefined {
  if (text === 'peak' || text === 'failure' || text === 'end') return { kind: text };
  if (/^\d{1,9}$/.test(text)) return { kind: 'event', event: Number(text) };
  if (/^@\d{1,16}$/.test(text)) return { kind: 'clock', us: Number(text.slice(1)) };
  const match = /^(\d{1,12}(?:\.\d{1,9})?) ?(us|µs|ms|s|min)$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? '');
  return match === null || unit === undefined
    ? undefined
    : { kind: 'time', us: Number(match[1]) * unit };
}

/** The event after which a moment is looked at; undefined where the device has no such moment. */
export function eventOf(
  wanted: MomentWanted,
  snapshot: Snapshot,
  device: Device,
  peaks: Peaks,
): number | undefined {
  const { count, time } = device.events;
  const inside = (event: number): number | undefined =>
    event >= 0 && event < count ? event : undefined;
  switch (wanted.kind) {
    case 'event':
      return inside(wanted.event - (device.firstEvent ?? 0));
    case 'time':
    case 'clock': {
      const first = wanted.kind === 'clock' ? 0 : (snapshot.firstTime ?? firstOf(time));
      if (time === undefined || first === undefined) return undefined;
      // The state that stood at that time: after the last event not later than it.
      return inside(Math.max(0, eventAfter(device, first + wanted.us) - 1));
    }
    case 'peak':
      return inside(peaks.peak.allocated.event);
    case 'failure':
      return peaks.failures.at(-1);
    default:
      return inside(count - 1);
  }
}

const firstOf = (time: Float64Array | undefined): number | undefined =>
  time?.find((at) => !Number.isNaN(at));
