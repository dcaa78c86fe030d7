/** `unoom snapshot make`: a drawing of allocations becomes a snapshot, marked as synthetic. */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Lang, SchemaVersion } from '../../core/index.ts';
import {
  formatBytes,
  makeDrawing,
  type PickleProtocol,
  renderDrawingProblem,
  type Snapshot,
  writeSnapshot,
} from '../../core/snapshots.ts';
import { EXIT, print } from '../terminal.ts';

export interface SnapshotMakeArguments {
  readonly output?: string;
  readonly format: 'pickle' | 'json';
  readonly protocol: string;
  readonly layout: 'python' | 'cpp';
  readonly imitate?: SchemaVersion;
  readonly form?: 'dict' | 'list';
  readonly force: boolean;
  readonly lang: Lang;
}

const MOST_BYTES = 16 * 1024 * 1024;

const WORDS: Readonly<Record<Lang, Readonly<Record<Word, string>>>> = {
  en: {
    unreadable: 'cannot be read',
    tooLong: 'is too long for a drawing',
    exists: 'is there already; --force overwrites it, -o names another file',
    unwritable: 'cannot be written',
    made: 'synthetic; events {events}, segments {segments}, {size}',
    ended: 'out of memory: the run ended there, as an exception ends a program',
  },
  zh: {
    unreadable: '无法读取',
    tooLong: '对图示来说太长',
    exists: '已存在；--force 覆盖它，-o 指定另一个文件',
    unwritable: '无法写入',
    made: '合成；事件 {events}，段 {segments}，{size}',
    ended: '内存不足：运行到此结束，如同异常终止程序',
  },
  ru: {
    unreadable: 'не читается',
    tooLong: 'слишком велик для чертежа',
    exists: 'уже есть; --force перезапишет его, -o задаст другой файл',
    unwritable: 'не записывается',
    made: 'синтетический; событий: {events}, сегментов: {segments}, {size}',
    ended: 'не хватило памяти: прогон окончен здесь, как исключение кончает программу',
  },
};
type Word = 'unreadable' | 'tooLong' | 'exists' | 'unwritable' | 'made' | 'ended';

/** @returns the exit code: 0 made, 2 the drawing or the call is wrong, 3 the file cannot be written. */
export function snapshotMakeCommand(input: string, options: SnapshotMakeArguments): number {
  const words = WORDS[options.lang];
  const text = readDrawing(input, words);
  if (typeof text !== 'string') return complain(`${input}: ${text.complaint}`, EXIT.usage);
  const made = makeDrawing(text, input === '-' ? '(stdin)' : input);
  if ('problem' in made) {
    return complain(renderDrawingProblem(made.problem, options.lang), EXIT.usage);
  }
  const { snapshot, outOfMemory } = made;
  const output = options.output ?? defaultOutput(input, options.format);
  const written = writeFile(output, snapshot, options);
  if (typeof written === 'string') {
    const code = written === 'exists' ? EXIT.usage : EXIT.environment;
    return complain(`${output} ${words[written]}`, code);
  }
  if (outOfMemory !== undefined) {
    process.stderr.write(`${input}:${outOfMemory.line}: ${words.ended}\n`);
  }
  if (output !== '-') print(`${output}: ${describe(snapshot, written, words)}\n`);
  return EXIT.ok;
}

function readDrawing(
  input: string,
  words: Readonly<Record<Word, string>>,
): string | { complaint: string } {
  try {
    const source = input === '-' ? 0 : input;
    if (source !== 0 && statSync(source).size > MOST_BYTES) return { complaint: words.tooLong };
    return readFileSync(source, 'utf8');
  } catch (error) {
    return { complaint: `${words.unreadable} (${codeOf(error)})` };
  }
}

/** The name says that it is synthetic, too. */
function defaultOutput(input: string, format: 'pickle' | 'json'): string {
  const name = input === '-' ? 'drawing' : basename(input, extname(input));
  return `${name}.synthetic.${format}`;
}

function writeFile(
  output: string,
  snapshot: Snapshot,
  { format, protocol, layout, imitate, form, force }: SnapshotMakeArguments,
): number | 'exists' | 'unwritable' {
  let file: number;
  try {
    file = output === '-' ? 1 : openSync(output, force ? 'w' : 'wx');
  } catch (error) {
    return codeOf(error) === 'EEXIST' ? 'exists' : 'unwritable';
  }
  try {
    let bytes = 0;
    const chunks = writeSnapshot(snapshot, {
      container: format,
      protocol: Number(protocol) as PickleProtocol,
      layout,
      ...(imitate !== undefined && { version: imitate }),
      ...(form !== undefined && { form }),
    });
    for (const chunk of chunks) bytes += writeAll(file, chunk);
    return bytes;
  } catch {
    // Half a snapshot is worse than none.
    if (file !== 1) rmSync(output, { force: true });
    return 'unwritable';
  } finally {
    if (file !== 1) closeSync(file);
  }
}

function writeAll(file: number, chunk: Uint8Array): number {
  for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
  return chunk.length;
}

function describe(
  { devices, segments }: Snapshot,
  bytes: number,
  words: Readonly<Record<Word, string>>,
): string {
  const events = devices.reduce((sum, device) => sum + device.events.count, 0);
  return words.made
    .replace('{events}', String(events))
    .replace('{segments}', String(segments.count))
    .replace('{size}', formatBytes(bytes));
}

function complain(text: string, code: number): number {
  process.stderr.write(`unoom snapshot make: ${text}\n`);
  return code;
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'error';
