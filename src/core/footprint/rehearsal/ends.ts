/** The ends of a language model: the table of embeddings, the last norm, the head and the loss. */
import { Kind, type Rehearsal, type Tensor } from './rehearsal.ts';
import {
  cast,
  dropout,
  elementwise,
  type LinearUse,
  linear,
  type NormUse,
  type Numerics,
  norm,
  weightGradient,
} from './rules.ts';
import { type Spread, whileGathered } from './spread.ts';

/** How the loss over the vocabulary is computed. */
export type LossKernel =
  /** Logits as they are (BERT, T5); under autocast the loss itself casts them to fp32. */
  | 'plain'
  /** Logits cast to fp32 for the loss only (transformers 4.45 and later). */
  | 'upcast'
  /** fp32 logits are the output, and a shifted copy of them goes into the loss (before 4.45). */
  | 'upcast-output'
  /** Head and loss in one kernel over chunks of rows (Liger, Unsloth, CCE). */
  | 'fused-head'
  /** The loss in eight chunks (torchtune). */
  | 'chunked'
  /** Compiled: logits are kept as they are, their gradient is the only other tensor of their size. */
  | 'compiled'
  /** fp32 logits that become the exponentials and then the gradient in place (Megatron). */
  | 'in-place'
  /** fp32 logits are the output and what the loss is computed from. */
  | 'upcast-model'
  /** The loss over a copy without the last position, 128 rows at a time (litgpt, all weights). */
  | 'split'
  /** Head and loss over 128 positions at a time, all logits held (litgpt, adapters). */
  | 'split-head';

export interface HeadUse {
  readonly hidden: number;
  readonly vocab: number;
  readonly rows: number;
  /** Rows that the last norm works on, where they are more. */
  readonly normed?: number;
  /** Sequences that the rows belong to. */
  readonly batch: number;
  readonly norm?: NormUse;
  /** Logits stay divided among tensor-parallel ranks in the loss (`loss_parallel`). */
  readonly dividedLoss?: boolean;
  /** Tensor-parallel ranks divide the stream before the head. */
  readonly spread?: Spread;
  readonly weight: Pick<
    LinearUse,
    'trainable' | 'width' | 'unpacked' | 'keepsInput' | 'lora' | 'adapter'
  >;
  readonly bias: boolean;
  readonly loss: LossKernel;
  /** The program holds the outputs until the backward pass is over. */
  readonly keepsOutputs: boolean;
  /** Outputs are converted to fp32 copies (accelerate's wrapper under mixed precision). */
  readonly convertsOutputs: boolean;
}

const CHUNKS = 8;

/** Positions of a chunk of litgpt's. */
const POSITIONS = 128;

/** From the stream to the loss. */
export function headAndLoss(r: Rehearsal, numerics: Numerics, use: HeadUse, x: Tensor): Tensor {
  const ranks = use.spread?.ranks ?? 1;
  const mine =
    use.norm === undefined
      ? r.view(x)
      : norm(r, numerics, x, (use.normed ?? use.rows) / ranks, use.norm);
  return whileGathered(r, mine, use.spread, (input) =>
    use.loss === 'fused-head'
      ? fusedHead(r, numerics, use, input)
      : use.loss === 'split-head'
        ? splitHead(r, numerics, use, input)
        : openHead(r, numerics, use, input),
  );
}

function openHead(r: Rehearsal, numerics: Numerics, use: HeadUse, x: Tensor): Tensor {
  const cells = use.rows * use.vocab;
  const outputs: Tensor[] = [];
  // Recorded first, so the backward pass comes to it last: what the program still holds by then.
  if (use.keepsOutputs) whenDone(r, outputs);
  let logits = linear(
    r,
    numerics,
    x,
    use.rows,
    { inputs: use.hidden, outputs: use.vocab, bias: use.bias, ...use.weight },
    Kind.logits,
  );
  if (use.loss === 'upcast-output' || use.loss === 'upcast-model' || use.loss === 'split') {
    const wide = asLogits(r, logits, 4);
    r.release(logits);
    logits = wide;
  }
  const loss = lossOf(r, numerics, use, logits, cells);
  // The wrapper of mixed precision converts what the program gets, after the loss is there.
  const output = use.convertsOutputs ? asLogits(r, logits, 4) : r.view(logits);
  r.release(logits);
  if (use.keepsOutputs) outputs.push(output);
  else r.release(output);
  return loss;
}

