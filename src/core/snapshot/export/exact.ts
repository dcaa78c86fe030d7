/** What exports are made from: each device with the exact blocks of a replay, as reports have them. */
import { isUnknown } from '../../base/unknown.ts';
import { analyseDevice, type DeviceAnalysis } from '../analyse.ts';
import type { Snapshot } from '../columns.ts';
import { replayedBlocks } from '../lifetimes-replayed.ts';
import { Places, stackFacts } from '../owners-frames.ts';
import { prepareReplay } from '../replay.ts';

/** One device after another; where there is no replay, blocks are rounded requests. */
export function* exactDevices(snapshot: Snapshot): Generator<DeviceAnalysis> {
  const facts = stackFacts(snapshot);
  const places = new Places(snapshot);
  for (const [row, device] of snapshot.devices.entries()) {
    const prepared = prepareReplay(snapshot, row);
    const known = isUnknown(prepared) ? undefined : replayedBlocks(prepared);
    yield analyseDevice(snapshot, device, facts, places, known);
  }
}
