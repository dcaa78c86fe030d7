/** Configurations of frameworks, recognised by their keys. */
import { plainKey } from '../dialect.ts';
import type { SettingName, SettingValue } from '../settings.ts';
import { DTYPES } from '../words.ts';
import type { Purpose } from '../workload.ts';
import { type Gathering, RANKS } from './gathering.ts';
import { optimizerOf } from './python-calls.ts';
import { builtBy } from './torchtune-builders.ts';
import { at, type Leaf, leavesOf, type MapNode, type TreeNode, textOf } from './tree.ts';

export interface ConfigContext {
  readonly gathering: Gathering;
  readonly name: string;
}

interface ConfigKind {
  readonly id: string;
  readonly words: readonly string[];
  readonly purpose?: Purpose;
  readonly fits: (node: MapNode) => boolean;
  /** Paths that name the model. */
  readonly model: readonly string[];
  /** What no key says by itself. */
  readonly more?: (node: MapNode, context: ConfigContext) => void;
  /** Sections in the words of others. */
  readonly sections?: Readonly<Record<string, readonly string[]>>;
  /** Keys that name other files. */
  readonly files?: readonly string[];
  /** Keys that `more` understands, or that say nothing. */
  readonly ignored?: RegExp;
}

const has =
  (...keys: readonly string[]) =>
  ({ pairs }: MapNode): boolean =>
    keys.every((key) => pairs.has(key));

const hasAny =
  (...keys: readonly string[]) =>
  ({ pairs }: MapNode): boolean =>
    keys.some((key) => pairs.has(key));

const mapAt = (node: TreeNode | undefined, ...path: readonly string[]): MapNode | undefined => {
  const found = at(node, ...path);
  return found?.kind === 'map' ? found : undefined;
};

const lineAt = ({ name }: ConfigContext, node: TreeNode | undefined): string =>
  node === undefined || node.line === 0 ? name : `${name}:${node.line}`;

const mean = (
  context: ConfigContext,
  node: TreeNode | undefined,
  setting: SettingName,
  value: SettingValue | undefined,
  rank: 0 | 1 = RANKS.config,
): void => {
  if (node !== undefined && value !== undefined) {
    context.gathering.mean(setting, value, lineAt(context, node), rank);
  }
};

