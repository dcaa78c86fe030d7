/**
 * Allocations of a job in their order. Made of parts, so that a step that comes again is not written down again.
 */
import { inGrains, type Recording, type Storage } from './rehearsal/rehearsal.ts';

export interface ProgramPart {
  /** A storage that comes, or `~storage` that goes; `shift` is added to its number. */
  readonly events: Int32Array;
  readonly shift: number;
  /** Bytes of storages that come here, from the one of number `from` on. */
  readonly sizes: Float64Array;
  readonly from: number;
}

export interface Program {
  readonly parts: readonly ProgramPart[];
  /** How many storages there are in all. */
  readonly storages: number;
  /** The highest instant. Bytes. */
  readonly allocated: number;
  /** The highest instant after `first`. */
  readonly later: number;
  /** Until the first step of the optimizer: parts, and the highest instant. */
  readonly first: { readonly parts: number; readonly allocated: number };
}

/** Writes a program: single storages, and recorded steps between them. */
export class ProgramWriter {
  readonly #parts: ProgramPart[] = [];
  #events: number[] = [];
  #sizes: number[] = [];
  /** Storages before those of the part that is being written. */
  #from = 0;
  #storages = 0;
  /** By number; of recorded steps only what is still to go. */
  readonly #bytes = new Map<Storage, number>();
  #total = 0;
  #gradients: Storage[] = [];
  peak = 0;

  allocate(bytes: number): Storage {
    const size = inGrains(bytes);
    const storage = this.#storages;
    this.#storages += 1;
    this.#events.push(storage);
    this.#sizes.push(size);
    this.#bytes.set(storage, size);
    this.#total += size;
    this.peak = Math.max(this.peak, this.#total);
    return storage;
  }

  drop(...storages: readonly Storage[]): void {
    for (const storage of storages) {
      this.#events.push(~storage);
      this.#total -= this.#bytes.get(storage) ?? 0;
      this.#bytes.delete(storage);
    }
  }

  repeat({ events, sizes, peak, total, gradients }: Recording): void {
    this.#close();
    const shift = this.#storages;
    this.#parts.push({ events, shift, sizes, from: 0 });
    this.#storages += sizes.length;
    this.#from = this.#storages;
    this.peak = Math.max(this.peak, this.#total + peak);
    this.#total += total;
    for (const storage of gradients) {
      this.#gradients.push(shift + storage);
      this.#bytes.set(shift + storage, sizes[storage] as number);
    }
  }

  /** Gradients that recorded steps have left since this was asked last. */
  takeGradients(): readonly Storage[] {
    const taken = this.#gradients;
    this.#gradients = [];
    return taken;
  }

  /** All parts so far. */
  parts(): readonly ProgramPart[] {
    this.#close();
    return this.#parts;
  }

  get storages(): number {
    return this.#storages;
  }

  #close(): void {
    if (this.#events.length > 0) {
      const [events, sizes] = [Int32Array.from(this.#events), Float64Array.from(this.#sizes)];
      this.#parts.push({ events, shift: 0, sizes, from: this.#from });
    }
    this.#events = [];
    this.#sizes = [];
    this.#from = this.#storages;
  }
}
