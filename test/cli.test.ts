// The command as a user meets it: arguments, pipes, files, exit codes.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BIN, type Run, unoom, unoomProcess } from './command.ts';
import { ERAS, GiB, type Truth } from './make/messages.ts';
import { inRing } from './ring.ts';

const SHARED = join(
  process.env['UNOOM_SHARED'] ?? resolve(import.meta.dirname, '../../shared'),
  'snapshots',
);

const truth: Truth = {
  device: 3,
  requested: 2 * GiB,
  total: 24 * GiB,
  free: GiB,
  allocated: 20 * GiB,
  idle: GiB,
};
const MESSAGE = `${ERAS.at(-1)?.print(truth) ?? ''}\n`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unoom-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const json = (
  run: Run,
): {
  verdict: string;
  incidents: { where: { rank?: number; source: string }; device?: number }[];
  problems: { code: string; do: string }[];
} => JSON.parse(run.out);

describe('unoom diagnose', () => {
  test('reads memory snapshots beside a log, from files, folders and standard input', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    const drawing = file(
      'leak.drawing',
      'device 0 2GiB\nat a.py:7 in main\nw = alloc 1GiB\noom 2GiB\n',
    );
    const snapshot = join(mixed, 'oom_snapshot.pickle');
    expect((await unoom(['snapshot', 'make', drawing, '-o', snapshot])).code).toBe(0);
    writeFileSync(join(mixed, 'train.log'), MESSAGE);
    const both = await unoom(['diagnose', mixed, '--format', 'json']);
    expect(both.code).toBe(1);
    expect(json(both).incidents.map(({ where }) => where.source)).toEqual([
      join(mixed, 'train.log'),
      snapshot,
    ]);
    const packed = await unoom(['diagnose', '-'], gzipSync(readFileSync(snapshot)));
    expect(packed.code).toBe(1);
    expect(packed.out).toContain('a.py:7');
    const none = await unoom(['diagnose', snapshot, '--device', '5', '--format', 'json']);
    expect(json(none).problems.map(({ code }) => code)).toEqual(['snapshot-no-device']);
    expect(none.code).toBe(2);
    expect((await unoom(['diagnose', snapshot, '--device', 'x'])).code).toBe(2);
  });

  test('exits with 1 on a GPU memory failure, from a file and from standard input', async () => {
    const path = file('train.log', MESSAGE);
    for (const run of [
      unoomProcess(['diagnose', path]),
      await unoom(['diagnose'], MESSAGE),
      await unoom(['diagnose', '-'], MESSAGE),
    ]) {
      expect(run.code).toBe(1);
      expect(run.out).toContain('GPU 3 · 24.00 GiB');
      expect(run.err).toBe('');
    }
  });

  test('exits with 0 when nothing failed, and names the last error', async () => {
    const run = await unoom(
      ['diagnose'],
      'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\nKeyError: 3\n',
    );
    expect([run.code, run.out]).toEqual([0, expect.stringContaining('the last error is KeyError')]);
  });

  test('exits with 0 on a look-alike', async () => {
    expect(
      (await unoom(['diagnose'], 'RuntimeError: CUDA error: device-side assert triggered\n')).code,
    ).toBe(0);
  });

  test('exits with 2 when nothing can be read, and says what to do', async () => {
    const missing = await unoom(['diagnose', join(folder, 'missing.log'), '--format', 'json']);
    expect(missing.code).toBe(2);
    expect(json(missing).problems[0]).toMatchObject({
      code: 'enoent',
      do: expect.stringContaining('Check the path'),
    });
    expect((await unoom(['diagnose'], '')).code).toBe(2);
    expect(
      (await unoom(['diagnose', file('x.pickle', Uint8Array.of(0x80, 4, 0x95, 1, 2, 3))])).code,
    ).toBe(2);
    expect((await unoom(['diagnose', '--format', 'yaml'])).code).toBe(2);
    expect((await unoom(['diagnoze'])).err).toContain('Did you mean diagnose');
  });

  test('a missing file beside a good one is a problem, not a refusal', async () => {
    const run = await unoom([
      'diagnose',
      file('good.log', MESSAGE),
      join(folder, 'missing.log'),
      '--format',
      'json',
    ]);
    expect(run.code).toBe(1);
    expect(json(run)).toMatchObject({ verdict: 'gpu_oom', problems: [{ code: 'enoent' }] });
  });

  test('unpacks gzip, from a file and from standard input', async () => {
    const packed = gzipSync(MESSAGE);
    expect((await unoom(['diagnose', file('train.log.gz', packed)])).code).toBe(1);
    expect(unoomProcess(['diagnose', '-'], packed).code).toBe(1);
  });

  test('a gzip file that was cut gives what is there, and a problem', async () => {
    const long = `${MESSAGE}${Array.from({ length: 20_000 }, (_, i) => `line ${i * 7919}\n`).join('')}`;
    const packed = gzipSync(long);
    const run = await unoom([
      'diagnose',
      file('cut.log.gz', packed.subarray(0, packed.length - 2000)),
      '--format',
      'json',
    ]);
    expect(json(run)).toMatchObject({
      verdict: 'gpu_oom',
      problems: [{ code: 'reading-stopped' }],
    });
  });

  test('reads a folder of rank logs and puts the first failure first', async () => {
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    for (let rank = 0; rank < 8; rank++) {
      const stamp = rank === 5 ? '2026-11-02 09:10:00,000' : '2026-11-02 09:40:00,000';
      const text =
        rank === 5 || rank === 6
          ? ERAS.at(-1)?.print({ ...truth, device: rank, free: rank * 1e6 })
          : 'NCCL watchdog thread terminated: timeout';
      writeFileSync(join(logs, `rank_${rank}.log`), `${stamp} ERROR ${text}\n`);
    }
    writeFileSync(join(logs, 'model.safetensors'), MESSAGE);
    const run = await unoom(['diagnose', logs, '--format', 'json']);
    expect(json(run).incidents.map(({ where, device }) => [where.rank, device])).toEqual([
      [5, 5],
      [6, 6],
    ]);
    expect((await unoom(['diagnose', logs])).out).toMatch(/^Rank 5 ran out/);
  });

  test('--redact takes people and machines out, figures stay', async () => {
    const log = `Traceback (most recent call last):\n  File "/home/mira/secret-project/train.py", line 3, in <module>\n    x = x.cuda()  # api_key=sk-verysecretvalue12345\n${MESSAGE}`;
    const run = await unoom(['diagnose', '--redact', '--format', 'json', '--why'], log);
    expect(run.out).not.toMatch(/mira|verysecret/);
    expect(run.out).toContain('/home/user/secret-project/train.py');
    expect(run.out).toContain(String(2 * GiB));
  });

  test('colour only where it is wanted', async () => {
    const coded = (run: Run): boolean => run.out.includes('\u001b[');
    expect(coded(await unoom(['diagnose'], MESSAGE))).toBe(false);
    expect(coded(await unoom(['diagnose', '--color', 'always'], MESSAGE))).toBe(true);
    expect(coded(await unoom(['diagnose'], MESSAGE, { FORCE_COLOR: '1' }))).toBe(true);
    expect(coded(await unoom(['diagnose'], MESSAGE, { FORCE_COLOR: '1', NO_COLOR: '1' }))).toBe(
      false,
    );
  });

  test('a reader that goes away early is no error', async () => {
    const run = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${BIN}" diagnose --why --format json | head -c 10`],
      { input: MESSAGE, encoding: 'utf8' },
    );
    expect([run.stdout, run.stderr]).toEqual(['{\n  "schem', '']);
  });
});

