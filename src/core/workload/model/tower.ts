/** The frame of multimodal models: a tower, a projector, a decoder. */
import type { Architecture, Context } from './family.ts';
import type { Fields } from './fields.ts';
import type { End, Stack } from './model.ts';
import { end } from './parts.ts';

/** A tower and what brings its tokens to the width of the decoder. */
export interface Tower {
  readonly stacks: readonly Stack[];
  readonly projector: readonly End[];
  /** Tokens of one image that the decoder gets. */
  readonly tokens_out?: number;
}

export type TowerReader = (config: Fields, context: Context, text: Architecture) => Tower;

export interface Frame {
  readonly read: TowerReader;
  /** Type of the decoder where the config does not say it. */
  readonly text: string;
  /** Module of the decoder, and the name of its head. */
  readonly module?: string;
  readonly head?: string;
}

export const widthOf = (text: Architecture): number => text.stacks.at(-1)?.hidden ?? 1;

export const hiddenOf = (stacks: readonly Stack[]): number => stacks.at(-1)?.hidden ?? 1;

/** The same stack inside another module. */
export const moved = (stack: Stack, prefix: string): Stack => ({
  ...stack,
  module: prefix + stack.module,
  ends: stack.ends.map((one) => ({ ...one, name: prefix + one.name })),
});

/** Tower, projector and decoder as one model; its head belongs to the decoder. */
export function framed(config: Fields, context: Context, frame: Frame): Architecture {
  // Older configs have the decoder's fields at the top.
  const text = config.has('text_config')
    ? context.part('text_config', frame.text)
    : context.itself(frame.text);
  const tower = frame.read(config, context, text);
  const decoder = text.stacks.at(-1);
  if (decoder === undefined) return text;
  const hasHead = context.head !== 'none';
  const tied = text.ties ?? config.flag('tie_word_embeddings', false);
  const headName = frame.head ?? 'lm_head.weight';
  const head = hasHead && !tied ? end(headName, 'head', [text.vocab, decoder.hidden]) : [];
  const inner = moved(decoder, frame.module ?? 'model.language_model.');
  const towers = tower.stacks.map((stack, i): Stack => {
    if (i < tower.stacks.length - 1) return stack;
    return {
      ...stack,
      ends: [...stack.ends, ...tower.projector],
      ...(tower.tokens_out !== undefined && { tokens_out: tower.tokens_out }),
    };
  });
  return {
    ...text,
    stacks: [...towers, { ...inner, ends: [...inner.ends, ...head] }],
    tied: hasHead && tied,
    head: hasHead ? 'vocab' : 'none',
  };
}
