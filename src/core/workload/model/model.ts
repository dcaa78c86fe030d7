/**
 * The architecture of a model as the memory sees it: stacks of layers with their dimensions. It is
 * neutral: readers of configs make it, a footprint asks it for tensors, caches and activations.
 * Dimensions count elements, never bytes.
 */
import type { Network } from '../graph/graph.ts';

/** Softmax attention: multi-head, grouped or multi-query, over all tokens or a window of them. */
export interface SoftmaxAttention {
  readonly kind: 'softmax';
  readonly heads: number;
  readonly kv_heads: number;
  /** Elements of one head of queries and keys. */
  readonly head_dim: number;
  /** Width of what the queries are made from; absent where it is the residual stream (Zamba 2 doubles it). */
  readonly input?: number;
  /** Width of what keys and values are made from, where it is another (decoder behind a wider encoder). */
  readonly kv_input?: number;
  /** Elements of one head of values; absent where it is `head_dim`. */
  readonly value_dim?: number;
  /** Tokens that a sliding window sees; absent for full attention. */
  readonly window?: number;
  /** Norms of queries and keys: over each head (Qwen3, Gemma 3) or over the whole projection (OLMo 2). */
  readonly qk_norm?: 'head' | 'projection';
  /** Which projections have a bias. */
  readonly bias: {
    readonly q: boolean;
    readonly k: boolean;
    readonly v: boolean;
    readonly o: boolean;
  };
  /** q, k and v in one linear layer (GPT-2, Phi-3, Falcon). */
  readonly fused_qkv: boolean;
  /** A second linear layer of the width of the queries that gates the output (Qwen3-Next). */
  readonly output_gate?: boolean;
  /** One learned score a head (gpt-oss). */
  readonly sinks?: boolean;
  /** A tanh limits the scores, which of fused kernels only FlashAttention 2 can do (Gemma 2). */
  readonly softcap?: boolean;
  /** Keys and values come from another part of the model (decoder of T5, Whisper, mllama). */
  readonly cross?: boolean;
  /** Keys and values of an earlier layer are used: no projections, no cache of its own (Gemma 3n, Hunyuan). */
  readonly shared_kv?: boolean;
}

/** Multi-head latent attention (DeepSeek V2 and V3). */
export interface LatentAttention {
  readonly kind: 'latent';
  readonly heads: number;
  /** Rank of the queries; absent where q is one projection. */
  readonly q_rank?: number;
  readonly kv_rank: number;
  readonly rope_dim: number;
  readonly nope_dim: number;
  readonly value_dim: number;
  readonly bias: boolean;
}

/** A selective state space (Mamba 1 and 2): its cache does not grow with the sequence. */
export interface StateSpace {
  readonly kind: 'mamba1' | 'mamba2';
  /** Elements of the inner stream of a token. */
  readonly inner: number;
  /** States a channel. */
  readonly state: number;
  readonly conv: number;
  /** Mamba 2. */
  readonly heads: number;
  readonly groups: number;
  /** Mamba 1. */
  readonly dt_rank: number;
  readonly conv_bias: boolean;
  readonly bias: boolean;
  /** Mamba 2: an RMS norm of the inner width before the output. Mamba 1: norms of dt, B and C (Jamba). */
  readonly norm: boolean;
}

/** Linear attention with a gated delta rule (Qwen3-Next): a state of `key_dim × value_dim` a head. */
export interface DeltaAttention {
  readonly kind: 'delta';
  readonly key_heads: number;
  readonly value_heads: number;
  readonly key_dim: number;
  readonly value_dim: number;
  readonly conv: number;
}

/** A gated linear recurrence with block-diagonal gates (RG-LRU of RecurrentGemma): a state of `width`. */
export interface LinearRecurrence {
  readonly kind: 'recurrent';
  readonly width: number;
  readonly conv: number;
  /** Blocks of the gates' matrices. */
  readonly heads: number;
}

/** A gated short convolution (LFM 2): its cache is the last `conv` tokens. */
export interface ShortConvolution {
  readonly kind: 'short-conv';
  readonly width: number;
  readonly conv: number;
  readonly bias: boolean;
}

