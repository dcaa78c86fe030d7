/** A builder tries kernels that need much scratch memory; it goes on without them. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'A builder’s scratch memory',
    summary:
      'A builder or tuner tries kernels that need more scratch than the card has; it skips them and often goes on.',
    headline: 'A builder’s trial asked for more scratch than there is; such trials are skipped.',
    message: 'It was a tactic of the builder that asked, not the model.',
    'goes-on': 'The build usually goes on; look whether it ended well.',
  },
  zh: {},
  ru: {},
} as const;

export const builderScratch: Cause = {
  id: 'builder-scratch',
  code: 'UN236',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'inference',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['TensorRT: the workspace limit is a ceiling for tactics'],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom') return undefined;
    if (!c.has('tactic-scratch') && c.format !== 'tensorrt') return undefined;
    return {
      strength: c.has('tactic-scratch') ? 'likely' : 'possible',
      because: [say(TEXTS, 'message')],
      against: [say(TEXTS, 'goes-on')],
      weight: 9,
    };
  },
};
