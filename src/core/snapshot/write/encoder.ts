/**
 * What the writer of snapshots asks of an encoding. The calls are those of a depth-first walk:
 * a dict is `openDict, (key, value)…, close`, a list is `openList, (item, value)…, close`.
 *
 * Finished bytes wait in `ready`; whoever drives the walk hands them on between two values, so a file of
 * any size passes through a buffer of about `CHUNK_BYTES`.
 */
import type { KnownText } from '../keys.ts';

/** Bytes that an encoder collects before it hands a chunk on. */
export const CHUNK_BYTES: number = 256 * 1024;

export interface Encoder {
  /** Chunks that are complete, oldest first. The driver takes them out. */
  readonly ready: Uint8Array[];
  /** Opens a dict of `size` entries. `isShared`: it will be referred to again. */
  openDict(size: number, isShared?: boolean): void;
  /** Opens a list of `size` items. `isShared`: it will be referred to again. */
  openList(size: number, isShared?: boolean): void;
  /** Announces the next item of the open list. */
  item(): void;
  /** Closes the innermost dict or list. @returns its reference, or -1 when this encoding has none. */
  close(): number;
  /** Writes a reference that `close` gave. */
  refer(reference: number): void;
  /** A constant string as the key of the next entry. */
  key(word: KnownText): void;
  /** Any string as the key of the next entry: an object of its own. */
  textKey(text: string): void;
  /** A constant string as a value. */
  word(word: KnownText): void;
  /** Any string as a value: an object of its own. */
  text(text: string): void;
  /** An integer; a bigint where it may lie beyond 2^53. */
  int(value: number | bigint): void;
  float(value: number): void;
  bool(value: boolean): void;
  /** A tuple of two integers. */
  pair(a: number, b: number): void;
  /** Ends the file: all that is left goes to `ready`. */
  finish(): void;
}
