import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type NetRecord, parameterElements } from '../../workload/graph/graph.ts';
import { networkNamed } from '../../workload/graph/networks.ts';
import { type NetUse, runNet } from './net.ts';
import { Rehearsal } from './rehearsal.ts';

// What torchvision's networks keep and need, written by scripts/network-reference.py.
const REFERENCE = new URL('../../../../test/models/networks.txt', import.meta.url);
const rows = readFileSync(REFERENCE, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [name = '', batch, pixels, format = '', ...figures] = line.split('|');
    const [parameters, kept, forward, backward, inference] = figures.map(Number);
    return {
      name,
      batch: Number(batch),
      pixels: Number(pixels),
      format,
      figures: { parameters, kept, forward, backward, inference },
    };
  });

function recordOf(name: string, pixels: number): NetRecord {
  const network = networkNamed(name);
  if (network === undefined) throw new Error(`no network ${name}`);
  return network.build(pixels, pixels, name === 'unet' ? 2 : network.classes);
}

const USE: NetUse = {
  batch: 2,
  width: 4,
  trains: true,
  hasGradients: false,
  keepsScores: false,
  checkpointing: false,
};

/** Highest of the forward and the backward pass, and what lies between them. */
function trained(record: NetRecord, use: NetUse) {
  const r = new Rehearsal(true);
  const given = runNet(r, record, use);
  const [forward, kept] = [r.peak, r.total];
  r.mark();
  for (const tensor of given) {
    if (tensor.needsGrad) tensor.grad = r.allocate(tensor.elements * tensor.width);
  }
  r.backward();
  r.release(...given);
  return { forward, kept, backward: r.peak, left: r.total };
}

function inferred(record: NetRecord, use: NetUse): number {
  const r = new Rehearsal(false);
  runNet(r, record, { ...use, trains: false });
  return r.peak;
}

const off = (value: number, figure: number | undefined): number =>
  Math.abs(value / (figure ?? Number.NaN) - 1);

describe('networks, against what torchvision builds', () => {
  it.each(rows)('$name has the parameters of the published one', ({ name, pixels, figures }) => {
    expect(parameterElements(recordOf(name, pixels || 224))).toBe(figures.parameters);
  });

  it.each(rows.filter(({ format }) => format !== ''))(
    '$name keeps and needs as much at $pixels pixels in $format',
    ({ name, batch, pixels, format, figures }) => {
      const record = recordOf(name, pixels);
      const use = { ...USE, batch, ...(format === 'bf16' ? { autocast: 2 } : {}) };
      const { forward, kept, backward } = trained(record, use);
      expect(off(kept, figures.kept)).toBeLessThan(0.004);
      expect(off(forward, figures.forward)).toBeLessThan(0.01);
      expect(off(backward, figures.backward)).toBeLessThan(0.01);
      // Without gradients torchvision's transformers take a kernel of their own for the attention.
      if (!name.startsWith('vit')) {
        // Products over permuted heads make copies that hang on the kernel.
        const most = name.startsWith('swin') ? 0.05 : 0.015;
        expect(off(inferred(record, use), figures.inference)).toBeLessThan(most);
      }
    },
  );
});

describe('recomputation of a network', () => {
  it.each(['resnet50', 'densenet121', 'efficientnet_b0', 'swin_t'])('of %s keeps less', (name) => {
    const record = recordOf(name, 224);
    const plain = trained(record, USE);
    const again = trained(record, { ...USE, checkpointing: true });
    expect(again.kept).toBeLessThan(plain.kept / 2);
    expect(again.backward).toBeLessThan(plain.backward);
    // The same gradients are left.
    expect(again.left).toBe(plain.left);
  });
});

/** Kept and highest with `torch.utils.checkpoint` around each block, measured as the reference file is. */
const CHECKPOINTED: readonly (readonly [string, number | undefined, number, number, number])[] = [
  ['resnet50', undefined, 62_243_840, 63_841_280, 165_165_056],
  ['resnet50', 2, 38_047_232, 84_940_288, 136_217_088],
  ['efficientnet_b0', undefined, 16_512_512, 31_713_280, 76_970_496],
];

describe('recomputation of a network, against torch.utils.checkpoint', () => {
  it.each(CHECKPOINTED)('%s, autocast to %s bytes', (name, autocast, kept, forward, backward) => {
    const cast = autocast === undefined ? {} : { autocast };
    const found = trained(recordOf(name, 224), { ...USE, ...cast, checkpointing: true });
    expect(off(found.kept, kept)).toBeLessThan(0.001);
    expect(off(found.forward, forward)).toBeLessThan(0.001);
    expect(off(found.backward, backward)).toBeLessThan(0.02);
  });
});
