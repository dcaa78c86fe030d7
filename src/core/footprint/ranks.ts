/**
 * The roles that processes of a job have: ranks of one role hold the same bytes. Stages of a pipeline differ in
 * their layers, in the ends they have and in the micro-batches they keep; rank 0 differs where it alone
 * gathers or reads the whole model.
 */
import type { FactorValues } from '../base/factor.ts';
import type { Cards } from '../workload/machine.ts';
import type { Model, Stack, Weight } from '../workload/model/model.ts';
import type { Card } from './engines/engine.ts';
import { type Footprint, footprintOf, peakOf } from './footprint.ts';
import type { Job, Serving, Split, Stage } from './job.ts';
import { Memo } from './memo.ts';
import { placed } from './placed.ts';
import type { Pool } from './pool.ts';

/** Ranks that hold the same. */
export interface Role {
  /**
   * `every`; `rank 0` and `other ranks`; `stage 0`, `stage 1`, … and `last stage` of a pipeline. Both at once
   * are written `stage 0, rank 0` and `stage 0, other ranks`. `card 0`, … where one process lays its layers
   * over several cards.
   */
  readonly name: string;
  /** How many ranks. */
  readonly count: number;
  readonly footprint: Footprint;
}

/** What a job holds on each role of its ranks, over its phases. */
export interface Prediction {
  readonly roles: readonly Role[];
}

/**
 * What a job holds on each role of its ranks. A card sets the sizes of some workspaces.
 * @param pool a replayed step (`poolOf`), for jobs of which there is one
 */
export function predict(
  job: Job,
  card?: Pick<Cards, 'capability' | 'usable'> & Partial<Pick<Cards, 'name'>>,
  pool?: Pool,
): Prediction {
  const { data, tensor, context } = job.parallel;
  const ofStage = data * tensor * context;
  if (job.purpose === 'serving') return { roles: engineRoles(job, cardOf(card), ofStage) };
  const { cards = 1 } = job.parallel;
  if (cards > 1)
    return {
      roles: placed(job, cards).map((own, at) => ({
        name: `card ${at}`,
        count: 1,
        footprint: footprintOf(own, card?.capability),
      })),
    };
  const roles = stagesOf(job).flatMap((stage): Role[] => {
    const { stage: at } = stage.parallel;
    const name = at === undefined ? undefined : nameOf(at);
    return ranksOf(stage, ofStage, at?.index ?? 0).map(({ job: own, count, who }) => ({
      name: name === undefined ? (who ?? 'every') : who === undefined ? name : `${name}, ${who}`,
      count,
      footprint: footprintOf(own, card?.capability, undefined, undefined, pool),
    }));
  });
  return { roles };
}

const nameOf = ({ index, of }: Stage): string =>
  index === of - 1 ? 'last stage' : `stage ${index}`;

/** The ranks of one stage, rank 0 apart where it does more than the others. */
function ranksOf(
  job: Job,
  count: number,
  stage: number,
): readonly { readonly job: Job; readonly count: number; readonly who?: string }[] {
  const { wholeSave, wholeLoad } = job.parallel;
  const differs = stage === 0 && (wholeSave === true || wholeLoad === true);
  if (!differs || count === 1) return [{ job, count }];
  const first: Job = { ...job, parallel: { ...job.parallel, isFirst: true } };
  return [
    { job: first, count: 1, who: 'rank 0' },
    { job, count: count - 1, who: 'other ranks' },
  ];
}

/** The job of each stage of a pipeline, with its own layers; the job itself where there is no pipeline. */
export function stagesOf(job: Job): readonly Job[] {
  const { pipeline } = job.parallel;
  if (pipeline === 1 || job.parallel.stage !== undefined) return [job];
  const layers = job.model.stacks.reduce((sum, { pattern }) => sum + pattern.length, 0);
  const { chunks, endsAsLayers } = job.parallel;
  return Array.from({ length: pipeline }, (_, index) => {
    const key = `${index} ${pipeline} ${chunks} ${endsAsLayers}`;
    const part = PARTS.get(job.weights, key, () => partOf(job, layers, index));
    const stage: Stage = { index, of: pipeline, inFlight: inFlight(job, index) };
    return { ...job, ...part, parallel: { ...job.parallel, pipeline: 1, stage } };
  });
}

/** A stage's part of a model. */
type StagePart = Pick<Job, 'model' | 'weights'>;

/** Kept, so that what was found out of a stage's weights is found again. */
const PARTS: Memo<StagePart> = new Memo();

function partOf(job: Job, layers: number, index: number): StagePart {
  const stacks = cutStacks(job.model, rangesOf(job, layers, index));
  const ends = { first: index === 0, last: index === job.parallel.pipeline - 1 };
  const model: Model = { ...job.model, stacks, head: ends.last ? job.model.head : 'none' };
  return { model, weights: cutWeights(job, model, ends) };
}

