/**
 * What eager PyTorch allocates, keeps for the backward pass and lets go, one operation a function.
 * Each takes tensors that the caller holds and returns one that the caller must release.
 *
 * Source: derivatives of PyTorch (tools/autograd/derivatives.yaml), checked with saved-tensor hooks
 * and a storage tracker on torch 2.14 with transformers 5.18.
 */
import { adapted, type MethodUse } from './adapters.ts';
import { Kind, type Rehearsal, type Storage, type Tensor } from './rehearsal.ts';

/** Bytes of an element of what is computed, and how weights differ from it. */
export interface Numerics {
  /** Activations as the program passes them on: 4 for fp32, 2 for bf16 and fp16. */
  readonly width: number;
  /** Under autocast: bytes of an element inside matrix products; weights are cast on first use. */
  readonly autocast?: number;
  /** A gradient is there already, so that a new one is scratch (later micro-batches, DDP views). */
  readonly hasGradients: boolean;
  /** softmax keeps its input beside its result (PyTorch before 1.11). */
  readonly keepsScores?: boolean;
}

/** A linear layer as it is used. */
export interface LinearUse {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  /** Its weight gets a gradient. */
  readonly trainable: boolean;
  /** Bytes of an element of the weight. */
  readonly width: number;
  /** The weight is stored in fewer bits and unpacked for each use, into elements of this many bytes. */
  readonly unpacked?: number;
  /** The product keeps its input though the weight is frozen (bitsandbytes in 4 bits before 0.44). */
  readonly keepsInput?: boolean;
  readonly lora?: LoraUse;
  /** An adapter of another method than LoRA. */
  readonly adapter?: MethodUse;
  /** How many matrices of this shape stand side by side (experts); absent for one. */
  readonly copies?: number;
}

export interface LoraUse {
  readonly rank: number;
  /** Bytes of an element of the adapter: PEFT keeps 4 unless told otherwise. */
  readonly width: number;
  readonly dropout: boolean;
  /** Weight-decomposed: the norm of the whole weight is computed in each pass. */
  readonly dora: boolean;
  /** Of one projection for queries, keys and values: which of them are updated; absent for all. */
  readonly thirds?: readonly ('q' | 'k' | 'v')[];
}

/** The gradient of a weight: kept, or scratch when one is there already. */
export function weightGradient(
  r: Rehearsal,
  numerics: Numerics,
  elements: number,
  width: number,
  computed: number = width,
): void {
  // Under autocast the product is in 16 bits and cast back before it is kept.
  const product = computed === width ? undefined : r.allocate(elements * computed, Kind.gradient);
  if (numerics.hasGradients) r.touch(elements * width, Kind.gradient);
  else r.allocate(elements * width, Kind.gradient);
  if (product !== undefined) r.drop(product);
}

/** A cast: a new tensor unless the width is the same already. */
export function cast(r: Rehearsal, x: Tensor, width: number): Tensor {
  if (x.width === width) return r.view(x);
  const out = r.tensor(x.elements, width, x.needsGrad, Kind.activation);
  r.record(out, [], () => r.accumulate(x, r.allocate(x.elements * x.width)));
  return out;
}

/** y = x W + b over `rows` rows. */
export function linear(
  r: Rehearsal,
  numerics: Numerics,
  x: Tensor,
  rows: number,
  use: LinearUse,
  kind: Kind = Kind.activation,
): Tensor {
  const compute = numerics.autocast ?? x.width;
  const input = cast(r, x, compute);
  const elements = use.inputs * use.outputs * (use.copies ?? 1);
  const isCast =
    numerics.autocast !== undefined && use.width !== compute && use.unpacked === undefined;
  // The cache of autocast holds the copy to the end of the forward pass, the graph to its use there:
  // a copy of a trainable weight stays, one of a frozen weight is made anew and goes at once.
  const copy =
    use.unpacked !== undefined
      ? r.allocate(elements * use.unpacked, Kind.copy)
      : isCast
        ? r.allocate(elements * compute, Kind.copy)
        : undefined;
  const isAdapted = use.lora !== undefined || use.adapter !== undefined;
  const needsGrad = x.needsGrad || use.trainable || isAdapted;
  const out = r.tensor(rows * use.outputs, compute, needsGrad, kind);
  const saved: Storage[] = [];
  if (use.trainable || (use.keepsInput === true && needsGrad))
    saved.push(input.kept ?? input.storage);
  if (isCast && copy !== undefined && (x.needsGrad || use.trainable)) saved.push(copy);
  const base = {
    input: x.needsGrad || input.needsGrad,
    trainable: use.trainable,
  };
  r.record(out, saved, () => {
    if (base.input) {
      const weight =
        use.unpacked === undefined ? undefined : r.allocate(elements * use.unpacked, Kind.copy);
      r.accumulate(input, r.allocate(rows * use.inputs * compute, Kind.activation));
      if (weight !== undefined) r.drop(weight);
    }
    if (base.trainable) {
      if (input.kept !== undefined) r.touch(input.elements * input.width);
      weightGradient(r, numerics, elements, use.width, compute);
      if (use.bias) weightGradient(r, numerics, use.outputs, use.width, compute);
    }
  });
  r.release(input);
  if (copy !== undefined) {
    if (isCast && use.trainable && !r.gradMode) r.cached.push(copy);
    else r.drop(copy);
  }
  const { adapter } = use;
  if (adapter !== undefined) return adapted(r, x, out, rows, { ...use, adapter });
  return use.lora === undefined ? out : withAdapter(r, numerics, x, out, rows, use, use.lora);
}

