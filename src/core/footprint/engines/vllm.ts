/**
 * vLLM: a share of the card is asked for; a profile run finds what a forward pass needs; the rest becomes pages.
 *
 *     cache = fraction × usable − (weights + profile run + what lies outside the pool) [− graphs, 0.21 and later]
 *
 * Graphs of earlier versions come on top of the share. Sources: vllm@0.6.6, 0.8.5:worker/worker.py; vllm@0.11.0,
 * 0.33.0:v1/worker/gpu_worker.py (determine_available_memory), engine/arg_utils.py (defaults by card).
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
import type { Job, Serving } from '../job.ts';
import {
  type Capacity,
  type Card,
  type EnginePlan,
  GiB,
  isFrom,
  MiB,
  mapped,
  NONE,
  type Stage,
  servingOf,
} from './engine.ts';
import { type Pages, pagesOf } from './pages.ts';
import { forwardPeak, matmulWorkspace, samplerPeak } from './profile.ts';
import { adapterSlots, servedWeights } from './weights.ts';
import { poolWorked, profileWorked } from './worked.ts';

/** Kernels that load and libraries that start while the model does, the context left out. */
const OUTSIDE: Factor = {
  name: 'engine_outside',
  low: 0,
  mid: 0.08 * GiB,
  high: 0.25 * GiB,
  unit: 'bytes',
  source: 'logs of vLLM 0.6-0.8 on one card before Hopper: 0.01-0.23 GiB outside the pool',
};

const OUTSIDE_HOPPER: Factor = {
  name: 'engine_outside_hopper',
  low: 0.08 * GiB,
  mid: 0.13 * GiB,
  high: 0.25 * GiB,
  unit: 'bytes',
  source: 'logs of vLLM 0.8-0.11 on an H100: 0.13-0.16 GiB outside the pool',
};

/**
 * Communicators and the buffers of the custom all-reduce over NVLink, by ranks. Published as `non_torch_memory` of vLLM
 * less that of one rank: 0.54 GiB with 2 (H100), 1.39 with 4 (80 GB cards), 2.1 with 8 (A100 40 GB).
 */
const LINKED: readonly (readonly [ranks: number, gib: number])[] = [
  [1, 0],
  [2, 0.41],
  [4, 1.26],
  [8, 1.97],
];

const COLLECTIVES: Factor = {
  name: 'engine_collectives',
  low: 0.6,
  mid: 1,
  high: 1.5,
  unit: 'ratio',
  source: 'logs of vLLM 0.6-0.11 with 2, 4 and 8 ranks over NVLink',
};

const UNLINKED: Factor = {
  name: 'engine_collectives_pcie',
  low: 0.02 * GiB,
  mid: 0.1 * GiB,
  high: 0.3 * GiB,
  unit: 'bytes',
  source: 'logs of vLLM on GeForce cards: 0.2-0.33 GiB outside the pool with 2 to 16 ranks',
};

/** Between two rows of the table in the logarithm of the ranks; beyond it, as the last row. */
function linkedBytes(ranks: number): number {
  let [below, least] = LINKED[0] ?? [1, 0];
  for (const [above, most] of LINKED) {
    if (ranks <= above) {
      const part = above === below ? 0 : Math.log2(ranks / below) / Math.log2(above / below);
      return (least + (most - least) * part) * GiB;
    }
    [below, least] = [above, most];
  }
  return least * GiB;
}

/** What loaders leave beside the weights: buffers, padding of kernels, a tensor that was cast. */
const LOADED: Factor = {
  name: 'engine_weights',
  low: 0.98,
  mid: 1,
  high: 1.02,
  unit: 'ratio',
  source: 'assumed: padded rows, scales, tables that are made in a wider format',
};

/** Small tensors of a step that are not listed: positions, slots, masks, metadata of attention. */
const STEP: Factor = {
  name: 'engine_step',
  low: 0.98,
  mid: 1,
  high: 1.06,
  unit: 'ratio',
  source: 'assumed: positions, slots and metadata; blocks of 512 bytes',
};

