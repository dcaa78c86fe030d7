/** XLA's statistics of a compiled program and its largest buffers, where they stand alone. */
import type { Fact } from '../../ledger/fact.ts';
import { type Entry, figure, joinEntries, type SizeRule, sizesIn } from '../own-memory.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';

const STATS: readonly SizeRule[] = [
  { quantity: 'program', pattern: figure('^ total allocation: {size}') },
  ...['parameter', 'constant', 'maybe_live_out', 'preallocated temp'].map(
    (name): SizeRule => ({
      quantity: 'buffer',
      pattern: figure(`^ ${name} allocation: {size}`),
      scope: { buffer: name, role: 'other' },
    }),
  ),
  {
    quantity: 'buffer',
    pattern: figure('^ total fragmentation: {size}'),
    scope: { buffer: 'fragmentation', role: 'other' },
  },
];
const BUFFER = /^\s*Buffer (\d{1,6}):\s*$/;
const SIZE = figure('^ Size: {size}');
const FAILURE = /RESOURCE_EXHAUSTED|[Oo]ut of memory|OOM Debugging/;

export const xlaBuffers: StatusReader = {
  id: 'xla-buffers',
  code: 'UN645',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'XLA buffer assignment',
      summary: 'What a compiled program needs in all, and its largest buffers.',
    },
    zh: {
      title: 'XLA 缓冲区分配',
      summary: '编译后的程序总共需要多少显存，以及其中最大的缓冲区。',
    },
    ru: {
      title: 'Распределение буферов XLA',
      summary:
        'Сколько памяти всего нужно скомпилированной программе и какие буферы в ней крупнейшие.',
    },
  },
  sources: ['xla@main: xla/service/buffer_assignment.cc: Stats::ToString, PeakBuffers'],
  needles: ['bufferassignment stats', 'peak buffers:', 'preallocated temp allocation'],
  sign: /Buffer \d|allocation:|fragmentation/,
  read({ source, lines }: Passage): Sighting[] {
    const entries: Entry[] = [];
    let failure = Number.NEGATIVE_INFINITY;
    let claimed = Number.NEGATIVE_INFINITY;
    let buffer: string | undefined;
    for (const line of lines) {
      const { text, number } = line;
      if (text.length > 4000) continue;
      if (FAILURE.test(text)) failure = number;
      const size = BUFFER.exec(text)?.[1];
      if (size !== undefined) {
        buffer = `Buffer ${size}`;
        continue;
      }
      const facts = factsOf(line, source, buffer);
      if (facts.length === 0) continue;
      if (buffer !== undefined) buffer = undefined;
      // The message above has these lines as a part of its own.
      if (number - failure <= 5 || number - claimed <= 12) claimed = number;
      else entries.push({ line, facts });
    }
    return joinEntries(entries, { source, apart: 40, many: () => false });
  },
};

function factsOf(line: Line, source: string, buffer: string | undefined): Fact[] {
  const place = { source, line: line.number };
  const groups = buffer === undefined ? undefined : SIZE.exec(line.text)?.groups;
  const digits = groups?.['size'];
  const unit = groups?.['unit'];
  if (buffer === undefined || digits === undefined || unit === undefined) {
    return sizesIn(line.text, STATS, place);
  }
  return [statusFact('buffer', { digits, unit }, place, { buffer, role: 'other' })];
}
