/**
 * A network as an ordered record of operations on feature maps of one sample. A builder calls the methods of `Graph`
 * in the order of the forward pass; shapes flow by rule. Each operation says which tensors come to be, what autograd
 * keeps of it for the backward pass, which weights it uses and in which format it runs under autocast. Nothing is
 * known here of batch, formats or training: `footprint/rehearsal/net.ts` runs a record for those.
 *
 * A name of a tensor lives to its last use unless `still` says that the program holds it longer: `x = f(x)` needs
 * nothing, a caller whose argument outlives the call does. `block` marks what is one unit of recomputation.
 *
 * Source of what is kept: torch@2.14 tools/autograd/derivatives.yaml; of formats: aten/src/ATen/autocast_mode.h.
 */
/** A tensor of one sample: channels × height × width; tokens are features × tokens × 1. Identity is the value. */
export interface FeatureMap {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export const elementsOf = (map: FeatureMap): number => map.channels * map.height * map.width;

/**
 * Where an output lies: in storage of its own, in that of its first input (a view), or in that of its first input,
 * which it overwrites.
 */
export type Placing = 'new' | 'view' | 'in-place';

/** Format under autocast: 16 bits, fp32, that of the first input, that of the widest among inputs and weights. */
export type Numeric = 'half' | 'full' | 'same' | 'widest';

/** A tensor kept for the backward pass: an input by its index, the output, or a copy of the first input. */
export interface Kept {
  readonly of: number | 'output' | 'copy';
  /** Only where this needs a gradient: the weights, or an input by its index. Always where absent. */
  readonly where?: 'weights' | number;
}

/** A further tensor, of so many elements a sample. */
export interface Extra {
  readonly elements: number;
  /** Bytes of an element whatever the format of the computation; absent for that of the output. */
  readonly bytes?: number;
  /** The same size for any batch. */
  readonly once?: boolean;
}

/** What a weight is to packing, optimizers and sharding. */
export type ParameterRole = 'conv' | 'linear' | 'norm' | 'bias' | 'embedding' | 'other';

export interface Parameter {
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** Autocast makes a 16-bit copy of it for the product. */
  readonly isCast: boolean;
}

/** One operation of the forward pass and what its backward pass needs. */
export interface Operation {
  readonly kind: string;
  readonly inputs: readonly FeatureMap[];
  readonly output: FeatureMap;
  readonly placing: Placing;
  readonly numeric: Numeric;
  readonly keeps: readonly Kept[];
  /** Tensors beside inputs and output that are kept: indices, masks, statistics. */
  readonly extra: readonly Extra[];
  /** Gradients of inputs are tensors of their own, or the gradient of the output is passed on (sums, views). */
  readonly gradient: 'new' | 'passed';
  readonly parameters: readonly Parameter[];
  /** The weights take no gradient. */
  readonly frozen: boolean;
  /** Without training it does nothing (dropout). */
  readonly onlyTraining?: boolean;
  /** Tensors for a moment of the forward and of the backward pass. */
  readonly scratch?: { readonly forward?: readonly Extra[]; readonly backward?: readonly Extra[] };
}

/** A network for one size of input. */
export interface NetRecord {
  /** What the caller puts in and holds for the whole pass. */
  readonly inputs: readonly FeatureMap[];
  readonly operations: readonly Operation[];
  /** Maps that a name holds beyond their last use: to the operation with this index. */
  readonly names: ReadonlyMap<FeatureMap, number>;
  /** Ranges of operations that recomputation takes as units: first, and one past the last. */
  readonly blocks: readonly (readonly [number, number])[];
  /** Elements that are stored beside parameters: running statistics of batch norms. */
  readonly buffers: number;
}

/** A network that can be built for images of any size. */
export interface Network {
  readonly name: string;
  /** Pixels of a side that its published weights were trained for. */
  readonly resolution: number;
  readonly classes: number;
  /** Its last operations are the loss; otherwise it gives one row of logits for each position. */
  readonly hasLoss?: boolean;
  readonly build: (height: number, width: number, classes: number) => NetRecord;
}

/** Settings of a convolution; padding keeps the size at stride 1 unless said. */
export interface ConvOptions {
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
  readonly bias?: boolean;
}

export type Activation =
  | 'relu'
  | 'relu6'
  | 'hardswish'
  | 'hardsigmoid'
  | 'silu'
  | 'gelu'
  | 'sigmoid';

/** What stands at operations that say no more. */
const PLAIN = {
  placing: 'new',
  numeric: 'same',
  keeps: [],
  extra: [],
  gradient: 'new',
  parameters: [],
} as const satisfies Partial<Operation>;

const windowed = (size: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

export class Graph {
  readonly #inputs: FeatureMap[] = [];
  readonly #operations: Operation[] = [];
  readonly #names = new Map<FeatureMap, number>();
  readonly #blocks: (readonly [number, number])[] = [];
  readonly #shared = new Map<string, Parameter[]>();
  #lent: { readonly of: Parameter[]; at: number } | undefined;
  #buffers = 0;
  #isFrozen = false;

  /** What the caller gives: images, tokens, a condition. */
  input(channels: number, height: number, width: number = height): FeatureMap {
    const map = { channels, height, width };
    this.#inputs.push(map);
    return map;
  }

  /** Any operation: what is not said is as at an operation that keeps nothing and makes a tensor. */
  apply(
    kind: string,
    inputs: readonly FeatureMap[],
    shape: FeatureMap,
    more: Partial<Omit<Operation, 'kind' | 'inputs' | 'output'>> = {},
  ): FeatureMap {
    const output = { channels: shape.channels, height: shape.height, width: shape.width };
    const parameters = (more.parameters ?? []).map((one) => this.#lend(one));
    const frozen = this.#isFrozen;
    this.#operations.push({
      ...PLAIN,
      frozen,
      ...more,
      parameters,
      kind,
      inputs: [...inputs],
      output,
    });
    return output;
  }

  /** Under `shared` the weight that stood at the same place the first time. */
  #lend(parameter: Parameter): Parameter {
    const lent = this.#lent;
    if (lent === undefined) return parameter;
    const known = lent.of[lent.at];
    if (known === undefined) lent.of.push(parameter);
    lent.at += 1;
    return known ?? parameter;
  }

