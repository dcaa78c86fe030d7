import { describe, expect, it } from 'vitest';
import { findCatalogPipeline, pipelineFiles } from '../../catalog/pipelines.ts';
import { isMachine, readMachine } from '../../workload/machine-reading.ts';
import type { SettingName, SettingValue } from '../../workload/settings.ts';
import type { Purpose, Workload } from '../../workload/workload.ts';
import { decide } from '../decide.ts';
import { type Footprint, footprintOf, peakOf } from '../footprint.ts';
import { knownPipeline, readPipeline, uncountedOf } from './pipeline.ts';

const GiB = 2 ** 30;

type Settings = Partial<Record<SettingName, SettingValue>>;

function predicted(name: string, settings: Settings, purpose: Purpose = 'generation'): Footprint {
  const row = findCatalogPipeline(name);
  const reading = row === undefined ? undefined : readPipeline(pipelineFiles(row), name);
  const machine = readMachine('24GB');
  if (reading?.ok !== true || !isMachine(machine)) throw new Error(name);
  const [cards] = machine.cards;
  if (cards === undefined) throw new Error('no cards');
  const workload: Workload = {
    purpose,
    dialects: [],
    versions: new Map(),
    settings: new Map(
      Object.entries(settings).map(([setting, value]) => [
        setting as SettingName,
        { value, by: 'option' as const, source: 'test' },
      ]),
    ),
    unread: [],
  };
  return footprintOf(decide(workload, knownPipeline(reading.pipeline), cards).job, 8);
}

const none = new Map<string, number>();

const peak = (footprint: Footprint): number => peakOf(footprint, 'device').device.at(none);

function at(footprint: Footprint, point: string): number {
  const found = footprint.moments.find(({ moment }) => moment.point === point);
  if (found === undefined) throw new Error(point);
  return found.allocated.at(none);
}

const SDXL = 'stabilityai/stable-diffusion-xl-base-1.0';
const FLUX = 'black-forest-labs/FLUX.1-dev';

describe('a pipeline that makes images', () => {
  it('is highest while it decodes, and SDXL in fp16 decodes in fp32', () => {
    const half = predicted(SDXL, { weights_dtype: 'fp16' });
    const brain = predicted(SDXL, { weights_dtype: 'bf16' });
    expect(peakOf(half, 'device').moment.point).toBe('render');
    expect(at(half, 'render') - at(brain, 'render')).toBeGreaterThan(1.5 * GiB);
    expect(at(half, 'denoise') - at(brain, 'denoise')).toBeLessThan(0.2 * GiB);
  });

  it('grows with batch and resolution', () => {
    for (const [setting, values] of [
      ['micro_batch', [1, 2, 4]],
      ['resolution', [512, 768, 1024, 1536]],
    ] as const) {
      const peaks = values.map((value) => peak(predicted(SDXL, { [setting]: value })));
      expect(peaks).toEqual([...peaks].sort((a, b) => a - b));
      expect(new Set(peaks).size).toBe(peaks.length);
    }
  });

  it('holds one part with model offload, one layer with sequential offload', () => {
    const [all, parts, layers] = [{}, { model_offload: true }, { sequential_offload: true }].map(
      (settings) => predicted(FLUX, settings as Settings),
    );
    if (all === undefined || parts === undefined || layers === undefined) throw new Error();
    // Denoiser 22.2 GiB, T5 8.9 GiB.
    expect(at(all, 'denoise') / GiB).toBeCloseTo(31.9, 0);
    expect(at(parts, 'denoise') / GiB).toBeCloseTo(22.6, 0);
    expect(at(layers, 'denoise') / GiB).toBeLessThan(1.5);
    expect(at(parts, 'encode')).toBeLessThan(at(all, 'encode'));
    // What is not on the card lies on the host.
    const host = (footprint: Footprint): number => peakOf(footprint, 'host').host.at(none);
    expect(host(parts) / GiB).toBeGreaterThan(30);
  });

  it('never needs more for tiles and slices', () => {
    for (const resolution of [512, 1024, 2048, 4096]) {
      for (const micro_batch of [1, 4]) {
        const plain = predicted(SDXL, { resolution, micro_batch });
        for (const setting of ['vae_tiling', 'vae_slicing'] as const) {
          const with_ = predicted(SDXL, { resolution, micro_batch, [setting]: true });
          expect(at(with_, 'render')).toBeLessThanOrEqual(at(plain, 'render') * 1.01);
        }
      }
    }
    // Up to the edge that it was trained with there is one tile.
    const tiled = predicted(SDXL, { vae_tiling: true });
    expect(at(tiled, 'render')).toBe(at(predicted(SDXL, {}), 'render'));
  });

  it('keeps a part of T5 in fp32 under fp16', () => {
    const parts = (format: string): number =>
      at(
        predicted('stabilityai/stable-diffusion-3-medium-diffusers', { weights_dtype: format }),
        'load',
      );
    // 24 layers × 4096 × 10240 elements, two bytes more each.
    expect((parts('fp16') - parts('bf16')) / (24 * 4096 * 10240 * 2)).toBeCloseTo(1, 2);
  });

  it('packs the denoiser’s linear layers', () => {
    const whole = predicted(FLUX, {});
    const packed = predicted(FLUX, { quantization: '4bit' });
    expect((at(whole, 'load') - at(packed, 'load')) / GiB).toBeCloseTo(22.17 * (1 - 4.5 / 16), 0);
  });
});

