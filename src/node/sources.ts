/** Files, folders and standard input as streams of bytes; gzip is unpacked on the way. */
import { createReadStream, type Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
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
  /\.(?:log|txt|out|err|stderr|stdout|json|jsonl|ndjson|ipynb|md)(?:\.\d+)?(?:\.gz)?$|^(?:stdout|stderr|log|nohup\.out)$|(?:^|[-_.])(?:log|rank)[-_.]?\d*$/i;

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
        sources.push(fileSource(name));
      }
    } catch (error) {
      problems.push(problem(codeOf(error), name));
    }
  }
  return { sources, problems };
}

function fileSource(name: string): Source {
  return { name, bytes: fileBytes(name) };
}

async function* fileBytes(name: string): AsyncGenerator<Uint8Array> {
  const handle = await open(name, 'r');
  let isGzip = false;
  try {
    const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;
    let turn: 0 | 1 = 0;
    let reading = handle.read(buffers[turn], 0, CHUNK);
    let isFirst = true;
    for (;;) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) return;
      if (isFirst && isGzipHead(buffer)) {
        isGzip = true;
        break;
      }
      isFirst = false;
      turn = turn === 0 ? 1 : 0;
      reading = handle.read(buffers[turn], 0, CHUNK);
      // An error of the read ahead is met at the next turn, not as an unhandled rejection.
      reading.catch(() => undefined);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
  if (isGzip) yield* createReadStream(name).pipe(createGunzip({ chunkSize: CHUNK / 4 }));
}

const isGzipHead = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** Standard input: gzip is known only once the first bytes are there. */
async function* unpacked(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done === true) return;
  const rest = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      yield next.value;
    }
  };
  if (!isGzipHead(first.value)) {
    yield* rest();
    return;
  }
  const { Readable } = await import('node:stream');
  yield* Readable.from(rest()).pipe(createGunzip());
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
      // Links are not followed: a folder may link to its parent.
      if (
        entry.isDirectory() &&
        depth < DEEPEST &&
        entry.name !== 'node_modules' &&
        !entry.name.startsWith('.')
      ) {
        await walk(full, depth + 1);
      } else if (entry.isFile() && LOG_NAME.test(entry.name)) {
        found.push(full);
      }
    }
  };
  await walk(folder, 0);
  if (found.length >= MOST_FILES) problems.push(problem('too-many-files', folder));
  return found;
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
