// Written by `npm run gen`; edits are lost.
import type { Dialect } from './dialect.ts';
import { pytorch } from './dialects/pytorch.ts';

export const dialects: readonly Dialect[] = [pytorch];
