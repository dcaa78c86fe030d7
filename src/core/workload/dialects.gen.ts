// Written by `npm run gen`; edits are lost.
import type { Dialect } from './dialect.ts';
import { accelerate } from './dialects/accelerate.ts';
import { axolotl } from './dialects/axolotl.ts';
import { catboost } from './dialects/catboost.ts';
import { comfyui } from './dialects/comfyui.ts';
import { deepspeed } from './dialects/deepspeed.ts';
import { diffusers } from './dialects/diffusers.ts';
import { fsdp } from './dialects/fsdp.ts';
import { jax } from './dialects/jax.ts';
import { lightning } from './dialects/lightning.ts';
import { llamaCpp } from './dialects/llama-cpp.ts';
import { llamaFactory } from './dialects/llama-factory.ts';
import { lmdeploy } from './dialects/lmdeploy.ts';
import { megatron } from './dialects/megatron.ts';
import { mxnet } from './dialects/mxnet.ts';
import { ollama } from './dialects/ollama.ts';
import { onnxruntime } from './dialects/onnxruntime.ts';
import { openrlhf } from './dialects/openrlhf.ts';
import { paddle } from './dialects/paddle.ts';
import { peft } from './dialects/peft.ts';
import { pytorch } from './dialects/pytorch.ts';
import { sglang } from './dialects/sglang.ts';
import { stableDiffusionWebui } from './dialects/stable-diffusion-webui.ts';
import { tensorflow } from './dialects/tensorflow.ts';
import { tensorrt } from './dialects/tensorrt.ts';
import { tensorrtLlm } from './dialects/tensorrt-llm.ts';
import { tgi } from './dialects/tgi.ts';
import { torchtitan } from './dialects/torchtitan.ts';
import { torchtune } from './dialects/torchtune.ts';
import { transformers } from './dialects/transformers.ts';
import { trl } from './dialects/trl.ts';
import { ultralytics } from './dialects/ultralytics.ts';
import { unsloth } from './dialects/unsloth.ts';
import { verl } from './dialects/verl.ts';
import { vllm } from './dialects/vllm.ts';

export const dialects: readonly Dialect[] = [
  accelerate,
  axolotl,
  catboost,
  comfyui,
  deepspeed,
  diffusers,
  fsdp,
  jax,
  lightning,
  llamaCpp,
  llamaFactory,
  lmdeploy,
  megatron,
  mxnet,
  ollama,
  onnxruntime,
  openrlhf,
  paddle,
  peft,
  pytorch,
  sglang,
  stableDiffusionWebui,
  tensorflow,
  tensorrt,
  tensorrtLlm,
  tgi,
  torchtitan,
  torchtune,
  transformers,
  trl,
  ultralytics,
  unsloth,
  verl,
  vllm,
];
