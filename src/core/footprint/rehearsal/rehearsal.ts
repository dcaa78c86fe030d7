/**
 * A rehearsal runs a part of a model with sizes only: which storages come to be, who holds them and
 * when they go, as eager PyTorch would do it. Two kinds of holders exist: names of the Python program
 * and the graph that autograd keeps for the backward pass. Nothing is computed.
 *
 * Everything is counted by storage, as the caching allocator sees it: views are free, and each
 * storage takes a multiple of 512 bytes.
 */

/** What a storage is for. Indices of the sums by kind. */
export const Kind = {
  /** Activations: of the forward pass, kept by the graph or by a name, and their gradients. */
  activation: 0,
  /** Gradients of weights. */
  gradient: 1,
  /** Outputs over the vocabulary or the classes, the loss, and their gradients. */
  logits: 2,
  /** Copies of weights: casts under autocast, dequantised weights. */
  copy: 3,
  /** Weights gathered from other ranks, and whole gradients on their way to them. */
  gathered: 4,
} as const;

export type Kind = (typeof Kind)[keyof typeof Kind];

export const KINDS = 5;

/** Bytes by kind. */
export type ByKind = Float64Array;

/** The smallest block of the caching allocator. */
const GRAIN = 512;

/** Number of a storage. */
export type Storage = number;

/** A tensor of the program: a storage, and what autograd has to know of it. */
export interface Tensor {
  readonly storage: Storage;
  /** Bytes of one element. */
  readonly width: number;
  readonly elements: number;
  readonly needsGrad: boolean;
  /** The gradient gathered so far in the backward pass; absent before the first part of it. */
  grad?: Storage | undefined;
  /** What a product keeps in place of this tensor: the part it was gathered from. */
  readonly kept?: Storage;
}

type Backward = (grad: Storage) => void;

interface Node {
  readonly output: Tensor;
  readonly saved: readonly Storage[];
  readonly backward: Backward;
}

/** What happened in a rehearsal that began with nothing, to be run again in others. */
export interface Recording {
  /** In order: a storage that came, or `~storage` that went. */
  readonly events: readonly number[];
  /** Bytes of each storage, and its stream. */
  readonly sizes: readonly number[];
  readonly streams: readonly number[];
  readonly peak: number;
  readonly atPeak: ByKind;
  /** Storages that were held at its end. */
  readonly left: readonly { readonly storage: Storage; readonly kind: Kind }[];
}

/** What is done in the backward pass whatever gradients there are. */
type Hook = () => void;

export class Rehearsal {
  /** False under no_grad and inference_mode, and in the first pass of a checkpointed part. */
  gradMode: boolean;
  readonly live: ByKind = new Float64Array(KINDS);
  total = 0;
  /** Sum at the highest instant since the last mark, and what it consisted of. */
  peak = 0;
  readonly atPeak: ByKind = new Float64Array(KINDS);
  readonly sizes: number[] = [];
  /** The stream that each storage belongs to. */
  readonly streams: number[] = [];
  readonly #kinds: Kind[] = [];
  readonly #holders: number[] = [];
  #nodes: (Node | Hook)[] = [];
  /** Casts of weights that autocast keeps to the end of the forward pass though no graph does. */
  readonly cached: Storage[] = [];
  /** What happened in order, where it is asked for: a storage that came, or `~storage` that went. */
  readonly trace: number[] | undefined;

  constructor(gradMode: boolean, trace?: number[]) {
    this.gradMode = gradMode;
    this.trace = trace;
  }

  /** A new storage with one holder. */
  allocate(bytes: number, kind: Kind = Kind.activation, stream = 0): Storage {
    const size = Math.ceil(Math.max(bytes, 1) / GRAIN) * GRAIN;
    const storage = this.sizes.length;
    this.sizes.push(size);
    this.streams.push(stream);
    this.#kinds.push(kind);
    this.#holders.push(1);
    this.trace?.push(storage);
    this.total += size;
    (this.live[kind] as number) += size;
    if (this.total > this.peak) {
      this.peak = this.total;
      this.atPeak.set(this.live);
    }
    return storage;
  }

