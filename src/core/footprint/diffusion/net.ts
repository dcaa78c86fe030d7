/**
 * A network of a diffusion pipeline as a program: run once it lists its weights, run with the sizes of a job it says
 * what eager PyTorch allocates. Operations take tensors that the caller holds and give one that the caller releases.
 */
import type { Weight } from '../../workload/model/model.ts';
import type { Rehearsal, Storage, Tensor } from '../rehearsal/rehearsal.ts';
import {
  add,
  type LinearUse,
  linear,
  multiply,
  type Numerics,
  norm,
  weightGradient,
} from '../rehearsal/rules.ts';

/** How the weight of a module is held and used. */
export type WeightUse = Pick<LinearUse, 'trainable' | 'width' | 'unpacked' | 'lora'>;

/** What a run of a network stands in. */
export interface Stage {
  readonly numerics: Numerics;
  /** Blocks are computed again in the backward pass. */
  readonly checkpointing: boolean;
  readonly attention: 'fused' | 'eager';
  /** Share of its input and output that a convolution needs beside them: cuDNN turns them to channels last. */
  readonly workspace: number;
  /** Heads of an attention that are computed at once, as a share of all: 0.5 for `enable_attention_slicing`. */
  readonly slices?: number;
  /** How a weight is used, by the name of its module. */
  use(module: string): WeightUse;
}

/** A feature map, or a video of them: batch × channels × frames × height × width. */
export interface Feature {
  readonly tensor: Tensor;
  readonly batch: number;
  readonly channels: number;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

export interface ConvOptions {
  /** Of a convolution over time as well: taps along it. */
  readonly taps?: number;
  readonly stride?: number;
  readonly timeStride?: number;
  readonly bias?: boolean;
  /** Edges of the result, where the padding is not half the kernel. */
  readonly height?: number;
  readonly width?: number;
  readonly frames?: number;
}

const elementsOf = (f: Omit<Feature, 'tensor'>): number =>
  f.batch * f.channels * f.frames * f.height * f.width;

/** Numbers of repeated blocks, which weights of the same shape share. */
const REPEATED = /\b((?:[a-z_]*blocks|resnets|attentions|layers)\.)\d+(?=\.)/g;

export class Net {
  readonly r: Rehearsal;
  readonly stage: Stage;
  /** Elements of tensors that lie beside the weights and are not trained. */
  buffers = 0;
  /** By name and shape, in the order of the forward pass. */
  readonly #weights: Map<string, { weight: Weight; count: number }> = new Map();
  readonly #listed: Set<string> = new Set();

  constructor(r: Rehearsal, stage: Stage) {
    this.r = r;
    this.stage = stage;
  }

