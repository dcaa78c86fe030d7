/**
 * Passes without gradients: the prefill of a prompt, the step of one token, the one pass of an encoder. What
 * they need beside weights and cache, at their highest instant.
 *
 * Sources: transformers@4.57.1 generation/utils.py, modeling_llama.py; transformers@4.38.2 modeling_qwen2.py
 * (logits of all positions, in fp32); autoawq@0.2.6 modules/linear/gemm.py (unpacks for 1024 rows and more).
 */
import type { Layer, Mlp, Stack } from '../workload/model/model.ts';
import { hasCross } from './cache.ts';
import type { Job } from './job.ts';
import { networkPass } from './network.ts';
import { type ByKind, Kind, type Rehearsal } from './rehearsal/rehearsal.ts';
import { type Part, rehearse, rehearseInference } from './rehearsal/segment.ts';
import { type Pass, runLayer } from './rehearsal/transformer.ts';
import { kindOf, Line, layersOf, passOf } from './step.ts';
import type { Moment } from './term.ts';

/** The pass that runs at a moment of generation; none while weights are loaded. */
export function passAt(job: Job, { point }: Moment): ByKind | undefined {
  const { network } = job.model;
  if (network !== undefined) return point === 'evaluate' ? networkPass(job, network) : undefined;
  if (point === 'prefill') return prefill(job);
  if (point !== 'decode' || job.newTokens === 0) return undefined;
  const prompt = hasCross(job.model) ? 1 : job.sequence;
  const keys = job.cacheGrowth === 'static' ? (job.cacheLength ?? 0) : 0;
  return highest(
    job,
    job.model.stacks.filter(isDecoder),
    1,
    Math.max(keys, prompt + job.newTokens),
    'last',
  );
}

/** A pass of evaluation: logits of all positions, their fp32 copy and the result of log_softmax. */
export function evaluationPass(job: Job): ByKind | undefined {
  const { evaluation, model, sequence } = job;
  if (evaluation === undefined) return undefined;
  const one = { ...job, batch: evaluation.batch, beams: 1 };
  if (model.network !== undefined) return networkPass(one, model.network);
  const pass = highest(one, model.stacks, sequence, sequence, 'all-fp32').slice();
  if ((pass[Kind.logits] as number) > 0) {
    (pass[Kind.logits] as number) += evaluation.batch * sequence * model.vocab * 4;
  }
  return pass;
}

const isDecoder = (stack: Stack): boolean => stack.role === 'decoder';

function prefill(job: Job): ByKind {
  const chunk = Math.min(job.sequence, job.prefillChunk ?? job.sequence);
  const logits = chunk < job.sequence ? 'last' : job.prefillLogits;
  return highest(job, job.model.stacks, chunk, job.sequence, logits);
}

/** `queries` new tokens of each sequence, which see `keys` tokens. */
function highest(
  job: Job,
  stacks: readonly Stack[],
  queries: number,
  keys: number,
  logits: Job['prefillLogits'],
): ByKind {
  const line = new Line();
  const beginsWithOne = hasCross(job.model);
  for (const stack of stacks) {
    const isFirstToken = beginsWithOne && isDecoder(stack);
    const { tokens: own = queries, windows = 1 } = stack;
    const tokens = isFirstToken ? 1 : own / windows;
    const seen =
      isDecoder(stack) && !isFirstToken ? keys : Math.max(tokens, isFirstToken ? keys : 0);
    overStack(job, stack, line, tokens, seen, logits);
  }
  return line.highest;
}

function overStack(
  job: Job,
  stack: Stack,
  line: Line,
  queries: number,
  keys: number,
  logits: Job['prefillLogits'],
): void {
  const sequences = job.batch * (stack.windows ?? 1) * (isDecoder(stack) ? job.beams : 1);
  const rows = sequences * queries;
  const stream = { elements: rows * stack.hidden, width: job.width, needsGrad: false };
  const streamBytes = stream.elements * stream.width;
  // The stream itself, and the model's name for the embedded tokens.
  line.put(Kind.activation, 2 * streamBytes);
  const pass: Pass = {
    ...packedFor(job, rows, passOf(job, stack, false)),
    batch: sequences,
    queries,
    keys,
    attentionDropout: false,
    hiddenDropout: false,
  };
  for (const { layer, count: layers } of layersOf(stack, job)) {
    if (layers === 0) continue;
    const part: Part = (r, x) => runLayer(r, pass, looped(layer), stack.hidden, x);
    // With autograd looking on each layer leaves what its backward pass would need.
    const { forward } =
      job.recordsGraph === true
        ? rehearse(part, { ...stream, needsGrad: true })
        : rehearseInference(part, stream);
    line.go(forward, layers);
  }
  // The model has returned: what is left is the normed stream.
  line.add(kindOf(Kind.activation, streamBytes), -1);
  if (isDecoder(stack) && job.model.head === 'vocab') {
    const cells = (logits === 'last' ? sequences : rows) * job.model.vocab;
    line.see(kindOf(Kind.logits, cells * (logits === 'all' ? job.width : job.width + 4)));
  } else if (isDecoder(stack) && job.receivesLogits === true) {
    const cells = (logits === 'last' ? sequences : rows) * job.model.vocab;
    line.see(kindOf(Kind.logits, cells * (logits === 'all-fp32' ? 4 : job.width)));
  }
  line.add(kindOf(Kind.activation, streamBytes), -1);
}

/** The prompt through the decoder as one program; what layers keep for later their caller allocates when each is done. */
export function runPrefill(r: Rehearsal, job: Job, onLayer: (layer: number) => void): void {
  const stack = job.model.stacks.find(isDecoder);
  if (stack === undefined) return;
  const rows = job.batch * job.sequence;
  const pass: Pass = {
    ...packedFor(job, rows, passOf(job, stack, false)),
    queries: job.sequence,
    keys: job.sequence,
    attentionDropout: false,
    hiddenDropout: false,
  };
  const layers = layersOf(stack, job);
  let x = r.tensor(rows * stack.hidden, job.width, false);
  const embedded = r.view(x);
  for (const [place, at] of stack.pattern.entries()) {
    const layer = layers[at]?.layer;
    if (layer === undefined) continue;
    const out = runLayer(r, pass, looped(layer), stack.hidden, x);
    r.release(x);
    x = out;
    onLayer(place);
  }
  r.release(embedded);
  if (job.model.head === 'vocab') {
    const cells = (job.prefillLogits === 'last' ? job.batch : rows) * job.model.vocab;
    const logits = r.allocate(cells * job.width);
    if (job.prefillLogits !== 'all') r.touch(cells * 4);
    r.drop(logits);
  }
  r.release(x);
}

/** Kernels that read packed weights for few rows unpack them for many. */
function packedFor(job: Job, rows: number, pass: Pass): Pass {
  if (rows >= (job.packing?.unpackedFrom ?? 0)) return pass;
  return {
    ...pass,
    weight: (part, name) => {
      const { unpacked: _, ...whole } = pass.weight(part, name);
      return whole;
    },
  };
}

/** Without gradients transformers runs experts one after another: at most all tokens go through one of them. */
function looped(layer: Layer): Layer {
  const { mlp } = layer;
  if (mlp?.kind !== 'mixture') return layer;
  const { gated, bias, activation, shared } = mlp;
  const intermediate = Math.max(mlp.intermediate, shared?.intermediate ?? 0);
  const dense: Mlp = { kind: 'dense', intermediate, gated, fused: false, bias, activation };
  return { ...layer, mlp: dense };
}
