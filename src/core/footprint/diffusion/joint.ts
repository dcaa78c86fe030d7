/** Blocks of two streams, image and text, that attend to each other (MMDiT: Flux, Stable Diffusion 3). */
import type { Storage, Tensor } from '../rehearsal/rehearsal.ts';
import { adaptedPlain, modulation } from './adaptive.ts';
import { attend, feedForward, replaced, rotate } from './attention.ts';
import type { Net } from './net.ts';

export interface JointUse {
  readonly module: string;
  readonly batch: number;
  readonly width: number;
  readonly heads: number;
  readonly dim: number;
  /** Norm of queries and keys over each head. */
  readonly norm?: (net: Net, name: string, x: Tensor) => Tensor;
  /** Tables of a rotary embedding. */
  readonly rotary?: Storage;
  /** The text goes no further than this block. */
  readonly textEnds: boolean;
  /** A second attention of the image alone (Stable Diffusion 3.5 medium). */
  readonly dual?: boolean;
}

const IMAGE = ['to_q', 'to_k', 'to_v'] as const;
const TEXT = ['add_q_proj', 'add_k_proj', 'add_v_proj'] as const;

function projected(
  net: Net,
  use: JointUse,
  x: Tensor,
  names: readonly string[],
  norms: readonly string[],
): Tensor[] {
  const { module, width, norm } = use;
  const parts = names.map((name) => net.linear(`${module}.attn.${name}`, x, width, width));
  return parts.map((part, i) => {
    const name = norms[i];
    if (name === undefined || norm === undefined) return part;
    return replaced(net, part, (one) => norm(net, `${module}.attn.${name}`, one));
  });
}

/** Attention over both streams; gives what it has for each. */
function jointAttention(
  net: Net,
  use: JointUse,
  x: Tensor,
  y: Tensor,
): [Tensor, Tensor | undefined] {
  const { module, batch, width, heads, dim, rotary } = use;
  const mine = projected(net, use, x, IMAGE, ['norm_q', 'norm_k']);
  const theirs = projected(net, use, y, TEXT, ['norm_added_q', 'norm_added_k']);
  const joined = mine.map((part, i) => {
    const whole = net.concat(part, theirs[i] as Tensor);
    net.release(part);
    return whole;
  });
  const [q, k, v] = joined.map((part, i) =>
    rotary !== undefined && i < 2 ? replaced(net, part, (one) => rotate(net, one, rotary)) : part,
  ) as [Tensor, Tensor, Tensor];
  const tokens = q.elements / (batch * width);
  const all = attend(net, q, k, v, { batch, heads, dim, queries: tokens, keys: tokens });
  const [ofImage, ofText] = net.split(all, x.elements, y.elements) as [Tensor, Tensor];
  // A slice of every sample's tokens is copied before its product.
  const project = (part: Tensor, name: string): Tensor => {
    const whole = batch > 1 ? net.copy(part) : part;
    const out = net.linear(`${module}.attn.${name}`, whole, width, width);
    if (whole !== part) net.release(whole);
    return out;
  };
  const image = project(ofImage, 'to_out.0');
  const text = use.textEnds ? undefined : project(ofText, 'to_add_out');
  net.release(all, ofImage, ofText, q, k, v, ...theirs);
  return [image, text];
}

/** Adds what attention gave, then the feed-forward part. The stream stays the caller's. */
function completed(
  net: Net,
  use: JointUse,
  stream: Tensor,
  given: Tensor,
  mod: Tensor,
  feed: string,
  second?: Tensor,
): Tensor {
  const { module, width } = use;
  const scaled = replaced(net, given, (one) => net.multiply(one, mod));
  let sum = net.add(stream, scaled);
  if (second !== undefined) {
    const more = replaced(net, second, (one) => net.multiply(one, mod));
    sum = replaced(net, sum, (one) => net.add(one, more));
    net.release(more);
  }
  const normed = net.layerNorm(undefined, sum, width);
  const input = net.modulate(normed, mod);
  net.release(normed);
  const fed = replaced(net, feedForward(net, `${module}.${feed}`, input, width, 4 * width), (one) =>
    net.multiply(one, mod),
  );
  const out = net.add(sum, fed);
  net.release(scaled, sum, input, fed);
  return out;
}

/** One block over [image, text]; where the text ends it gives the image alone. */
export function jointBlock(
  net: Net,
  use: JointUse,
  time: Tensor,
  [image, text]: readonly Tensor[],
): readonly Tensor[] {
  if (image === undefined || text === undefined) throw new Error('two streams');
  const { module, width, textEnds, dual = false } = use;
  const mod = modulation(net, `${module}.norm1.linear`, time, width, (dual ? 9 : 6) * width);
  const x = adaptedPlain(net, image, width, mod);
  const again = dual ? adaptedPlain(net, image, width, mod) : undefined;
  const theirs = modulation(
    net,
    `${module}.norm1_context.linear`,
    time,
    width,
    (textEnds ? 2 : 6) * width,
  );
  const y = adaptedPlain(net, text, width, theirs);
  const [ofImage, ofText] = jointAttention(net, use, x, y);
  const second = again === undefined ? undefined : selfAttention(net, use, again);
  const newImage = completed(net, use, image, ofImage, mod, 'ff', second);
  net.release(x, mod);
  if (again !== undefined) net.release(again);
  const newText =
    ofText === undefined ? undefined : completed(net, use, text, ofText, theirs, 'ff_context');
  net.release(y, theirs);
  return newText === undefined ? [newImage] : [newImage, newText];
}

function selfAttention(net: Net, use: JointUse, x: Tensor): Tensor {
  const { module, batch, width, heads, dim, norm } = use;
  const [q, k, v] = IMAGE.map((name, i) => {
    const part = net.linear(`${module}.attn2.${name}`, x, width, width);
    if (norm === undefined || i === 2) return part;
    return replaced(net, part, (one) => norm(net, `${module}.attn2.norm_${'qk'[i]}`, one));
  }) as [Tensor, Tensor, Tensor];
  const tokens = q.elements / (batch * width);
  const all = attend(net, q, k, v, { batch, heads, dim, queries: tokens, keys: tokens });
  const out = net.linear(`${module}.attn2.to_out.0`, all, width, width);
  net.release(q, k, v, all);
  return out;
}