  get weights(): readonly Weight[] {
    return [...this.#weights.values()].map(({ weight, count }) => ({ ...weight, count }));
  }

  /** Notes a weight. Programs name each once a run; recomputed parts name theirs again. */
  weigh(name: string, role: Weight['role'], shape: readonly number[]): void {
    if (this.#listed.has(name)) return;
    this.#listed.add(name);
    const general = name.replace(REPEATED, '$1{i}');
    const key = `${general} ${shape.join('x')}`;
    const known = this.#weights.get(key);
    if (known !== undefined) known.count += 1;
    else {
      const weight: Weight = {
        name: general,
        role,
        shape,
        count: 1,
        layer: { stack: 0, layer: 0 },
      };
      this.#weights.set(key, { weight, count: 1 });
    }
  }

  /** A tensor of its own. */
  tensor(elements: number, like: Tensor, needsGrad: boolean = like.needsGrad): Tensor {
    return this.r.tensor(elements, like.width, needsGrad);
  }

  release(...held: readonly (Tensor | Feature)[]): void {
    for (const one of held) this.r.release('tensor' in one ? one.tensor : one);
  }

  linear(module: string, x: Tensor, inputs: number, outputs: number, bias = true): Tensor {
    this.weigh(`${module}.weight`, 'linear', [outputs, inputs]);
    if (bias) this.weigh(`${module}.bias`, 'bias', [outputs]);
    const use = this.stage.use(module);
    return linear(this.r, this.stage.numerics, x, x.elements / inputs, {
      inputs,
      outputs,
      bias,
      ...use,
    });
  }

  /** A learned vector or table that is added to or multiplied with activations. */
  parameter(name: string, shape: readonly number[]): Tensor {
    this.weigh(name, 'other', shape);
    const { width, trainable } = this.stage.use(name);
    const elements = shape.reduce((a, b) => a * b, 1);
    // The weight itself lies with the weights: a storage of no size stands for it.
    return {
      storage: this.r.allocate(1),
      width,
      elements,
      needsGrad: trainable && this.r.gradMode,
    };
  }

  conv(
    module: string,
    x: Feature,
    channels: number,
    kernel: number,
    options: ConvOptions = {},
  ): Feature {
    const { taps, stride = 1, timeStride = 1, bias = true } = options;
    const window = taps === undefined ? [kernel, kernel] : [taps, kernel, kernel];
    const shape = [channels, x.channels, ...window];
    this.weigh(`${module}.weight`, 'conv', shape);
    if (bias) this.weigh(`${module}.bias`, 'bias', [channels]);
    const size = {
      batch: x.batch,
      channels,
      frames: options.frames ?? Math.ceil(x.frames / timeStride),
      height: options.height ?? Math.ceil(x.height / stride),
      width: options.width ?? Math.ceil(x.width / stride),
    };
    const elements = shape.reduce((a, b) => a * b, 1);
    return {
      ...size,
      tensor: this.#convolved(module, x.tensor, elements, elementsOf(size), bias ? channels : 0),
    };
  }

  #convolved(module: string, x: Tensor, weights: number, elements: number, bias: number): Tensor {
    const { r, stage } = this;
    const { numerics } = stage;
    const use = stage.use(module);
    const width = numerics.autocast ?? x.width;
    const input = this.cast(x, width);
    const needsGrad = x.needsGrad || use.trainable;
    const out = r.tensor(elements, width, needsGrad);
    const scratch = stage.workspace * (input.elements + elements) * width;
    if (scratch > 0) r.touch(scratch);
    r.record(out, use.trainable ? [input.storage] : [], () => {
      if (scratch > 0) r.touch(scratch);
      if (x.needsGrad) r.accumulate(input, r.allocate(input.elements * width));
      if (use.trainable) {
        weightGradient(r, numerics, weights, use.width, width);
        if (bias > 0) weightGradient(r, numerics, bias, use.width, width);
      }
    });
    r.release(input);
    return out;
  }

  /** In another format; the same storage where it has it already. */
  cast(x: Tensor, width: number): Tensor {
    const { r } = this;
    if (x.width === width) return r.view(x);
    const out = r.tensor(x.elements, width, x.needsGrad);
    r.record(out, [], () => r.accumulate(x, r.allocate(x.elements * x.width)));
    return out;
  }

  groupNorm(module: string, x: Feature, groups = 32): Feature {
    this.weigh(`${module}.weight`, 'norm', [x.channels]);
    this.weigh(`${module}.bias`, 'bias', [x.channels]);
    const { width, trainable } = this.stage.use(module);
    const use = { kernel: 'layer' as const, features: x.channels, trainable, width, bias: true };
    const rows = x.batch * groups;
    return { ...x, tensor: norm(this.r, this.stage.numerics, x.tensor, rows, use) };
  }

  /** Over the last dimension; without a module it has no weights. */
  layerNorm(module: string | undefined, x: Tensor, features: number, bias = true): Tensor {
    return this.#norm('layer', module, x, features, bias);
  }

  /** In one kernel (torch.nn.RMSNorm). */
  rmsNorm(module: string | undefined, x: Tensor, features: number): Tensor {
    return this.#norm('rms', module, x, features, false);
  }

  /** diffusers' own class, written out with fp32 tensors between: it keeps x and x in fp32. */
  writtenNorm(module: string | undefined, x: Tensor, features: number): Tensor {
    const { r } = this;
    const { elements } = x;
    const wide = x.width === 4 ? r.hold(x.storage) : r.allocate(elements * 4);
    r.touch(elements * 4);
    const root = r.allocate((elements / features) * 4);
    const square = wide;
    const normed = r.tensor(elements, 4, x.needsGrad);
    r.record(normed, [wide, x.storage, root], () => {
      const direct = r.allocate(elements * x.width);
      r.touch(elements * 4);
      r.accumulate(x, direct);
    });
    r.drop(square, root);
    const narrow = this.cast(normed, x.width);
    r.release(normed);
    if (module === undefined) return narrow;
    this.weigh(`${module}.weight`, 'norm', [features]);
    const { width, trainable } = this.stage.use(module);
    const out = r.tensor(elements, narrow.width, narrow.needsGrad || trainable);
    r.record(out, trainable ? [narrow.storage] : [], () => {
      r.accumulate(narrow, r.allocate(elements * narrow.width));
      if (trainable) weightGradient(r, this.stage.numerics, features, width);
    });
    r.release(narrow);
    return out;
  }

  #norm(
    kernel: 'layer' | 'rms',
    module: string | undefined,
    x: Tensor,
    features: number,
    bias: boolean,
  ): Tensor {
    if (module !== undefined) {
      this.weigh(`${module}.weight`, 'norm', [features]);
      if (bias) this.weigh(`${module}.bias`, 'bias', [features]);
    }
    const use = module === undefined ? undefined : this.stage.use(module);
    return norm(this.r, this.stage.numerics, x, x.elements / features, {
      kernel,
      features,
      trainable: use?.trainable ?? false,
      width: use?.width ?? x.width,
      bias,
    });
  }

