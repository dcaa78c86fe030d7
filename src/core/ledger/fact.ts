/**
 * A fact is one figure that a text held: what it measures, how, of whom, when, and where it stands.
 * Facts are as printed; what they mean together is the ledger's business.
 */
import type { Interval } from '../base/interval.ts';
import type { Place } from '../base/problem.ts';
import type { Unknown } from '../base/unknown.ts';

/** How the figure was measured; figures of different metrics never enter one sum. */
export type Metric =
  | 'requested'
  | 'allocated'
  | 'active'
  | 'reserved'
  | 'device'
  | 'host'
  | 'limit';

/** What a figure can be the size of, how it is measured, and what it means. One table for all rooms. */
export const QUANTITIES = {
  requested: { metric: 'requested', says: 'The one request that failed.' },
  total: { metric: 'device', says: 'The device\u2019s memory as the runtime reports it.' },
  free: { metric: 'device', says: 'What the runtime reports as free on the device.' },
  used: { metric: 'device', says: 'In use on the device, by whomever.' },
  allocated: {
    metric: 'allocated',
    says: 'Bytes in live tensors of the framework\u2019s allocator, as printed.',
  },
  reserved: { metric: 'reserved', says: 'All that the framework\u2019s allocator holds.' },
  reserved_unallocated: {
    metric: 'reserved',
    says: 'Reserved beyond the allocated bytes; PyTorch 1.0-1.3 prints it as "cached".',
  },
  private_pool: {
    metric: 'reserved',
    says: 'Idle blocks in private pools; PyTorch prints them as if they were allocated.',
  },
  allowed: { metric: 'limit', says: 'A cap that this process set itself or was given.' },
  arena_free: {
    metric: 'limit',
    says: 'What is left under the limit that an arena of a framework was given.',
  },
  max_alloc: { metric: 'limit', says: 'The largest single buffer that the device allows.' },
  process: { metric: 'device', says: 'All that this process holds on the device.' },
  listed_process: { metric: 'device', says: 'All that one listed process holds on the device.' },
  other_allocations: {
    metric: 'device',
    says: 'Held by the same process outside the framework\u2019s allocator.',
  },
  peak: { metric: 'allocated', says: 'The most that was allocated at one time so far.' },
  active: {
    metric: 'active',
    says: 'Blocks in use, and blocks freed that other streams may still read.',
  },
  peak_active: { metric: 'active', says: 'The most that was active at one time so far.' },
  peak_reserved: {
    metric: 'reserved',
    says: 'The most that the framework\u2019s allocator held at one time so far.',
  },
  inactive_split: {
    metric: 'reserved',
    says: 'Idle parts of split blocks, which cannot go back: PyTorch\u2019s "non-releasable".',
  },
  peak_inactive_split: {
    metric: 'reserved',
    says: 'The most that lay idle in split blocks at one time so far.',
  },
  requested_by_tensors: {
    metric: 'requested',
    says: 'What the program asked the allocator for, before it rounds up.',
  },
  peak_requested_by_tensors: {
    metric: 'requested',
    says: 'The most that the program had asked for at one time so far.',
  },
  handed_out: { metric: 'allocated', says: 'All that was ever allocated, freed or not.' },
  handed_back: { metric: 'allocated', says: 'All that was ever freed.' },
  largest_allocation: { metric: 'requested', says: 'The largest single allocation so far.' },
  largest_free_block: { metric: 'reserved', says: 'The largest idle block of the allocator.' },
  requested_block: {
    metric: 'requested',
    says: 'The block that the failed request looked for: what was asked for, rounded up.',
  },
  largest_usable: {
    metric: 'reserved',
    says: 'The largest idle block that the failed request could have used, were it large enough.',
  },
  idle_in_pieces: {
    metric: 'reserved',
    says: 'Idle blocks that the failed request could have used, had each not been too small.',
  },
  idle_other_stream: {
    metric: 'reserved',
    says: 'Idle blocks that belong to other streams than that of the failed request.',
  },
  pending_free: {
    metric: 'active',
    says: 'Freed by the program, while another stream may still use it.',
  },
  released: {
    metric: 'reserved',
    says: 'Given back to the driver by the allocator itself right before it gave up.',
  },
  idle_segments: { metric: 'reserved', says: 'Whole segments without a live block.' },
  allocated_delta: {
    metric: 'allocated',
    says: 'How much the allocated bytes rose or fell over a stage.',
  },
  peak_delta: { metric: 'allocated', says: 'How far the peak of a stage rose above its start.' },
  device_delta: { metric: 'device', says: 'How much the use of the device rose or fell.' },
  free_before: { metric: 'device', says: 'Free on the device before the model was loaded.' },
  headroom: {
    metric: 'device',
    says: 'The card\u2019s memory less the most that was allocated, as a trainer computes it.',
  },
  estimated: { metric: 'requested', says: 'What a tool estimates to be needed in all.' },
  estimated_gpu: {
    metric: 'requested',
    says: 'What a tool estimates for the part that goes to the GPU.',
  },
  estimated_states: {
    metric: 'requested',
    says: 'An estimate for weights, gradients and optimizer states.',
  },
  estimated_activations: { metric: 'requested', says: 'An estimate for activations.' },
  estimated_host: { metric: 'host', says: 'An estimate of host memory.' },
  program: { metric: 'requested', says: 'What the compiled program needs in all (XLA).' },
  weights: { metric: 'allocated', says: 'The model\u2019s weights on the device.' },
  padding: {
    metric: 'requested',
    says: 'What the layout of a device adds to the largest array of a program.',
  },
  activations: { metric: 'allocated', says: 'The peak of activations that an engine measured.' },
  non_torch: { metric: 'device', says: 'Held outside PyTorch, as an engine measured it.' },
  graphs: { metric: 'device', says: 'CUDA graphs.' },
  kv_cache: { metric: 'allocated', says: 'The KV cache.' },
  kv_available: { metric: 'device', says: 'What an engine\u2019s budget leaves for the KV cache.' },
  kv_needed: { metric: 'requested', says: 'The KV cache that one request of full length needs.' },
  budget: { metric: 'limit', says: 'What an engine means to use of the device.' },
  buffer: { metric: 'allocated', says: 'One named buffer of an engine.' },
  host_used: { metric: 'host', says: 'Host memory in use on the node, or under the limit.' },
  host_total: { metric: 'host', says: 'Host memory of the node, or the limit of the group.' },
  host_free: { metric: 'host', says: 'Host memory that is available.' },
  host_process: { metric: 'host', says: 'Host memory of the process.' },
  host_delta: { metric: 'host', says: 'How much host memory rose or fell over a stage.' },
  host_peak: { metric: 'host', says: 'The most host memory of the process so far.' },
  host_peak_delta: {
    metric: 'host',
    says: 'How far the peak of host memory in a stage rose above its start.',
  },
  smem_required: { metric: 'requested', says: 'On-chip shared memory that a kernel needs.' },
  smem_limit: { metric: 'limit', says: 'On-chip shared memory that a block can have.' },
} as const;

