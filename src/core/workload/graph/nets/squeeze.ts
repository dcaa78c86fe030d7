/** Weights for the channels from their means, as torchvision's SqueezeExcitation computes them. */
import type { Activation, FeatureMap, Graph } from '../graph.ts';

export function squeezed(
  graph: Graph,
  input: FeatureMap,
  channels: number,
  inner: Activation,
  outer: Activation,
): FeatureMap {
  const means = graph.averagePool(input, 1);
  const down = graph.conv(means, channels, 1, { bias: true });
  // SiLU overwrites its input there, ReLU does not.
  const few = graph.activation(inner, down, inner === 'silu');
  const share = graph.activation(outer, graph.conv(few, input.channels, 1, { bias: true }));
  return graph.multiply(share, input);
}

/** Channels as a multiple of 8 that is not less than nine tenths of what was asked. */
export function divisible(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
