// Written by `npm run gen`; edits are lost.
import type { Reader } from './reader.ts';
import { applicationOom } from './readers/application-oom.ts';
import { browserMemory } from './readers/browser-memory.ts';
import { candle } from './readers/candle.ts';
import { ctranslate2 } from './readers/ctranslate2.ts';
import { cudaError } from './readers/cuda-error.ts';
import { cudaLibrary } from './readers/cuda-library.ts';
import { dataloaderWorker } from './readers/dataloader-worker.ts';
import { deepspeedFastgen } from './readers/deepspeed-fastgen.ts';
import { directml } from './readers/directml.ts';
import { exllama } from './readers/exllama.ts';
import { hostAllocation } from './readers/host-allocation.ts';
import { kernelFault } from './readers/kernel-fault.ts';
import { kernelSharedMemory } from './readers/kernel-shared-memory.ts';
import { lightllm } from './readers/lightllm.ts';
import { llamaCpp } from './readers/llama-cpp.ts';
import { lmStudio } from './readers/lm-studio.ts';
import { lmdeploy } from './readers/lmdeploy.ts';
import { metal } from './readers/metal.ts';
import { mlcLlm } from './readers/mlc-llm.ts';
import { mlx } from './readers/mlx.ts';
import { nccl } from './readers/nccl.ts';
import { nvmlAssert } from './readers/nvml-assert.ts';
import { ollama } from './readers/ollama.ts';
import { onnxruntime } from './readers/onnxruntime.ts';
import { openvino } from './readers/openvino.ts';
import { pagingFile } from './readers/paging-file.ts';
import { processKilled } from './readers/process-killed.ts';
import { retryReachedZero } from './readers/retry-reached-zero.ts';
import { sglang } from './readers/sglang.ts';
import { sharedMemory } from './readers/shared-memory.ts';
import { tensorrt } from './readers/tensorrt.ts';
import { tensorrtLlm } from './readers/tensorrt-llm.ts';
import { textEmbeddings } from './readers/text-embeddings.ts';
import { tgi } from './readers/tgi.ts';
import { thrustBadAlloc } from './readers/thrust-bad-alloc.ts';
import { torchAsync } from './readers/torch-async.ts';
import { torchCpu } from './readers/torch-cpu.ts';
import { torchCuda } from './readers/torch-cuda.ts';
import { torchMps } from './readers/torch-mps.ts';
import { torchThc } from './readers/torch-thc.ts';
import { torchserve } from './readers/torchserve.ts';
import { tritonServer } from './readers/triton-server.ts';
import { vllm } from './readers/vllm.ts';
import { vulkan } from './readers/vulkan.ts';
import { webgpu } from './readers/webgpu.ts';
import { wgpu } from './readers/wgpu.ts';
import { xpuNative } from './readers/xpu-native.ts';

export const readers: readonly Reader[] = [
  applicationOom,
  browserMemory,
  candle,
  ctranslate2,
  cudaError,
  cudaLibrary,
  dataloaderWorker,
  deepspeedFastgen,
  directml,
  exllama,
  hostAllocation,
  kernelFault,
  kernelSharedMemory,
  lightllm,
  llamaCpp,
  lmStudio,
  lmdeploy,
  metal,
  mlcLlm,
  mlx,
  nccl,
  nvmlAssert,
  ollama,
  onnxruntime,
  openvino,
  pagingFile,
  processKilled,
  retryReachedZero,
  sglang,
  sharedMemory,
  tensorrt,
  tensorrtLlm,
  textEmbeddings,
  tgi,
  thrustBadAlloc,
  torchAsync,
  torchCpu,
  torchCuda,
  torchMps,
  torchThc,
  torchserve,
  tritonServer,
  vllm,
  vulkan,
  webgpu,
  wgpu,
  xpuNative,
];
