import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Less host memory per process',
    summary:
      'Fewer workers and ranks at once, streaming data, memory-mapped checkpoints, less offload.',
    how: 'Lower num_workers and prefetch_factor; load checkpoints with mmap=True and on one rank; offload less (it counts once per rank on the node); pin_memory=False where page-locked memory is short; raise the job’s limit (pod limits.memory, Slurm --mem, .wslconfig).',
    cost: 'Slower input, or a larger machine.',
    nothing: 'Host memory is not short.',
  },
  zh: {},
  ru: {},
} as const;

export const lessHostMemory: Remedy = {
  id: 'less-host-memory',
  code: 'UN316',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  answers: ['host-memory'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.load(mmap=True)'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],
  commands: ['resources: { limits: { memory: 64Gi } }', 'sbatch --mem=64G'],
  costs: [],
  cautions: [],
  concerns: (c) => c.kind === 'host_oom' && !c.has('shared-memory-segment'),
};
