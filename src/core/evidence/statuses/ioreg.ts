/** `ioreg -c IOAccelerator` of macOS: what the GPU uses of the memory that it shares. */
import { type Draft, deviceOf, inUnit, newDevice, percentOf } from '../monitor.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const USED = 'In use system memory';
const ENTRY = /"PerformanceStatistics" = \{(.{1,4000})/;
const MODEL = /"model" = <?"([^"]{1,80})"/;
const XML_KEY = /<key>([^<]{1,60})<\/key>/;
const XML_VALUE = /<integer[^>]{0,40}>(\d{1,20})<\/integer>/;
const XML_TEXT = /<(?:string|data)>([^<]{1,80})<\/(?:string|data)>/;

function takeFigure(device: Draft, key: string, digits: string): void {
  if (key === USED) device.used ??= inUnit(digits, 'B');
  else if (key === 'Alloc system memory') device.modes['alloc_system_memory'] = `${digits} B`;
  else if (key === 'In use system memory (driver)') device.modes['driver'] = `${digits} B`;
  else if (key === 'Device Utilization %') {
    const percent = percentOf(digits);
    if (percent !== undefined) device.utilization_percent = percent;
  }
}

export const ioreg: StatusReader = {
  id: 'ioreg',
  code: 'UN628',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'ioreg IOAccelerator (macOS)',
      summary: 'What the GPU of a Mac uses of the memory that it shares with the CPU.',
    },
    zh: {
      title: 'ioreg IOAccelerator（macOS）',
      summary: 'Mac 的 GPU 占用了多少与 CPU 共用的内存。',
    },
    ru: {
      title: 'ioreg IOAccelerator (macOS)',
      summary: 'Сколько памяти, общей с CPU, занимает GPU на Mac.',
    },
  },
  sources: ['macOS 11 to 15: ioreg -r -d 1 -c IOAccelerator, and with -a as a property list'],
  needles: ['in use system memory', 'performancestatistics'],
  read({ lines }: Passage): Sighting[] {
    if (!lines.some(({ text }) => text.includes(USED))) return [];
    const found: Sighting[] = [];
    let model: string | undefined;
    let card: { device: Draft; last: number } | undefined;
    let key: string | undefined;
    const end = (): void => {
      if (card?.device.used !== undefined)
        found.push({ line: card.device.line, last: card.last, devices: [deviceOf(card.device)] });
      card = undefined;
    };
    for (const { text, number } of lines) {
      const named = MODEL.exec(text)?.[1];
      if (named !== undefined) {
        if (card !== undefined && card.device.name === undefined) card.device.name = named;
        else model = named;
        if (card !== undefined) end();
        continue;
      }
      const statistics = ENTRY.exec(text)?.[1];
      if (statistics !== undefined) {
        end();
        card = { device: newDevice('apple', number, found.length), last: number };
        if (model !== undefined) card.device.name = model;
        model = undefined;
        // A figure that is followed by nothing may be half of one.
        for (const match of statistics.matchAll(/"([^"]{1,60})"=(\d{1,20})(?=[,}])/g))
          takeFigure(card.device, match[1] ?? '', match[2] ?? '');
        continue;
      }
      const name = XML_KEY.exec(text)?.[1];
      if (name === 'PerformanceStatistics') {
        end();
        card = { device: newDevice('apple', number, found.length), last: number };
      }
      const digits = XML_VALUE.exec(text)?.[1];
      const of = name ?? key;
      if (digits !== undefined && of !== undefined && card !== undefined) {
        takeFigure(card.device, of, digits);
        card.last = number;
      }
      const said = of === 'model' ? XML_TEXT.exec(text)?.[1] : undefined;
      if (said !== undefined && card !== undefined) card.device.name = said;
      key = name ?? (text.trim() === '' ? key : undefined);
    }
    end();
    return found;
  },
};