describe('a pipeline with parts that are not known', () => {
  const row = findCatalogPipeline('Wan2.1-T2V-1.3B-Diffusers');
  const files = new Map(row === undefined ? [] : pipelineFiles(row));
  const index = files.get('model_index.json') as Record<string, unknown>;
  const read = (more: readonly (readonly [string, unknown])[]): ReturnType<typeof readPipeline> =>
    readPipeline(new Map([...files, ...more]), 'folder');

  it('says which, and still knows what a latent stands for', () => {
    const reading = read([
      ['vae/config.json', { _class_name: 'Other', scale_factor_spatial: 16, z_dim: 48 }],
      [
        'model_index.json',
        { ...index, scheduler: ['diffusers', 'Euler'], transformer_2: ['diffusers', 'Second'] },
      ],
    ]);
    if (!reading.ok) throw new Error(reading.problem.code);
    expect(reading.pipeline.latent).toEqual({ space: 16, time: 1, channels: 48 });
    expect(reading.pipeline.unread.join()).toMatch(/^vae .*transformer_2 \(Second\)$/);
    expect(uncountedOf(reading.pipeline)).toHaveLength(1);
  });

  it('is refused where its config has more blocks than any network', () => {
    const config = files.get('transformer/config.json') as Record<string, unknown>;
    const reading = read([['transformer/config.json', { ...config, num_layers: 1e7 }]]);
    expect(!reading.ok && reading.problem.code).toBe('pipeline-bad-fields');
  });
});

describe('training a pipeline', () => {
  const settings = {
    compute_precision: 'bf16',
    weights_dtype: 'bf16',
    checkpointing: true,
    micro_batch: 4,
  } as const;

  it('needs less with adapters, recomputation, cached latents', () => {
    const full = predicted(SDXL, settings, 'training');
    const lora = predicted(SDXL, { ...settings, adapter: 'lora' }, 'training');
    const kept = predicted(SDXL, { ...settings, checkpointing: false }, 'training');
    const cached = predicted(SDXL, { ...settings, latents_cached: true }, 'training');
    expect(peak(lora)).toBeLessThan(peak(full));
    expect(peak(full)).toBeLessThan(peak(kept));
    expect(peak(cached)).toBeLessThan(peak(full));
  });

  it('gives adapters to the projections of attention', () => {
    const lora = predicted(SDXL, { ...settings, adapter: 'lora', adapter_rank: 16 }, 'training');
    const adapter = lora.moments[0]?.atoms.find(({ term }) => term.id === 'adapter-weights');
    // 23.2 million elements in fp32.
    expect((adapter?.bytes.at(none) ?? 0) / 4 / 1e6).toBeCloseTo(23.2, 0);
  });
});
