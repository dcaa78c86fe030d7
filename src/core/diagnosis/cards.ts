/** Devices of observations with their place, for rules that look at each. */
import { GiB } from '../base/bytes.ts';
import { known } from '../base/interval.ts';
import type { SeenDevice, SeenProcess } from '../ledger/device.ts';
import type { Observed } from './observed.ts';

export interface Card {
  readonly card: SeenDevice;
  readonly observation: number;
  readonly device: number;
  /** As people call it: "GPU 0", "GPU 0 MIG 1g.10gb". */
  readonly name: string;
}

export function cardsOf(observed: readonly Observed[]): Card[] {
  return observed.flatMap(({ sighted }, observation) =>
    (sighted.devices ?? []).map((card, device) => ({
      card,
      observation,
      device,
      name: nameOf(card),
    })),
  );
}

function nameOf({ index, bus_id: bus, uuid, mig }: SeenDevice): string {
  const gpu = index === undefined ? `GPU ${bus ?? uuid ?? '?'}` : `GPU ${index}`;
  if (mig === undefined) return gpu;
  const { device, gpu_instance: instance, profile } = mig;
  return `${gpu} MIG ${profile ?? (device === undefined ? `instance ${instance ?? '?'}` : `device ${device}`)}`;
}

/** A card that lists processes whose own cards are others: contexts of ranks that belong elsewhere. */
export function crowdedCard(
  observed: readonly Observed[],
): { readonly name: string; readonly pids: readonly number[] } | undefined {
  for (const { sighted } of observed) {
    const devices = (sighted.devices ?? []).filter(({ mig }) => mig === undefined);
    const cardsOfPid = new Map<number, number>();
    for (const { processes } of devices) {
      for (const pid of new Set(processes.flatMap((process) => process.pid ?? []))) {
        cardsOfPid.set(pid, (cardsOfPid.get(pid) ?? 0) + 1);
      }
    }
    for (const device of devices) {
      const guests = device.processes.flatMap(({ pid }) =>
        pid !== undefined && (cardsOfPid.get(pid) ?? 0) > 1 ? [pid] : [],
      );
      // One program on several cards is a job that spreads; several of them on one card is a crowd.
      if (guests.length >= 2 && device.processes.length > guests.length - 1) {
        const others = devices.filter((other) => other !== device);
        const isCrowd = others.every(
          ({ processes }) => processes.filter(({ pid }) => guests.includes(pid ?? -1)).length <= 1,
        );
        if (isCrowd) return { name: nameOf(device), pids: guests };
      }
      const visitors = contextsBeside(device.processes);
      if (visitors.length >= 2) return { name: nameOf(device), pids: visitors };
    }
  }
  return undefined;
}

/** Contexts are of one size to within this share of it. */
const ALIKE = 0.05;
/** A context with its libraries is not larger. */
const LARGEST_CONTEXT = 1.5 * GiB;

/**
 * Processes of one program that hold a context and no more, all of one size, beside one of the same
 * program that works on the card: ranks that opened a context where they do not belong.
 */
function contextsBeside(processes: readonly SeenProcess[]): number[] {
  const sized = processes.flatMap(({ pid, name, memory }) => {
    const bytes = known(memory.bytes)?.mid;
    return pid === undefined || name === undefined || bytes === undefined
      ? []
      : [{ pid, name, bytes }];
  });
  const largest = sized.reduce((a, b) => (b.bytes > a.bytes ? b : a), { name: '', bytes: 0 });
  const rest = sized.filter((one) => one !== largest);
  const first = rest[0];
  if (first === undefined || first.bytes > LARGEST_CONTEXT || largest.bytes < 2 * first.bytes) {
    return [];
  }
  const isAlike = rest.every(
    ({ name, bytes }) =>
      name === largest.name && Math.abs(bytes - first.bytes) <= ALIKE * first.bytes,
  );
  return isAlike ? rest.map(({ pid }) => pid) : [];
}
