/**
 * One micro-step of a job composed of rehearsed segments: the highest instants of the forward and the
 * backward pass, and what is left after each. Static memory (weights, states) is not in it.
 */
import type { Layer, Part as LayerPart, Mixer, Stack } from '../workload/model/model.ts';
import { turnsQueries } from '../workload/model/positions.ts';
import { systemOf } from './buffers.ts';
import type { GatheredRun } from './gathered-run.ts';
import { gatheringOf, inBackward, inForward, rootReduced, type Unit } from './gathering.ts';
import { type Adapter, isTarget, type Job } from './job.ts';
import { keyOf, Memo, remembered } from './memo.ts';
import { networkStep, runNetwork } from './network.ts';
import { embed, headAndLoss } from './rehearsal/ends.ts';
import { type ByKind, KINDS, Kind, type Rehearsal } from './rehearsal/rehearsal.ts';
import type { NormUse, Numerics } from './rehearsal/rules.ts';
import {
  type Change,
  type Part,
  type Recomputation,
  rehearse,
  rehearseInference,
  rehearseRecomputed,
  rehearseSpared,
  runOn,
  type Segment,
  type Stream,
} from './rehearsal/segment.ts';
import { type Spread, scattered } from './rehearsal/spread.ts';
import { type Pass, runLayer, type WeightUse } from './rehearsal/transformer.ts';
import {
  computeWidth,
  gradientBytes,
  gradientShards,
  hasLastingGradients,
  shardsOf,
  staysWhole,
} from './static.ts';

/** Bytes by kind at the instants of a step that can be its highest. */
export interface Step {
  /** Highest instant of the forward pass. */
  readonly forward: ByKind;
  /** Highest instant of the backward pass. */
  readonly backward: ByKind;
  /** After the backward pass: what stays (gradients). */
  readonly after: ByKind;
  /** What the forward pass moves to the host's memory. */
  readonly offloaded: number;
}

const total = (of: ByKind): number => of.reduce((a, b) => a + b, 0);

/** The course of a pass: what lives now, and the highest instant so far. */
export class Line {
  readonly now: ByKind = new Float64Array(KINDS);
  highest: ByKind = new Float64Array(KINDS);

  /** The instant `peak` above what lives now. */
  see(peak: ByKind): void {
    const sum = peak.map((value, i) => value + (this.now[i] as number));
    if (total(sum) > total(this.highest)) this.highest = sum;
  }

  /** `count` times the same change, one after another: the highest instant is in the first or last. */
  go(change: Change, count: number): void {
    this.see(change.peak);
    this.add(change.after, count - 1);
    this.see(change.peak);
    this.add(change.after, 1);
  }

  add(change: ByKind, times: number): void {
    for (let i = 0; i < KINDS; i += 1) (this.now[i] as number) += (change[i] as number) * times;
  }

  put(kind: Kind, bytes: number): void {
    (this.now[kind] as number) += bytes;
    this.see(new Float64Array(KINDS));
  }
}

/** Where nothing comes in: the table of embeddings. */
const noStream = (job: Job): Stream => ({ elements: 0, width: job.width, needsGrad: false });

interface Piece {
  readonly segment: Segment;
  readonly count: number;
  readonly unit: Unit | undefined;
}

/** Bytes of an element of norms, table and head in a step. */
const wholeWidth = (job: Job): number => (shardsOf(job) === 1 ? job.wholeWidth : computeWidth(job));

/** How the weight of a part of a layer is used in this job. */
function weightUse(job: Job, part: LayerPart, name: string | undefined): WeightUse {
  const { adapter, packing } = job;
  const lora = part !== 'router' && isTarget(adapter, name) ? adapter : undefined;
  const unpacked = part === 'router' ? undefined : packing?.unpacked;
  return {
    // Packed weights take no gradient, and their product keeps no input for one.
    trainable: job.trains === 'all' || (job.recordsGraph === true && job.packing === undefined),
    width: computeWidth(job),
    ...(unpacked === undefined ? {} : { unpacked }),
    ...(packing?.keepsInput === true ? { keepsInput: true } : {}),
    ...(lora === undefined ? {} : adapterUse(lora, part)),
  };
}

