/** `npu-smi info` of Huawei Ascend: two rows a chip, then the processes ruled off by card. */
import { phrase } from '../../base/texts.ts';
import type { SeenProcess } from '../../ledger/device.ts';
import { LIST_OF_PROCESSES } from '../gap-places-n-z.ts';
import {
  clockAbove,
  type Draft,
  deviceOf,
  inUnit,
  isBorder,
  isWholeBorder,
  MOST_DEVICES,
  MOST_PROCESSES,
  newDevice,
  percentOf,
  type Row,
  rowOf,
} from '../monitor.ts';
import type { Gap, Passage, Sighting, StatusReader, shown } from '../status.ts';

const TITLE = /^\s*\|\s*npu-smi (\S{1,30})\s+(?:Version:\s+\S+\s*)?\|\s*$/;
const HEADER = /^\s*\|\s*NPU\s+Name\s*\|\s*Health\s*\|/;
const CHIPS = /^\s*\|\s*Chip\s+(?:(Phy-ID|Device)\s*)?\|\s*Bus-Id/;
const LIST = /^\s*\|\s*NPU\s+Chip\s*\|\s*Process id\b/;
const NONE = /^\s*\|\s*No running processes found in NPU (\d{1,4})/;
const MOST_FOREIGN = 40;
const TABLE_OF_CARDS = phrase({ en: 'the table of cards', zh: '显卡表格', ru: 'таблица карт' });
/** "0    / 0", "60056/ 65536" */
const USAGE = /(\d{1,9}|NA|N\/A|-)\s*\/\s*(\d{1,9}|NA|N\/A|-)/g;

class Table {
  readonly line: number;
  last: number;
  lastIndex: number;
  readonly from: number;
  versions: Record<string, string> | undefined;
  private readonly devices: Draft[] = [];
  private card: { npu: number; name: string; line: number } | undefined;
  private readonly processes: { npu: number; chip: string; process: SeenProcess }[] = [];
  private readonly listed = new Set<number>();
  private lastListed = -1;
  private readonly gaps: Gap[] = [];
  private columns: 'id' | undefined;
  part: 'cards' | 'list' = 'cards';
  private isRuled = false;

  constructor(line: number, index: number) {
    this.line = line;
    this.last = line;
    this.lastIndex = index;
    this.from = index;
  }

  get isEmpty(): boolean {
    return this.devices.length === 0 && this.card === undefined;
  }

  take(text: string, line: number): boolean {
    if (isBorder(text)) {
      if (isWholeBorder(text)) this.isRuled = true;
      return true;
    }
    const chips = CHIPS.exec(text);
    if (chips !== null) {
      this.columns = chips[1] === undefined ? undefined : 'id';
      return true;
    }
    if (HEADER.test(text)) return true;
    if (LIST.test(text)) {
      this.part = 'list';
      this.isRuled = false;
      return true;
    }
    const none = NONE.exec(text);
    if (none !== null) {
      this.listed.add(Number(none[1]));
      this.lastListed = Number(none[1]);
      this.isRuled = false;
      return true;
    }
    const row = rowOf(text);
    if (row === undefined) return false;
    this.isRuled = false;
    if (!row.isClosed) return true;
    return this.part === 'list' ? this.takeProcess(row, line) : this.takeCard(row, line);
  }

