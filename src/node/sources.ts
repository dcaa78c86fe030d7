/** Files, folders and standard input as streams of bytes; gzip is unpacked on the way. */
import { constants, type Dirent } from 'node:fs';
import { access, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { Lang, ProblemData, Source } from '../core/index.ts';

/** Bytes read at once, at most; two buffers take turns, so that reading and scanning overlap. */
const CHUNK = 4 * 1024 * 1024;
/** And at least: buffers are a small share of what is read. */
const LEAST_CHUNK = 256 * 1024;
const CHUNK_SHARE = 1 / 64;
/** Files taken from one folder, and folders entered below it. */
const MOST_FILES = 2000;
const DEEPEST = 6;

export interface Opened {
  readonly sources: readonly Source[];
  readonly problems: readonly ProblemData[];
}

/** Files in a folder that can be logs, or memory snapshots by their name; everything else there is left alone. */
const LOG_NAME =
  /\.(?:log|txt|out|err|stderr|stdout|json|jsonl|ndjson|ipynb|md|csv|xml|smi)(?:\.\d+)?(?:\.gz)?$|(?:snap(?:shot)?|oom|mem(?:ory)?)[^\\/]*\.(?:pickle|pkl)(?:\.gz)?$|^(?:stdout|stderr|log|nohup\.out|dmesg|messages|syslog|kern|nvidia-smi)$|(?:^|[-_.])(?:log|rank)[-_.]?\d*$/i;

export interface OpenOptions {
  /** The language of problems. */
  readonly lang?: Lang;
}

/** Opens what the user named: files, folders, "-" for standard input. */
export async function openSources(
  names: readonly string[],
  { lang = 'en' }: OpenOptions = {},
): Promise<Opened> {
  const sources: Source[] = [];
  const problems: ProblemData[] = [];
  const report: Report = (code, name) => problems.push(problem(code, name, lang));
  for (const name of names) {
    if (name === '-') {
      sources.push({ name: '-', bytes: unpacked(process.stdin) });
      continue;
    }
    try {
      const info = await stat(name);
      if (info.isDirectory()) {
        const found = await filesBelow(name, report);
        if (found.length === 0) report('empty-folder', name);
        for (const file of found) sources.push(fileSource(file));
      } else {
        await access(name, constants.R_OK);
        sources.push({ ...fileSource(name, info.size), size: info.size });
      }
    } catch (error) {
      report(codeOf(error), name);
    }
  }
  return { sources, problems };
}

/** @param size bytes, when known: of a pipe or a device it says nothing */
function fileSource(name: string, size = 0): Source {
  const chunk = size === 0 ? CHUNK : Math.max(LEAST_CHUNK, Math.round(size * CHUNK_SHARE));
  return { name, bytes: unpacked(fileBytes(name, Math.min(CHUNK, chunk))) };
}

/** The file's bytes, read ahead by one buffer while the other is being scanned. */
async function* fileBytes(name: string, chunk: number): AsyncGenerator<Uint8Array> {
  const handle = await open(name, 'r');
  try {
    const buffers = [Buffer.allocUnsafe(chunk), Buffer.allocUnsafe(chunk)] as const;
    let turn: 0 | 1 = 0;
    let reading = handle.read(buffers[turn], 0, chunk);
    for (;;) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) return;
      turn = turn === 0 ? 1 : 0;
      reading = handle.read(buffers[turn], 0, chunk);
      // An error of the read ahead is met at the next turn, not as an unhandled rejection.
      reading.catch(() => undefined);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

const isGzipHead = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** Unpacks gzip, and gzip in gzip; anything else passes through as it is. */
function unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return unpackOnce(unpackOnce(bytes));
}

async function* unpackOnce(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  // Two bytes tell; a pipe can deliver them one by one.
  const first = await chunks.next();
  if (first.done === true) return;
  let head: Uint8Array = first.value;
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      yield next.value;
    }
  };
  if (isGzipHead(head)) yield* gunzip(all());
  else yield* all();
}

/**
 * Unpacks a stream. What was unpacked before an error (a cut file, rubbish behind it) is given out
 * first: a partial reading beats a refusal.
 */
async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacker = createGunzip({ chunkSize: CHUNK / 8 });
  const ready: Buffer[] = [];
  let failure: unknown;
  let isOver = false;
  let wake = (): void => undefined;
  unpacker.on('data', (chunk: Buffer) => {
    ready.push(chunk);
    if (ready.length >= 4) unpacker.pause();
    wake();
  });
  unpacker.on('error', (error) => {
    failure = error;
    isOver = true;
    wake();
  });
  unpacker.on('end', () => {
    isOver = true;
    wake();
  });
  feed(unpacker, packed).catch((error: unknown) => {
    unpacker.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for (;;) {
      const chunk = ready.shift();
      if (chunk !== undefined) {
        yield chunk;
      } else if (isOver) {
        if (failure !== undefined) throw failure;
        return;
      } else {
        if (unpacker.isPaused()) unpacker.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (ready.length > 0 || isOver) resolve();
        });
      }
    }
  } finally {
    unpacker.destroy();
  }
}

