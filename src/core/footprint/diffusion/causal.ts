/** What autoencoders of videos have in common. */
import type { Fields } from '../../workload/model/fields.ts';
import type { Tensor } from '../rehearsal/rehearsal.ts';
import { elementsOf, type Feature, type Net } from './net.ts';

export const flags = (
  config: Fields,
  name: string,
  usual: readonly boolean[],
): readonly boolean[] => config.list(name)?.map((one) => one === true) ?? usual;

/** The same map with fewer frames: a view. x is let go. */
export function shortened(net: Net, x: Feature, frames: number): Feature {
  const size = { ...x, frames: x.frames - frames };
  const [tensor] = net.split(x.tensor, elementsOf(size));
  net.release(x);
  if (tensor === undefined) throw new Error('one share gives one part');
  return { ...size, tensor };
}

/**
 * A copy with frames added at the ends. The caller holds x, and lets go of all that it is given.
 * @param added frames that are made for it
 * @param lent frames that lie there already
 */
export function padded(
  net: Net,
  x: Feature,
  added: readonly number[],
  lent = 0,
): { readonly feature: Feature; readonly pads: readonly Tensor[] } {
  const one = elementsOf({ ...x, frames: 1 });
  const pads = added.map((frames) => net.tensor(one * frames, x.tensor));
  const size = { ...x, frames: added.reduce((sum, frames) => sum + frames, x.frames + lent) };
  return { feature: { ...size, tensor: net.tensor(elementsOf(size), x.tensor) }, pads };
}
