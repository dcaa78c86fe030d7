/** Networks as allocations see them. */
import { type Size, upTo } from '../pen.ts';
import { type Code, type Leaf, type Op, type Part, passing, saved } from './code.ts';

export const KiB: number = 2 ** 10;
export const MiB: number = 2 ** 20;
export const GiB: number = 2 ** 30;

/** One op of a forward that the user wrote: its line, the module of PyTorch it calls if any, its bytes. */
export type Line = readonly [line: number, leaf: Leaf | undefined, size: Size, kind?: 'passing'];

export interface Written {
  readonly file: string;
  readonly count: number;
  readonly lines: readonly Line[];
  readonly weights: readonly number[];
  readonly upstream: Size;
  readonly node?: string;
  readonly key?: string;
  readonly name?: string;
}

/** Blocks that the user wrote, called by `caller`. */
export function written(code: Code, caller: readonly string[], net: Written): readonly Part[] {
  const { file, count, lines, weights, upstream, node = 'AddmmBackward0', key = 'b' } = net;
  const name = net.name ?? 'forward';
  const ops: readonly Op[] = lines.map(([line, leaf, size, kind]) => {
    const stack = code.op([...caller, ...code.call(`${file}:${line} in ${name}`)], leaf);
    return kind === 'passing' ? passing(stack, size) : saved(stack, size);
  });
  return upTo(count).map((i) => ({ key: `${key}${i}`, ops, weights, node, upstream }));
}

export interface Llama {
  readonly count: number;
  /** Bytes of one hidden state. */
  readonly hidden: number;
  readonly weights: readonly number[];
  readonly key?: string;
  /** Without it, each size is the same each time. */
  readonly vary?: (size: number) => Size;
}

/** Decoder layers of transformers' Llama. */
export function llama(code: Code, caller: readonly string[], net: Llama): readonly Part[] {
  const { count, hidden, weights, key = 'l', vary = Math.floor } = net;
  const file = 'transformers/models/llama/modeling_llama.py';
  const layer = (line: number): readonly string[] => [
    ...caller,
    ...code.call(...code.lib(`${file}:594 in forward`)),
    ...code.call(...code.lib(`${file}:551 in forward`)),
    ...code.call(...code.lib(`${file}:${line} in forward`)),
  ];
  const attention = (line: number): readonly string[] => [
    ...layer(309),
    ...code.call(...code.lib(`${file}:${line} in forward`)),
  ];
  const mlp = [...layer(324), ...code.call(...code.lib(`${file}:162 in forward`))];
  const sdpa = code.lib('transformers/integrations/sdpa_attention.py:54 in sdpa_attention_forward');
  const norm = code.call(...code.lib(`${file}:73 in forward`));
  const wide = (hidden * 11) / 4;
  const ops: readonly Op[] = [
    passing(code.op([...layer(306), ...norm]), vary(hidden * 2)),
    saved(code.op([...layer(306), ...norm]), vary(hidden)),
    saved(code.op(attention(252), 'linear'), vary(hidden)),
    saved(code.op(attention(253), 'linear'), vary(hidden / 4)),
    saved(code.op(attention(254), 'linear'), vary(hidden / 4)),
    saved(code.op([...attention(275), ...sdpa]), vary(hidden)),
    saved(code.op([...attention(275), ...sdpa]), 96 * KiB),
    saved(code.op(attention(288), 'linear'), vary(hidden)),
    saved(code.op([...layer(323), ...norm]), vary(hidden)),
    saved(code.op(mlp, 'linear'), vary(wide)),
    saved(
      code.op([...mlp, ...code.call(...code.lib('torch/nn/modules/activation.py:432 in forward'))]),
      vary(wide),
    ),
    saved(code.op(mlp, 'linear'), vary(wide)),
    saved(code.op(mlp, 'linear'), vary(hidden)),
  ];
  return upTo(count).map((i) => ({
    key: `${key}${i}`,
    ops,
    weights,
    node: 'MmBackward0',
    upstream: vary(hidden),
  }));
}