/** base + B(A(dropout(x))) · scaling, as PEFT computes it: in the adapter's own format. */
function withAdapter(
  r: Rehearsal,
  numerics: Numerics,
  x: Tensor,
  base: Tensor,
  rows: number,
  use: LinearUse,
  lora: LoraUse,
): Tensor {
  const adapter = (inputs: number, outputs: number): LinearUse => ({
    inputs,
    outputs,
    bias: false,
    trainable: true,
    width: lora.width,
  });
  const input = cast(r, x, lora.width);
  const dropped = lora.dropout ? dropout(r, input) : r.view(input);
  r.release(input);
  const low = linear(r, numerics, dropped, rows, adapter(use.inputs, lora.rank));
  const high = linear(r, numerics, low, rows, adapter(lora.rank, use.outputs));
  r.release(low);
  let scaled = elementwise(r, high, []);
  r.release(high);
  if (lora.dora) {
    const normed = doraScale(r, numerics, dropped, scaled, rows, use, lora);
    r.release(scaled);
    scaled = normed;
  }
  r.release(dropped);
  const sum = add(r, base, scaled);
  r.release(base, scaled);
  const out = cast(r, sum, base.width);
  r.release(sum);
  return out;
}

/** DoRA: the norm of the merged weight, and the base's output once more, scaled by the magnitude. */
function doraScale(
  r: Rehearsal,
  numerics: Numerics,
  x: Tensor,
  update: Tensor,
  rows: number,
  use: LinearUse,
  lora: LoraUse,
): Tensor {
  const elements = use.inputs * use.outputs;
  // eye → A → B gives the product of the adapters, the weight is cast to their format; the product scaled and the sum
  // of both are there beside them for the norm (peft@0.21 tuners/lora/dora.py).
  const product = r.allocate(elements * lora.width, Kind.copy);
  const weight =
    use.width === lora.width ? undefined : r.allocate(elements * lora.width, Kind.copy);
  const part = r.allocate(elements * lora.width, Kind.copy);
  const merged = r.allocate(elements * lora.width, Kind.copy);
  r.drop(product, part, merged);
  if (weight !== undefined) r.drop(weight);
  const again = linear(r, numerics, x, rows, {
    inputs: use.inputs,
    outputs: use.outputs,
    bias: false,
    trainable: false,
    width: use.width,
    ...(use.unpacked === undefined ? {} : { unpacked: use.unpacked }),
  });
  const wide = cast(r, again, lora.width);
  r.release(again);
  const scaled = elementwise(r, wide, [wide.storage]);
  const magnified = elementwise(r, update, [update.storage]);
  r.release(wide);
  const sum = add(r, scaled, magnified);
  r.release(scaled, magnified);
  return sum;
}

/** A new tensor of the size of `x`, with the same shape of gradient. `saved`: what the graph keeps. */
export function elementwise(r: Rehearsal, x: Tensor, saved: readonly Storage[]): Tensor {
  const out = r.tensor(x.elements, x.width, x.needsGrad);
  r.record(out, saved, () => r.accumulate(x, r.allocate(x.elements * x.width)));
  return out;
}

/** SiLU, GELU and their like: the input is kept. */
export function activate(r: Rehearsal, x: Tensor): Tensor {
  return elementwise(r, x, [x.storage]);
}

/** The native kernel keeps a mask of one byte an element. */
export function dropout(r: Rehearsal, x: Tensor): Tensor {
  const out = r.tensor(x.elements, x.width, x.needsGrad);
  const mask = r.allocate(x.elements);
  r.record(out, [mask], () => r.accumulate(x, r.allocate(x.elements * x.width)));
  r.drop(mask);
  return out;
}

