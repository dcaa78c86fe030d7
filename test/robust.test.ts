// One harness, many properties: whatever is done to the text around a failure, the reading stays.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Diagnosis,
  diagnose,
  diagnoseText,
  LANGS,
  redact,
  renderMarkdown,
  renderText,
  schemas,
} from '../src/core/index.ts';
import { columns } from '../src/core/report/layout.ts';
import { labelColumn } from '../src/core/report/section.ts';
import { vocabularyOf } from '../src/core/report/words.ts';
import { type Example, readPages } from './pages.ts';
import { inRing, inTurn, isDeep, numRuns, sampled } from './ring.ts';

const root = resolve(import.meta.dirname, '..');
const every: readonly (readonly [string, Example])[] = readPages(root).flatMap((page) =>
  page.examples.map((example) => [`${page.kind}/${page.id}:${example.line}`, example] as const),
);
const examples = sampled(every, ([name]) => name.split(':')[0], 20);

/** What must not depend on how the text is dressed. */
const essence = (d: Diagnosis): unknown => ({
  verdict: d.verdict,
  incidents: d.incidents.map((i) => ({
    format: i.format,
    figures: i.figures,
    phase: i.phase.value,
    own: i.own_frame?.line,
    causes: i.causes.map(({ id, strength }) => `${id} ${strength}`),
    repeats: i.repeats,
  })),
});

const noise = (lines: number): string =>
  Array.from(
    { length: lines },
    (_, i) => `request ${i} took ${(1 / (i + 1)).toFixed(4)} s, memory: fine\n`,
  ).join('');

/** Pages that test dressing itself are dressed already. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control codes are what it looks for
const isPlain = (log: string): boolean => !/[\u001b\r\0-\u0008]/.test(log) && log.length < 20_000;

const plain = examples.filter(([, { log }]) => log !== '' && isPlain(log));

interface Dress {
  readonly bytes: (text: string) => Iterable<Uint8Array>;
  /** The note that tells of it. */
  readonly note?: string;
}

const encoder = new TextEncoder();
const asText = (dress: (text: string) => string): Dress => ({
  bytes: (text) => [encoder.encode(dress(text))],
});
const inChunks = (size: number): Dress => ({
  bytes: function* (text) {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  },
});

/** Each must not change the reading. */
const DRESSES: readonly (readonly [string, Dress])[] = [
  ['CRLF', asText((text) => text.replaceAll('\n', '\r\n'))],
  ['log noise before', asText((text) => `${noise(60)}${text}`)],
  ['no line feed at the end', asText((text) => text.trimEnd())],
  ['a byte order mark', asText((text) => `\ufeff${text}`)],
  [
    'UTF-16',
    {
      bytes: (text) => {
        const units = [...`${text}\n`].map((c) => Math.min(0xffff, c.codePointAt(0) ?? 0));
        return [new Uint8Array(new Uint16Array([0xfeff, ...units]).buffer)];
      },
      note: 'utf-16',
    },
  ],
  ['chunks of 1', inChunks(1)],
  ['chunks of 64', inChunks(64)],
];

/** Dresses that an example is tried in: one in the everyday ring, in turn. */
const dressesOf = (index: number): typeof DRESSES =>
  isDeep ? DRESSES : DRESSES.filter((_, at) => at === index % DRESSES.length);

test.each(
  inTurn(
    plain.map(([name, example], index) => [name, example, index] as const),
    0,
    3,
  ),
)('%s reads the same however it is dressed', async (_, { log }, index) => {
  const bare = essence(await diagnoseText(log));
  for (const [name, { bytes, note }] of dressesOf(index)) {
    const found = await diagnose([{ name: 'text', bytes: bytes(log) }]);
    expect(essence(found), name).toEqual(bare);
    if (note !== undefined) expect(found.notes.map(({ code }) => code)).toContain(note);
  }
});