  /** What `body` records under the same key uses the same weights each time, in their order. */
  shared<T>(key: string, body: () => T): T {
    const of = this.#shared.get(key) ?? [];
    this.#shared.set(key, of);
    const before = this.#lent;
    this.#lent = { of, at: 0 };
    const result = body();
    this.#lent = before;
    return result;
  }

  /** A name of the map lives to this place of the program. */
  still(...maps: readonly FeatureMap[]): void {
    for (const map of maps) this.#names.set(map, this.#operations.length - 1);
  }

  /** What `body` records is computed while a caller holds `map`. */
  holding<T>(map: FeatureMap, body: () => T): T {
    const result = body();
    this.still(map);
    return result;
  }

  /** What `body` records is one unit of recomputation; its last operation makes what it gives. */
  block(body: () => FeatureMap): FeatureMap {
    const from = this.#operations.length;
    const result = body();
    this.#blocks.push([from, this.#operations.length]);
    return result;
  }

  /** Weights that `body` records take no gradient. */
  frozen<T>(body: () => T): T {
    const before = this.#isFrozen;
    this.#isFrozen = true;
    const result = body();
    this.#isFrozen = before;
    return result;
  }

  /** Keeps its input for the gradient of the weights. */
  conv(input: FeatureMap, channels: number, kernel: number, options: ConvOptions = {}): FeatureMap {
    const { stride = 1, dilation = 1, groups = 1, bias = false } = options;
    const reach = dilation * (kernel - 1) + 1;
    const { padding = (reach - 1) >> 1 } = options;
    const output = {
      channels,
      height: windowed(input.height, reach, stride, padding),
      width: windowed(input.width, reach, stride, padding),
    };
    const shape = [channels, input.channels / groups, kernel, kernel];
    return this.apply('conv', [input], output, {
      numeric: 'half',
      keeps: [{ of: 0, where: 'weights' }],
      parameters: weighted(shape, 'conv', bias),
    });
  }

