// Written by `npm run gen`; edits are lost.
import type { Reader } from './reader.ts';
import { applicationOom } from './readers/application-oom.ts';
import { ascend } from './readers/ascend.ts';
import { caffe } from './readers/caffe.ts';
import { cntk } from './readers/cntk.ts';
import { cudaError } from './readers/cuda-error.ts';
import { cudaLibrary } from './readers/cuda-library.ts';
import { dataloaderWorker } from './readers/dataloader-worker.ts';
import { directml } from './readers/directml.ts';
import { gaudi } from './readers/gaudi.ts';
import { graphcore } from './readers/graphcore.ts';
import { hostAllocation } from './readers/host-allocation.ts';
import { kernelFault } from './readers/kernel-fault.ts';
import { kernelSharedMemory } from './readers/kernel-shared-memory.ts';
import { mindspore } from './readers/mindspore.ts';
import { mxnet } from './readers/mxnet.ts';
import { nccl } from './readers/nccl.ts';
import { neuron } from './readers/neuron.ts';
import { nvmlAssert } from './readers/nvml-assert.ts';
import { oneflow } from './readers/oneflow.ts';
import { paddle } from './readers/paddle.ts';
import { pagingFile } from './readers/paging-file.ts';
import { processKilled } from './readers/process-killed.ts';
import { retryReachedZero } from './readers/retry-reached-zero.ts';
import { sharedMemory } from './readers/shared-memory.ts';
import { tensorflow } from './readers/tensorflow.ts';
import { theano } from './readers/theano.ts';
import { thrustBadAlloc } from './readers/thrust-bad-alloc.ts';
import { torchAsync } from './readers/torch-async.ts';
import { torchCpu } from './readers/torch-cpu.ts';
import { torchCuda } from './readers/torch-cuda.ts';
import { torchMps } from './readers/torch-mps.ts';
import { torchThc } from './readers/torch-thc.ts';
import { tpuMemory } from './readers/tpu-memory.ts';
import { vendorRuntime } from './readers/vendor-runtime.ts';
import { vllmKvCache } from './readers/vllm-kv-cache.ts';
import { vulkan } from './readers/vulkan.ts';
import { xla } from './readers/xla.ts';
import { xpuNative } from './readers/xpu-native.ts';

export const readers: readonly Reader[] = [
  applicationOom,
  ascend,
  caffe,
  cntk,
  cudaError,
  cudaLibrary,
  dataloaderWorker,
  directml,
  gaudi,
  graphcore,
  hostAllocation,
  kernelFault,
  kernelSharedMemory,
  mindspore,
  mxnet,
  nccl,
  neuron,
  nvmlAssert,
  oneflow,
  paddle,
  pagingFile,
  processKilled,
  retryReachedZero,
  sharedMemory,
  tensorflow,
  theano,
  thrustBadAlloc,
  torchAsync,
  torchCpu,
  torchCuda,
  torchMps,
  torchThc,
  tpuMemory,
  vendorRuntime,
  vllmKvCache,
  vulkan,
  xla,
  xpuNative,
];
