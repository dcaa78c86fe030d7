/**
 * Adapters of PEFT other than LoRA: what each adds to what a frozen linear layer keeps for the backward pass. They differ in
 * formulas of their own; memory asks only what stays, by the features that come in and go out and by the weight.
 *
 * Source: peft@0.19.1 tuners/<method>/layer.py, with saved-tensor hooks on torch 2.15 over layers of three shapes (bf16, adapters
 * in fp32): the coefficients are what the hooks counted, per token and per layer.
 */
import { Kind, type Rehearsal, type Storage, type Tensor } from './rehearsal.ts';

export type AdapterMethod =
  | 'adalora'
  | 'boft'
  | 'c3a'
  | 'delora'
  | 'fourierft'
  | 'gralora'
  | 'hra'
  | 'ia3'
  | 'ia3_feedforward'
  | 'lily'
  | 'loha'
  | 'lokr'
  | 'miss'
  | 'miss_bat'
  | 'oft'
  | 'peanut'
  | 'prompted'
  | 'psoft'
  | 'pvera'
  | 'randlora'
  | 'road'
  | 'scaled'
  | 'tinylora'
  | 'vblora'
  | 'vera'
  | 'waveft';

/** How a method is used at one layer. */
export interface MethodUse {
  readonly method: AdapterMethod;
  readonly rank: number;
}

/** Bytes that an adapted layer keeps beside the frozen one; nothing where a field is absent. */
interface AdapterKeeps {
  /** A token and feature of the input: 4 for an fp32 copy of it. */
  readonly input?: number;
  /** A token and feature of the output. */
  readonly output?: number;
  /** A token and rank. */
  readonly rank?: number;
  /** An element of the weight: deltas and merged weights that are made in each pass. */
  readonly weight?: number;
  /** A square of the input's features: rotations of the whole input. */
  readonly square?: number;
}

const METHODS: Readonly<Record<AdapterMethod, AdapterKeeps>> = {
  adalora: { input: 4, rank: 4 },
  boft: { weight: 4, square: 4 },
  c3a: { input: 4 },
  delora: { input: 4, rank: 8 },
  fourierft: { input: 4, weight: 4 },
  gralora: { input: 4, rank: 2 },
  // A reflection a rank, each a matrix: eight in what was counted.
  hra: { input: 4, weight: 8, square: 36 },
  ia3: { output: 2 },
  ia3_feedforward: { input: 4 },
  lily: { input: 4, rank: 4 },
  loha: { input: 4, weight: 4 },
  lokr: { input: 4, weight: 4 },
  miss: { rank: 4 },
  miss_bat: { input: 4, weight: 8 },
  oft: { input: 4 },
  peanut: { input: 4, weight: 8.5 },
  // litgpt@0.4.13 adapter.py, before the last product of attention: what it gives for the prompts, scaled by a gate.
  prompted: { input: 2 },
  psoft: { rank: 4 },
  pvera: { output: 4, rank: 16 },
  randlora: { weight: 3 },
  road: { output: 8 },
  // litgpt@0.4.13 adapter_v2.py: a scale over product and bias.
  scaled: { output: 2 },
  tinylora: {},
  vblora: { input: 4, rank: 4 },
  vera: { output: 4, rank: 4 },
  waveft: { input: 4, weight: 8 },
};

/** The frozen product `base` of `x`, adapted. */
export function adapted(
  r: Rehearsal,
  x: Tensor,
  base: Tensor,
  rows: number,
  use: { readonly inputs: number; readonly outputs: number; readonly adapter: MethodUse },
): Tensor {
  const { inputs, outputs, adapter } = use;
  const of = METHODS[adapter.method];
  const own: Storage[] = [];
  const keep = (bytes: number, kind?: Kind): void => {
    if (bytes > 0) own.push(r.allocate(bytes, kind));
  };
  keep(rows * inputs * (of.input ?? 0));
  keep(rows * (outputs * (of.output ?? 0) + adapter.rank * (of.rank ?? 0)));
  keep(inputs * outputs * (of.weight ?? 0) + inputs ** 2 * (of.square ?? 0), Kind.copy);
  const out = r.tensor(rows * outputs, base.width, true);
  r.record(out, own, (grad) => {
    if (x.needsGrad) r.accumulate(x, r.allocate(x.elements * x.width));
    r.accumulate(base, r.hold(grad));
  });
  r.drop(...own);
  r.release(base);
  return out;
}
