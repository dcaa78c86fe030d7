import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogPipelines, findCatalogPipeline, pipelineFiles } from '../../catalog/pipelines.ts';
import { Fields } from '../../workload/model/fields.ts';
import { elementsOf } from '../../workload/model/weights.ts';
import { Rehearsal } from '../rehearsal/rehearsal.ts';
import { featureOf, Net, type Stage } from './net.ts';
import { AUTOENCODERS, DENOISERS } from './nets.ts';
import type { Latents } from './network.ts';
import { readPipeline } from './pipeline.ts';

// What diffusers builds and holds, written by scripts/diffusion-reference.py.
const REFERENCE = new URL('../../../../test/models/diffusion.txt', import.meta.url);
const cases = readFileSync(REFERENCE, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [key = '', type = '', count, digest, forward, kept, recomputed, size = '', ...config] =
      line.split('|');
    return {
      key,
      type,
      count: Number(count),
      digest,
      forward: Number(forward),
      kept: Number(kept),
      recomputed: Number(recomputed),
      size: JSON.parse(size) as Latents,
      config: JSON.parse(config.join('|')) as Record<string, unknown>,
    };
  });

/** Names with their elements, numbers in names as `#`: FNV-1a over the sorted lines. */
function digestOf(found: ReadonlyMap<string, number>): string {
  const lines = [...found].map(([name, elements]) => `${name} ${elements}\n`).sort();
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(lines.join(''))) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value.toString(16).padStart(8, '0');
}

const stageOf = (trains: boolean, checkpointing: boolean): Stage => ({
  numerics: { width: 2, hasGradients: false },
  checkpointing,
  attention: 'fused',
  workspace: 0,
  use: () => ({ trainable: trains, width: 2 }),
});

/** Bytes at the highest instant of encoding what the latents stand for. */
function encoding(of: (typeof cases)[number]): number {
  const autoencoder = AUTOENCODERS.get(of.type)?.(new Fields(of.config), of.type);
  if (autoencoder === undefined) throw new Error(of.type);
  const { space, time } = autoencoder.scale;
  const r = new Rehearsal(false);
  const image = featureOf(r, 2, {
    batch: of.size.batch,
    channels: 3,
    frames: (of.size.frames - 1) * time + 1,
    height: of.size.height * space,
    width: of.size.width * space,
  });
  autoencoder.encode(new Net(r, stageOf(false, false)), image);
  return r.peak;
}

/** Bytes at the highest instant, and after the pass with its result held. */
function run(
  of: (typeof cases)[number],
  trains: boolean,
  checkpointing: boolean,
): { peak: number; left: number } {
  const r = new Rehearsal(trains);
  const net = new Net(r, stageOf(trains, checkpointing));
  const fields = new Fields(of.config);
  const denoiser = DENOISERS.get(of.type)?.(fields, of.type);
  if (denoiser !== undefined) denoiser.run(net, of.size);
  else {
    const autoencoder = AUTOENCODERS.get(of.type)?.(fields, of.type);
    if (autoencoder === undefined) throw new Error(`${of.type}: ${JSON.stringify(fields.faults)}`);
    const latents = featureOf(r, 2, { ...of.size, channels: autoencoder.latentChannels });
    autoencoder.decode(net, latents);
  }
  return { peak: r.peak, left: r.total };
}

/** Embeddings of times in fp32 and their like are not written down. */
const CLOSE = 0.02;

describe('a network, against what diffusers builds and holds', () => {
  it.each(cases)('$key has its weights', (of) => {
    const fields = new Fields(of.config);
    const read = DENOISERS.get(of.type) ?? AUTOENCODERS.get(of.type);
    const weights = read?.(fields, of.type)?.weights ?? [];
    const found = new Map<string, number>();
    let count = 0;
    for (const weight of weights) {
      const name = weight.name.replaceAll('{i}', '#').replaceAll(/\.\d+(?=\.|$)/g, '.#');
      const elements = weight.count * elementsOf(weight);
      found.set(name, (found.get(name) ?? 0) + elements);
      count += elements;
    }
    expect({ count, digest: digestOf(found) }).toEqual({ count: of.count, digest: of.digest });
  });

  it.each(cases)('$key has its highest instant without gradients', (of) => {
    expect(run(of, false, false).peak / of.forward - 1).toBeCloseTo(0, 2);
  });

  it.each(cases.filter(({ kept }) => kept === 0))(
    '$key has its highest instant in encoding',
    (of) => {
      expect(encoding(of) / of.recomputed - 1).toBeCloseTo(0, 2);
    },
  );

  it.each(cases.filter(({ kept }) => kept > 0))('$key keeps what autograd keeps', (of) => {
    expect(Math.abs(run(of, true, false).left / of.kept - 1)).toBeLessThan(CLOSE);
    expect(Math.abs(run(of, true, true).left / of.recomputed - 1)).toBeLessThan(2.5 * CLOSE);
  });
});

describe('the catalog of pipelines', () => {
  it.each(catalogPipelines())('$ids.0 is read, with as many parameters as published', (row) => {
    const reading = readPipeline(pipelineFiles(row), row.ids[0] ?? '');
    if (!reading.ok) throw new Error(JSON.stringify(reading.problem));
    const { denoiser, encoders } = reading.pipeline;
    const count = denoiser.weights.reduce((sum, one) => sum + elementsOf(one) * one.count, 0);
    expect(encoders.length).toBeGreaterThan(0);
    if (row.parameters === undefined) return;
    expect(row.parameters_source).toBeDefined();
    expect(Math.abs(count / row.parameters - 1)).toBeLessThan(0.005);
  });

  it('finds a pipeline by its name without the organisation, in any case', () => {
    expect(findCatalogPipeline('FLUX.1-Dev')?.class).toBe('FluxPipeline');
    expect(findCatalogPipeline('flux')).toBeUndefined();
  });

  it('names the class of a network that is not known', () => {
    const files = new Map<string, unknown>([
      ['model_index.json', { _class_name: 'OtherPipeline', transformer: ['diffusers', 'Other'] }],
      ['transformer/config.json', { _class_name: 'Other' }],
    ]);
    const reading = readPipeline(files, 'folder');
    expect(!reading.ok && reading.problem.code).toBe('pipeline-unknown-class');
  });
});
