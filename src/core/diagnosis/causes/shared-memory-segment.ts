/** The shared memory segment of a container or machine. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: '/dev/shm is too small',
    summary:
      'DataLoader workers hand batches over through shared memory, which a container limits to 64 MB by default.',
    headline: 'The shared memory segment (/dev/shm) is probably full; the card was not involved.',
    bus: 'A worker died of a bus error, which is what a full /dev/shm gives.',
    mapped: 'A damaged file that is memory-mapped gives a bus error too.',
  },
  zh: {},
  ru: {},
} as const;

export const sharedMemorySegment: Cause = {
  id: 'shared-memory-segment',
  code: 'UN213',
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
  sources: ['pytorch docs: multiprocessing and shared memory'],
  assess(c): Assessment | undefined {
    if (!c.has('shared-memory-segment')) return undefined;
    return {
      strength: 'likely',
      because: [say(TEXTS, 'bus')],
      against: [say(TEXTS, 'mapped')],
      weight: 9,
    };
  },
};
