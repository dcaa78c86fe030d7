/**
 * A job: a workload with everything decided that memory depends on. Settings that nobody gave have
 * been filled in from the framework's defaults, and each such choice stands in `assumptions`.
 */
import type { Assumption } from '../workload/assumption.ts';
import type { Model, Weight } from '../workload/model/model.ts';
import type { Pipeline } from './diffusion/pipeline.ts';
import type { Diffusion } from './diffusion/use.ts';
import type { Card } from './engines/engine.ts';
import type { AdapterMethod } from './rehearsal/adapters.ts';
import type { LossKernel } from './rehearsal/ends.ts';
import type { AttentionUse } from './rehearsal/rules.ts';
import type { Program } from './rehearsal/transformer.ts';

export type OptimizerName =
  | 'adamw'
  | 'adamw-loop'
  | 'adamw-fused'
  | 'adamw-8bit'
  | 'adamw-paged'
  | 'adamw-paged-32bit'
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
  /** Kernels read packed weights for fewer rows than this, and unpack them for more; absent for always. */
  readonly unpackedFrom?: number;
  /** Bytes an element of the largest packed layer that kernels keep as scratch (exllama). */
  readonly scratch?: number;
  /** The head is packed as well (litgpt); it stays whole by default. */
  readonly packsHead?: boolean;
  /** While the model is loaded: bytes an element of the largest packed layer before it is packed. */
  readonly loadWidth?: number;
  /** The whole model lies on the card, its layers are packed there one after another, and idle segments go (torchao). */
  readonly inPlace?: boolean;
  /** Bytes beside each input row of a packed layer (the order of activations of GPTQ). */
  readonly rowBytes?: number;
  /** Parts of names of modules that stay whole. */
  readonly skipped: readonly string[];
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
  /** Another method of PEFT than LoRA. */
  readonly method?: AdapterMethod;
  /** Trained elements, where the method has them otherwise than two matrices of the rank at each target. */
  readonly elements?: number;
  /** Weights of norms are trained (LN tuning). */
  readonly norms?: boolean;
  /** Tokens before the text whose keys and values are trained for each layer (prefix tuning). */
  readonly prefix?: number;
}

/** How ranks share a job. A group of each kind has that many ranks; what is absent follows from the rest. */
export interface Parallel {
  /** Ranks that see different samples; with sharding they divide weights, gradients or states. */
  readonly data: number;
  readonly tensor: number;
  readonly pipeline: number;
  readonly context: number;
  /** Ranks of `context` exchange tokens for heads around attention (Ulysses); else they gather keys and values. */
  readonly byHeads?: boolean;
  /** Ranks, among those of `data` and `context`, that divide the experts. */
  readonly expert: number;
  /** Cards over which one process lays the layers (`device_map`); 1 unless told. */
  readonly cards?: number;
  /** Of the `data` ranks, groups that each hold a whole copy of what is divided (HSDP); 1 unless told. */
  readonly replicas?: number;
  /** Whose buffers and copies: FSDP2 where weights are divided, else DDP, unless told. */
  readonly system?: 'ddp' | 'fsdp1' | 'fsdp2' | 'deepspeed' | 'megatron';
  /** FSDP: table, norm and head belong to the root, which stays whole through a step, or are units. */
  readonly ends?: 'root' | 'apart';
  /** Tensor-parallel ranks divide the stream between their products as well (sequence parallelism). */
  readonly sequence?: boolean;
  /** Products gather their input piece by piece in symmetric memory (torch@2.6: _inductor/fx_passes/micro_pipeline_tp.py). */
  readonly asyncTensor?: boolean;
  /** The loss is computed on logits that stay divided by vocabulary. */
  readonly lossParallel?: boolean;
  /** Parts of the model that a stage of the pipeline holds: 1, or more where it is interleaved. */
  readonly chunks?: number;
  readonly schedule?: '1f1b' | 'gpipe';
  /** Layers that count for the table and for the head when a pipeline divides the model evenly. */
  readonly endsAsLayers?: number;
  /** Bytes of an element in the reduction of gradients; those of the gradients unless told. */
  readonly reduceWidth?: number;
  /** FSDP: gradients stay whole until the last micro-batch of a step (`no_sync`). */
  readonly defersReduction?: boolean;
  /** Bytes of an element of gathered weights; those of the computation unless told. */
  readonly gatherWidth?: number;
  /** DeepSpeed: reductions run beside the backward pass, with a second bucket. */
  readonly overlap?: boolean;
  /** DeepSpeed, in elements: buckets of gathering, weights fetched ahead, weights below which none is divided. */
  readonly gatherBucket?: number;
  readonly prefetch?: number;
  readonly persistence?: number;
  /** Weights (and with them gradients) wait in host memory (ZeRO-Infinity, CPUOffload of FSDP). */
  readonly parameterOffload?: boolean;
  /** Rank 0 gathers the whole model to save it. */
  readonly wholeSave?: boolean;
  /** Rank 0 reads the whole model and the others get their parts from it. */
  readonly wholeLoad?: boolean;
  /** Where in the pipeline this rank is; set by `predict`. */
  readonly stage?: Stage;
  /** This is rank 0 of those that do the same; set by `predict`. */
  readonly isFirst?: boolean;
}