function lossOf(
  r: Rehearsal,
  numerics: Numerics,
  use: HeadUse,
  logits: Tensor,
  cells: number,
): Tensor {
  const isWide = use.loss === 'upcast' || (use.loss === 'plain' && numerics.autocast !== undefined);
  const input =
    use.loss === 'upcast-output' || use.loss === 'split'
      ? copied(r, logits)
      : isWide || use.loss === 'in-place'
        ? asLogits(r, logits, 4)
        : r.view(logits);
  const loss =
    use.loss === 'chunked'
      ? chunkedLoss(r, input, cells)
      : use.loss === 'split'
        ? splitLoss(r, input, cells, use.rows)
        : use.loss === 'compiled'
          ? compiledCrossEntropy(r, input)
          : use.loss === 'in-place'
            ? crossEntropyInPlace(r, input)
            : use.dividedLoss === true
              ? dividedCrossEntropy(r, input, cells)
              : crossEntropy(r, numerics, input, cells);
  r.release(input);
  return loss;
}

/** Views of 128 rows each; the gradients of all are put together at the end. */
function splitLoss(r: Rehearsal, logits: Tensor, cells: number, rows: number): Tensor {
  const parts = Math.max(1, Math.ceil(rows / POSITIONS));
  const part = (cells / parts) * logits.width;
  const kept: number[] = [];
  for (let i = 0; i < parts; i += 1) kept.push(r.allocate(part, Kind.logits));
  const loss = r.tensor(1, 4, logits.needsGrad);
  r.record(loss, kept, () => {
    const grads: number[] = [];
    for (let i = 0; i < parts; i += 1) {
      const ofLoss = r.allocate(part, Kind.logits);
      grads.push(r.allocate(part, Kind.logits));
      r.drop(ofLoss);
    }
    const whole = r.allocate(cells * logits.width, Kind.logits);
    r.drop(...grads);
    r.accumulate(logits, whole);
  });
  r.drop(...kept);
  return loss;
}

/** The head over 128 positions of all sequences at a time; the program holds the list of results. */
function splitHead(r: Rehearsal, numerics: Numerics, use: HeadUse, x: Tensor): Tensor {
  const positions = use.rows / use.batch;
  const parts = Math.max(1, Math.ceil(positions / POSITIONS));
  const rows = use.rows / parts;
  const outputs: Tensor[] = [];
  whenDone(r, outputs);
  const pieces: Tensor[] = [];
  for (let i = 0; i < parts; i += 1) {
    // A view of the stream whose gradient is put together with those of the others.
    const piece: Tensor = {
      storage: r.hold(x.storage),
      width: x.width,
      elements: x.elements / parts,
      needsGrad: x.needsGrad,
    };
    pieces.push(piece);
  }
  r.record(marker(r), [], () => {
    if (!x.needsGrad) return;
    const whole = r.allocate(x.elements * x.width);
    for (const piece of pieces) if (piece.grad !== undefined) r.drop(piece.grad);
    r.accumulate(x, whole);
  });
  const losses: Tensor[] = [];
  const raw = pieces.map((piece) => {
    const layer = { inputs: use.hidden, outputs: use.vocab, bias: use.bias, ...use.weight };
    const logits = linear(r, numerics, piece, rows, layer, Kind.logits);
    r.release(piece);
    return logits;
  });
  // Lightning's Fabric converts what a module returns to fp32, the whole list before it lets it go.
  outputs.push(...raw.map((logits) => asLogits(r, logits, 4)));
  r.release(...raw);
  for (const logits of outputs) losses.push(crossEntropy(r, numerics, logits, rows * use.vocab));
  const loss = r.tensor(
    1,
    4,
    losses.some(({ needsGrad }) => needsGrad),
  );
  r.record(loss, [], () => {
    for (const one of losses) r.accumulate(one, r.allocate(4));
  });
  r.release(...losses);
  return loss;
}

