/**
 * A segment is what a footprint composes: one layer, or one end of a model, rehearsed once. A stack
 * of equal layers repeats it; the sum of a run is then a line between its first and its last layer.
 */
import { type ByKind, KINDS, Kind, Rehearsal, type Tensor } from './rehearsal.ts';

/** What a pass over a segment adds to what lived before it. Bytes by kind. */
export interface Change {
  /** At its highest instant. */
  readonly peak: ByKind;
  /** At its end. */
  readonly after: ByKind;
}

export interface Segment {
  readonly forward: Change;
  /** Absent in inference. */
  readonly backward?: Change;
}

/** A part of a model: takes the stream, gives the stream on; the caller holds both. */
export type Part = (r: Rehearsal, x: Tensor) => Tensor;

export interface Stream {
  readonly elements: number;
  readonly width: number;
  /** The stream needs a gradient when it comes in. */
  readonly needsGrad: boolean;
}

const difference = (a: ByKind, b: ByKind): ByKind => a.map((value, i) => value - (b[i] as number));

/** A part in training without recomputation. */
export function rehearse(part: Part, input: Stream): Segment {
  const r = new Rehearsal(true);
  const x = r.tensor(input.elements, input.width, input.needsGrad);
  const before = r.live.slice();
  r.mark();
  const out = part(r, x);
  r.release(x);
  const forward = { peak: difference(r.atPeak, before), after: difference(r.live, before) };
  if (!out.needsGrad) {
    r.release(out);
    return { forward, backward: nothing() };
  }
  // The caller lets the stream go when the next segment has it, and has its gradient by then.
  r.release(out);
  out.grad = r.allocate(out.elements * out.width);
  const start = r.live.slice();
  r.mark();
  r.backward();
  return {
    forward,
    backward: { peak: difference(r.atPeak, start), after: difference(r.live, start) },
  };
}

/** A part that keeps its input only and is computed again in the backward pass. */
export function rehearseRecomputed(part: Part, input: Stream): Segment {
  const first = rehearseInference(part, input);
  const r = new Rehearsal(true);
  const x = r.tensor(input.elements, input.width, true);
  const grad = r.allocate(input.elements * input.width);
  const start = r.live.slice();
  r.mark();
  const out = part(r, x);
  out.grad = grad;
  r.backward();
  r.release(out);
  // The input was kept for this segment alone.
  r.release(x);
  const kept = first.forward.after.slice();
  (kept[Kind.activation] as number) += storageOf(input);
  const peak = first.forward.peak.slice();
  return {
    forward: { peak, after: kept },
    backward: { peak: difference(r.atPeak, start), after: difference(r.live, start) },
  };
}

/** A part that is computed again but for tensors of `spared` bytes, which stay from the first pass. */
export function rehearseSpared(part: Part, input: Stream, spared: number): Segment {
  const { forward, backward } = rehearseRecomputed(part, input);
  const shifted = (of: ByKind, bytes: number): ByKind => {
    const result = of.slice();
    (result[Kind.activation] as number) += bytes;
    return result;
  };
  const after = shifted(forward.after, spared);
  const { peak, after: left } = backward as Change;
  return {
    forward: { peak: shifted(forward.peak, spared), after },
    backward: { peak: shifted(peak, -spared), after: shifted(left, -spared) },
  };
}

/** How a part that is computed again keeps what it needs for that. */
export interface Recomputation {
  /** Bytes of tensors that stay from the first pass. */
  readonly spared: number;
  /** The input waits in the host's memory. */
  readonly isOffloaded: boolean;
}

/** Tensors that spared bytes are taken to be: queries, values, what attention gives, gate, down. */
const SPARED = 5;

/** Runs a part on, after what came before it: with recomputation or without. The stream is let go. */
export function runOn(r: Rehearsal, part: Part, x: Tensor, recomputed?: Recomputation): Tensor {
  if (recomputed === undefined) {
    const out = part(r, x);
    r.release(x);
    return out;
  }
  r.gradMode = false;
  const pure = part(r, x);
  r.gradMode = true;
  const out: Tensor = { ...pure, needsGrad: true };
  const { spared, isOffloaded } = recomputed;
  const kept = Array.from({ length: spared > 0 ? SPARED : 0 }, () => r.allocate(spared / SPARED));
  r.record(out, isOffloaded ? [] : [x.storage], (grad) => {
    const storage = isOffloaded ? r.allocate(x.elements * x.width) : x.storage;
    const again: Tensor = { ...x, storage, needsGrad: true };
    // They stand for tensors that the second pass would make.
    r.drop(...kept);
    const result = part(r, again);
    result.grad = r.hold(grad);
    r.backward();
    r.release(result);
    if (isOffloaded) r.drop(storage);
    const ofInput = again.grad;
    if (ofInput !== undefined) r.accumulate(x, ofInput);
  });
  r.release(x);
  return out;
}

/** A part without gradients. */
export function rehearseInference(part: Part, input: Stream): Segment {
  const r = new Rehearsal(false);
  const x = r.tensor(input.elements, input.width, false);
  const before = r.live.slice();
  r.mark();
  const out = part(r, x);
  r.release(x);
  const forward = { peak: difference(r.atPeak, before), after: difference(r.live, before) };
  r.release(out);
  return { forward };
}

export const nothing = (): Change => ({
  peak: new Float64Array(KINDS),
  after: new Float64Array(KINDS),
});

const storageOf = (stream: Stream): number =>
  Math.ceil((stream.elements * stream.width) / 512) * 512;
