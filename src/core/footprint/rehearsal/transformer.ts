/**
 * The layers of transformers as the library of that name writes them: which name holds which tensor
 * for how long. A name that lives to the end of a function is released there and not before.
 *
 * Source: transformers 4.45 to 5.x, modeling_llama.py and its relatives.
 */
import type {
  DenseMlp,
  LatentAttention,
  Layer,
  Mixer,
  MixtureMlp,
  Norm,
  Part,
  PartNames,
  SoftmaxAttention,
} from '../../workload/model/model.ts';
import { type Context, inContext } from './context.ts';
import { litgptAttention } from './litgpt.ts';
import type { Rehearsal, Tensor } from './rehearsal.ts';
import {
  type AttentionUse,
  activate,
  add,
  attention,
  cast,
  dropout,
  elementwise,
  type LinearUse,
  linear,
  multiply,
  type Numerics,
  norm,
} from './rules.ts';
import { gathered, type Spread, scattered, whileGathered } from './spread.ts';

/** How the weight of a linear layer is held and used. */
export type WeightUse = Pick<
  LinearUse,
  'trainable' | 'width' | 'unpacked' | 'keepsInput' | 'lora' | 'adapter'
>;

/** Whose code of the layers runs; what it allocates differs. */
export type Program = 'transformers' | 'litgpt';

/** One pass over a stack of layers. */
export interface Pass {
  readonly program: Program;
  readonly batch: number;
  /** Tokens of each sequence in this pass. */
  readonly queries: number;
  /** Tokens that attention looks back on, this pass included. */
  readonly keys: number;
  /** Of them, tokens before the text whose keys and values are trained for each layer (prefix tuning). */
  readonly prefix?: number;
  readonly numerics: Numerics;
  readonly attention: AttentionUse['kernel'];
  readonly attentionDropout: boolean;
  readonly hiddenDropout: boolean;
  /** Queries and keys are turned by angle (rotary positions). */
  readonly turned: boolean;
  /**
   * Keys and values are joined into one tensor that goes round the ring of context-parallel ranks
   * (transformer_engine@2.x: pytorch/attention/…/context_parallel.py, AttnFuncWithCPAndKVP2P).
   */
  readonly joinsPairs?: boolean;
  /** Context-parallel ranks come to each other's tokens in another way. */
  readonly context?: Context;
  /**
   * Ranks that divide the experts: tokens go to those that have theirs and come back (pytorch/torchtitan@
   * 03a1384327cd8548b8ec03c1e2417a6012a852c8: torchtitan/distributed/expert_parallel.py). As many are taken to come as go.
   */
  readonly expertRanks?: number;
  /** Norms in fused kernels (Liger, torch.nn.RMSNorm, compiled code). */
  readonly fusedNorms: boolean;
  /** The activation of an MLP, gated or not, in a fused kernel that keeps its input only (Liger, Megatron). */
  readonly fusedGate: boolean;
  /** Bytes of an element of a norm's weight, and whether it gets a gradient. */
  readonly norms: { readonly width: number; readonly trainable: boolean };
  /** Tensor-parallel ranks divide the stream; absent where each has all of it. */
  readonly spread?: Spread;
  /** How the weight of a part of a layer is used, by what its checkpoint calls it. */
  weight(part: Part, name: string | undefined): WeightUse;
}

const tokensOf = (pass: Pass): number => pass.batch * pass.queries;

function project(
  r: Rehearsal,
  pass: Pass,
  x: Tensor,
  names: PartNames,
  part: Part,
  inputs: number,
  outputs: number,
  bias: boolean,
  rows: number = tokensOf(pass),
): Tensor {
  const use = pass.weight(part, names[part]);
  return linear(r, pass.numerics, x, rows, { inputs, outputs, bias, ...use });
}

function normed(
  r: Rehearsal,
  pass: Pass,
  x: Tensor,
  of: Norm,
  features: number,
  rows: number = x.elements / features,
): Tensor {
  if (of.kind === 'none') return r.view(x);
  const kernel = of.kind === 'layer' ? 'layer' : pass.fusedNorms ? 'rms' : 'rms-python';
  return norm(r, pass.numerics, x, rows, {
    kernel,
    features,
    trainable: pass.norms.trainable && of.weight,
    width: pass.norms.width,
    bias: of.bias,
  });
}

/**
 * One layer over the residual stream `x`, which the caller holds; the result is the caller's too.
 */