/** What mixes tokens in a layer. */
export type Mixer =
  | SoftmaxAttention
  | LatentAttention
  | StateSpace
  | DeltaAttention
  | LinearRecurrence
  | ShortConvolution;

export interface DenseMlp {
  readonly kind: 'dense';
  readonly intermediate: number;
  /** Two input projections, one of which gates the other (SwiGLU, GeGLU). */
  readonly gated: boolean;
  /** Gate and up in one linear layer (Phi-3, GLM-4). */
  readonly fused: boolean;
  readonly bias: boolean;
  readonly activation: string;
}

export interface MixtureMlp {
  readonly kind: 'mixture';
  readonly experts: number;
  readonly experts_per_token: number;
  /** Of one expert. */
  readonly intermediate: number;
  readonly gated: boolean;
  readonly bias: boolean;
  readonly activation: string;
  /** All shared experts together. */
  readonly shared?: {
    readonly intermediate: number;
    /** A linear layer of one output weighs them. */
    readonly gate: boolean;
    /** Gate and up in one linear layer (Granite 4). */
    readonly fused?: boolean;
  };
  /** A bias or correction a routed expert. */
  readonly router_bias: boolean;
}

export type Mlp = DenseMlp | MixtureMlp;

export interface Norm {
  readonly kind: 'rms' | 'layer' | 'none';
  readonly bias: boolean;
  /** False for norms without weights (OLMo 1). */
  readonly weight: boolean;
}

export interface Layer {
  /** In the order in which they run; a decoder of T5 has two. */
  readonly mixers: readonly Mixer[];
  /** Absent where the mixer is all (Mamba). */
  readonly mlp?: Mlp;
  readonly norm: Norm;
  /** Norms over the residual stream: 1 (parallel), 2 (usual), 4 (Gemma 2 and 3), 3 with cross attention. */
  readonly norms: number;
  /** Attention and MLP read the same input (GPT-J, Falcon, Cohere, Phi-2). */
  readonly parallel: boolean;
  /** Other weights of the layer (LayerScale, relative positions, AltUp), as shapes by name. */
  readonly extra?: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** How the checkpoint calls the parts. */
  readonly names: LayerNames;
  /** All layers of this kind use the same weights (ALBERT, the attention of Zamba 2). */
  readonly shared?: boolean;
}

/**
 * Names of parameters after the name of the layer: `self_attn.q_proj.weight`. The bias of
 * `….weight` is `….bias`, of a name without `weight` at its end `…_bias`; `{e}` stands for the expert.
 */
export interface LayerNames {
  /** For each mixer. */
  readonly mixers: readonly PartNames[];
  readonly mlp: PartNames;
  /** As many as the layer has norms. */
  readonly norms: readonly string[];
}

export type PartNames = Readonly<Partial<Record<Part, string>>>;

/** Parts of a layer, whatever a family calls them. */
export type Part =
  // Attention.
  | 'q'
  | 'k'
  | 'v'
  | 'qkv'
  | 'o'
  | 'q_norm'
  | 'k_norm'
  | 'sinks'
  // Latent attention: down to the rank, the norm there, up to the heads.
  | 'q_down'
  | 'q_down_norm'
  | 'q_up'
  | 'kv_down'
  | 'kv_down_norm'
  | 'kv_up'
  // State spaces, linear attention, recurrences and convolutions.
  | 'in'
  | 'in_gate'
  | 'z'
  | 'ba'
  | 'g'
  | 'conv'
  | 'x'
  | 'dt'
  | 'dt_bias'
  | 'dt_norm'
  | 'b_norm'
  | 'c_norm'
  | 'a'
  | 'd'
  | 'norm'
  | 'out'
  | 'recurrent_gate'
  | 'input_gate'
  // MLP, one expert or all of them.
  | 'gate'
  | 'up'
  | 'down'
  | 'gate_up'
  | 'router'
  | 'router_bias'
  | 'shared_gate'
  | 'shared_gate_up'
  | 'shared_up'
  | 'shared_down'
  | 'shared_router';

