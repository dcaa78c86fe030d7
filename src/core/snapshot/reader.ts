/** From the bytes of a snapshot file to its columns. */
import type { Problem } from '../base/problem.ts';
import { say, type TextTable } from '../base/texts.ts';
import { Assembler } from '../documents/assembler.ts';
import { JsonReader } from '../documents/json-stream.ts';
import { PickleReader } from '../documents/pickle.ts';
import { problemAt, Refusal, refuse } from '../documents/refusal.ts';
import { buildSnapshot } from './build.ts';
import type { Snapshot } from './columns.ts';
import { cutSnapshot, eventsBefore } from './cut.ts';
import { type Format, firstMeaningful, formatProblem, SNIFF_BYTES, sniff } from './format.ts';
import { internKnown } from './keys.ts';
import { Rows, type Wanted } from './rows.ts';

export interface ReadProgress {
  /** Bytes that were read, after unpacking. */
  readonly bytes: number;
  readonly events: number;
}

export interface ReadOptions extends Wanted {
  /** Called after each piece. */
  readonly onProgress?: (progress: ReadProgress) => void;
  /** Bytes of the file, when known: columns are then allocated once. Too large a figure costs addresses only. */
  readonly sizeHint?: number;
}

/** Exactly one of the two. */
export type ReadResult =
  | { readonly snapshot: Snapshot; readonly problem?: undefined }
  | { readonly snapshot?: undefined; readonly problem: Problem };

/**
 * Reads a snapshot piece by piece: a pickle or JSON, unpacked. A file that is damaged, that wants to run
 * code or that is something else gives a problem with the place; nothing of it is given out.
 */
export class SnapshotReader {
  private readonly options: ReadOptions;
  private readonly wanted: Wanted;
  private readonly rows: Rows;
  private readonly assembler: Assembler;
  private format: Format | undefined;
  private pickle: PickleReader | undefined;
  private json: JsonReader | undefined;
  /** The first bytes, until they tell what the file is. */
  private head: Uint8Array = new Uint8Array();
  /** Of all pieces that were taken. */
  private bytes = 0;
  private bytesBeforeEvents = 0;
  private problem: Problem | undefined;

  constructor(options: ReadOptions = {}) {
    this.options = options;
    this.wanted = fromStart(options);
    this.rows = new Rows(this.wanted, (count) => this.forecast(count, this.bytesBeforeEvents));
    this.assembler = new Assembler(this.rows);
    this.assembler.forecast = (count) => this.forecast(count, 0);
    this.rows.attach(this.assembler);
    internKnown(this.assembler.texts);
    // The default pool and the default stream come first, whether the file names them or not.
    this.rows.poolOf(this.assembler.pairOf(0, 0));
    this.rows.streamOf(0);
  }

  /** Takes a piece; it may be used again afterwards. Never throws for what is in it: see `finish`. */
  push(chunk: Uint8Array): void {
    if (this.problem === undefined) this.guard(() => this.take(chunk));
    this.bytes += chunk.length;
    if (this.problem !== undefined) return;
    if (this.rows.events.count === 0) this.bytesBeforeEvents = this.bytes;
    this.options.onProgress?.({ bytes: this.bytes, events: this.rows.events.count });
  }

  /** True once the file was refused: no further piece changes that. */
  get isRefused(): boolean {
    return this.problem !== undefined;
  }

  finish(): ReadResult {
    const snapshot = this.guard(() => this.complete());
    if (this.problem !== undefined) return { problem: this.problem };
    return snapshot === undefined ? { problem: noSnapshot() } : { snapshot };
  }

  /**
   * How many entries there will be when `count` of them came with the bytes from `start` on: some more than
   * it looks like, for what is never used is never paid.
   */
  private forecast(count: number, start: number): number {
    const read = this.bytes - start;
    const all = (this.options.sizeHint ?? 0) - start;
    if (read <= 0 || read >= all) return count * 1.5;
    return Math.min((count * 1.1 * all) / read, all / LEAST_BYTES, MOST_FORECAST);
  }