export function runLayer(
  r: Rehearsal,
  pass: Pass,
  layer: Layer,
  hidden: number,
  x: Tensor,
): Tensor {
  return layer.parallel
    ? parallelLayer(r, pass, layer, hidden, x)
    : serialLayer(r, pass, layer, hidden, x);
}

function serialLayer(r: Rehearsal, pass: Pass, layer: Layer, hidden: number, x: Tensor): Tensor {
  const isDouble = layer.norms >= 4;
  const { names } = layer;
  const parts: ((input: Tensor) => Tensor)[] = layer.mixers.map(
    (mixer, i) => (input) => mix(r, pass, mixer, names.mixers[i] ?? {}, hidden, input),
  );
  const { mlp } = layer;
  if (mlp !== undefined) parts.push((input) => runMlp(r, pass, mlp, names.mlp, hidden, input));
  let stream = r.view(x);
  for (const part of parts) {
    const mine = normed(r, pass, stream, layer.norm, hidden);
    const sum = whileGathered(r, mine, pass.spread, part);
    let result = scattered(r, sum, pass.spread);
    r.release(sum);
    if (isDouble) {
      const after = normed(r, pass, result, layer.norm, hidden);
      r.release(result);
      result = after;
    }
    if (pass.hiddenDropout) {
      const kept = dropout(r, result);
      r.release(result);
      result = kept;
    }
    const next = add(r, stream, result);
    r.release(result, stream);
    stream = next;
  }
  return stream;
}

/** Attention and MLP read the same normed input and are added to the stream together. */
function parallelLayer(r: Rehearsal, pass: Pass, layer: Layer, hidden: number, x: Tensor): Tensor {
  const mine = normed(r, pass, x, layer.norm, hidden);
  const other = layer.norms > 1 ? normed(r, pass, x, layer.norm, hidden) : r.view(mine);
  const input = gathered(r, mine, pass.spread);
  const second = layer.norms > 1 ? gathered(r, other, pass.spread) : r.view(input);
  const isKept = input.kept !== undefined;
  if (!isKept) r.release(mine, other);
  const { names, mlp } = layer;
  const results = layer.mixers.map((mixer, i) =>
    mix(r, pass, mixer, names.mixers[i] ?? {}, hidden, input),
  );
  if (mlp !== undefined) results.push(runMlp(r, pass, mlp, names.mlp, hidden, second));
  r.release(input, second);
  if (isKept) r.release(mine, other);
  let stream = r.view(x);
  for (const sum of results) {
    const result = scattered(r, sum, pass.spread);
    const next = add(r, stream, result);
    r.release(stream, result, sum);
    stream = next;
  }
  return stream;
}

function mix(
  r: Rehearsal,
  pass: Pass,
  mixer: Mixer,
  names: PartNames,
  hidden: number,
  x: Tensor,
): Tensor {
  switch (mixer.kind) {
    case 'softmax':
      return pass.program === 'litgpt'
        ? litgptAttention(r, pass, mixer, names, hidden, x)
        : softmaxAttention(r, pass, mixer, names, hidden, x);
    case 'latent':
      return latentAttention(r, pass, mixer, names, hidden, x);
    case 'delta': {
      const values = mixer.value_heads * mixer.value_dim;
      const mixed = 2 * mixer.key_heads * mixer.key_dim + values;
      return recurrent(r, pass, names, hidden, mixed, values, x);
    }
    case 'mamba1':
      return recurrent(r, pass, names, hidden, mixer.inner, mixer.inner, x);
    case 'mamba2': {
      const mixed = mixer.inner + 2 * mixer.groups * mixer.state;
      return recurrent(r, pass, names, hidden, mixed, mixer.inner, x);
    }
    default:
      return recurrent(r, pass, names, hidden, mixer.width, mixer.width, x);
  }
}

const visible = (pass: Pass, window: number | undefined): number =>
  window === undefined ? pass.keys : Math.min(pass.keys, Math.max(window, pass.queries));

