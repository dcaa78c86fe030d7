/**
 * TGI: a prefill of the largest batch is run first, with its cache; of what is free after it 95 % becomes blocks too.
 * Source: text-generation-inference, server/text_generation_server/models/flash_causal_lm.py (warmup),
 * utils/import_utils.py (get_cuda_free_memory).
 */
import { constant, largest, type Modelled, minus, plus } from '../../base/factor.ts';
import { contextBytes } from '../context.ts';
import type { Job } from '../job.ts';
import { type Card, type EnginePlan, mapped, NONE, type Stage, servingOf } from './engine.ts';
import { pagesOf } from './pages.ts';
import { forwardPeak, matmulWorkspace } from './profile.ts';
import { capacityOf, loadedWeights, outsideOf, stepPeak, wholePages } from './vllm.ts';
import { adapterSlots, servedWeights } from './weights.ts';
import { profileWorked } from './worked.ts';

/** Share of the free memory that becomes blocks. */
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
  const forward = forwardPeak(job, false);
  const profile = stepPeak(Math.max(forward, logits));
  const budget = constant(serving.fraction * card.usable);
  const used = plus(weights, slots, outside, context, workspace, profile);
  const pages = pagesOf(job, false);
  const batch = constant(pages.sequence(serving.batchedTokens));
  const free = minus(budget, plus(used, batch));
  const left =
    serving.kvBytes === undefined
      ? plus(
          batch,
          mapped(free, (bytes) => bytes * WIGGLE_ROOM),
        )
      : constant(serving.kvBytes);
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
    capacity: capacityOf(kv, left, pages, serving, [
      { name: 'budget', need: plus(used, batch), have: budget },
    ]),
    worked: new Map([profileWorked(forward, logits)]),
  };
}
