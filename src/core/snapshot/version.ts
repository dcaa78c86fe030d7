/**
 * Which versions of PyTorch write the keys that a snapshot has.
 * Source: histories of torch/csrc/cuda/Module.cpp, memory_snapshot.cpp and torch/cuda/memory.py.
 */

/** What was seen, and where it tells something. */
export interface SeenKeys {
  readonly form: 'dict' | 'list';
  readonly requestedSize: boolean;
  readonly history: boolean;
  readonly blockAddress: boolean;
  readonly poolId: boolean;
  readonly time: boolean;
  readonly settings: boolean;
  readonly annotations: boolean;
  readonly compileContext: boolean;
  readonly userMetadata: boolean;
  readonly eventPool: boolean;
  readonly overflowed: boolean;
  /** A trace with at least one event: keys of events say nothing otherwise. */
  readonly events: boolean;
}

/** "2.3 – 2.5", "2.10+"; a range where the keys leave one. */
export function versionOf(seen: SeenKeys): string {
  if (seen.overflowed || seen.eventPool) return '2.12+';
  if (seen.userMetadata) return '2.10+';
  if (seen.compileContext) return '2.7 – 2.9';
  if (seen.annotations) return seen.events ? '2.6' : '2.6+';
  if (seen.settings) return '2.3 – 2.5';
  if (seen.time) return '2.2';
  if (seen.form === 'list' && !seen.requestedSize) return '≤ 1.13';
  if (seen.history || !seen.blockAddress) return seen.form === 'list' ? '1.12 – 2.0' : '2.0';
  // A list has neither events nor settings: its segments alone do not tell more.
  if (seen.form === 'list') return '2.0.1+';
  return seen.events ? '2.0.1 – 2.1' : '2.0.1 – 2.2';
}
