// Written by `npm run gen`; edits are lost.
import type { Reader } from './reader.ts';
import { applicationOom } from './readers/application-oom.ts';
import { cudaError } from './readers/cuda-error.ts';
import { cudaLibrary } from './readers/cuda-library.ts';
import { dataloaderWorker } from './readers/dataloader-worker.ts';
import { directml } from './readers/directml.ts';
import { hostAllocation } from './readers/host-allocation.ts';
import { kernelFault } from './readers/kernel-fault.ts';
import { kernelSharedMemory } from './readers/kernel-shared-memory.ts';
import { nccl } from './readers/nccl.ts';
import { nvmlAssert } from './readers/nvml-assert.ts';
import { pagingFile } from './readers/paging-file.ts';
import { processKilled } from './readers/process-killed.ts';
import { retryReachedZero } from './readers/retry-reached-zero.ts';
import { sharedMemory } from './readers/shared-memory.ts';
import { thrustBadAlloc } from './readers/thrust-bad-alloc.ts';
import { torchAsync } from './readers/torch-async.ts';
import { torchCpu } from './readers/torch-cpu.ts';
import { torchCuda } from './readers/torch-cuda.ts';
import { torchMps } from './readers/torch-mps.ts';
import { torchThc } from './readers/torch-thc.ts';
import { vllmKvCache } from './readers/vllm-kv-cache.ts';
import { vulkan } from './readers/vulkan.ts';
import { xpuNative } from './readers/xpu-native.ts';

export const readers: readonly Reader[] = [
  applicationOom,
  cudaError,
  cudaLibrary,
  dataloaderWorker,
  directml,
  hostAllocation,
  kernelFault,
  kernelSharedMemory,
  nccl,
  nvmlAssert,
  pagingFile,
  processKilled,
  retryReachedZero,
  sharedMemory,
  thrustBadAlloc,
  torchAsync,
  torchCpu,
  torchCuda,
  torchMps,
  torchThc,
  vllmKvCache,
  vulkan,
  xpuNative,
];