  /** SiLU, GELU: keeps its input. */
  activate(x: Tensor): Tensor {
    const { r } = this;
    const out = this.tensor(x.elements, x);
    r.record(out, [x.storage], () => r.accumulate(x, r.allocate(x.elements * x.width)));
    return out;
  }

  activateMap = (x: Feature): Feature => ({ ...x, tensor: this.activate(x.tensor) });

  add(a: Tensor, b: Tensor): Tensor {
    return add(this.r, a, b);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    return multiply(this.r, a, b);
  }

  /** Divides or multiplies by a number: a copy that keeps nothing. */
  copy(x: Tensor): Tensor {
    const { r } = this;
    const out = this.tensor(x.elements, x);
    r.record(out, [], () => r.accumulate(x, r.allocate(x.elements * x.width)));
    return out;
  }

  /** x · (1 + scale) + shift, with one scale and shift a sample. The names are the caller's. */
  modulate(x: Tensor, scale: Tensor): Tensor {
    const scaled = this.multiply(x, scale);
    const out = this.add(scaled, scale);
    this.release(scaled);
    return out;
  }

  /** x + gate · y. */
  gated(x: Tensor, gate: Tensor, y: Tensor): Tensor {
    const scaled = this.multiply(y, gate);
    const out = this.add(x, scaled);
    this.release(scaled);
    return out;
  }

  /** Tensors joined along tokens or channels. */
  concat(...parts: readonly Tensor[]): Tensor {
    const { r } = this;
    const [first] = parts;
    if (first === undefined) throw new Error('nothing to join');
    const elements = parts.reduce((sum, part) => sum + part.elements, 0);
    const out = this.tensor(
      elements,
      first,
      parts.some(({ needsGrad }) => needsGrad),
    );
    r.record(out, [], (grad) => {
      // The parts' gradients are views of the whole one.
      for (const part of parts) if (part.needsGrad) r.accumulate(part, r.hold(grad));
    });
    return out;
  }

  /** Parts of a tensor, as views; the caller releases each. `shares` in elements. */
  split(x: Tensor, ...shares: readonly number[]): Tensor[] {
    const { r } = this;
    return shares.map((elements): Tensor => {
      const part: Tensor = {
        storage: r.hold(x.storage),
        width: x.width,
        elements,
        needsGrad: x.needsGrad,
      };
      r.record(part, [], () => r.accumulate(x, r.allocate(x.elements * x.width)));
      return part;
    });
  }

  /**
   * A block over one or more streams, computed again in the backward pass where the job does so. The streams are let go;
   * those that it gives are the caller's.
   * @param kept tables that the block reads: it holds them until it is computed again
   */
  block(
    streams: readonly Tensor[],
    run: (streams: readonly Tensor[]) => readonly Tensor[],
    kept: readonly Storage[] = [],
  ): Tensor[] {
    const { r, stage } = this;
    if (!stage.checkpointing || !r.gradMode) {
      const out = run(streams);
      this.release(...streams);
      return [...out];
    }
    r.gradMode = false;
    const pure = run(streams);
    r.gradMode = true;
    const out = pure.map((one): Tensor => ({ ...one, needsGrad: true }));
    const later: (Storage | undefined)[] = out.map(() => undefined);
    const [main, ...others] = out;
    if (main === undefined) throw new Error('a block gives something on');
    r.record(main, [...streams.map(({ storage }) => storage), ...kept], (grad) => {
      // Without the gradient that the stream may have gathered elsewhere by then.
      const again = streams.map(
        ({ storage, width, elements, needsGrad }): Tensor => ({
          storage,
          width,
          elements,
          needsGrad,
        }),
      );
      const results = run(again);
      results.forEach((result, i) => {
        const given = i === 0 ? r.hold(grad) : later[i];
        if (given === undefined) return;
        if (result.needsGrad) result.grad = given;
        else r.drop(given);
      });
      r.backward();
      this.release(...results);
      again.forEach(({ grad: of }, i) => {
        const stream = streams[i];
        if (of !== undefined && stream !== undefined) r.accumulate(stream, of);
      });
    });
    others.forEach((other, i) => {
      r.record(other, [], (grad) => {
        later[i + 1] = r.hold(grad);
      });
    });
    this.release(...streams);
    return out;
  }
}

/** Input that the caller holds, as a feature map. */
export function featureOf(r: Rehearsal, width: number, size: Omit<Feature, 'tensor'>): Feature {
  return { ...size, tensor: r.tensor(elementsOf(size), width, false) };
}

export { elementsOf };
