// Written by `npm run gen`; edits are lost.
import type { Dialect } from './dialect.ts';
import { accelerate } from './dialects/accelerate.ts';
import { axolotl } from './dialects/axolotl.ts';
import { deepspeed } from './dialects/deepspeed.ts';
import { fsdp } from './dialects/fsdp.ts';
import { lightning } from './dialects/lightning.ts';
import { llamaFactory } from './dialects/llama-factory.ts';
import { megatron } from './dialects/megatron.ts';
import { openrlhf } from './dialects/openrlhf.ts';
import { paddle } from './dialects/paddle.ts';
import { peft } from './dialects/peft.ts';
import { pytorch } from './dialects/pytorch.ts';
import { torchtitan } from './dialects/torchtitan.ts';
import { torchtune } from './dialects/torchtune.ts';
import { transformers } from './dialects/transformers.ts';
import { trl } from './dialects/trl.ts';
import { ultralytics } from './dialects/ultralytics.ts';
import { unsloth } from './dialects/unsloth.ts';
import { verl } from './dialects/verl.ts';

export const dialects: readonly Dialect[] = [
  accelerate,
  axolotl,
  deepspeed,
  fsdp,
  lightning,
  llamaFactory,
  megatron,
  openrlhf,
  paddle,
  peft,
  pytorch,
  torchtitan,
  torchtune,
  transformers,
  trl,
  ultralytics,
  unsloth,
  verl,
];
