import { describe, expect, test } from 'vitest';
import { atPixels, ownPixels, tokensOf } from './patches.ts';
import { readModelConfig } from './read.ts';

function modelOf(config: Readonly<Record<string, unknown>>) {
  const reading = readModelConfig(config, 'test');
  if (!reading.ok) throw new Error('the config is not read');
  return reading.model;
}

const tokens = (model: ReturnType<typeof modelOf>) => model.stacks.map((stack) => stack.tokens);

describe('images as patches', () => {
  const grid = { edges: { height: 16, width: 16 }, beside: 1, image: { height: 224, width: 224 } };

  test('a row of patches drops what is left over, windows are filled up', () => {
    expect(tokensOf(grid, { height: 224, width: 224 })).toEqual({ tokens: 197 });
    expect(tokensOf(grid, { height: 230, width: 384 })).toEqual({ tokens: 14 * 24 + 1 });
    const windows = { ...grid, edges: { height: 4, width: 4 }, beside: 0, window: 7 };
    expect(tokensOf(windows, { height: 224, width: 224 })).toEqual({
      tokens: 56 ** 2,
      windows: 64,
    });
    expect(tokensOf(windows, { height: 225, width: 224 })).toEqual({
      tokens: 63 * 56,
      windows: 72,
    });
    // A grid smaller than a window is one.
    expect(tokensOf(windows, { height: 20, width: 20 })).toEqual({ tokens: 25, windows: 1 });
  });

  test('ViT, CLIP and Swin know the size they were made for and can be asked for another', () => {
    const vit = modelOf({ model_type: 'vit' });
    expect(ownPixels(vit)).toEqual({ height: 224, width: 224 });
    expect(tokens(vit)).toEqual([197]);
    expect(tokens(atPixels(vit, { height: 384, width: 384 }))).toEqual([577]);
    const swin = modelOf({ model_type: 'swin' });
    expect(tokens(swin)).toEqual([3136, 784, 196, 49]);
    expect(swin.stacks.map(({ windows }) => windows)).toEqual([64, 16, 4, 1]);
    expect(tokens(atPixels(swin, { height: 448, width: 448 }))).toEqual([12544, 3136, 784, 196]);
    expect(ownPixels(modelOf({ model_type: 'clip' }))).toEqual({ height: 224, width: 224 });
    expect(ownPixels(modelOf({ model_type: 'llama' }))).toBeUndefined();
  });
});
