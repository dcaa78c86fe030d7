/**
 * The neutral settings of a job: what a framework's option means for memory, whatever it calls it.
 * Dialects read and write them; remedies speak of nothing else.
 */
import { OTHER_METHODS, type OtherMethod } from './adapter-methods.ts';

export type SettingValue = string | number | boolean;

/**
 * Each setting with its type (a number counts or sizes; a list has all words it can be) and, for
 * contributors, what it is.
 */
export const SETTINGS = {
  // The work of one training step.
  micro_batch: { type: 'number', says: 'Samples that one device works on at once.' },
  accumulation_steps: { type: 'number', says: 'Micro-batches before one optimizer step.' },
  sequence_length: { type: 'number', says: 'Longest sample in tokens that training takes.' },
  length_grouping: { type: 'boolean', says: 'Batches of samples of like length.' },
  tokens_per_batch: { type: 'number', says: 'Batches limited by their tokens, not by samples.' },
  packing: { type: 'boolean', says: 'Several samples in one sequence without padding.' },
  resolution: { type: 'number', says: 'Edge of the images in pixels, the longer one.' },
  aspect: { type: 'number', says: 'Shorter edge of the images as a share of the longer.' },
  frames: { type: 'number', says: 'Frames of a video.' },
  latents_cached: {
    type: 'boolean',
    says: 'Latents and embeddings were computed before training; their networks are not on the card.',
  },
  checkpointing: { type: 'boolean', says: 'Activations are recomputed in the backward pass.' },
  selective_checkpointing: { type: 'boolean', says: 'Only the costly ones are recomputed.' },
  activation_offload: { type: 'boolean', says: 'Saved activations wait in host memory.' },
  compute_precision: {
    type: ['fp32', 'fp16', 'bf16', 'fp8'],
    says: 'Format of the computation (autocast); states stay as they are.',
  },
  fused_loss: { type: 'boolean', says: 'Loss in chunks or fused with the head: no full logits.' },
  attention: {
    type: ['eager', 'sdpa', 'flash'],
    says: 'Kernel of the attention; eager keeps a matrix of scores.',
  },
  generation_cache: { type: 'boolean', says: 'The model returns its KV cache in training too.' },
  hidden_states: { type: 'boolean', says: 'The model returns the states of all layers.' },
  compiled: { type: 'boolean', says: 'torch.compile.' },
  padded: { type: 'boolean', says: 'Sequences of a batch have different lengths.' },
  fused_kernels: { type: 'boolean', says: 'Norms, gates and rotations by fused kernels (Liger).' },
  task: {
    type: ['pretraining', 'sft', 'reward', 'dpo', 'kto', 'grpo', 'ppo'],
    says: 'What is trained for; it decides which models are held.',
  },
  own_loop: { type: 'boolean', says: 'The script trains in a loop of its own, no trainer does.' },
  rollouts: { type: 'number', says: 'Completions generated for each prompt (GRPO, RLOO).' },
  rollout_steps: {
    type: 'number',
    says: 'Micro-batches whose completions are generated at once.',
  },
  rollout_engine: {
    type: 'boolean',
    says: 'An engine generates completions, not the model that is trained.',
  },
  rollout_apart: { type: 'boolean', says: 'That engine has devices of its own.' },
  reference_weight: {
    type: 'number',
    says: 'Weight of the distance to the reference in the loss; with 0 there is none (GRPO).',
  },
  batch_finder: { type: 'boolean', says: 'A tool tries batch sizes until one passes.' },

  // What stays over a step.
  weights_dtype: { type: ['fp32', 'fp16', 'bf16'], says: 'Format in which weights are loaded.' },
  quantization: { type: ['none', '8bit', '4bit'], says: 'Format of the frozen or served weights.' },
  double_quantization: {
    type: 'boolean',
    says: 'Scales of weights in 4 bits are packed themselves (bitsandbytes).',
  },
  adapter: {
    type: ['none', 'lora', 'qlora', 'other'],
    says: 'Trains small adapters beside frozen weights; other: by adapter_method.',
  },
  adapter_method: {
    type: OTHER_METHODS as readonly OtherMethod[],
    says: 'Another method of PEFT than LoRA.',
  },
  prompt_tokens: {
    type: 'number',
    says: 'Tokens that are trained before each text (prompt, p- and prefix tuning).',
  },
  adapter_rank: { type: 'number', says: 'Rank of the adapters.' },
  adapter_targets: {
    type: 'text',
    says: 'Names of modules that get adapters, with commas; all-linear for every linear layer.',
  },
  adapter_whole: {
    type: 'text',
    says: 'Names of modules that are trained whole beside adapters, with commas.',
  },
  adapter_dropout: { type: 'number', says: 'Share that adapters drop.' },
  adapter_magnitude: { type: 'boolean', says: 'Adapters with a magnitude of their own (DoRA).' },
  adapter_dtype: { type: ['fp32', 'fp16', 'bf16'], says: 'Format of the adapters.' },
  frozen: { type: 'boolean', says: 'A part of the model is not trained.' },
  optimizer: {
    type: [
      'adamw',
      'adamw-fused',
      'adamw-8bit',
      'adamw-paged',
      'adamw-paged-32bit',
      'adafactor',
      'lion',
      'lion-8bit',
      'sgd',
      'galore',
      'muon',
    ],
    says: 'The optimizer; adamw is the foreach one of PyTorch.',
  },
  optimizer_in_backward: { type: 'boolean', says: 'Each gradient is used and freed at once.' },
  master_weights: { type: 'boolean', says: 'Copies of the weights in fp32 for the optimizer.' },
  gradient_dtype: { type: ['fp32', 'fp16', 'bf16'], says: 'Format in which gradients are kept.' },
  grads_to_none: { type: 'boolean', says: 'zero_grad() frees gradients.' },
  bucket_view: { type: 'boolean', says: 'DDP keeps gradients in its buckets only.' },
  ema: { type: 'boolean', says: 'A moving average of the weights is kept.' },
  reference_model: { type: 'boolean', says: 'A second, frozen copy of the model is kept.' },

  // Spread over devices and host.
  sharding: {
    type: ['none', 'optimizer', 'gradients', 'full'],
    says: 'What of weights, gradients and states is divided: ZeRO 1, 2, 3 (FSDP).',
  },
  replicas: {
    type: 'number',
    says: 'Whole copies of what is divided, each over a part of the ranks (HSDP).',
  },
  reshard: { type: 'boolean', says: 'Gathered weights are given back after the forward pass.' },
  optimizer_offload: { type: 'boolean', says: 'Optimizer states live in host memory.' },
  parameter_offload: { type: 'boolean', says: 'Weights wait in host memory.' },
  tensor_parallel: { type: 'number', says: 'Devices that share each layer.' },
  pipeline_parallel: { type: 'number', says: 'Devices that share the layers.' },
  pipeline_chunks: { type: 'number', says: 'Parts of the model that a stage of a pipeline holds.' },
  pipeline_schedule: {
    type: ['1f1b', 'interleaved', 'gpipe'],
    says: 'In which order micro-batches go through a pipeline.',
  },
  sequence_parallel: { type: 'number', says: 'Devices that share each sequence.' },
  expert_parallel: { type: 'number', says: 'Devices that share the experts.' },
  loss_parallel: {
    type: 'boolean',
    says: 'The loss is computed on logits that stay divided by vocabulary.',
  },
  world_size: { type: 'number', says: 'Processes of the job, one on each device.' },
  spread: { type: 'boolean', says: 'Layers are spread over the devices for inference.' },
  card_split: {
    type: ['layer', 'row', 'none'],
    says: 'What one process divides between the devices: layers, rows of each matrix, or nothing.',
  },
  card_shares: {
    type: 'text',
    says: 'What each device takes of one process, in proportion: 3,1 is three quarters and one.',
  },
  communication_bucket: {
    type: 'number',
    says: 'Elements of a bucket of collectives; 0: as many as a square matrix of the model has (auto).',
  },
  overlap_communication: {
    type: 'boolean',
    says: 'Gradients are reduced while others are still made, with a second bucket (DeepSpeed).',
  },
  gather_ahead: {
    type: 'number',
    says: 'Elements of weights that are gathered ahead (ZeRO 3); 0: nine tenths of a square matrix.',
  },

  // Evaluation and saving.
  evaluates: { type: 'boolean', says: 'Training stops to evaluate.' },
  eval_batch: { type: 'number', says: 'Samples at once in evaluation.' },
  eval_outputs_to_host: { type: 'boolean', says: 'Outputs of evaluation go to host memory early.' },
  eval_samples: { type: 'number', says: 'Samples of one evaluation, of all ranks.' },
  eval_loss_only: { type: 'boolean', says: 'Evaluation keeps no outputs.' },
  sharded_save: { type: 'boolean', says: 'Each rank saves its own part.' },
  load_to_host: { type: 'boolean', says: 'Checkpoints are read into host memory first.' },

  // Data and host.
  workers: { type: 'number', says: 'Processes that load data.' },
  prefetch: { type: 'number', says: 'Batches that each of them loads ahead.' },
  pinned: { type: 'boolean', says: 'Batches are put into page-locked memory.' },

  // The allocator.
  expandable_segments: { type: 'boolean', says: 'Segments grow page by page.' },
  max_split_size: { type: 'number', says: 'MiB above which a block is never split.' },
  roundup_divisions: { type: 'number', says: 'Requests are rounded to parts of a power of two.' },
  gc_threshold: { type: 'number', says: 'Share of the limit at which idle blocks are returned.' },
  memory_fraction: { type: 'number', says: 'Share of the card that the process may take.' },
  preallocation: { type: 'boolean', says: 'The framework takes its pool at start.' },
  unified_memory: { type: 'boolean', says: 'Allocations may spill into host memory.' },
  arena_limit: { type: 'number', says: 'Bytes that the arena of the framework may hold.' },
  arena_growth: { type: ['doubled', 'exact'], says: 'By how much an arena grows.' },

  // Serving.
  engine_fraction: { type: 'number', says: 'Share of the card that an engine plans for.' },
  engine_reserve: { type: 'number', says: 'Bytes that an engine leaves untouched.' },
  context_length: { type: 'number', says: 'Longest sequence that is served.' },
  max_sequences: { type: 'number', says: 'Sequences served at once.' },
  batched_tokens: { type: 'number', says: 'Tokens of one forward pass of the engine.' },
  physical_batch: { type: 'number', says: 'Tokens that one graph computes at once (llama.cpp).' },
  kv_bytes: { type: 'number', says: 'Bytes of the KV cache, where they are set and not found.' },
  page_size: { type: 'number', says: 'Tokens of a page of the KV cache.' },
  adapter_slots: { type: 'number', says: 'Adapters that have a place on the card of an engine.' },
  shared_cache: { type: 'boolean', says: 'All sequences share one cache (llama.cpp).' },
  full_windows: { type: 'boolean', says: 'Layers with a window keep all tokens (llama.cpp).' },
  kept_logits: {
    type: ['last', 'all', 'all-fp32'],
    says: 'Logits that a pass over a prompt makes: of its last position, of all, or of all with a copy in fp32.',
  },
  records_graph: {
    type: 'boolean',
    says: 'Autograd keeps the graph of passes that nothing is trained with: no no_grad stands around them.',
  },
  static_cache: { type: 'boolean', says: 'The cache is made for all tokens at once.' },
  kv_dtype: { type: ['auto', 'fp16', 'fp8', 'q8', 'q4'], says: 'Format of the KV cache.' },
  kv_value_dtype: {
    type: ['fp16', 'q8', 'q4'],
    says: 'Format of the values in the KV cache, where it is not that of the keys (llama.cpp).',
  },
  cuda_graphs: { type: 'boolean', says: 'Decoding is captured into CUDA graphs.' },
  capture_sizes: { type: 'text', says: 'Batch sizes for which graphs are captured.' },
  engine_sleep: {
    type: 'boolean',
    says: 'A colocated engine gives its memory back while it rests.',
  },
  weights_offload: { type: 'number', says: 'GiB of weights that an engine keeps in host memory.' },
  engine_swap: {
    type: 'number',
    says: 'GiB of host memory that an engine takes on each device for sequences that wait.',
  },
  gpu_layers: { type: 'number', says: 'Layers that go to the GPU.' },
  flash_attention: { type: 'boolean', says: 'Flash attention of llama.cpp.' },
  prompt_length: { type: 'number', says: 'Tokens of a prompt.' },
  new_tokens: { type: 'number', says: 'Tokens generated at most.' },
  beams: { type: 'number', says: 'Beams searched at once.' },

  // Diffusion.
  vae_tiling: { type: 'boolean', says: 'Images are decoded tile by tile.' },
  vae_slicing: { type: 'boolean', says: 'Images are decoded one after another.' },
  attention_slicing: { type: 'boolean', says: 'Attention one head after another.' },
  model_offload: { type: 'boolean', says: 'Only the model that works is on the GPU.' },
  sequential_offload: { type: 'boolean', says: 'Only the layer that works is on the GPU.' },

  // Libraries.
  workspace: { type: 'number', says: 'MiB that a library or builder may use as scratch.' },
  collective_buffer: { type: 'number', says: 'Bytes of each NCCL buffer.' },
} as const;

export type SettingName = keyof typeof SETTINGS;

export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS) as SettingName[];

/** Whether a setting can have a value. */
export function isOfType(name: SettingName, value: SettingValue): boolean {
  const { type } = SETTINGS[name];
  if (type === 'text') return true;
  if (type === 'number' || type === 'boolean') return typeof value === type;
  return (type as readonly SettingValue[]).includes(value);
}

/** A change of one setting. A relative one stands where only the direction is known beforehand. */
export interface Change {
  readonly setting: SettingName;
  readonly to: SettingValue | 'half' | 'lower' | 'higher';
}

/** True for a change that names no value of its own. */
export const isRelative = ({ to }: Change): boolean =>
  to === 'half' || to === 'lower' || to === 'higher';
