/**
 * Attention over a sequence that context-parallel ranks divide: what a rank needs beside its own tokens.
 *
 * Sources: pytorch/pytorch@0123248a484ffe531edb5098b986c1bac08cd296:torch/distributed/tensor/experimental/_attention.py
 * (_templated_ring_attention and its backward, _AllGatherRotater, _SDPAMerger in fp32, which are the defaults);
 * verl: models/transformers/monkey_patch.py (_ulysses_flash_attention_forward: keys and values repeated until there is a
 * head for each rank, all-to-all before and after attention).
 */
import type { Rehearsal, Storage, Tensor } from './rehearsal.ts';

/** How context-parallel ranks come to the tokens of the others. */
export interface Context {
  readonly ranks: number;
  /** Keys and values of all are gathered; or each rank gets all tokens of a part of the heads (Ulysses). */
  readonly way: 'gather' | 'heads';
}

/** Attention as a function of queries, keys and values, with so many heads of the latter. */
type Attend = (query: Tensor, key: Tensor, value: Tensor, kvHeads: number) => Tensor;

/** Takes no inputs over: who gave them releases them. */
export function inContext(
  r: Rehearsal,
  { ranks, way }: Context,
  inputs: readonly [query: Tensor, key: Tensor, value: Tensor],
  kvHeads: number,
  attend: Attend,
): Tensor {
  return way === 'gather'
    ? whileGathered(r, ranks, inputs, kvHeads, attend)
    : byHeads(r, ranks, inputs, kvHeads, attend);
}

/** In fp32: the result so far, that of a block, their difference and its weighted form. */
const MERGING = 4 * 4;

/** Blocks of all ranks one after another; their results and gradients are added up in fp32. */
function whileGathered(
  r: Rehearsal,
  ranks: number,
  [query, key, value]: readonly [Tensor, Tensor, Tensor],
  kvHeads: number,
  attend: Attend,
): Tensor {
  const pairs = key.elements + value.elements;
  const own = pairs * key.width;
  const gather = (): Storage => {
    const joined = r.allocate(own);
    const all = r.allocate(own * ranks);
    r.drop(joined);
    return all;
  };
  const there: Storage[] = [];
  // Hooks run in reverse: this one when attention's backward pass is through.
  const hasGraph = query.needsGrad || key.needsGrad || value.needsGrad;
  if (hasGraph) r.hook(() => r.drop(...there.splice(0)));
  const all = gather();
  const result = attend(query, key, value, kvHeads);
  r.touch(MERGING * result.elements);
  r.drop(all);
  if (hasGraph)
    r.hook(() => {
      // Sums of the gradients, and those of keys and values joined and on their way round.
      for (const elements of [query.elements, pairs, pairs, pairs])
        there.push(r.allocate(4 * elements));
      there.push(gather());
    });
  return result;
}

/** All tokens of a part of the heads: as many elements, of other tokens. */
function byHeads(
  r: Rehearsal,
  ranks: number,
  [query, key, value]: readonly [Tensor, Tensor, Tensor],
  kvHeads: number,
  attend: Attend,
): Tensor {
  const times = Math.max(1, Math.floor(ranks / kvHeads));
  const moved = [
    exchanged(r, query, 1),
    exchanged(r, key, times),
    exchanged(r, value, times),
  ] as const;
  const whole = attend(...moved, kvHeads * times);
  r.release(...moved);
  const result = exchanged(r, whole, 1);
  r.release(whole);
  return result;
}

/** What comes of an all-to-all; the copy that is sent goes at once, forth as back. */
function exchanged(r: Rehearsal, x: Tensor, times: number): Tensor {
  const elements = x.elements * times;
  const sent = r.allocate(elements * x.width);
  const got = r.tensor(elements, x.width, x.needsGrad);
  r.drop(sent);
  r.record(got, [], () => {
    const back = r.allocate(elements * x.width);
    const grad = r.allocate(x.elements * x.width);
    r.drop(back);
    r.accumulate(x, grad);
  });
  return got;
}
