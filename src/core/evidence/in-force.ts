/** Measures that a text shows to be in force, by frames or printed settings: what is on is no remedy. */
import type { Frame } from './tracebacks/frame.ts';

export type Measure =
  | 'checkpointing'
  | 'no-grad'
  | 'autocast'
  | 'zero'
  | 'zero-3'
  | 'fsdp'
  | 'eight-bit-optimizer'
  | 'expandable-segments'
  | 'batch-of-one';

interface Sign {
  readonly measure: Measure;
  readonly file?: RegExp;
  readonly function?: RegExp;
}

const SIGNS: readonly Sign[] = [
  { measure: 'checkpointing', file: /[\\/]torch[\\/]utils[\\/]checkpoint\.py$/ },
  // torch.no_grad() and inference_mode() as decorators leave this frame.
  {
    measure: 'no-grad',
    file: /[\\/]torch[\\/](?:utils[\\/]_contextlib|autograd[\\/]grad_mode)\.py$/,
    function: /decorate_context/,
  },
  // generate() of transformers runs without gradients.
  { measure: 'no-grad', file: /[\\/]transformers[\\/]generation[\\/]/ },
  // The Trainer evaluates without gradients whatever the model does.
  {
    measure: 'no-grad',
    file: /[\\/]transformers[\\/]trainer\w*\.py$/,
    function: /^(?:evaluation_loop|prediction_loop|prediction_step)$/,
  },
  { measure: 'autocast', function: /^(?:decorate_autocast|convert_to_fp32)$/ },
  { measure: 'zero', file: /[\\/]deepspeed[\\/]runtime[\\/]zero[\\/]/ },
  { measure: 'zero-3', file: /[\\/]deepspeed[\\/]runtime[\\/]zero[\\/](?:stage3|partition)/ },
  { measure: 'fsdp', file: /[\\/]torch[\\/]distributed[\\/](?:fsdp|_composable[\\/]fsdp)[\\/]/ },
  {
    measure: 'eight-bit-optimizer',
    file: /[\\/]bitsandbytes[\\/]/,
    function: /optimizer_update_8bit|update_8bit/,
  },
];

export function inForce(frames: readonly Frame[]): ReadonlySet<Measure> {
  const found = SIGNS.filter((sign) =>
    frames.some(
      (frame) =>
        (sign.file === undefined || sign.file.test(frame.file)) &&
        (sign.function === undefined || sign.function.test(frame.function ?? '')),
    ),
  );
  return new Set(found.map(({ measure }) => measure));
}

/** Settings as programs print them. The allocator's own hint ("try setting …") is no setting. */
const SETTINGS: readonly { readonly measure: Measure; readonly pattern: RegExp }[] = [
  {
    measure: 'checkpointing',
    pattern: /\b(?:gradient|activation)_checkpointing["']?\s*[=:]\s*true\b/i,
  },
  {
    measure: 'autocast',
    pattern:
      /\b(?:bf16|fp16)["']?\s*[=:]\s*true\b|\bmixed_precision["']?\s*[=:]\s*["']?(?:bf16|fp16)/i,
  },
  { measure: 'eight-bit-optimizer', pattern: /\b(?:paged_)?adamw_(?:bnb_)?8bit\b|\bAdamW8bit\b/ },
  {
    measure: 'expandable-segments',
    pattern:
      /(?<!setting )PYTORCH_(?:CUDA_|HIP_)?ALLOC_CONF["']?\]?\s*[=:]\s*["']?[^\s"']{0,80}expandable_segments:True/,
  },
  {
    measure: 'batch-of-one',
    pattern:
      /\b(?:per_device_train_batch_size|micro_batch_size|train_micro_batch_size_per_gpu)["']?\s*[=:]\s*1\b/,
  },
];

/** Measures that lines of the log state as settings. One pass over all lines. */
export function settingsOf(lines: readonly { readonly text: string }[]): ReadonlySet<Measure> {
  const found = new Set<Measure>();
  for (const { text } of lines) {
    if (!/[=:]/.test(text) || text.length > 4000) continue;
    for (const { measure, pattern } of SETTINGS) if (pattern.test(text)) found.add(measure);
  }
  return found;
}
