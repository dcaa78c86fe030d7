/** Calls of libraries whose arguments are settings, and what a call says by being made. */
import { METHOD_CONFIGS, OTHER_METHODS } from '../adapter-methods.ts';
import type { SettingName, SettingValue } from '../settings.ts';
import type { Purpose } from '../workload.ts';

export interface CallRow {
  /** Compared with the whole path: `torch.optim.AdamW`, `AutoModelForCausalLM.from_pretrained`. */
  readonly path: RegExp;
  /** In whose words the arguments are; without them they are not read. */
  readonly words?: readonly string[];
  /** These dialects speak; `words` where absent. */
  readonly speaks?: readonly string[];
  /** Put before the names of arguments. */
  readonly group?: string;
  /** Names of positional arguments, in order; an empty one is passed over. */
  readonly positional?: readonly string[];
  /** Arguments that name the model. */
  readonly model?: readonly string[];
  /** The last part of the path names the model: `torchvision.models.resnet50`. */
  readonly isModel?: boolean;
  /** Arguments that are read; all where absent. */
  readonly only?: readonly string[];
  readonly purpose?: Purpose;
  readonly means?: readonly (readonly [SettingName, SettingValue])[];
  /** Only where nobody says more. */
  readonly hints?: readonly (readonly [SettingName, SettingValue])[];
}

const TRL = ['trl', 'peft'] as const;

/** A configuration and a trainer of TRL say what is trained for. */
const trl = (
  names: string,
  task: string,
  hints: readonly (readonly [SettingName, SettingValue])[] = [],
): CallRow => ({
  path: new RegExp(String.raw`(?:^|\.)(?:${names})(?:Config|Trainer)$`),
  words: TRL,
  purpose: 'training',
  model: ['model'],
  means: [['task', task]],
  hints: [['own_loop', false], ...hints],
});

const optimizer = (names: string, value: string, words: readonly string[] = []): CallRow => ({
  path: new RegExp(String.raw`(?:^|\.)(?:${names})$`),
  hints: [['optimizer', value]],
  ...(words.length > 0 && { speaks: words }),
});

