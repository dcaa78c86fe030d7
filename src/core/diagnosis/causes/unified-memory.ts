/** CPU and GPU share one memory: what the system uses is missing on the GPU. */

import { say } from '../../base/texts.ts';
import { isAbsurd } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'CPU and GPU share one memory',
    summary:
      'On machines with unified memory the page cache, other programs and the system take from what the GPU has.',
    headline: 'CPU and GPU share their memory here: the system’s own use counts too.',
    named: 'The text names a machine with unified memory: {place}.',
    cache:
      'What is free for CUDA there is what the system calls free: the page cache counts as used.',
  },
  zh: {},
  ru: {},
} as const;

export const unifiedMemory: Cause = {
  id: 'unified-memory',
  code: 'UN240',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  category: 'host',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['field report: on GB10 and Grace CUDA’s free equals MemFree'],
  assess(c): Assessment | undefined {
    const place = c.shows('unified-memory');
    if (c.kind !== 'gpu_oom' || place === undefined || isAbsurd(c)) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'named', { place: placeText(place) }), say(TEXTS, 'cache')],
      against: [],
      weight: 7,
    };
  },
};
