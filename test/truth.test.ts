// Predictions against measured rows, where the measured rows are present; they are not part of the project.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { findCatalogModel } from '../src/core/catalog/models.ts';
import { footprintOf, peakOf } from '../src/core/footprint/footprint.ts';
import { PLAIN_JOB } from '../src/core/footprint/job.ts';
import { libraryDecides } from '../src/core/footprint/library.ts';
import { packingOf } from '../src/core/footprint/packing.ts';
import { placed } from '../src/core/footprint/placed.ts';
import { stagesOf } from '../src/core/footprint/ranks.ts';
import { detectorNetwork } from '../src/core/workload/graph/nets/detector.ts';
import { segmenterNetwork } from '../src/core/workload/graph/nets/segmenter.ts';
import { networkModel, networkNamed } from '../src/core/workload/graph/networks.ts';
import { readModelConfig } from '../src/core/workload/model/read.ts';
import { weightsOf } from '../src/core/workload/model/weights.ts';
import { bytesOf, jobOf } from '../truth/jobs.mjs';

const folder = process.env['UNOOM_SHARED'] ?? resolve(import.meta.dirname, '../../shared');
const path = join(folder, 'truth/measured.jsonl');

type Row = Parameters<typeof jobOf>[0] & Parameters<typeof bytesOf>[0];

/** What a row came to against what was measured, less one; undefined where it is not covered. */
function errorOf(row: Row): number | undefined {
  const covered = jobOf(row);
  const measured = bytesOf(row);
  const found = findCatalogModel(row.model);
  if (typeof covered === 'string' || 'read' in covered) return undefined;
  if (measured === undefined || found === undefined) return undefined;
  const reading = readModelConfig(found.model.config, found.model.source);
  if (!reading.ok) return undefined;
  const { model } = reading;
  const job = { ...PLAIN_JOB, ...covered.job, model, weights: weightsOf(model) };
  const jobs = covered.complete?.(job, { libraryDecides, packingOf, placed, stagesOf }) ?? [job];
  const bytes = jobs.map((one) => {
    const whole = footprintOf(one, 8);
    const moments = whole.moments.filter(({ moment }) => covered.moments.includes(moment.point));
    return peakOf({ moments }, covered.view)[covered.view].at(new Map());
  });
  return bytes.reduce((a, b) => a + b, 0) / measured - 1;
}

test.skipIf(!existsSync(path))(
  'generation in 16 bits is within a hundredth of what was measured',
  () => {
    const errors = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line): Row => JSON.parse(line))
      .filter(
        ({ precision, framework }) =>
          precision === 'bf16' && /transformers 4\.(?:38|46)/.test(framework ?? ''),
      )
      .flatMap((row) => errorOf(row) ?? [])
      .map(Math.abs)
      .sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(10);
    expect(errors[errors.length >> 1]).toBeLessThan(0.005);
    expect(errors.at(-1)).toBeLessThan(0.06);
  },
);

test.skipIf(!existsSync(path))(
  'training on several GPUs is within a twentieth of what was measured, in the middle',
  () => {
    const errors = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line): Row => JSON.parse(line))
      .filter(({ framework }) => /^(?:torchtitan|Megatron)/.test(framework ?? ''))
      .flatMap((row) => errorOf(row) ?? [])
      .map(Math.abs)
      .sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(20);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.05);
  },
);

/** The error of a network of images, less one. */
function networkError(row: Row): number | undefined {
  const covered = jobOf(row);
  const measured = bytesOf(row);
  if (typeof covered === 'string' || 'read' in covered || measured === undefined) return undefined;
  const network = covered.network?.({ detectorNetwork, segmenterNetwork, networkNamed });
  if (network === undefined) return undefined;
  const { moments } = footprintOf({ ...PLAIN_JOB, ...networkModel(network), ...covered.job }, 8);
  return peakOf({ moments }, covered.view)[covered.view].at(new Map()) / measured - 1;
}

test.skipIf(!existsSync(path)).each(['detectron2', 'mmdetection', 'mmsegmentation', 'mmrotate'])(
  'detection and segmentation of %s are within a tenth of what was measured, in the middle',
  (library) => {
    const errors = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line): Row => JSON.parse(line))
      .filter(({ framework }) => framework?.startsWith(library) ?? false)
      .flatMap((row) => networkError(row) ?? [])
      .map(Math.abs)
      .sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(15);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.1);
    expect(errors.at(-1)).toBeLessThan(0.3);
  },
);