function softmaxAttention(
  r: Rehearsal,
  pass: Pass,
  of: SoftmaxAttention,
  names: PartNames,
  hidden: number,
  x: Tensor,
): Tensor {
  const rows = tokensOf(pass);
  const valueDim = of.value_dim ?? of.head_dim;
  const [a, k, v] = [of.heads * of.head_dim, of.kv_heads * of.head_dim, of.kv_heads * valueDim];
  let query: Tensor;
  let key: Tensor;
  let value: Tensor;
  if (of.fused_qkv) {
    const all = project(r, pass, x, names, 'qkv', hidden, a + k + v, of.bias.q);
    [query, key, value] = split(r, all, [a, k, v]);
    r.release(all);
  } else {
    query = project(r, pass, x, names, 'q', hidden, of.output_gate === true ? 2 * a : a, of.bias.q);
    key = project(r, pass, x, names, 'k', hidden, k, of.bias.k);
    value = project(r, pass, x, names, 'v', hidden, v, of.bias.v);
  }
  if (of.qk_norm !== undefined) {
    const plain: Norm = { kind: 'rms', bias: false, weight: true };
    const perHead = of.qk_norm === 'head';
    const [q, kk] = [query, key];
    query = normed(r, pass, q, plain, perHead ? of.head_dim : a, perHead ? rows * of.heads : rows);
    key = normed(
      r,
      pass,
      kk,
      plain,
      perHead ? of.head_dim : k,
      perHead ? rows * of.kv_heads : rows,
    );
    r.release(q, kk);
  }
  if (pass.turned) [query, key] = rotated(r, query, key);
  if (pass.joinsPairs === true) [key, value] = joined(r, key, value);
  if (pass.prefix !== undefined) {
    key = prefixed(r, key, pass.batch * pass.prefix * k);
    value = prefixed(r, value, pass.batch * pass.prefix * v);
  }
  const keys = visible(pass, of.window);
  // What earlier passes cached is in the keys and values that attention reads.
  const attend = (q: Tensor, kk: Tensor, v: Tensor, kvHeads: number): Tensor =>
    attention(r, q, kk, v, {
      kernel: pass.attention,
      batch: pass.batch,
      heads: of.heads,
      kvHeads,
      dim: of.head_dim,
      valueDim,
      queries: pass.queries,
      keys,
      dropout: pass.attentionDropout,
      softcap: of.softcap === true,
      keepsScores: pass.numerics.keepsScores === true,
    });
  const result =
    pass.context === undefined
      ? attend(query, key, value, of.kv_heads)
      : inContext(r, pass.context, [query, key, value], of.kv_heads, attend);
  const out = project(r, pass, result, names, 'o', of.heads * valueDim, hidden, of.bias.o);
  r.release(query, key, value, result);
  return out;
}

/** Parts of one tensor as views that attention makes contiguous. */
function split(
  r: Rehearsal,
  all: Tensor,
  sizes: readonly [number, number, number],
): [Tensor, Tensor, Tensor] {
  const whole = sizes[0] + sizes[1] + sizes[2];
  const rows = all.elements / whole;
  // Views of one storage; their gradients are put together into one tensor before the product.
  const [q, k, v] = sizes.map(
    (size): Tensor => ({
      storage: r.hold(all.storage),
      elements: rows * size,
      width: all.width,
      needsGrad: all.needsGrad,
    }),
  ) as [Tensor, Tensor, Tensor];
  for (const part of [v, k, q]) {
    r.record(part, [], () => r.accumulate(all, r.allocate(all.elements * all.width)));
  }
  return [q, k, v];
}

/**
 * Keys or values behind those of a trained prefix of so many elements, joined by the cache; the prefix is cut from what
 * the encoder of prefixes gave, and its gradient waits for those of the other layers.
 */
function prefixed(r: Rehearsal, own: Tensor, prefix: number): Tensor {
  const ofPrefix = r.allocate(prefix * own.width);
  const out = r.tensor(own.elements + prefix, own.width, true);
  r.record(out, [ofPrefix], (grad) => r.accumulate(own, r.hold(grad)));
  r.drop(ofPrefix);
  r.release(own);
  return out;
}

/** Views of one new tensor that has both. */
function joined(r: Rehearsal, key: Tensor, value: Tensor): [Tensor, Tensor] {
  const elements = key.elements + value.elements;
  const both = r.tensor(elements, key.width, key.needsGrad || value.needsGrad);
  r.record(both, [], () => {
    r.accumulate(key, r.allocate(key.elements * key.width));
    r.accumulate(value, r.allocate(value.elements * value.width));
  });
  const half = (of: Tensor): Tensor => {
    const { width, needsGrad } = both;
    const view: Tensor = { storage: r.hold(both.storage), elements: of.elements, width, needsGrad };
    r.record(view, [], () => r.accumulate(both, r.allocate(elements * width)));
    return view;
  };
  const pair: [Tensor, Tensor] = [half(key), half(value)];
  r.release(key, value, both);
  return pair;
}

