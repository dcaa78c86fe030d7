/** How a stack knows where its tokens stand. */
import type { Model, Stack } from './model.ts';

/** A table of positions beside the embedding, as checkpoints call it. */
const TABLE = /(?:^|[._])(?:wpe|pos_embed|position_embed|embed_positions|position_embeddings?)/;

/** Families whose scores get a bias by distance (ALiBi, the buckets of T5); Baichuan with 40 layers has ALiBi. */
const BIASED: ReadonlySet<string> = new Set(['bloom', 'mpt', 't5', 'mt5', 'umt5', 'longt5']);
const BAICHUAN_ALIBI_LAYERS = 40;

/** Queries and keys are turned by angle (rotary embedding), which makes new tensors of them. */
export function turnsQueries(model: Model, stack: Stack): boolean {
  if (BIASED.has(model.family)) return false;
  if (model.family === 'baichuan') return stack.pattern.length < BAICHUAN_ALIBI_LAYERS;
  return !stack.ends.some(({ name }) => TABLE.test(name));
}
