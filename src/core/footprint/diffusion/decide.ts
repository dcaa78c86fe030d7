/** What settings say of a job whose model is a pipeline of diffusers. */
import type { SettingName, SettingValue } from '../../workload/settings.ts';
import type { Job } from '../job.ts';
import { modelOf, type Pipeline } from './pipeline.ts';
import type { Diffusion } from './use.ts';

/** Reads settings, and notes what was taken for granted. */
interface SettingsReader {
  readonly considered: Set<SettingName>;
  given(setting: SettingName): SettingValue | undefined;
  number(setting: SettingName): number | undefined;
  is(setting: SettingName): boolean;
  word(setting: SettingName): string | undefined;
  numberOr(setting: SettingName, value: number): number;
}

/** Settings that the prediction of a pipeline does not look at. */
const UNSEEN: readonly SettingName[] = [
  'sequence_length',
  'prompt_length',
  'new_tokens',
  'packing',
  'padded',
  'beams',
  'kv_dtype',
  'fused_loss',
  'fused_kernels',
  'task',
  'reference_model',
  'eval_batch',
  'evaluates',
  'eval_loss_only',
  'eval_samples',
  'eval_outputs_to_host',
  'selective_checkpointing',
  'activation_offload',
  // What the allocator holds idle is assumed for pipelines, not replayed.
  'expandable_segments',
  'max_split_size',
  'gc_threshold',
  'roundup_divisions',
];

/** Pixels of an edge: what every autoencoder can halve three times. */
const GRAIN = 8;
const rounded = (pixels: number): number => Math.max(GRAIN, Math.round(pixels / GRAIN) * GRAIN);

/** @param plain the job as any model has it */
export function withPipeline(r: SettingsReader, plain: Job, pipeline: Pipeline): Job {
  for (const name of UNSEEN) r.considered.delete(name);
  const isTraining = plain.purpose === 'training';
  const diffusion = diffusionOf(r, plain, pipeline, isTraining);
  const { weights } = pipeline.denoiser;
  return { ...plain, weights, pipeline, diffusion, padded: false, prefillLogits: 'last' };
}

function diffusionOf(
  r: SettingsReader,
  { weightWidth, autocast, width }: Job,
  pipeline: Pipeline,
  isTraining: boolean,
): Diffusion {
  const { usual, autoencoder } = pipeline;
  const longer = r.numberOr('resolution', usual.resolution);
  const shorter = longer * Math.min(1, r.number('aspect') ?? usual.aspect);
  const frames = usual.frames === 1 ? 1 : r.numberOr('frames', usual.frames);
  const format = formatOf(r, pipeline, autocast ?? (isTraining ? width : weightWidth), isTraining);
  const isCached = isTraining && r.is('latents_cached');
  const offload = r.is('sequential_offload') ? 'layers' : r.is('model_offload') ? 'parts' : 'none';
  return {
    height: rounded(shorter),
    width: rounded(longer),
    frames,
    guided: usual.guided && !isTraining,
    textTokens: usual.textTokens,
    format,
    offload,
    tiles: r.is('vae_tiling'),
    slices: r.is('vae_slicing'),
    // Fused kernels have no scores to slice.
    slicesAttention: r.is('attention_slicing'),
    latentsOnly: false,
    upcasts: usual.upcasts && format === 'fp16' && autoencoder?.asksForWide === true,
    encoderPackings: {},
    holdsEncoders: isTraining && !isCached,
    holdsAutoencoder: isTraining && !isCached,
  };
}

function formatOf(
  r: SettingsReader,
  pipeline: Pipeline,
  width: number,
  isTraining: boolean,
): Diffusion['format'] {
  if (width === 4) return 'fp32';
  const computed = isTraining ? r.word('compute_precision') : undefined;
  const stored = r.word('weights_dtype');
  const word =
    [computed, stored].find((one) => one === 'fp16' || one === 'bf16') ?? modelOf(pipeline).dtype;
  return word === 'fp16' ? 'fp16' : 'bf16';
}