/** The first row that fits a path reads the call. */
export const CALLS: readonly CallRow[] = [
  {
    path: /(?:^|\.)(?:Seq2Seq)?TrainingArguments$/,
    words: ['transformers', 'peft'],
    purpose: 'training',
    hints: [['own_loop', false]],
  },
  trl('SFT', 'sft'),
  trl('DPO|OnlineDPO', 'dpo'),
  // Pairs without a reference.
  trl('ORPO|CPO', 'dpo', [['reference_model', false]]),
  trl('KTO', 'kto'),
  trl('GRPO|RLOO', 'grpo'),
  trl('PPO|PPOv2', 'ppo'),
  trl('Reward', 'reward'),
  { path: /(?:^|\.)ModelConfig$/, words: TRL },
  {
    path: /(?:^|\.)LoraConfig$/,
    words: ['peft'],
    group: 'LoraConfig',
    positional: ['r'],
    means: [['adapter', 'lora']],
  },
  ...OTHER_METHODS.map(
    (method): CallRow => ({
      path: new RegExp(`(?:^|\\.)${METHOD_CONFIGS[method]}$`),
      words: ['peft'],
      group: 'LoraConfig',
      means: [
        ['adapter', 'other'],
        ['adapter_method', method],
      ],
    }),
  ),
  {
    path: /(?:^|\.)Fast(?:Language|Vision)?Model\.from_pretrained$/,
    words: ['unsloth', 'transformers'],
    speaks: ['unsloth'],
    positional: ['model_name', 'max_seq_length'],
    model: ['model_name'],
  },
  {
    path: /(?:^|\.)Fast(?:Language|Vision)?Model\.get_peft_model$/,
    words: ['unsloth', 'peft'],
    speaks: ['unsloth'],
    group: 'get_peft_model',
    means: [['adapter', 'lora']],
  },
  { path: /(?:^|\.)FastLanguageModel\.for_inference$/, speaks: ['unsloth'], purpose: 'generation' },
  {
    path: /(?:^|\.)PeftModel\w*\.from_pretrained$/,
    hints: [['adapter', 'lora']],
  },
  { path: /(?:^|\.)get_peft_model$/, hints: [['adapter', 'lora']] },
  {
    path: /(?:^|\.)BitsAndBytesConfig$/,
    words: ['transformers'],
    speaks: [],
    only: ['load_in_4bit', 'load_in_8bit'],
  },
  {
    path: /(?:^|\.)(?:AutoLiger\w+)\.from_pretrained$/,
    words: ['transformers'],
    positional: ['pretrained_model_name_or_path'],
    model: ['pretrained_model_name_or_path'],
    means: [
      ['fused_loss', true],
      ['fused_kernels', true],
    ],
  },
  {
    path: /(?:^|\.)apply_liger_kernel_to_\w+$/,
    means: [
      ['fused_loss', true],
      ['fused_kernels', true],
    ],
  },
  {
    path: /(?:^|\.)\w*(?:Pipeline|DiffusionPipeline|UNet2DConditionModel|AutoencoderKL|Transformer2DModel)\.from_(?:pretrained|single_file)$/,
    words: ['diffusers'],
    positional: ['pretrained_model_name_or_path'],
    model: ['pretrained_model_name_or_path'],
    purpose: 'generation',
  },
  { path: /(?:Tokenizer\w*|Processor|Config|FeatureExtractor|Scheduler)\.from_pretrained$/ },
  {
    path: /(?:^|\.)\w*(?:Model|LM|For[A-Z]\w+)\w*\.from_(?:pretrained|config)$/,
    words: ['transformers'],
    positional: ['pretrained_model_name_or_path'],
    model: ['pretrained_model_name_or_path', 'model_name_or_path'],
  },
  { path: /(?:^|\.)model_init_kwargs$/, words: ['transformers'] },
  {
    path: /^(?:transformers\.)?pipeline$/,
    words: ['transformers'],
    positional: ['', 'model'],
    model: ['model'],
    purpose: 'generation',
    only: ['torch_dtype', 'dtype', 'device_map', 'max_new_tokens', 'model'],
  },
  { path: /(?:^|\.)SamplingParams$/, words: ['vllm'], speaks: [], only: ['max_tokens'] },
  { path: /(?:^|\.)GenerationConfig$/, words: ['transformers'], speaks: [], purpose: 'generation' },
  {
    path: /\.generate$/,
    words: ['transformers'],
    speaks: [],
    purpose: 'generation',
    only: ['max_new_tokens', 'num_beams', 'use_cache', 'output_hidden_states'],
  },
  { path: /\.gradient_checkpointing_enable$/, means: [['checkpointing', true]] },
  { path: /\.enable_gradient_checkpointing$/, means: [['checkpointing', true]] },
  { path: /\.gradient_checkpointing_disable$/, means: [['checkpointing', false]] },
  {
    path: /(?:^|\.)(?:checkpoint_sequential|apply_activation_checkpointing|checkpoint\.checkpoint)$/,
    means: [['checkpointing', true]],
  },
  {
    path: /^torch\.compile$|(?:^|\.)model\.compile$/,
    speaks: ['pytorch'],
    means: [['compiled', true]],
  },
  {
    path: /(?:^|\.)zero_grad$/,
    words: ['pytorch'],
    positional: ['set_to_none'],
  },
  {
    path: /(?:^|\.)(?:DistributedDataParallel|DDP)$/,
    words: ['pytorch'],
    hints: [['sharding', 'none']],
  },
  {
    path: /(?:^|\.)(?:FullyShardedDataParallel|FSDP)$/,
    words: ['fsdp'],
    hints: [['sharding', 'full']],
  },
  { path: /(?:^|\.)fully_shard$/, words: ['fsdp'], hints: [['sharding', 'full']] },
  { path: /(?:^|\.)CPUOffload$/, words: ['fsdp'] },
  {
    path: /(?:^|\.)FullyShardedDataParallelPlugin$/,
    words: ['fsdp', 'accelerate'],
    hints: [['sharding', 'full']],
  },
  { path: /(?:^|\.)Accelerator$/, words: ['accelerate'] },
  { path: /(?:^|\.)(?:DistributedDataParallelKwargs)$/, words: ['accelerate'] },
  { path: /(?:^|\.)DeepSpeedPlugin$/, words: ['deepspeed', 'accelerate'] },
  { path: /(?:^|\.)FSDPStrategy$/, words: ['fsdp', 'lightning'], hints: [['sharding', 'full']] },
  { path: /(?:^|\.)DeepSpeedStrategy$/, words: ['deepspeed', 'lightning'] },
  {
    path: /(?:^|\.)(?:LLM|EngineArgs|AsyncEngineArgs)$/,
    words: ['vllm'],
    positional: ['model'],
    model: ['model'],
    purpose: 'serving',
  },
  {
    path: /^(?:sgl|sglang)\.Engine$/,
    words: ['sglang'],
    model: ['model_path'],
    purpose: 'serving',
  },
  {
    path: /(?:^|\.)Llama(?:\.from_pretrained)?$/,
    words: ['llama-cpp'],
    positional: ['model_path'],
    model: ['model_path', 'repo_id'],
    purpose: 'serving',
  },
  {
    path: /(?:^|\.)create_model$|(?:^|\.)models\.get_model$/,
    words: ['pytorch'],
    positional: ['model_name'],
    model: ['model_name', 'name'],
    only: ['model_name', 'name', 'img_size'],
  },
  {
    path: /(?:^|\.)(?:(?:wide_)?resne(?:t|xt)\d+\w*|vgg\d+(?:_bn)?|densenet\d+|mobilenet_v\w+|efficientnet_(?:b\d|v2_[sml])|convnext_\w+|vit_[blh]_\d+|swin_[tsb]|(?:faster|mask|keypoint)rcnn_resnet50_fpn|retinanet_resnet50_fpn|(?:fcn|deeplabv3)_resnet\d+)$/,
    speaks: ['pytorch'],
    isModel: true,
  },
  {
    path: /(?:^|\.)(?:RandomResizedCrop|RandomCrop)$/,
    words: ['pytorch'],
    speaks: [],
    positional: ['image_size'],
    only: ['image_size'],
  },
  {
    path: /(?:^|\.)set_per_process_memory_fraction$/,
    words: ['pytorch'],
    group: 'per_process_memory',
    positional: ['fraction'],
  },
  optimizer('AdamW8bit|Adam8bit', 'adamw-8bit'),
  optimizer('PagedAdamW8bit|PagedAdam8bit', 'adamw-paged'),
  optimizer('PagedAdamW|PagedAdamW32bit|PagedAdam|PagedAdam32bit', 'adamw-paged-32bit'),
  optimizer('Adafactor', 'adafactor'),
  optimizer('Lion8bit|PagedLion8bit', 'lion-8bit'),
  optimizer('Lion|Lion32bit|PagedLion|PagedLion32bit', 'lion'),
  optimizer('SGD', 'sgd'),
  optimizer('GaLoreAdamW\\w*', 'galore'),
  optimizer('Muon', 'muon'),
  optimizer('FusedAdam|FusedAdamW', 'adamw-fused'),
  {
    path: /(?:^|\.)DeepSpeedCPUAdam$/,
    speaks: ['deepspeed'],
    hints: [
      ['optimizer', 'adamw'],
      ['optimizer_offload', true],
    ],
  },
  {
    path: /(?:^|\.)(?:YOLO|RTDETR)$/,
    speaks: ['ultralytics'],
    positional: ['model'],
    model: ['model'],
    words: ['ultralytics'],
  },
  {
    path: /\.(?:enable_\w+_(?:cpu_offload|slicing|tiling)|enable_(?:vae|attention)_\w+|enable_slicing|enable_tiling)$/,
    words: ['diffusers'],
    speaks: [],
    group: '!',
  },
  { path: /\.backward$/, purpose: 'training', hints: [['own_loop', true]] },
  { path: /(?:^|\.)trainer\.(?:train|fit)$/i, purpose: 'training', hints: [['own_loop', false]] },
  { path: /(?:^|\.)trainer\.(?:evaluate|predict|test|validate)$/i, purpose: 'evaluation' },
];

/** The optimizer that a class is, by its path: `torch.optim.AdamW`, `bitsandbytes.optim.PagedAdamW8bit`. */
export function optimizerOf(path: string, isFused: boolean): SettingValue | undefined {
  if (/(?:^|\.)AdamW?$/.test(path)) return isFused ? 'adamw-fused' : 'adamw';
  return CALLS.find((row) => row.path.test(path))?.hints?.find(
    ([name]) => name === 'optimizer',
  )?.[1];
}