/** IA3 scales what goes into the last layer of an MLP, and what comes out of others. */
function adapterUse(adapter: Adapter, part: LayerPart): Pick<WeightUse, 'lora' | 'adapter'> {
  const { method, rank } = adapter;
  if (method === undefined) return { lora: adapter };
  const isFeedforward = method === 'ia3' && part === 'down';
  return { adapter: { method: isFeedforward ? 'ia3_feedforward' : method, rank } };
}

const numericsOf = (job: Job, hasGradients: boolean): Numerics => ({
  width: job.width,
  ...(job.autocast === undefined ? {} : { autocast: job.autocast }),
  hasGradients,
  keepsScores: job.keepsScores,
});

const trainsNorms = (job: Job): boolean =>
  job.trains === 'all' || job.recordsGraph === true || job.adapter?.norms === true;

/** How the layers of a stack run in this job. */
export function passOf(job: Job, stack: Stack, hasGradients: boolean): Pass {
  const { batch, sequence } = inputOf(job, stack);
  const prefix = job.adapter?.prefix ?? 0;
  const masked = job.padded && job.attention === 'flash' && stack.role === 'decoder';
  return {
    program: job.program,
    batch,
    queries: sequence,
    keys: sequence + prefix,
    ...(prefix > 0 ? { prefix } : {}),
    numerics: numericsOf(job, hasGradients),
    ...spreadOf(job),
    attention: masked ? 'efficient' : job.attention,
    attentionDropout: job.attentionDropout,
    hiddenDropout: job.hiddenDropout,
    turned: turnsQueries(job.model, stack),
    ...contextOf(job, stack),
    ...expertsOf(job),
    fusedNorms: job.fusedNorms,
    fusedGate: job.fusedGate,
    norms: { width: wholeWidth(job), trainable: trainsNorms(job) },
    weight: (part, name) => weightUse(job, part, name),
  };
}

/** Ranks that divide the experts beyond those that divide each of them. */
function expertsOf({ parallel: { expert, tensor } }: Job): Pick<Pass, 'expertRanks'> {
  return expert > tensor ? { expertRanks: expert / tensor } : {};
}

/** How context-parallel ranks see each other's tokens; kernels that do so are fused ones. */
function contextOf(job: Job, { role }: Stack): Pick<Pass, 'joinsPairs' | 'context'> {
  const { context: ranks, byHeads } = job.parallel;
  if (ranks === 1) return {};
  if (systemOf(job) === 'megatron') return { joinsPairs: true };
  if (role !== 'decoder') return {};
  return { context: { ranks, way: byHeads === true ? 'heads' : 'gather' } };
}

/** Settings that no layer sees, and those that neither the table nor the head does. */
const UNSEEN_BY_ALL: readonly (keyof Job)[] = [
  'evaluation',
  'reference',
  'compares',
  'comparesBefore',
  'rollout',
  'optimizerOffload',
  'activationOffload',
  'bucket',
  'bucketCopies',
  'reshard',
];
const UNSEEN_BY_LAYERS: ReadonlySet<string> = new Set<keyof Job>([
  ...UNSEEN_BY_ALL,
  'scored',
  'loss',
  'keepsOutputs',
  'convertsOutputs',
]);
const UNSEEN_BY_ENDS: ReadonlySet<string> = new Set<keyof Job>([
  ...UNSEEN_BY_ALL,
  'checkpointing',
  'selective',
  'attention',
  'attentionDropout',
  'keepsScores',
  'padded',
]);

/** Rehearsed parts by what they are of: jobs that differ in what a part does not see share it. */
const rehearsed: Memo<Segment> = new Memo();

/** A layer with as much recomputation as the job has. */
function layerSegment(job: Job, layer: Layer, stack: Stack, part: Part, stream: Stream): Segment {
  if (!job.checkpointing) return rehearse(part, stream);
  if (job.selective !== 'operations') return rehearseRecomputed(part, stream);
  return rehearseSpared(part, stream, sparedBytes(job, layer, stack));
}

/**
 * A layer whose kept tensors are on the host between its passes: copied away as soon as it is done, and fetched when
 * its backward pass begins (torch.autograd.graph.save_on_cpu, activation offloading of torchtune and TRL).
 */
