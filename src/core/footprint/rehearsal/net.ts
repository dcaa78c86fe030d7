/**
 * Runs the record of a network with sizes only, for a batch, a format and a manner of training: which storages come to
 * be, who holds them and when they go. Nothing of a network stands here; what an operation keeps stands in its record.
 */
import {
  type Extra,
  elementsOf,
  type FeatureMap,
  type NetRecord,
  type Numeric,
  type Operation,
  type Parameter,
  sizeOf,
} from '../../workload/graph/graph.ts';
import { Kind, type Rehearsal, type Storage, type Tensor } from './rehearsal.ts';
import { cast, weightGradient } from './rules.ts';

/** How a network is run. */
export interface NetUse {
  readonly batch: number;
  /** Bytes of an element of weights and of what comes in. */
  readonly width: number;
  /** Bytes of an element of products under autocast. */
  readonly autocast?: number;
  readonly trains: boolean;
  /** Gradients are there already, so that new ones are scratch. */
  readonly hasGradients: boolean;
  /** softmax and its logarithm keep their input beside their result (PyTorch before 1.11). */
  readonly keepsScores: boolean;
  /** Blocks are computed again in the backward pass. */
  readonly checkpointing: boolean;
}

type Values = Map<FeatureMap, Tensor>;

/** An operation under way. */
interface Running {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** 16-bit copies of its weights, where there are any. */
  readonly copies: readonly (Tensor | undefined)[];
  readonly extras: readonly Storage[];
  readonly trainable: boolean;
}

class NetRun {
  readonly #r: Rehearsal;
  readonly #record: NetRecord;
  readonly #use: NetUse;
  /** Index of the last operation that uses each map, or before which a name holds it. */
  readonly #last = new Map<FeatureMap, number>();
  /** 16-bit copies of weights that autocast's cache holds to the end of the forward pass. */
  readonly #copies = new Map<Parameter, Tensor>();
  readonly #graded = new Set<Parameter>();

  constructor(r: Rehearsal, record: NetRecord, use: NetUse) {
    this.#r = r;
    this.#record = record;
    this.#use = use;
    record.operations.forEach(({ inputs }, at) => {
      for (const map of inputs) this.#last.set(map, at);
    });
    for (const [map, at] of record.names) {
      this.#last.set(map, Math.max(at, this.#last.get(map) ?? -1));
    }
  }

  /** The forward pass. What is given is what no later operation takes: the caller releases it. */
  forward(): readonly Tensor[] {
    const { inputs, operations, blocks } = this.#record;
    const values: Values = new Map();
    for (const map of inputs) {
      values.set(map, this.#r.tensor(this.#elements(map), this.#use.width, false));
      // The caller holds what it put in.
      this.#last.set(map, Number.POSITIVE_INFINITY);
    }
    const starts = new Map(this.#use.checkpointing ? blocks : []);
    for (let at = 0; at < operations.length; ) {
      const end = starts.get(at);
      if (end === undefined) {
        this.#one(values, at);
        this.#forget(values, at, at);
        at += 1;
      } else {
        this.#block(values, at, end);
        this.#forget(values, at, end - 1);
        at = end;
      }
    }
    this.#forgetCopies();
    return [...values.values()];
  }

  /** Autocast ends, and with it its cache. */
  #forgetCopies(): void {
    this.#r.release(...this.#copies.values());
    this.#copies.clear();
  }

  /** Names end with their last use. */
  #forget(values: Values, from: number, to: number): void {
    for (let at = from; at <= to; at += 1) {
      const { inputs, output } = this.#operation(at);
      for (const map of [...inputs, output]) {
        const last = this.#last.get(map);
        const tensor = values.get(map);
        if (tensor === undefined || last === undefined || last > to) continue;
        this.#r.release(tensor);
        values.delete(map);
      }
    }
    for (const [map, last] of this.#record.names) {
      const tensor = last >= from && last <= to ? values.get(map) : undefined;
      if (tensor === undefined || (this.#last.get(map) ?? 0) > to) continue;
      this.#r.release(tensor);
      values.delete(map);
    }
  }

  #operation(at: number): Operation {
    return this.#record.operations[at] as Operation;
  }

  #elements(map: FeatureMap): number {
    return elementsOf(map) * this.#use.batch;
  }