  private takeCard({ cells }: Row, line: number): boolean {
    const [head = '', health = ''] = cells;
    const isBus = /^(?:[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d|NA|N\/A)$/i.test(health);
    const named = /^(\d{1,4})\s+(\S.{0,40})$/.exec(head);
    if (!isBus && named !== null) {
      this.card = { npu: Number(named[1]), name: named[2] ?? '', line };
      return true;
    }
    const chip = /^(\d{1,4})(?:\s+(\d{1,4}))?$/.exec(head);
    if (chip === null || this.card === undefined) return true;
    const device = newDevice('unknown', this.card.line);
    const sizes = [...(cells[2] ?? '').matchAll(USAGE)];
    // The last pair is HBM where the chip has any; chips without it show DDR in "Memory-Usage".
    const hbm = sizes.at(-1);
    const ddr = sizes.at(-2);
    const usage = hbm !== undefined && (Number(hbm[2]) > 0 || ddr === undefined) ? hbm : ddr;
    if (usage !== undefined) {
      device.used = mib(usage[1] ?? '');
      device.total = mib(usage[2] ?? '');
    }
    // An NPU with one chip is known by its own number, chips by their logical one.
    device.index = chip[2] !== undefined && this.columns === 'id' ? Number(chip[2]) : this.card.npu;
    device.name = this.card.name;
    if (/:/.test(health)) device.bus_id = health;
    const percent = percentOf(/^(\d{1,3})\s/.exec(cells[2] ?? '')?.[1]);
    if (percent !== undefined) device.utilization_percent = percent;
    device.modes['npu'] = String(this.card.npu);
    device.modes['chip'] = chip[1] ?? '';
    if (this.devices.length < MOST_DEVICES) this.devices.push(device);
    return true;
  }

  private takeProcess({ cells }: Row, line: number): boolean {
    const at = /^(\d{1,4})\s+(\d{1,4})$/.exec(cells[0] ?? '');
    const pid = /^\d{1,10}$/.exec(cells[1] ?? '')?.[0];
    if (at === null || pid === undefined) return true;
    const [, npu, chip = '0'] = at;
    const name = cells[2] ?? '';
    if (this.processes.length < MOST_PROCESSES)
      this.processes.push({
        npu: Number(npu),
        chip,
        process: {
          pid: Number(pid),
          ...(name !== '' && { name }),
          memory: mib(cells[3] ?? ''),
          line,
        },
      });
    this.listed.add(Number(npu));
    this.lastListed = Number(npu);
    return true;
  }

  sighting(goesOn: boolean): Sighting | undefined {
    if (this.devices.length === 0 && this.processes.length === 0) return undefined;
    for (const { npu, chip, process } of this.processes) {
      const device =
        this.devices.find(({ modes }) => modes['npu'] === String(npu) && modes['chip'] === chip) ??
        this.devices.find(({ modes, index }) => modes['npu'] === undefined && index === npu);
      if (device !== undefined) device.processes.push(process);
      else {
        const more = newDevice('unknown', process.line, npu);
        more.processes.push(process);
        this.devices.push(more);
      }
    }
    // Each NPU of the table has its processes in the list, or a row that says that it has none.
    const isCut =
      this.part === 'cards' ||
      !this.isRuled ||
      this.devices.some(
        ({ modes }) => modes['npu'] !== undefined && !this.listed.has(Number(modes['npu'])),
      );
    for (const device of this.devices) {
      const npu = Number(device.modes['npu'] ?? device.index);
      if (this.part === 'list')
        device.listed =
          this.listed.has(npu) && (this.isRuled || npu !== this.lastListed) ? 'all' : 'part';
    }
    if (isCut && !goesOn)
      this.gaps.push({
        code: 'cut-off',
        line: this.last,
        where: this.part === 'list' || this.isRuled ? LIST_OF_PROCESSES : TABLE_OF_CARDS,
      });
    return {
      line: this.line,
      last: this.last,
      ...(this.versions !== undefined && { versions: this.versions }),
      devices: this.devices.map(deviceOf),
      ...(this.gaps.length > 0 && { gaps: this.gaps }),
    };
  }
}

/** Its MB is 2^20 bytes. */
const mib = (digits: string): ReturnType<typeof shown> =>
  inUnit(digits, 'MiB', { rounding: 'floor' });

export const npuSmi: StatusReader = {
  id: 'npu-smi',
  code: 'UN621',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'npu-smi info (Huawei Ascend)',
      summary: 'Ascend chips with their memory in use, and the processes on each.',
    },
    zh: {
      title: 'npu-smi info（华为昇腾）',
      summary: '昇腾芯片的已用显存，以及每个芯片上的进程。',
    },
    ru: {
      title: 'Вывод npu-smi info (Huawei Ascend)',
      summary: 'Чипы Ascend: занятая память и процессы на каждом.',
    },
  },
  sources: [
    'npu-smi 22.0, 23.0, 24.1, 25.5, 26.0: npu-smi info',
    'https://www.hiascend.com/document: npu-smi command reference',
  ],
  needles: ['| npu-smi ', 'hugepages-usage(page)', 'hbm-usage(mb)', '| process memory(mb)'],
  read({ lines, goes_on }: Passage): Sighting[] {
    if (!lines.some(({ text }) => TITLE.test(text) || HEADER.test(text) || LIST.test(text)))
      return [];
    const found: Sighting[] = [];
    let open: Table | undefined;
    const end = (isLast: boolean): void => {
      const sighting = open?.sighting(isLast && goes_on);
      if (open !== undefined && sighting !== undefined) {
        const time = clockAbove(lines, open.from - 1);
        found.push({ ...(time !== undefined && { time }), ...sighting });
      }
      open = undefined;
    };
    for (const [index, { text, number }] of lines.entries()) {
      const title = TITLE.exec(text);
      const isHeader = HEADER.test(text);
      if (title !== null || (isHeader && (open === undefined || !open.isEmpty))) end(false);
      if (open !== undefined && index - open.lastIndex > MOST_FOREIGN) end(false);
      if (open === undefined) {
        if (title === null && !isHeader && !LIST.test(text)) continue;
        open = new Table(number, index);
        if (LIST.test(text)) open.part = 'list';
      }
      if (title !== null) open.versions = { 'npu-smi': title[1] ?? '' };
      else if (!open.take(text, number)) continue;
      open.last = number;
      open.lastIndex = index;
    }
    end(true);
    return found;
  },
};
