/** The device was reset or lost. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The device was reset or lost',
    summary:
      'A driver reset, a suspended or lost card ends programs with errors that speak of memory or of the device.',
    headline: 'The device was reset, suspended or lost; no memory ran out.',
    message: 'The error names a device that is gone.',
  },
  zh: {},
  ru: {},
} as const;

export const deviceRemoved: Cause = {
  id: 'device-removed',
  code: 'UN244',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'defect',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['DXGI_ERROR_DEVICE_REMOVED, DXGI_ERROR_DEVICE_HUNG; VK_ERROR_DEVICE_LOST'],
  assess(c): Assessment | undefined {
    if (!c.has('device-removed')) return undefined;
    return {
      strength: c.kind === 'look_alike' ? 'likely' : 'possible',
      because: [say(TEXTS, 'message')],
      against: [],
      weight: 9,
    };
  },
};
