// Written by `npm run gen`; edits are lost.
import type { StatusReader } from './status.ts';
import { blenderMemory } from './statuses/blender-memory.ts';
import { deepspeedMemory } from './statuses/deepspeed-memory.ts';
import { gpuPoolStatistics } from './statuses/gpu-pool-statistics.ts';
import { jaxMemoryStats } from './statuses/jax-memory-stats.ts';
import { juliaMemory } from './statuses/julia-memory.ts';
import { llamaCppLoad } from './statuses/llama-cpp-load.ts';
import { megatronMemory } from './statuses/megatron-memory.ts';
import { nvidiaSmiList } from './statuses/nvidia-smi-list.ts';
import { ollamaMemory } from './statuses/ollama-memory.ts';
import { printedTorchMemory } from './statuses/printed-torch-memory.ts';
import { servingCapacity } from './statuses/serving-capacity.ts';
import { sglangStartup } from './statuses/sglang-startup.ts';
import { tensorflowAllocator } from './statuses/tensorflow-allocator.ts';
import { tensorrtMemory } from './statuses/tensorrt-memory.ts';
import { torchGpuProcesses } from './statuses/torch-gpu-processes.ts';
import { torchMemoryStats } from './statuses/torch-memory-stats.ts';
import { torchMemorySummary } from './statuses/torch-memory-summary.ts';
import { trainerMemory } from './statuses/trainer-memory.ts';
import { trainingProgressMemory } from './statuses/training-progress-memory.ts';
import { vllmStartup } from './statuses/vllm-startup.ts';
import { xlaBuffers } from './statuses/xla-buffers.ts';

export const statuses: readonly StatusReader[] = [
  blenderMemory,
  deepspeedMemory,
  gpuPoolStatistics,
  jaxMemoryStats,
  juliaMemory,
  llamaCppLoad,
  megatronMemory,
  nvidiaSmiList,
  ollamaMemory,
  printedTorchMemory,
  servingCapacity,
  sglangStartup,
  tensorflowAllocator,
  tensorrtMemory,
  torchGpuProcesses,
  torchMemoryStats,
  torchMemorySummary,
  trainerMemory,
  trainingProgressMemory,
  vllmStartup,
  xlaBuffers,
];
