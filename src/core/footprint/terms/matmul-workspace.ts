import { MiB } from '../../base/bytes.ts';
import { constant, type Factor, scaled } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import type { Term } from '../term.ts';

/** Kernels of a run without gradients may ask for less; a second stream has its own. */
const ASKED: Factor = {
  name: 'workspace_share',
  low: 0,
  mid: 1,
  high: 1.5,
  unit: 'ratio',
  source: 'assumed: from kernels without a workspace to a second, partly used one',
};

/** Of one handle and stream. */
const workspaceOf = (capability: number | undefined): number =>
  capability !== undefined && capability >= 9 ? 32 * MiB : 8.125 * MiB;

export const matmulWorkspace: Term = {
  id: 'matmul-workspace',
  code: 'UN515',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Workspace of matrix products',
      summary:
        "cuBLAS keeps a workspace for each thread and stream, in PyTorch's own pool: one for the forward and one for the backward pass.",
    },
    zh: {
      title: '矩阵乘工作区',
      summary: 'cuBLAS 为每个线程和流保留一块工作区，位于 PyTorch 的内存池中：前向一块，反向一块。',
    },
    ru: {
      title: 'Рабочая область матричных произведений',
      summary:
        'cuBLAS держит рабочую область на поток исполнения и stream, в пуле самого PyTorch: одну для прямого и одну для обратного прохода.',
    },
  },
  sources: [
    'torch@2.8: aten/src/ATen/cuda/CublasHandlePool.cpp (8519680 bytes, 32 MiB from compute capability 9.0)',
  ],
  category: 'workspace',
  pool: 'torch',
  basis: 'modelled',
  formula: '2 × workspace',
  formulaAt: ({ job }) =>
    job.purpose === 'serving'
      ? 'workspace'
      : job.trains === 'none'
        ? 'workspace × workspace_share'
        : '2 × workspace',
  inputs: ({ capability, job }, size) => ({
    workspace: bytes(job.purpose === 'serving' ? size : workspaceOf(capability)),
  }),
  at: ({ moment, capability, job }) => {
    if (moment.point === 'load') return undefined;
    const one = workspaceOf(capability);
    if (job.trains !== 'none') return constant(2 * one);
    return scaled(one, ASKED);
  },
};
