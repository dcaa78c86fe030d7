/** `tegrastats` of NVIDIA Jetson: a line a sample. CPU and GPU share one memory. */
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';

const SAMPLE = /(?:^|\s)RAM (\d{1,9})\/(\d{1,9})MB \(lfb \d{1,6}x(?:\d{1,6})[kM]B\)/;
const CLOCK = /^\s*(\d\d-\d\d-\d{4} \d\d:\d\d:\d\d)\s/;
const BUSY = /\bGR3D_FREQ (\d{1,3})%/;

export const tegrastats: StatusReader = {
  id: 'tegrastats',
  code: 'UN627',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'tegrastats (Jetson)',
      summary: 'The memory that CPU and GPU of a Jetson share, a line a sample.',
    },
    zh: {
      title: 'tegrastats（Jetson）',
      summary: 'Jetson 上 CPU 与 GPU 共用的内存，每行一个采样。',
    },
    ru: {
      title: 'tegrastats (Jetson)',
      summary: 'Память, общая для CPU и GPU на Jetson; строка — один замер.',
    },
  },
  sources: ['NVIDIA Jetson Linux Developer Guide: tegrastats utility, R28 to R36'],
  needles: ['gr3d_freq'],
  sign: /RAM \d/,
  read: ({ lines, source }: Passage): Sighting[] =>
    lines.flatMap(({ text, number, time: stamp }) => {
      const match = text.includes('(lfb ') ? SAMPLE.exec(text) : null;
      if (match === null) return [];
      const time = CLOCK.exec(text)?.[1] ?? stamp;
      const busy = BUSY.exec(text)?.[1];
      const place = { source, line: number };
      // Whole MiB, cut off.
      const size = (digits: string | undefined) =>
        ({ digits: digits ?? '', unit: 'MiB', rounding: 'floor' }) as const;
      return [
        {
          line: number,
          last: number,
          ...(time !== undefined && { time }),
          ...(busy !== undefined && { counts: { usage_percent: Number(busy) } }),
          facts: [
            statusFact('host_used', size(match[1]), place),
            statusFact('host_total', size(match[2]), place),
          ],
        },
      ];
    }),
};
