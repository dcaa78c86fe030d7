import { type Factor, plus, scaled } from '../../base/factor.ts';
import { cacheBytes } from '../cache.ts';
import { bytes } from '../inputs.ts';
import type { Job } from '../job.ts';
import { OPTIMIZERS } from '../optimizers.ts';
import { generatingJob } from '../rollout.ts';
import { baseWeights, heldWeights, shardsOf, stateShards, trainedHere } from '../static.ts';
import { instantOf, type Scene, type Term } from '../term.ts';

/** Little below nothing: what a config lists and a program leaves out. Above it there is much more. */
const OF_WEIGHTS: Factor = {
  name: 'leftover_share',
  low: -0.03,
  mid: 0,
  high: 0.07,
  unit: 'ratio',
  source: 'assumed: padded rows, buffers, tensors of loaders that still have a name',
};

const OF_PASSES: Factor = {
  name: 'pass_share',
  low: -0.08,
  mid: 0,
  high: 0.15,
  unit: 'ratio',
  source: 'assumed: names that live longer or shorter than in the program that was rehearsed',
};

const OF_TRAINING: Factor = {
  name: 'leftover_share_training',
  low: -0.015,
  mid: 0,
  high: 0.06,
  unit: 'ratio',
  source:
    'assumed: padded rows and buffers, workspaces that stay after their first use, states that other libraries keep',
};

/** Weights and states of the optimizer on this rank. */
function lasting(job: Job): number {
  const { inKind, fixed } = OPTIMIZERS[job.optimizer];
  const master = job.masterWeights ? 4 : 0;
  const state = fixed + inKind * (job.masterWeights ? 4 : job.weightWidth) + master;
  const states = job.optimizerOffload ? 0 : trainedHere(job, stateShards(job) > 1) * state;
  return heldWeights(job) + states;
}

/** Cache and passing tensors at a moment. */
function passing(scene: Scene): number {
  const { job, moment } = scene;
  const instant = instantOf(scene);
  const tensors = instant === undefined ? 0 : instant.reduce((a, b) => a + b, 0);
  const { point } = moment;
  const generates = point === 'prefill' || point === 'decode';
  const cached = generates ? cacheBytes(generatingJob(job) ?? job, point) : 0;
  return tensors + cached;
}

export const leftovers: Term = {
  id: 'leftovers',
  code: 'UN565',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Leftovers of libraries',
      summary:
        'What programs keep that no formula names: padded rows, buffers, tensors that a loader or a loop still has a name for. Nothing by itself; it widens the range.',
    },
    zh: {
      title: '库的残留',
      summary:
        '没有公式能说明的占用：补齐的行、缓冲区、加载器或循环仍持有引用的张量。本身按零计，只放宽区间。',
    },
    ru: {
      title: 'Остатки библиотек',
      summary:
        'То, чего не называет ни одна формула: дополненные строки, буферы, тензоры, на которые ещё ссылается загрузчик или цикл. Сами по себе ноль; они расширяют диапазон.',
    },
  },
  sources: ['truth/README.md: generation, errors by source'],
  category: 'temporaries',
  pool: 'torch',
  basis: 'assumed',
  formula: 'weights × leftover_share + (cache + tensors) × pass_share',
  formulaAt: (scene) => {
    if (scene.job.purpose === 'training') return '(weights + states) × leftover_share_training';
    return passing(scene) === 0
      ? 'weights × leftover_share'
      : 'weights × leftover_share + (cache + tensors) × pass_share';
  },
  inputs: (scene) => ({
    weights: bytes(baseWeights(scene.job) / shardsOf(scene.job)),
    'weights + states': bytes(lasting(scene.job)),
    'cache + tensors': bytes(passing(scene)),
  }),
  at: (scene) => {
    const { job } = scene;
    if (job.purpose === 'serving') return undefined;
    if (job.purpose === 'training') return scaled(lasting(job), OF_TRAINING);
    const weights = baseWeights(job) / shardsOf(job);
    const rest = passing(scene);
    const ofWeights = scaled(weights, OF_WEIGHTS);
    return rest === 0 ? ofWeights : plus(ofWeights, scaled(rest, OF_PASSES));
  },
};
