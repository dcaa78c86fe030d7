import { describe, expect, it } from 'vitest';
import { type GraphCount, savedBytes } from './graph.ts';
import { denseNet } from './nets/densenet.ts';
import { mobileNetV2 } from './nets/mobilenet-v2.ts';
import { resNet } from './nets/resnet.ts';
import { vgg } from './nets/vgg.ts';

/** A network; MiB kept per image in fp32 and under autocast to fp16. */
const measuredNets: readonly (readonly [GraphCount, number, number])[] = [
  [resNet(18, 224, 1000), 21.2, 12.0],
  [resNet(50, 224, 1000), 81.9, 43.3],
  [vgg(16, 224, 1000), 69.9, 49.1],
  [mobileNetV2(224, 1000), 74.6, 37.5],
  [denseNet(121, 224, 1000), 124.3, 63.4],
];

describe('a graph of layers', () => {
  it('counts the parameters that torchvision publishes', () => {
    expect(resNet(18, 224, 1000).parameters).toBe(11_689_512);
    expect(resNet(34, 224, 1000).parameters).toBe(21_797_672);
    expect(resNet(50, 224, 1000).parameters).toBe(25_557_032);
    expect(resNet(101, 224, 1000).parameters).toBe(44_549_160);
    expect(resNet(152, 224, 1000).parameters).toBe(60_192_808);
    expect(resNet(50, 224, 1000, 32, 4).parameters).toBe(25_028_904);
    expect(resNet(101, 224, 1000, 32, 8).parameters).toBe(88_791_336);
    expect(resNet(50, 224, 1000, 1, 128).parameters).toBe(68_883_240);
    expect(vgg(16, 224, 1000).parameters).toBe(138_357_544);
    expect(mobileNetV2(224, 1000).parameters).toBe(3_504_872);
    expect(denseNet(121, 224, 1000).parameters).toBe(7_978_856);
  });

  it('keeps what was measured per image with hooks on saved tensors, fp32 at 224 pixels', () => {
    for (const [count, measured] of measuredNets) {
      expect(Math.abs(savedBytes(count, 1, false) / 2 ** 20 / measured - 1)).toBeLessThan(0.005);
    }
  });

  // The batch is not recorded: 32 is inferred, the one size at which copies of the weights explain all five.
  it('keeps what was measured under autocast, copies of the weights shared by 32 images', () => {
    for (const [count, , measured] of measuredNets) {
      expect(Math.abs(savedBytes(count, 32, true) / 32 / 2 ** 20 / measured - 1)).toBeLessThan(
        0.005,
      );
    }
  });
});