/**
 * Micro-batches whose activations a stage keeps at once, counted in whole stages. With one forward and one
 * backward in turns (1F1B) a stage waits for those behind it; interleaved, a stage has `v` parts and warms up
 * with 2·(p − 1 − i) + (v − 1)·p of them (Megatron schedules.py, torch.distributed.pipelining).
 */
function inFlight(job: Job, index: number): number {
  const { pipeline, chunks = 1, schedule } = job.parallel;
  const micro = job.accumulation;
  if (job.purpose !== 'training') return 1;
  if (schedule === 'gpipe') return micro;
  if (chunks === 1) return Math.min(micro, pipeline - index);
  const warm = 2 * (pipeline - 1 - index) + (chunks - 1) * pipeline + 1;
  return Math.min(micro * chunks, warm) / chunks;
}

/** From and to of the layers, over all stacks, that a stage holds: one range a chunk. */
function rangesOf(job: Job, layers: number, index: number): readonly (readonly [number, number])[] {
  const { pipeline, chunks = 1, endsAsLayers = 0 } = job.parallel;
  const parts = pipeline * chunks;
  const share = (layers + 2 * endsAsLayers) / parts;
  const border = (part: number): number =>
    part === parts
      ? layers
      : Math.min(layers, Math.max(0, Math.round(part * share) - endsAsLayers));
  return Array.from({ length: chunks }, (_, chunk): readonly [number, number] => {
    const part = chunk * pipeline + index;
    return [part === 0 ? 0 : border(part), border(part + 1)];
  });
}

function cutStacks(model: Model, ranges: readonly (readonly [number, number])[]): Stack[] {
  let from = 0;
  return model.stacks.map((stack) => {
    const start = from;
    from += stack.pattern.length;
    const pattern = stack.pattern.filter((_, i) =>
      ranges.some(([low, high]) => start + i >= low && start + i < high),
    );
    return { ...stack, pattern };
  });
}

/** Weights of the layers that are left, and of the ends where they are: a tied table is on both. */
function cutWeights(
  job: Job,
  model: Model,
  ends: { readonly first: boolean; readonly last: boolean },
): readonly Weight[] {
  const count = (stacks: readonly Stack[], stack: number, layer: number): number =>
    (stacks[stack]?.pattern ?? []).filter((at) => at === layer).length;
  return job.weights.flatMap((weight): Weight[] => {
    const { layer } = weight;
    if (layer === undefined) return isHere(job.model, weight, ends) ? [weight] : [];
    const of = count(job.model.stacks, layer.stack, layer.layer);
    const here = count(model.stacks, layer.stack, layer.layer);
    if (here === 0) return [];
    // Weights that all layers of a kind share are counted once, wherever they are used.
    const isShared = weight.count < of;
    return [{ ...weight, count: isShared ? weight.count : (weight.count * here) / of }];
  });
}

function isHere(
  model: Model,
  weight: Weight,
  { first, last }: { readonly first: boolean; readonly last: boolean },
): boolean {
  const isAtEnd = weight.role === 'head' || weight.role === 'norm' || weight.role === 'bias';
  if (isAtEnd) return last;
  return first || (last && model.tied && weight.role === 'embedding');
}

/** Host memory that the ranks of one machine hold at their highest, bytes; `perNode` ranks are on it. */
export function hostBytes(prediction: Prediction, perNode: number): number {
  const none: FactorValues = new Map();
  let left = perNode;
  let sum = 0;
  for (const { count, footprint } of prediction.roles) {
    const here = Math.min(count, left);
    sum += here * peakOf(footprint, 'host').host.at(none);
    left -= here;
  }
  return sum;
}

/** Stages of an engine differ in the ends of the model that they have. */
function engineRoles(job: Job, card: Card | undefined, count: number): readonly Role[] {
  const { pipeline } = job.parallel;
  const role = (name: string, times: number, isFirst: boolean, isLast: boolean): Role => ({
    name,
    count: times,
    footprint: footprintOf(job, card?.capability, card, { isFirst, isLast }),
  });
  const { serving } = job;
  if (serving?.split !== undefined) return cardRoles(job, serving, serving.split, card);
  if (pipeline === 1) return [role('every', count, true, true)];
  return [
    role('stage 0', count, true, false),
    ...(pipeline > 2 ? [role('inner stages', count * (pipeline - 2), false, false)] : []),
    role('last stage', count, false, true),
  ];
}

/** One process whose layers lie on several cards. */
const cardRoles = (
  job: Job,
  serving: Serving,
  split: Split,
  card: Card | undefined,
): readonly Role[] =>
  Array.from({ length: split.cards }, (_, at) => ({
    name: `card ${at}`,
    count: 1,
    footprint: footprintOf(
      { ...job, serving: { ...serving, split: { ...split, card: at } } },
      card?.capability,
      card,
    ),
  }));

const cardOf = (
  card: (Pick<Cards, 'capability' | 'usable'> & Partial<Pick<Cards, 'name'>>) | undefined,
): Card | undefined =>
  card === undefined
    ? undefined
    : {
        name: card.name ?? '',
        usable: card.usable.mid,
        ...(card.capability === undefined ? {} : { capability: card.capability }),
      };
