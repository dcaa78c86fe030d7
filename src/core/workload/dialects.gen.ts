// Written by `npm run gen`; edits are lost.
import type { Dialect } from './dialect.ts';
import { catboost } from './dialects/catboost.ts';
import { comfyui } from './dialects/comfyui.ts';
import { diffusers } from './dialects/diffusers.ts';
import { jax } from './dialects/jax.ts';
import { llamaCpp } from './dialects/llama-cpp.ts';
import { lmdeploy } from './dialects/lmdeploy.ts';
import { mxnet } from './dialects/mxnet.ts';
import { ollama } from './dialects/ollama.ts';
import { onnxruntime } from './dialects/onnxruntime.ts';
import { pytorch } from './dialects/pytorch.ts';
import { sglang } from './dialects/sglang.ts';
import { stableDiffusionWebui } from './dialects/stable-diffusion-webui.ts';
import { tensorflow } from './dialects/tensorflow.ts';
import { tensorrt } from './dialects/tensorrt.ts';
import { tensorrtLlm } from './dialects/tensorrt-llm.ts';
import { tgi } from './dialects/tgi.ts';
import { vllm } from './dialects/vllm.ts';

export const dialects: readonly Dialect[] = [
  catboost,
  comfyui,
  diffusers,
  jax,
  llamaCpp,
  lmdeploy,
  mxnet,
  ollama,
  onnxruntime,
  pytorch,
  sglang,
  stableDiffusionWebui,
  tensorflow,
  tensorrt,
  tensorrtLlm,
  tgi,
  vllm,
];