/** log_softmax, whose result is kept, and the loss over it; its gradient is of the logits' size. */
function crossEntropy(r: Rehearsal, numerics: Numerics, logits: Tensor, cells: number): Tensor {
  const { width } = logits;
  const chances = r.allocate(cells * width, Kind.logits);
  const loss: Tensor = r.tensor(1, 4, logits.needsGrad);
  const kept = numerics.keepsScores === true ? [chances, logits.storage] : [chances];
  r.record(loss, kept, () => {
    const ofLoss = r.allocate(cells * width, Kind.logits);
    const ofLogits = r.allocate(cells * width, Kind.logits);
    r.drop(ofLoss);
    r.accumulate(logits, ofLogits);
  });
  r.drop(chances);
  return loss;
}

/**
 * The loss over logits that ranks divide by vocabulary, written in Python: shifted logits, their exponentials, the
 * result; in the backward pass the gradient of the loss, exponentials and the sum of both beside it
 * (torch@2.9 distributed/tensor/parallel/loss.py).
 */
function dividedCrossEntropy(r: Rehearsal, logits: Tensor, cells: number): Tensor {
  const bytes = cells * logits.width;
  const shifted = r.allocate(bytes, Kind.logits);
  r.touch(bytes, Kind.logits);
  const chances = r.allocate(bytes, Kind.logits);
  r.drop(shifted);
  const loss: Tensor = r.tensor(1, 4, logits.needsGrad);
  r.record(loss, [chances], () => {
    const ofLoss = r.allocate(bytes, Kind.logits);
    const raised = r.allocate(bytes, Kind.logits);
    const sum = r.allocate(bytes, Kind.logits);
    r.drop(raised);
    const ofLogits = r.allocate(bytes, Kind.logits);
    r.drop(sum, ofLoss);
    r.accumulate(logits, ofLogits);
  });
  r.drop(chances);
  return loss;
}

/** One kernel forth and one back; casts and exponentials are computed again inside. */
function compiledCrossEntropy(r: Rehearsal, logits: Tensor): Tensor {
  const loss: Tensor = r.tensor(1, 4, logits.needsGrad);
  r.record(loss, [logits.storage], () =>
    r.accumulate(logits, r.allocate(logits.elements * logits.width, Kind.logits)),
  );
  return loss;
}

/** Megatron's loss (megatron-core@0.12 tensor_parallel/cross_entropy.py): its input is all that it needs. */
function crossEntropyInPlace(r: Rehearsal, logits: Tensor): Tensor {
  const loss: Tensor = r.tensor(1, 4, logits.needsGrad);
  r.record(loss, [logits.storage], () => r.accumulate(logits, r.hold(logits.storage)));
  return loss;
}

/** Each chunk is cast and goes through the loss alone; the fp32 results of all are kept. */
function chunkedLoss(r: Rehearsal, logits: Tensor, cells: number): Tensor {
  const part = cells / CHUNKS;
  const kept: number[] = [];
  for (let i = 0; i < CHUNKS; i += 1) {
    const wide = r.allocate(part * 4, Kind.logits);
    kept.push(r.allocate(part * 4, Kind.logits));
    r.drop(wide);
  }
  const loss = r.tensor(1, 4, logits.needsGrad);
  r.record(loss, kept, () => {
    const whole = r.allocate(logits.elements * logits.width, Kind.logits);
    const ofLoss = r.allocate(part * 4, Kind.logits);
    const ofChunk = r.allocate(part * 4, Kind.logits);
    r.drop(ofLoss, ofChunk);
    r.accumulate(logits, whole);
  });
  r.drop(...kept);
  return loss;
}