/**
 * Writes a stream piece by piece: the next one is asked for when the last one was taken in, for its bytes
 * are overwritten then.
 */
async function feed(unpacker: Gunzip, packed: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of packed) {
    await new Promise<void>((resolve) => {
      // Of a piece that waits for its output to be read nothing more is heard when nobody reads on.
      unpacker.once('close', resolve);
      unpacker.write(piece, () => {
        unpacker.off('close', resolve);
        resolve();
      });
    });
    if (unpacker.destroyed) return;
  }
  unpacker.end();
}

async function filesBelow(folder: string, report: Report): Promise<string[]> {
  const found: string[] = [];
  const walk = async (path: string, depth: number): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      report(codeOf(error), path);
      return;
    }
    entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    for (const entry of entries) {
      if (found.length >= MOST_FILES) return;
      const full = join(path, entry.name);
      // A linked folder is not entered: it may be a parent. A linked file is read.
      if (
        entry.isDirectory() &&
        depth < DEEPEST &&
        entry.name !== 'node_modules' &&
        !entry.name.startsWith('.')
      ) {
        await walk(full, depth + 1);
      } else if (LOG_NAME.test(entry.name) && (await isFile(entry, full))) {
        found.push(full);
      }
    }
  };
  await walk(folder, 0);
  if (found.length >= MOST_FILES) report('too-many-files', folder);
  return found;
}

/** A file, or a link to one. */
async function isFile(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : 'unreadable';

/** Notes that something of the user's could not be opened. */
type Report = (code: string, name: string) => void;

type Said = readonly [what: string, why: string, todo: string];

const WORDS: Readonly<Record<string, Readonly<Record<Lang, Said>>>> = {
  ENOENT: {
    en: [
      'There is no such file.',
      'The path names nothing.',
      'Check the path; - reads standard input.',
    ],
    zh: ['没有这个文件。', '路径不存在。', '检查路径；- 表示读取标准输入。'],
    ru: [
      'Такого файла нет.',
      'Путь никуда не ведёт.',
      'Проверить путь; - читает стандартный ввод.',
    ],
  },
  EACCES: {
    en: ['It may not be read.', 'Its permissions forbid it.', 'Run as its owner, or copy it.'],
    zh: ['没有读取权限。', '文件权限不允许读取。', '以文件所有者身份运行，或复制一份。'],
    ru: [
      'Читать его нельзя.',
      'Не позволяют права доступа.',
      'Запусти от имени владельца или скопируй файл.',
    ],
  },
  'empty-folder': {
    en: [
      'No log is in this folder.',
      'Logs end in .log, .txt, .out, .err or the like.',
      'Name the files themselves.',
    ],
    zh: ['这个文件夹里没有日志。', '日志以 .log、.txt、.out、.err 等结尾。', '直接给出文件名。'],
    ru: [
      'В этой папке нет логов.',
      'Имена логов оканчиваются на .log, .txt, .out, .err и тому подобное.',
      'Укажи сами файлы.',
    ],
  },
  'too-many-files': {
    en: [
      `More than ${MOST_FILES} logs are in this folder.`,
      'The first ones, by name, were read.',
      'Name a smaller folder or the files themselves.',
    ],
    zh: [
      `这个文件夹里的日志超过 ${MOST_FILES} 个。`,
      '只按名称顺序读取了前面的部分。',
      '给出更小的文件夹，或直接给出文件名。',
    ],
    ru: [
      `В этой папке больше ${MOST_FILES} логов.`,
      'Прочитаны первые по имени.',
      'Укажи папку поменьше или сами файлы.',
    ],
  },
};

/** For any other code of the system. */
const refused = (code: string): Readonly<Record<Lang, Said>> => ({
  en: [
    `It could not be opened (${code}).`,
    'The system refused.',
    'Check that it is a readable file.',
  ],
  zh: [`无法打开（${code}）。`, '系统拒绝了访问。', '确认它是可读的文件。'],
  ru: [`Открыть не удалось (${code}).`, 'Система отказала.', 'Проверь, что это читаемый файл.'],
});

function problem(code: string, name: string, lang: Lang): ProblemData {
  const [what, why, todo] = (WORDS[code] ?? refused(code))[lang];
  return { code: code.toLowerCase(), what, why, do: todo, at: { source: name } };
}