describe('every report', () => {
  const ajv = new Ajv2020({ allErrors: true });
  const validate = ajv.compile(schemas['diagnosis'] ?? {});
  /** @returns the report at its usual width. */
  const check = (diagnosis: Diagnosis): string => {
    const json: unknown = JSON.parse(JSON.stringify(diagnosis));
    if (!validate(json)) throw new Error(ajv.errorsText(validate.errors));
    expect(renderText(diagnosis, { why: true })).not.toContain('undefined');
    expect(renderMarkdown(diagnosis)).not.toContain('undefined');
    expect(validate(JSON.parse(JSON.stringify(redact(diagnosis))))).toBe(true);
    const text = renderText(diagnosis, { width: 80 });
    expect(text).not.toMatch(/NaN|\[object/);
    return text;
  };

  test.each(LANGS)(
    'of a page follows the schema, renders, and is about as wide as asked for, commands aside: %s',
    { timeout: 120_000 },
    async (lang) => {
      const indent = ' '.repeat(labelColumn(vocabularyOf(lang)));
      for (const [name, { log }] of inTurn(examples, LANGS.indexOf(lang), 4 * LANGS.length)) {
        const diagnosis = await diagnoseText(log, { name: 'train.log', lang });
        const wide = check(diagnosis)
          .split('\n')
          .filter((line) => columns(line) > 80);
        expect(
          wide.filter((line) => !line.startsWith(indent)),
          name,
        ).toEqual([]);
      }
    },
  );

  test('of a real case follows the schema and renders (skipped where the cases are absent)', {
    timeout: 120_000,
  }, async ({ skip }) => {
    const path = resolve(root, '../shared/cases/cases.jsonl');
    if (!existsSync(path)) skip('the labelled cases are not beside this checkout');
    const lines = readFileSync(path, 'utf8').split('\n');
    for (const line of inTurn(
      lines.filter((l) => l !== ''),
      0,
      10,
    )) {
      const { text } = JSON.parse(line) as { text: string };
      check(await diagnoseText(text));
    }
  });

  test('the schema refuses what is not a diagnosis', () => {
    expect(validate({ schema: 'unoom/diagnosis/1', verdict: 'maybe' })).toBe(false);
  });
});

/** Time of the processor, not of the clock: other work on the machine takes none of it. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

describe('garbage', () => {
  test('any bytes end in a report', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4000 }), async (bytes) => {
        expect((await diagnose([{ name: 'x', bytes: [bytes] }])).verdict).toBeDefined();
      }),
      { numRuns: numRuns(200) },
    );
  });

  test('every truncation of a short example ends in a report', async () => {
    for (const [, { log }] of every.filter(([, e]) => e.log.length < 700).slice(0, 12)) {
      for (let end = 0; end <= log.length; end += inRing(3, 29)) {
        expect((await diagnoseText(log.slice(0, end))).schema).toBe('unoom/diagnosis/1');
      }
    }
  });

  test.each([
    ['one endless line', 'CUDA out of memory. Tried to allocate '.repeat(inRing(40_000, 8000))],
    ['digits', `CUDA out of memory. Tried to allocate ${'9'.repeat(200_000)}.00 GiB`],
    ['brackets', `${'('.repeat(100_000)}out of memory${')'.repeat(100_000)}`],
    ['deep JSON', `{"log":${'['.repeat(50_000)}`],
    [
      'nested JSON strings',
      JSON.stringify({
        log: JSON.stringify({ log: JSON.stringify({ log: 'CUDA error: out of memory' }) }),
      }),
    ],
    ['frames without end', 'File "x.py", line 1, in f\n'.repeat(inRing(60_000, 10_000))],
    ['carriage returns', `${'\r'.repeat(200_000)}CUDA out of memory`],
    ['quotes of quotes', `${'> '.repeat(50_000)}CUDA error: out of memory`],
    ['blanks', `CUDA out of memory.${' '.repeat(300_000)}Tried to allocate 2.00 GiB`],
    ['ANSI codes', `${'\u001b[31m'.repeat(50_000)}CUDA error: out of memory`],
  ])('%s', async (_, text) => {
    const started = cpuMs();
    const found = await diagnoseText(text);
    expect(found.schema).toBe('unoom/diagnosis/1');
    expect(cpuMs() - started).toBeLessThan(5000);
  });
});

describe('numbers are read whole or not at all', () => {
  const head = 'CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; ';
  const figuresOf = async (tail: string): Promise<unknown> =>
    (await diagnoseText(`${head}${tail})`)).incidents[0]?.figures;

  test.each([
    [
      '23,69 GiB total capacity; 21,98 GiB already allocated',
      { total_bytes: 25436943811, allocated_bytes: 23600845292 },
    ],
    ['1,002.00 MiB total capacity', { total_bytes: 1050673152 }],
    ['1e308 GiB total capacity', {}],
    ['-21.98 GiB already allocated', {}],
    ["21'980.00 MiB already allocated", {}],
    ['1.21.98 GiB already allocated', {}],
    [`${'9'.repeat(30)} KiB total capacity`, {}],
  ])('%s', async (tail, expected) => {
    expect(await figuresOf(tail)).toEqual({ requested_bytes: 20971520, ...expected });
  });

  test('another program’s line behind a cut message adds nothing to it', async () => {
    const { incidents } = await diagnoseText(
      'CUDA out of memory. Tried to allocate 2.00 GiB\n[monitor] disk /data: 812.00 GB free\n[cache] 3.00 GiB cached\n',
    );
    expect(incidents[0]?.figures).toEqual({ requested_bytes: 2147483648 });
  });
});

describe('many failures', () => {
  const message =
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.38 GiB. GPU 0 has a total capacity of 39.39 GiB of which 1003.52 MiB is free.';

  test.each([1, 100, ...inRing([2500, 20_000], [500])])(
    '%i prints of one message are one incident, counted',
    async (count) => {
      const { incidents } = await diagnoseText(`${message}\n`.repeat(count));
      expect(incidents.map(({ repeats }) => repeats)).toEqual([count]);
    },
  );

  test('lanes are read apart, and what stands first comes first', async () => {
    const { incidents } = await diagnoseText(
      `[rank0]: start\n[rank1]: start\n[rank1]: ${message}\n${noise(90)}[rank0]: ${message.replace('1.38', '1.40')}\n`,
    );
    expect(incidents.map(({ where }) => where.rank)).toEqual([1, 0]);
  });

  test('patterns stay linear on lines that are made against them', async () => {
    const lines = [
      '~',
      '^ ~',
      ' ',
      '| ┃',
      'a.',
      'File "x.py", line 1, in ',
      '[1] ',
      '> ',
      '{"log":"',
      ':',
      '1',
      'CUDA error(',
      'cub::',
      '9',
      'word',
      'a_gpu',
    ];
    for (const part of inTurn(lines, 0, 4)) {
      const line = part.repeat(Math.ceil(inRing(20_000, 5000) / part.length));
      const text = `File "x.py", line 1, in f\nCUDA error: out of memory\n${`${line}x\nCUDA error: out of memory\n`.repeat(8)}`;
      const started = cpuMs();
      await diagnoseText(text);
      // Generous: the slowest takes some tens of milliseconds; a quadratic one takes minutes in the deep ring.
      expect(cpuMs() - started, part).toBeLessThan(3000);
    }
  });
});
