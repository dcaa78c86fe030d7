/**
 * The graph that llama.cpp builds for one batch of tokens, as sizes: what lies in the compute buffer of a device.
 * Source: llama-cpp-python@0.3.36:vendor/llama.cpp/src/llama-graph.cpp (build_attn_mha, build_ffn, build_moe_ffn),
 * src/models/llama.cpp, gptneox.cpp; order of operations as the graph is expanded there.
 */
import type {
  DenseMlp,
  LatentAttention,
  Layer,
  MixtureMlp,
  SoftmaxAttention,
  Stack,
} from '../../../workload/model/model.ts';
import { Graph, type Node } from './allocator.ts';

export interface GraphUse {
  /** Tokens of the batch. */
  readonly tokens: number;
  /** Cells of the cache that each token may see: the padded context, and that of layers with a window. */
  readonly cells: number;
  readonly windowCells: number;
  readonly flash: boolean;
  /**
   * Builds since the middle of 2025: gated units are one operation with a result of its own, the cells that are
   * written to are inputs, fused projections are looked at in place, and masks come in the format that is needed.
   */
  readonly isRecent: boolean;
  readonly vocab: number;
}

const F32 = 4;

interface Inputs {
  readonly position: Node;
  /** The first layer that asks for a mask casts it. */
  readonly mask: () => Node;
  readonly windowMask: (() => Node) | undefined;
  readonly indices: readonly Node[];
  readonly rows: Node;
}

/** Bytes of the compute buffer, or nothing where a layer is of a kind whose graph is not known. */
export function computeBuffer(stack: Stack, use: GraphUse): number | undefined {
  const kinds = stack.pattern.map((at) => stack.layers[at]);
  // Equal layers take and give back the same pieces, so a few of each kind show the highest instant.
  const some = kinds.filter((layer, i) => i < 4 || i >= kinds.length - 2 || layer !== kinds[i - 1]);
  const graph = new Graph();
  const { tokens } = use;
  const stream = tokens * stack.hidden * F32;
  let x = graph.input(stream);
  const inputs = inputsOf(graph, stack, use);
  for (const [i, layer] of some.slice(0, 16).entries()) {
    if (layer === undefined) return undefined;
    const isLast = i === Math.min(16, some.length) - 1;
    const next = layerOf(graph, stack, layer, use, inputs, x, isLast);
    if (next === undefined) return undefined;
    x = next;
  }
  const last = normOf(graph, stack.norm.kind === 'layer', stream, x);
  graph.result(tokens * use.vocab * F32, last);
  return graph.size();
}

function inputsOf(graph: Graph, stack: Stack, use: GraphUse): Inputs {
  const { tokens, flash } = use;
  const hasWindow = stack.layers.some(({ mixers }) =>
    mixers.some((mixer) => mixer.kind === 'softmax' && mixer.window !== undefined),
  );
  const position = graph.input(tokens * 4);
  const mask = (cells: number): (() => Node) => {
    const casts = flash && !use.isRecent;
    const width = flash && !casts ? 2 : F32;
    const given = graph.input(cells * Math.ceil(tokens / 64) * 64 * width);
    let cast: Node | undefined;
    return () => {
      if (!casts) return given;
      cast ??= graph.result(given.bytes / 2, given);
      return cast;
    };
  };
  const values = Math.max(
    ...stack.layers.flatMap(({ mixers }) =>
      mixers.map((mixer) =>
        mixer.kind === 'softmax' ? mixer.kv_heads * (mixer.value_dim ?? mixer.head_dim) : 1,
      ),
    ),
  );
  const indices = use.isRecent
    ? [graph.input(tokens * 8), graph.input(tokens * 8 * (flash ? 1 : values))]
    : [];
  return {
    position,
    mask: mask(use.cells),
    windowMask: hasWindow ? mask(use.windowCells) : undefined,
    indices,
    rows: graph.input(tokens * 4),
  };
}

/** A norm, its weight, and its bias. */
function normOf(graph: Graph, hasBias: boolean, bytes: number, x: Node): Node {
  const plain = hasBias ? graph.result(bytes, x) : graph.inPlace(bytes, x);
  const scaled = graph.inPlace(bytes, plain);
  return hasBias ? graph.inPlace(bytes, scaled) : scaled;
}

