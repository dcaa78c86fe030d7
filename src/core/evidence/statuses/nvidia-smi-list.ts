/** `nvidia-smi -L`: names and UUIDs, no figures. What ties a UUID in another place to a card. */
import type { SeenDevice } from '../../ledger/device.ts';
import { LIST_OF_CARDS } from '../gap-places-n-z.ts';
import { UUID, WHOLE_UUID } from '../nvidia.ts';
import type { Gap, Passage, Sighting, StatusReader } from '../status.ts';

const GPU =
  /^\s*GPU (\d{1,3}): ([^(]{1,120}?(?:\([^)U][^)]{0,40}\))?) ?\(UUID: ?([\w/-]{0,120})(\)?)\s*$/;
/** Very old drivers show a serial number; other tools repeat the list without UUIDs. */
const BARE = /^\s*GPU (\d{1,3}): ([^(:]{2,120}?)(?: ?\(S\/N: [^)]{1,40}\))?\s*$/;
const MIG = /^\s*MIG (\S{1,40})\s+Device\s+(\d{1,3}): ?\(UUID: ?([\w/-]{0,160})(\)?)\s*$/;
/** What stands above a list without UUIDs. */
const ABOVE =
  /nvidia-smi(?:\.exe)? (?:-L|--list-gpus)\b|^\s*GPU models and configuration: ?(GPU \d.*)?$/;
const CUT = /^\s*(?:G(?:P(?:U .*)?)?|M(?:I(?:G .*)?)?)$/;

/** Lines of other programs that may stand within a list. */
const MOST_FOREIGN = 5;

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
    zh: {
      title: 'nvidia-smi -L',
      summary: '显卡和 MIG 实例的列表及其 UUID；不含显存数值。',
    },
    ru: {
      title: 'nvidia-smi -L',
      summary: 'Список карт и экземпляров MIG с их UUID; значений памяти в нём нет.',
    },
  },
  sources: ['nvidia-smi@590.48.01: nvidia-smi -L', 'pytorch@v2.8.0: torch/utils/collect_env.py'],
  needles: ['(uuid: gpu-', '(uuid: mig-', 'gpu models and configuration:'],
  read({ lines, goes_on }: Passage): Sighting[] {
    const found: Sighting[] = [];
    let devices: SeenDevice[] = [];
    let gaps: Gap[] = [];
    let first = 0;
    let last = 0;
    let isAsked = false;
    const end = (): void => {
      if (devices.length > 0) {
        found.push({ line: first, last, devices, ...(gaps.length > 0 && { gaps }) });
      }
      devices = [];
      gaps = [];
    };
    lines.forEach(({ text: raw, number }, at) => {
      if (raw.length > 400) {
        end();
        return;
      }
      const above = ABOVE.exec(raw);
      if (above !== null) {
        end();
        isAsked = true;
        if (above[1] === undefined) return;
      }
      const text = above?.[1] ?? raw;
      const isLast = at === lines.length - 1 && !goes_on;
      const slice = MIG.exec(text);
      const card = slice === null ? cardOf(text, isAsked) : undefined;
      if (slice === null && card === undefined) {
        if (text.trim() === '') return;
        if (isLast && devices.length > 0 && CUT.test(text)) {
          gaps.push({ code: 'cut-off', line: number, where: LIST_OF_CARDS });
        }
        if (number - last > MOST_FOREIGN) end();
        isAsked = false;
        return;
      }
      // A list begins anew with its first card.
      if (
        card !== undefined &&
        devices.some(({ index, mig }) => mig === undefined && index === card.index)
      ) {
        end();
      }
      if (devices.length === 0) first = number;
      last = number;
      const owner = devices.findLast((device) => device.mig === undefined);
      const [, profile, device, uuid = '', bracket] = slice ?? [];
      const [id, isClosed] =
        card === undefined ? [uuid, bracket === ')'] : [card.uuid, card.isClosed];
      const isWhole = UUID.test(id) && (isClosed || WHOLE_UUID.test(id));
      if (!isClosed && (isLast || !isWhole)) {
        const code = isLast ? 'cut-off' : 'damaged';
        gaps.push({ code, line: number, where: LIST_OF_CARDS });
      }
      devices.push({
        ...(card !== undefined
          ? { index: card.index, name: card.name }
          : {
              ...(owner?.index !== undefined && { index: owner.index }),
              ...(owner?.name !== undefined && { name: owner.name }),
              mig: { profile: String(profile), device: Number(device) },
            }),
        ...(isWhole && { uuid: id }),
        vendor: 'nvidia',
        processes: [],
        listed: 'none',
        line: number,
      });
    });
    end();
    return found;
  },
};

interface Card {
  readonly index: number;
  readonly name: string;
  readonly uuid: string;
  readonly isClosed: boolean;
}

/** A card with its UUID; without one only where the text shows that this is a list. */
function cardOf(text: string, isList: boolean): Card | undefined {
  const [, index, name, uuid, bracket] = GPU.exec(text) ?? [];
  if (name !== undefined) {
    return { index: Number(index), name, uuid: uuid ?? '', isClosed: bracket === ')' };
  }
  const [, number, called] = isList ? (BARE.exec(text) ?? []) : [];
  return called === undefined
    ? undefined
    : { index: Number(number), name: called, uuid: '', isClosed: true };
}
