import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Raise or remove the cap',
    summary: 'A memory fraction or watermark below the device’s size is the limit.',
    how: 'Raise set_per_process_memory_fraction (or the per_process_memory_fraction option), or remove it. On Apple silicon PYTORCH_MPS_HIGH_WATERMARK_RATIO, set before Python starts.',
    cost: 'Others on the same card lose that memory; without a watermark a Mac can start to swap.',
    nothing: 'The cap is not below what the device has.',
  },
  zh: {},
  ru: {},
} as const;

export const raiseCap: Remedy = {
  id: 'raise-cap',
  code: 'UN309',
  since: '0.1.0',
  status: 'preview',
  family: 'memory-cap',
  domain: 'any',
  answers: ['memory-cap'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.cuda.set_per_process_memory_fraction'],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { limit: 'own' },
  changes: [{ setting: 'memory_fraction', to: 1 }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    c.ledger.limits.some(({ name }) => name === 'fraction' || name === 'watermark'),
};
