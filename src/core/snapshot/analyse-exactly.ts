/** The analysis with the exact sizes of blocks, which a replay of the trace knows. */
import { isUnknown, type Unknown } from '../base/unknown.ts';
import { type AnalyseOptions, analyse } from './analyse.ts';
import type { Device, Snapshot } from './columns.ts';
import type { KnownBlocks } from './lifetimes.ts';
import { replayedBlocks } from './lifetimes-replayed.ts';
import { type Prepared, prepareReplay } from './replay.ts';
import type { SnapshotReport } from './report-data.ts';

export interface ExactAnalysis {
  readonly report: SnapshotReport;
  /** By index of the device: its replay, or why there is none. */
  readonly replays: ReadonlyMap<number, Prepared | Unknown>;
}

/** Replays every device and analyses with what the replays know; without one, with rounded requests. */
export function analyseExactly(
  snapshot: Snapshot,
  options: Omit<AnalyseOptions, 'known'>,
): ExactAnalysis {
  const replays = new Map(
    snapshot.devices.map((device, row) => [device.index, prepareReplay(snapshot, row)]),
  );
  const known = (device: Device): KnownBlocks | undefined => {
    const replay = replays.get(device.index);
    return replay === undefined || isUnknown(replay) ? undefined : replayedBlocks(replay);
  };
  return { report: analyse(snapshot, { ...options, known }), replays };
}
