/** Memory that CUDA libraries take for themselves. */

import { say } from '../../base/texts.ts';
import { isShortage, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'A library found no memory of its own',
    summary:
      'CUDA libraries take device memory for handles and buffers beside the framework’s allocator, which had taken it all.',
    headline: 'A CUDA library could not get memory of its own: the card was probably full already.',
    library: 'The library itself failed to allocate.',
    full: 'What filled the card the message does not show.',
    scratch:
      '{requested} in one piece, about all that is free ({free}), beside {live} of tensors: a convolution’s workspace asks like that.',
    convolution: 'A convolution was being computed: {place}.',
    tensor: 'A tensor of that size looks the same.',
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
    // NCCL's buffers are a cause of their own.
    if (c.kind !== 'gpu_oom' || c.format === 'nccl') return undefined;
    if (c.has('library-workspace')) {
      // The library is the victim; what filled the card is another matter, so it ranks behind that.
      const against = [say(TEXTS, 'full')];
      if (c.has('may-be-no-memory')) against.push(say(TEXTS, 'install'));
      return { strength: 'possible', because: [say(TEXTS, 'library')], against, weight: 3 };
    }
    const { requested, free, total, live } = c.amounts;
    if (requested === undefined || free === undefined || !isShortage(c)) return undefined;
    const place = c.shows('convolution');
    const isScratch =
      share(live, total) < 0.2 && share(requested, total) >= 0.3 && share(requested, free) < 1.5;
    if (!isScratch || live === undefined) return undefined;
    return {
      strength: 'possible',
      because: [
        say(TEXTS, 'scratch', { requested, live, free }),
        ...(place === undefined ? [] : [say(TEXTS, 'convolution', { place: placeText(place) })]),
      ],
      against: [say(TEXTS, 'tensor')],
      weight: place === undefined ? 5 : 8,
    };
  },
};
