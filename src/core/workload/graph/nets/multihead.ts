/** Attention as PyTorch's MultiheadAttention computed it before it had fused kernels: scores and their shares are whole. */
import type { FeatureMap, Graph } from '../graph.ts';

/** Queries of `queries` over keys and values of `source`, which may be fewer tokens. */
export function multihead(
  graph: Graph,
  queries: FeatureMap,
  source: FeatureMap,
  heads: number,
): FeatureMap {
  const hidden = queries.channels;
  let [q, k, v]: (FeatureMap | undefined)[] = [];
  if (source === queries) [q, k, v] = graph.split(graph.linear(queries, 3 * hidden), 3);
  else {
    q = graph.linear(queries, hidden);
    [k, v] = graph.split(graph.linear(source, 2 * hidden), 2);
  }
  if (q === undefined || k === undefined || v === undefined) throw new Error('three parts');
  const rows = queries.height * queries.width;
  const scaled = graph.apply('scale', [q], q);
  const scores = heads * rows * source.height * source.width;
  const mixed = graph.attentionWritten(scaled, graph.copy(k), graph.copy(v), scores);
  return graph.linear(graph.copy(mixed), hidden);
}

/** A perceptron over the channels of each token. */
export const perceptron = (graph: Graph, input: FeatureMap, inner: number): FeatureMap =>
  graph.linear(graph.activation('gelu', graph.linear(input, inner)), input.channels);