export const loadedWeights = (bytes: number): Modelled =>
  mapped(ofFactor(LOADED), (ratio) => Math.round(ratio * bytes));

export const stepPeak = (bytes: number): Modelled =>
  mapped(ofFactor(STEP), (ratio) => Math.round(ratio * bytes));

const GRAPH: Factor = {
  name: 'engine_graph',
  low: 2 * MiB,
  mid: 8 * MiB,
  high: 24 * MiB,
  unit: 'bytes',
  source: 'logs of vLLM: 0.1-1.0 GiB for 35 to 67 captured sizes; issue 50780: 24 MiB a size',
};

/** True for the engine that profiles with random logits of `max_num_seqs` rows apart from the forward pass. */
export function isV1(serving: Serving, capability: number | undefined): boolean {
  if (serving.generation !== undefined) return serving.generation === 'v1';
  if (isFrom(serving.version, '0.11')) return true;
  return isFrom(serving.version, '0.8') && (capability ?? 8) >= 8;
}

/** Cards of data centres, whose ranks talk over NVLink. */
const isLinked = ({ name }: Card): boolean =>
  !/RTX|GeForce|\bT4\b|\bL4\b|A10\b|A10G|GTX|TITAN/i.test(name);

export function outsideOf(job: Job, card: Card): Modelled {
  const { tensor, pipeline } = job.parallel;
  const ranks = tensor * pipeline;
  const alone = ofFactor((card.capability ?? 8) >= 9 ? OUTSIDE_HOPPER : OUTSIDE);
  if (ranks === 1) return alone;
  const collectives = isLinked(card)
    ? mapped(ofFactor(COLLECTIVES), (ratio) => ratio * linkedBytes(ranks))
    : mapped(ofFactor(UNLINKED), (bytes) => bytes * Math.log2(ranks));
  return plus(alone, collectives);
}

/** Batch sizes that are captured: 1, 2, 4 and each eighth one; V1 goes to twice the sequences, at most 512. */
function capturedSizes(serving: Serving, v1: boolean): number {
  if (!serving.graphs) return 0;
  const most = v1 ? Math.min(512, serving.sequences * 2) : Math.min(256, serving.sequences);
  return most < 8 ? Math.ceil(Math.log2(most + 1)) : 3 + Math.floor(most / 8);
}

