/** Strings, frames and stacks, interned by value: equal ids mean equal things. */
import { type Frames, NONE, type Stacks } from '../columns.ts';
import { ids, integers } from './growable.ts';

export class Names {
  readonly strings: string[] = [];
  private readonly stringIds = new Map<string, number>();
  private readonly frameIds = new Map<string, number>();
  private readonly stackIds = new Map<string, number>();
  private readonly name = ids();
  private readonly file = ids();
  private readonly line = integers();
  private readonly offsets = ids();
  private readonly members = ids();

  constructor() {
    this.offsets.push(0);
  }

  string(text: string): number {
    const known = this.stringIds.get(text);
    if (known !== undefined) return known;
    const id = this.strings.push(text) - 1;
    this.stringIds.set(text, id);
    return id;
  }

  frame(name: string, file: string, line: number): number {
    const [n, f] = [this.string(name), this.string(file)];
    const key = `${n} ${f} ${line}`;
    const known = this.frameIds.get(key);
    if (known !== undefined) return known;
    const id = this.name.count;
    this.name.push(n);
    this.file.push(f);
    this.line.push(line);
    this.frameIds.set(key, id);
    return id;
  }

  /** @param frames innermost first. @returns a stack, or NONE when there is no frame. */
  stack(frames: readonly number[]): number {
    if (frames.length === 0) return NONE;
    const key = frames.join(' ');
    const known = this.stackIds.get(key);
    if (known !== undefined) return known;
    const id = this.offsets.count - 1;
    for (const frame of frames) this.members.push(frame);
    this.offsets.push(this.members.count);
    this.stackIds.set(key, id);
    return id;
  }

  frames(): Frames {
    return {
      count: this.name.count,
      name: this.name.finish(),
      file: this.file.finish(),
      line: this.line.finish(),
    };
  }

  stacks(): Stacks {
    return {
      count: this.offsets.count - 1,
      offsets: this.offsets.finish(),
      frames: this.members.finish(),
    };
  }
}