/** From the user's call of `trainer.train()` down to the model. */
export const trainerStep = (code: Code, user: readonly string[]): readonly string[] => [
  ...user,
  ...code.lib(
    'transformers/trainer.py:2245 in train',
    'transformers/trainer.py:2560 in _inner_training_loop',
    'transformers/trainer.py:3736 in training_step',
    'transformers/trainer.py:3801 in compute_loss',
    ...['818 in forward', '806 in __call__'].map((at) => `accelerate/utils/operations.py:${at}`),
    'torch/amp/autocast_mode.py:44 in decorate_autocast',
  ),
];

/** Down to the optimizer that accelerate wraps. */
export const trainerOptimizer = (code: Code, user: readonly string[]): readonly string[] => [
  ...user,
  ...code.lib(
    'transformers/trainer.py:2245 in train',
    'transformers/trainer.py:2627 in _inner_training_loop',
    'accelerate/optimizer.py:178 in step',
    'torch/optim/lr_scheduler.py:124 in wrapper',
  ),
];

/** Down to a callback. */
export const trainerCallback = (
  code: Code,
  user: readonly string[],
  event: string,
): readonly string[] => [
  ...user,
  ...code.lib(
    'transformers/trainer.py:2245 in train',
    'transformers/trainer.py:2639 in _inner_training_loop',
    `transformers/trainer_callback.py:557 in ${event}`,
    'transformers/trainer_callback.py:567 in call_event',
  ),
];

/**
 * Lightning runs `training_step` and the backward within `optimizer.step(closure)`: everything of a step has
 * the optimizer's frames above it.
 */
export const lightningClosure = (code: Code, user: readonly string[]): readonly string[] => [
  ...lightningOptimizer(code, user),
  ...code.lib(
    'torch/optim/adamw.py:197 in step',
    'torch/utils/_contextlib.py:116 in decorate_context',
  ),
  ...code.lib(
    ...[
      'plugins/precision/precision.py:108 in _wrap_closure',
      'loops/optimization/automatic.py:146 in __call__',
      'loops/optimization/automatic.py:131 in closure',
      'loops/optimization/automatic.py:319 in _training_step',
      'trainer/call.py:323 in _call_strategy_hook',
      'strategies/strategy.py:391 in training_step',
    ].map((at) => `lightning/pytorch/${at}`),
  ),
];

export const lightningFit = (code: Code, user: readonly string[]): readonly string[] => [
  ...user,
  ...code.lib(
    ...[
      'trainer/trainer.py:539 in fit',
      'trainer/call.py:47 in _call_and_handle_interrupt',
      'trainer/trainer.py:575 in _fit_impl',
      'trainer/trainer.py:982 in _run',
      'trainer/trainer.py:1026 in _run_stage',
      'loops/fit_loop.py:216 in run',
      'loops/fit_loop.py:455 in advance',
      'loops/training_epoch_loop.py:150 in run',
    ].map((at) => `lightning/pytorch/${at}`),
  ),
];

export const lightningOptimizer = (code: Code, user: readonly string[]): readonly string[] => [
  ...lightningFit(code, user),
  ...code.lib(
    ...[
      'loops/training_epoch_loop.py:320 in advance',
      'loops/optimization/automatic.py:192 in run',
      'loops/optimization/automatic.py:270 in _optimizer_step',
      'trainer/call.py:171 in _call_lightning_module_hook',
      'core/module.py:1302 in optimizer_step',
      'core/optimizer.py:154 in step',
      'strategies/strategy.py:239 in optimizer_step',
      'plugins/precision/precision.py:123 in optimizer_step',
    ].map((at) => `lightning/pytorch/${at}`),
    'torch/optim/optimizer.py:493 in wrapper',
  ),
];

export const lightningValidation = (code: Code, user: readonly string[]): readonly string[] => [
  ...lightningFit(code, user),
  ...code.lib(
    ...[
      'loops/training_epoch_loop.py:340 in on_advance_end',
      'loops/utilities.py:179 in _decorator',
      'loops/evaluation_loop.py:145 in run',
      'loops/evaluation_loop.py:437 in _evaluation_step',
      'trainer/call.py:323 in _call_strategy_hook',
      'strategies/strategy.py:412 in validation_step',
    ].map((at) => `lightning/pytorch/${at}`),
  ),
];
