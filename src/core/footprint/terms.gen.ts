// Written by `npm run gen`; edits are lost.
import type { Term } from './term.ts';
import { activations } from './terms/activations.ts';
import { adapterSlots } from './terms/adapter-slots.ts';
import { adapterWeights } from './terms/adapter-weights.ts';
import { blockRounding } from './terms/block-rounding.ts';
import { bucketCopies } from './terms/bucket-copies.ts';
import { communicators } from './terms/communicators.ts';
import { convolutionWorkspace } from './terms/convolution-workspace.ts';
import { cudaContext } from './terms/cuda-context.ts';
import { cudaGraphs } from './terms/cuda-graphs.ts';
import { engineOutside } from './terms/engine-outside.ts';
import { gatheredWeights } from './terms/gathered-weights.ts';
import { ggmlCompute } from './terms/ggml-compute.ts';
import { ggmlHost } from './terms/ggml-host.ts';
import { ggmlKv } from './terms/ggml-kv.ts';
import { ggmlModel } from './terms/ggml-model.ts';
import { gradients } from './terms/gradients.ts';
import { heldInputs } from './terms/held-inputs.ts';
import { hostActivations } from './terms/host-activations.ts';
import { hostPages } from './terms/host-pages.ts';
import { hostStates } from './terms/host-states.ts';
import { hostWeights } from './terms/host-weights.ts';
import { idleSegments } from './terms/idle-segments.ts';
import { idleStreams } from './terms/idle-streams.ts';
import { keptOutputs } from './terms/kept-outputs.ts';
import { kernelScratch } from './terms/kernel-scratch.ts';
import { kvCache } from './terms/kv-cache.ts';
import { kvPool } from './terms/kv-pool.ts';
import { latents } from './terms/latents.ts';
import { leftovers } from './terms/leftovers.ts';
import { loading } from './terms/loading.ts';
import { logits } from './terms/logits.ts';
import { maskTables } from './terms/mask-tables.ts';
import { matmulWorkspace } from './terms/matmul-workspace.ts';
import { movingAverage } from './terms/moving-average.ts';
import { optimizerStates } from './terms/optimizer-states.ts';
import { optimizerStep } from './terms/optimizer-step.ts';
import { pagedStates } from './terms/paged-states.ts';
import { pipelineParts } from './terms/pipeline-parts.ts';
import { profileRun } from './terms/profile-run.ts';
import { referenceModel } from './terms/reference-model.ts';
import { requestTable } from './terms/request-table.ts';
import { residual } from './terms/residual.ts';
import { rolloutCache } from './terms/rollout-cache.ts';
import { rolloutGraphs } from './terms/rollout-graphs.ts';
import { rolloutOutside } from './terms/rollout-outside.ts';
import { rolloutWeights } from './terms/rollout-weights.ts';
import { rotaryTables } from './terms/rotary-tables.ts';
import { savedWeights } from './terms/saved-weights.ts';
import { weightCopies } from './terms/weight-copies.ts';
import { weights } from './terms/weights.ts';

export const terms: readonly Term[] = [
  activations,
  adapterSlots,
  adapterWeights,
  blockRounding,
  bucketCopies,
  communicators,
  convolutionWorkspace,
  cudaContext,
  cudaGraphs,
  engineOutside,
  gatheredWeights,
  ggmlCompute,
  ggmlHost,
  ggmlKv,
  ggmlModel,
  gradients,
  heldInputs,
  hostActivations,
  hostPages,
  hostStates,
  hostWeights,
  idleSegments,
  idleStreams,
  keptOutputs,
  kernelScratch,
  kvCache,
  kvPool,
  latents,
  leftovers,
  loading,
  logits,
  maskTables,
  matmulWorkspace,
  movingAverage,
  optimizerStates,
  optimizerStep,
  pagedStates,
  pipelineParts,
  profileRun,
  referenceModel,
  requestTable,
  residual,
  rolloutCache,
  rolloutGraphs,
  rolloutOutside,
  rolloutWeights,
  rotaryTables,
  savedWeights,
  weightCopies,
  weights,
];
