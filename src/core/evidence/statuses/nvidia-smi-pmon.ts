/** `nvidia-smi pmon`: a row for each process and sample; memory with `-s m`. */
import { phrase } from '../../base/texts.ts';
import type { SeenProcess } from '../../ledger/device.ts';
import { LIST_OF_PROCESSES } from '../gap-places-n-z.ts';
import { type MonitorRow, monitorBlocks } from '../monitor-columns.ts';
import {
  BROKEN,
  type Draft,
  finish,
  MOST_PROCESSES,
  modeOf,
  ownerOf,
  setListed,
} from '../nvidia.ts';
import { type Gap, type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const ROWS = phrase({ en: 'the rows of pmon', zh: 'pmon 的数据行', ru: 'строки pmon' });

export const nvidiaSmiPmon: StatusReader = {
  id: 'nvidia-smi-pmon',
  code: 'UN607',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvidia-smi pmon',
      summary: 'Samples of each process on a card; with -s m, its memory.',
    },
    zh: {
      title: 'nvidia-smi pmon 的采样',
      summary: '显卡上每个进程的采样；加 -s m 时还有进程的显存。',
    },
    ru: {
      title: 'Замеры nvidia-smi pmon',
      summary: 'Замеры по каждому процессу на карте; с -s m — и его память.',
    },
  },
  sources: ['nvidia-smi@390.48, 535.104.05, 590.48.01: nvidia-smi pmon -s um -o DT'],
  needles: ['gpu         pid   type', 'gpu        pid  type', 'pid  type    fb'],
  sign: /^\s*#\s*(?:gpu|Date|Time|Idx)/im,
  read({ lines, goes_on }: Passage): Sighting[] {
    const isPmon = (names: readonly string[]): boolean =>
      names.includes('pid') && (names.includes('type') || names.includes('command'));
    return monitorBlocks(lines, isPmon).flatMap((block) => {
      if (block.isBare) {
        const gaps: Gap[] = [{ code: 'cut-off', line: block.last, where: ROWS }];
        return goes_on ? [] : [{ line: block.line, last: block.last, devices: [], gaps }];
      }
      return samplesOf(block.rows).map((rows) => sampleOf(rows, goes_on));
    });
  },
};

/** Rows of one moment: until a process comes again, a lower card follows, or the clock moves on. */
function samplesOf(rows: readonly MonitorRow[]): MonitorRow[][] {
  const samples: MonitorRow[][] = [];
  let seen = new Set<string>();
  let sample: MonitorRow[] = [];
  let gpu = 0;
  for (const row of rows) {
    const index = Number(row.words.get('gpu') ?? gpu);
    const key = `${index} ${row.words.get('pid') ?? ''}`;
    const isNext =
      seen.has(key) || index < gpu || (sample[0] !== undefined && sample[0].time !== row.time);
    if (isNext || samples.length === 0) {
      sample = [];
      seen = new Set();
      samples.push(sample);
    }
    gpu = index;
    seen.add(key);
    if (sample.length < MOST_PROCESSES) sample.push(row);
  }
  return samples;
}

function sampleOf(rows: readonly MonitorRow[], goesOn: boolean): Sighting {
  const [first, last] = [rows[0]?.line ?? 0, rows.at(-1)?.line ?? 0];
  const time = rows[0]?.time;
  const gaps: Gap[] = [];
  const devices: Draft[] = [];
  for (const { words, line, isCut } of rows) {
    const index = words.get('gpu');
    const owner =
      index === undefined ? undefined : ownerOf(devices, { index: Number(index) }, line);
    const pid = words.get('pid') ?? '-';
    const [name, fb, type] = ['command', 'fb', 'type'].map((key) => words.get(key));
    if (isCut && !goesOn) gaps.push({ code: 'cut-off', line, where: LIST_OF_PROCESSES });
    // A card that nobody uses has one row of dashes. A number that the text cuts is none.
    if (owner === undefined || !/^\d{1,10}$/.test(pid)) continue;
    const process: SeenProcess = {
      pid: Number(pid),
      ...(name !== undefined && name !== '-' && { name }),
      ...(type !== undefined && modeOf(type) !== undefined && { type }),
      memory: fb === undefined ? (isCut ? BROKEN : shown('')) : shown(fb, { unit: 'MiB' }),
      line,
    };
    owner.processes.push(process);
  }
  setListed(devices, gaps.length > 0 ? 'part' : 'all');
  return {
    line: first,
    last,
    ...(time !== undefined && { time }),
    devices: devices.map(finish),
    ...(gaps.length > 0 && { gaps }),
  };
}
