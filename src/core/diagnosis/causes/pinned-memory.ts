/** Page-locked host memory was refused. */

import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Page-locked (pinned) host memory was refused',
    summary:
      'Pinned memory is host memory that WSL, containers and drivers limit far below RAM; its failure is often worded as a CUDA error.',
    headline: 'Page-locked (pinned) host memory was refused, not memory of the GPU.',
    pinned: 'It was page-locked host memory that was asked for.',
    frame: 'It failed while a batch was being pinned: {place}.',
    wsl: 'It runs under WSL, which limits it to a part of the memory it was given.',
  },
  zh: {},
  ru: {},
} as const;

export const pinnedMemory: Cause = {
  id: 'pinned-memory',
  code: 'UN241',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  category: 'host',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['cudaHostAlloc; WSL: pinned system memory is limited'],
  assess(c): Assessment | undefined {
    const place = c.shows('pinning');
    const isHost = c.kind === 'host_oom' && c.has('pinned-memory');
    if (!isHost && (c.kind !== 'gpu_oom' || place === undefined)) return undefined;
    if (!isHost && c.has('caching-allocator')) return undefined;
    const because = isHost ? [say(TEXTS, 'pinned')] : [];
    if (place !== undefined) because.push(say(TEXTS, 'frame', { place: placeText(place) }));
    if (c.shows('wsl') !== undefined) because.push(say(TEXTS, 'wsl'));
    return { strength: 'likely', because, against: [], weight: 10 };
  },
};
