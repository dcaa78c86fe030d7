/**
 * The events of FSDP 2 around the parts of a step, with the streams that their memory belongs to: what one stream has freed
 * no other can use. A unit's whole weights come into one buffer on the stream of the gathering and are unpacked, a tensor
 * each, on that of the computation; its gradients are copied into the buffer of the reduction there, and what is left
 * of them for this rank is made on the stream of the reduction, where it waits for the optimizer.
 *
 * Source: torch@2.9 distributed/fsdp/_fully_shard/_fsdp_param_group.py (unshard, wait_for_unshard, post_backward),
 * _fsdp_collectives.py (foreach_all_gather, foreach_all_gather_copy_out, foreach_reduce).
 */
import { systemOf } from './buffers.ts';
import type { Job } from './job.ts';
import { Kind, type Rehearsal, type Storage } from './rehearsal/rehearsal.ts';
import type { Part } from './rehearsal/segment.ts';
import {
  computeWidth,
  defersReduction,
  endTensors,
  gradientShards,
  layerTensors,
  shardsOf,
  staysWhole,
  waitingWidth,
} from './static.ts';

/** Streams of the program: computation has 0. */
const GATHERING = 1;
const REDUCTION = 2;
export const STREAMS = 3;

/** True where a step is run with these events: FSDP 2, whose units come and go. */
export const gathersByUnit = (job: Job): boolean =>
  shardsOf(job) > 1 &&
  systemOf(job) === 'fsdp2' &&
  !staysWhole(job) &&
  job.parallel.parameterOffload !== true;

/** What is gathered and reduced together. */
interface Unit {
  /** Bytes of its whole weights, one by one. */
  readonly tensors: readonly number[];
  /** Its weights while they are whole. */
  whole: readonly Storage[];
  /** The buffer of a gathering that was begun beforehand. */
  begun?: Storage | undefined;
  /** Its weights stay whole between the passes. */
  readonly stays: boolean;
  /** What this rank keeps of its gradients. */
  kept?: Storage | undefined;
  /** Its whole gradients, where they wait for the last micro-batch. */
  waiting: readonly Storage[];
}

const total = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);

/** One job's ranks over all micro-steps of its program. */
export class GatheredRun {
  readonly #r: Rehearsal;
  readonly #job: Job;
  readonly #units = new Map<string, Unit>();
  /** Units in the order of the forward pass. */
  #order: Unit[] = [];
  /** The buffer of the last gathering, kept in the forward pass until the next unit has been unpacked. */
  #last: Storage | undefined;
  /** The buffer of the last reduction, kept until the next. */
  #reducing: Storage | undefined;

  /** The last micro-batch of its step. */
  #isLast = true;

  constructor(r: Rehearsal, job: Job) {
    this.#r = r;
    this.#job = job;
  }

  /** A layer with its unit around it, in both passes. */
  layer(stack: number, layer: number, place: number, part: Part): Part {
    const make = (): Unit =>
      this.#unit(layerTensors(this.#job, stack, layer), this.#job.reshard === false);
    return this.#around(this.#named(`${stack} ${place}`, make), part);
  }

