// Written by `npm run gen`; edits are lost.
import type { StatusReader } from './status.ts';
import { amdSmi } from './statuses/amd-smi.ts';
import { amdSmiCsv } from './statuses/amd-smi-csv.ts';
import { amdSmiJson } from './statuses/amd-smi-json.ts';
import { batchLimit } from './statuses/batch-limit.ts';
import { blenderMemory } from './statuses/blender-memory.ts';
import { cnmon } from './statuses/cnmon.ts';
import { collectiveTimeout } from './statuses/collective-timeout.ts';
import { deepspeedLauncher } from './statuses/deepspeed-launcher.ts';
import { deepspeedMemory } from './statuses/deepspeed-memory.ts';
import { dockerContainer } from './statuses/docker-container.ts';
import { elasticErrorFile } from './statuses/elastic-error-file.ts';
import { gpuPoolStatistics } from './statuses/gpu-pool-statistics.ts';
import { gpustat } from './statuses/gpustat.ts';
import { hlSmi } from './statuses/hl-smi.ts';
import { hostMemory } from './statuses/host-memory.ts';
import { ioreg } from './statuses/ioreg.ts';
import { jaxMemoryStats } from './statuses/jax-memory-stats.ts';
import { juliaMemory } from './statuses/julia-memory.ts';
import { kernelGpuFault } from './statuses/kernel-gpu-fault.ts';
import { kernelOom } from './statuses/kernel-oom.ts';
import { kubernetesPod } from './statuses/kubernetes-pod.ts';
import { llamaCppLoad } from './statuses/llama-cpp-load.ts';
import { megatronMemory } from './statuses/megatron-memory.ts';
import { mpiLauncher } from './statuses/mpi-launcher.ts';
import { mthreadsGmi } from './statuses/mthreads-gmi.ts';
import { neuron } from './statuses/neuron.ts';
import { npuSmi } from './statuses/npu-smi.ts';
import { nvidiaSmiCsv } from './statuses/nvidia-smi-csv.ts';
import { nvidiaSmiDmon } from './statuses/nvidia-smi-dmon.ts';
import { nvidiaSmiError } from './statuses/nvidia-smi-error.ts';
import { nvidiaSmiList } from './statuses/nvidia-smi-list.ts';
import { nvidiaSmiPmon } from './statuses/nvidia-smi-pmon.ts';
import { nvidiaSmiQuery } from './statuses/nvidia-smi-query.ts';
import { nvidiaSmiTable } from './statuses/nvidia-smi-table.ts';
import { nvidiaSmiXml } from './statuses/nvidia-smi-xml.ts';
import { nvitop } from './statuses/nvitop.ts';
import { nvtop } from './statuses/nvtop.ts';
import { ollamaMemory } from './statuses/ollama-memory.ts';
import { printedTorchMemory } from './statuses/printed-torch-memory.ts';
import { pythonChildren } from './statuses/python-children.ts';
import { rayWorkers } from './statuses/ray-workers.ts';
import { repeatedReadings } from './statuses/repeated-readings.ts';
import { rocmSmi } from './statuses/rocm-smi.ts';
import { rocmSmiCsv } from './statuses/rocm-smi-csv.ts';
import { rocmSmiJson } from './statuses/rocm-smi-json.ts';
import { servingCapacity } from './statuses/serving-capacity.ts';
import { sglangStartup } from './statuses/sglang-startup.ts';
import { shellExit } from './statuses/shell-exit.ts';
import { slurmJob } from './statuses/slurm-job.ts';
import { systemServices } from './statuses/system-services.ts';
import { tegrastats } from './statuses/tegrastats.ts';
import { tensorflowAllocator } from './statuses/tensorflow-allocator.ts';
import { tensorrtMemory } from './statuses/tensorrt-memory.ts';
import { torchElastic } from './statuses/torch-elastic.ts';
import { torchGpuProcesses } from './statuses/torch-gpu-processes.ts';
import { torchMemoryStats } from './statuses/torch-memory-stats.ts';
import { torchMemorySummary } from './statuses/torch-memory-summary.ts';
import { tpuInfo } from './statuses/tpu-info.ts';
import { trainerMemory } from './statuses/trainer-memory.ts';
import { trainingProgressMemory } from './statuses/training-progress-memory.ts';
import { vllmStartup } from './statuses/vllm-startup.ts';
import { xlaBuffers } from './statuses/xla-buffers.ts';
import { xpuSmi } from './statuses/xpu-smi.ts';
import { xpuSmiJson } from './statuses/xpu-smi-json.ts';

export const statuses: readonly StatusReader[] = [
  amdSmi,
  amdSmiCsv,
  amdSmiJson,
  batchLimit,
  blenderMemory,
  cnmon,
  collectiveTimeout,
  deepspeedLauncher,
  deepspeedMemory,
  dockerContainer,
  elasticErrorFile,
  gpuPoolStatistics,
  gpustat,
  hlSmi,
  hostMemory,
  ioreg,
  jaxMemoryStats,
  juliaMemory,
  kernelGpuFault,
  kernelOom,
  kubernetesPod,
  llamaCppLoad,
  megatronMemory,
  mpiLauncher,
  mthreadsGmi,
  neuron,
  npuSmi,
  nvidiaSmiCsv,
  nvidiaSmiDmon,
  nvidiaSmiError,
  nvidiaSmiList,
  nvidiaSmiPmon,
  nvidiaSmiQuery,
  nvidiaSmiTable,
  nvidiaSmiXml,
  nvitop,
  nvtop,
  ollamaMemory,
  printedTorchMemory,
  pythonChildren,
  rayWorkers,
  repeatedReadings,
  rocmSmi,
  rocmSmiCsv,
  rocmSmiJson,
  servingCapacity,
  sglangStartup,
  shellExit,
  slurmJob,
  systemServices,
  tegrastats,
  tensorflowAllocator,
  tensorrtMemory,
  torchElastic,
  torchGpuProcesses,
  torchMemoryStats,
  torchMemorySummary,
  tpuInfo,
  trainerMemory,
  trainingProgressMemory,
  vllmStartup,
  xlaBuffers,
  xpuSmi,
  xpuSmiJson,
];