/** A run of layers over one stream of tokens. */
export interface Stack {
  readonly role: 'decoder' | 'encoder' | 'vision' | 'audio';
  /** What stands before the names of a layer's weights, `{i}` for its number: `model.layers.{i}`. */
  readonly module: string;
  /** Width of the residual stream. */
  readonly hidden: number;
  /** The distinct layers. */
  readonly layers: readonly Layer[];
  /** For each layer of the stack its index in `layers`. */
  readonly pattern: readonly number[];
  /** Norm after the last layer; its weights are among the `ends`. */
  readonly final_norm: boolean;
  readonly norm: Norm;
  /** Everything of the stack that is in no layer: embeddings, patches, projectors, poolers. */
  readonly ends: readonly End[];
  /** Vision and audio: tokens of one input (patches, frames) unless the workload says otherwise. */
  readonly tokens?: number;
  /** Windows into which the tokens of one input are divided; attention sees one at a time. One unless told. */
  readonly windows?: number;
  /** Vision: how an image becomes these tokens. */
  readonly patches?: Patches;
  /** Tokens of one input that the decoder gets, where a projector merges or resamples them. */
  readonly tokens_out?: number;
}

/** Edges of an image, or of a part of it. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
}

/** How an image becomes tokens. */
export interface Patches {
  /** Of one patch; of several merged ones, all of them. */
  readonly edges: Pixels;
  /** Tokens beside those of patches: class, distillation, registers. */
  readonly beside: number;
  /** Edge of a window in patches, where attention sees windows. */
  readonly window?: number;
  /** The size of images that the model was made for. */
  readonly image: Pixels;
}

/** A weight outside the layers. A head that is the embedding table is no weight of its own. */
export interface End {
  readonly name: string;
  readonly role: 'embedding' | 'linear' | 'norm' | 'bias' | 'conv' | 'head' | 'other';
  readonly shape: readonly number[];
}

export interface Model {
  readonly name: string;
  /** `model_type` of the config. */
  readonly family: string;
  /** In the order of the forward pass: towers before the decoder. */
  readonly stacks: readonly Stack[];
  /** Language models: rows of the embedding table. */
  readonly vocab: number;
  /** The head is the embedding table. */
  readonly tied: boolean;
  /** The head over the vocabulary, or over `labels`, or none. */
  readonly head: 'vocab' | 'labels' | 'none';
  readonly labels?: number;
  /** Longest sequence that the config allows. */
  readonly max_positions?: number;
  /** Format of the checkpoint as the config says. */
  readonly dtype?: 'fp32' | 'fp16' | 'bf16' | 'fp8';
  readonly quantization?: Quantization;
  /** Where it was read: a file, a row of the catalog. */
  readonly source: string;
  /** A network of images, recorded operation by operation: it has no stacks. */
  readonly network?: Network;
}

/** How the checkpoint's linear layers are stored. */
export interface Quantization {
  readonly method: string;
  readonly bits: number;
  /** Weights that share a scale. */
  readonly group?: number;
  readonly double_quant?: boolean;
  /** Bits of a packed weight with its scales, zero points and order, as the headers of the checkpoint have them. */
  readonly stored_bits?: number;
  /** Names (parts of names) of modules that stay in 16 bits. */
  readonly skipped: readonly string[];
  /** Where no file of the checkpoint said it: its name did, or it is recalled of the model. */
  readonly said_by?: 'name' | 'recall';
}

/** One weight, or as many like it as the model has. */
export interface Weight {
  /** As the checkpoint calls it, with `{i}` for the layer where it is one of many. */
  readonly name: string;
  /** Elements of each dimension, outputs first; experts are the first dimension. */
  readonly shape: readonly number[];
  readonly role: 'embedding' | 'linear' | 'expert' | 'norm' | 'bias' | 'conv' | 'head' | 'other';
  /** How many of these the model has. */
  readonly count: number;
  /** Stack and layer kind that it belongs to; absent for what is outside the layers. */
  readonly layer?: { readonly stack: number; readonly layer: number };
}