/** Rotary embedding: q·cos + rotate(q)·sin. The tables need no gradient, so nothing is kept. */
function rotated(r: Rehearsal, query: Tensor, key: Tensor): [Tensor, Tensor] {
  const turn = (x: Tensor): Tensor => {
    const direct = elementwise(r, x, []);
    const half = r.allocate(x.elements * x.width);
    const sine = r.tensor(x.elements, x.width, x.needsGrad);
    r.drop(half);
    r.record(sine, [], () => {
      r.touch(x.elements * x.width);
      r.accumulate(x, r.allocate(x.elements * x.width));
    });
    const out = add(r, direct, sine);
    r.release(direct, sine);
    return out;
  };
  const [q, k] = [turn(query), turn(key)];
  r.release(query, key);
  return [q, k];
}

/** DeepSeek's attention as HF writes it: keys and values are unpacked for every head. */
function latentAttention(
  r: Rehearsal,
  pass: Pass,
  of: LatentAttention,
  names: PartNames,
  hidden: number,
  x: Tensor,
): Tensor {
  const rows = tokensOf(pass);
  const plain: Norm = { kind: 'rms', bias: false, weight: true };
  const dim = of.nope_dim + of.rope_dim;
  let query: Tensor;
  if (of.q_rank === undefined)
    query = project(r, pass, x, names, 'q', hidden, of.heads * dim, of.bias);
  else {
    const low = project(r, pass, x, names, 'q_down', hidden, of.q_rank, of.bias);
    const scaled = normed(r, pass, low, plain, of.q_rank);
    r.release(low);
    query = project(r, pass, scaled, names, 'q_up', of.q_rank, of.heads * dim, false);
    r.release(scaled);
  }
  const packed = project(r, pass, x, names, 'kv_down', hidden, of.kv_rank + of.rope_dim, of.bias);
  const scaled = normed(r, pass, packed, plain, of.kv_rank);
  const open = project(
    r,
    pass,
    scaled,
    names,
    'v',
    of.kv_rank,
    of.heads * (of.nope_dim + of.value_dim),
    false,
  );
  r.release(packed, scaled);
  // Query and key are put together from a part with and a part without positions.
  const joined = elementwise(r, query, []);
  r.release(query);
  const key = r.tensor(rows * of.heads * dim, open.width, open.needsGrad);
  r.record(key, [], () => r.accumulate(open, r.allocate(open.elements * open.width)));
  const value: Tensor = {
    storage: r.hold(open.storage),
    elements: rows * of.heads * of.value_dim,
    width: open.width,
    needsGrad: open.needsGrad,
  };
  r.record(value, [], () => r.accumulate(open, r.allocate(open.elements * open.width)));
  const result = attention(r, joined, key, value, {
    kernel: pass.attention === 'flash' ? 'efficient' : pass.attention,
    batch: pass.batch,
    heads: of.heads,
    kvHeads: of.heads,
    dim,
    valueDim: of.value_dim,
    queries: pass.queries,
    keys: pass.keys,
    dropout: pass.attentionDropout,
    softcap: false,
  });
  const out = project(r, pass, result, names, 'o', of.heads * of.value_dim, hidden, of.bias);
  r.release(open, joined, key, value, result);
  return out;
}

/** State spaces and linear attention with fused scans: stream in, convolution, scan, gate, stream out. */
function recurrent(
  r: Rehearsal,
  pass: Pass,
  names: PartNames,
  hidden: number,
  mixed: number,
  inner: number,
  x: Tensor,
): Tensor {
  const rows = tokensOf(pass);
  const stream = project(r, pass, x, names, 'in', hidden, mixed + inner, false);
  const convolved = r.tensor(rows * mixed, stream.width, stream.needsGrad);
  r.record(convolved, [stream.storage], () =>
    r.accumulate(stream, r.allocate(stream.elements * stream.width)),
  );
  const scanned = r.tensor(rows * inner, stream.width, stream.needsGrad);
  r.record(scanned, [convolved.storage], () =>
    r.accumulate(convolved, r.allocate(convolved.elements * convolved.width)),
  );
  const gated = r.tensor(rows * inner, stream.width, stream.needsGrad);
  r.record(gated, [scanned.storage, stream.storage], () =>
    r.accumulate(scanned, r.allocate(scanned.elements * scanned.width)),
  );
  r.release(stream, convolved, scanned);
  const out = project(r, pass, gated, names, 'out', inner, hidden, false);
  r.release(gated);
  return out;
}