/** A rank's part of a pipeline. */
export interface Stage {
  /** From 0. */
  readonly index: number;
  readonly of: number;
  /** Micro-batches whose activations are kept at once; a part of one where stages are interleaved. */
  readonly inFlight: number;
}

/** What an engine that serves a model plans with. */
export interface Serving {
  readonly engine: 'vllm' | 'sglang' | 'tgi' | 'llama.cpp' | 'ollama';
  readonly version?: string;
  /** vLLM: the engine that is at work where the version has two. */
  readonly generation?: 'v0' | 'v1';
  /** Share of the card that the engine plans for (vLLM, SGLang, TGI). */
  readonly fraction: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** Sequences at once. */
  readonly sequences: number;
  /** Requests that may run at once, where that is said (SGLang). */
  readonly requests?: number;
  /** Tokens of one forward pass; of one graph for llama.cpp. */
  readonly batchedTokens: number;
  /** Decoding is captured into CUDA graphs. */
  readonly graphs: boolean;
  /** Layers that lie on the card (llama.cpp, ollama); absent for all. */
  readonly gpuLayers?: number;
  /** One process whose layers lie on several cards (llama.cpp `--split-mode`); absent for one card. */
  readonly split?: Split;
  /** Tokens of a page of the KV cache; 16 unless told. */
  readonly page?: number;
  /** Bytes of the KV cache, where they are set instead of found by profiling. */
  readonly kvBytes?: number;
  /** What an engine measured to be in use before its cache, beyond what is predicted; signed bytes. */
  readonly beyond?: number;
  /** LoRA adapters that have a place on the card, and the rank of the largest. */
  readonly adapters?: { readonly slots: number; readonly rank: number };
  /** Attention in one fused kernel (llama.cpp `-fa`). */
  readonly flash?: boolean;
  /** The mix of a GGUF file: `Q4_K_M`. */
  readonly mix?: string;
  /** Formats of keys and values (llama.cpp): `f16`, `q8_0`. */
  readonly keyType?: string;
  readonly valueType?: string;
  /** All sequences share one cache of `context` tokens, or each has its own (llama.cpp, ollama). */
  readonly sharedCache?: boolean;
  /** Layers with a window keep the whole context (llama.cpp `--swa-full`). */
  readonly fullWindows?: boolean;
}

/** How one process divides a model between cards of one kind, and which of them is asked for. */
export interface Split {
  /** Whole layers, or the rows of each matrix; the cache lies with its layer either way. */
  readonly by: 'layer' | 'row';
  readonly cards: number;
  readonly card: number;
  /** What each card takes, adding up to 1; alike where nobody says. */
  readonly shares?: readonly number[];
}

/** How PyTorch's allocator is set (PYTORCH_CUDA_ALLOC_CONF). */
export interface AllocatorUse {
  readonly expandable: boolean;
  /** Bytes from which on a block is never split. */
  readonly maxSplit?: number;
  /** Parts of a power of two to which requests are rounded. */
  readonly divisions?: number;
  /** Share of the cap from which on idle blocks are given back. */
  readonly threshold?: number;
  /** Most bytes that the process may reserve. */
  readonly cap?: number;
}

/** Evaluation between steps of training. */
export interface Evaluation {
  /** Sequences at once. */
  readonly batch: number;
  /** Sequences whose outputs stay on the card until all are done: none where only the loss is asked for. */
  readonly kept: number;
}

/** Completions that online training makes before it trains on them. */
export interface Rollout {
  /** Completions that one device makes at once. */
  readonly sequences: number;
  readonly prompt: number;
  readonly newTokens: number;
  /** An engine in the same process makes them; absent where the model that is trained does. */
  readonly engine?: RolloutEngine;
}