  hold(storage: Storage): Storage {
    if (this.#holders[storage] === 0) throw new Error(`storage ${storage} was held after it went`);
    (this.#holders[storage] as number) += 1;
    return storage;
  }

  drop(...storages: readonly Storage[]): void {
    for (const storage of storages) {
      const left = (this.#holders[storage] as number) - 1;
      this.#holders[storage] = left;
      if (left > 0) continue;
      if (left < 0) throw new Error(`storage ${storage} was dropped twice`);
      const size = this.sizes[storage] as number;
      this.trace?.push(~storage);
      this.total -= size;
      (this.live[this.#kinds[storage] as Kind] as number) -= size;
    }
  }

  /** Allocates and lets go at once: scratch that counts for the peak alone. */
  touch(bytes: number, kind: Kind = Kind.activation): void {
    this.drop(this.allocate(bytes, kind));
  }

  tensor(
    elements: number,
    width: number,
    needsGrad: boolean,
    kind: Kind = Kind.activation,
  ): Tensor {
    return {
      storage: this.allocate(elements * width, kind),
      width,
      elements,
      needsGrad: needsGrad && this.gradMode,
    };
  }

  /** The same storage under another name. */
  view(of: Tensor): Tensor {
    this.hold(of.storage);
    return of;
  }

  release(...tensors: readonly Tensor[]): void {
    for (const tensor of tensors) this.drop(tensor.storage);
  }

  /**
   * Records how the gradient of `output` goes on. The saved storages are held until then. `backward`
   * is given the gradient of the output, which it does not have to drop.
   */
  record(output: Tensor, saved: readonly Storage[], backward: Backward): void {
    if (!output.needsGrad) return;
    for (const storage of saved) this.hold(storage);
    this.#nodes.push({ output, saved, backward });
  }

  /** Done when the backward pass comes to this place. */
  hook(done: Hook): void {
    this.#nodes.push(done);
  }

  /** Adds to the gradient of a tensor: the first part is taken over, later ones are added in place. */
  accumulate(tensor: Tensor, grad: Storage): void {
    if (!tensor.needsGrad) {
      this.drop(grad);
      return;
    }
    const before = tensor.grad;
    if (before === undefined) {
      tensor.grad = grad;
      return;
    }
    if (this.#holders[before] === 1) {
      this.drop(grad);
      return;
    }
    if (this.#holders[grad] === 1) {
      this.drop(before);
      tensor.grad = grad;
      return;
    }
    tensor.grad = this.allocate(tensor.elements * tensor.width, this.#kinds[before] as Kind);
    this.drop(before, grad);
  }

  /** The backward pass over everything recorded since the last one, from the gradients given. */
  backward(): void {
    const nodes = this.#nodes;
    this.#nodes = [];
    for (let i = nodes.length - 1; i >= 0; i -= 1) {
      const node = nodes[i] as Node | Hook;
      if (typeof node === 'function') {
        node();
        continue;
      }
      const { output, saved, backward } = node;
      const grad = output.grad;
      if (grad !== undefined) {
        // The engine keeps the gradient of the output until the function has returned.
        backward(grad);
        output.grad = undefined;
        this.drop(grad);
      }
      this.drop(...saved);
    }
  }

  /** Storages of a kind that are still held, of those that came from one on. */
  held(kind: Kind, from: Storage = 0): readonly Storage[] {
    const result: Storage[] = [];
    for (let i = from; i < this.sizes.length; i += 1) {
      if (this.#kinds[i] === kind && (this.#holders[i] as number) > 0) result.push(i);
    }
    return result;
  }

  /** What happened so far; of a rehearsal that kept its trace. */
  recording(): Recording {
    const { trace: events = [], sizes, streams, peak, atPeak } = this;
    const left = this.#kinds.flatMap((kind, storage) =>
      (this.#holders[storage] as number) > 0 ? [{ storage, kind }] : [],
    );
    return { events, sizes, streams, peak, atPeak: atPeak.slice(), left };
  }

  /** The same once more, after what is here; each storage that it leaves has one holder. */
  repeat({ events, sizes, streams, peak, atPeak, left }: Recording): void {
    const first = this.sizes.length;
    for (const size of sizes) {
      this.sizes.push(size);
      this.#kinds.push(Kind.activation);
      this.#holders.push(0);
    }
    for (const stream of streams) this.streams.push(stream);
    if (this.trace !== undefined)
      for (const event of events) this.trace.push(event < 0 ? event - first : event + first);
    if (this.total + peak > this.peak) {
      this.peak = this.total + peak;
      this.atPeak.set(this.live.map((bytes, kind) => bytes + (atPeak[kind] as number)));
    }
    for (const { storage, kind } of left) {
      const size = sizes[storage] as number;
      this.#kinds[first + storage] = kind;
      this.#holders[first + storage] = 1;
      this.total += size;
      (this.live[kind] as number) += size;
    }
  }

  /** Starts a new measurement: the peak from here on. */
  mark(): void {
    this.peak = this.total;
    this.atPeak.set(this.live);
  }
}
