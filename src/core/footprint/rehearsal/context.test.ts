/** What attention needs beside a rank's own tokens. */
import { expect, test } from 'vitest';
import { type Context, inContext } from './context.ts';
import { type ByKind, Rehearsal, type Tensor } from './rehearsal.ts';

const sum = (of: ByKind): number => of.reduce((a, b) => a + b, 0);

interface Seen {
  /** Live bytes beside queries, keys and values. */
  readonly inAttention: number;
  readonly inItsBackward: number;
  readonly afterForward: number;
  readonly left: number;
  readonly pairs: number;
}

const [ROWS, HEADS, PAIRS, DIM, WIDTH] = [1024, 16, 4, 64, 2];
const [Q, K] = [ROWS * HEADS * DIM, ROWS * PAIRS * DIM];
const OWN = (Q + 2 * K) * WIDTH;

function seen(context: Context, needsGrad = true): Seen {
  const r = new Rehearsal(needsGrad);
  const tensor = (elements: number): Tensor => r.tensor(elements, WIDTH, needsGrad);
  const inputs = [tensor(Q), tensor(K), tensor(K)] as const;
  let [inAttention, inItsBackward, pairs] = [0, 0, 0];
  const result = inContext(r, context, inputs, PAIRS, (q, k, v, kvHeads) => {
    const out = r.tensor(q.elements, WIDTH, needsGrad);
    inAttention = sum(r.live) - OWN;
    pairs = kvHeads;
    r.record(out, [q.storage, k.storage, v.storage, out.storage], () => {
      inItsBackward = sum(r.live) - OWN;
      for (const one of [q, k, v]) r.accumulate(one, r.allocate(one.elements * WIDTH));
    });
    return out;
  });
  const afterForward = sum(r.live) - OWN;
  if (needsGrad) {
    result.grad = r.allocate(result.elements * WIDTH);
    r.backward();
  }
  r.release(result, ...inputs);
  return { inAttention, inItsBackward, afterForward, left: sum(r.live), pairs };
}

test('gathered keys and values of all ranks are there while attention runs, and no longer', () => {
  for (const ranks of [2, 4, 8]) {
    const of = seen({ ranks, way: 'gather' });
    expect(of.inAttention).toBe(ranks * 2 * K * WIDTH + Q * WIDTH);
    // Of attention itself the result is left.
    expect(of.afterForward).toBe(Q * WIDTH);
    // The result and its gradient; gathered pairs; sums of gradients in fp32, those of pairs three times.
    const sums = 4 * (Q + 3 * 2 * K);
    expect(of.inItsBackward).toBe(2 * Q * WIDTH + ranks * 2 * K * WIDTH + sums);
    // Gradients of the inputs are what remains.
    expect(of.left).toBe(OWN);
  }
});

test('a pass without gradients leaves nothing behind', () => {
  for (const way of ['gather', 'heads'] as const) {
    expect(seen({ ranks: 4, way }, false).left).toBe(0);
  }
});

test('tokens are exchanged for heads: as much as before, and the result once more', () => {
  const of = seen({ ranks: 4, way: 'heads' });
  expect(of.pairs).toBe(PAIRS);
  // Exchanged queries, keys and values, what attention gave, and what went back.
  expect(of.afterForward).toBe(OWN + 2 * Q * WIDTH);
  expect(of.left).toBe(OWN);
});

test('keys and values are repeated until there is a head for each rank', () => {
  const of = seen({ ranks: 16, way: 'heads' });
  expect(of.pairs).toBe(16);
  expect(of.afterForward).toBe((Q + 4 * 2 * K) * WIDTH + 2 * Q * WIDTH);
  expect(of.left).toBe(OWN);
});
