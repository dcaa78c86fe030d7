/** What a framework does when nobody says anything: its defaults in the version that is shown, or the newest. */
import { isBefore } from '../../base/unit.ts';
import { defaultOf } from '../dialect.ts';
import { SETTING_NAMES, type SettingName, type SettingValue } from '../settings.ts';
import type { Stated, Workload } from '../workload.ts';
import { spokenIn } from './words.ts';

/** The workload with every setting that its dialects have a default for. What was stated stays. */
export function withDefaults(workload: Workload): Workload {
  const dialects = spokenIn(workload);
  const settings = new Map<SettingName, Stated>(workload.settings);
  for (const name of SETTING_NAMES) {
    if (settings.has(name) || !concerns(name, workload)) continue;
    const known = defaultOf(name, dialects, workload.versions, true);
    if (known?.by.kind !== 'default') continue;
    const value = ofTorch(name, known.value, workload);
    settings.set(name, { value, by: 'default', source: known.by.row.source });
  }
  return { ...workload, settings };
}

/** Before torch 2.8 the optimizer of the Trainer is not the fused one. */
function ofTorch(name: SettingName, value: SettingValue, { versions }: Workload): SettingValue {
  const torch = versions.get('torch')?.to;
  const isOld = torch !== undefined && isBefore(torch, '2.8');
  return name === 'optimizer' && value === 'adamw-fused' && isOld ? 'adamw' : value;
}

/** Some defaults hold only where another setting is what they go with. */
function concerns(name: SettingName, workload: Workload): boolean {
  const { settings, dialects, purpose } = workload;
  const stated = (setting: SettingName): SettingValue | undefined => settings.get(setting)?.value;
  const isOnline = stated('task') === 'grpo' || stated('task') === 'ppo';
  if (name.startsWith('adapter_')) return hasAdapter(workload);
  if (name === 'reshard') {
    return settings.has('sharding') || dialects.includes('fsdp') || dialects.includes('deepspeed');
  }
  // Completions and an engine of its own has only who trains on what the model says.
  if (ONLINE.has(name)) return purpose === 'serving' || isOnline;
  // What is not trained has no steps; prompts have no length by default.
  if (TRAINING.has(name))
    return purpose === 'training' && !(isOnline && name === 'sequence_length');
  return name !== 'eval_batch' || purpose === 'training' || purpose === 'evaluation';
}

const ONLINE: ReadonlySet<SettingName> = new Set([
  'rollouts',
  'new_tokens',
  'prompt_length',
  'engine_fraction',
  'rollout_engine',
  'rollout_apart',
  'reference_weight',
]);

const TRAINING: ReadonlySet<SettingName> = new Set([
  'micro_batch',
  'accumulation_steps',
  'sequence_length',
  'optimizer',
  'task',
  'checkpointing',
  'fused_loss',
]);

/** Stated, or what the framework trains by default. */
function hasAdapter(workload: Workload): boolean {
  const { settings, versions } = workload;
  const known =
    settings.get('adapter')?.value ?? defaultOf('adapter', spokenIn(workload), versions)?.value;
  return known !== undefined && known !== 'none';
}
