/**
 * A fact is one figure that a text held: what it measures, how, of whom, when, and where it stands.
 * Facts are as printed; what they mean together is the ledger's business.
 */
import type { Interval } from '../base/interval.ts';
import type { Place } from '../base/problem.ts';
import type { Unknown } from '../base/unknown.ts';

/** What the figure is the size of. */
export type Quantity =
  /** The one request that failed. */
  | 'requested'
  /** The device's memory as the runtime reports it. */
  | 'total'
  | 'free'
  /** Bytes in live tensors of the framework's allocator, as printed. */
  | 'allocated'
  /** All that the framework's allocator holds. */
  | 'reserved'
  /** Held by the allocator, but not in live tensors. */
  | 'reserved_unallocated'
  /** Idle blocks in private pools; PyTorch prints them as if they were allocated. */
  | 'private_pool'
  /** A cap that this process set itself or was given. */
  | 'allowed'
  /** All that this process holds on the device, the framework or not. */
  | 'process'
  /** All that one listed process holds on the device. */
  | 'listed_process'
  /** Held by the same process outside the framework's allocator (MPS). */
  | 'other_allocations'
  /** Free memory of the host, the segment, or whatever the limit is about. */
  | 'smem_required'
  | 'smem_limit'
  | 'kv_available';

/** How the figure was measured; figures of different metrics never enter one sum. */
export type Metric = 'requested' | 'allocated' | 'active' | 'reserved' | 'device' | 'limit';

/** Whose figure it is. Absent means that the text does not say. */
export interface Scope {
  readonly host?: string;
  readonly rank?: number;
  readonly pid?: number;
  readonly device?: number;
}

export interface Fact {
  readonly quantity: Quantity;
  readonly metric: Metric;
  readonly value: Interval | Unknown;
  /** The figure as printed, with its unit. */
  readonly raw: string;
  readonly scope: Scope;
  /** Facts of one moment share it; only they may merge into one ledger. */
  readonly moment: string;
  readonly span: Place;
}

const METRICS: Readonly<Record<Quantity, Metric>> = {
  requested: 'requested',
  total: 'device',
  free: 'device',
  allocated: 'allocated',
  reserved: 'reserved',
  reserved_unallocated: 'reserved',
  private_pool: 'reserved',
  allowed: 'limit',
  process: 'device',
  listed_process: 'device',
  other_allocations: 'device',
  smem_required: 'requested',
  smem_limit: 'limit',
  kv_available: 'device',
};

export function metricOf(quantity: Quantity): Metric {
  return METRICS[quantity];
}

/** The first fact of a quantity. */
export function factOf(facts: readonly Fact[], quantity: Quantity): Fact | undefined {
  return facts.find((fact) => fact.quantity === quantity);
}
