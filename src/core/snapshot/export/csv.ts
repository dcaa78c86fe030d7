/** The events of a snapshot as a table: one row an event, with what was in use after it. */
import { ACTIONS, Action, NONE, type Snapshot } from '../columns.ts';
import { TimelineCursor } from '../timeline.ts';
import { exactDevices } from './exact.ts';
import { inPieces } from './pieces.ts';

const COLUMNS = [
  'time_us',
  'device',
  'event',
  'action',
  'stream',
  'address',
  'size_bytes',
  'block_bytes',
  'device_free_bytes',
  'allocated_bytes',
  'active_bytes',
  'reserved_bytes',
  'requested_bytes',
  'owner',
] as const;

/**
 * RFC 4180, with a header. A field that an event does not have is empty: only blocks have `block_bytes`,
 * only `oom` has `device_free_bytes`, and it has no address. Events have their numbers of the file. The owner
 * is that of the allocation, also where it is freed.
 */
export function exportCsv(snapshot: Snapshot): Generator<string> {
  return inPieces(rows(snapshot));
}

function* rows(snapshot: Snapshot): Generator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for (const { view, names } of exactDevices(snapshot)) {
    const { device, lifetimes } = view;
    const cursor = new TimelineCursor(snapshot, device, lifetimes);
    const { action, address, size, stream, stack, time } = device.events;
    const first = device.firstEvent ?? 0;
    for (let e = 0; cursor.step(); e++) {
      const { allocated, active, reserved, requested } = cursor.totals;
      const at = time?.[e] ?? Number.NaN;
      const row = lifetimes.ofEvent[e] as number;
      const of = stack[e] as number;
      const isOom = action[e] === Action.oom;
      const place = address[e] as number;
      const owner =
        row !== NONE
          ? names.ofAllocation('line', row).name
          : of === NONE
            ? ''
            : names.nameOf('line', of).name;
      const fields = [
        Number.isNaN(at) ? '' : at,
        device.index,
        first + e,
        ACTIONS[action[e] as number] ?? 'other',
        snapshot.streams[stream[e] as number] ?? '',
        isOom ? '' : `0x${place.toString(16)}`,
        size[e] as number,
        row === NONE ? '' : (lifetimes.block[row] as number),
        isOom ? place : '',
        allocated,
        active,
        reserved,
        requested,
        field(owner),
      ];
      yield `${fields.join(',')}\r\n`;
    }
  }
}

/**
 * Quoted where the text holds a separator. One that begins like a formula gets an apostrophe, as
 * spreadsheets would run it.
 */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
