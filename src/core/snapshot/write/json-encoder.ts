/**
 * JSON as Python's json.dump writes it: ASCII only, ", " and ": " between things. It has no references,
 * so every stack is written out each time.
 */
import type { KnownText } from '../keys.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { CHUNK_BYTES, type Encoder } from './encoder.ts';

const NON_ASCII = /[\u007f-\uffff]/g;

export class JsonEncoder implements Encoder {
  readonly ready: Uint8Array[] = [];
  private readonly out = new ByteBuffer();
  private readonly ends: string[] = [];
  /** Nothing stands in the innermost container yet. */
  private isFirst = true;

  openDict(): void {
    this.raw('{');
    this.ends.push('}');
    this.isFirst = true;
  }

  openList(): void {
    this.raw('[');
    this.ends.push(']');
    this.isFirst = true;
  }

  item(): void {
    if (!this.isFirst) this.raw(', ');
    this.isFirst = false;
    if (this.out.at >= CHUNK_BYTES) this.ready.push(this.out.take());
  }

  close(): number {
    this.raw(this.ends.pop() ?? '');
    this.isFirst = false;
    return -1;
  }

  refer(): void {
    throw new Error('JSON has no references');
  }

  key(word: KnownText): void {
    this.textKey(word);
  }

  textKey(text: string): void {
    this.item();
    this.text(text);
    this.raw(': ');
  }

  word(word: KnownText): void {
    this.text(word);
  }

  text(text: string): void {
    this.raw(JSON.stringify(text).replace(NON_ASCII, escaped));
  }

  int(value: number | bigint): void {
    this.raw(String(value));
  }

  float(value: number): void {
    this.raw(Number.isInteger(value) ? value.toFixed(1) : String(value));
  }

  bool(value: boolean): void {
    this.raw(value ? 'true' : 'false');
  }

  pair(a: number, b: number): void {
    this.raw(`[${a}, ${b}]`);
  }

  finish(): void {
    this.ready.push(this.out.take());
  }

  private raw(text: string): void {
    this.out.utf8(text);
  }
}

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
