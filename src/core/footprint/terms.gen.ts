// Written by `npm run gen`; edits are lost.
import type { Term } from './term.ts';
import { activations } from './terms/activations.ts';
import { adapterWeights } from './terms/adapter-weights.ts';
import { bucketCopies } from './terms/bucket-copies.ts';
import { communicators } from './terms/communicators.ts';
import { cudaContext } from './terms/cuda-context.ts';
import { gatheredWeights } from './terms/gathered-weights.ts';
import { gradients } from './terms/gradients.ts';
import { hostStates } from './terms/host-states.ts';
import { hostWeights } from './terms/host-weights.ts';
import { idleSegments } from './terms/idle-segments.ts';
import { kvCache } from './terms/kv-cache.ts';
import { logits } from './terms/logits.ts';
import { matmulWorkspace } from './terms/matmul-workspace.ts';
import { movingAverage } from './terms/moving-average.ts';
import { optimizerStates } from './terms/optimizer-states.ts';
import { optimizerStep } from './terms/optimizer-step.ts';
import { referenceModel } from './terms/reference-model.ts';
import { savedWeights } from './terms/saved-weights.ts';
import { weightCopies } from './terms/weight-copies.ts';
import { weights } from './terms/weights.ts';

export const terms: readonly Term[] = [
  activations,
  adapterWeights,
  bucketCopies,
  communicators,
  cudaContext,
  gatheredWeights,
  gradients,
  hostStates,
  hostWeights,
  idleSegments,
  kvCache,
  logits,
  matmulWorkspace,
  movingAverage,
  optimizerStates,
  optimizerStep,
  referenceModel,
  savedWeights,
  weightCopies,
  weights,
];
