/** From the bytes of a snapshot file to its columns. */
import type { Problem } from '../base/problem.ts';
import { phrase } from '../base/texts.ts';
import { Assembler } from '../documents/assembler.ts';
import { PickleReader } from '../documents/pickle.ts';
import { problemAt, Refusal, refuse } from '../documents/refusal.ts';
import { buildSnapshot } from './build.ts';
import type { Snapshot } from './columns.ts';
import { internKnown } from './keys.ts';
import { Rows, type Wanted } from './rows.ts';

export interface ReadProgress {
  /** Bytes that were read, after unpacking. */
  readonly bytes: number;
  readonly events: number;
}

export interface ReadOptions extends Wanted {
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** Exactly one of the two. */
export type ReadResult =
  | { readonly snapshot: Snapshot; readonly problem?: undefined }
  | { readonly snapshot?: undefined; readonly problem: Problem };

/** Reads a snapshot piece by piece. Nothing of a file that is damaged is given out. */
export class SnapshotReader {
  private readonly options: ReadOptions;
  private readonly rows: Rows;
  private readonly assembler: Assembler;
  private readonly pickle: PickleReader;
  private bytes = 0;
  private problem: Problem | undefined;

  constructor(options: ReadOptions = {}) {
    this.options = options;
    this.rows = new Rows(options);
    this.assembler = new Assembler(this.rows);
    this.rows.attach(this.assembler);
    internKnown(this.assembler.texts);
    this.assembler.pushNumber(0);
    this.assembler.pushNumber(0);
    this.assembler.tuple(2);
    this.rows.poolOf(this.assembler.valueAt(0));
    this.rows.streamOf(0);
    this.assembler.sp = 0;
    this.pickle = new PickleReader(this.assembler);
  }

  /** Takes a piece; it may be used again afterwards. Never throws: a refusal comes out of `finish`. */
  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.problem !== undefined) return;
    this.guard(() => this.pickle.push(chunk));
    this.options.onProgress?.({ bytes: this.bytes, events: this.rows.events.count });
  }

  /** True once the file was refused: no further piece changes that. */
  get isRefused(): boolean {
    return this.problem !== undefined;
  }

  finish(): ReadResult {
    let snapshot: Snapshot | undefined;
    if (this.problem === undefined) {
      this.guard(() => {
        this.pickle.finish();
        this.assembler.memo = new Int32Array();
        const { protocol } = this.pickle;
        snapshot = buildSnapshot(
          this.assembler,
          this.rows,
          this.assembler.valueAt(0),
          {
            container: 'pickle',
            ...(protocol === undefined ? {} : { protocol }),
            bytes: this.bytes,
            wanted: this.options,
          },
          [],
        );
      });
    }
    if (this.problem !== undefined) return { problem: this.problem };
    return snapshot === undefined ? { problem: noSnapshot() } : { snapshot };
  }

  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      const refusal = error instanceof Refusal ? error : asRefusal(error);
      this.problem = problemAt(refusal, this.pickle.offset, this.pickle.opcodeName);
    }
  }
}

/** Allocation failures of the engine are a matter of this file's size; anything else is a bug of ours. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof RangeError) return refuse('memory');
  throw error;
}

const noSnapshot = (): Problem => ({
  code: 'snapshot-other-data',
  what: phrase({
    en: 'The file holds data, but no memory snapshot.',
    zh: '文件中有数据，但不是内存快照。',
    ru: 'В файле есть данные, но это не снимок памяти.',
  }),
  why: phrase({
    en: 'It has neither "segments" nor "device_traces".',
    zh: '其中既没有“segments”也没有“device_traces”。',
    ru: 'В нём нет ни «segments», ни «device_traces».',
  }),
  todo: phrase({
    en: 'Record one with torch.cuda.memory._dump_snapshot().',
    zh: '请用 torch.cuda.memory._dump_snapshot() 录制快照。',
    ru: 'Сними его через torch.cuda.memory._dump_snapshot().',
  }),
});

/** Reads a snapshot from a stream of bytes. Errors of the stream itself are the caller's. */
export async function readSnapshot(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<ReadResult> {
  const reader = new SnapshotReader(options);
  for await (const chunk of chunks) {
    reader.push(chunk);
    if (reader.isRefused) break;
  }
  return reader.finish();
}
