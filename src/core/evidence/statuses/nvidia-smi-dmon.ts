/** `nvidia-smi dmon`: a row for each card and sample; memory with `-s m`. */
import { phrase } from '../../base/texts.ts';
import { LAST_ROW, rowOfGpu } from '../gap-places-n-z.ts';
import { type MonitorRow, monitorBlocks } from '../monitor-columns.ts';
import { draft, finish, MOST_DEVICES } from '../nvidia.ts';
import { type Gap, type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

export const nvidiaSmiDmon: StatusReader = {
  id: 'nvidia-smi-dmon',
  code: 'UN606',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvidia-smi dmon',
      summary: 'Samples of each card: its use and, with -s m, its memory.',
    },
    zh: {
      title: 'nvidia-smi dmon 的采样',
      summary: '每块显卡的采样：利用率；加 -s m 时还有显存。',
    },
    ru: {
      title: 'Замеры nvidia-smi dmon',
      summary: 'Замеры по каждой карте: загрузка, а с -s m — и память.',
    },
  },
  sources: ['nvidia-smi@390.48, 535.104.05, 590.48.01: nvidia-smi dmon -s pucvmet -o DT'],
  needles: ['# gpu     fb', '   fb   bar1', '   fb  bar1', 'pwr  gtemp  mtemp', '# gpu   pwr '],
  sign: /^\s*#\s*(?:gpu|Date|Time|Idx)/im,
  read({ lines, goes_on }: Passage): Sighting[] {
    const isDmon = (names: readonly string[]): boolean =>
      !names.includes('pid') && names.some((name) => KNOWN.has(name));
    return monitorBlocks(lines, isDmon).flatMap((block) => {
      const isCutOff = !goes_on && block.isBare;
      if (block.isBare) {
        const gaps: Gap[] = [{ code: 'cut-off', line: block.last, where: ROWS }];
        return isCutOff ? [{ line: block.line, last: block.last, devices: [], gaps }] : [];
      }
      return samplesOf(block.rows).map((rows) => sampleOf(rows, goes_on));
    });
  },
};

const ROWS = phrase({ en: 'the rows of dmon', zh: 'dmon 的数据行', ru: 'строки dmon' });

const KNOWN: ReadonlySet<string> = new Set(['fb', 'bar1', 'sm', 'mem', 'pwr', 'gtemp', 'mclk']);

/** Rows of one moment: until a card comes again, or the clock moves on. */
function samplesOf(rows: readonly MonitorRow[]): MonitorRow[][] {
  const samples: MonitorRow[][] = [];
  let seen = new Set<string>();
  let sample: MonitorRow[] = [];
  for (const row of rows) {
    const gpu = row.words.get('gpu') ?? '';
    const isNext = seen.has(gpu) || (sample[0] !== undefined && sample[0].time !== row.time);
    if (isNext || samples.length === 0) {
      sample = [];
      seen = new Set();
      samples.push(sample);
    }
    seen.add(gpu);
    if (sample.length < MOST_DEVICES) sample.push(row);
  }
  return samples;
}

const wholePercent = (word: string | undefined): number | undefined =>
  word !== undefined && /^\d{1,3}$/.test(word) ? Number(word) : undefined;

function sampleOf(rows: readonly MonitorRow[], goesOn: boolean): Sighting {
  const [first, last] = [rows[0]?.line ?? 0, rows.at(-1)?.line ?? 0];
  const time = rows[0]?.time;
  const gaps: Gap[] = [];
  const devices = rows.flatMap(({ words, line, isCut }) => {
    const index = words.get('gpu');
    if (isCut && !goesOn) {
      const where = index === undefined ? LAST_ROW : rowOfGpu(index);
      gaps.push({ code: 'cut-off', line, where });
    }
    if (index === undefined) return [];
    const device = draft(line);
    device.index = Number(index);
    const fb = words.get('fb');
    // "MB" in the head is 2^20: the driver shifts by 20 bits.
    if (fb !== undefined) device.used = shown(fb, { unit: 'MiB' });
    const [sm, mem] = [wholePercent(words.get('sm')), wholePercent(words.get('mem'))];
    if (sm !== undefined) device.utilization_percent = sm;
    if (mem !== undefined) device.memory_utilization_percent = mem;
    for (const name of ['bar1', 'ccpm']) {
      const word = words.get(name);
      if (word !== undefined && /^\d+$/.test(word)) device.modes[name] = `${word} MiB`;
    }
    return [finish(device)];
  });
  return {
    line: first,
    last,
    ...(time !== undefined && { time }),
    devices,
    ...(gaps.length > 0 && { gaps }),
  };
}
