// Written by `npm run gen`; edits are lost.
import type { Remedy } from './remedy.ts';
import { checkTheSize } from './measures/check-the-size.ts';
import { checkpointActivations } from './measures/checkpoint-activations.ts';
import { chooseAnotherCard } from './measures/choose-another-card.ts';
import { chunkedLoss } from './measures/chunked-loss.ts';
import { eightBitOptimizer } from './measures/eight-bit-optimizer.ts';
import { emptyCache } from './measures/empty-cache.ts';
import { endNeighbour } from './measures/end-neighbour.ts';
import { expandableSegments } from './measures/expandable-segments.ts';
import { fewerWorkers } from './measures/fewer-workers.ts';
import { findTheFaultingKernel } from './measures/find-the-faulting-kernel.ts';
import { gcThreshold } from './measures/gc-threshold.ts';
import { gradientAccumulation } from './measures/gradient-accumulation.ts';
import { largerPagingFile } from './measures/larger-paging-file.ts';
import { largerSharedMemory } from './measures/larger-shared-memory.ts';
import { leaveRoomForLibraries } from './measures/leave-room-for-libraries.ts';
import { lessHostMemory } from './measures/less-host-memory.ts';
import { lessOffload } from './measures/less-offload.ts';
import { limitCollectiveBuffers } from './measures/limit-collective-buffers.ts';
import { limitPreallocation } from './measures/limit-preallocation.ts';
import { limitWorkspace } from './measures/limit-workspace.ts';
import { loadToHostFirst } from './measures/load-to-host-first.ts';
import { loadWithoutSecondCopy } from './measures/load-without-second-copy.ts';
import { maxSplitSize } from './measures/max-split-size.ts';
import { mixedPrecision } from './measures/mixed-precision.ts';
import { noGrad } from './measures/no-grad.ts';
import { noPinnedMemory } from './measures/no-pinned-memory.ts';
import { noSysmemFallback } from './measures/no-sysmem-fallback.ts';
import { oneProcessPerCard } from './measures/one-process-per-card.ts';
import { raiseCap } from './measures/raise-cap.ts';
import { raiseJobMemory } from './measures/raise-job-memory.ts';
import { raiseWslMemory } from './measures/raise-wsl-memory.ts';
import { roundupDivisions } from './measures/roundup-divisions.ts';
import { saveShardedState } from './measures/save-sharded-state.ts';
import { shardModelStates } from './measures/shard-model-states.ts';
import { shorterContext } from './measures/shorter-context.ts';
import { smallerKernelTiles } from './measures/smaller-kernel-tiles.ts';
import { smallerMicroBatch } from './measures/smaller-micro-batch.ts';
import { splitTheAllocation } from './measures/split-the-allocation.ts';
import { weightsInLowerPrecision } from './measures/weights-in-lower-precision.ts';

export const remedies: readonly Remedy[] = [
  checkTheSize,
  checkpointActivations,
  chooseAnotherCard,
  chunkedLoss,
  eightBitOptimizer,
  emptyCache,
  endNeighbour,
  expandableSegments,
  fewerWorkers,
  findTheFaultingKernel,
  gcThreshold,
  gradientAccumulation,
  largerPagingFile,
  largerSharedMemory,
  leaveRoomForLibraries,
  lessHostMemory,
  lessOffload,
  limitCollectiveBuffers,
  limitPreallocation,
  limitWorkspace,
  loadToHostFirst,
  loadWithoutSecondCopy,
  maxSplitSize,
  mixedPrecision,
  noGrad,
  noPinnedMemory,
  noSysmemFallback,
  oneProcessPerCard,
  raiseCap,
  raiseJobMemory,
  raiseWslMemory,
  roundupDivisions,
  saveShardedState,
  shardModelStates,
  shorterContext,
  smallerKernelTiles,
  smallerMicroBatch,
  splitTheAllocation,
  weightsInLowerPrecision,
];