  private take(chunk: Uint8Array): void {
    // Plain arrays only, whatever class the caller's are of: the loops are compiled for one.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.format !== undefined) {
      this.pickle?.push(bytes);
      this.json?.push(bytes);
      return;
    }
    const head = new Uint8Array(this.head.length + bytes.length);
    head.set(this.head);
    head.set(bytes, this.head.length);
    const at = firstMeaningful(head);
    // Blanks before JSON say nothing; a mile of them is no snapshot.
    if (at === head.length && head.length < SNIFF_BYTES << 10) this.head = head;
    else if (head.length < SNIFF_BYTES && head[0] !== PROTO) this.head = head;
    else this.begin(head);
  }

  private begin(head: Uint8Array): void {
    const format = sniff(head);
    this.head = new Uint8Array();
    if (format === 'pickle') {
      this.format = format;
      this.pickle = new PickleReader(this.assembler);
      this.pickle.push(head);
    } else if (format === 'json') {
      this.format = format;
      this.json = new JsonReader(this.assembler);
      this.json.push(head[0] === BOM ? head.fill(SPACE, 0, 3) : head);
    } else this.problem = formatProblem(format);
  }

  private complete(): Snapshot | undefined {
    if (this.problem !== undefined) return undefined;
    if (this.format === undefined) this.begin(this.head);
    this.pickle?.finish();
    this.json?.finish();
    const reader = this.pickle ?? this.json;
    if (this.format === undefined || reader === undefined) return undefined;
    const protocol = this.pickle?.protocol;
    this.assembler.forgetMemo();
    const snapshot = buildSnapshot(this.assembler, this.rows, this.assembler.valueAt(0), {
      container: this.format,
      ...(protocol === undefined ? {} : { protocol }),
      bytes: this.bytes,
      wanted: this.wanted,
      problems: problemsOf(reader),
    });
    return snapshot === undefined ? undefined : endedAt(snapshot, this.options);
  }

  private guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const refusal = error instanceof Refusal ? error : asRefusal(error);
      const offset = this.pickle?.offset ?? this.json?.offset ?? 0;
      this.problem = problemAt(refusal, offset, this.pickle?.opcodeName ?? 'JSON');
      return undefined;
    }
  }
}

/** What is wanted without its ends: what comes later is read too, as the state in the file is that of its end. */
function fromStart({ device, time, sinceFirst, events }: Wanted): Wanted {
  const open = ([from]: readonly [number, number]): readonly [number, number] => [from, NEVER];
  return {
    ...(device === undefined ? {} : { device }),
    ...(time === undefined ? {} : { time: open(time) }),
    ...(sinceFirst === undefined ? {} : { sinceFirst: open(sinceFirst) }),
    ...(events === undefined ? {} : { events: open(events) }),
  };
}

/** The snapshot up to where the caller wants it to end. */
function endedAt(snapshot: Snapshot, { time, sinceFirst, events }: Wanted): Snapshot {
  const first = snapshot.firstTime;
  const ends = [
    time?.[1] ?? NEVER,
    first === undefined ? NEVER : first + (sinceFirst?.[1] ?? NEVER),
  ];
  const byTime = Math.min(...ends);
  const byNumber = events?.[1] ?? NEVER;
  return cutSnapshot(snapshot, (device) =>
    Math.min(eventsBefore(device, byTime), byNumber - (device.firstEvent ?? 0)),
  );
}

const NEVER = Number.POSITIVE_INFINITY;

/** An entry of the memo or an event takes at least so many bytes of a file. */
const LEAST_BYTES = 8;
/** Entries: more than that is not believed, only grown to. */
const MOST_FORECAST = 2 ** 28;
const PROTO = 0x80;
const BOM = 0xef;
const SPACE = 0x20;

