/** The events of a snapshot as a table: one row an event, with what was in use after it. */
import { ACTIONS, NONE, type Snapshot } from '../columns.ts';
import { OwnerNames } from '../owners.ts';
import { Places, stackFacts } from '../owners-frames.ts';
import { viewOf } from '../phases.ts';
import { TimelineCursor } from '../timeline.ts';
import { inPieces } from './pieces.ts';

const COLUMNS = [
  'time_us',
  'device',
  'event',
  'action',
  'stream',
  'address',
  'size_bytes',
  'allocated_bytes',
  'active_bytes',
  'reserved_bytes',
  'requested_bytes',
  'owner',
] as const;

/** RFC 4180, with a header. A field that the snapshot does not hold is empty. */
export function exportCsv(snapshot: Snapshot): Generator<string> {
  return inPieces(rows(snapshot));
}

function* rows(snapshot: Snapshot): Generator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  const facts = stackFacts(snapshot);
  const places = new Places(snapshot);
  for (const device of snapshot.devices) {
    const view = viewOf(snapshot, device, facts);
    const names = new OwnerNames(view, places);
    const cursor = new TimelineCursor(snapshot, device, view.lifetimes);
    const { action, address, size, stream, stack, time } = device.events;
    for (let e = 0; cursor.step(); e++) {
      const { allocated, active, reserved, requested } = cursor.totals;
      const at = time?.[e] ?? Number.NaN;
      const of = stack[e] as number;
      const fields = [
        Number.isNaN(at) ? '' : at,
        device.index,
        e,
        ACTIONS[action[e] as number] ?? 'other',
        snapshot.streams[stream[e] as number] ?? '',
        `0x${(address[e] as number).toString(16)}`,
        size[e] as number,
        allocated,
        active,
        reserved,
        requested,
        of === NONE ? '' : field(names.nameOf('line', of).name),
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
