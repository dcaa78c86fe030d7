/** Files, folders and standard input as streams of bytes; gzip is unpacked on the way. */
import { constants, type Dirent } from 'node:fs';
import { access, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ProblemData, Source } from '../core/index.ts';

/** Bytes read at once; two buffers take turns, so that reading and scanning overlap. */
const CHUNK = 4 * 1024 * 1024;
/** Files taken from one folder, and folders entered below it. */
const MOST_FILES = 2000;
const DEEPEST = 6;

export interface Opened {
  readonly sources: readonly Source[];
  readonly problems: readonly ProblemData[];
}

/** Files in a folder that can be logs; everything else there is left alone. */
const LOG_NAME =
  /\.(?:log|txt|out|err|stderr|stdout|json|jsonl|ndjson|ipynb|md|csv|xml|smi)(?:\.\d+)?(?:\.gz)?$|^(?:stdout|stderr|log|nohup\.out|dmesg|messages|syslog|kern|nvidia-smi)$|(?:^|[-_.])(?:log|rank)[-_.]?\d*$/i;

/** Opens what the user named: files, folders, "-" for standard input. */
export async function openSources(names: readonly string[]): Promise<Opened> {
  const sources: Source[] = [];
  const problems: ProblemData[] = [];
  for (const name of names) {
    if (name === '-') {
      sources.push({ name: '-', bytes: unpacked(process.stdin) });
      continue;
    }
    try {
      const info = await stat(name);
      if (info.isDirectory()) {
        const found = await filesBelow(name, problems);
        if (found.length === 0) problems.push(problem('empty-folder', name));
        for (const file of found) sources.push(fileSource(file));
      } else {
        await access(name, constants.R_OK);
        sources.push(fileSource(name));
      }
    } catch (error) {
      problems.push(problem(codeOf(error), name));
    }
  }
  return { sources, problems };
}

function fileSource(name: string): Source {
  return { name, bytes: unpacked(fileBytes(name)) };
}

/** The file's bytes, read ahead by one buffer while the other is being scanned. */
async function* fileBytes(name: string): AsyncGenerator<Uint8Array> {
  const handle = await open(name, 'r');
  try {
    const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;
    let turn: 0 | 1 = 0;
    let reading = handle.read(buffers[turn], 0, CHUNK);
    for (;;) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) return;
      turn = turn === 0 ? 1 : 0;
      reading = handle.read(buffers[turn], 0, CHUNK);
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
  const source = Readable.from(packed, { objectMode: false });
  source.on('error', (error) => unpacker.destroy(error));
  source.pipe(unpacker);
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
    source.destroy();
    unpacker.destroy();
  }
}

async function filesBelow(folder: string, problems: ProblemData[]): Promise<string[]> {
  const found: string[] = [];
  const walk = async (path: string, depth: number): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      problems.push(problem(codeOf(error), path));
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
  if (found.length >= MOST_FILES) problems.push(problem('too-many-files', folder));
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

const WORDS: Readonly<Record<string, readonly [what: string, why: string, todo: string]>> = {
  ENOENT: [
    'There is no such file.',
    'The path names nothing.',
    'Check the path, or pipe the text: … | unoom diagnose -',
  ],
  EACCES: ['It may not be read.', 'Its permissions forbid it.', 'Run as its owner, or copy it.'],
  'empty-folder': [
    'No log is in this folder.',
    'Logs end in .log, .txt, .out, .err or the like.',
    'Name the files themselves.',
  ],
  'too-many-files': [
    `More than ${MOST_FILES} logs are in this folder.`,
    'The first ones, by name, were read.',
    'Name a smaller folder or the files themselves.',
  ],
};

function problem(code: string, name: string): ProblemData {
  const [what, why, todo] = WORDS[code] ?? [
    `It could not be opened (${code}).`,
    'The system refused.',
    'Check that it is a readable file.',
  ];
  return { code: code.toLowerCase(), what, why, do: todo, at: { source: name } };
}
