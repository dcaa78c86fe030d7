/**
 * The situation that a diagnosis talks about: what ran, on what, in which surroundings, and what was observed
 * of it. What a plan is told of a job is a Workload (workload.ts), of a machine a Machine (machine.ts). Each part may be unknown; nothing is filled in silently.
 */
import type { Interval } from '../base/interval.ts';
import type { VersionRange } from '../base/unit.ts';
import type { Unknown } from '../base/unknown.ts';
import type { Ledger, Space } from '../ledger/ledger.ts';

/**
 * The neutral settings of a job, as far as they are known. Dialects read and write them; here they
 * are plain values with no framework's syntax.
 */
export interface SeenRun {
  readonly purpose: 'training' | 'evaluation' | 'inference' | 'serving' | 'unknown';
  readonly framework?: VersionRange;
  /** Named settings, e.g. micro_batch: 4, precision: "bf16". */
  readonly settings: ReadonlyMap<string, number | string | boolean>;
}

export interface Device {
  readonly space: Space;
  readonly backend: string;
  /** As the runtime reports it, below what the vendor prints on the box. */
  readonly total: Interval | Unknown;
}

export interface SeenMachine {
  readonly devices: readonly Device[];
}

export interface Environment {
  /** The framework's version range as the evidence shows it. */
  readonly versions?: VersionRange;
  /** True when the evidence shows ranks or distributed code. */
  readonly distributed: boolean;
  /** Bytes that other processes hold on the failing device. */
  readonly neighbours: Interval | Unknown;
}

export interface Situation {
  readonly workload?: SeenRun;
  readonly machine: SeenMachine;
  readonly environment: Environment;
  /** The ledger of the failure, where one was observed. */
  readonly observed?: Ledger;
}
