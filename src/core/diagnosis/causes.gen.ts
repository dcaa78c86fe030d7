// Written by `npm run gen`; edits are lost.
import type { Cause } from './cause.ts';
import { activationsTooLarge } from './causes/activations-too-large.ts';
import { anotherSystem } from './causes/another-system.ts';
import { autogradInEval } from './causes/autograd-in-eval.ts';
import { brokenInstall } from './causes/broken-install.ts';
import { builderScratch } from './causes/builder-scratch.ts';
import { collectiveFailed } from './causes/collective-failed.ts';
import { colocatedEngine } from './causes/colocated-engine.ts';
import { computeBufferTooLarge } from './causes/compute-buffer-too-large.ts';
import { corruptSize } from './causes/corrupt-size.ts';
import { cudaGraphsPrivatePools } from './causes/cuda-graphs-private-pools.ts';
import { dataDoesNotFit } from './causes/data-does-not-fit.ts';
import { deviceRemoved } from './causes/device-removed.ts';
import { duplicateStateOnLoad } from './causes/duplicate-state-on-load.ts';
import { endedOtherwise } from './causes/ended-otherwise.ts';
import { engineReservationTooHigh } from './causes/engine-reservation-too-high.ts';
import { engineReservationTooLow } from './causes/engine-reservation-too-low.ts';
import { evalAccumulation } from './causes/eval-accumulation.ts';
import { fp32Load } from './causes/fp32-load.ts';
import { fragmentation } from './causes/fragmentation.ts';
import { frameworkPreallocation } from './causes/framework-preallocation.ts';
import { fullStateGatherOnSave } from './causes/full-state-gather-on-save.ts';
import { growthOverSteps } from './causes/growth-over-steps.ts';
import { hiddenHolder } from './causes/hidden-holder.ts';
import { hostRamExhausted } from './causes/host-ram-exhausted.ts';
import { kernelFault } from './causes/kernel-fault.ts';
import { kernelPassedOver } from './causes/kernel-passed-over.ts';
import { kernelSharedMemory } from './causes/kernel-shared-memory.ts';
import { kvCacheTooLarge } from './causes/kv-cache-too-large.ts';
import { layoutPadding } from './causes/layout-padding.ts';
import { logitsSpike } from './causes/logits-spike.ts';
import { longestSample } from './causes/longest-sample.ts';
import { manyProcessesOnOneGpu } from './causes/many-processes-on-one-gpu.ts';
import { memoryCap } from './causes/memory-cap.ts';
import { memoryOutsideTheAllocator } from './causes/memory-outside-the-allocator.ts';
import { modelDoesNotFit } from './causes/model-does-not-fit.ts';
import { ncclBuffers } from './causes/nccl-buffers.ts';
import { neighbourProcess } from './causes/neighbour-process.ts';
import { optimizerStatesDoNotFit } from './causes/optimizer-states-do-not-fit.ts';
import { pagingFile } from './causes/paging-file.ts';
import { pinnedMemory } from './causes/pinned-memory.ts';
import { quadraticAttention } from './causes/quadratic-attention.ts';
import { rankImbalance } from './causes/rank-imbalance.ts';
import { refusedThoughFree } from './causes/refused-though-free.ts';
import { sessionLimit } from './causes/session-limit.ts';
import { sharedMemorySegment } from './causes/shared-memory-segment.ts';
import { sysmemFallback } from './causes/sysmem-fallback.ts';
import { unifiedMemory } from './causes/unified-memory.ts';
import { vaeDecode } from './causes/vae-decode.ts';
import { workerCrashed } from './causes/worker-crashed.ts';
import { workspaceOutsideTheAllocator } from './causes/workspace-outside-the-allocator.ts';

export const causes: readonly Cause[] = [
  activationsTooLarge,
  anotherSystem,
  autogradInEval,
  brokenInstall,
  builderScratch,
  collectiveFailed,
  colocatedEngine,
  computeBufferTooLarge,
  corruptSize,
  cudaGraphsPrivatePools,
  dataDoesNotFit,
  deviceRemoved,
  duplicateStateOnLoad,
  endedOtherwise,
  engineReservationTooHigh,
  engineReservationTooLow,
  evalAccumulation,
  fp32Load,
  fragmentation,
  frameworkPreallocation,
  fullStateGatherOnSave,
  growthOverSteps,
  hiddenHolder,
  hostRamExhausted,
  kernelFault,
  kernelPassedOver,
  kernelSharedMemory,
  kvCacheTooLarge,
  layoutPadding,
  logitsSpike,
  longestSample,
  manyProcessesOnOneGpu,
  memoryCap,
  memoryOutsideTheAllocator,
  modelDoesNotFit,
  ncclBuffers,
  neighbourProcess,
  optimizerStatesDoNotFit,
  pagingFile,
  pinnedMemory,
  quadraticAttention,
  rankImbalance,
  refusedThoughFree,
  sessionLimit,
  sharedMemorySegment,
  sysmemFallback,
  unifiedMemory,
  vaeDecode,
  workerCrashed,
  workspaceOutsideTheAllocator,
];