  /** A transposed convolution that enlarges by its stride. */
  deconv(input: FeatureMap, channels: number, kernel: number, stride: number = kernel): FeatureMap {
    const output = { channels, height: input.height * stride, width: input.width * stride };
    return this.apply('deconv', [input], output, {
      numeric: 'half',
      keeps: [{ of: 0, where: 'weights' }],
      parameters: weighted([input.channels, channels, kernel, kernel], 'conv', true, channels),
    });
  }

  /** A product over the channels at each position; keeps its input for the gradient of the weights. */
  linear(input: FeatureMap, features: number, bias = true): FeatureMap {
    return this.apply(
      'linear',
      [input],
      { ...input, channels: features },
      {
        numeric: 'half',
        keeps: [{ of: 0, where: 'weights' }],
        parameters: weighted([features, input.channels], 'linear', bias),
      },
    );
  }

  /** In training: keeps its input and the mean and deviation of each channel, in fp32. */
  batchNorm(input: FeatureMap): FeatureMap {
    this.#buffers += 2 * input.channels;
    const statistics = { elements: input.channels, bytes: 4, once: true };
    return this.apply('batch-norm', [input], input, {
      keeps: [{ of: 0 }],
      extra: [statistics, statistics],
      parameters: affine(input.channels),
    });
  }

  /** A batch norm in evaluation mode whose weights are trained: keeps its input. */
  evalNorm(input: FeatureMap): FeatureMap {
    this.#buffers += 2 * input.channels;
    return this.apply('batch-norm', [input], input, {
      keeps: [{ of: 0 }],
      parameters: affine(input.channels),
    });
  }

  /** A batch norm as constants (`x * scale + bias`): a product and a sum, neither of which keeps a map. */
  constantNorm(input: FeatureMap): FeatureMap {
    this.#buffers += 4 * input.channels;
    const scaled = this.apply('scale', [input], input);
    return this.apply('shift', [scaled], input, { gradient: 'passed' });
  }

  /** Keeps its input and two numbers in fp32 for each position; runs in fp32 under autocast. */
  layerNorm(input: FeatureMap): FeatureMap {
    const statistics = { elements: input.height * input.width, bytes: 4 };
    return this.apply('layer-norm', [input], input, {
      numeric: 'full',
      keeps: [{ of: 0 }],
      extra: [statistics, statistics],
      parameters: affine(input.channels),
    });
  }

  /** Keeps its input and two numbers for each group; runs in fp32 under autocast. */
  groupNorm(input: FeatureMap, groups: number): FeatureMap {
    const statistics = { elements: groups, bytes: 4 };
    return this.apply('group-norm', [input], input, {
      numeric: 'full',
      keeps: [{ of: 0 }],
      extra: [statistics, statistics],
      parameters: affine(input.channels),
    });
  }

  /** ReLU and sigmoid keep their output, the others their input: a copy of it where they overwrite it. */
  activation(of: Activation, input: FeatureMap, isInPlace = false): FeatureMap {
    const keepsOutput = of === 'relu' || of === 'sigmoid';
    const kept: Kept = { of: keepsOutput ? 'output' : isInPlace ? 'copy' : 0 };
    return this.apply(of, [input], input, {
      placing: isInPlace ? 'in-place' : 'new',
      keeps: [kept],
    });
  }

  relu(input: FeatureMap, isInPlace = true): FeatureMap {
    return this.activation('relu', input, isInPlace);
  }

