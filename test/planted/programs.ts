/** All programs with a planted truth, and how each snapshot is written. */
import type { WriteOptions } from '../../src/core/snapshots.ts';
import { CONTROLS } from './controls.ts';
import { FAILURES } from './failures.ts';
import { LEAKS } from './leaks.ts';
import truth from './truth.json' with { type: 'json' };

/** What is known of a program because it was written so. */
export interface Truth {
  /** Where there are several, the device that the rest is about. Default: 0. */
  readonly device?: number;
  /** The line of the user's code (innermost) that holds most at the peak. */
  readonly owner_line?: string;
  readonly owner_category?: string;
  /** One entry a leak; where several lines are kept by one mistake, any of them names it. None: it has no line. */
  readonly leak_lines?: readonly (string | readonly string[])[];
  /** Of the first leak. */
  readonly leak_bytes_per_step?: number;
  /** Names that are right. */
  readonly failing_phase?: readonly string[];
  readonly failure_reason?: string;
  /** Requests that failed, where a reason is known. Default: 1. */
  readonly failures?: number;
  readonly no_leak?: true;
}

export const TRUTH: Readonly<Record<string, Truth>> = truth as Readonly<Record<string, Truth>>;

export const PROGRAMS: Readonly<Record<string, () => string>> = {
  ...LEAKS,
  ...FAILURES,
  ...CONTROLS,
};

/** Other than the usual pickle: older versions, other containers. */
export const FORMATS: Readonly<Record<string, WriteOptions>> = {
  conformer: { layout: 'cpp' },
  wildlife: { version: '2.2' },
  recurrent: { version: '2.1' },
  influence: { protocol: 2 },
  fakes: { container: 'json' },
  batches: { version: '2.6' },
  sorted: { version: '2.3' },
  'last-stage': { protocol: 5 },
  doubling: { version: '2.1' },
};
