/** `mthreads-gmi` of Moore Threads: two rows a card without edges, and a list of processes. */
import type { SeenProcess } from '../../ledger/device.ts';
import { LIST_OF_PROCESSES } from '../gap-places.ts';
import { clockAbove, type Draft, deviceAt, deviceOf, newDevice, percentOf } from '../monitor.ts';
import { type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const TITLE = /^\s*mthreads-gmi:(\S{1,30})\s+Driver Version:\s?(\S{1,40})/;
const CARD =
  /^\s*(\d{1,4})\s+(\S.{0,60}?)\s*\|\s*([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d)\s*\|\s*(\d{1,3}%|N\/A)\s+(\d{1,9}MiB|N\/A)\s?\((\d{1,9}MiB|N\/A)\)\s*$/i;
const PROCESS = /^\s*(\d{1,4})\s+(\d{1,10})\s+(\S.{0,160}?)\s+(\d{1,9}MiB|N\/A)\s*$/;
const RULE = /^\s*[-+]{20,}\s*$/;
const MOST_FOREIGN = 40;

export const mthreadsGmi: StatusReader = {
  id: 'mthreads-gmi',
  code: 'UN624',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'mthreads-gmi (Moore Threads)',
      summary: 'MTT cards with their memory in use, and the processes on each.',
    },
    zh: {
      title: 'mthreads-gmi（摩尔线程）',
      summary: 'MTT 显卡的已用显存，以及每块显卡上的进程。',
    },
    ru: {
      title: 'mthreads-gmi (Moore Threads)',
      summary: 'Карты MTT: занятая память и процессы на каждой.',
    },
  },
  sources: ['mthreads-gmi 1.14.0, 2.0.0, 2.3.2, 2.4.1: the default table'],
  needles: ['mthreads-gmi:'],
  read({ lines, goes_on }: Passage): Sighting[] {
    const found: Sighting[] = [];
    for (const [start, { text, number }] of lines.entries()) {
      const title = TITLE.exec(text);
      if (title === null) continue;
      const devices: Draft[] = [];
      const loose: { index: number; process: SeenProcess }[] = [];
      let part: 'cards' | 'list' | 'rows' | 'end' = 'cards';
      let last = start;
      let index = start + 1;
      for (; index < lines.length && index - last <= MOST_FOREIGN && part !== 'end'; index++) {
        const line = lines[index];
        if (line === undefined || TITLE.test(line.text)) break;
        const card = part === 'cards' ? CARD.exec(line.text) : null;
        if (card !== null) {
          const device = newDevice('unknown', line.number, Number(card[1]));
          const percent = percentOf(card[4]);
          devices.push({
            ...device,
            name: card[2] ?? '',
            bus_id: card[3] ?? '',
            used: shown(card[5] ?? ''),
            total: shown(card[6] ?? ''),
            ...(percent !== undefined && { utilization_percent: percent }),
          });
        } else if (/^\s*Processes:\s*$/.test(line.text)) part = 'list';
        else if (RULE.test(line.text)) {
          if (part === 'list') part = 'rows';
          else if (part === 'rows') part = 'end';
        } else {
          const process = part === 'rows' ? PROCESS.exec(line.text) : null;
          if (process === null) {
            if (!/\|/.test(line.text) && !/No running processes/i.test(line.text)) continue;
          } else {
            loose.push({
              index: Number(process[1]),
              process: {
                pid: Number(process[2]),
                name: process[3] ?? '',
                memory: shown(process[4] ?? ''),
                line: line.number,
              },
            });
          }
        }
        last = index;
      }
      if (devices.length === 0) continue;
      for (const { index: at, process } of loose)
        deviceAt(devices, at, 'unknown', process.line).processes.push(process);
      for (const device of devices)
        device.listed = part === 'cards' ? 'none' : part === 'end' ? 'all' : 'part';
      const isCut = part !== 'end' && !(goes_on && index >= lines.length);
      const time = clockAbove(lines, start - 1) ?? clockAbove(lines, start);
      const lastLine = lines[last]?.number ?? number;
      found.push({
        line: number,
        last: lastLine,
        ...(time !== undefined && { time }),
        versions: { 'mthreads-gmi': title[1] ?? '', driver: title[2] ?? '' },
        devices: devices.map(deviceOf),
        ...(isCut && {
          gaps: [{ code: 'cut-off' as const, line: lastLine, where: LIST_OF_PROCESSES }],
        }),
      });
    }
    return found;
  },
};