  /** Keeps its input and one int64 index for each output. */
  maxPool(input: FeatureMap, kernel: number, stride: number, padding = 0): FeatureMap {
    const output = {
      channels: input.channels,
      height: windowed(input.height, kernel, stride, padding),
      width: windowed(input.width, kernel, stride, padding),
    };
    return this.apply('max-pool', [input], output, {
      keeps: [{ of: 0 }],
      extra: [{ elements: elementsOf(output), bytes: 8 }],
    });
  }

  /** Adaptive average pooling keeps a shape only where it makes one number of each channel, else its input. */
  averagePool(input: FeatureMap, size: number): FeatureMap {
    const output = { channels: input.channels, height: size, width: size };
    return this.apply('average-pool', [input], output, {
      keeps: size === 1 ? [] : [{ of: 0 }],
    });
  }

  /** Average pooling over windows keeps its input. */
  averagePoolWindow(input: FeatureMap, kernel: number, stride: number, padding = 0): FeatureMap {
    const output = {
      channels: input.channels,
      height: windowed(input.height, kernel, stride, padding),
      width: windowed(input.width, kernel, stride, padding),
    };
    return this.apply('average-pool', [input], output, { keeps: [{ of: 0 }] });
  }

  /** Keeps nothing; gradients of the inputs are views of the gradient of the output. */
  concat(inputs: readonly FeatureMap[]): FeatureMap {
    const [first] = inputs;
    const channels = inputs.reduce((sum, map) => sum + map.channels, 0);
    const output = { channels, height: first?.height ?? 0, width: first?.width ?? 0 };
    return this.apply('concat', inputs, output, { numeric: 'widest', gradient: 'passed' });
  }

  /** CUDA's own dropout keeps a mask of one byte for each element. */
  dropout(input: FeatureMap): FeatureMap {
    return this.apply('dropout', [input], input, {
      onlyTraining: true,
      extra: [{ elements: elementsOf(input), bytes: 1 }],
    });
  }

  /** Whole branches are dropped, a sample at a time: a product with one number a sample. */
  dropBranch(input: FeatureMap): FeatureMap {
    return this.apply('drop-branch', [input], input, { onlyTraining: true });
  }

  /** A sum keeps nothing. */
  add(left: FeatureMap, right: FeatureMap, isInPlace = false): FeatureMap {
    return this.apply('add', [left, right], left, {
      placing: isInPlace ? 'in-place' : 'new',
      numeric: 'widest',
      gradient: 'passed',
    });
  }

  /** A product keeps each operand that the other's gradient needs; one of them may be one number a channel. */
  multiply(left: FeatureMap, right: FeatureMap): FeatureMap {
    const wide = elementsOf(left) < elementsOf(right) ? right : left;
    const isSpread = elementsOf(left) !== elementsOf(right);
    return this.apply('multiply', [left, right], wide, {
      numeric: 'widest',
      keeps: [
        { of: 0, where: 1 },
        { of: 1, where: 0 },
      ],
      // The gradient of what is spread is a product of the whole size before it is summed up.
      ...(isSpread ? { scratch: { backward: [{ elements: elementsOf(wide) }] } } : {}),
    });
  }

  /** A product with weights of one number a channel (layer scale). */
  scale(input: FeatureMap): FeatureMap {
    return this.apply('scale', [input], input, {
      numeric: 'widest',
      keeps: [{ of: 0, where: 'weights' }],
      parameters: [{ shape: [input.channels], role: 'other', isCast: false }],
      scratch: { backward: [{ elements: elementsOf(input) }] },
    });
  }

  /** Another size by interpolation. */
  upsample(input: FeatureMap, height: number, width: number = height): FeatureMap {
    return this.apply('upsample', [input], { channels: input.channels, height, width });
  }

  /** The same storage under another shape. */
  view(input: FeatureMap, channels: number, height: number, width = 1): FeatureMap {
    return this.apply(
      'view',
      [input],
      { channels, height, width },
      {
        placing: 'view',
        gradient: 'passed',
      },
    );
  }

  flatten(input: FeatureMap): FeatureMap {
    return this.view(input, elementsOf(input), 1);
  }

