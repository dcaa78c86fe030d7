// Written by `npm run gen`; edits are lost.
import type { Family } from './family.ts';
import { llamaLike } from './families/llama-like.ts';

export const families: readonly Family[] = [llamaLike];
