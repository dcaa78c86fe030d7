// Written by `npm run gen`; edits are lost.
import type { Remedy } from './remedy.ts';
import { boundBatchByTokens } from './measures/bound-batch-by-tokens.ts';
import { checkTheSize } from './measures/check-the-size.ts';
import { checkpointActivations } from './measures/checkpoint-activations.ts';
import { chooseAnotherCard } from './measures/choose-another-card.ts';
import { chunkedLoss } from './measures/chunked-loss.ts';
import { compileTheModel } from './measures/compile-the-model.ts';
import { decodeOneByOne } from './measures/decode-one-by-one.ts';
import { disableGenerationCache } from './measures/disable-generation-cache.ts';
import { dropTheReferenceModel } from './measures/drop-the-reference-model.ts';
import { eightBitOptimizer } from './measures/eight-bit-optimizer.ts';
import { emptyCache } from './measures/empty-cache.ts';
import { endNeighbour } from './measures/end-neighbour.ts';
import { expandableSegments } from './measures/expandable-segments.ts';
import { fewerCalibrationSamples } from './measures/fewer-calibration-samples.ts';
import { fewerGpuLayers } from './measures/fewer-gpu-layers.ts';
import { fewerSequencesAtOnce } from './measures/fewer-sequences-at-once.ts';
import { fewerSplats } from './measures/fewer-splats.ts';
import { fewerWorkers } from './measures/fewer-workers.ts';
import { findLargestBatch } from './measures/find-largest-batch.ts';
import { findTheFaultingKernel } from './measures/find-the-faulting-kernel.ts';
import { flashAttentionTwo } from './measures/flash-attention-two.ts';
import { freezeLayers } from './measures/freeze-layers.ts';
import { fusedAttention } from './measures/fused-attention.ts';
import { fusedOptimizer } from './measures/fused-optimizer.ts';
import { gcThreshold } from './measures/gc-threshold.ts';
import { gradientAccumulation } from './measures/gradient-accumulation.ts';
import { gradientsAsBucketView } from './measures/gradients-as-bucket-view.ts';
import { keepDataOnHost } from './measures/keep-data-on-host.ts';
import { keepFewerOutputs } from './measures/keep-fewer-outputs.ts';
import { kvCacheIn8Bit } from './measures/kv-cache-in-8-bit.ts';
import { largerCard } from './measures/larger-card.ts';
import { largerPagingFile } from './measures/larger-paging-file.ts';
import { largerSharedMemory } from './measures/larger-shared-memory.ts';
import { leaveRoomForLibraries } from './measures/leave-room-for-libraries.ts';
import { leaveTheExceptBlock } from './measures/leave-the-except-block.ts';
import { lessHostMemory } from './measures/less-host-memory.ts';
import { lessOffload } from './measures/less-offload.ts';
import { limitCollectiveBuffers } from './measures/limit-collective-buffers.ts';
import { limitGeneration } from './measures/limit-generation.ts';
import { limitPreallocation } from './measures/limit-preallocation.ts';
import { limitWorkspace } from './measures/limit-workspace.ts';
import { loadInCheckpointDtype } from './measures/load-in-checkpoint-dtype.ts';
import { loadToHostFirst } from './measures/load-to-host-first.ts';
import { loadWithoutSecondCopy } from './measures/load-without-second-copy.ts';
import { lora } from './measures/lora.ts';
import { lowerEngineBudget } from './measures/lower-engine-budget.ts';
import { maxSplitSize } from './measures/max-split-size.ts';
import { memorySavingOptimizer } from './measures/memory-saving-optimizer.ts';
import { mixedPrecision } from './measures/mixed-precision.ts';
import { moveEvalOutputsToHost } from './measures/move-eval-outputs-to-host.ts';
import { noGrad } from './measures/no-grad.ts';
import { noPinnedMemory } from './measures/no-pinned-memory.ts';
import { noSysmemFallback } from './measures/no-sysmem-fallback.ts';
import { offloadActivations } from './measures/offload-activations.ts';
import { offloadLayerByLayer } from './measures/offload-layer-by-layer.ts';
import { offloadModelParts } from './measures/offload-model-parts.ts';
import { offloadOptimizerStates } from './measures/offload-optimizer-states.ts';
import { offloadParameters } from './measures/offload-parameters.ts';
import { oneProcessPerCard } from './measures/one-process-per-card.ts';
import { optimizerInBackward } from './measures/optimizer-in-backward.ts';
import { pagedOptimizer } from './measures/paged-optimizer.ts';
import { pureBf16 } from './measures/pure-bf16.ts';
import { qlora } from './measures/qlora.ts';
import { quantizedWeights } from './measures/quantized-weights.ts';
import { raiseCap } from './measures/raise-cap.ts';
import { raiseEngineBudget } from './measures/raise-engine-budget.ts';
import { raiseJobMemory } from './measures/raise-job-memory.ts';
import { raiseWslMemory } from './measures/raise-wsl-memory.ts';
import { releaseNotebookHolders } from './measures/release-notebook-holders.ts';
import { releasePreviousModel } from './measures/release-previous-model.ts';
import { reserveHeadroom } from './measures/reserve-headroom.ts';
import { reshardAfterForward } from './measures/reshard-after-forward.ts';
import { roundupDivisions } from './measures/roundup-divisions.ts';
import { saveShardedState } from './measures/save-sharded-state.ts';
import { selectiveCheckpointing } from './measures/selective-checkpointing.ts';
import { shardModelStates } from './measures/shard-model-states.ts';
import { shardOptimizerStates } from './measures/shard-optimizer-states.ts';
import { shorterContext } from './measures/shorter-context.ts';
import { shorterSequences } from './measures/shorter-sequences.ts';
import { sleepTheEngine } from './measures/sleep-the-engine.ts';
import { smallerCapture } from './measures/smaller-capture.ts';
import { smallerCommunicationBuckets } from './measures/smaller-communication-buckets.ts';
import { smallerEvalBatch } from './measures/smaller-eval-batch.ts';
import { smallerKernelTiles } from './measures/smaller-kernel-tiles.ts';
import { smallerMicroBatch } from './measures/smaller-micro-batch.ts';
import { smallerModel } from './measures/smaller-model.ts';
import { smallerPrefill } from './measures/smaller-prefill.ts';
import { smallerResolution } from './measures/smaller-resolution.ts';
import { smallerRollout } from './measures/smaller-rollout.ts';
import { smallerSwapSpace } from './measures/smaller-swap-space.ts';
import { splitTheAllocation } from './measures/split-the-allocation.ts';
import { splitTheSequence } from './measures/split-the-sequence.ts';
import { spreadOverCards } from './measures/spread-over-cards.ts';
import { stopKeepingGraphs } from './measures/stop-keeping-graphs.ts';
import { tensorParallel } from './measures/tensor-parallel.ts';
import { tileTheInput } from './measures/tile-the-input.ts';
import { tileTheVae } from './measures/tile-the-vae.ts';
import { weightsInLowerPrecision } from './measures/weights-in-lower-precision.ts';
import { zeroGradToNone } from './measures/zero-grad-to-none.ts';

