/**
 * A job: a workload with everything decided that memory depends on. Settings that nobody gave have
 * been filled in from the framework's defaults, and each such choice stands in `assumptions`.
 */
import type { Assumption } from '../workload/assumption.ts';
import type { Model, Weight } from '../workload/model/model.ts';
import type { LossKernel } from './rehearsal/ends.ts';
import type { AttentionUse } from './rehearsal/rules.ts';
import type { Program } from './rehearsal/transformer.ts';

export type OptimizerName =
  | 'adamw'
  | 'adamw-loop'
  | 'adamw-fused'
  | 'adamw-8bit'
  | 'adamw-paged'
  | 'adafactor'
  | 'lion'
  | 'lion-8bit'
  | 'sgd'
  | 'sgd-momentum'
  | 'galore'
  | 'muon'
  | 'adam-mini';

/** How base weights are held: whole, or linear layers packed. */
export interface Packing {
  readonly method: string;
  /** Bits of a packed weight with its scales. */
  readonly bits: number;
  /** Bytes of an element after unpacking for a product; absent where kernels read packed weights. */
  readonly unpacked?: number;
  /** Parts of names of modules that stay whole. */
  readonly skipped: readonly string[];
  /** The head is packed as well (Lightning's bitsandbytes plugin). */
  readonly head?: boolean;
  /** A product keeps its input though the weight is frozen (bitsandbytes in 4 bits before 0.44). */
  readonly keepsInput?: boolean;
}

export interface Adapter {
  readonly rank: number;
  /** Names of modules that it stands at (`q_proj`); or every linear layer but the head. */
  readonly targets: readonly string[] | 'all-linear';
  readonly width: number;
  readonly dropout: boolean;
  readonly dora: boolean;
  /** Of one projection for queries, keys and values: which of them are updated; absent for all. */
  readonly thirds?: readonly ('q' | 'k' | 'v')[];
  /** Copies of embedding and head that are trained whole (PEFT's `modules_to_save`). */
  readonly ends?: boolean;
}

export interface Parallel {
  readonly data: number;
  readonly tensor: number;
  readonly pipeline: number;
  readonly context: number;
  readonly expert: number;
}

/** What an engine that serves a model plans with. */
export interface Serving {
  readonly engine: 'vllm' | 'sglang' | 'tgi' | 'llama.cpp' | 'ollama';
  readonly version?: string;
  /** Share of the card that the engine plans for (vLLM, SGLang, TGI). */
  readonly fraction: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** Sequences at once. */
  readonly sequences: number;
  /** Tokens of one forward pass; of one graph for llama.cpp. */
  readonly batchedTokens: number;
  /** Decoding is captured into CUDA graphs. */
  readonly graphs: boolean;
  /** Layers that lie on the card (llama.cpp, ollama); absent for all. */
  readonly gpuLayers?: number;
}

export interface Job {
  readonly model: Model;
  /** All weights of the model, the adapter's not among them. */
  readonly weights: readonly Weight[];
  readonly purpose: 'training' | 'evaluation' | 'generation' | 'serving';
  /** Whose code of the layers runs. */
  readonly program: Program;
  /** Of a job that serves. */
  readonly serving?: Serving;
  /** Bytes of an element of a base weight that is not packed. */
  readonly weightWidth: number;
  /** Of embeddings, head and norms of a packed model, when other than `weightWidth`. */
  readonly wholeWidth: number;
  readonly packing?: Packing;
  readonly trains: 'all' | 'adapter' | 'none';
  readonly adapter?: Adapter;
  /** Bytes of an element of the stream of activations. */
  readonly width: number;
  /** Bytes of an element inside matrix products under autocast. */
  readonly autocast?: number;
  /** fp32 copies of weights that the optimizer keeps (DeepSpeed, Megatron, Apex O2). */
  readonly masterWeights: boolean;
  readonly gradientWidth: number;
  /** Gradients are set to zero between steps, not let go (`zero_grad` before PyTorch 2.0). */
  readonly keepsGradients: boolean;

  readonly batch: number;
  /** Tokens of a sequence, padding included. */
  readonly sequence: number;
  readonly accumulation: number;
  readonly padded: boolean;
  readonly attention: AttentionUse['kernel'];
  readonly attentionDropout: boolean;
  readonly hiddenDropout: boolean;
  readonly checkpointing: boolean;
  readonly loss: LossKernel;
  readonly keepsOutputs: boolean;
  readonly convertsOutputs: boolean;
  readonly fusedNorms: boolean;
  readonly fusedGate: boolean;

  readonly optimizer: OptimizerName;
  readonly optimizerInBackward: boolean;
  readonly ema: boolean;
  readonly reference: boolean;

  readonly parallel: Parallel;
  /** What data-parallel ranks share: nothing, or states, gradients, weights as well. */
  readonly sharding: 'none' | 'optimizer' | 'gradients' | 'full';
  readonly reshard: boolean;
  /** Gradients are copied into buckets (DDP without bucket views). */
  readonly bucketCopies: boolean;
  /** Elements of a communication bucket of ZeRO; absent where there is none. */
  readonly bucket?: number;
  readonly optimizerOffload: boolean;

  /** Generation: tokens made after the prompt of `sequence` tokens, and parallel beams. */
  readonly newTokens: number;
  readonly beams: number;
  /** Bytes of an element of the KV cache. */
  readonly cacheWidth: number;
  /** The head gives logits of all positions in the prefill, and in which format copies are made. */
  readonly prefillLogits: 'last' | 'all' | 'all-fp32';

  readonly assumptions: readonly Assumption[];
}

/** What a job is unless something says otherwise: one sequence in 16 bits on one card. */
export const PLAIN_JOB: Omit<Job, 'model' | 'weights'> = {
  purpose: 'generation',
  program: 'transformers',
  weightWidth: 2,
  wholeWidth: 2,
  trains: 'none',
  width: 2,
  masterWeights: false,
  gradientWidth: 2,
  keepsGradients: false,
  batch: 1,
  sequence: 1,
  accumulation: 1,
  padded: false,
  attention: 'flash',
  attentionDropout: false,
  hiddenDropout: false,
  checkpointing: false,
  loss: 'upcast',
  keepsOutputs: false,
  convertsOutputs: false,
  fusedNorms: false,
  fusedGate: false,
  optimizer: 'adamw-fused',
  optimizerInBackward: false,
  ema: false,
  reference: false,
  parallel: { data: 1, tensor: 1, pipeline: 1, context: 1, expert: 1 },
  sharding: 'none',
  reshard: true,
  bucketCopies: false,
  optimizerOffload: false,
  newTokens: 0,
  beams: 1,
  cacheWidth: 2,
  prefillLogits: 'last',
  assumptions: [],
};

/** The module of a weight: `q_proj` of `self_attn.q_proj.weight`. */
export const moduleOf = (weight: string): string =>
  weight
    .replace(/\.(?:weight|bias)$/, '')
    .split('.')
    .at(-1) ?? weight;

/** True where an adapter stands beside the linear layer of that name. */
export function isTarget(adapter: Adapter | undefined, weight: string | undefined): boolean {
  if (adapter === undefined || weight === undefined) return false;
  const { targets } = adapter;
  return targets === 'all-linear' || targets.includes(moduleOf(weight));
}
