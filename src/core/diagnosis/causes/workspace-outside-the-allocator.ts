/** Memory that CUDA libraries take for themselves. */

import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'A library found no memory of its own',
    summary:
      'CUDA libraries take device memory for handles and buffers beside the framework’s allocator, which had taken it all.',
    headline: 'A CUDA library could not get memory of its own: the card was probably full already.',
    library: 'The library itself failed to allocate.',
    install:
      'The same error comes from a broken or mismatched install, and after an earlier kernel fault.',
  },
  zh: {},
  ru: {},
} as const;

export const workspaceOutsideTheAllocator: Cause = {
  id: 'workspace-outside-the-allocator',
  code: 'UN210',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'any',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['cublas, cudnn and nccl: handles and workspaces'],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom' || !c.has('library-workspace')) return undefined;
    const isUnsure = c.has('may-be-no-memory');
    return {
      strength: isUnsure ? 'possible' : 'likely',
      because: [say(TEXTS, 'library')],
      against: isUnsure ? [say(TEXTS, 'install')] : [],
      weight: 8,
    };
  },
};
