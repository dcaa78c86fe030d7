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
import { findTheFaultingKernel } from './measures/find-the-faulting-kernel.ts';
import { gcThreshold } from './measures/gc-threshold.ts';
import { gradientAccumulation } from './measures/gradient-accumulation.ts';
import { largerSharedMemory } from './measures/larger-shared-memory.ts';
import { leaveRoomForLibraries } from './measures/leave-room-for-libraries.ts';
import { lessHostMemory } from './measures/less-host-memory.ts';
import { limitCollectiveBuffers } from './measures/limit-collective-buffers.ts';
import { limitPreallocation } from './measures/limit-preallocation.ts';
import { limitWorkspace } from './measures/limit-workspace.ts';
import { loadToHostFirst } from './measures/load-to-host-first.ts';
import { maxSplitSize } from './measures/max-split-size.ts';
import { mixedPrecision } from './measures/mixed-precision.ts';
import { noGrad } from './measures/no-grad.ts';
import { oneProcessPerCard } from './measures/one-process-per-card.ts';
import { raiseCap } from './measures/raise-cap.ts';
import { roundupDivisions } from './measures/roundup-divisions.ts';
import { saveShardedState } from './measures/save-sharded-state.ts';
import { shardModelStates } from './measures/shard-model-states.ts';
import { shorterContext } from './measures/shorter-context.ts';
import { smallerKernelTiles } from './measures/smaller-kernel-tiles.ts';
import { smallerMicroBatch } from './measures/smaller-micro-batch.ts';
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
  findTheFaultingKernel,
  gcThreshold,
  gradientAccumulation,
  largerSharedMemory,
  leaveRoomForLibraries,
  lessHostMemory,
  limitCollectiveBuffers,
  limitPreallocation,
  limitWorkspace,
  loadToHostFirst,
  maxSplitSize,
  mixedPrecision,
  noGrad,
  oneProcessPerCard,
  raiseCap,
  roundupDivisions,
  saveShardedState,
  shardModelStates,
  shorterContext,
  smallerKernelTiles,
  smallerMicroBatch,
  weightsInLowerPrecision,
];
