/** Takes people, machines and secrets out of a snapshot before anything is made of it. */
import type { Snapshot } from '../../snapshot/columns.ts';
import { redact } from '../redact.ts';

/**
 * The same snapshot with every string redacted: files of frames, annotations, metadata. Figures and
 * the structure of paths stay, so owners are found as before.
 */
export function redactSnapshot(snapshot: Snapshot): Snapshot {
  return { ...snapshot, strings: redact(snapshot.strings) };
}