const numberOf = (node: TreeNode | undefined): number | undefined => {
  const number = Number(textOf(node) ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : undefined;
};

const HF_MODEL = ['model_name_or_path', 'model_name', 'model_id', 'base_model', 'model'];

/** The first that fits speaks; the particular ones come before the general. */
const KINDS: readonly ConfigKind[] = [
  {
    id: 'adapter',
    words: ['peft'],
    purpose: 'training',
    fits: has('peft_type'),
    model: ['base_model_name_or_path'],
  },
  {
    id: 'accelerate',
    words: ['accelerate'],
    fits: hasAny('distributed_type', 'compute_environment'),
    model: [],
    sections: {
      fsdp_config: ['fsdp', 'accelerate'],
      deepspeed_config: ['deepspeed', 'accelerate'],
    },
    files: ['deepspeed_config.deepspeed_config_file'],
    more: sayAccelerate,
  },
  {
    id: 'deepspeed',
    words: ['deepspeed'],
    purpose: 'training',
    fits: hasAny('zero_optimization', 'train_micro_batch_size_per_gpu'),
    model: [],
  },
  {
    id: 'axolotl',
    words: ['axolotl'],
    purpose: 'training',
    fits: (node) =>
      node.pairs.has('base_model') &&
      hasAny(
        'datasets',
        'micro_batch_size',
        'sequence_len',
        'adapter',
        'pretraining_dataset',
      )(node),
    model: ['base_model'],
    sections: { fsdp_config: ['axolotl', 'fsdp'], deepspeed: ['deepspeed'] },
    files: ['deepspeed'],
    more: sayAxolotl,
  },
  {
    id: 'llama-factory',
    words: ['llama-factory'],
    purpose: 'training',
    fits: (node) =>
      node.pairs.has('model_name_or_path') &&
      hasAny('stage', 'finetuning_type', 'cutoff_len', 'template', 'dataset_dir')(node),
    model: ['model_name_or_path'],
    sections: { deepspeed: ['deepspeed'] },
    files: ['deepspeed'],
    more: sayDeepSpeedFile,
  },
  {
    id: 'torchtune',
    words: ['torchtune'],
    purpose: 'training',
    fits: ({ pairs }) =>
      [...pairs.values()].some((child) => at(child, '_component_') !== undefined),
    model: [],
    more: sayTorchtune,
    ignored:
      /(?:^|\.)_component_$|^optimizer\.(?:fused|optimizer_class)$|^model\.(?:lora_attn_modules|apply_lora_to_(?:mlp|output))$|^(?:metric_logger|profiler|checkpointer|lr_scheduler)\.|^(?:save_adapter_weights_only|log_every_n_steps|log_peak_memory_stats|log_level|shuffle|max_steps_per_epoch)$/,
  },
  {
    id: 'verl',
    words: ['verl'],
    purpose: 'training',
    fits: has('actor_rollout_ref'),
    model: ['actor_rollout_ref.model.path'],
  },
  {
    id: 'torchtitan',
    words: ['torchtitan'],
    purpose: 'training',
    fits: (node) =>
      mapAt(node, 'training') !== undefined &&
      hasAny('parallelism', 'job', 'activation_checkpoint', 'lr_scheduler')(node),
    model: [],
    more: sayTorchtitan,
  },
  {
    id: 'lightning',
    words: ['lightning', 'pytorch'],
    purpose: 'training',
    fits: (node) => mapAt(node, 'trainer') !== undefined && hasAny('model', 'data', 'fit')(node),
    model: ['model.init_args.model_name', 'model.init_args.model_name_or_path'],
    more: sayLightning,
  },
  {
    id: 'vllm',
    words: ['vllm'],
    purpose: 'serving',
    fits: hasAnyPlain('gpu_memory_utilization', 'max_model_len', 'max_num_seqs'),
    model: ['model', 'model_tag'],
  },
  {
    id: 'sglang',
    words: ['sglang'],
    purpose: 'serving',
    fits: hasAnyPlain('mem_fraction_static', 'tp_size', 'max_running_requests'),
    model: ['model_path', 'model-path', 'model'],
  },
  {
    id: 'fsdp',
    words: ['fsdp', 'transformers'],
    purpose: 'training',
    fits: ({ pairs }) => [...pairs.keys()].some((key) => key.startsWith('fsdp_')),
    model: HF_MODEL,
    sections: { fsdp_config: ['fsdp'] },
  },
  {
    id: 'trl',
    words: ['trl', 'peft'],
    purpose: 'training',
    fits: (node) =>
      hasAny('per_device_train_batch_size', 'output_dir', 'model_name_or_path')(node) &&
      hasAny(
        'packing',
        'dataset_text_field',
        'max_prompt_length',
        'max_completion_length',
        'num_generations',
        'use_peft',
        'dataset_name',
        'beta',
        'assistant_only_loss',
      )(node),
    model: HF_MODEL,
    sections: { fsdp_config: ['fsdp', 'transformers'], deepspeed: ['deepspeed'] },
    files: ['deepspeed'],
    more: sayDeepSpeedFile,
  },
  {
    id: 'transformers',
    words: ['transformers', 'peft'],
    purpose: 'training',
    fits: hasAny(
      'per_device_train_batch_size',
      'num_train_epochs',
      'gradient_accumulation_steps',
      'gradient_checkpointing',
      'quantization_config',
    ),
    model: HF_MODEL,
    sections: { fsdp_config: ['fsdp', 'transformers'], deepspeed: ['deepspeed'] },
    files: ['deepspeed', 'fsdp_config'],
    more: sayDeepSpeedFile,
  },
  {
    id: 'pytorch',
    words: ['pytorch'],
    purpose: 'training',
    fits: (node) =>
      leavesOf(node).some(({ key }) => /(?:^|\.)(?:batch_size|micro_batch_size)$/.test(key)),
    model: HF_MODEL,
  },
];

function hasAnyPlain(...keys: readonly string[]): (node: MapNode) => boolean {
  return ({ pairs }) => [...pairs.keys()].some((key) => keys.includes(plainKey(key)));
}

/** Reads a configuration; false where no kind fits. */
export function readConfig(node: TreeNode, context: ConfigContext): boolean {
  if (node.kind !== 'map') return false;
  const kind = KINDS.find(({ fits }) => fits(node));
  if (kind === undefined) return false;
  const { gathering } = context;
  gathering.speak(...kind.words);
  if (kind.purpose !== undefined) {
    gathering.purposes.push({ purpose: kind.purpose, rank: RANKS.config });
  }
  for (const leaf of leavesOf(node)) {
    if (kind.ignored?.test(leaf.key) !== true) readLeaf(leaf, kind, context);
  }
  kind.more?.(node, context);
  return true;
}

function readLeaf(leaf: Leaf, kind: ConfigKind, context: ConfigContext): void {
  const { gathering, name } = context;
  const source = leaf.line === 0 ? name : `${name}:${leaf.line}`;
  if (kind.model.includes(leaf.key)) {
    if (typeof leaf.value === 'string') gathering.model(leaf.value, source, RANKS.config);
    return;
  }
  if (kind.files?.includes(leaf.key) === true) {
    if (typeof leaf.value === 'string') gathering.mention(leaf.value, source);
    return;
  }
  const [section = ''] = leaf.key.split('.');
  const words = kind.sections?.[section] ?? kind.words;
  if (Object.hasOwn(kind.sections ?? {}, section)) gathering.speak(...words);
  // A key of peft stands in its own file without a group.
  const key = kind.id === 'adapter' ? `LoraConfig.${leaf.key}` : leaf.key;
  gathering.say(key, leaf.value, source, RANKS.config, words);
}

function sayAccelerate(node: MapNode, context: ConfigContext): void {
  const processes = at(node, 'num_processes');
  mean(context, processes, 'world_size', numberOf(processes));
  context.gathering.machine.nodes ??= numberOf(at(node, 'num_machines')) ?? 1;
  if (mapAt(node, 'fsdp_config') !== undefined) context.gathering.speak('fsdp');
  if (mapAt(node, 'deepspeed_config') !== undefined) context.gathering.speak('deepspeed');
}

/** `auto` is bf16 on every card that has it. */
function sayAxolotl(node: MapNode, context: ConfigContext): void {
  const bf16 = at(node, 'bf16');
  if (textOf(bf16) === 'auto') mean(context, bf16, 'compute_precision', 'bf16', RANKS.hint);
  sayDeepSpeedFile(node, context);
}

/** Files that axolotl and LLaMA-Factory bring along are named by their stage. */
export function sayDeepSpeedFile(node: MapNode, context: ConfigContext): void {
  const file = at(node, 'deepspeed');
  sayZeroByName(textOf(file), lineAt(context, file), context.gathering);
}

const STAGES = ['none', 'optimizer', 'gradients', 'full'] as const;

export function sayZeroByName(
  path: string | undefined,
  source: string,
  gathering: Gathering,
): void {
  const stage = /(?:zero|z|stage)[-_]?([0-3])(?![0-9])/i.exec(path?.split('/').at(-1) ?? '')?.[1];
  if (path === undefined || stage === undefined) return;
  gathering.speak('deepspeed');
  const value = STAGES[Number(stage)];
  if (value !== undefined) gathering.mean('sharding', value, source, RANKS.hint);
  if (/offload/i.test(path)) {
    gathering.mean('optimizer_offload', true, source, RANKS.hint);
    if (/offload_(?:all|params?)/i.test(path)) {
      gathering.mean('parameter_offload', true, source, RANKS.hint);
    }
  }
}

function sayTorchtune(node: MapNode, context: ConfigContext): void {
  const model = at(node, 'model', '_component_');
  const built = builtBy(textOf(model) ?? '');
  if (built !== undefined)
    context.gathering.model(built.model, lineAt(context, model), RANKS.config);
  else sayCheckpoint(node, context);
  const isPacked = textOf(at(node, 'model', 'quantize_base'))?.toLowerCase() === 'true';
  const adapter = isPacked ? 'qlora' : built?.adapter;
  mean(context, model, 'adapter', adapter);
  if (adapter === 'qlora') mean(context, model, 'quantization', '4bit');
  // Everything is made in one format, adapters too (recipes/lora_finetune_single_device.py: set_default_dtype).
  if (adapter !== undefined) {
    const dtype = at(node, 'dtype');
    mean(context, dtype, 'adapter_dtype', DTYPES[textOf(dtype) ?? ''], RANKS.hint);
  }
  const targets = at(node, 'model', 'lora_attn_modules');
  if (targets?.kind === 'list') {
    const names = targets.items.map(textOf).filter((word) => word !== undefined);
    // Names of PEFT, which the model's own names follow.
    const parts = names.map((word) => (word === 'output_proj' ? 'o_proj' : word));
    if (textOf(at(node, 'model', 'apply_lora_to_mlp')) === 'true') {
      parts.push('gate_proj', 'up_proj', 'down_proj');
    }
    if (textOf(at(node, 'model', 'apply_lora_to_output')) === 'true') parts.push('lm_head');
    mean(context, targets, 'adapter_targets', parts.join(','));
  }
  const loss = at(node, 'loss', '_component_');
  if (/Chunked|LinearCrossEntropy/.test(textOf(loss) ?? ''))
    mean(context, loss, 'fused_loss', true);
  sayOptimizer(mapAt(node, 'optimizer'), context);
}

/** Of a model of one's own the folder of its checkpoint says the name. */
function sayCheckpoint(node: MapNode, context: ConfigContext): void {
  const folder = at(node, 'checkpointer', 'checkpoint_dir');
  const name = textOf(folder)?.split('/').filter(Boolean).at(-1);
  context.gathering.model(name, lineAt(context, folder), RANKS.hint);
}

/** The class of an optimizer, and that of the one which it moves to the host. */
function sayOptimizer(node: MapNode | undefined, context: ConfigContext): void {
  const component = at(node, '_component_');
  const inner = at(node, 'optimizer_class');
  const isFused = textOf(at(node, 'fused')) === 'true';
  for (const named of [component, inner]) {
    mean(context, named, 'optimizer', optimizerOf(textOf(named) ?? '', isFused));
  }
  if (/CPUOffloadOptimizer$/.test(textOf(component) ?? '')) {
    mean(context, component, 'optimizer_offload', true);
  }
}

/** Models of torchtitan by name and flavor (its folders of models; recalled). */
const TORCHTITAN_MODELS: Readonly<Record<string, string>> = {
  'llama3 8b': 'meta-llama/Llama-3.1-8B',
  'llama3 70b': 'meta-llama/Llama-3.1-70B',
  'llama3 405b': 'meta-llama/Llama-3.1-405B',
  'deepseek_v3 16b': 'deepseek-ai/DeepSeek-V2-Lite',
  'deepseek_v3 671b': 'deepseek-ai/DeepSeek-V3',
  'qwen3 0.6b': 'Qwen/Qwen3-0.6B',
  'qwen3 1.7b': 'Qwen/Qwen3-1.7B',
  'qwen3 4b': 'Qwen/Qwen3-4B',
  'qwen3 8b': 'Qwen/Qwen3-8B',
  'qwen3 14b': 'Qwen/Qwen3-14B',
  'qwen3 32b': 'Qwen/Qwen3-32B',
};

function sayTorchtitan(node: MapNode, context: ConfigContext): void {
  const name = at(node, 'model', 'name');
  const flavor = textOf(at(node, 'model', 'flavor'));
  const words = [textOf(name), flavor].filter((word) => word !== undefined);
  if (words.length > 0) {
    const named = words.join(' ');
    const known = TORCHTITAN_MODELS[named.toLowerCase()] ?? named;
    context.gathering.model(known, lineAt(context, name), RANKS.config);
  }
}

function sayLightning(node: MapNode, context: ConfigContext): void {
  const trainer = mapAt(node, 'trainer') ?? mapAt(node, 'fit', 'trainer');
  const devices = at(trainer, 'devices');
  const count = devices?.kind === 'list' ? devices.items.length : numberOf(devices);
  const nodes = numberOf(at(trainer, 'num_nodes'));
  if (nodes !== undefined) context.gathering.machine.nodes ??= nodes;
  mean(context, devices, 'world_size', count === undefined ? undefined : count * (nodes ?? 1));
  const strategy = textOf(at(trainer, 'strategy', 'class_path'))
    ?.split('.')
    .at(-1);
  if (strategy === 'FSDPStrategy') mean(context, at(trainer, 'strategy'), 'sharding', 'full');
}
