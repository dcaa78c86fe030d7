/**
 * SGLang: weights and cache together take a fixed share of what was free before loading; activations and graphs find
 * their place in the rest, which nothing checks. Source: sglang@0.5.5:srt/server_args.py (_handle_gpu_memory_settings),
 * srt/model_executor/model_runner.py (profile_max_num_token).
 */
import {
  constant,
  type Factor,
  largest,
  type Modelled,
  minus,
  ofFactor,
  plus,
} from '../../base/factor.ts';
import { contextBytes } from '../context.ts';
import { bytes, ratio } from '../inputs.ts';
import type { Job, Serving } from '../job.ts';
import {
  type Card,
  type EnginePlan,
  GiB,
  MiB,
  mapped,
  NONE,
  type Stage,
  servingOf,
} from './engine.ts';
import { pagesOf } from './pages.ts';
import { forwardPeak, matmulWorkspace } from './profile.ts';
import { loadedWeights, outsideOf, servedBy, stepPeak, wholePages } from './vllm.ts';
import { adapterSlots, servedWeights } from './weights.ts';
import { profileWorked } from './worked.ts';

const GRAPH: Factor = {
  name: 'engine_graph_of_sequence',
  low: 0.5 * MiB,
  mid: 2 * MiB,
  high: 4 * MiB,
  unit: 'bytes',
  source: 'sglang@0.5.5: reserves 2 MiB for each sequence of the largest captured batch',
};

/** Tokens that its cache must hold: input and output of a request have to be above 0 (srt/managers/tp_worker.py). */
const LEAST = 7;

export function sglang(job: Job, card: Card, stage: Stage): EnginePlan {
  const serving = servingOf(job);
  const weights = loadedWeights(servedWeights(job, stage));
  const slots = constant(adapterSlots(job));
  const outside = outsideOf(job, card);
  const context = contextBytes();
  // Groups of ranks are made before the free memory is read.
  const free = minus(constant(card.usable), plus(context, outside));
  const fixed = mapped(free, (bytes) => bytes * serving.fraction);
  const left = minus(fixed, plus(weights, slots));
  const pages = pagesOf({ ...job, serving: { ...serving, page: serving.page ?? 1 } }, false);
  const kv = wholePages(largest(left, NONE), pages.token);
  const serves = servedBy(kv, pages, serving);
  const table = mapped(kv, (bytes) => requestTable(serving, bytes / pages.token));
  const workspace = constant(matmulWorkspace(card.capability));
  const logits = serving.sequences * job.model.vocab * (job.width + 4 + 4);
  const forward = forwardPeak(job, false);
  const profile = stepPeak(Math.max(forward, logits));
  const graphs = serving.graphs
    ? mapped(ofFactor(GRAPH), (bytes) => bytes * serving.sequences)
    : NONE;
  const base: readonly (readonly [string, Modelled])[] = [
    ['weights', weights],
    ['adapter-slots', slots],
    ['cuda-context', context],
    ['engine-outside', outside],
  ];
  const served: readonly (readonly [string, Modelled])[] = [
    ...base,
    ['kv-pool', kv],
    ['request-table', table],
    ['matmul-workspace', workspace],
  ];
  const all = plus(weights, slots, context, outside, kv, table, workspace, profile, graphs);
  return {
    moments: [
      { moment: { point: 'load', turn: 'once' }, bytes: new Map(base) },
      { moment: { point: 'kv_alloc', turn: 'once' }, bytes: new Map(served) },
      {
        moment: { point: 'capture', turn: 'once' },
        bytes: new Map([...served, ['cuda-graphs', graphs]]),
      },
      {
        moment: { point: 'serve', turn: 'once' },
        bytes: new Map([...served, ['cuda-graphs', graphs], ['profile-run', profile]]),
      },
    ],
    capacity: {
      ...serves,
      // srt/managers/tp_worker.py: max_req_len = min(context_len - 1, max_total_num_tokens - 1).
      longestRequest: mapped(serves.kvTokens, (tokens) =>
        Math.max(0, Math.min(serving.context, tokens) - 1),
      ),
      conditions: [
        { name: 'budget', need: plus(weights, slots, constant(LEAST * pages.token)), have: fixed },
        { name: 'card', need: all, have: constant(card.usable) },
      ],
    },
    worked: new Map([
      [
        'kv-pool',
        {
          formula: 'floor((fraction × free − weights) / token) × token',
          inputs: {
            fraction: ratio(serving.fraction),
            free: bytes(free.at(new Map())),
            weights: bytes(plus(weights, slots).at(new Map())),
            token: bytes(pages.token),
          },
        },
      ],
      profileWorked(forward, logits),
    ]),
  };
}

/**
 * Where each token of each request lies: rows of 32-bit integers, as long as the longest sequence and four more.
 * Source: sglang@0.5.5:srt/model_executor/model_runner.py (init_memory_pool). Bytes.
 * @param tokens that the cache holds
 */
function requestTable({ requests, context }: Serving, tokens: number): number {
  const usual = Math.min(Math.max(Math.floor((tokens / context) * 512) || 0, 2048), 4096);
  return ((requests ?? usual) + 1) * (context + 4) * 4;
}

/** Prefill chunk and largest captured batch by the memory of the card. MiB below which a row holds. */
const TIERS: readonly (readonly [below: number, chunk: number, few: number, many: number])[] = [
  [20 * 1024, 2048, 8, 8],
  [35 * 1024, 2048, 24, 80],
  [60 * 1024, 4096, 32, 160],
  [160 * 1024, 8192, 256, 512],
  [Number.POSITIVE_INFINITY, 16384, 512, 512],
];

/** What SGLang plans with unless told otherwise: the share follows from what it sets aside. */
export function sglangDefaults(
  card: Card,
  about: { tensor: number; pipeline: number; chunk?: number },
): Pick<Serving, 'fraction' | 'batchedTokens' | 'sequences' | 'graphs'> {
  const total = card.usable / MiB;
  const [, tierChunk, few, many] = TIERS.find(([below]) => total < below) ?? [0, 8192, 256, 512];
  const chunk = about.chunk ?? tierChunk;
  const sequences = about.tensor < 4 ? few : many;
  let reserved = 512 + Math.max(chunk, 2048) * 1.5 + sequences * 2;
  reserved += ((about.tensor * about.pipeline) / 8) * 1024;
  if (card.usable > 60 * GiB) reserved = Math.max(reserved, 10 * 1024);
  const fraction = Math.round(((total - reserved) / total) * 1000) / 1000;
  return { fraction, batchedTokens: chunk, sequences, graphs: true };
}