describe('the language', () => {
  const firstOf = (run: Run): string => run.out.split('\n')[0] ?? '';

  test('is that of --lang, else of the environment, else English', async () => {
    expect(firstOf(await unoom(['diagnose'], MESSAGE))).toContain('Out of GPU memory');
    expect(firstOf(await unoom(['diagnose', '--lang', 'zh'], MESSAGE))).toContain('显存不足');
    const russian = { LC_ALL: '', LC_MESSAGES: 'ru_RU.UTF-8', LANG: 'zh_CN.UTF-8' };
    expect(firstOf(await unoom(['diagnose'], MESSAGE, russian))).toContain('Не хватило памяти GPU');
    expect(firstOf(await unoom(['diagnose', '--lang', 'en'], MESSAGE, russian))).toContain(
      'Out of GPU memory',
    );
    expect((await unoom(['explain', 'optimizer'], '', russian)).out).toContain('шаг оптимизатора');
    expect((await unoom(['explain', 'optimiser', '--lang', 'zh'])).err).toContain('没有这个名称');
  });

  test('of problems with files is the same', async () => {
    const run = await unoom(['diagnose', join(folder, 'missing.log'), '--lang', 'ru']);
    expect([run.code, run.out]).toEqual([2, expect.stringContaining('Такого файла нет')]);
  });

  test('stands in the JSON, whose keys and values of enumerations stay', async () => {
    const run = await unoom(['diagnose', '--lang', 'zh', '--format', 'json'], MESSAGE);
    expect(JSON.parse(run.out)).toMatchObject({
      lang: 'zh',
      verdict: 'gpu_oom',
      headline: expect.stringContaining('显存不足'),
    });
  });

  test('a wrong one is bad usage', async () => {
    const run = await unoom(['diagnose', '--lang', 'de'], MESSAGE);
    expect([run.code, run.err]).toEqual([2, expect.stringContaining('en, zh, ru')]);
  });
});