function runMlp(
  r: Rehearsal,
  pass: Pass,
  mlp: NonNullable<Layer['mlp']>,
  names: PartNames,
  hidden: number,
  x: Tensor,
): Tensor {
  return mlp.kind === 'dense'
    ? denseMlp(r, pass, mlp, names, hidden, x)
    : mixtureMlp(r, pass, mlp, names, hidden, x);
}

function denseMlp(
  r: Rehearsal,
  pass: Pass,
  mlp: DenseMlp,
  names: PartNames,
  hidden: number,
  x: Tensor,
): Tensor {
  const rows = tokensOf(pass);
  const inner = mlp.gated
    ? gatedProduct(r, pass, names, hidden, mlp.intermediate, mlp.fused, mlp.bias, x, rows)
    : plainProduct(r, pass, names, hidden, mlp.intermediate, mlp.bias, mlp.activation, x, rows);
  const out = project(r, pass, inner, names, 'down', mlp.intermediate, hidden, mlp.bias, rows);
  r.release(inner);
  return out;
}

/** act(gate(x)) · up(x) */
function gatedProduct(
  r: Rehearsal,
  pass: Pass,
  names: PartNames,
  hidden: number,
  width: number,
  isFused: boolean,
  bias: boolean,
  x: Tensor,
  rows: number,
): Tensor {
  if (isFused) {
    const both = project(r, pass, x, names, 'gate_up', hidden, 2 * width, bias, rows);
    const half = (): Tensor => ({
      storage: r.hold(both.storage),
      elements: both.elements / 2,
      width: both.width,
      needsGrad: both.needsGrad,
    });
    const [gate, up] = [half(), half()];
    for (const part of [up, gate]) {
      r.record(part, [], () => r.accumulate(both, r.allocate(both.elements * both.width)));
    }
    r.release(both);
    const active = activate(r, gate);
    r.release(gate);
    const product = multiply(r, up, active);
    r.release(up, active);
    return product;
  }
  const gate = project(r, pass, x, names, 'gate', hidden, width, bias, rows);
  if (pass.fusedGate) {
    const up = project(r, pass, x, names, 'up', hidden, width, bias, rows);
    const product = r.tensor(gate.elements, gate.width, gate.needsGrad || up.needsGrad);
    r.record(product, [gate.storage, up.storage], () => {
      // The gradients take the place of gate and up.
      r.accumulate(gate, r.hold(gate.storage));
      r.accumulate(up, r.hold(up.storage));
    });
    r.release(gate, up);
    return product;
  }
  const active = activate(r, gate);
  r.release(gate);
  const up = project(r, pass, x, names, 'up', hidden, width, bias, rows);
  const product = multiply(r, active, up);
  r.release(active, up);
  return product;
}

/** Activations that Python writes out step by step keep more than the kernels do. */
function plainProduct(
  r: Rehearsal,
  pass: Pass,
  names: PartNames,
  hidden: number,
  width: number,
  bias: boolean,
  activation: string,
  x: Tensor,
  rows: number,
): Tensor {
  const up = project(r, pass, x, names, 'up', hidden, width, bias, rows);
  const out =
    !pass.fusedGate && (activation === 'gelu_new' || activation === 'gelu_fast')
      ? pythonGelu(r, up)
      : activate(r, up);
  r.release(up);
  return out;
}

/** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), written with tensors. */
function pythonGelu(r: Rehearsal, x: Tensor): Tensor {
  const half = elementwise(r, x, []);
  const cube = elementwise(r, x, [x.storage]);
  const scaled = elementwise(r, cube, []);
  r.release(cube);
  const inner = add(r, x, scaled);
  r.release(scaled);
  const root = elementwise(r, inner, []);
  r.release(inner);
  const tanh = r.tensor(x.elements, x.width, x.needsGrad);
  const before = root;
  r.record(tanh, [tanh.storage], () => r.accumulate(before, r.allocate(x.elements * x.width)));
  r.release(root);
  const one = elementwise(r, tanh, []);
  r.release(tanh);
  const out = multiply(r, half, one);
  r.release(half, one);
  return out;
}

