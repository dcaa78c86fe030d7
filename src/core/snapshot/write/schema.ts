/**
 * Which keys a version of PyTorch writes. A snapshot can be written as an older version would have:
 * what that version did not know is left out.
 *
 * Source: the histories of torch/csrc/cuda/memory_snapshot.cpp and of c10/cuda, and real files.
 */
export interface Schema {
  /** `list`: segments only, as torch.cuda.memory_snapshot() gives them. */
  readonly form: 'dict' | 'list';
  /** Blocks say what lived in them as `history`, and have neither `address` nor `frames`. */
  readonly hasHistory: boolean;
  readonly hasRequestedSize: boolean;
  /** `segment_pool_id` and `is_expandable`. */
  readonly hasPools: boolean;
  readonly hasTime: boolean;
  readonly hasSettings: boolean;
  readonly hasAnnotations: boolean;
  readonly hasCompileContext: boolean;
  readonly hasUserMetadata: boolean;
  /** `graph_capture_record_stream_reuse` among the settings. */
  readonly hasCaptureReuse: boolean;
  /** `pool_id` of an event, `trace_alloc_overflowed`, `trace_alloc_max_entries`. */
  readonly hasEventPools: boolean;
}

/** Versions that brought a key, oldest first; those between write what the one before them wrote. */
export const SCHEMA_VERSIONS = [
  '1.13',
  '2.0',
  '2.1',
  '2.2',
  '2.3',
  '2.6',
  '2.8',
  '2.10',
  '2.13',
] as const;
export type SchemaVersion = (typeof SCHEMA_VERSIONS)[number];

export function schemaOf(version: SchemaVersion, form?: 'dict' | 'list'): Schema {
  const rank = SCHEMA_VERSIONS.indexOf(version);
  const since = (first: SchemaVersion): boolean => rank >= SCHEMA_VERSIONS.indexOf(first);
  return {
    form: since('2.0') ? (form ?? 'dict') : 'list',
    hasHistory: !since('2.1'),
    hasRequestedSize: since('2.0'),
    hasPools: since('2.1'),
    hasTime: since('2.2'),
    hasSettings: since('2.3'),
    hasAnnotations: since('2.6'),
    hasCompileContext: since('2.8'),
    hasUserMetadata: since('2.10'),
    hasCaptureReuse: since('2.10'),
    hasEventPools: since('2.13'),
  };
}