export function vllm(job: Job, card: Card, stage: Stage): EnginePlan {
  const serving = servingOf(job);
  const v1 = isV1(serving, card.capability);
  const hidden = decoderWidth(job);
  const weights = loadedWeights(servedWeights(job, stage));
  const slots = constant(adapterSlots(job));
  const workspace = matmulWorkspace(card.capability);
  const forward = forwardPeak(job, v1 && serving.graphs);
  const sampler = stage.isLast && job.model.head === 'vocab' ? samplerPeak(job, hidden, v1) : 0;
  const profile = stepPeak(Math.max(forward, sampler));
  const outside = outsideOf(job, card);
  const graphs = mapped(ofFactor(GRAPH), (bytes) => bytes * capturedSizes(serving, v1));
  const requested = constant(serving.fraction * card.usable);
  const beyond = constant(serving.beyond ?? 0);
  const used = plus(weights, slots, profile, constant(workspace), outside, beyond);
  const [graphsInside, graphsOutside] = isFrom(serving.version, '0.21')
    ? [graphs, NONE]
    : [NONE, graphs];
  const pages = pagesOf(job, v1);
  const left =
    serving.kvBytes === undefined
      ? minus(requested, plus(used, graphsInside))
      : constant(serving.kvBytes);
  const kv = wholePages(largest(left, NONE), pages.token * (serving.page ?? 16));
  const base: readonly (readonly [string, Modelled])[] = [
    ['weights', weights],
    ['adapter-slots', slots],
    ['cuda-context', contextBytes()],
  ];
  const run: readonly (readonly [string, Modelled])[] = [
    ...base,
    ['engine-outside', outside],
    ['matmul-workspace', constant(workspace)],
    ...(serving.beyond === undefined ? [] : [['residual', beyond] as const]),
  ];
  const served: readonly (readonly [string, Modelled])[] = [...run, ['kv-pool', kv]];
  const capacity = capacityOf(kv, left, pages, serving, [
    { name: 'budget', need: used, have: requested },
    {
      name: 'card',
      need: plus(contextBytes(), requested, graphsOutside),
      have: constant(card.usable),
    },
  ]);
  return {
    moments: [
      { moment: { point: 'load', turn: 'once' }, bytes: new Map(base) },
      {
        moment: { point: 'profile', turn: 'once' },
        bytes: new Map([...run, ['profile-run', profile]]),
      },
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
    capacity,
    worked: new Map([
      poolWorked(serving, card, plus(used, graphsInside), pages.token * (serving.page ?? 16)),
      profileWorked(forward, sampler),
    ]),
  };
}

/** A model without attention has no pages: its states are dealt out whole. */
export const wholePages = (room: Modelled, page: number): Modelled =>
  page === 0 ? room : mapped(room, (bytes) => Math.floor(bytes / page) * page);

/** What a pool of pages can serve. `left` is what there is for it, and may be below nothing. */
export function capacityOf(
  kv: Modelled,
  left: Modelled,
  pages: Pick<Pages, 'sequence'>,
  serving: Serving,
  conditions: Capacity['conditions'],
): Capacity {
  const longest = pages.sequence(serving.context);
  return {
    ...servedBy(kv, pages, serving),
    conditions: [...conditions, { name: 'longest-sequence', need: constant(longest), have: left }],
  };
}

/** What a cache serves, whether or not the longest sequence finds room in it. */
export function servedBy(
  kv: Modelled,
  pages: Pick<Pages, 'sequence'>,
  { context }: Serving,
): Pick<Capacity, 'kvBytes' | 'kvTokens' | 'sequences'> {
  const longest = pages.sequence(context);
  return {
    kvBytes: kv,
    kvTokens: mapped(kv, (bytes) => Math.floor((bytes / longest) * context)),
    sequences: mapped(kv, (bytes) => bytes / longest),
  };
}

const decoderWidth = (job: Job): number =>
  job.model.stacks.find(({ role }) => role === 'decoder')?.hidden ?? 0;

/** Who starts vLLM: its server, or a program that makes an `LLM`. */
export type Usage = 'server' | 'library';

/**
 * What vLLM plans with unless told otherwise. Sources: vllm@0.6.6:engine/arg_utils.py, config.py (SchedulerConfig);
 * vllm@0.8.5, 0.11.0, 0.33.0:engine/arg_utils.py (get_batch_defaults).
 */
export function vllmDefaults(
  card: Card,
  about: { version?: string; generation?: 'v0' | 'v1'; usage: Usage; context: number },
): Pick<Serving, 'fraction' | 'batchedTokens' | 'sequences' | 'graphs'> {
  const { version, usage, context } = about;
  const fraction = isFrom(version, '0.20') ? 0.92 : 0.9;
  const generation = about.generation === undefined ? {} : { generation: about.generation };
  const v1 = isV1(
    {
      engine: 'vllm',
      ...(version === undefined ? {} : { version }),
      ...generation,
      fraction,
      context,
      sequences: 1,
      batchedTokens: 1,
      graphs: true,
    },
    card.capability,
  );
  if (!v1) {
    // Prefills are cut into chunks of 2048 tokens only where the context is above 32768.
    const batchedTokens = context > 32768 ? 2048 : Math.max(context, 2048);
    return { fraction, batchedTokens, sequences: 256, graphs: true };
  }
  const isServer = usage === 'server';
  const isHuge = isFrom(version, '0.30') && card.usable >= 160 * GiB;
  const isLarge = card.usable >= 70 * GiB && !(isFrom(version, '0.9') && /a100/i.test(card.name));
  const batchedTokens = isHuge
    ? 16384
    : isLarge
      ? isServer
        ? 8192
        : 16384
      : isServer
        ? 2048
        : 8192;
  return { fraction, batchedTokens, sequences: isLarge || isHuge ? 1024 : 256, graphs: true };
}