function offloaded(segment: Segment): Segment {
  const { forward, backward } = segment;
  const kept = forward.after[Kind.activation] as number;
  if (backward === undefined) return segment;
  const shifted = (of: ByKind, bytes: number): ByKind => {
    const result = of.slice();
    (result[Kind.activation] as number) += bytes;
    return result;
  };
  return {
    forward: { peak: forward.peak, after: shifted(forward.after, -kept) },
    backward: { peak: shifted(backward.peak, kept), after: shifted(backward.after, kept) },
  };
}

/**
 * What torchtitan's selective recomputation keeps of a layer: each second product (queries, values, gate, down),
 * what attention gives and its sums, and where ranks divide the stream what they give each other.
 */
function sparedBytes(job: Job, layer: Layer, stack: Stack): number {
  const { batch, sequence } = inputOf(job, stack);
  const rows = batch * sequence;
  let columns = stack.hidden;
  for (const mixer of layer.mixers) {
    if (mixer.kind !== 'softmax') continue;
    const { heads, kv_heads: pairs, head_dim: dim, value_dim: valueDim = dim } = mixer;
    // The sum of each row and head is in fp32.
    columns += heads * dim + pairs * valueDim + heads * valueDim + heads * (4 / job.width);
  }
  if (layer.mlp?.kind === 'dense') columns += layer.mlp.intermediate;
  const { tensor, sequence: isSpread } = job.parallel;
  if (isSpread === true && tensor > 1) columns += (2 * stack.hidden) / tensor;
  return rows * columns * job.width;
}

/** Whether tensor-parallel ranks divide the stream. */
function spreadOf(job: Job): { readonly spread?: Spread } {
  const { tensor, sequence, asyncTensor } = job.parallel;
  if (sequence !== true || tensor === 1) return {};
  const keepsPart = systemOf(job) === 'megatron';
  return {
    spread: { ranks: tensor, keepsPart, ...(asyncTensor === true ? { inPieces: true } : {}) },
  };
}

function inputOf(job: Job, stack: Stack): { batch: number; sequence: number } {
  const { tokens = job.sequence, windows = 1 } = stack;
  return {
    batch: job.batch * windows,
    sequence: Math.ceil(tokens / windows / job.parallel.context),
  };
}

/** The layers of a stack, equal ones together, cut for tensor parallelism. */
export function layersOf(stack: Stack, job: Job): readonly { layer: Layer; count: number }[] {
  return stack.layers.map((layer, index) => ({
    layer: divided(layer, job.parallel.tensor),
    count: stack.pattern.filter((at) => at === index).length,
  }));
}

const share = (count: number, by: number): number => Math.max(1, Math.ceil(count / by));

/** The part of a layer that one of `by` tensor-parallel ranks computes. */
export function divided(layer: Layer, by: number): Layer {
  if (by === 1) return layer;
  const { mlp } = layer;
  return {
    ...layer,
    mixers: layer.mixers.map((mixer) => dividedMixer(mixer, by)),
    ...(mlp === undefined ? {} : { mlp: { ...mlp, intermediate: share(mlp.intermediate, by) } }),
  };
}

function dividedMixer(mixer: Mixer, by: number): Mixer {
  switch (mixer.kind) {
    case 'softmax':
      return { ...mixer, heads: share(mixer.heads, by), kv_heads: share(mixer.kv_heads, by) };
    case 'latent':
      return { ...mixer, heads: share(mixer.heads, by) };
    case 'delta': {
      const [keys, values] = [share(mixer.key_heads, by), share(mixer.value_heads, by)];
      return { ...mixer, key_heads: keys, value_heads: values };
    }
    case 'recurrent':
    case 'short-conv':
      return { ...mixer, width: share(mixer.width, by) };
    default:
      return { ...mixer, inner: share(mixer.inner, by) };
  }
}

const finalNorm = (job: Job, stack: Stack): NormUse | undefined =>
  !stack.final_norm || stack.norm.kind === 'none'
    ? undefined
    : {
        kernel: stack.norm.kind === 'layer' ? 'layer' : job.fusedNorms ? 'rms' : 'rms-python',
        features: stack.hidden,
        trainable: trainsNorms(job) && stack.norm.weight,
        width: wholeWidth(job),
        bias: stack.norm.bias,
      };

/** The stack that tokens go into and the head stands on: the decoder, or the encoder where it is alone. */
function textStack(job: Job): Stack | undefined {
  const { stacks } = job.model;
  return (
    stacks.find(({ role }) => role === 'decoder') ?? stacks.find(({ role }) => role === 'encoder')
  );
}

