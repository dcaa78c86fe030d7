// Written by `npm run gen`; edits are lost.
import type { Term } from './term.ts';
import { cudaContext } from './terms/cuda-context.ts';

export const terms: readonly Term[] = [cudaContext];
