/**
 * A model from the header of a GGUF file. Its metadata become the fields of a config, which the families read; what
 * the metadata leave out (vocabulary, tied head, biases) stands in the table of tensors.
 * Sources: gguf@0.19.0:gguf/constants.py (keys), llama-cpp-python@0.3.36:vendor/llama.cpp/src/llama-arch.cpp.
 */
import type { Note, Problem } from '../../base/problem.ts';
import { say, type TextTable } from '../../base/texts.ts';
import type { GgufHeader, GgufValue } from '../../documents/gguf.ts';
import type { StoredTensor } from '../../documents/safetensors.ts';
import { type ModelReading, readModelConfig } from './read.ts';

/** `general.architecture`, and the type that reads it; mixtures have one of their own. */
const TYPES: ReadonlyMap<string, readonly [type: string, mixture?: string]> = new Map([
  ['llama', ['llama', 'mixtral']],
  ['llama4', ['llama4_text', 'llama4_text']],
  ['qwen', ['qwen']],
  ['qwen2', ['qwen2']],
  ['qwen2moe', ['qwen2_moe', 'qwen2_moe']],
  ['qwen2vl', ['qwen2']],
  ['qwen3', ['qwen3']],
  ['qwen3vl', ['qwen3']],
  ['qwen3moe', ['qwen3_moe', 'qwen3_moe']],
  ['gemma', ['gemma']],
  ['gemma2', ['gemma2']],
  ['gemma3', ['gemma3_text']],
  ['phi2', ['phi']],
  ['phi3', ['phi3']],
  ['starcoder2', ['starcoder2']],
  ['stablelm', ['stablelm']],
  ['command-r', ['cohere']],
  ['cohere2', ['cohere2']],
  ['deepseek', ['llama', 'qwen3_moe']],
  ['deepseek2', ['minicpm3', 'deepseek_v2']],
  ['minicpm', ['llama']],
  ['minicpm3', ['minicpm3']],
  ['olmo', ['olmo']],
  ['olmo2', ['olmo2']],
  ['olmoe', ['olmoe', 'olmoe']],
  ['granite', ['granite']],
  ['granitemoe', ['granitemoe', 'granitemoe']],
  ['gpt-oss', ['gpt_oss', 'gpt_oss']],
  ['glm4', ['glm4']],
  ['glm4moe', ['glm4_moe', 'glm4_moe']],
  ['chatglm', ['glm']],
  ['internlm2', ['llama']],
  ['baichuan', ['llama']],
  ['xverse', ['llama']],
  ['orion', ['orion']],
  ['exaone', ['llama']],
  ['exaone4', ['exaone4']],
  ['nemotron', ['nemotron']],
  ['smollm3', ['smollm3']],
  ['seed_oss', ['seed_oss']],
  ['ernie4_5', ['ernie4_5']],
  ['hunyuan-dense', ['hunyuan_v1_dense']],
  ['gptneox', ['gpt_neox']],
  ['gpt2', ['gpt2']],
  ['starcoder', ['gpt_bigcode']],
  ['falcon', ['falcon']],
  ['bloom', ['bloom']],
  ['mpt', ['mpt']],
  ['mamba', ['mamba']],
  ['mamba2', ['mamba2']],
]);

/** Keys below the architecture's name, and the fields of a config that they are. */
const FIELDS: readonly (readonly [key: string, field: string])[] = [
  ['embedding_length', 'hidden_size'],
  ['block_count', 'num_hidden_layers'],
  ['context_length', 'max_position_embeddings'],
  ['feed_forward_length', 'intermediate_size'],
  ['expert_feed_forward_length', 'moe_intermediate_size'],
  ['expert_shared_feed_forward_length', 'shared_expert_intermediate_size'],
  ['attention.head_count', 'num_attention_heads'],
  ['attention.head_count_kv', 'num_key_value_heads'],
  ['attention.key_length', 'head_dim'],
  ['attention.sliding_window', 'sliding_window'],
  ['expert_count', 'num_experts'],
  ['expert_used_count', 'num_experts_per_tok'],
  ['expert_shared_count', 'n_shared_experts'],
  ['leading_dense_block_count', 'first_k_dense_replace'],
  ['attention.q_lora_rank', 'q_lora_rank'],
  ['attention.kv_lora_rank', 'kv_lora_rank'],
  ['rope.dimension_count', 'rope_dimensions'],
  ['ssm.conv_kernel', 'conv_kernel'],
  ['ssm.inner_size', 'ssm_inner'],
  ['ssm.state_size', 'state_size'],
  ['ssm.time_step_rank', 'time_step_rank'],
  ['ssm.group_count', 'n_groups'],
];

export function readGgufModel(header: GgufHeader, source: string): ModelReading {
  const architecture = header.metadata.get('general.architecture');
  const known = typeof architecture === 'string' ? TYPES.get(architecture) : undefined;
  if (typeof architecture !== 'string' || known === undefined) {
    return unknownArchitecture(typeof architecture === 'string' ? architecture : '', source);
  }
  const tensors = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  const config = configOf(header, architecture, tensors);
  const [plain, mixture] = known;
  const isMixture = mixture !== undefined && Number(config['num_experts'] ?? 0) > 0;
  config['model_type'] = isMixture ? mixture : plain;
  const reading = readModelConfig(config, source);
  if (!reading.ok) return reading;
  const name = header.metadata.get('general.name');
  const notes = [...reading.notes, ...splitNote(header, source)];
  const model = { ...reading.model, ...(typeof name === 'string' && { name }) };
  return { ok: true, model, notes };
}