const making: (job: Job) => Step = remembered((job) => anyStep(job, false));
const adding: (job: Job) => Step = remembered((job) => anyStep(job, true));

/** A micro-step of training. `hasGradients`: later micro-batches add to gradients that are there. */
export const trainingStep = (job: Job, isLater: boolean): Step =>
  isLater ? adding(job) : making(job);

/** Of a network all at once, of layers one by one. */
function anyStep(job: Job, isLater: boolean): Step {
  const { network } = job.model;
  if (network === undefined) return rehearsedStep(job, isLater);
  return networkStep(job, network, isLater || hasLastingGradients(job));
}

function rehearsedStep(job: Job, isLater: boolean): Step {
  const line = new Line();
  const pieces: Piece[] = [];
  const layerPieces: Piece[] = [];
  let moved = 0;
  // Divided gradients are made whole for each micro-batch and added in their divided form; DeepSpeed lets
  // each go as soon as it is in a bucket.
  const isZero = systemOf(job) === 'deepspeed';
  const isDivided = gradientShards(job) > 1;
  const isWhole = staysWhole(job);
  const hasGradients = hasLastingGradients(job) || isWhole || (isDivided ? isZero : isLater);
  const numerics = numericsOf(job, hasGradients);
  const gathering = gatheringOf(job);
  const ofLayers = `${hasGradients} ${keyOf(job, UNSEEN_BY_LAYERS)}`;
  const ofEnds = `${hasGradients} ${job.model.head} ${job.model.tied} ${keyOf(job, UNSEEN_BY_ENDS)}`;
  const go = (segment: Segment, count: number, unit?: Unit): void => {
    pieces.push({ segment, count, unit });
    line.go(inForward(job, segment, unit), count);
  };
  const stage = job.parallel.stage;
  if (gathering !== undefined) line.put(Kind.gathered, gathering.root);
  const text = textStack(job);
  for (const [at, stack] of job.model.stacks.entries()) {
    const { batch, sequence } = inputOf(job, stack);
    const rows = batch * sequence;
    const stream = {
      elements: (rows * stack.hidden) / (spreadOf(job).spread?.ranks ?? 1),
      width: job.width,
      needsGrad: job.trains !== 'none',
    };
    const streamBytes = stream.elements * stream.width;
    const isStart = stack === text && (stage === undefined || stage.index === 0);
    if (isStart)
      go(
        rehearsed.get(stack, `table ${ofEnds}`, () =>
          rehearse(tablePart(job, stack, rows, numerics), noStream(job)),
        ),
        1,
        gathering?.table,
      );
    // The model's own name for the embedded tokens lives through the whole forward pass.
    line.put(Kind.activation, streamBytes);
    const pass = passOf(job, stack, hasGradients);
    for (const [kind, { layer, count }] of layersOf(stack, job).entries()) {
      if (count === 0) continue;
      const part: Part = (r, x) => runLayer(r, pass, layer, stack.hidden, x);
      const unit = gathering?.layer(at, kind);
      if (job.checkpointing && job.selective === 'second') {
        const own = stack.layers[kind] as Layer;
        const kept = rehearsed.get(own, `kept ${ofLayers}`, () => rehearse(part, stream));
        const again = rehearsed.get(own, `again ${ofLayers}`, () =>
          rehearseRecomputed(part, stream),
        );
        // The second, fourth, … of them are computed again.
        for (let i = 0; i < count; i += 1) go(i % 2 === 0 ? kept : again, 1, unit);
        continue;
      }
      const own = rehearsed.get(stack.layers[kind] as Layer, ofLayers, () =>
        layerSegment(job, layer, stack, part, stream),
      );
      const segment = job.activationOffload === true ? offloaded(own) : own;
      if (segment !== own) moved += count * (own.forward.after[Kind.activation] as number);
      layerPieces.push({ segment, count, unit });
      go(segment, count, unit);
    }
    if (stack !== text) continue;
    if (job.model.head !== 'none') {
      const segment = rehearsed.get(stack, `head ${ofEnds}`, () =>
        rehearse(headPart(job, stack, rows, numerics), { ...stream, needsGrad: true }),
      );
      go(segment, 1, gathering?.head);
    }
    line.add(kindOf(Kind.activation, streamBytes), -1);
    const compares = job.reference || job.compares === true;
    if (compares && job.comparesBefore !== true) compare(job, stack, pass, line);
  }
  const forward = line.highest;
  // Casts of weights that recomputed layers left in autocast's cache go with the forward pass.
  if (job.checkpointing) {
    for (const { segment, count } of layerPieces) {
      line.add(kindOf(Kind.copy, segment.forward.after[Kind.copy] as number), -count);
    }
  }
  const kept = line.now.slice();
  line.highest = line.now.slice();
  let before: { unit: Unit; segment: Segment } | undefined;
  for (let i = pieces.length - 1; i >= 0; i -= 1) {
    const { segment, count, unit } = pieces[i] as Piece;
    if (segment.backward === undefined) continue;
    line.go(inBackward(job, segment, unit, before, isLater), 1);
    if (unit !== undefined) before = { unit, segment };
    // ZeRO 2 makes room for its part of the gradients when the first bucket is full.
    if (i === pieces.length - 1 && isZero && job.sharding === 'gradients' && !isLater)
      line.put(Kind.gradient, gradientBytes(job));
    if (count > 1) line.go(inBackward(job, segment, unit, before, isLater), count - 1);
  }
  if (gathering !== undefined && gathering.root > 0 && !isWhole) {
    const ends = pieces.filter(({ unit, segment }) => unit === undefined && segment.backward);
    const made = ends.reduce((sum, { segment }) => sum + gradientOf(segment), 0);
    line.add(kindOf(Kind.gathered, gathering.root), -1);
    line.go(rootReduced(job, made, isLater), 1);
  }
  const waiting = (stage?.inFlight ?? 1) - 1;
  const others = kindOf(Kind.activation, waiting * (kept[Kind.activation] as number));
  return {
    forward: sumOf(forward, others),
    backward: sumOf(line.highest, others),
    after: line.now,
    offloaded: moved * (stage?.inFlight ?? 1),
  };
}

