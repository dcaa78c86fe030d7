/** Attention and feed-forward parts that the networks of diffusers share. */
import type { Storage, Tensor } from '../rehearsal/rehearsal.ts';
import { attention as openOrFused } from '../rehearsal/rules.ts';
import type { Net } from './net.ts';

export interface AttentionShape {
  readonly batch: number;
  readonly heads: number;
  readonly dim: number;
  readonly queries: number;
  readonly keys: number;
}

/** softmax(q kᵀ) v through scaled_dot_product_attention, or with scores as tensors. The caller holds q, k and v. */
export function attend(net: Net, q: Tensor, k: Tensor, v: Tensor, of: AttentionShape): Tensor {
  const { attention, slices = 1 } = net.stage;
  // The flash kernel takes 16 bits and heads of up to 256 elements.
  const isFlash = q.width <= 2 && of.dim <= 256;
  const kernel = attention === 'eager' ? 'eager' : isFlash ? 'flash' : 'efficient';
  const isSliced = kernel === 'eager' && slices < 1;
  const heads = isSliced ? Math.max(1, Math.floor(of.heads * slices)) : of.heads;
  const out = openOrFused(net.r, q, k, v, {
    kernel,
    batch: of.batch,
    heads,
    kvHeads: heads,
    dim: of.dim,
    valueDim: of.dim,
    queries: of.queries,
    keys: of.keys,
    dropout: false,
    softcap: false,
  });
  if (!isSliced) return out;
  const whole = net.tensor(q.elements, q);
  net.release(out);
  return whole;
}

/** Rotary embedding in fp32, as diffusers writes it: x·cos + rotate(x)·sin. Of all that only the tables are kept. */
export function rotate(net: Net, x: Tensor, tables: Storage): Tensor {
  const { r } = net;
  const { elements, width } = x;
  const turned = r.allocate(elements * width);
  const wide = r.allocate(elements * 4);
  const cosine = r.allocate(elements * 4);
  r.drop(wide);
  const wideTurned = r.allocate(elements * 4);
  const sine = r.allocate(elements * 4);
  r.drop(wideTurned);
  const sum = r.allocate(elements * 4);
  r.drop(cosine, sine);
  const out = r.tensor(elements, width, x.needsGrad);
  r.drop(sum, turned);
  r.record(out, [tables], () => {
    const grad = r.allocate(elements * 4);
    const half = r.allocate(elements * 4);
    r.touch(elements * width);
    r.drop(half);
    const mine = r.allocate(elements * width);
    r.drop(grad);
    r.accumulate(x, mine);
  });
  return out;
}

export interface SelfAttentionUse {
  readonly module: string;
  readonly batch: number;
  readonly width: number;
  readonly heads: number;
  readonly dim: number;
  readonly bias: boolean;
  readonly outBias: boolean;
  /** Width of what keys and values come from; absent for the stream itself. */
  readonly crossWidth?: number;
  readonly norm?: (net: Net, name: string, x: Tensor) => Tensor;
  /** Turns queries and keys by a rotary embedding. */
  readonly rotary?: (x: Tensor) => Tensor;
  /** Divides the result by one number more (the older Attention class of diffusers). */
  readonly rescales: boolean;
}

/**
 * One attention with projections (`to_q`, `to_k`, `to_v`, `to_out.0`). @param context what keys and values are made from
 */
export function attentionLayer(
  net: Net,
  x: Tensor,
  context: Tensor,
  use: SelfAttentionUse,
): Tensor {
  const { module, batch, heads, dim, width } = use;
  const inner = heads * dim;
  const from = use.crossWidth ?? width;
  let q = net.linear(`${module}.to_q`, x, width, inner, use.bias);
  let k = net.linear(`${module}.to_k`, context, from, inner, use.bias);
  const v = net.linear(`${module}.to_v`, context, from, inner, use.bias);
  const { norm } = use;
  if (norm !== undefined) {
    q = replaced(net, q, (one) => norm(net, `${module}.norm_q`, one));
    k = replaced(net, k, (one) => norm(net, `${module}.norm_k`, one));
  }
  const { rotary } = use;
  if (rotary !== undefined) {
    q = replaced(net, q, rotary);
    k = replaced(net, k, rotary);
  }
  const out = attend(net, q, k, v, {
    batch,
    heads,
    dim,
    queries: q.elements / (batch * inner),
    keys: k.elements / (batch * inner),
  });
  let result = net.linear(`${module}.to_out.0`, out, inner, width, use.outBias);
  net.release(out);
  if (use.rescales) result = replaced(net, result, (one) => net.copy(one));
  net.release(q, k, v);
  return result;
}

/** What `of` makes of a tensor, in its place. */
export function replaced(net: Net, x: Tensor, of: (x: Tensor) => Tensor): Tensor {
  const out = of(x);
  net.release(x);
  return out;
}

/** `net.0.proj`, GELU, `net.2`. */
export function feedForward(
  net: Net,
  module: string,
  x: Tensor,
  width: number,
  inner: number,
): Tensor {
  const up = net.linear(`${module}.net.0.proj`, x, width, inner);
  const active = net.activate(up);
  net.release(up);
  const out = net.linear(`${module}.net.2`, active, inner, width);
  net.release(active);
  return out;
}

/** GEGLU: one projection to both halves, which stays whole while they are multiplied. */
export function gatedFeedForward(
  net: Net,
  module: string,
  x: Tensor,
  width: number,
  inner: number,
): Tensor {
  const both = net.linear(`${module}.net.0.proj`, x, width, 2 * inner);
  const half = both.elements / 2;
  const [value, gate] = net.split(both, half, half) as [Tensor, Tensor];
  const active = net.activate(gate);
  const product = net.multiply(value, active);
  net.release(both, value, gate, active);
  const out = net.linear(`${module}.net.2`, product, inner, width);
  net.release(product);
  return out;
}

/** Two linear layers with an activation between, over `rows` vectors: embeddings of times and texts. */
export function twoLayers(
  net: Net,
  module: string,
  x: Tensor,
  inputs: number,
  outputs: number,
  bias = true,
): Tensor {
  const first = net.linear(`${module}.linear_1`, x, inputs, outputs, bias);
  const active = net.activate(first);
  net.release(first);
  const out = net.linear(`${module}.linear_2`, active, outputs, outputs, bias);
  net.release(active);
  return out;
}