/** Gradients of input and head are computed in the forward pass, a chunk of rows at a time. */
function fusedHead(r: Rehearsal, numerics: Numerics, use: HeadUse, x: Tensor): Tensor {
  const rows = Math.min(
    use.rows,
    2 ** Math.ceil(Math.log2(Math.ceil(use.rows / Math.ceil(use.vocab / use.hidden)))),
  );
  const width = numerics.autocast ?? x.width;
  const ofInput = r.allocate(x.elements * x.width);
  const weights = use.hidden * use.vocab;
  const ofWeight = use.weight.trainable
    ? r.allocate(weights * use.weight.width, Kind.gradient)
    : undefined;
  const logits = r.allocate(rows * use.vocab * width, Kind.logits);
  const wide = r.allocate(rows * use.vocab * 4, Kind.logits);
  // The product for the weight is a matrix of its own before it is added.
  if (ofWeight !== undefined) r.touch(weights * use.weight.width, Kind.gradient);
  r.drop(logits, wide);
  const loss = r.tensor(1, 4, x.needsGrad || use.weight.trainable);
  r.record(loss, [ofInput, ...(ofWeight === undefined ? [] : [ofWeight])], () => {
    r.accumulate(x, r.hold(ofInput));
    if (ofWeight !== undefined) {
      // The gradient goes on into the weight as it is.
      if (!numerics.hasGradients) r.hold(ofWeight);
    }
  });
  r.drop(ofInput);
  if (ofWeight !== undefined) r.drop(ofWeight);
  return loss;
}

function asLogits(r: Rehearsal, x: Tensor, width: number): Tensor {
  if (x.width === width) return cast(r, x, width);
  const out = r.tensor(x.elements, width, x.needsGrad, Kind.logits);
  r.record(out, [], () => r.accumulate(x, r.allocate(x.elements * x.width, Kind.logits)));
  return out;
}

function copied(r: Rehearsal, x: Tensor): Tensor {
  const out = r.tensor(x.elements, x.width, x.needsGrad, Kind.logits);
  r.record(out, [], () => r.accumulate(x, r.allocate(x.elements * x.width, Kind.logits)));
  return out;
}

/** Lets tensors go once the backward pass has come to this point. */
function whenDone(r: Rehearsal, tensors: readonly Tensor[]): void {
  r.record(marker(r), [], () => r.release(...tensors));
}

/** A place in the graph that the backward pass comes to whatever it computes. */
function marker(r: Rehearsal): Tensor {
  const result: Tensor = { storage: -1, width: 0, elements: 0, needsGrad: r.gradMode };
  result.grad = r.allocate(1);
  return result;
}

export interface TableUse {
  readonly rows: number;
  readonly hidden: number;
  readonly entries: number;
  /** Bytes of an element of the stream, and of the table. */
  readonly width: number;
  readonly weightWidth: number;
  readonly trainable: boolean;
  /** The stream goes into layers that need its gradient. */
  readonly needsGrad: boolean;
  /** The head is the same matrix, whose gradient is there already. */
  readonly tied: boolean;
  /** Tensors of the size of the stream added to it: positions, types. */
  readonly added: number;
  /** A norm over the sum (BERT), and dropout over that. */
  readonly norm?: {
    readonly features: number;
    readonly width: number;
    readonly dropout: boolean;
  };
}

/** From tokens to the stream. Indices are kept, 8 bytes each. */
export function embed(r: Rehearsal, numerics: Numerics, use: TableUse): Tensor {
  const indices = r.allocate(use.rows * 8);
  const out = r.tensor(use.rows * use.hidden, use.width, use.needsGrad);
  r.record(out, [indices], () => {
    if (!use.trainable) return;
    const hasGradients = numerics.hasGradients || use.tied;
    weightGradient(r, { ...numerics, hasGradients }, use.entries * use.hidden, use.weightWidth);
  });
  r.drop(indices);
  let stream = out;
  for (let i = 0; i < use.added; i += 1) {
    const next = elementwise(r, stream, []);
    r.release(stream);
    stream = next;
  }
  if (use.norm !== undefined) {
    const { dropout: drops, ...of } = use.norm;
    const normed = norm(r, numerics, stream, use.rows, {
      kernel: 'layer',
      trainable: use.trainable,
      bias: true,
      ...of,
    });
    r.release(stream);
    stream = drops ? dropout(r, normed) : r.view(normed);
    r.release(normed);
  }
  return stream;
}
