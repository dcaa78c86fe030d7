/** Models of images that are layers over patches: the size of the images decides how many tokens there are. */
import { atPixels, ownPixels } from '../../workload/model/patches.ts';
import type { Job } from '../job.ts';
import type { KnownModel, Reader } from './reader.ts';

/** The model as it is for the images of this job. Of others nothing changes. */
export function withImages(
  r: Reader,
  known: KnownModel,
): { readonly known: KnownModel; readonly image?: NonNullable<Job['image']> } {
  const own = ownPixels(known.model);
  if (own === undefined) return { known };
  const longest = Math.max(own.height, own.width);
  const pixels = r.numberOr('resolution', longest, 'model');
  // An image of another size has the shape of the model's own unless its shape is said.
  const aspect = r.number('aspect') ?? Math.min(own.height, own.width) / longest;
  const shorter = Math.max(1, Math.round(pixels * Math.min(1, aspect)));
  const image = { height: shorter, width: pixels };
  return { known: { ...known, model: resized(known, image) }, image };
}

/** Models of one size are one object: what was rehearsed of them is remembered by it. */
function resized({ model }: KnownModel, image: { height: number; width: number }) {
  const size = `${image.height} × ${image.width}`;
  const sizes = sized.get(model) ?? new Map<string, KnownModel['model']>();
  sized.set(model, sizes);
  const found = sizes.get(size) ?? atPixels(model, image);
  sizes.set(size, found);
  return found;
}

const sized = new WeakMap<KnownModel['model'], Map<string, KnownModel['model']>>();

/** Whether the model takes text, whose length is another matter than its images. */
export const takesText = ({ model }: KnownModel): boolean =>
  model.stacks.some(({ role }) => role !== 'vision');