describe('the other commands', () => {
  test('--help has examples, for the program and each command', async () => {
    for (const args of [
      ['--help'],
      ['diagnose', '--help'],
      ['explain', '--help'],
      ['doctor', '--help'],
      ['schema', '--help'],
      [],
    ]) {
      const run = await unoom(args);
      expect(run.code).toBe(0);
      expect(run.out).toContain('Examples:');
    }
  });

  test('explain knows ids and codes, and what is near a mistake', async () => {
    expect((await unoom(['explain', 'fragmentation'])).out).toContain('UN205');
    expect((await unoom(['explain', 'un205'])).out).toContain('fragmentation');
    expect((await unoom(['explain', 'Smaller batch'])).out).toContain('UN303');
    const run = await unoom(['explain', 'smaller-mikro-batch']);
    expect([run.code, run.err]).toEqual([2, expect.stringContaining('smaller-micro-batch')]);
    expect((await unoom(['explain', 'fragmantation'])).err).toContain('near it: fragmentation');
    expect(JSON.parse((await unoom(['explain', '--format', 'json'])).out).length).toBeGreaterThan(
      50,
    );
  });

  test('schema prints a JSON Schema', async () => {
    expect(JSON.parse((await unoom(['schema', 'diagnosis'])).out)).toMatchObject({
      $id: 'unoom/diagnosis/1',
    });
    expect((await unoom(['schema', 'nothing'])).code).toBe(2);
  });

  test('doctor says what can be read here', async () => {
    const run = await unoom(['doctor', '--format', 'json']);
    expect(run.code).toBe(0);
    expect(JSON.parse(run.out)).toMatchObject({
      checks: expect.arrayContaining([expect.objectContaining({ name: 'nvidia-smi' })]),
    });
  });
});