/** The pass of the model that a preference is compared with, beside what the forward pass keeps. */
function compare(job: Job, stack: Stack, pass: Pass, line: Line): void {
  const rows = pass.batch * pass.queries;
  const stream = { elements: rows * stack.hidden, width: job.width, needsGrad: false };
  const held = kindOf(Kind.activation, 2 * stream.elements * stream.width);
  line.add(held, 1);
  for (const { layer, count } of layersOf(stack, job)) {
    if (count === 0) continue;
    const part: Part = (r, x) => runLayer(r, pass, layer, stack.hidden, x);
    const { forward } = rehearseInference(part, stream);
    line.see(forward.peak);
  }
  if (job.model.head === 'vocab') {
    line.see(kindOf(Kind.logits, rows * job.model.vocab * (job.width + 4)));
  }
  line.add(held, -1);
}

const gradientOf = ({ backward }: Segment): number => backward?.after[Kind.gradient] ?? 0;

const sumOf = (a: ByKind, b: ByKind): ByKind => a.map((value, i) => value + (b[i] as number));

/** So many bytes of one kind. */
export function kindOf(kind: Kind, bytes: number): ByKind {
  const result = new Float64Array(KINDS);
  result[kind] = bytes;
  return result;
}

/** Logits are divided by vocabulary unless the head gathers them. */
const dividesLogits = (job: Job): boolean => job.parallel.lossParallel !== false;

function headPart(job: Job, stack: Stack, rows: number, numerics: Numerics): Part {
  const use = finalNorm(job, stack);
  const vocab = job.model.head === 'labels' ? (job.model.labels ?? 2) : job.model.vocab;
  const { adapter, packing } = job;
  const lora =
    isTarget(adapter, 'lm_head') && adapter?.targets !== 'all-linear' ? adapter : undefined;
  const isPacked = packing?.packsHead === true;
  const head = {
    hidden: stack.hidden,
    vocab: share(vocab, dividesLogits(job) ? job.parallel.tensor : 1),
    dividedLoss: dividesLogits(job) && job.parallel.tensor > 1,
    rows: job.model.head === 'labels' ? job.batch : scoredRows(job, rows),
    ...(job.scored === undefined ? {} : { normed: rows }),
    batch: job.batch,
    ...(use === undefined ? {} : { norm: use }),
    ...spreadOf(job),
    weight: {
      trainable: trainsEnds(job),
      width: wholeWidth(job),
      ...(isPacked && packing.unpacked !== undefined ? { unpacked: packing.unpacked } : {}),
      ...(isPacked && packing.keepsInput === true ? { keepsInput: true } : {}),
      ...(lora === undefined ? {} : adapterUse(lora, 'o')),
    },
    bias: false,
    loss: job.loss,
    keepsOutputs: job.keepsOutputs,
    convertsOutputs: job.convertsOutputs,
  };
  return (r, x) => headAndLoss(r, numerics, head, x);
}

