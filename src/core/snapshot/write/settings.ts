/** The allocator's settings as a snapshot states them. */
import type { RecordedSettings } from '../columns.ts';
import type { Encoder } from './encoder.ts';
import type { Schema } from './schema.ts';

/** Keys in PyTorch's order. Those that our columns do not keep have their defaults. */
export function writeSettings(
  encoder: Encoder,
  settings: RecordedSettings,
  { hasCaptureReuse }: Schema,
): void {
  encoder.openDict(8 + Number(hasCaptureReuse));
  encoder.textKey('PYTORCH_CUDA_ALLOC_CONF');
  encoder.text(settings.conf ?? '');
  encoder.textKey('max_split_size');
  const split = settings.maxSplitSize ?? Number.POSITIVE_INFINITY;
  encoder.int(split === Number.POSITIVE_INFINITY ? -1 : split);
  encoder.textKey('garbage_collection_threshold');
  encoder.float(settings.garbageCollectionThreshold ?? 0);
  encoder.textKey('expandable_segments');
  encoder.bool(settings.expandableSegments ?? false);
  encoder.textKey('pinned_num_register_threads');
  encoder.int(1);
  encoder.textKey('release_lock_on_cudamalloc');
  encoder.bool(false);
  encoder.textKey('pinned_use_cuda_host_register');
  encoder.bool(false);
  if (hasCaptureReuse) {
    encoder.textKey('graph_capture_record_stream_reuse');
    encoder.bool(settings.graphCaptureRecordStreamReuse ?? false);
  }
  encoder.textKey('roundup_power2_divisions');
  encoder.openDict(16);
  for (let i = 0; i < 16; i++) {
    encoder.textKey(String(2 ** i));
    encoder.int(settings.roundupPower2Divisions?.[i] ?? 0);
  }
  encoder.close();
  encoder.close();
}