  #bytes({ elements, bytes, once }: Extra, width: number): number {
    return elements * (once === true ? 1 : this.#use.batch) * (bytes ?? width);
  }

  /** A range of operations that keeps what goes in, and is run again in the backward pass. */
  #block(values: Values, from: number, end: number): void {
    const r = this.#r;
    const makes = new Set<FeatureMap>();
    const takes = new Set<FeatureMap>();
    for (let at = from; at < end; at += 1) {
      const { inputs, output } = this.#operation(at);
      for (const map of inputs) if (!makes.has(map)) takes.add(map);
      makes.add(output);
    }
    const given = this.#operation(end - 1).output;
    const outer = [...takes].map((map) => [map, values.get(map) as Tensor] as const);
    const isTrained = r.gradMode;
    const run = (grown: boolean): { result: Tensor; local: Values } => {
      const local: Values = new Map(
        outer.map(([map, tensor]) => [
          map,
          { ...r.view(tensor), needsGrad: tensor.needsGrad && grown, grad: undefined },
        ]),
      );
      const inside = new Map(local);
      for (let at = from; at < end; at += 1) {
        this.#one(inside, at);
        for (const map of [...this.#operation(at).inputs, this.#operation(at).output]) {
          const tensor = inside.get(map);
          if (tensor === undefined || map === given || (this.#last.get(map) ?? 0) > at) continue;
          r.release(tensor);
          inside.delete(map);
        }
      }
      if (grown) this.#forgetCopies();
      const result = inside.get(given) as Tensor;
      for (const [map, tensor] of inside) if (map !== given) r.release(tensor);
      return { result, local };
    };
    r.gradMode = false;
    const first = run(false).result;
    r.gradMode = isTrained;
    const needsGrad =
      isTrained &&
      (outer.some(([, { needsGrad: needs }]) => needs) ||
        this.#record.operations.slice(from, end).some((operation) => this.#trains(operation)));
    const out: Tensor = { ...first, needsGrad };
    r.record(
      out,
      outer.map(([, { storage }]) => storage),
      (grad) => {
        const { result, local } = run(true);
        result.grad = r.hold(grad);
        // Nobody names what recomputation gives: its tensors are there for the graph alone.
        r.release(result);
        r.backward();
        for (const [map, tensor] of outer) {
          const own = local.get(map)?.grad;
          if (own !== undefined) r.accumulate(tensor, own);
        }
      },
    );
    values.set(given, out);
  }

  #trains({ parameters, frozen }: Operation): boolean {
    return this.#use.trains && !frozen && parameters.length > 0;
  }

  /** The format of an operation's tensors. */
  #widthOf(numeric: Numeric, inputs: readonly Tensor[], parameters: readonly Parameter[]): number {
    const { autocast, width } = this.#use;
    if (numeric === 'half' && autocast !== undefined) return autocast;
    if (numeric === 'full' && autocast !== undefined) return 4;
    const widths = inputs.map((tensor) => tensor.width);
    if (parameters.length > 0) widths.push(width);
    return numeric === 'widest' ? Math.max(...widths) : (widths[0] ?? width);
  }

  /**
   * The 16-bit copy that autocast makes of a weight. Its cache holds that of a trained weight, whether or not this pass
   * has gradients; the gradient of the copy is cast when all uses have added to it.
   */
  #copyOf(parameter: Parameter, width: number, frozen: boolean): Tensor | undefined {
    const r = this.#r;
    const { width: stored, trains } = this.#use;
    if (!parameter.isCast || width === stored) return undefined;
    const known = this.#copies.get(parameter);
    if (known !== undefined) return r.view(known);
    const copy = r.tensor(sizeOf(parameter), width, trains && !frozen, Kind.copy);
    r.record(copy, [], () => this.#gradient(parameter));
    if (!frozen) this.#copies.set(parameter, r.view(copy));
    return copy;
  }

  /** The gradient of a weight: the first of the step stays, later ones are scratch. */
  #gradient(parameter: Parameter): void {
    const { width, hasGradients } = this.#use;
    const isThere = hasGradients || this.#graded.has(parameter);
    this.#graded.add(parameter);
    weightGradient(this.#r, { width, hasGradients: isThere }, sizeOf(parameter), width);
  }

  #one(values: Values, at: number): void {
    const r = this.#r;
    const operation = this.#operation(at);
    const { numeric, extra, parameters, scratch = {} } = operation;
    const given = operation.inputs.map((map) => values.get(map) as Tensor);
    if (operation.onlyTraining === true && !this.#use.trains) {
      values.set(operation.output, r.view(given[0] as Tensor));
      return;
    }
    const width = this.#widthOf(numeric, given, parameters);
    // Sums take unlike formats as they are; a concatenation casts first.
    const isCast = numeric !== 'widest' || operation.kind === 'concat';
    const inputs = given.map((tensor) => (isCast ? cast(r, tensor, width) : r.view(tensor)));
    const trainable = this.#trains(operation);
    const copies = parameters.map((one) => this.#copyOf(one, width, operation.frozen));
    const output = this.#outputOf(operation, inputs, width, trainable);
    const extras = extra.map((one) => r.allocate(this.#bytes(one, width)));
    this.#touch(scratch.forward, width);
    this.#keep(operation, { inputs, output, copies, extras, trainable });
    r.release(...inputs);
    for (const copy of copies) if (copy !== undefined) r.release(copy);
    r.drop(...extras);
    values.set(operation.output, output);
  }

  #outputOf(
    { placing, output }: Operation,
    inputs: readonly Tensor[],
    width: number,
    trainable: boolean,
  ): Tensor {
    const [first] = inputs;
    const elements = this.#elements(output);
    const needsGrad = trainable || inputs.some((tensor) => tensor.needsGrad);
    if (placing === 'new' || first === undefined) return this.#r.tensor(elements, width, needsGrad);
    const storage = this.#r.hold(first.storage);
    return { storage, width, elements, needsGrad: needsGrad && this.#r.gradMode };
  }

  /** Several tensors for a moment. */
  #touch(extras: readonly Extra[] = [], width: number): void {
    const held = extras.map((one) => this.#r.allocate(this.#bytes(one, width)));
    this.#r.drop(...held);
  }

  #keep(
    { keeps, gradient, parameters, scratch, kind }: Operation,
    { inputs, output, copies, extras, trainable }: Running,
  ): void {
    const r = this.#r;
    if (!output.needsGrad) return;
    const saved = extras.slice();
    // The weight is needed for the gradient of what goes in.
    if (inputs.some(({ needsGrad }) => needsGrad)) {
      for (const copy of copies) if (copy !== undefined) saved.push(copy.storage);
    }
    let copy: Storage | undefined;
    for (const { of, where } of keeps) {
      const isNeeded =
        where === undefined || (where === 'weights' ? trainable : inputs[where]?.needsGrad);
      if (isNeeded !== true) continue;
      if (of === 'copy') copy = r.allocate(output.elements * output.width);
      saved.push(
        of === 'copy'
          ? (copy as Storage)
          : of === 'output'
            ? output.storage
            : (inputs[of] as Tensor).storage,
      );
    }
    const [first] = inputs;
    const isSoftmax = kind === 'softmax' || kind === 'log-softmax';
    if (isSoftmax && this.#use.keepsScores && first !== undefined) saved.push(first.storage);
    r.record(output, saved, (grad) => {
      this.#touch(scratch?.backward, output.width);
      for (const input of inputs) {
        if (!input.needsGrad) continue;
        // Parts of one tensor give their gradients to one.
        if (kind === 'part' && input.grad !== undefined) continue;
        const isPassed = gradient === 'passed' && input.width === output.width;
        r.accumulate(input, isPassed ? r.hold(grad) : r.allocate(input.elements * input.width));
      }
      if (!trainable) return;
      parameters.forEach((parameter, i) => {
        const copied = copies[i];
        if (copied === undefined) this.#gradient(parameter);
        else r.accumulate(copied, r.allocate(copied.elements * copied.width, Kind.gradient));
      });
    });
    if (copy !== undefined) r.drop(copy);
  }
}

/** Runs the forward pass of a network; the caller releases what it gives. */
export const runNet = (r: Rehearsal, record: NetRecord, use: NetUse): readonly Tensor[] =>
  new NetRun(r, record, use).forward();