/**
 * A mixture of experts with sorted or grouped kernels: each token is computed `experts_per_token`
 * times; the scores of the router are fp32.
 */
function mixtureMlp(
  r: Rehearsal,
  pass: Pass,
  mlp: MixtureMlp,
  names: PartNames,
  hidden: number,
  x: Tensor,
): Tensor {
  const rows = tokensOf(pass);
  const routed = rows * mlp.experts_per_token;
  const scores = project(r, pass, x, names, 'router', hidden, mlp.experts, false, rows);
  const wide = cast(r, scores, 4);
  const chances = r.tensor(wide.elements, 4, wide.needsGrad);
  r.record(chances, [chances.storage], () => r.accumulate(wide, r.allocate(wide.elements * 4)));
  r.release(scores, wide);
  const sorted = r.tensor(routed * hidden, x.width, x.needsGrad);
  r.record(sorted, [], () => r.accumulate(x, r.allocate(x.elements * x.width)));
  const { expertRanks: ranks = 1 } = pass;
  const local = Math.max(1, Math.ceil(mlp.experts / ranks));
  const expert = (part: Part, input: Tensor, inputs: number, outputs: number): Tensor =>
    linear(r, pass.numerics, input, routed, {
      inputs,
      outputs,
      bias: mlp.bias,
      copies: local,
      ...pass.weight(part, names[part]),
    });
  const arrived = ranks === 1 ? sorted : dispatched(r, sorted, local, 'there');
  const gate = mlp.gated ? expert('gate', arrived, hidden, mlp.intermediate) : undefined;
  const up = expert('up', arrived, hidden, mlp.intermediate);
  r.release(arrived);
  let inner: Tensor;
  if (gate === undefined) inner = activate(r, up);
  else {
    const active = activate(r, gate);
    inner = multiply(r, active, up);
    r.release(gate, active);
  }
  r.release(up);
  const made = expert('down', inner, mlp.intermediate, hidden);
  r.release(inner);
  const results = ranks === 1 ? made : dispatched(r, made, local, 'back');
  const weighted = multiply(r, results, chances);
  r.release(results, chances);
  let out = r.tensor(rows * hidden, x.width, weighted.needsGrad);
  r.record(out, [], () => r.accumulate(weighted, r.allocate(weighted.elements * weighted.width)));
  r.release(weighted);
  if (mlp.shared !== undefined) {
    const { intermediate, fused } = mlp.shared;
    const ofShared = sharedNames(names);
    const product = mlp.gated
      ? gatedProduct(r, pass, ofShared, hidden, intermediate, fused === true, mlp.bias, x, rows)
      : plainProduct(r, pass, ofShared, hidden, intermediate, mlp.bias, mlp.activation, x, rows);
    const shared = project(
      r,
      pass,
      product,
      ofShared,
      'down',
      intermediate,
      hidden,
      mlp.bias,
      rows,
    );
    r.release(product);
    const sum = add(r, out, shared);
    r.release(out, shared);
    out = sum;
  }
  return out;
}

/**
 * Tokens on their way to the experts of other ranks, or back. They come by the rank that sent them, and where several experts
 * are here they are put into the order of the experts, or out of it. Takes its input over.
 */
function dispatched(r: Rehearsal, x: Tensor, local: number, way: 'there' | 'back'): Tensor {
  const ordered = (of: Tensor): Tensor => {
    if (local === 1) return of;
    const copy = r.tensor(of.elements, of.width, of.needsGrad);
    r.record(copy, [], () => r.accumulate(of, r.allocate(of.elements * of.width)));
    r.release(of);
    return copy;
  };
  const going = way === 'back' ? ordered(x) : x;
  const come = r.tensor(going.elements, going.width, going.needsGrad);
  r.record(come, [], () => r.accumulate(going, r.allocate(going.elements * going.width)));
  r.release(going);
  return way === 'there' ? ordered(come) : come;
}

/** The shared experts' names as those of a dense MLP. */
function sharedNames(names: PartNames): PartNames {
  const pairs: readonly (readonly [Part, string | undefined])[] = [
    ['gate', names.shared_gate],
    ['up', names.shared_up],
    ['gate_up', names.shared_gate_up],
    ['down', names.shared_down],
  ];
  return Object.fromEntries(pairs.filter(([, name]) => name !== undefined));
}