function layerOf(
  graph: Graph,
  stack: Stack,
  layer: Layer,
  use: GraphUse,
  inputs: Inputs,
  x: Node,
  isLast: boolean,
): Node | undefined {
  const [mixer] = layer.mixers;
  if (mixer === undefined || layer.mixers.length !== 1) return undefined;
  if (mixer.kind !== 'latent' && (mixer.kind !== 'softmax' || mixer.cross === true))
    return undefined;
  const stream = use.tokens * stack.hidden * F32;
  const isLayerNorm = layer.norm.kind === 'layer';
  const hasNorms = layer.norms > 0 && layer.norm.kind !== 'none';
  const norm = (of: Node): Node => (hasNorms ? normOf(graph, isLayerNorm, stream, of) : of);
  const before = norm(x);
  const heads =
    mixer.kind === 'latent'
      ? latentOf(graph, mixer, use, inputs, before)
      : attentionOf(graph, mixer, use, inputs, before);
  const hasOutputBias = mixer.kind === 'latent' ? mixer.bias : mixer.bias.o;
  const project = (): Node => {
    const out = graph.result(stream, heads);
    return hasOutputBias ? graph.inPlace(stream, out) : out;
  };
  const rows = (of: Node): Node => (isLast ? graph.result(stream, of, inputs.rows) : of);
  if (layer.mlp === undefined) return graph.inPlace(stream, project(), x);
  if (layer.parallel) {
    // The branch of the MLP stands first in the sum, so it runs before the attention's projection.
    const residual = rows(x);
    const input = layer.norms > 1 ? norm(residual) : rows(before);
    const mlp = mlpOf(graph, layer.mlp, use, stack.hidden, input);
    const sum = graph.inPlace(stream, mlp, residual);
    return graph.inPlace(stream, sum, rows(project()));
  }
  const attended = rows(project());
  const residual = rows(x);
  const after = layer.norms >= 4 ? normOf(graph, isLayerNorm, stream, attended) : attended;
  const sum = graph.inPlace(stream, after, residual);
  const mlp = mlpOf(graph, layer.mlp, use, stack.hidden, norm(sum));
  const done = layer.norms >= 4 ? normOf(graph, isLayerNorm, stream, mlp) : mlp;
  return graph.inPlace(stream, done, sum);
}

function attentionOf(
  graph: Graph,
  mixer: SoftmaxAttention,
  use: GraphUse,
  inputs: Inputs,
  x: Node,
): Node {
  const { tokens, flash } = use;
  const { heads, kv_heads, head_dim } = mixer;
  const queries = tokens * heads * head_dim * F32;
  const keys = tokens * kv_heads * head_dim * F32;
  const values = tokens * kv_heads * (mixer.value_dim ?? head_dim) * F32;
  const turned = (bytes: number, of: Node): Node => {
    const normed = mixer.qk_norm === undefined ? of : normOf(graph, false, bytes, of);
    return graph.inPlace(bytes, normed, inputs.position);
  };
  const project = projections(graph, mixer, use, [queries, keys, values], x);
  // Each is expanded with all that it needs before the next one begins.
  const q = turned(queries, project.q());
  const late = use.isRecent ? project.v() : undefined;
  const k = turned(keys, project.k());
  const v = late ?? project.v();
  graph.consume(k, ...inputs.indices.slice(0, 1));
  graph.consume(v, ...inputs.indices.slice(1));
  const isWindow = mixer.window !== undefined;
  const mask = ((isWindow ? inputs.windowMask : undefined) ?? inputs.mask)();
  const cells = isWindow ? use.windowCells : use.cells;
  const seen = graph.view(q);
  const outBytes = tokens * heads * (mixer.value_dim ?? head_dim) * F32;
  if (flash) return graph.view(graph.result(outBytes, seen, mask));
  const scores = cells * tokens * heads * F32;
  let kq = graph.result(scores, seen);
  if (mixer.softcap === true) for (let i = 0; i < 3; i += 1) kq = graph.inPlace(scores, kq);
  const chances = graph.inPlace(scores, kq, mask);
  const mixed = graph.result(outBytes, chances);
  return graph.result(outBytes, graph.view(mixed));
}

/** The absorbed form: queries meet the latent itself, and the values are unpacked from what they mix. */
function latentOf(
  graph: Graph,
  mixer: LatentAttention,
  use: GraphUse,
  inputs: Inputs,
  x: Node,
): Node {
  const { tokens, flash, cells } = use;
  const { heads, q_rank, kv_rank, rope_dim, nope_dim, value_dim } = mixer;
  const bytes = (width: number): number => tokens * width * F32;
  const down =
    q_rank === undefined ? x : normOf(graph, false, bytes(q_rank), graph.result(bytes(q_rank), x));
  const queries = graph.result(bytes(heads * (nope_dim + rope_dim)), down);
  const absorbed = graph.result(bytes(heads * kv_rank), graph.view(queries));
  const turned = graph.result(bytes(heads * rope_dim), graph.view(queries), inputs.position);
  const q = graph.result(bytes(heads * (kv_rank + rope_dim)), graph.view(absorbed), turned);
  const packed = graph.result(bytes(kv_rank + rope_dim), x);
  const latent = graph.result(bytes(kv_rank), graph.view(packed));
  const keys = graph.result(bytes(rope_dim), graph.view(packed), inputs.position);
  const k = graph.result(
    bytes(kv_rank + rope_dim),
    graph.view(graph.inPlace(latent.bytes, latent)),
    keys,
  );
  graph.consume(k, ...inputs.indices.slice(0, 1));
  const mask = inputs.mask();
  const mixedBytes = bytes(heads * kv_rank);
  let mixed: Node;
  if (flash) mixed = graph.result(mixedBytes, graph.view(q), mask);
  else {
    const scores = cells * tokens * heads * F32;
    const chances = graph.inPlace(scores, graph.result(scores, graph.view(q)), mask);
    mixed = graph.result(mixedBytes, chances);
  }
  const out = bytes(heads * value_dim);
  return graph.result(out, graph.view(graph.result(out, graph.view(mixed))));
}

