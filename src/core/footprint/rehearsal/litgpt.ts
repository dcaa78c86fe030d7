/**
 * Attention as litgpt writes it: one projection for queries, keys and values, keys and values of
 * grouped heads copied for every head, positions applied in fp32.
 *
 * Source: litgpt 0.4 (model.py, lora.py), its saved tensors listed with hooks.
 */
import type { PartNames, SoftmaxAttention } from '../../workload/model/model.ts';
import { Kind, type Rehearsal, type Tensor } from './rehearsal.ts';
import { add, attention, dropout, elementwise, type LoraUse, linear } from './rules.ts';
import type { Pass } from './transformer.ts';

type Third = 'q' | 'k' | 'v';

const THIRDS: readonly Third[] = ['q', 'k', 'v'];

/** Which of the three an adapter updates, and how. */
function updated(
  pass: Pass,
  names: PartNames,
): { readonly lora?: LoraUse; readonly of: readonly Third[] } {
  if (names.qkv !== undefined) {
    const { lora } = pass.weight('qkv', names.qkv);
    return lora === undefined ? { of: [] } : { lora, of: lora.thirds ?? THIRDS };
  }
  const of = THIRDS.filter((part) => pass.weight(part, names[part]).lora !== undefined);
  const lora = of[0] === undefined ? undefined : pass.weight(of[0], names[of[0]]).lora;
  return lora === undefined ? { of } : { lora, of };
}

export function litgptAttention(
  r: Rehearsal,
  pass: Pass,
  of: SoftmaxAttention,
  names: PartNames,
  hidden: number,
  x: Tensor,
): Tensor {
  const rows = pass.batch * pass.queries;
  const size = { q: of.heads * of.head_dim, k: of.kv_heads * of.head_dim, v: 0 };
  size.v = size.k;
  const outputs = size.q + size.k + size.v;
  const { lora: _, ...use } = pass.weight(
    names.qkv === undefined ? 'q' : 'qkv',
    names.qkv ?? names.q,
  );
  const base = { inputs: hidden, outputs, bias: of.bias.q, ...use };
  let all = linear(r, pass.numerics, x, rows, base);
  const adapter = updated(pass, names);
  if (adapter.lora !== undefined) {
    const widths = adapter.of.map((part) => size[part]);
    const update = mergedUpdate(r, pass, x, rows, hidden, outputs, widths, adapter.lora);
    const sum = add(r, all, update);
    r.release(all, update);
    all = sum;
  }
  const isGrouped = of.kv_heads < of.heads;
  const query = roped(r, part(r, all, rows * size.q));
  const key = roped(r, isGrouped ? spread(r, all, rows * size.q) : part(r, all, rows * size.k));
  const value = isGrouped ? spread(r, all, rows * size.q) : part(r, all, rows * size.v);
  r.release(all);
  const result = attention(r, query, key, value, {
    kernel: pass.attention,
    batch: pass.batch,
    heads: of.heads,
    kvHeads: of.heads,
    dim: of.head_dim,
    valueDim: of.head_dim,
    queries: pass.queries,
    keys: pass.keys,
    dropout: false,
    softcap: of.softcap === true,
    keepsScores: pass.numerics.keepsScores === true,
  });
  r.release(query, key, value);
  const out = linear(r, pass.numerics, result, rows, {
    inputs: size.q,
    outputs: hidden,
    bias: of.bias.o,
    ...pass.weight('o', names.o),
  });
  r.release(result);
  return out;
}

/** A(dropout(x)), a grouped convolution for B, zeros where nothing is updated, the scale. */
function mergedUpdate(
  r: Rehearsal,
  pass: Pass,
  x: Tensor,
  rows: number,
  inputs: number,
  outputs: number,
  widths: readonly number[],
  lora: LoraUse,
): Tensor {
  const thin = { bias: false, trainable: true, width: lora.width };
  const dropped = lora.dropout ? dropout(r, x) : r.view(x);
  const rank = lora.rank * widths.length;
  const low = linear(r, pass.numerics, dropped, rows, { inputs, outputs: rank, ...thin });
  r.release(dropped);
  const total = widths.reduce((a, b) => a + b, 0);
  const high = linear(r, pass.numerics, low, rows, { inputs: lora.rank, outputs: total, ...thin });
  r.release(low);
  let padded = high;
  if (total < outputs) {
    padded = r.tensor(rows * outputs, high.width, true);
    // Copying by an index keeps what was copied.
    r.record(padded, [high.storage], () =>
      r.accumulate(high, r.allocate(high.elements * high.width)),
    );
    r.release(high);
  }
  const scaled = elementwise(r, padded, []);
  r.release(padded);
  return scaled;
}

/** A view of a part of the projection, whose gradient is a tensor of the size of the whole. */
function part(r: Rehearsal, all: Tensor, elements: number): Tensor {
  const view: Tensor = {
    storage: r.hold(all.storage),
    elements,
    width: all.width,
    needsGrad: all.needsGrad,
  };
  r.record(view, [], () => r.accumulate(all, r.allocate(all.elements * all.width)));
  return view;
}

/** Copies of a group's keys or values for each head of queries. */
function spread(r: Rehearsal, all: Tensor, elements: number): Tensor {
  const copy = r.tensor(elements, all.width, all.needsGrad);
  r.record(copy, [], () => r.accumulate(all, r.allocate(all.elements * all.width)));
  return copy;
}

/** x·cos + rotated·sin in fp32, cast back and joined with what has no positions. Releases `x`. */
function roped(r: Rehearsal, x: Tensor): Tensor {
  const [narrow, wide] = [x.elements * x.width, x.elements * 4];
  const rotated = r.allocate(narrow);
  const [a, b] = [r.allocate(wide), r.allocate(wide)];
  const sum = r.allocate(wide);
  r.drop(rotated, a, b);
  r.drop(sum);
  const out = r.tensor(x.elements, x.width, x.needsGrad);
  r.record(out, [], () => {
    const grads = [r.allocate(wide, Kind.activation), r.allocate(wide, Kind.activation)];
    r.drop(...grads);
    r.accumulate(x, r.allocate(narrow));
  });
  r.release(x);
  return out;
}
