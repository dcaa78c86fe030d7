import {
  columnOf,
  constant,
  type Factor,
  type FactorValues,
  largest,
  type Modelled,
  minus,
  ofFactor,
  overSample,
  plus,
  scaled,
} from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import type { Job } from '../job.ts';
import { OF_REPLAY, ofReplay } from '../pool.ts';
import { baseWeights, reducesOnStream } from '../static.ts';
import type { Scene, Term } from '../term.ts';

const MIDS: FactorValues = new Map();

/** Where no step was replayed. */
const SHARE: Factor = {
  name: 'idle_share',
  low: 0.005,
  mid: 0.03,
  high: 0.09,
  unit: 'ratio',
  source: 'replayed steps of published jobs, and published pairs of reserved and allocated',
};

const CHANGING: Factor = {
  name: 'idle_share_changing',
  low: 0.01,
  mid: 0.05,
  high: 0.15,
  unit: 'ratio',
  source: 'published pairs of reserved and allocated with changing lengths',
};

const SHARDED: Factor = {
  name: 'idle_share_sharded',
  low: 0.02,
  mid: 0.09,
  high: 0.28,
  unit: 'ratio',
  source:
    'published pairs of reserved and allocated of FSDP runs (4 to 36 %), less what other streams keep',
};

/** Segments that grow page by page: what is idle can be given to a request of any size beside it. */
const EXPANDABLE: Factor = {
  name: 'idle_share_expandable',
  low: 0.002,
  mid: 0.02,
  high: 0.08,
  unit: 'ratio',
  source:
    'replayed steps of four models with expandable segments (0.1-10 %), and published pairs: 1-3 %',
};

/** Of what is no weight: weights lie in segments of their own. */
const GROWING: Factor = {
  name: 'idle_share_growing',
  low: 0.05,
  mid: 0.3,
  high: 0.6,
  unit: 'ratio',
  source:
    'the allocator replayed over caches of 28 to 64 layers that are joined anew for each token',
};

const AT_ONCE: Factor = {
  name: 'idle_share_static',
  low: 0,
  mid: 0.01,
  high: 0.1,
  unit: 'ratio',
  source: 'assumed: a static cache leaves rounding alone',
};

/** Segments of small tensors, and pieces of them. */
const PIECES: Factor = {
  name: 'idle_pieces',
  low: 2 * 2 ** 20,
  mid: 12 * 2 ** 20,
  high: 40 * 2 ** 20,
  unit: 'bytes',
  source: 'assumed: up to two segments of 20 MiB that are not full',
};

function times(value: Modelled, share: Factor): Modelled {
  return {
    factors: [...value.factors, share],
    ...(value.rises === true ? { rises: true } : {}),
    at: (values) => Math.max(0, value.at(values)) * (values.get(share.name) ?? share.mid),
    over: (sample) => {
      const [column, bytes] = [sample.column(share), overSample(value, sample)];
      return columnOf((i) => Math.max(0, bytes[i] as number) * (column[i] as number));
    },
  };
}

/** A stretch reserved for all weights, a tied head counted twice, stays when less lies in it. */
function stretch({ job, allocated }: Scene): Modelled {
  if (job.loadsReserved !== 1 || allocated === undefined) return constant(0);
  const table = job.model.tied
    ? job.weights.find(({ role }) => role === 'embedding')?.shape
    : undefined;
  const head = table === undefined ? 0 : table.reduce((a, b) => a * b, 1) * job.wholeWidth;
  const reserved = baseWeights(job) + head;
  return minus(constant(reserved), allocated);
}

/** Which pieces of which segments are left hangs on what else lives while a layer is packed. */
const PACKED: Factor = {
  name: 'idle_of_packing',
  low: 0.5,
  mid: 1,
  high: 2,
  unit: 'ratio',
  source:
    'the same packing replayed with other formats of what it computes: 1 to 2.3 times as much',
};

/** What layers that were packed on the card left in segments of whole ones. */
const packedLeft = ({ pool, job }: Scene): number =>
  pool === undefined || job.packing?.inPlace !== true
    ? 0
    : Math.max(0, pool.reserved - pool.allocated);

const leftByPacking = (scene: Scene): Modelled => {
  const left = packedLeft(scene);
  return left === 0 ? constant(0) : scaled(left, PACKED);
};

