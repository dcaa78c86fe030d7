// Written by `npm run gen`; edits are lost.
import type { Reader } from './reader.ts';
import { anotherSystem } from './readers/another-system.ts';
import { applicationOom } from './readers/application-oom.ts';
import { catboost } from './readers/catboost.ts';
import { computeProgram } from './readers/compute-program.ts';
import { cudaError } from './readers/cuda-error.ts';
import { cudaLibrary } from './readers/cuda-library.ts';
import { cupy } from './readers/cupy.ts';
import { dali } from './readers/dali.ts';
import { dataloaderWorker } from './readers/dataloader-worker.ts';
import { directml } from './readers/directml.ts';
import { driverBinding } from './readers/driver-binding.ts';
import { faiss } from './readers/faiss.ts';
import { gpuMemoryWords } from './readers/gpu-memory-words.ts';
import { hostAllocation } from './readers/host-allocation.ts';
import { julia } from './readers/julia.ts';
import { kernelFault } from './readers/kernel-fault.ts';
import { kernelSharedMemory } from './readers/kernel-shared-memory.ts';
import { lightgbm } from './readers/lightgbm.ts';
import { modelDispatch } from './readers/model-dispatch.ts';
import { nccl } from './readers/nccl.ts';
import { nvenc } from './readers/nvenc.ts';
import { nvidiaDriver } from './readers/nvidia-driver.ts';
import { nvmlAssert } from './readers/nvml-assert.ts';
import { opencl } from './readers/opencl.ts';
import { pagingFile } from './readers/paging-file.ts';
import { processKilled } from './readers/process-killed.ts';
import { ray } from './readers/ray.ts';
import { renderer } from './readers/renderer.ts';
import { retryReachedZero } from './readers/retry-reached-zero.ts';
import { rmm } from './readers/rmm.ts';
import { sharedMemory } from './readers/shared-memory.ts';
import { thrustBadAlloc } from './readers/thrust-bad-alloc.ts';
import { torchAsync } from './readers/torch-async.ts';
import { torchCpu } from './readers/torch-cpu.ts';
import { torchCuda } from './readers/torch-cuda.ts';
import { torchMps } from './readers/torch-mps.ts';
import { torchThc } from './readers/torch-thc.ts';
import { vllmKvCache } from './readers/vllm-kv-cache.ts';
import { vulkan } from './readers/vulkan.ts';
import { xgboost } from './readers/xgboost.ts';
import { xpuNative } from './readers/xpu-native.ts';

export const readers: readonly Reader[] = [
  anotherSystem,
  applicationOom,
  catboost,
  computeProgram,
  cudaError,
  cudaLibrary,
  cupy,
  dali,
  dataloaderWorker,
  directml,
  driverBinding,
  faiss,
  gpuMemoryWords,
  hostAllocation,
  julia,
  kernelFault,
  kernelSharedMemory,
  lightgbm,
  modelDispatch,
  nccl,
  nvenc,
  nvidiaDriver,
  nvmlAssert,
  opencl,
  pagingFile,
  processKilled,
  ray,
  renderer,
  retryReachedZero,
  rmm,
  sharedMemory,
  thrustBadAlloc,
  torchAsync,
  torchCpu,
  torchCuda,
  torchMps,
  torchThc,
  vllmKvCache,
  vulkan,
  xgboost,
  xpuNative,
];