/** a + b, in the wider of the two formats. Nothing is kept; the gradient is shared by both. */
export function add(r: Rehearsal, a: Tensor, b: Tensor): Tensor {
  const width = Math.max(a.width, b.width);
  const out = r.tensor(Math.max(a.elements, b.elements), width, a.needsGrad || b.needsGrad);
  r.record(out, [], (grad) => {
    for (const side of [a, b]) {
      if (!side.needsGrad) continue;
      r.accumulate(
        side,
        side.width === width ? r.hold(grad) : r.allocate(side.elements * side.width),
      );
    }
  });
  return out;
}

/** a · b: each is kept where the other needs its gradient. */
export function multiply(r: Rehearsal, a: Tensor, b: Tensor): Tensor {
  const width = Math.max(a.width, b.width);
  const out = r.tensor(Math.max(a.elements, b.elements), width, a.needsGrad || b.needsGrad);
  const saved = [...(a.needsGrad ? [b.storage] : []), ...(b.needsGrad ? [a.storage] : [])];
  r.record(out, saved, () => {
    if (a.needsGrad) r.accumulate(a, r.allocate(a.elements * a.width));
    if (b.needsGrad) r.accumulate(b, r.allocate(b.elements * b.width));
  });
  return out;
}

export interface NormUse {
  /** rms-python: the upcasting one of HF; rms: a fused kernel; layer: the native kernel. */
  readonly kernel: 'rms-python' | 'rms' | 'layer';
  readonly features: number;
  readonly trainable: boolean;
  readonly width: number;
  readonly bias: boolean;
}

/** A norm over the last dimension of `rows` rows. */
export function norm(
  r: Rehearsal,
  numerics: Numerics,
  x: Tensor,
  rows: number,
  use: NormUse,
): Tensor {
  return use.kernel === 'rms-python'
    ? rmsPython(r, numerics, x, rows, use)
    : fusedNorm(r, numerics, x, rows, use);
}

function rmsPython(
  r: Rehearsal,
  numerics: Numerics,
  x: Tensor,
  rows: number,
  use: NormUse,
): Tensor {
  const { elements } = x;
  const wide = cast(r, x, 4);
  // pow(2) is scratch; the mean and its root are a number a row.
  r.touch(elements * 4);
  const root = r.allocate(rows * 4);
  const normed = r.tensor(elements, 4, x.needsGrad);
  r.record(normed, [wide.storage, root], () => {
    // By the product for x, by the sum over the row for the root, and that one spread again.
    const direct = r.allocate(elements * 4);
    r.touch(elements * 4);
    const power = r.allocate(elements * 4);
    r.drop(power);
    r.accumulate(wide, direct);
  });
  r.drop(root);
  r.release(wide);
  const narrow = cast(r, normed, x.width);
  r.release(normed);
  const width = Math.max(narrow.width, use.width);
  const out = r.tensor(elements, width, narrow.needsGrad || use.trainable);
  r.record(out, use.trainable ? [narrow.storage] : [], () => {
    r.accumulate(narrow, r.allocate(elements * narrow.width));
    if (use.trainable) {
      r.touch(elements * width);
      weightGradient(r, numerics, use.features, use.width);
    }
  });
  r.release(narrow);
  return out;
}

/** The native kernels keep the input and one or two numbers a row. Under autocast they work in fp32. */
function fusedNorm(
  r: Rehearsal,
  numerics: Numerics,
  x: Tensor,
  rows: number,
  use: NormUse,
): Tensor {
  const input = numerics.autocast === undefined ? r.view(x) : cast(r, x, 4);
  const statistics = r.allocate(rows * 4 * (use.kernel === 'layer' ? 2 : 1));
  const out = r.tensor(x.elements, input.width, x.needsGrad || use.trainable);
  r.record(out, [input.storage, statistics], () => {
    if (x.needsGrad) r.accumulate(input, r.allocate(input.elements * input.width));
    if (use.trainable) {
      weightGradient(r, numerics, use.features, use.width);
      if (use.bias) weightGradient(r, numerics, use.features, use.width);
    }
  });
  r.drop(statistics);
  r.release(input);
  return out;
}

export interface AttentionUse {
  readonly kernel: 'flash' | 'efficient' | 'math' | 'eager';
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** Elements of a head of queries and keys, and of values. */
  readonly dim: number;
  readonly valueDim: number;
  readonly queries: number;
  readonly keys: number;
  readonly dropout: boolean;
  /** Scores are limited by a tanh first (Gemma 2). */
  readonly softcap: boolean;
  /** softmax keeps its input beside its result. */
  readonly keepsScores?: boolean;
}

