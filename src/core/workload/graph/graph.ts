/**
 * A small graph of layers, built in the order a forward pass runs: shapes flow by rule, parameters are counted, and
 * each tensor that autograd keeps is counted once per storage, whoever else keeps it.
 */

/** One feature map of one image: channels × height × width. Identity is storage. */
export interface FeatureMap {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** What one image costs in training, and what the network holds whatever the batch. */
export interface GraphCount {
  readonly parameters: number;
  /** Those of convolutions and linear layers: autocast keeps a 16-bit copy of each until backward has run. */
  readonly castParameters: number;
  /** Running mean and variance of batch norms, in elements (their int64 step counters left out). */
  readonly buffers: number;
  /** Elements kept for backward per image, in the dtype of the activations. */
  readonly savedElements: number;
  /** Bytes kept per image whatever that dtype is: int64 indices of max pooling, masks of dropout. */
  readonly savedFixedBytes: number;
}

/** Settings of a convolution; padding keeps the size at stride 1 unless said. */
export interface ConvOptions {
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
  readonly bias?: boolean;
}

export const elementsOf = (map: FeatureMap): number => map.channels * map.height * map.width;

const windowed = (size: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

export class Graph {
  readonly #saved = new Set<FeatureMap>();
  #parameters = 0;
  #cast = 0;
  #buffers = 0;
  #fixed = 0;

  #keep(map: FeatureMap): void {
    this.#saved.add(map);
  }

  #weigh(parameters: number): void {
    this.#parameters += parameters;
    this.#cast += parameters;
  }

  /** Keeps its input. */
  conv(input: FeatureMap, channels: number, kernel: number, options: ConvOptions = {}): FeatureMap {
    const { stride = 1, padding = (kernel - 1) >> 1, groups = 1, bias = false } = options;
    this.#keep(input);
    const weights = (input.channels / groups) * channels * kernel * kernel;
    this.#weigh(weights + (bias ? channels : 0));
    return {
      channels,
      height: windowed(input.height, kernel, stride, padding),
      width: windowed(input.width, kernel, stride, padding),
    };
  }

  /** In training: keeps its input; the statistics kept beside it do not grow with the image. */
  batchNorm(input: FeatureMap): FeatureMap {
    this.#keep(input);
    this.#parameters += 2 * input.channels;
    this.#buffers += 2 * input.channels;
    return { ...input };
  }

  /** Keeps its output. Working in place on what nobody else keeps costs the same. */
  relu(input: FeatureMap): FeatureMap {
    const output = { ...input };
    this.#keep(output);
    return output;
  }

  /** Clamped to 0-6: keeps its input, which is not the storage of its output. */
  relu6(input: FeatureMap): FeatureMap {
    this.#keep(input);
    return { ...input };
  }

  /** Keeps its input and one int64 index for each output. */
  maxPool(input: FeatureMap, kernel: number, stride: number, padding = 0): FeatureMap {
    this.#keep(input);
    const output: FeatureMap = {
      channels: input.channels,
      height: windowed(input.height, kernel, stride, padding),
      width: windowed(input.width, kernel, stride, padding),
    };
    this.#fixed += 8 * elementsOf(output);
    return output;
  }

  /** Adaptive average pooling keeps a shape only. */
  averagePool(input: FeatureMap, size: number): FeatureMap {
    return { channels: input.channels, height: size, width: size };
  }

  /** Average pooling over windows keeps its input. */
  averagePoolWindow(input: FeatureMap, kernel: number, stride: number): FeatureMap {
    this.#keep(input);
    return {
      channels: input.channels,
      height: windowed(input.height, kernel, stride, 0),
      width: windowed(input.width, kernel, stride, 0),
    };
  }

  /** Keeps nothing itself; its output is new storage, which the next layer may keep. */
  concat(inputs: readonly FeatureMap[]): FeatureMap {
    const [first] = inputs;
    const channels = inputs.reduce((sum, map) => sum + map.channels, 0);
    return { channels, height: first?.height ?? 0, width: first?.width ?? 0 };
  }

  /** CUDA's own dropout keeps a mask of one byte for each element. */
  dropout(input: FeatureMap): FeatureMap {
    this.#fixed += elementsOf(input);
    return { ...input };
  }

  /** A sum keeps nothing. */
  add(left: FeatureMap, _right: FeatureMap): FeatureMap {
    return { ...left };
  }

  /** Over the flattened map; keeps its input. */
  linear(input: FeatureMap, features: number): FeatureMap {
    this.#keep(input);
    this.#weigh(elementsOf(input) * features + features);
    return { channels: features, height: 1, width: 1 };
  }

  count(): GraphCount {
    let savedElements = 0;
    for (const map of this.#saved) savedElements += elementsOf(map);
    return {
      parameters: this.#parameters,
      castParameters: this.#cast,
      buffers: this.#buffers,
      savedElements,
      savedFixedBytes: this.#fixed,
    };
  }
}

/** Bytes kept for backward by a batch: fp32, or autocast to 16 bits with its copies of the weights. */
export function savedBytes(count: GraphCount, batch: number, autocast: boolean): number {
  const perImage = (autocast ? 2 : 4) * count.savedElements + count.savedFixedBytes;
  return batch * perImage + (autocast ? 2 * count.castParameters : 0);
}