/** Rows that the head works on (`logits_to_keep`). */
const scoredRows = ({ scored, batch, parallel }: Job, rows: number): number =>
  scored === undefined ? rows : Math.min(rows, Math.ceil((batch * scored) / parallel.context));

/** Embedding and head get gradients. */
const trainsEnds = (job: Job): boolean => job.trains === 'all' || job.adapter?.ends === true;

function tablePart(job: Job, stack: Stack, rows: number, numerics: Numerics): Part {
  const use = {
    rows,
    hidden: stack.hidden,
    entries: share(job.model.vocab, job.parallel.tensor),
    width: job.width,
    weightWidth: wholeWidth(job),
    trainable: trainsEnds(job),
    needsGrad: job.trains !== 'none',
    tied: job.model.tied,
    added: stack.role === 'encoder' ? 2 : 0,
    ...(stack.role === 'encoder' && stack.norm.kind === 'layer' && job.trains === 'all'
      ? { norm: { features: stack.hidden, width: job.wholeWidth, dropout: job.hiddenDropout } }
      : {}),
  };
  return (r) => embed(r, numerics, use);
}

/** How the layer at a place is computed again; undefined where it is not. */
function recomputationOf(
  job: Job,
  layer: Layer,
  stack: Stack,
  place: number,
): Recomputation | undefined {
  if (!job.checkpointing || (job.selective === 'second' && place % 2 === 0)) return undefined;
  const spared = job.selective === 'operations' ? sparedBytes(job, layer, stack) : 0;
  return { spared, isOffloaded: job.activationOffload === true };
}

/**
 * The whole micro-step as one program over all layers, in the order of its allocations; what it leaves are the gradients.
 */
export function runStep(
  r: Rehearsal,
  job: Job,
  hasGradients: boolean,
  gathered?: GatheredRun,
  isLast = true,
): void {
  const { network } = job.model;
  if (network !== undefined) {
    runNetwork(r, job, network, hasGradients);
    return;
  }
  const numerics = numericsOf(job, hasGradients);
  const text = textStack(job);
  const stack = text;
  if (stack === undefined) return;
  const { batch, sequence } = inputOf(job, stack);
  const rows = batch * sequence;
  gathered?.begin(isLast);
  const none = { storage: r.allocate(1), width: job.width, elements: 0, needsGrad: false };
  const table = tablePart(job, stack, rows, numerics);
  const whole = (gathered?.end('table', table) ?? table)(r, none);
  let x = scattered(r, whole, spreadOf(job).spread);
  r.release(whole);
  r.release(none);
  const embedded = r.view(x);
  const pass = passOf(job, stack, hasGradients);
  const layers = layersOf(stack, job);
  for (const [i, index] of stack.pattern.entries()) {
    const layer = layers[index]?.layer;
    if (layer === undefined) continue;
    const part: Part = (on, input) => runLayer(on, pass, layer, stack.hidden, input);
    const recomputed = recomputationOf(job, layer, stack, i);
    const own: Part = (on, input) => runOn(on, part, input, recomputed);
    const stackAt = job.model.stacks.indexOf(stack);
    x = (gathered?.layer(stackAt, index, i, own) ?? own)(r, x);
  }
  if (job.model.head !== 'none') {
    const head = headPart(job, stack, rows, numerics);
    const loss = (gathered?.end('head', head) ?? head)(r, x);
    r.release(x);
    x = loss;
  }
  r.release(embedded);
  r.drop(...r.cached.splice(0));
  x.grad = r.allocate(4);
  r.backward();
  gathered?.finish();
  r.release(x);
}
