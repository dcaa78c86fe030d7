/** Images as rows of patches: how many tokens an image of a size becomes. */
import type { Model, Patches, Pixels, Stack } from './model.ts';

/**
 * Tokens of an image, and the windows that they are divided into. A plain row of patches drops what is left over at the
 * edges (transformers@4.57.1: models/vit/modeling_vit.py); windows are filled up, patches and merged patches with them
 * (models/swin/modeling_swin.py: maybe_pad, set_shift_and_window_size).
 */
export function tokensOf(
  patches: Patches,
  { height, width }: Pixels,
): Pick<Stack, 'tokens' | 'windows'> {
  const { edges, beside, window } = patches;
  if (window === undefined) {
    const [rows, columns] = [Math.floor(height / edges.height), Math.floor(width / edges.width)];
    return { tokens: Math.max(1, rows * columns) + beside };
  }
  const [rows, columns] = [Math.ceil(height / edges.height), Math.ceil(width / edges.width)];
  const edge = Math.min(window, rows, columns);
  const windows = Math.ceil(rows / edge) * Math.ceil(columns / edge);
  return { tokens: windows * edge ** 2, windows };
}

/**
 * The size of images that a model was made for, where it can be another. Before a decoder it cannot: its processor cuts
 * images to what the tower takes, and how many tokens the decoder gets is said as the length of sequences.
 */
export function ownPixels({ stacks }: Model): Pixels | undefined {
  if (stacks.some(({ role }) => role === 'decoder')) return undefined;
  return stacks.find(({ patches }) => patches !== undefined)?.patches?.image;
}

/** The model on images of another size. */
export function atPixels(model: Model, image: Pixels): Model {
  const stacks = model.stacks.map((stack) =>
    stack.patches === undefined ? stack : { ...stack, ...tokensOf(stack.patches, image) },
  );
  return { ...model, stacks };
}
