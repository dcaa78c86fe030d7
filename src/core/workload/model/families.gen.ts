// Written by `npm run gen`; edits are lost.
import type { Family } from './family.ts';
import { gptLike } from './families/gpt-like.ts';
import { hybrid } from './families/hybrid.ts';
import { latent } from './families/latent.ts';
import { llamaLike } from './families/llama-like.ts';
import { mixture } from './families/mixture.ts';
import { remoteCode } from './families/remote-code.ts';
import { stateSpace } from './families/state-space.ts';

export const families: readonly Family[] = [
  gptLike,
  hybrid,
  latent,
  llamaLike,
  mixture,
  remoteCode,
  stateSpace,
];
