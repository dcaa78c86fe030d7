/** Norms whose scale and shift come from the time of the step, as diffusers writes them. */
import type { Tensor } from '../rehearsal/rehearsal.ts';
import { twoLayers } from './attention.ts';
import type { Net } from './net.ts';

/** linear(SiLU(time)): `sets` vectors of the width for each sample. */
export function modulation(
  net: Net,
  module: string,
  time: Tensor,
  from: number,
  outputs: number,
): Tensor {
  const active = net.activate(time);
  const out = net.linear(module, active, from, outputs);
  net.release(active);
  return out;
}

/** norm(x) · (1 + scale) + shift in one expression: what is between goes at once. */
export function adapted(net: Net, norm: (x: Tensor) => Tensor, x: Tensor, scale: Tensor): Tensor {
  const normed = norm(x);
  const scaled = net.multiply(normed, scale);
  net.release(normed);
  const out = net.add(scaled, scale);
  net.release(scaled);
  return out;
}

/** The same without weights in the norm. */
export const adaptedPlain = (net: Net, x: Tensor, width: number, scale: Tensor): Tensor =>
  adapted(net, (one) => net.layerNorm(undefined, one, width), x, scale);

/** The end of a transformer: a norm with scale and shift of its own, then the way back to patches. */
export function finished(
  net: Net,
  x: Tensor,
  time: Tensor,
  width: number,
  outputs: number,
): Tensor {
  const mod = modulation(net, 'norm_out.linear', time, width, 2 * width);
  const normed = adaptedPlain(net, x, width, mod);
  const out = net.linear('proj_out', normed, width, outputs);
  net.release(mod, normed);
  return out;
}

/** Time, guidance and pooled text as one vector a sample. @param pooled width of the pooled text; 0 for none */
export function conditioning(
  net: Net,
  module: string,
  of: {
    readonly batch: number;
    readonly width: number;
    readonly pooled: number;
    readonly guided: boolean;
  },
): Tensor {
  const { batch, width, pooled, guided } = of;
  const input = (elements: number): Tensor =>
    net.r.tensor(elements, net.stage.numerics.width, false);
  const times = input(batch * 256);
  const parts = [twoLayers(net, `${module}.timestep_embedder`, times, 256, width)];
  if (guided) parts.push(twoLayers(net, `${module}.guidance_embedder`, times, 256, width));
  net.release(times);
  if (pooled > 0) {
    const text = input(batch * pooled);
    parts.push(twoLayers(net, `${module}.text_embedder`, text, pooled, width));
    net.release(text);
  }
  return parts.reduce((sum, part) => {
    const next = net.add(sum, part);
    net.release(sum, part);
    return next;
  });
}
