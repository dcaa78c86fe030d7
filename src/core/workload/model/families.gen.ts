// Written by `npm run gen`; edits are lost.
import type { Family } from './family.ts';
import { bartLike } from './families/bart-like.ts';
import { bertLike } from './families/bert-like.ts';
import { clipLike } from './families/clip-like.ts';
import { gemma3n } from './families/gemma-3n.ts';
import { gptLike } from './families/gpt-like.ts';
import { hybrid } from './families/hybrid.ts';
import { latent } from './families/latent.ts';
import { llamaLike } from './families/llama-like.ts';
import { mixture } from './families/mixture.ts';
import { mllama } from './families/mllama.ts';
import { multimodal } from './families/multimodal.ts';
import { qwenVl } from './families/qwen-vl.ts';
import { remoteCode } from './families/remote-code.ts';
import { stateSpace } from './families/state-space.ts';
import { swin } from './families/swin.ts';
import { t5Like } from './families/t5-like.ts';
import { vision } from './families/vision.ts';

export const families: readonly Family[] = [
  bartLike,
  bertLike,
  clipLike,
  gemma3n,
  gptLike,
  hybrid,
  latent,
  llamaLike,
  mixture,
  mllama,
  multimodal,
  qwenVl,
  remoteCode,
  stateSpace,
  swin,
  t5Like,
  vision,
];
