/**
 * Sequence parallelism: between the products of a layer each tensor-parallel rank has its part of the tokens. The
 * stream is gathered before a product and the sum of all ranks' results is divided again after it.
 */
import type { Rehearsal, Tensor } from './rehearsal.ts';

/** How tensor-parallel ranks divide the stream. */
export interface Spread {
  readonly ranks: number;
  /** The graph keeps this rank's part and gathers again in the backward pass (Megatron); else the whole. */
  readonly keepsPart: boolean;
  /** Products read the parts of other ranks piece by piece: the whole is never there in PyTorch's pool. */
  readonly inPieces?: boolean;
}

/** All tokens from the parts of all ranks. */
export function gathered(r: Rehearsal, x: Tensor, spread: Spread | undefined): Tensor {
  if (spread === undefined) return r.view(x);
  if (spread.inPieces === true) return piecewise(r, x, spread);
  const made = r.tensor(x.elements * spread.ranks, x.width, x.needsGrad);
  const whole: Tensor = spread.keepsPart ? { ...made, kept: x.storage } : made;
  r.record(whole, [], () => r.accumulate(x, r.allocate(x.elements * x.width)));
  return whole;
}

/** As many elements as the whole has, of which this rank's part alone is in memory. */
function piecewise(r: Rehearsal, x: Tensor, spread: Spread): Tensor {
  const { width, needsGrad } = x;
  const storage = r.hold(x.storage);
  const whole: Tensor = { storage, elements: x.elements * spread.ranks, width, needsGrad };
  r.record(whole, [], () => r.accumulate(x, r.allocate(x.elements * width)));
  return whole;
}

/** Runs `part` on all tokens; this rank's part `mine` goes when nobody needs it any more. */
export function whileGathered(
  r: Rehearsal,
  mine: Tensor,
  spread: Spread | undefined,
  part: (input: Tensor) => Tensor,
): Tensor {
  const input = gathered(r, mine, spread);
  // A product that keeps the part takes hold of it when it runs.
  const isKept = input.kept !== undefined;
  if (!isKept) r.release(mine);
  const result = part(input);
  r.release(input);
  if (isKept) r.release(mine);
  return result;
}

/** This rank's tokens of the sum over all ranks. */
export function scattered(r: Rehearsal, x: Tensor, spread: Spread | undefined): Tensor {
  if (spread === undefined) return r.view(x);
  const part = r.tensor(x.elements / spread.ranks, x.width, x.needsGrad);
  r.record(part, [], () => r.accumulate(x, r.allocate(x.elements * x.width)));
  return part;
}
