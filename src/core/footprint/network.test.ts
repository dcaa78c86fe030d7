import { describe, expect, it } from 'vitest';
import { detectorNetwork } from '../workload/graph/nets/detector.ts';
import { knownNetworks, networkModel, networkNamed } from '../workload/graph/networks.ts';
import { footprintOf, peakOf } from './footprint.ts';
import { type Job, PLAIN_JOB } from './job.ts';
import { isReplayable, poolOf } from './pool.ts';

function jobOf(name: string, change: Partial<Job> = {}): Job {
  const network = networkNamed(name);
  if (network === undefined) throw new Error(`no network ${name}`);
  return {
    ...PLAIN_JOB,
    ...networkModel(network),
    purpose: 'training',
    trains: 'all',
    weightWidth: 4,
    wholeWidth: 4,
    gradientWidth: 4,
    width: 4,
    batch: 8,
    ...change,
  };
}

const allocated = (job: Job): number =>
  peakOf(footprintOf(job, 8), 'allocated').allocated.at(new Map());

describe('a job of a network of images', () => {
  it.each(knownNetworks().map(({ name }) => name))(
    '%s grows with its batch, shrinks when recomputed',
    (name) => {
      const [few, more] = [jobOf(name, { batch: 2 }), jobOf(name, { batch: 4 })];
      expect(allocated(more)).toBeGreaterThan(allocated(few));
      expect(allocated({ ...more, checkpointing: true })).toBeLessThanOrEqual(allocated(more));
    },
  );

  it.each(['resnet50', 'densenet121', 'efficientnet_b0', 'convnext_tiny', 'vit_b_16', 'swin_t'])(
    '%s needs less on smaller images and under autocast',
    (name) => {
      const image = { height: 160, width: 160 };
      expect(allocated(jobOf(name, { image }))).toBeLessThan(allocated(jobOf(name)));
      expect(allocated(jobOf(name, { autocast: 2 }))).toBeLessThan(allocated(jobOf(name)));
    },
  );

  it('without gradients is one pass', () => {
    const job = jobOf('resnet50', { purpose: 'evaluation', trains: 'none' });
    const { moments } = footprintOf(job, 8);
    expect(moments.map(({ moment }) => moment.point)).toEqual(['load', 'evaluate']);
    expect(allocated(job)).toBeLessThan(allocated(jobOf('resnet50')) / 3);
  });

  it('is replayed by the allocator', () => {
    const job = jobOf('resnet50');
    expect(isReplayable(job)).toBe(true);
    const pool = poolOf(job);
    expect(pool?.reserved).toBeGreaterThanOrEqual(pool?.allocated ?? Number.NaN);
  });

  it('tells the workspace of convolutions as an assumption', () => {
    const { atoms } = peakOf(footprintOf(jobOf('resnet50'), 8), 'allocated');
    const workspace = atoms.find(({ term }) => term.id === 'convolution-workspace');
    expect(workspace?.term.basis).toBe('assumed');
  });
});

describe('a detector', () => {
  const detector = detectorNetwork({
    backbone: { kind: 'resnet', of: { depth: 50, norm: 'constant', frozen: 2, caffe: true } },
    head: 'faster',
    library: 'detectron2',
  });

  it('has the parameters of the published one', () => {
    // detectron2's faster_rcnn_R_50_FPN: 41.7 million.
    const elements = networkModel(detector).weights.reduce(
      (sum, { shape, count }) => sum + count * shape.reduce((a, b) => a * b, 1),
      0,
    );
    expect(elements / 1e6).toBeGreaterThan(41.4);
    expect(elements / 1e6).toBeLessThan(42);
  });

  it('needs more with masks', () => {
    const job = (masks: boolean): Job => ({
      ...jobOf('resnet50', { batch: 2, image: { height: 800, width: 1344 } }),
      ...networkModel(
        detectorNetwork({
          backbone: { kind: 'resnet', of: { depth: 50, norm: 'constant', frozen: 2, caffe: true } },
          head: 'faster',
          library: 'detectron2',
          masks,
        }),
      ),
    });
    expect(allocated(job(true))).toBeGreaterThan(allocated(job(false)));
  });
});