export interface RolloutEngine {
  readonly serving: Serving;
  /** Ranks that share each of its layers. */
  readonly tensor: number;
  readonly card: Card;
  /** It gives weights and cache back while the model is trained. */
  readonly sleeps: boolean;
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
  /** A pipeline of diffusers: `model` and `weights` are its denoiser. */
  readonly pipeline?: Pipeline;
  readonly diffusion?: Diffusion;
  /** Bytes of an element of a base weight that is not packed. */
  readonly weightWidth: number;
  /** The same of the checkpoint as it is read, where a framework holds weights in another format. */
  readonly loadedWidth?: number;
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
  /** Pixels of the images that a network takes; absent for its own resolution. */
  readonly image?: { readonly height: number; readonly width: number };
  readonly accumulation: number;
  readonly padded: boolean;
  readonly attention: AttentionUse['kernel'];
  /** softmax keeps its input beside its result (PyTorch before 1.11). */
  readonly keepsScores: boolean;
  readonly attentionDropout: boolean;
  readonly hiddenDropout: boolean;
  readonly checkpointing: boolean;
  /**
   * What recomputation spares, where not all of every layer is computed again: `operations` keeps every second
   * product and the attention (torchtitan), `second` leaves every second layer as it is.
   */
  readonly selective?: 'operations' | 'second';
  /** What recomputation or autograd keeps of layers waits in the host's memory. */
  readonly activationOffload?: boolean;
  readonly loss: LossKernel;
  readonly keepsOutputs: boolean;
  /** A name holds the loss, and with it the graph, of a step until the next loss is computed (hand-written loops). */
  readonly keepsLoss?: boolean;
  readonly convertsOutputs: boolean;
  readonly fusedNorms: boolean;
  readonly fusedGate: boolean;

  readonly optimizer: OptimizerName;
  /** 8-bit optimizers keep the states of embedding tables in 32 bits. */
  readonly tableStates?: 'fp32';
  readonly optimizerInBackward: boolean;
  readonly ema: boolean;
  /** Of passes that nothing is trained with: autograd keeps their graph all the same. */
  readonly recordsGraph?: boolean;
  readonly reference: boolean;
  /** Each step compares with a pass without gradients through the same weights (adapters switched off). */
  readonly compares?: boolean;
  /** That pass comes before the step, with no graph beside it (GRPO). */
  readonly comparesBefore?: boolean;
  /** Last positions of a sequence that the head works on; absent for all. */
  readonly scored?: number;
  readonly rollout?: Rollout;
  readonly evaluation?: Evaluation;

  readonly parallel: Parallel;
  /** What data-parallel ranks share: nothing, or states, gradients, weights as well. */
  readonly sharding: 'none' | 'optimizer' | 'gradients' | 'full';
  readonly reshard: boolean;
  /** Gradients are copied into buckets (DDP without bucket views). */
  readonly bucketCopies: boolean;
  /** Elements of a communication bucket of ZeRO; absent where there is none. */
  readonly bucket?: number;
  readonly optimizerOffload: boolean;
  /** Absent for the defaults. */
  readonly allocator?: AllocatorUse;

  /** Generation: tokens made after the prompt of `sequence` tokens, and parallel beams. */
  readonly newTokens: number;
  readonly beams: number;
  /** Bytes of an element of the KV cache. */
  readonly cacheWidth: number;
  /**
   * How the cache grows: each layer is joined anew for a token (the default); all layers are, while the
   * old ones still have a name (transformers before 4.42); or all of `cacheLength` is there from the first token.
   */
  readonly cacheGrowth?: 'joined' | 'twice' | 'static';
  /** Tokens of a static cache; absent for prompt and answer. */
  readonly cacheLength?: number;
  /** The cache keeps all tokens of layers with a window too (transformers before 4.56). */
  readonly ignoresWindows?: boolean;
  /**
   * The cache of the prompt is the tensors that attention made: where one layer makes queries, keys and values, all of
   * its output stays (transformers before 4.56).
   */
  readonly holdsProjections?: boolean;
  /** Tokens of a sequence that one pass of the prefill takes; absent for all. */
  readonly prefillChunk?: number;
  /** Positions for which each layer keeps tables of sine and cosine of its own (older transformers). */
  readonly rotaryTables?: number;
  /**
   * Share of the weights for which one stretch was reserved before they were loaded, so that their blocks fit
   * (transformers from 4.51: 1, and 0.5 of packed weights); absent for none.
   */
  readonly loadsReserved?: number;
  /** A head that the table then replaces may lie on the card while the model is loaded. */
  readonly loadsHead?: boolean;
  /** Projections of queries, keys and values are joined while the model is loaded, the parts beside them (AutoAWQ). */
  readonly fusesProjections?: boolean;
  /** Boolean tables of the causal mask for so many positions, one for the model or one a layer. */
  readonly maskTables?: { readonly positions: number; readonly perLayer: boolean };
  /** torch.compile: in generation decoding is captured into graphs, which keep buffers of their own. */
  readonly compiled?: boolean;
  /** The first of several cards of one process: outputs are moved to it (device_map). */
  readonly receivesLogits?: boolean;
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
  keepsScores: false,
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
  if (targets === 'all-linear') return true;
  const module = weight.replace(/\.(?:weight|bias)$/, '');
  return targets.some((target) => module === target || module.endsWith(`.${target}`));
}
