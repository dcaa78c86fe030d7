/** Devices of observations with their place, for rules that look at each. */
import type { SeenDevice } from '../ledger/device.ts';
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
