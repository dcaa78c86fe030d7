/**
 * TGI: a prefill of the largest batch is run first; what is free after it, less a twentieth of the card, becomes blocks.
 * Assumed from its documentation and launcher options: its source is not among the packages that were read.
 */
import { constant, largest, type Modelled, minus, plus } from '../../base/factor.ts';
import { contextBytes } from '../context.ts';
import type { Job } from '../job.ts';
import { type Card, type EnginePlan, NONE, type Stage, servingOf } from './engine.ts';
import { pagesOf } from './pages.ts';
import { forwardPeak, matmulWorkspace } from './profile.ts';
import { capacityOf, loadedWeights, outsideOf, stepPeak, wholePages } from './vllm.ts';
import { adapterSlots, servedWeights } from './weights.ts';

/** What it leaves of the card for fluctuations. */
const WIGGLE_ROOM = 0.95;

export function tgi(job: Job, card: Card, stage: Stage): EnginePlan {
  const serving = servingOf(job);
  const weights = loadedWeights(servedWeights(job, stage));
  const slots = constant(adapterSlots(job));
  const outside = outsideOf(job, card);
  const context = contextBytes();
  const workspace = constant(matmulWorkspace(card.capability));
  // Logits of the last positions, in fp32 beside their own format.
  const logits = serving.sequences * job.model.vocab * (job.width + 4);
  const profile = stepPeak(Math.max(forwardPeak(job, false), logits));
  const budget = constant(serving.fraction * WIGGLE_ROOM * card.usable);
  const used = plus(weights, slots, outside, context, workspace, profile);
  const left = serving.kvBytes === undefined ? minus(budget, used) : constant(serving.kvBytes);
  const pages = pagesOf(job, false);
  const kv = wholePages(largest(left, NONE), pages.token * (serving.page ?? 16));
  const base: readonly (readonly [string, Modelled])[] = [
    ['weights', weights],
    ['adapter-slots', slots],
    ['cuda-context', context],
    ['engine-outside', outside],
  ];
  const run: readonly (readonly [string, Modelled])[] = [...base, ['matmul-workspace', workspace]];
  return {
    moments: [
      { moment: { point: 'load', turn: 'once' }, bytes: new Map(base) },
      {
        moment: { point: 'profile', turn: 'once' },
        bytes: new Map([...run, ['profile-run', profile]]),
      },
      { moment: { point: 'kv_alloc', turn: 'once' }, bytes: new Map([...run, ['kv-pool', kv]]) },
      {
        moment: { point: 'serve', turn: 'once' },
        bytes: new Map([...run, ['kv-pool', kv], ['profile-run', profile]]),
      },
    ],
    capacity: capacityOf(kv, left, pages, serving, [{ name: 'budget', need: used, have: budget }]),
  };
}
