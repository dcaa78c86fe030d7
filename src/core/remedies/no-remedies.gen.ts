// Written by `npm run gen`; edits are lost.
import type { Remedy } from './remedy.ts';
import { cudnnBenchmark } from './no-remedies/cudnn-benchmark.ts';

export const noRemedies: readonly Remedy[] = [cudnnBenchmark];