/** softmax(q kᵀ) v. The caller holds q, k and v. */
export function attention(
  r: Rehearsal,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  use: AttentionUse,
): Tensor {
  const rowsOut = use.batch * use.queries * use.heads;
  const isFused = use.kernel === 'flash' || use.kernel === 'efficient';
  const isGrouped = use.kvHeads < use.heads;
  const expand = (x: Tensor, dim: number): Tensor => {
    if (!isGrouped || use.kernel === 'flash') return r.view(x);
    const wide = r.tensor(use.batch * use.keys * use.heads * dim, x.width, x.needsGrad);
    r.record(wide, [], () => r.accumulate(x, r.allocate(x.elements * x.width)));
    return wide;
  };
  const keys = expand(k, use.dim);
  const values = expand(v, use.valueDim);
  const out = isFused
    ? fusedAttention(r, q, keys, values, use, rowsOut)
    : openAttention(r, q, keys, values, use, rowsOut);
  r.release(keys, values);
  return out;
}

function fusedAttention(
  r: Rehearsal,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  use: AttentionUse,
  rowsOut: number,
): Tensor {
  const needsGrad = q.needsGrad || k.needsGrad || v.needsGrad;
  const out = r.tensor(rowsOut * use.valueDim, q.width, needsGrad);
  const sums = r.allocate(rowsOut * 4);
  r.record(out, [q.storage, k.storage, v.storage, out.storage, sums], () => {
    // dq is gathered in fp32; dk and dv come for every head before groups are summed.
    const rows = r.allocate(rowsOut * 4);
    const gathered = r.allocate(q.elements * 4);
    const dq = r.allocate(q.elements * q.width);
    const dk = r.allocate(k.elements * k.width);
    const dv = r.allocate(v.elements * v.width);
    const isGrouped = use.kernel === 'flash' && use.kvHeads < use.heads;
    if (isGrouped) {
      const perHead = (x: Tensor): number => (x.elements / use.kvHeads) * use.heads * x.width;
      const wide = [r.allocate(perHead(k)), r.allocate(perHead(v))];
      r.drop(...wide);
    }
    r.drop(rows, gathered);
    r.accumulate(q, dq);
    r.accumulate(k, dk);
    r.accumulate(v, dv);
  });
  r.drop(sums);
  return out;
}

/** The scores exist: in the format of q for eager attention with an fp32 softmax, in fp32 for math. */
function openAttention(
  r: Rehearsal,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  use: AttentionUse,
  rowsOut: number,
): Tensor {
  const cells = rowsOut * use.keys;
  const work = use.kernel === 'math' ? 4 : q.width;
  const [wideQ, wideK, c] = [cast(r, q, work), cast(r, k, work), cast(r, v, work)];
  // The math kernel scales queries and keys, eager attention the scores.
  const isScaled = use.kernel === 'math';
  const a = isScaled ? elementwise(r, wideQ, []) : r.view(wideQ);
  const b = isScaled ? elementwise(r, wideK, []) : r.view(wideK);
  r.release(wideQ, wideK);
  const needsGrad = q.needsGrad || k.needsGrad || v.needsGrad;
  const product = r.tensor(cells, work, needsGrad);
  r.record(product, [a.storage, b.storage], () => {
    r.accumulate(a, r.allocate(a.elements * work));
    r.accumulate(b, r.allocate(b.elements * work));
  });
  let scores = elementwise(r, product, []);
  r.release(product);
  if (use.softcap) {
    const limited = r.tensor(cells, work, needsGrad);
    const before = scores;
    r.record(limited, [limited.storage], () => r.accumulate(before, r.allocate(cells * work)));
    r.release(before);
    scores = elementwise(r, limited, []);
    r.release(limited);
  }
  // The scores keep their name until the chances take it.
  const wide = cast(r, scores, 4);
  const chances = r.tensor(cells, 4, needsGrad);
  const summed = wide;
  const kept = use.keepsScores === true ? [chances.storage, wide.storage] : [chances.storage];
  r.record(chances, kept, () => r.accumulate(summed, r.allocate(cells * 4)));
  r.release(scores, wide);
  let weights = cast(r, chances, work);
  r.release(chances);
  if (use.dropout) {
    const before = weights;
    weights = dropout(r, before);
    r.release(before);
  }
  const out = r.tensor(rowsOut * use.valueDim, work, needsGrad);
  const [used, valued] = [weights, c];
  r.record(out, [used.storage, valued.storage], () => {
    r.accumulate(used, r.allocate(cells * work));
    r.accumulate(valued, r.allocate(valued.elements * work));
  });
  r.release(weights, a, b, c);
  const result = cast(r, out, q.width);
  r.release(out);
  return result;
}