describe('parts of a snapshot', () => {
  let made: string;
  beforeAll(async () => {
    const drawing = file(
      'parts.drawing',
      'device 0 8GiB\nat /home/bob/a.py:3 in f\nx = alloc 1GiB\ny = alloc 2GiB\nfree y\n',
    );
    made = join(folder, 'parts.pickle');
    expect((await unoom(['snapshot', 'make', drawing, '-o', made])).code).toBe(0);
  });

  test('a moment by its event, and one that is not there', async () => {
    const { code, out } = await unoom(['snapshot', made, '--at', '0', '--format', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).devices[0].moment).toMatchObject({ event: 0 });
    const missing = await unoom(['snapshot', made, '--at', '9999']);
    expect(missing.code).toBe(2);
    expect(missing.err).toMatch(/--at 9999/);
    expect((await unoom(['snapshot', made, '--at', 'noon'])).code).toBe(2);
    const elsewhere = await unoom(['snapshot', made, '--device', '3']);
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.err).toMatch(/parts\.pickle: the snapshot holds nothing of GPU 3/);
    expect((await unoom(['snapshot', 'no-such.pickle'])).err).toMatch(
      /no-such\.pickle: There is no such file/,
    );
    expect((await unoom(['snapshot', made, '--from', '4', '--to', '2'])).code).toBe(2);
    expect((await unoom(['snapshot', made, '--from', 'peak'])).code).toBe(2);
  });

  test('an earlier end has the state of that moment', async () => {
    const { code, out } = await unoom(['snapshot', made, '--to', '4', '--format', 'json']);
    const { devices, problems } = JSON.parse(out);
    expect([code, problems]).toEqual([0, []]);
    expect(devices[0]).toMatchObject({
      events: 4,
      end: { allocated_bytes: 3 * 2 ** 30 },
      replay: { final_blocks_equal: true },
    });
    const mixed = await unoom([
      'snapshot',
      made,
      '--from',
      '1',
      '--to',
      '5min',
      '--format',
      'json',
    ]);
    expect(JSON.parse(mixed.out).devices[0].events).toBe(5);
  });

  test('an export goes to a file once, or to standard output', async () => {
    const target = join(folder, 'parts.json');
    const args = ['snapshot', 'export', made, '-o', target];
    expect((await unoom(args)).code).toBe(0);
    expect(JSON.parse(readFileSync(target, 'utf8')).traceEvents.length).toBeGreaterThan(4);
    expect((await unoom(args)).code).toBe(2);
    expect((await unoom([...args, '--force'])).code).toBe(0);
    const csv = await unoom(['snapshot', 'export', made, '--to', 'csv', '--redact']);
    expect(csv.out).toMatch(/^time_us,device,event,action/);
    expect(csv.out).not.toMatch(/bob/);
    expect((await unoom(['snapshot', 'export', made, '--least', 'much'])).code).toBe(2);
  });

  test('two snapshots: what grew, and a limit', async () => {
    const text =
      'device 0 8GiB\nat a.py:3 in f\nx = alloc 1GiB\nat a.py:9 in g\ny = alloc 2560MiB\nfree y\n';
    const grown = join(folder, 'grown.pickle');
    await unoom(['snapshot', 'make', file('grown.drawing', text), '-o', grown]);
    const { code, out } = await unoom(['snapshot', 'diff', made, grown]);
    expect(code).toBe(0);
    expect(out).toMatch(/the peak grew by 512\.0 MiB \(\+16\.7 %\) to 3\.50 GiB allocated/);
    const limited = (limit: string): Promise<Run> =>
      unoom(['snapshot', 'diff', made, grown, '--fail-if-peak-grows', limit]);
    expect(await limited('2%')).toMatchObject({ code: 1 });
    expect(await limited('20%')).toMatchObject({ code: 0 });
    expect(await limited('100MiB')).toMatchObject({ code: 1 });
    expect(await limited('1GiB')).toMatchObject({ code: 0 });
    expect(await limited('much')).toMatchObject({ code: 2 });
    expect((await limited('2%')).out).toMatch(
      /peak allocated grew by 512\.0 MiB \(\+16\.7 %\), more than 2%/,
    );
    const elsewhere = ['--device', '7', '--fail-if-peak-grows', '2%'];
    expect((await unoom(['snapshot', 'diff', made, grown, ...elsewhere])).code).toBe(2);
    expect((await unoom(['snapshot', 'diff', made, join(folder, 'none')])).code).toBe(2);
    expect(
      (await unoom(['snapshot', 'diff', grown, made, '--fail-if-peak-grows', '0%'])).code,
    ).toBe(0);
  });

  test('reports keep to their published schemas', async () => {
    const schemaOf = async (name: string): Promise<AnySchema> =>
      JSON.parse((await unoom(['schema', name])).out);
    const check = async (name: string, args: readonly string[]): Promise<void> => {
      const ajv = new Ajv2020({ allErrors: true });
      const validate = ajv.compile(await schemaOf(name));
      const report = JSON.parse((await unoom([...args, '--format', 'json'])).out);
      expect(validate(report) ? '' : ajv.errorsText(validate.errors)).toBe('');
    };
    for (const example of ['fragmentation', 'two-streams']) {
      const snapshot = join(folder, `${example}.pickle`);
      const drawing = resolve(import.meta.dirname, `../examples/${example}.drawing`);
      await unoom(['snapshot', 'make', drawing, '-o', snapshot]);
      await check('snapshot', ['snapshot', snapshot, '--at', 'peak']);
      await check('snapshot-diff', [
        'snapshot',
        'diff',
        made,
        snapshot,
        '--fail-if-peak-grows',
        '2%',
      ]);
    }
  });

  test.skipIf(!existsSync(SHARED))('so do reports of real snapshots', async () => {
    const validate = new Ajv2020({ allErrors: true }).compile(
      JSON.parse((await unoom(['schema', 'snapshot'])).out),
    );
    for (const name of readdirSync(SHARED).filter((each) =>
      inRing(/^s[1347]_.*pickle$/, /^s1_.*pickle$/).test(each),
    )) {
      const { out } = await unoom(['snapshot', join(SHARED, name), '--format', 'json']);
      expect(validate(JSON.parse(out)) ? '' : `${name} ${JSON.stringify(validate.errors)}`).toBe(
        '',
      );
    }
  });

  test('--redact names nobody in the report', async () => {
    const { out } = await unoom(['snapshot', made, '--redact', '--format', 'json']);
    expect(out).not.toMatch(/bob/);
  });
});