/** What the figure is the size of. */
export type Quantity = keyof typeof QUANTITIES;

/** Figures that are no sizes, by their name in a report. */
export const COUNTS = {
  max_seq_len: 'The longest sequence that is asked for, in tokens.',
  kv_tokens: 'Tokens that the KV cache holds.',
  estimated_max_seq_len: 'The longest sequence that the engine says it could hold, in tokens.',
  max_concurrency: 'Requests of full length that the KV cache holds at a time.',
  total_tokens: 'Tokens that a batch may hold in all.',
  prefill_tokens: 'Tokens of a prefill.',
  gpu_blocks: 'KV cache blocks on the GPU.',
  cpu_blocks: 'KV cache blocks in host memory.',
  batch_size: 'Samples or dummy requests at the failure.',
  layers: 'Layers of the model.',
  gpu_layers: 'Layers that were to live on the GPU.',
  utilization: 'The share of the card that an engine may use, from 0 to 1.',
  mem_fraction_static: 'SGLang\u2019s share for weights and KV cache, from 0 to 1.',
  memory_fraction: 'The share of the card that a framework may preallocate, from 0 to 1.',
  usage_percent: 'Use of the device in percent, as printed.',
  host_percent: 'Use of the host\u2019s memory in percent, as printed.',
  exit_code: 'The exit code of a process.',
  allocations: 'Blocks that the allocator has given out and not got back.',
  active_allocations: 'Blocks in use, and blocks freed that other streams may still read.',
  segments: 'Pieces of device memory that the allocator holds.',
  inactive_splits: 'Idle parts of split blocks.',
  oversize_allocations: 'Blocks above the allocator\u2019s size for splitting.',
  oversize_segments: 'Segments above the allocator\u2019s size for splitting.',
} as const;

export type CountName = keyof typeof COUNTS;

/** Whose figure it is. Absent means that the text does not say. */
export interface Scope {
  readonly host?: string;
  readonly rank?: number;
  readonly pid?: number;
  readonly device?: number;
  /** The engine's own name of the buffer: "CUDA0", "CPU", "ROCm0". */
  readonly buffer?: string;
  /** The allocator's pool of small or of large blocks; absent for both together. */
  readonly pool?: 'small' | 'large';
  /** What a buffer is for. */
  readonly role?: 'model' | 'kv' | 'compute' | 'output' | 'other';
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

export function metricOf(quantity: Quantity): Metric {
  return QUANTITIES[quantity].metric;
}

/** The first fact of a quantity. */
export function factOf(facts: readonly Fact[], quantity: Quantity): Fact | undefined {
  return facts.find((fact) => fact.quantity === quantity);
}
