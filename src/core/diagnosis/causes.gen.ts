// Written by `npm run gen`; edits are lost.
import type { Cause } from './cause.ts';
import { activationsTooLarge } from './causes/activations-too-large.ts';
import { autogradInEval } from './causes/autograd-in-eval.ts';
import { corruptSize } from './causes/corrupt-size.ts';
import { fragmentation } from './causes/fragmentation.ts';
import { hostRamExhausted } from './causes/host-ram-exhausted.ts';
import { kernelFault } from './causes/kernel-fault.ts';
import { kernelSharedMemory } from './causes/kernel-shared-memory.ts';
import { kvCacheTooLarge } from './causes/kv-cache-too-large.ts';
import { memoryCap } from './causes/memory-cap.ts';
import { memoryOutsideTheAllocator } from './causes/memory-outside-the-allocator.ts';
import { modelDoesNotFit } from './causes/model-does-not-fit.ts';
import { neighbourProcess } from './causes/neighbour-process.ts';
import { optimizerStatesDoNotFit } from './causes/optimizer-states-do-not-fit.ts';
import { refusedThoughFree } from './causes/refused-though-free.ts';
import { sharedMemorySegment } from './causes/shared-memory-segment.ts';
import { workerCrashed } from './causes/worker-crashed.ts';
import { workspaceOutsideTheAllocator } from './causes/workspace-outside-the-allocator.ts';

export const causes: readonly Cause[] = [
  activationsTooLarge,
  autogradInEval,
  corruptSize,
  fragmentation,
  hostRamExhausted,
  kernelFault,
  kernelSharedMemory,
  kvCacheTooLarge,
  memoryCap,
  memoryOutsideTheAllocator,
  modelDoesNotFit,
  neighbourProcess,
  optimizerStatesDoNotFit,
  refusedThoughFree,
  sharedMemorySegment,
  workerCrashed,
  workspaceOutsideTheAllocator,
];