/** Without room for an array the file is too large here; anything else is a bug of ours. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof RangeError) return refuse('memory');
  throw error;
}

type Key =
  | 'other'
  | 'other_why'
  | 'other_todo'
  | 'rounded'
  | 'rounded_why'
  | 'rounded_todo'
  | 'trailing'
  | 'trailing_why'
  | 'trailing_todo'
  | 'stream'
  | 'stream_why'
  | 'stream_todo';

const TEXTS: TextTable<Key> = {
  en: {
    other: 'The file holds data, but no memory snapshot.',
    other_why: 'It has neither "segments" nor "device_traces", nor is it a list of segments.',
    other_todo: 'Record one with torch.cuda.memory._dump_snapshot().',
    rounded: '{count} integers lie beyond 2^53 and were rounded.',
    rounded_why: 'The first of them is at byte {offset}.',
    rounded_todo: 'Addresses of CUDA devices are smaller: check which backend wrote the file.',
    trailing: '{count} bytes follow the end of the snapshot and were not read.',
    trailing_why: 'The snapshot itself is complete.',
    trailing_todo: 'If several snapshots were written to one file, split it.',
    stream: 'The file could not be read to its end: {message}',
    stream_why: 'Reading its bytes failed before the end.',
    stream_todo: 'Copy it again; a packed file may be cut.',
  },
  zh: {
    other: '文件中有数据，但不是内存快照。',
    other_why: '其中既没有“segments”也没有“device_traces”，也不是段的列表。',
    other_todo: '用 torch.cuda.memory._dump_snapshot() 录制快照。',
    rounded: '有 {count} 个整数超过 2^53，已被舍入。',
    rounded_why: '第一个位于第 {offset} 字节。',
    rounded_todo: 'CUDA 设备的地址没有这么大：确认文件由哪个后端写出。',
    trailing: '快照结束之后还有 {count} 字节，没有读取。',
    trailing_why: '快照本身是完整的。',
    trailing_todo: '如果把多个快照写进了同一个文件，把它拆开。',
    stream: '文件没能读到末尾：{message}',
    stream_why: '读取字节时在末尾之前出错。',
    stream_todo: '重新复制；压缩文件可能被截断。',
  },
  ru: {
    other: 'В файле есть данные, но это не снимок памяти.',
    other_why: 'В нём нет ни «segments», ни «device_traces», и это не список сегментов.',
    other_todo: 'Сними снимок через torch.cuda.memory._dump_snapshot().',
    rounded: 'Целых чисел больше 2^53, которые пришлось округлить: {count}.',
    rounded_why: 'Первое из них на байте {offset}.',
    rounded_todo: 'Адреса устройств CUDA меньше: проверь, какой бэкенд записал файл.',
    trailing: 'После конца снимка есть ещё байты: {count}; они не прочитаны.',
    trailing_why: 'Сам снимок полон.',
    trailing_todo: 'Если в один файл записано несколько снимков, раздели его.',
    stream: 'Файл не удалось прочитать до конца: {message}',
    stream_why: 'Чтение байтов прервалось до конца.',
    stream_todo: 'Скопируй его заново; сжатый файл мог оборваться.',
  },
};

const noSnapshot = (): Problem => ({
  code: 'snapshot-other-data',
  what: say(TEXTS, 'other'),
  why: say(TEXTS, 'other_why'),
  todo: say(TEXTS, 'other_todo'),
});

function problemsOf(reader: PickleReader | JsonReader): Problem[] {
  const problems: Problem[] = [];
  if (reader.roundedIntegers > 0) {
    problems.push({
      code: 'snapshot-rounded-integers',
      what: say(TEXTS, 'rounded', { count: reader.roundedIntegers }),
      why: say(TEXTS, 'rounded_why', { offset: reader.firstRounded }),
      todo: say(TEXTS, 'rounded_todo'),
    });
  }
  if (reader.trailing > 0) {
    problems.push({
      code: 'snapshot-trailing-bytes',
      what: say(TEXTS, 'trailing', { count: reader.trailing }),
      why: say(TEXTS, 'trailing_why'),
      todo: say(TEXTS, 'trailing_todo'),
    });
  }
  return problems;
}

/** Reads a snapshot from a stream of unpacked bytes. An error of the stream becomes a problem too. */
export async function readSnapshot(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<ReadResult> {
  const reader = new SnapshotReader(options);
  const pieces = iteratorOf(chunks);
  let isDone = false;
  while (!isDone && !reader.isRefused) {
    let piece: IteratorResult<Uint8Array>;
    try {
      piece = await pieces.next();
    } catch (error) {
      return { problem: streamProblem(error) };
    }
    isDone = piece.done === true;
    if (piece.done !== true) reader.push(piece.value);
  }
  // A refused file is not read further; its stream may be closed.
  if (!isDone) await Promise.resolve(pieces.return?.()).catch(() => undefined);
  return reader.finish();
}

const iteratorOf = (
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterator<Uint8Array> | Iterator<Uint8Array> =>
  Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();

function streamProblem(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'snapshot-unreadable',
    what: say(TEXTS, 'stream', { message: message.slice(0, 200) }),
    why: say(TEXTS, 'stream_why'),
    todo: say(TEXTS, 'stream_todo'),
  };
}
