/** Blender's render lines: host memory of the program, then memory of the render engine. */
import { type Entry, joinEntries, type SizeRule, sizesIn } from '../own-memory.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const HEAD = /\bFra:(\d{1,9}) Mem:\d/;
/** "M" is 2^20, "G" 2^30. */
const SIZES: readonly SizeRule[] = [
  { quantity: 'host_process', pattern: /\bFra:\d+ Mem:(?<size>\d{1,9}\.\d{2})(?<unit>[MG])\b/ },
  {
    quantity: 'host_peak',
    pattern:
      /\bFra:\d+ Mem:[\d.]{1,12}[MG] \((?:[\d.]{1,12}[MG], )?Peak (?<size>\d{1,9}\.\d{2})(?<unit>[MG])\)/,
  },
  { quantity: 'allocated', pattern: /\| Mem:(?<size>\d{1,9}\.\d{2})(?<unit>[MG])\b/ },
  {
    quantity: 'peak',
    pattern: /\| Mem:[\d.]{1,12}[MG], Peak:(?<size>\d{1,9}\.\d{2})(?<unit>[MG])\b/,
  },
];

export const blenderMemory: StatusReader = {
  id: 'blender-memory',
  code: 'UN649',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Blender render lines',
      summary: 'Memory of Blender and of its render engine, frame by frame.',
    },
    zh: {
      title: 'Blender 渲染日志中的内存信息',
      summary: '逐帧给出 Blender 及其渲染引擎的内存占用。',
    },
    ru: {
      title: 'Строки рендера Blender',
      summary: 'Память Blender и его движка рендеринга, кадр за кадром.',
    },
  },
  sources: ['blender@3.6: source/blender/render/intern/pipeline.cc: render_print_statistics'],
  needles: ['m | scene, viewlayer', '| scene, view'],
  sign: /Mem:/,
  read({ source, lines }: Passage): Sighting[] {
    const entries = lines.flatMap((line): Entry[] => {
      const frame = line.text.length > 2000 ? undefined : HEAD.exec(line.text)?.[1];
      if (frame === undefined) return [];
      const facts = sizesIn(line.text, SIZES, { source, line: line.number });
      const what = line.text.split('|').at(-1)?.trim().slice(0, 60) ?? '';
      const label = `frame ${frame}${/^[A-Z][\w ,:/]{2,}$/.test(what) ? `: ${what}` : ''}`;
      return facts.length === 0 ? [] : [{ line, begins: true, facts, label }];
    });
    return joinEntries(entries, { source, apart: 0 });
  },
};