  /** A copy in another order of its elements. */
  copy(input: FeatureMap): FeatureMap {
    return this.apply('copy', [input], input);
  }

  /**
   * Attention of `heads` heads in one fused kernel: keeps queries, keys, values, its output and a sum in fp32 for each
   * row and head.
   */
  attention(queries: FeatureMap, keys: FeatureMap, values: FeatureMap, heads: number): FeatureMap {
    const rows = queries.height * queries.width;
    const output = { ...queries, channels: values.channels };
    return this.apply('attention', [queries, keys, values], output, {
      numeric: 'half',
      keeps: [{ of: 0 }, { of: 1 }, { of: 2 }, { of: 'output' }],
      extra: [{ elements: heads * rows, bytes: 4 }],
    });
  }

  /**
   * Attention written out: scores, softmax (kept) and the product with the values. `scores` elements stand for all
   * rows and heads; `bias`: a mask or table is added to them.
   */
  attentionWritten(
    queries: FeatureMap,
    keys: FeatureMap,
    values: FeatureMap,
    scores: number,
    hasBias = false,
  ): FeatureMap {
    const matrix = { channels: scores, height: 1, width: 1 };
    const product = this.apply('matmul', [queries, keys], matrix, {
      numeric: 'half',
      keeps: [
        { of: 0, where: 1 },
        { of: 1, where: 0 },
      ],
    });
    const summed = hasBias ? this.apply('add', [product], matrix, { gradient: 'passed' }) : product;
    const weights = this.apply('softmax', [summed], matrix, {
      numeric: 'full',
      keeps: [{ of: 'output' }],
    });
    return this.apply(
      'matmul',
      [weights, values],
      { ...queries, channels: values.channels },
      {
        numeric: 'half',
        keeps: [
          { of: 0, where: 1 },
          { of: 1, where: 0 },
        ],
      },
    );
  }

  /** Equal parts of the channels, as views; their gradients are joined in one tensor. */
  split(input: FeatureMap, parts: number): readonly FeatureMap[] {
    const channels = input.channels / parts;
    return Array.from({ length: parts }, () =>
      this.apply('part', [input], { ...input, channels }, { placing: 'view' }),
    );
  }

  /** Logarithms of class shares over the channels, in fp32, and the loss of each position; the target is int64. */
  crossEntropy(logits: FeatureMap): FeatureMap {
    const shares = this.apply('log-softmax', [logits], logits, {
      numeric: 'full',
      keeps: [{ of: 'output' }],
    });
    const positions = logits.height * logits.width;
    return this.apply(
      'nll',
      [shares],
      { ...logits, channels: 1 },
      {
        extra: [{ elements: positions, bytes: 8 }],
      },
    );
  }

  record(): NetRecord {
    return {
      inputs: this.#inputs,
      operations: this.#operations,
      names: this.#names,
      blocks: this.#blocks,
      buffers: this.#buffers,
    };
  }
}

/** A weight whose product runs in 16 bits under autocast, and its bias. */
function weighted(
  shape: readonly number[],
  role: ParameterRole,
  hasBias: boolean,
  outputs = shape[0] ?? 0,
): readonly Parameter[] {
  const weight = { shape, role, isCast: true };
  return hasBias ? [weight, { shape: [outputs], role: 'bias', isCast: true }] : [weight];
}

const affine = (channels: number): readonly Parameter[] => [
  { shape: [channels], role: 'norm', isCast: false },
  { shape: [channels], role: 'norm', isCast: false },
];

export const sizeOf = ({ shape }: Parameter): number => shape.reduce((a, b) => a * b, 1);

/** Every weight once, whoever else uses it. */
export const parametersIn = ({ operations }: NetRecord): ReadonlySet<Parameter> =>
  new Set(operations.flatMap(({ parameters }) => parameters));

/** Elements of all weights, trained or frozen. */
export const parameterElements = (record: NetRecord): number =>
  [...parametersIn(record)].reduce((sum, parameter) => sum + sizeOf(parameter), 0);