const growing = ({ job, moment }: Scene): Factor =>
  moment.point === 'decode' && job.cacheGrowth !== 'static' ? GROWING : AT_ONCE;

function withoutGradients(scene: Scene, allocated: Modelled): Modelled {
  const { job } = scene;
  const weights = baseWeights(job);
  const rest = plus(allocated, constant(-weights));
  const replayed = replayOf(scene);
  if (replayed !== undefined)
    return largest(plus(constant(behind(scene)), scaled(replayed, OF_REPLAY)), stretch(scene));
  const idle = times(rest, growing(scene));
  return plus(largest(idle, stretch(scene)), ofFactor(PIECES), leftByPacking(scene));
}

/** What a replay found idle at the highest instant, before or after states of the optimizer came. */
function replayOf({ pool, moment, job }: Scene): number | undefined {
  if (pool === undefined || moment.point === 'load') return undefined;
  // Then it was the packing that was replayed, not what comes after it.
  if (job.trains === 'none' && job.packing?.inPlace === true) return undefined;
  const isEarly =
    moment.point === 'prefill' || (moment.turn === 'first' && moment.point !== 'optimizer');
  const { reserved, allocated } = isEarly ? pool.first : pool;
  return Math.max(0, reserved - allocated);
}

/** What the prompt had at once beyond the tokens after it, where these make the allocator reserve more yet. */
function behind({ pool, moment }: Scene): number {
  if (pool === undefined || moment.point !== 'decode') return 0;
  return pool.reserved > pool.first.reserved ? pool.allocated - pool.later : 0;
}

function shareOf(job: Job): Factor {
  if (job.allocator?.expandable === true) return EXPANDABLE;
  return job.padded ? CHANGING : reducesOnStream(job) ? SHARDED : SHARE;
}

export const idleSegments: Term = {
  id: 'idle-segments',
  code: 'UN517',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Idle segments',
      summary:
        'What the allocator holds beyond live tensors: rounding, pieces of segments too small for the next request.',
    },
    zh: {
      title: '空闲段',
      summary: '分配器持有但没有活动张量的部分：取整，以及放不下下一次请求的碎块。',
    },
    ru: {
      title: 'Простаивающие сегменты',
      summary:
        'То, что аллокатор держит сверх живых тензоров: округление и куски сегментов, слишком малые для следующего запроса.',
    },
  },
  sources: [
    'torch@2.8: c10/cuda/CUDACachingAllocator.cpp',
    'published pairs of reserved and allocated: 2.4 % steady, 5-20 % with changing lengths, 4-19 % with FSDP',
    'transformers@4.51.3: modeling_utils.py (caching_allocator_warmup)',
  ],
  category: 'idle',
  pool: 'torch',
  basis: 'modelled',
  formula: 'replay(step) × idle_of_replay',
  formulaAt: (scene) => {
    const { job } = scene;
    if (job.trains === 'none') {
      if (replayOf(scene) !== undefined)
        return 'max(behind + replay(step) × idle_of_replay, stretch)';
      const share = growing(scene).name;
      const packed = packedLeft(scene) > 0 ? ' + replay(packing) × idle_of_packing' : '';
      return `max((allocated − weights) × ${share}, stretch) + idle_pieces${packed}`;
    }
    const isReplayed = replayOf(scene) !== undefined;
    const share = isReplayed ? ofReplay(job).name : shareOf(job).name;
    return isReplayed ? `replay(step) × ${share}` : `allocated × ${share}`;
  },
  inputs: (scene) => {
    const { job, allocated } = scene;
    return {
      'replay(step)': bytes(replayOf(scene) ?? 0),
      behind: bytes(behind(scene)),
      'replay(packing)': bytes(packedLeft(scene)),
      allocated: bytes(allocated?.at(MIDS) ?? 0),
      weights: bytes(baseWeights(job)),
      stretch: bytes(stretch(scene).at(MIDS)),
    };
  },
  at: (scene) => {
    const { allocated, job } = scene;
    if (allocated === undefined) return undefined;
    if (job.trains === 'none') return withoutGradients(scene, allocated);
    const idle = replayOf(scene);
    return idle === undefined ? times(allocated, shareOf(job)) : scaled(idle, ofReplay(job));
  },
};
