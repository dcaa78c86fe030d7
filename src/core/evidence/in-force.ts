/** Measures that the frames of a traceback show to be in force: what is already on is no remedy. */
import type { Frame } from './tracebacks/frame.ts';

export type Measure =
  | 'checkpointing'
  | 'no-grad'
  | 'autocast'
  | 'zero'
  | 'zero-3'
  | 'fsdp'
  | 'eight-bit-optimizer';

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
