/** `nvidia-smi -L`: names and UUIDs, no figures. What ties a UUID in another place to a card. */
import type { SeenDevice } from '../../ledger/device.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const GPU = /^\s*GPU (\d{1,3}): (.{1,120}?) \(UUID: (GPU-[\w-]{1,64})\)/;
const MIG = /^\s*MIG (\S{1,40})\s+Device\s+(\d{1,3}):\s*\(UUID: (MIG-[\w/-]{1,120})\)/;

export const nvidiaSmiList: StatusReader = {
  id: 'nvidia-smi-list',
  code: 'UN601',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvidia-smi -L',
      summary: 'The list of cards and MIG slices with their UUIDs; it has no figures.',
    },
    zh: {},
    ru: {},
  },
  sources: ['nvidia-smi@590.48.01: nvidia-smi -L'],
  needles: ['(uuid: gpu-', '(uuid: mig-'],
  read({ lines }: Passage): Sighting[] {
    const found: Sighting[] = [];
    let devices: SeenDevice[] = [];
    let first = 0;
    let last = 0;
    const end = (): void => {
      if (devices.length > 0) found.push({ line: first, last, devices });
      devices = [];
    };
    for (const { text, number } of lines) {
      const gpu = GPU.exec(text);
      const mig = gpu === null ? MIG.exec(text) : null;
      if (gpu === null && mig === null) {
        end();
        continue;
      }
      // A list begins anew with its first card.
      if (gpu !== null && devices.some(({ index }) => index === Number(gpu[1]))) end();
      if (devices.length === 0) first = number;
      last = number;
      const owner = devices.findLast((device) => device.mig === undefined);
      if (gpu !== null) {
        devices.push({
          index: Number(gpu[1]),
          name: String(gpu[2]),
          uuid: String(gpu[3]),
          vendor: 'nvidia',
          processes: [],
          listed: 'none',
          line: number,
        });
      } else if (mig !== null) {
        devices.push({
          ...(owner?.index !== undefined && { index: owner.index }),
          ...(owner?.name !== undefined && { name: owner.name }),
          uuid: String(mig[3]),
          vendor: 'nvidia',
          mig: { profile: String(mig[1]), device: Number(mig[2]) },
          processes: [],
          listed: 'none',
          line: number,
        });
      }
    }
    end();
    return found;
  },
};