describe('snapshot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unoom-snapshot-'));
  const file = join(folder, 'leak.pickle');
  const drawing = join(import.meta.dirname, '..', 'examples', 'leak.drawing');
  beforeAll(async () => {
    await unoom(['snapshot', 'make', drawing, '-o', file]);
  });

  test('names the line that leaks, and replays every allocation', async () => {
    const run = await unoom(['snapshot', file, '--format', 'json']);
    const [device] = JSON.parse(run.out).devices;
    expect(device.replay.address_equal).toBe(device.replay.allocations);
    expect(device.replay.final_blocks_equal).toBe(true);
    expect(device.growth_by_line.length).toBeGreaterThan(0);
    expect(run.code).toBe(1);
    for (const lang of ['en', 'zh', 'ru']) {
      const { out } = await unoom(['snapshot', file, '--lang', lang]);
      expect(out).toContain(device.growth_by_line[0].line);
    }
  });

  test('writes a page, and never over another file', async () => {
    const page = join(folder, 'page.html');
    expect((await unoom(['snapshot', file, '--html', page])).code).toBe(1);
    expect(readFileSync(page, 'utf8')).toContain('Content-Security-Policy');
    const again = await unoom(['snapshot', file, '--html', page]);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('--force')]);
  });

  test('refuses what is no snapshot, and says where', async () => {
    const bad = join(folder, 'bad.pickle');
    writeFileSync(bad, Buffer.from([0x80, 4, 0x63, 0x6f, 0x73, 0x0a, 0x78, 0x0a, 0x2e]));
    const run = await unoom(['snapshot', bad]);
    expect([run.code, run.err]).toEqual([2, expect.stringContaining('GLOBAL')]);
    expect((await unoom(['snapshot', join(folder, 'missing.pickle')])).code).toBe(2);
    expect((await unoom(['snapshot', file, '--device', 'x'])).code).toBe(2);
  });
});
