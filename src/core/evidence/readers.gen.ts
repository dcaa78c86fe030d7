// Written by `npm run gen`; edits are lost.
import type { Reader } from './reader.ts';
import { anotherSystem } from './readers/another-system.ts';
import { applicationOom } from './readers/application-oom.ts';
import { ascend } from './readers/ascend.ts';
import { browserMemory } from './readers/browser-memory.ts';
import { caffe } from './readers/caffe.ts';
import { candle } from './readers/candle.ts';
import { catboost } from './readers/catboost.ts';
import { cntk } from './readers/cntk.ts';
import { collective } from './readers/collective.ts';
import { computeProgram } from './readers/compute-program.ts';
import { ctranslate2 } from './readers/ctranslate2.ts';
import { cudaError } from './readers/cuda-error.ts';
import { cudaLibrary } from './readers/cuda-library.ts';
import { cupy } from './readers/cupy.ts';
import { dali } from './readers/dali.ts';
import { dataloaderWorker } from './readers/dataloader-worker.ts';
import { deepspeedFastgen } from './readers/deepspeed-fastgen.ts';
import { directml } from './readers/directml.ts';
import { driverBinding } from './readers/driver-binding.ts';
import { exllama } from './readers/exllama.ts';
import { faiss } from './readers/faiss.ts';
import { gaudi } from './readers/gaudi.ts';
import { gpuMemoryWords } from './readers/gpu-memory-words.ts';
import { graphcore } from './readers/graphcore.ts';
import { hostAllocation } from './readers/host-allocation.ts';
import { julia } from './readers/julia.ts';
import { kernelFault } from './readers/kernel-fault.ts';
import { kernelSharedMemory } from './readers/kernel-shared-memory.ts';
import { kvSlots } from './readers/kv-slots.ts';
import { lightgbm } from './readers/lightgbm.ts';
import { lightllm } from './readers/lightllm.ts';
import { llamaCpp } from './readers/llama-cpp.ts';
import { lmStudio } from './readers/lm-studio.ts';
import { lmdeploy } from './readers/lmdeploy.ts';
import { metal } from './readers/metal.ts';
import { mindspore } from './readers/mindspore.ts';
import { mlcLlm } from './readers/mlc-llm.ts';
import { mlx } from './readers/mlx.ts';
import { modelDispatch } from './readers/model-dispatch.ts';
import { mxnet } from './readers/mxnet.ts';
import { nccl } from './readers/nccl.ts';
import { neuron } from './readers/neuron.ts';
import { nvenc } from './readers/nvenc.ts';
import { nvidiaDriver } from './readers/nvidia-driver.ts';
import { nvmlAssert } from './readers/nvml-assert.ts';
import { ollama } from './readers/ollama.ts';
import { oneflow } from './readers/oneflow.ts';
import { onnxruntime } from './readers/onnxruntime.ts';
import { opencl } from './readers/opencl.ts';
import { openvino } from './readers/openvino.ts';
import { paddle } from './readers/paddle.ts';
import { pagingFile } from './readers/paging-file.ts';
import { processKilled } from './readers/process-killed.ts';
import { ray } from './readers/ray.ts';
import { renderer } from './readers/renderer.ts';
import { retryReachedZero } from './readers/retry-reached-zero.ts';
import { rmm } from './readers/rmm.ts';
import { sglang } from './readers/sglang.ts';
import { sharedMemory } from './readers/shared-memory.ts';
import { silentExit } from './readers/silent-exit.ts';
import { statusNumber } from './readers/status-number.ts';
import { tensorflow } from './readers/tensorflow.ts';
import { tensorrt } from './readers/tensorrt.ts';
import { tensorrtLlm } from './readers/tensorrt-llm.ts';
import { textEmbeddings } from './readers/text-embeddings.ts';
import { tgi } from './readers/tgi.ts';
import { theano } from './readers/theano.ts';
import { thrustBadAlloc } from './readers/thrust-bad-alloc.ts';
import { torchAsync } from './readers/torch-async.ts';
import { torchCpu } from './readers/torch-cpu.ts';
import { torchCuda } from './readers/torch-cuda.ts';
import { torchMps } from './readers/torch-mps.ts';
import { torchThc } from './readers/torch-thc.ts';
import { torchserve } from './readers/torchserve.ts';
import { tpuMemory } from './readers/tpu-memory.ts';
import { tritonServer } from './readers/triton-server.ts';
import { vendorRuntime } from './readers/vendor-runtime.ts';
import { vllm } from './readers/vllm.ts';
import { vulkan } from './readers/vulkan.ts';
import { webgpu } from './readers/webgpu.ts';
import { wgpu } from './readers/wgpu.ts';
import { xgboost } from './readers/xgboost.ts';
import { xla } from './readers/xla.ts';
import { xpuNative } from './readers/xpu-native.ts';

export const readers: readonly Reader[] = [
  anotherSystem,
  applicationOom,
  ascend,
  browserMemory,
  caffe,
  candle,
  catboost,
  cntk,
  collective,
  computeProgram,
  ctranslate2,
  cudaError,
  cudaLibrary,
  cupy,
  dali,
  dataloaderWorker,
  deepspeedFastgen,
  directml,
  driverBinding,
  exllama,
  faiss,
  gaudi,
  gpuMemoryWords,
  graphcore,
  hostAllocation,
  julia,
  kernelFault,
  kernelSharedMemory,
  kvSlots,
  lightgbm,
  lightllm,
  llamaCpp,
  lmStudio,
  lmdeploy,
  metal,
  mindspore,
  mlcLlm,
  mlx,
  modelDispatch,
  mxnet,
  nccl,
  neuron,
  nvenc,
  nvidiaDriver,
  nvmlAssert,
  ollama,
  oneflow,
  onnxruntime,
  opencl,
  openvino,
  paddle,
  pagingFile,
  processKilled,
  ray,
  renderer,
  retryReachedZero,
  rmm,
  sglang,
  sharedMemory,
  silentExit,
  statusNumber,
  tensorflow,
  tensorrt,
  tensorrtLlm,
  textEmbeddings,
  tgi,
  theano,
  thrustBadAlloc,
  torchAsync,
  torchCpu,
  torchCuda,
  torchMps,
  torchThc,
  torchserve,
  tpuMemory,
  tritonServer,
  vendorRuntime,
  vllm,
  vulkan,
  webgpu,
  wgpu,
  xgboost,
  xla,
  xpuNative,
];
