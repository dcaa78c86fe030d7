/**
 * The compute buffer of ggml: a graph of operations whose results are put into one buffer before anything runs, each
 * in the free piece that fits best, or in the place of an operand that nobody needs any more.
 * Source: llama-cpp-python@0.3.36:vendor/llama.cpp/ggml/src/ggml-alloc.c.
 */

/** A result, an input of the graph, or another look at one of them. */
export interface Node {
  readonly bytes: number;
  readonly sources: readonly Node[];
  /** What it is a view of; it has no bytes of its own. */
  readonly of?: Node;
  /** It may take the place of an operand of the same size. */
  readonly inPlace: boolean;
  children: number;
  views: number;
  offset: number;
  isLive: boolean;
}

interface Piece {
  offset: number;
  size: number;
}

const ALIGNMENT = 128;
const ENDLESS = 2 ** 52;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Free pieces by address; the last one has no end. */
class Space {
  private readonly free: Piece[] = [{ offset: 0, size: ENDLESS }];
  highest = 0;

  take(bytes: number): number {
    const size = aligned(bytes);
    let best = this.free.length - 1;
    let fit = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.free.length - 1; i += 1) {
      const piece = this.free[i] as Piece;
      if (piece.size >= size && piece.size <= fit) {
        best = i;
        fit = piece.size;
      }
    }
    const piece = this.free[best] as Piece;
    const { offset } = piece;
    piece.offset += size;
    piece.size -= size;
    if (piece.size === 0) this.free.splice(best, 1);
    this.highest = Math.max(this.highest, offset + size);
    return offset;
  }

  give(offset: number, bytes: number): void {
    const size = aligned(bytes);
    let at = this.free.findIndex((piece) => piece.offset > offset);
    if (at < 0) at = this.free.length;
    this.free.splice(at, 0, { offset, size });
    this.join(at);
    this.join(at - 1);
  }

  private join(at: number): void {
    const piece = this.free[at];
    const next = this.free[at + 1];
    if (piece === undefined || next === undefined) return;
    if (piece.offset + piece.size !== next.offset) return;
    piece.size += next.size;
    this.free.splice(at + 1, 1);
  }
}

/** Operations in the order in which they run. */
export class Graph {
  private readonly nodes: Node[] = [];

  private add(bytes: number, sources: readonly Node[], inPlace: boolean, of?: Node): Node {
    const node: Node = {
      bytes,
      sources,
      inPlace,
      ...(of === undefined ? {} : { of }),
      children: 0,
      views: 0,
      offset: 0,
      isLive: false,
    };
    this.nodes.push(node);
    return node;
  }

  /** What is copied to the device before the graph runs. */
  input(bytes: number): Node {
    return this.add(bytes, [], false);
  }

  /** An operation with a result of its own: products, concatenations, copies, gated units. */
  result(bytes: number, ...sources: readonly Node[]): Node {
    return this.add(bytes, sources, false);
  }

  /** An element-wise operation, a rotation, a softmax: its first operand's place will do. */
  inPlace(bytes: number, ...sources: readonly Node[]): Node {
    return this.add(bytes, sources, true);
  }

  /** The same bytes in another shape. */
  view(of: Node): Node {
    return this.add(of.bytes, [of], false, of.of ?? of);
  }

  /** Runs that the graph only remembers: it writes to the cache, which lies elsewhere. */
  consume(...sources: readonly Node[]): void {
    this.add(0, sources, false);
  }

  /** Bytes of the buffer. */
  size(): number {
    const space = new Space();
    for (const node of this.nodes) {
      if (node.of !== undefined) node.of.views += 1;
      for (const source of node.sources) source.children += 1;
    }
    for (const node of this.nodes) {
      place(space, node);
      for (const source of node.sources) release(space, source);
    }
    return space.highest;
  }
}

function place(space: Space, node: Node): void {
  if (node.of !== undefined || node.bytes === 0) return;
  node.isLive = true;
  if (node.inPlace) {
    for (const source of node.sources) {
      // A view is never marked as allocated there, so nothing takes the place of what it looks at.
      if (source.of !== undefined || !source.isLive || source.bytes !== node.bytes) continue;
      if (source.children !== 1 || source.views !== 0) continue;
      node.offset = source.offset;
      source.isLive = false;
      return;
    }
  }
  node.offset = space.take(node.bytes);
}

function release(space: Space, node: Node): void {
  node.children -= 1;
  if (node.children !== 0 || node.views !== 0) return;
  const owner = node.of ?? node;
  if (node.of !== undefined) {
    owner.views -= 1;
    if (owner.views !== 0 || owner.children !== 0) return;
  }
  if (!owner.isLive) return;
  owner.isLive = false;
  space.give(owner.offset, owner.bytes);
}
