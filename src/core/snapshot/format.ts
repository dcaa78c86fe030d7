/** What a file is, by its first bytes. */
import type { Problem } from '../base/problem.ts';
import { say, type TextTable } from '../base/texts.ts';

export type Format = 'pickle' | 'json';
type Other = 'gzip' | 'zip' | 'sqlite' | 'old_pickle' | 'empty' | 'unknown';
export type Sniffed = Format | Other;

const SQLITE: readonly number[] = [...'SQLite format 3'].map((c) => c.charCodeAt(0));
/** As many bytes as any format needs to show itself. */
export const SNIFF_BYTES: number = SQLITE.length;

/** Spaces, line ends and a byte order mark may stand before JSON. */
export function firstMeaningful(head: Uint8Array): number {
  let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  while (at < head.length && isSpace(head[at] as number)) at += 1;
  return at;
}

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

export function sniff(head: Uint8Array): Sniffed {
  const [first, second] = head;
  if (first === undefined) return 'empty';
  if (first === 0x80) return 'pickle';
  if (first === 0x1f && second === 0x8b) return 'gzip';
  if (first === 0x50 && second === 0x4b) return 'zip';
  if (SQLITE.every((byte, i) => head[i] === byte)) return 'sqlite';
  const at = firstMeaningful(head);
  if (at === head.length) return 'empty';
  const byte = head[at];
  // A text pickle begins with (d, (l or (i; no JSON does.
  if (byte === 0x28) return 'old_pickle';
  return byte === 0x7b || byte === 0x5b ? 'json' : 'unknown';
}

/** Keys that stand near the beginning of every snapshot. */
const SIGNS: readonly (readonly number[])[] = [
  'device_traces',
  'segments',
  'segment_type',
  'total_size',
  'free_completed',
].map((text) => [...text].map((c) => c.charCodeAt(0)));
/** How far the keys are looked for. */
const SIGN_REACH = 1 << 16;

/**
 * Whether the file that begins like this should be given to the snapshot reader: any pickle, and JSON that
 * has a snapshot's keys in its first 64 KiB. Gzip has to be unpacked before: its head tells nothing.
 */
export function looksLikeSnapshot(head: Uint8Array): boolean {
  const format = sniff(head);
  if (format === 'pickle') {
    const protocol = head[1] ?? 0;
    return protocol >= 2 && protocol <= 5;
  }
  return format === 'json' && SIGNS.some((sign) => contains(head, sign));
}

function contains(head: Uint8Array, sign: readonly number[]): boolean {
  const first = sign[0] as number;
  const last = Math.min(head.length, SIGN_REACH) - sign.length;
  for (let at = head.indexOf(first); at >= 0 && at <= last; at = head.indexOf(first, at + 1)) {
    let same = 1;
    while (same < sign.length && head[at + same] === sign[same]) same += 1;
    if (same === sign.length) return true;
  }
  return false;
}

type Key = Other | 'why' | 'todo' | 'todo_gzip' | 'todo_zip' | 'todo_sqlite' | 'todo_old_pickle';

const TEXTS: TextTable<Key> = {
  en: {
    gzip: 'The file is packed (gzip).',
    zip: 'The file is a zip archive, such as torch.save writes; it is no memory snapshot.',
    sqlite: 'The file is an SQLite database; that form of a snapshot cannot be read yet.',
    old_pickle: 'The file looks like a pickle of protocol 0 or 1.',
    empty: 'The file is empty.',
    unknown: 'The file is neither a pickle nor JSON.',
    why: 'Its first bytes tell.',
    todo: 'Give the file that torch.cuda.memory._dump_snapshot() wrote.',
    todo_gzip: 'Unpack it first, or give its path to the command, which unpacks it.',
    todo_zip:
      'If the snapshot is inside, unpack it. Otherwise record one with torch.cuda.memory._dump_snapshot().',
    todo_sqlite: 'Write it as a pickle with torch.cuda.memory._dump_snapshot().',
    todo_old_pickle:
      'Write it with torch.cuda.memory._dump_snapshot(), or pickle.dump(…, protocol=4).',
  },
  zh: {
    gzip: '文件是压缩的（gzip）。',
    zip: '文件是 zip 归档（torch.save 写出的就是这种），不是内存快照。',
    sqlite: '文件是 SQLite 数据库；这种形式的快照目前还不能读取。',
    old_pickle: '文件看起来是协议 0 或 1 的 pickle。',
    empty: '文件是空的。',
    unknown: '文件既不是 pickle，也不是 JSON。',
    why: '由文件开头的字节判断。',
    todo: '请提供 torch.cuda.memory._dump_snapshot() 写出的文件。',
    todo_gzip: '请先解压，或把路径直接交给命令，由它解压。',
    todo_zip: '如果快照在归档里，请先解包；否则请用 torch.cuda.memory._dump_snapshot() 录制。',
    todo_sqlite: '请用 torch.cuda.memory._dump_snapshot() 写成 pickle。',
    todo_old_pickle: '请用 torch.cuda.memory._dump_snapshot() 或 pickle.dump(…, protocol=4) 写出。',
  },
  ru: {
    gzip: 'Файл сжат (gzip).',
    zip: 'Это архив zip, какие пишет torch.save, а не снимок памяти.',
    sqlite: 'Это база SQLite; снимки в таком виде пока не читаются.',
    old_pickle: 'Похоже на pickle протокола 0 или 1.',
    empty: 'Файл пуст.',
    unknown: 'Это не pickle и не JSON.',
    why: 'Это видно по первым байтам.',
    todo: 'Укажи файл, который записал torch.cuda.memory._dump_snapshot().',
    todo_gzip: 'Сначала распакуй его или передай путь команде: она распакует сама.',
    todo_zip:
      'Если снимок лежит внутри, распакуй архив. Иначе сними его через torch.cuda.memory._dump_snapshot().',
    todo_sqlite: 'Запиши его в виде pickle через torch.cuda.memory._dump_snapshot().',
    todo_old_pickle:
      'Запиши его через torch.cuda.memory._dump_snapshot() или pickle.dump(…, protocol=4).',
  },
};

const TODO: Readonly<Record<Other, Key>> = {
  gzip: 'todo_gzip',
  zip: 'todo_zip',
  sqlite: 'todo_sqlite',
  old_pickle: 'todo_old_pickle',
  empty: 'todo',
  unknown: 'todo',
};

export function formatProblem(format: Other): Problem {
  return {
    code: `snapshot-${format.replaceAll('_', '-')}`,
    what: say(TEXTS, format),
    why: say(TEXTS, 'why'),
    todo: say(TEXTS, TODO[format]),
  };
}
