/** What grew between two snapshots of the same program, by owner at their peaks. */
import { compareText } from '../base/texts.ts';
import type {
  ChangeEntry,
  DeviceDiff,
  DeviceReport,
  DiffReport,
  OwnerEntry,
  PeakGrowth,
  SnapshotReport,
} from './report-data.ts';

/**
 * Devices are matched by index; one that is in only one of the two had, or has, nothing.
 * Owners that neither list names are in their `rest`; ask `analyse` for enough of them.
 */
export function diffReports(before: SnapshotReport, after: SnapshotReport): DiffReport {
  const indices = new Set([...before.devices, ...after.devices].map(({ device }) => device));
  return {
    schema: 'unoom/snapshot-diff/1',
    before: before.source,
    after: after.source,
    devices: [...indices]
      .sort((a, b) => a - b)
      .map((index) => {
        const of = (report: SnapshotReport): DeviceReport | undefined =>
          report.devices.find(({ device }) => device === index);
        return diffDevice(index, of(before), of(after));
      }),
  };
}

/** The peak that grew most, by its share or in bytes; undefined where there is no device. */
export function worstGrowth(
  diff: DiffReport,
  by: 'share' | 'bytes' = 'share',
): PeakGrowth | undefined {
  const changes = diff.devices.flatMap(
    ({ device, peak_allocated, peak_reserved }): PeakGrowth[] => [
      { device, figure: 'allocated', ...peak_allocated },
      { device, figure: 'reserved', ...peak_reserved },
    ],
  );
  const size = by === 'share' ? shareOf : ({ change_bytes: change }: ChangeEntry) => change;
  return changes.sort((a, b) => size(b) - size(a) || b.change_bytes - a.change_bytes)[0];
}

/** From nothing to something is more than any share. */
function shareOf({ change_percent: share, change_bytes: change }: ChangeEntry): number {
  return share ?? (change > 0 ? Number.POSITIVE_INFINITY : 0);
}

/** By how many per cent the peaks of allocated and of reserved bytes grew, the worst device's. */
export function peakGrowth(diff: DiffReport): number | null {
  const worst = worstGrowth(diff);
  return worst === undefined ? null : shareOf(worst);
}

function diffDevice(
  device: number,
  before: DeviceReport | undefined,
  after: DeviceReport | undefined,
): DeviceDiff {
  return {
    device,
    peak_allocated: change(before?.peak.allocated_bytes ?? 0, after?.peak.allocated_bytes ?? 0),
    peak_reserved: change(before?.peak.reserved_bytes ?? 0, after?.peak.reserved_bytes ?? 0),
    owners: diffOwners(before?.owners ?? [], after?.owners ?? []),
  };
}

function change(before: number, after: number): ChangeEntry {
  return {
    before_bytes: before,
    after_bytes: after,
    change_bytes: after - before,
    change_percent: before === 0 ? null : ((after - before) / before) * 100,
  };
}

function diffOwners(
  before: readonly OwnerEntry[],
  after: readonly OwnerEntry[],
): DeviceDiff['owners'] {
  const pairs: { owner: OwnerEntry; before: number; after: number }[] = [];
  const byKey = new Map<string, (typeof pairs)[number]>();
  for (const owner of before) {
    const pair = { owner, before: owner.bytes, after: 0 };
    pairs.push(pair);
    for (const key of keysOf(owner)) byKey.set(key, pair);
  }
  const taken = new Set<(typeof pairs)[number]>();
  for (const owner of after) {
    const found = keysOf(owner)
      .map((key) => byKey.get(key))
      .find((pair) => pair !== undefined && !taken.has(pair));
    const pair = found ?? { owner, before: 0, after: 0 };
    if (found === undefined) pairs.push(pair);
    pair.owner = owner;
    pair.after = owner.bytes;
    taken.add(pair);
  }
  return pairs
    .filter((pair) => pair.before !== pair.after)
    .map(({ owner, before: from, after: to }) => ({
      by: owner.by,
      name: owner.name,
      kind: owner.kind,
      ...change(from, to),
    }))
    .sort((a, b) => b.change_bytes - a.change_bytes || compareText(a.name, b.name));
}

/**
 * What an owner is known by on both sides, the surest first. A line is called by as much of its path as its own
 * snapshot needs to tell files apart, so the path comes before the name.
 */
function keysOf({ by, kind, name, file, line }: OwnerEntry): readonly string[] {
  const called = `${by}\n${kind}\n${name}`;
  return file === undefined ? [called] : [`${by}\n${kind}\n${file}\n${line}`, called];
}
