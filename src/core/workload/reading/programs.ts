/** Programs that people start, and in whose words their options are. */
import type { Purpose } from '../workload.ts';

export interface Program {
  /** Compared with the script, module or binary, without path and `.py`. */
  readonly name: RegExp;
  /** The word after it, where that decides. */
  readonly sub?: RegExp;
  /** Ids of dialects, nearest first. */
  readonly words: readonly string[];
  readonly purpose: Purpose;
  /** Keys that name the model, without leading dashes. */
  readonly model: readonly string[];
  /** The first loose word (after `sub`) is the model, or a configuration. */
  readonly positional?: 'model' | 'config';
  /** Keys that name a file of settings. */
  readonly config?: readonly string[];
}

const HF_MODEL = ['model_name_or_path', 'model_name', 'model_id', 'base_model', 'model'] as const;

export const PROGRAMS: readonly Program[] = [
  {
    name: /^vllm$/,
    sub: /^(?:serve|chat|complete|bench|run-batch)$/,
    words: ['vllm'],
    purpose: 'serving',
    model: ['model'],
    positional: 'model',
    config: ['config'],
  },
  {
    name: /^(?:vllm\.entrypoints\.\S+|benchmark_(?:latency|throughput|serving))$/,
    words: ['vllm'],
    purpose: 'serving',
    model: ['model'],
    config: ['config'],
  },
  {
    name: /^sglang\.(?:launch_server|bench_\w+|srt\.\S+)$/,
    words: ['sglang'],
    purpose: 'serving',
    model: ['model_path', 'model'],
    config: ['config'],
  },
  {
    name: /^sglang$/,
    sub: /^serve$/,
    words: ['sglang'],
    purpose: 'serving',
    model: ['model_path', 'model'],
  },
  {
    name: /^text-generation-(?:launcher|server|benchmark)$/,
    words: ['tgi'],
    purpose: 'serving',
    model: ['model_id'],
  },
  {
    name: /^(?:llama-(?:server|cli|bench|run|parallel|perplexity|batched-bench|mtmd-cli)|llama_cpp\.server)(?:\.exe)?$/,
    words: ['llama-cpp'],
    purpose: 'serving',
    model: ['m', 'model', 'hf', 'hfr', 'hf_repo'],
  },
  {
    name: /^ollama$/,
    sub: /^(?:run|serve|pull|create)$/,
    words: ['ollama'],
    purpose: 'serving',
    model: [],
    positional: 'model',
  },
  {
    name: /^lmdeploy$/,
    sub: /^(?:serve|chat)$/,
    words: ['lmdeploy'],
    purpose: 'serving',
    model: [],
  },
  {
    name: /^trtllm-serve$/,
    words: ['tensorrt-llm'],
    purpose: 'serving',
    model: ['model'],
    positional: 'model',
  },
  {
    name: /^trl$/,
    sub: /^(?:sft|dpo|grpo|kto|reward|rloo)$/,
    words: ['trl', 'peft'],
    purpose: 'training',
    model: HF_MODEL,
    config: ['config'],
  },
  {
    name: /^(?:llamafactory-cli|lmf)$/,
    sub: /^(?:train|chat|export|api)$/,
    words: ['llama-factory'],
    purpose: 'training',
    model: HF_MODEL,
    positional: 'config',
  },
  {
    name: /^(?:axolotl\.cli\.\w+|axolotl)$/,
    words: ['axolotl'],
    purpose: 'training',
    model: ['base_model'],
    positional: 'config',
  },
  {
    name: /^tune$/,
    sub: /^run$/,
    words: ['torchtune'],
    purpose: 'training',
    model: [],
    config: ['config'],
  },
  {
    name: /^torchtitan\.train$|^run_train\.sh$/,
    words: ['torchtitan'],
    purpose: 'training',
    model: ['model.hf_assets_path'],
    config: ['job.config_file'],
  },
  {
    name: /^pretrain_(?:gpt|bert|t5|mamba|vlm|llama)\w*$/,
    words: ['megatron'],
    purpose: 'training',
    model: [],
  },
  {
    name: /^verl\.trainer\.\S+$/,
    words: ['verl'],
    purpose: 'training',
    model: ['actor_rollout_ref.model.path', 'model.partial_pretrain', 'model.path'],
  },
  {
    name: /^openrlhf\.cli\.\S+$/,
    words: ['openrlhf'],
    purpose: 'training',
    model: ['pretrain'],
  },
  {
    name: /^(?:lm_eval|lm-eval)$/,
    words: ['transformers'],
    purpose: 'evaluation',
    model: ['pretrained'],
  },
  {
    name: /^train_(?:text_to_image|dreambooth|controlnet|instruct_pix2pix|unconditional|cogvideox)\w*$/,
    words: ['diffusers', 'accelerate', 'peft'],
    purpose: 'training',
    model: ['pretrained_model_name_or_path'],
  },
  {
    name: /^yolo$/,
    words: ['ultralytics'],
    purpose: 'training',
    model: ['model'],
  },
];

/** For a script that has no row: the first whose pattern occurs among the options decides. */
export const BY_OPTIONS: readonly (Pick<Program, 'words' | 'model'> & {
  readonly sign: RegExp;
})[] = [
  {
    sign: /^(?:tensor[-_]model[-_]parallel[-_]size|micro[-_]batch[-_]size|use[-_]mcore[-_]models)$/,
    words: ['megatron'],
    model: [],
  },
  {
    sign: /^(?:use[-_]peft|lora[-_]r|max[-_]prompt[-_]length|max[-_]completion[-_]length|packing|num[-_]generations)$/,
    words: ['trl', 'peft'],
    model: HF_MODEL,
  },
  {
    sign: /^(?:per[-_]device[-_]\w+|gradient[-_]checkpointing|output[-_]dir|model[-_]name[-_]or[-_]path)$/,
    words: ['transformers', 'peft'],
    model: HF_MODEL,
  },
  { sign: /^trainer\./, words: ['lightning'], model: [] },
  { sign: /^training\.(?:local_)?batch_size$/, words: ['torchtitan'], model: [] },
];

export const ANY_SCRIPT: Pick<Program, 'words' | 'model'> = {
  words: ['pytorch'],
  model: HF_MODEL,
};