export const remedies: readonly Remedy[] = [
  boundBatchByTokens,
  checkTheSize,
  checkpointActivations,
  chooseAnotherCard,
  chunkedLoss,
  compileTheModel,
  decodeOneByOne,
  disableGenerationCache,
  dropTheReferenceModel,
  eightBitOptimizer,
  emptyCache,
  endNeighbour,
  expandableSegments,
  fewerCalibrationSamples,
  fewerGpuLayers,
  fewerSequencesAtOnce,
  fewerSplats,
  fewerWorkers,
  findLargestBatch,
  findTheFaultingKernel,
  flashAttentionTwo,
  freezeLayers,
  fusedAttention,
  fusedOptimizer,
  gcThreshold,
  gradientAccumulation,
  gradientsAsBucketView,
  keepDataOnHost,
  keepFewerOutputs,
  kvCacheIn8Bit,
  largerCard,
  largerPagingFile,
  largerSharedMemory,
  leaveRoomForLibraries,
  leaveTheExceptBlock,
  lessHostMemory,
  lessOffload,
  limitCollectiveBuffers,
  limitGeneration,
  limitPreallocation,
  limitWorkspace,
  loadInCheckpointDtype,
  loadToHostFirst,
  loadWithoutSecondCopy,
  lora,
  lowerEngineBudget,
  maxSplitSize,
  memorySavingOptimizer,
  mixedPrecision,
  moveEvalOutputsToHost,
  noGrad,
  noPinnedMemory,
  noSysmemFallback,
  offloadActivations,
  offloadLayerByLayer,
  offloadModelParts,
  offloadOptimizerStates,
  offloadParameters,
  oneProcessPerCard,
  optimizerInBackward,
  pagedOptimizer,
  pureBf16,
  qlora,
  quantizedWeights,
  raiseCap,
  raiseEngineBudget,
  raiseJobMemory,
  raiseWslMemory,
  releaseNotebookHolders,
  releasePreviousModel,
  reserveHeadroom,
  reshardAfterForward,
  roundupDivisions,
  saveShardedState,
  selectiveCheckpointing,
  shardModelStates,
  shardOptimizerStates,
  shorterContext,
  shorterSequences,
  sleepTheEngine,
  smallerCapture,
  smallerCommunicationBuckets,
  smallerEvalBatch,
  smallerKernelTiles,
  smallerMicroBatch,
  smallerModel,
  smallerPrefill,
  smallerResolution,
  smallerRollout,
  smallerSwapSpace,
  splitTheAllocation,
  splitTheSequence,
  spreadOverCards,
  stopKeepingGraphs,
  tensorParallel,
  tileTheInput,
  tileTheVae,
  weightsInLowerPrecision,
  zeroGradToNone,
];
