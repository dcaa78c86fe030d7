/** Parts of networks that work on feature maps: residual blocks, changes of resolution. */
import type { Tensor } from '../rehearsal/rehearsal.ts';
import type { Feature, Net } from './net.ts';

/** A feature map put in the place of another. */
export function replacedMap(net: Net, x: Feature, of: (x: Feature) => Feature): Feature {
  const out = of(x);
  net.release(x);
  return out;
}

/** What a block was given keeps its name until the block returns. */
export const held = (net: Net, x: Feature): Feature => ({ ...x, tensor: net.r.view(x.tensor) });

export interface ResnetUse {
  readonly channels: number;
  readonly groups: number;
  /** The time of the step, as wide as that; absent in autoencoders. */
  readonly time?: { readonly tensor: Tensor; readonly width: number };
}

/** Two convolutions beside a shortcut. The caller holds x. */
export function resnet(net: Net, module: string, x: Feature, use: ResnetUse): Feature {
  const { channels, groups, time } = use;
  let hidden = net.groupNorm(`${module}.norm1`, x, groups);
  hidden = replacedMap(net, hidden, net.activateMap);
  hidden = replacedMap(net, hidden, (one) => net.conv(`${module}.conv1`, one, channels, 3));
  if (time !== undefined) {
    const active = net.activate(time.tensor);
    const shift = net.linear(`${module}.time_emb_proj`, active, time.width, channels);
    net.release(active);
    hidden = replacedMap(net, hidden, (one) => ({ ...one, tensor: net.add(one.tensor, shift) }));
    net.release(shift);
  }
  hidden = replacedMap(net, hidden, (one) => net.groupNorm(`${module}.norm2`, one, groups));
  hidden = replacedMap(net, hidden, net.activateMap);
  hidden = replacedMap(net, hidden, (one) => net.conv(`${module}.conv2`, one, channels, 3));
  const isWider = x.channels !== channels;
  const side = isWider ? net.conv(`${module}.conv_shortcut`, x, channels, 1) : x;
  const sum = net.add(side.tensor, hidden.tensor);
  // Divided by one.
  const out = net.copy(sum);
  net.release(sum, hidden);
  if (isWider) net.release(side);
  return { ...hidden, tensor: out };
}

/** Twice the edge, each pixel four times, then a convolution. The caller holds x. */
export function upsampled(net: Net, module: string, x: Feature): Feature {
  const { r } = net;
  const size = { ...x, height: 2 * x.height, width: 2 * x.width };
  const wide = net.tensor(4 * x.tensor.elements, x.tensor);
  r.record(wide, [], () => r.accumulate(x.tensor, r.allocate(x.tensor.elements * x.tensor.width)));
  const out = net.conv(`${module}.conv`, { ...size, tensor: wide }, x.channels, 3);
  net.release(wide);
  return out;
}

/** Half the edge. @param isPadded a row and a column are added first (autoencoders) */
export function downsampled(net: Net, module: string, x: Feature, isPadded: boolean): Feature {
  const half = { height: Math.floor(x.height / 2), width: Math.floor(x.width / 2), stride: 2 };
  if (!isPadded) return net.conv(`${module}.conv`, x, x.channels, 3, half);
  const padded = net.copy(x.tensor);
  const out = net.conv(`${module}.conv`, { ...x, tensor: padded }, x.channels, 3, half);
  net.release(padded);
  return out;
}
