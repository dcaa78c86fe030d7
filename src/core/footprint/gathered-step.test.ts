import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/ring.ts';
import { findCatalogModel } from '../catalog/models.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import { GatheredRun, gathersByUnit } from './gathered-run.ts';
import { gatheredStepOf, runGatheredStep } from './gathered-step.ts';
import { type Job, PLAIN_JOB } from './job.ts';
import { Rehearsal } from './rehearsal/rehearsal.ts';

function known(name: string): Pick<Job, 'model' | 'weights'> {
  const found = findCatalogModel(name);
  if (found === undefined) throw new Error(`${name} is not in the catalog`);
  const reading = readModelConfig(found.model.config, found.model.source);
  if (!reading.ok) throw new Error(`${name} cannot be read`);
  return { model: reading.model, weights: weightsOf(reading.model) };
}

const MODELS = ['Qwen/Qwen2.5-0.5B', 'meta-llama/Llama-3.1-8B'].map(known);

const jobs = fc
  .record({
    of: fc.constantFrom(...MODELS),
    batch: fc.integer({ min: 1, max: 4 }),
    accumulation: fc.constantFrom(1, 2, 4),
    checkpointing: fc.boolean(),
    reshard: fc.boolean(),
    weightWidth: fc.constantFrom(2, 4),
    defersReduction: fc.boolean(),
    reduceWidth: fc.constantFrom(undefined, 2, 4),
    ends: fc.constantFrom(undefined, 'apart' as const),
  })
  .map(
    ({ of, weightWidth, defersReduction, reduceWidth, ends, ...rest }): Job => ({
      ...PLAIN_JOB,
      ...of,
      ...rest,
      purpose: 'training',
      trains: 'all',
      sequence: 512,
      weightWidth,
      wholeWidth: weightWidth,
      gradientWidth: weightWidth,
      sharding: 'full',
      parallel: {
        ...PLAIN_JOB.parallel,
        data: 4,
        system: 'fsdp2',
        defersReduction,
        ...(reduceWidth === undefined ? {} : { reduceWidth }),
        ...(ends === undefined ? {} : { ends }),
      },
    }),
  );

test('a step that is repeated is the next one', () => {
  fc.assert(
    fc.property(jobs, (job) => {
      expect(gathersByUnit(job)).toBe(true);
      const [run, repeated] = [new Rehearsal(true, []), new Rehearsal(true, [])];
      const gathered = new GatheredRun(run, job);
      for (let step = 0; step < 3; step += 1) {
        runGatheredStep(run, job, gathered);
        run.drop(...gathered.takeGradients());
        const { recording, kept } = gatheredStepOf(job);
        const from = repeated.sizes.length;
        repeated.repeat(recording);
        repeated.drop(...kept.map((storage) => from + storage));
      }
      for (const what of ['trace', 'sizes', 'streams', 'peak', 'atPeak', 'total', 'live'] as const)
        expect(repeated[what]).toEqual(run[what]);
    }),
    { numRuns: numRuns(30) },
  );
});
