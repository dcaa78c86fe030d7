/**
 * One process whose layers lie on several cards (device_map="auto"): the job of each card. Passes run on one card
 * after another, so each has the transient of its own layers; outputs are moved to the first.
 *
 * Source: accelerate@1.0 utils/modeling.py (get_balanced_memory, infer_auto_device_map), hooks.py (io_same_device).
 */
import type { Model, Stack, Weight } from '../workload/model/model.ts';
import type { Job } from './job.ts';
import { baseWeights } from './static.ts';

/** Layers of each stack that a card holds. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** The jobs of `count` cards that share the weights evenly, in the order of the layers. */
export function placed(job: Job, count: number): readonly Job[] {
  if (count <= 1) return [job];
  const total = job.model.stacks.reduce((sum, { pattern }) => sum + pattern.length, 0);
  const ends = baseWeights({ ...job, weights: job.weights.filter(({ layer }) => !layer) });
  const layer = total === 0 ? 0 : (baseWeights(job) - ends) / total;
  // The ends count as layers: the table on the first card, the rest on the last.
  const extra = layer === 0 ? 0 : ends / layer;
  const first = job.model.tied ? extra : extra / 2;
  const each = (total + extra) / count;
  const cut = (card: number): number =>
    card >= count ? total : Math.min(total, Math.max(0, Math.round(card * each - first)));
  return Array.from({ length: count }, (_, card) =>
    jobOf(job, { from: cut(card), to: cut(card + 1) }, card === 0, card === count - 1),
  );
}

function jobOf(job: Job, range: Range, isFirst: boolean, isLast: boolean): Job {
  const model = modelOf(job.model, range, isLast);
  const isHere = (weight: Weight): boolean =>
    weight.layer !== undefined || (weight.role === 'embedding' ? isFirst : isLast);
  const weights = job.weights.filter(isHere).flatMap((weight): readonly Weight[] => {
    const { layer } = weight;
    if (layer === undefined) return [weight];
    const count = (weight.count * timesOf(model, layer)) / Math.max(1, timesOf(job.model, layer));
    return count === 0 ? [] : [{ ...weight, count }];
  });
  return { ...job, model, weights, ...(isFirst && !isLast ? { receivesLogits: true } : {}) };
}

function timesOf(model: Model, at: { readonly stack: number; readonly layer: number }): number {
  return model.stacks[at.stack]?.pattern.filter((kind) => kind === at.layer).length ?? 0;
}

function modelOf(model: Model, range: Range, hasHead: boolean): Model {
  let before = 0;
  const stacks = model.stacks.map((stack): Stack => {
    const from = Math.max(0, range.from - before);
    const to = Math.max(0, range.to - before);
    before += stack.pattern.length;
    return { ...stack, pattern: stack.pattern.slice(from, to) };
  });
  return hasHead ? { ...model, stacks } : { ...model, stacks, head: 'none' };
}
