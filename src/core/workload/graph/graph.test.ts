import { describe, expect, it } from 'vitest';
import type { GraphCount } from './graph.ts';
import { denseNet } from './nets/densenet.ts';
import { mobileNetV2 } from './nets/mobilenet-v2.ts';
import { resNet } from './nets/resnet.ts';
import { vgg } from './nets/vgg.ts';

const savedMib = (count: GraphCount): number =>
  (4 * count.savedElements + count.savedFixedBytes) / 2 ** 20;

describe('a graph of layers', () => {
  it('counts the parameters that torchvision publishes', () => {
    expect(resNet(18, 224, 1000).parameters).toBe(11_689_512);
    expect(resNet(34, 224, 1000).parameters).toBe(21_797_672);
    expect(resNet(50, 224, 1000).parameters).toBe(25_557_032);
    expect(resNet(101, 224, 1000).parameters).toBe(44_549_160);
    expect(resNet(152, 224, 1000).parameters).toBe(60_192_808);
    expect(vgg(16, 224, 1000).parameters).toBe(138_357_544);
    expect(mobileNetV2(224, 1000).parameters).toBe(3_504_872);
    expect(denseNet(121, 224, 1000).parameters).toBe(7_978_856);
  });

  it('keeps what was measured per image with hooks on saved tensors, fp32 at 224 pixels', () => {
    const shareOff = (count: GraphCount, measured: number): number =>
      Math.abs(savedMib(count) / measured - 1);
    expect(shareOff(resNet(18, 224, 1000), 21.2)).toBeLessThan(0.005);
    expect(shareOff(resNet(50, 224, 1000), 81.9)).toBeLessThan(0.005);
    expect(shareOff(vgg(16, 224, 1000), 69.9)).toBeLessThan(0.005);
    expect(shareOff(mobileNetV2(224, 1000), 74.6)).toBeLessThan(0.005);
    expect(shareOff(denseNet(121, 224, 1000), 124.3)).toBeLessThan(0.005);
  });
});