  /** The table or the head: a unit of its own, or a part of the root, which is there for the whole step. */
  end(which: 'table' | 'head', part: Part): Part {
    if (this.#job.parallel.ends !== 'apart') return part;
    // The last unit is needed again at once.
    const stays = which === 'head' || this.#job.reshard === false;
    const make = (): Unit => this.#unit(endTensors(this.#job)[which], stays);
    return this.#around(this.#named(which, make), part);
  }

  /** Before the forward pass. */
  begin(isLast: boolean): void {
    this.#isLast = isLast;
    this.#order = [];
    if (this.#job.parallel.ends === 'apart') return;
    const { table, head } = endTensors(this.#job);
    const root = this.#named('root', () => this.#unit([...table, ...head], true));
    this.#forward(root);
  }

  /** After the backward pass: the gradients of the root, then what still ran. */
  finish(): void {
    const root = this.#units.get('root');
    if (root !== undefined) this.#reduce(root, this.#fresh());
    this.#drop(this.#reducing);
    this.#reducing = undefined;
    this.#drop(this.#last);
    this.#last = undefined;
  }

  /** What this rank keeps of all gradients, for the caller to let go. */
  takeGradients(): readonly Storage[] {
    const taken: Storage[] = [];
    for (const unit of this.#units.values()) {
      if (unit.kept !== undefined) taken.push(unit.kept);
      unit.kept = undefined;
    }
    return taken;
  }

  /** Whole gradients that no unit has taken. */
  #fresh(): readonly Storage[] {
    const waiting = new Set([...this.#units.values()].flatMap((unit) => unit.waiting));
    return this.#r.held(Kind.gradient).filter((storage) => !waiting.has(storage));
  }

  #named(name: string, make: () => Unit): Unit {
    const unit = this.#units.get(name) ?? make();
    this.#units.set(name, unit);
    return unit;
  }

  #unit(tensors: readonly number[], stays: boolean): Unit {
    return { tensors, stays, whole: [], waiting: [] };
  }

  #drop(storage: Storage | undefined): void {
    if (storage !== undefined) this.#r.drop(storage);
  }

  #around(unit: Unit, part: Part): Part {
    return (r, x) => {
      const place = this.#order.length;
      this.#order.push(unit);
      this.#forward(unit);
      const from = { storage: 0 };
      r.hook(() => this.#after(unit, from.storage));
      const out = part(r, x);
      if (!unit.stays) this.#reshard(unit);
      r.hook(() => {
        from.storage = r.sizes.length;
        this.#backward(unit, this.#order[place - 1]);
      });
      return out;
    };
  }

  /** The whole weights of a unit in one buffer, put together from parts in the width of the gathering. */
  #gather({ tensors }: Unit): Storage {
    const bytes = total(tensors);
    const own = this.#r.allocate(bytes / shardsOf(this.#job), Kind.gathered, GATHERING);
    const buffer = this.#r.allocate(bytes, Kind.gathered, GATHERING);
    this.#r.drop(own);
    return buffer;
  }

  #unpack(unit: Unit): void {
    unit.whole = unit.tensors.map((bytes) => this.#r.allocate(bytes, Kind.gathered));
  }

  #forward(unit: Unit): void {
    if (unit.whole.length > 0) return;
    const buffer = this.#gather(unit);
    this.#drop(this.#last);
    this.#unpack(unit);
    this.#last = buffer;
  }

  #reshard(unit: Unit): void {
    this.#r.drop(...unit.whole);
    unit.whole = [];
  }

  #backward(unit: Unit, next: Unit | undefined): void {
    this.#drop(this.#last);
    this.#last = undefined;
    if (unit.whole.length === 0) {
      const buffer = unit.begun ?? this.#gather(unit);
      unit.begun = undefined;
      this.#unpack(unit);
      this.#r.drop(buffer);
    }
    if (next !== undefined && next.whole.length === 0) next.begun ??= this.#gather(next);
  }

  #after(unit: Unit, from: number): void {
    this.#reshard(unit);
    this.#reduce(unit, this.#r.held(Kind.gradient, from));
  }

  #reduce(unit: Unit, made: readonly Storage[]): void {
    const r = this.#r;
    const job = this.#job;
    const bytes = total(made.map((storage) => r.sizes[storage] as number));
    this.#reshard(unit);
    if (bytes === 0) return;
    if (defersReduction(job) && !this.#isLast) {
      this.#wait(unit, made);
      return;
    }
    const elements = job.trains === 'all' ? bytes / computeWidth(job) : bytes / job.gradientWidth;
    const width = job.parallel.reduceWidth ?? job.gradientWidth;
    this.#drop(this.#reducing);
    this.#reducing = r.allocate(elements * width, Kind.gathered);
    r.drop(...made, ...unit.waiting);
    unit.waiting = [];
    const share = elements / gradientShards(job);
    let own = r.allocate(share * width, Kind.gathered, REDUCTION);
    if (width !== job.gradientWidth) {
      const cast = r.allocate(share * job.gradientWidth, Kind.gathered, REDUCTION);
      r.drop(own);
      own = cast;
    }
    // Those of an earlier micro-batch are added to.
    if (unit.kept === undefined) unit.kept = own;
    else r.drop(own);
  }

  /** Added to those of earlier micro-batches, in the width that they wait in. */
  #wait(unit: Unit, made: readonly Storage[]): void {
    const r = this.#r;
    const ratio =
      this.#job.trains === 'all' ? waitingWidth(this.#job) / computeWidth(this.#job) : 1;
    if (unit.waiting.length > 0) r.drop(...made);
    else if (ratio === 1) unit.waiting = made;
    else {
      unit.waiting = made.map((storage) =>
        r.allocate((r.sizes[storage] as number) * ratio, Kind.gathered),
      );
      r.drop(...made);
    }
  }
}
