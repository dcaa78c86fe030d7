import { type Factor, scaled, timesFactor } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import type { Job } from '../job.ts';
import { Kind } from '../rehearsal/rehearsal.ts';
import { instantOf, type Term } from '../term.ts';

/** Assumed: other versions keep somewhat more or less; kernels have scratch of their own. */
const SCALE: Factor = {
  name: 'activation_scale',
  low: 0.88,
  mid: 1,
  high: 1.18,
  unit: 'ratio',
  source:
    'programs of the layers as the versions read write them, against other versions and kernels',
};

/** A compiler recomputes what is cheap: how much it keeps hangs on what it can fuse. */
const COMPILED: Factor = {
  name: 'compiled_scale',
  low: 0.8,
  mid: 1,
  high: 1.2,
  unit: 'ratio',
  source:
    'published pairs of runs with and without torch.compile, around fused norms and gates (torchtune 60.0 to 51.0 GiB)',
};

/** Of a layer computed again a compiler keeps as much as without it. */
const isCompiled = (job: Job): boolean =>
  job.compiled === true && job.trains !== 'none' && !job.checkpointing;

export const activations: Term = {
  id: 'activations',
  code: 'UN507',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Activations',
      summary:
        'What the forward pass keeps for the backward pass, and what both need for a moment: found by rehearsing each kind of layer with sizes only.',
    },
    zh: {
      title: '激活值',
      summary: '前向为反向保留的张量，以及两者短暂需要的张量：对每种层只按大小演算得到。',
    },
    ru: {
      title: 'Активации',
      summary:
        'То, что прямой проход сохраняет для обратного, и то, что обоим нужно на миг: находится прогоном каждого вида слоя с одними размерами.',
    },
  },
  sources: [
    'torch@2.14: derivatives.yaml, saved-tensor hooks',
    'transformers@5.18: modeling files',
    'pytorch/pytorch@0123248: torch/distributed/tensor/experimental/_attention.py (ring attention)',
    'verl: models/transformers/monkey_patch.py (Ulysses)',
    'pytorch/torchtitan@03a1384: torchtitan/distributed/expert_parallel.py (_token_dispatch, _token_combine)',
  ],
  category: 'activations',
  pool: 'torch',
  basis: 'modelled',
  formula: 'max(rehearsal(layers)) × activation_scale × compiled_scale',
  formulaAt: ({ job }) =>
    isCompiled(job)
      ? 'max(rehearsal(layers)) × activation_scale × compiled_scale'
      : 'max(rehearsal(layers)) × activation_scale',
  inputs: (scene) => ({ 'rehearsal(layers)': bytes(instantOf(scene)?.[Kind.activation] ?? 0) }),
  at: (scene) => {
    const instant = instantOf(scene);
    const { job } = scene;
    if (instant === undefined) return undefined;
    const bytes = scaled(instant[Kind.activation] as number, SCALE);
    return isCompiled(job) ? timesFactor(bytes, COMPILED) : bytes;
  },
};
