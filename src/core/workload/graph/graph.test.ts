import { describe, expect, it } from 'vitest';
import type { GraphCount } from './graph.ts';
import { resNet } from './nets/resnet.ts';

const savedMib = (count: GraphCount): number =>
  (4 * count.savedElements + count.savedFixedBytes) / 2 ** 20;

describe('a graph of layers', () => {
  it('counts the parameters that torchvision publishes', () => {
    expect(resNet(18, 224, 1000).parameters).toBe(11_689_512);
    expect(resNet(34, 224, 1000).parameters).toBe(21_797_672);
    expect(resNet(50, 224, 1000).parameters).toBe(25_557_032);
    expect(resNet(101, 224, 1000).parameters).toBe(44_549_160);
    expect(resNet(152, 224, 1000).parameters).toBe(60_192_808);
  });

  it('keeps what was measured per image with hooks on saved tensors, fp32 at 224 pixels', () => {
    expect(Math.abs(savedMib(resNet(18, 224, 1000)) / 21.2 - 1)).toBeLessThan(0.005);
    expect(Math.abs(savedMib(resNet(50, 224, 1000)) / 81.9 - 1)).toBeLessThan(0.005);
  });
});
