/** The second set of programs with a planted truth, and how each snapshot is written. */
import type { WriteOptions } from '../../../src/core/snapshots.ts';
import type { Truth } from '../programs.ts';
import { CONTROLS } from './controls.ts';
import { FAILURES } from './failures.ts';
import { LEAKS_IN_INFERENCE } from './leaks-inference.ts';
import { LEAKS_IN_TRAINING } from './leaks-training.ts';
import truth from './truth.json' with { type: 'json' };

export const TRUTH: Readonly<Record<string, Truth>> = truth as Readonly<Record<string, Truth>>;

export const PROGRAMS: Readonly<Record<string, () => string>> = {
  ...LEAKS_IN_TRAINING,
  ...LEAKS_IN_INFERENCE,
  ...FAILURES,
  ...CONTROLS,
};

/** Other than the usual pickle: older versions, other containers. */
export const FORMATS: Readonly<Record<string, WriteOptions>> = {
  'auroc-state': { version: '2.2' },
  'growing-queue': { version: '2.1' },
  'ctx-attributes': { layout: 'cpp' },
  episodes: { version: '2.10' },
  'rerun-cell': { version: '2.6' },
  'embed-corpus': { protocol: 5 },
  'device-map': { version: '2.3' },
  'silent-backward': { version: '2.1' },
  'symmetric-pool': { version: '2.13' },
  'reference-model': { container: 'json' },
  benchmarked: { version: '2.1' },
  'chunked-replay': { protocol: 2 },
  'four-steps-only': { layout: 'cpp' },
};