/** A config with what the metadata and the tensors say. Its keys are those of the table above. */
function configOf(
  { metadata }: GgufHeader,
  architecture: string,
  tensors: ReadonlyMap<string, StoredTensor>,
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const [key, field] of FIELDS) {
    const value = plainNumber(metadata.get(`${architecture}.${key}`));
    if (value !== undefined) config[field] = value;
  }
  const [rows] = tensors.get('token_embd.weight')?.shape ?? [];
  const vocab = rows ?? plainNumber(metadata.get(`${architecture}.vocab_size`));
  if (vocab !== undefined) config['vocab_size'] = vocab;
  if (tensors.size > 0) addFromTensors(config, tensors);
  addLatent(config, metadata, architecture);
  addStateSpace(config);
  return config;
}

/** Per layer lists name the same for each layer, or the largest stands for all. */
function plainNumber(value: GgufValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (!Array.isArray(value)) return undefined;
  const numbers = value.filter((one): one is number => typeof one === 'number');
  return numbers.length > 0 ? Math.max(...numbers) : undefined;
}

function addFromTensors(
  config: Record<string, unknown>,
  tensors: ReadonlyMap<string, StoredTensor>,
): void {
  config['tie_word_embeddings'] = !tensors.has('output.weight');
  const qkv = tensors.has('blk.0.attn_q.bias') || tensors.has('blk.0.attn_qkv.bias');
  const output = tensors.has('blk.0.attn_output.bias');
  for (const field of ['attention_bias', 'qkv_bias', 'use_qkv_bias']) config[field] = qkv;
  config['attention_out_bias'] = output;
  const up = tensors.has('blk.0.ffn_up.bias');
  for (const field of ['mlp_bias', 'use_bias', 'bias']) config[field] = up && output;
  config['use_qk_norm'] = tensors.has('blk.0.attn_q_norm.weight');
  if (tensors.has('blk.0.attn_norm_2.weight')) config['new_decoder_architecture'] = true;
  const experts =
    tensors.get('blk.0.ffn_gate_exps.weight') ?? tensors.get('blk.1.ffn_gate_exps.weight');
  // Llama's mixtures give the width of an expert as that of all.
  const width = experts?.shape[1];
  if (width !== undefined && config['moe_intermediate_size'] === undefined) {
    config['moe_intermediate_size'] = width;
  }
}

/** With the matrices absorbed, the key length of DeepSeek is that of the latent; then the `_mla` keys have the heads'. */
function addLatent(
  config: Record<string, unknown>,
  metadata: GgufHeader['metadata'],
  architecture: string,
): void {
  const rope = config['rope_dimensions'];
  if (config['kv_lora_rank'] === undefined || typeof rope !== 'number') return;
  const get = (name: string): number | undefined =>
    plainNumber(metadata.get(`${architecture}.attention.${name}_length_mla`)) ??
    plainNumber(metadata.get(`${architecture}.attention.${name}_length`));
  const [key, value] = [get('key'), get('value')];
  config['qk_rope_head_dim'] = rope;
  if (key !== undefined) config['qk_nope_head_dim'] = key - rope;
  if (value !== undefined) config['v_head_dim'] = value;
  config['n_routed_experts'] = config['num_experts'];
}

function addStateSpace(config: Record<string, unknown>): void {
  const { ssm_inner: inner, hidden_size: hidden, time_step_rank: heads } = config;
  if (typeof inner !== 'number' || typeof hidden !== 'number') return;
  config['expand'] = inner / hidden;
  config['num_heads'] = heads;
  // Mamba has no MLP: its length is 0 there.
  config['intermediate_size'] = inner;
}

function splitNote(header: GgufHeader, source: string): readonly Note[] {
  if (header.parts === 1) return [];
  return [
    { code: 'gguf-split', text: say(TEXTS, 'split', { parts: header.parts }), at: { source } },
  ];
}

function unknownArchitecture(
  architecture: string,
  source: string,
): { readonly ok: false; readonly problem: Problem } {
  const name = architecture.slice(0, 60);
  return {
    ok: false,
    problem: {
      code: 'gguf-architecture-unknown',
      what: say(TEXTS, name === '' ? 'none' : 'unknown', { name }),
      why: say(TEXTS, 'why'),
      todo: say(TEXTS, 'todo'),
      at: { source },
    },
  };
}

const TEXTS: TextTable<'unknown' | 'none' | 'why' | 'todo' | 'split'> = {
  en: {
    unknown: 'The GGUF architecture {name} is not known here.',
    none: 'The GGUF file names no architecture.',
    why: 'Without it the cache and the buffers are not known. The weights are: their table was read.',
    todo: 'Plan with the weights alone, or give the config.json of the model that was converted.',
    split: 'This is one of {parts} files: tensors of the others are not counted.',
  },
  zh: {
    unknown: '无法识别 GGUF 架构 {name}。',
    none: 'GGUF 文件没有写明架构。',
    why: '不知道架构就无法确定缓存和缓冲区。权重是已知的：张量表已读出。',
    todo: '只按权重规划，或者提供转换前模型的 config.json。',
    split: '这是 {parts} 个分片之一：其他分片中的张量未计入。',
  },
  ru: {
    unknown: 'Архитектура GGUF {name} здесь неизвестна.',
    none: 'В файле GGUF не указана архитектура.',
    why: 'Без неё неизвестны кэш и буферы. Веса известны: таблица тензоров прочитана.',
    todo: 'Планируй по одним весам или дай config.json исходной модели.',
    split: 'Это один из {parts} файлов: тензоры остальных не учтены.',
  },
};
