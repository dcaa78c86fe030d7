/**
 * Settings as texts print them, whatever the syntax: `--key value`, `key=value`, `"key": value`,
 * `key: value`, `KEY=value`. What a key means is a dialect's business.
 */
import type { Line } from './text/dress.ts';

export interface Assignment {
  readonly key: string;
  /** Without quotes; "true" for a flag that stands alone. */
  readonly value: string;
  readonly line: number;
}

const LONGEST_LINE = 4000;
/** A job has some hundreds of settings; a metric that is logged with each step is none. */
const MOST = 4000;

const KEY = String.raw`[A-Za-z][\w.-]{1,60}`;
/** The last but one is an option of Rust: `max_input_length: Some(1024)`. */
const VALUE = String.raw`"[^"\n]{0,120}"|'[^'\n]{0,120}'|Some\([^()\n]{1,60}\)|[^\s,;(){}[\]"'=\x60]{1,120}(?![^\s,;(){}[\]"'=\x60])`;

/**
 * `key=value`, `key = value`, `key: value`, with or without quotes around the key, also
 * `os.environ["KEY"] = "value"`. In
 * `llama_context: n_ctx = 8192` the first word is the speaker, not a key.
 */
const PAIR = new RegExp(
  String.raw`(?<![\w.-])["']?(${KEY})["']?\]?\s{0,24}[=:]\s{0,8}(${VALUE})(?!\s{0,24}=)`,
  'g',
);
/** `--key value`, `--key=value`, `--flag`, `-ngl 99`. */
const OPTION = new RegExp(
  String.raw`(?<!\S)(--?${KEY}|-[a-z])(?:[= ]\s{0,8}(?!-{1,2}[A-Za-z])(${VALUE}))?(?=\s|$|['",\])])`,
  'g',
);
/** Calls: `pipe.enable_vae_tiling()`, `model.gradient_checkpointing_enable()`. */
const CALL = /\.((?:enable|disable|set|use)_\w{3,60}|\w{3,60}_enable)\(/g;

/** `micro_batch_size ........ 4`, as Megatron and DeepSpeed list what they were given. */
const DOTTED = /(?:^|[\]:])\s{1,8}([a-z]\w{2,60}) \.{2,60} (\S{1,60})\s*$/;
/** DeepSpeed's list where a name leaves no room for dots. */
const LISTED = /:print\]\s{1,8}([a-z]\w{20,60})\s\s(\S{1,60})\s*$/;

/** Sentences in which the trainers of Hugging Face and Unsloth print a setting. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/\bbatch size per device = ([\d,]{1,9})/i, 'per_device_train_batch_size'],
  [/\bGradient Accumulation steps = (\d{1,6})/i, 'gradient_accumulation_steps'],
];

/**
 * Lines of a model's own configuration. What its checkpoint was saved in is not what it is loaded in,
 * and what its author left off is not what the trainer leaves off. A printed tensor has a dtype, too.
 */
const OF_MODEL =
  /^\s*"(?:torch_)?dtype"\s*:|^\s*"gradient_checkpointing"\s*:\s*false|\btensor\(|\], dtype=/;

/** The allocator's hint and other advice name settings that are not set. */
const ADVICE =
  /\btry setting\b|\bto avoid fragmentation|\bconsider (?:setting|using)|\btry (?:reducing|increasing|decreasing|lowering|raising)|\byou (?:can|may|need to|should)\b|\bplease (?:set|use|try)\b|\bPlease specify\b/i;

/** All assignments of the lines, in order. */
export function assignmentsIn(lines: readonly Line[]): Assignment[] {
  const found: Assignment[] = [];
  for (const { text, raw = text, number } of lines) {
    if (found.length >= MOST) break;
    if (
      text.length > LONGEST_LINE ||
      !/[=:]|(?:^|\s)-|\.\w+\(| \.{2,}/.test(raw) ||
      ADVICE.test(text) ||
      OF_MODEL.test(text)
    )
      continue;
    for (const match of text.matchAll(OPTION)) put(match[1], match[2] ?? 'true', number);
    for (const match of text.matchAll(PAIR)) put(match[1], match[2], number);
    for (const match of text.matchAll(CALL)) put(match[1], 'true', number);
    const listed = DOTTED.exec(text) ?? LISTED.exec(raw);
    put(listed?.[1], listed?.[2], number);
    for (const [pattern, key] of SENTENCES) {
      put(key, pattern.exec(text)?.[1]?.replaceAll(',', ''), number);
    }
  }
  return found;

  function put(key: string | undefined, quoted: string | undefined, line: number): void {
    if (key === undefined || quoted === undefined) return;
    const bare = quoted.replace(/^Some\((.*)\)$/, '$1');
    const value = bare.replace(/^(["'])(.*)\1$/, '$2').replace(/[.:]+$/, '');
    found.push({ key, value, line });
    // PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True,max_split_size_mb:128
    for (const [, inner, set] of value.matchAll(/([A-Za-z_]{4,40}):([\w.]{1,20})/g)) {
      if (inner !== undefined && set !== undefined) found.push({ key: inner, value: set, line });
    }
  }
}

/** A version as a text prints it. */
export interface PrintedVersion {
  readonly package: string;
  readonly version: string;
}

const PACKAGES =
  'torch|pytorch|transformers|trl|peft|accelerate|deepspeed|datasets|tokenizers|bitsandbytes|diffusers|lightning|pytorch-lightning|axolotl|llamafactory|torchtune|torchtitan|unsloth|vllm|sglang|jax|jaxlib|tensorflow|flash-attn|flash_attn|xformers|ultralytics|onnxruntime-gpu|paddlepaddle-gpu|verl|openrlhf|megatron-core|liger-kernel|llama-cpp-python|tensorrt[-_]llm|tensorrt|lmdeploy';

/** Other names of a package with the same versions. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['pytorch', 'torch'],
  ['pytorch-lightning', 'lightning'],
]);

const VERSION = new RegExp(
  String.raw`(?<![\w/.-])(${PACKAGES})(?:==|[ -]?(?:version|v)?["']?[ :=]{1,3}["']?v?|[ @]v?)(\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)`,
  'gi',
);

/** Versions that lines print: pip's lists, a trainer's "Framework versions", an engine's first line. */
export function versionsIn(lines: readonly Line[]): PrintedVersion[] {
  const found = new Map<string, string>();
  for (const { text } of lines) {
    if (text.length > LONGEST_LINE || !/\d\.\d/.test(text)) continue;
    for (const [, name = '', version = ''] of text.matchAll(VERSION)) {
      const lower = name.toLowerCase().replaceAll('_', '-');
      const plain = ALIASES.get(lower) ?? lower;
      if (!found.has(plain)) found.set(plain, version);
    }
    const engine =
      /\b(?:engine \(v|vLLM API server version )(\d{1,3}\.\d{1,4}(?:\.\d{1,4})?)/i.exec(text)?.[1];
    if (engine !== undefined && !found.has('vllm')) found.set('vllm', engine);
  }
  return [...found].map(([name, version]) => ({ package: name, version }));
}
