/**
 * Adapters of PEFT other than LoRA: what each adds to what a frozen linear layer keeps for the backward pass. They differ in
 * formulas of their own; memory asks only what stays, by the features that come in and go out and by the weight.
 *
 * Source: peft@0.19.1 and 0.21.2 tuners/<method>/layer.py, with saved-tensor hooks on torch 2.15 over layers of several shapes
 * (bf16, adapters in fp32): the coefficients are what the hooks counted, per token and per layer. What is trained and what
 * lies there frozen was counted in layers of nine shapes and ranks.
 */
import type { BesideLayers } from '../../workload/adapter-methods.ts';
import { Kind, type Rehearsal, type Storage, type Tensor } from './rehearsal.ts';

export type AdapterMethod =
  | 'adalora'
  | 'beft'
  | 'boft'
  | 'c3a'
  | 'deft'
  | 'deft_para'
  | 'delora'
  | 'fourierft'
  | 'glora'
  | 'gralora'
  | 'hira'
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
  | 'shira'
  | 'tinylora'
  | 'unilora'
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
  /** An element of LoRA's two matrices: of what is made of other parameters in each pass. */
  readonly thin?: number;
  /** The input as it comes: the product is that of a merged weight. */
  readonly holds?: boolean;
}

const METHODS: Readonly<Record<AdapterMethod, AdapterKeeps>> = {
  adalora: { input: 4, rank: 4 },
  // A bias of the output.
  beft: {},
  boft: { weight: 4, square: 4 },
  c3a: { input: 4 },
  deft: { input: 4, output: 4, rank: 8 },
  deft_para: { output: 4, rank: 4 },
  delora: { input: 4, rank: 8 },
  fourierft: { input: 4, weight: 4 },
  glora: { weight: 2, holds: true },
  gralora: { input: 4, rank: 2 },
  hira: { input: 4, weight: 4 },
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
  // The merged weight, and the places of the elements that are trained.
  shira: { weight: 2, thin: 16, holds: true },
  tinylora: {},
  unilora: { input: 4, rank: 4, thin: 4 },
  vblora: { input: 4, rank: 4 },
  vera: { output: 4, rank: 4 },
  waveft: { input: 4, weight: 8 },
};

/** Elements that are trained at one layer; of a rank, and the features that come in and go out. */
type Elements = (rank: number, inputs: number, outputs: number) => number;

const asLora: Elements = (rank, inputs, outputs) => rank * (inputs + outputs);

/**
 * Elements that a method trains at a layer, where its rank and what its config has by default say it (block sizes of 4, 256
 * and 32 features, 1000 and 2592 frequencies).
 */
const TRAINED: Readonly<Record<BesideLayers, Elements>> & Partial<Record<AdapterMethod, Elements>> =
  {
    adalora: (rank, inputs, outputs) => asLora(rank, inputs, outputs) + rank + 1,
    beft: (_rank, _inputs, outputs) => outputs,
    boft: (_rank, inputs, outputs) => 4 * inputs + outputs,
    c3a: (_rank, inputs, outputs) => (inputs * outputs) / 256,
    deft: asLora,
    deft_para: (rank, _inputs, outputs) => rank * outputs,
    delora: (rank, inputs, outputs) => asLora(rank, inputs, outputs) + 1,
    fourierft: () => 1000,
    glora: (rank, inputs, outputs) => 2 * asLora(rank, inputs, outputs),
    gralora: asLora,
    hira: asLora,
    hra: (rank, inputs) => rank * inputs,
    ia3: (_rank, _inputs, outputs) => outputs,
    loha: (rank, inputs, outputs) => 2 * asLora(rank, inputs, outputs),
    miss: (rank, _inputs, outputs) => rank * outputs,
    oft: (_rank, inputs) => (inputs * 31) / 2,
    peanut: (rank, _inputs, outputs) => 2 * rank * outputs,
    psoft: (rank) => (rank * (rank + 3)) / 2,
    pvera: (rank, _inputs, outputs) => 2 * rank + outputs,
    road: (_rank, _inputs, outputs) => outputs,
    shira: asLora,
    tinylora: () => 64,
    // One vector for the whole model.
    unilora: () => 0,
    vera: (rank, _inputs, outputs) => rank + outputs,
    waveft: () => 2592,
  };

/** Bytes of a frozen element of LoRA's two matrices that a method has beside each layer. */
const FROZEN: Readonly<Partial<Record<AdapterMethod, number>>> = {
  psoft: 4,
  tinylora: 4,
  // Where each element finds its value, and by what it is scaled.
  unilora: 12,
};

/** Elements that are trained beside a layer. */
export const trainedBeside = (
  { method, rank }: { readonly method?: AdapterMethod; readonly rank: number },
  inputs: number,
  outputs: number,
): number => (method === undefined ? asLora : (TRAINED[method] ?? asLora))(rank, inputs, outputs);

/** Bytes of frozen numbers of a method beside a layer. */
export const frozenBeside = (
  { method, rank }: { readonly method?: AdapterMethod; readonly rank: number },
  inputs: number,
  outputs: number,
): number => (method === undefined ? 0 : (FROZEN[method] ?? 0)) * rank * (inputs + outputs);

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
  const own: Storage[] = of.holds === true ? [r.hold(x.storage)] : [];
  const keep = (bytes: number, kind?: Kind): void => {
    if (bytes > 0) own.push(r.allocate(bytes, kind));
  };
  keep(rows * inputs * (of.input ?? 0));
  keep(rows * (outputs * (of.output ?? 0) + adapter.rank * (of.rank ?? 0)));
  const thin = adapter.rank * (inputs + outputs) * (of.thin ?? 0);
  keep(inputs * outputs * (of.weight ?? 0) + inputs ** 2 * (of.square ?? 0) + thin, Kind.copy);
  const out = r.tensor(rows * outputs, base.width, true);
  r.record(out, own, (grad) => {
    if (x.needsGrad) r.accumulate(x, r.allocate(x.elements * x.width));
    r.accumulate(base, r.hold(grad));
  });
  r.drop(...own);
  r.release(base);
  return out;
}