function projections(
  graph: Graph,
  mixer: SoftmaxAttention,
  use: GraphUse,
  [queries, keys, values]: readonly [number, number, number],
  x: Node,
): Readonly<Record<'q' | 'k' | 'v', () => Node>> {
  const biased = (bytes: number, hasBias: boolean, of: Node): Node =>
    hasBias ? graph.inPlace(bytes, of) : of;
  if (!mixer.fused_qkv) {
    const one = (bytes: number, bias: boolean) => (): Node =>
      graph.view(biased(bytes, bias, graph.result(bytes, x)));
    return {
      q: one(queries, mixer.bias.q),
      k: one(keys, mixer.bias.k),
      v: one(values, mixer.bias.v),
    };
  }
  const whole = queries + keys + values;
  let joined: Node | undefined;
  const part = (bytes: number) => (): Node => {
    joined ??= biased(whole, mixer.bias.q, graph.result(whole, x));
    const seen = graph.view(joined);
    // Before they could be looked at in place, they were copied out.
    return use.isRecent ? seen : graph.view(graph.result(bytes, seen));
  };
  return { q: part(queries), k: part(keys), v: part(values) };
}

function mlpOf(
  graph: Graph,
  mlp: DenseMlp | MixtureMlp,
  use: GraphUse,
  hidden: number,
  x: Node,
): Node {
  return mlp.kind === 'dense'
    ? dense(graph, mlp, use, hidden, x)
    : mixture(graph, mlp, use, hidden, x);
}

function dense(
  graph: Graph,
  mlp: Pick<DenseMlp, 'intermediate' | 'gated' | 'fused' | 'bias'>,
  use: GraphUse,
  hidden: number,
  x: Node,
): Node {
  const { tokens } = use;
  const inner = tokens * mlp.intermediate * F32;
  const out = tokens * hidden * F32;
  const biased = (bytes: number, of: Node): Node => (mlp.bias ? graph.inPlace(bytes, of) : of);
  const down = (of: Node): Node => biased(out, graph.result(out, of));
  if (mlp.gated && mlp.fused) return down(graph.result(inner, graph.result(2 * inner, x)));
  if (!mlp.gated) return down(graph.inPlace(inner, biased(inner, graph.result(inner, x))));
  const gate = biased(inner, graph.result(inner, x));
  const opened = use.isRecent ? gate : graph.inPlace(inner, gate);
  const up = biased(inner, graph.result(inner, x));
  return down(use.isRecent ? graph.result(inner, opened, up) : graph.inPlace(inner, opened, up));
}

/** Experts over the tokens that chose them; their outputs are weighed and added up one by one. */
function mixture(graph: Graph, mlp: MixtureMlp, use: GraphUse, hidden: number, x: Node): Node {
  const { tokens } = use;
  const { experts, experts_per_token: used } = mlp;
  const scores = tokens * experts * F32;
  const inner = tokens * used * mlp.intermediate * F32;
  const outer = tokens * used * hidden * F32;
  const chances = graph.inPlace(scores, graph.result(scores, x));
  const order = graph.result(scores, chances);
  const weights = graph.result(tokens * used * F32, graph.view(chances), graph.view(order));
  const up = graph.result(inner, x, graph.view(order));
  const gate = mlp.gated ? graph.result(inner, x, graph.view(order)) : up;
  const act =
    mlp.gated && use.isRecent ? graph.result(inner, gate, up) : graph.inPlace(inner, gate, up);
  const out = graph.result(outer, act, graph.view(order));
  const weighed = graph.inPlace(outer, out, weights);
  let sum: Node = graph.view(weighed);
  for (let i = 1; i < used; i += 1) {
    sum = graph.inPlace(tokens * hidden * F32, sum, graph.view(weighed));
  }
  if (mlp.shared === undefined) return sum;
  const { intermediate } = mlp.shared;
  const shared = dense(
    graph,
    { intermediate, gated: mlp.gated, fused: false, bias: false },
    use,
    hidden,
    x,
  );
  return graph.inPlace(tokens * hidden * F32, sum, shared);
}
