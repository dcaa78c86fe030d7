/** What a framework does when nobody says anything: its defaults in the version that is shown, or the newest. */
import { defaultOf } from '../dialect.ts';
import { SETTING_NAMES, type SettingName } from '../settings.ts';
import type { Stated, Workload } from '../workload.ts';
import { closureOf } from './words.ts';

/** The workload with every setting that its dialects have a default for. What was stated stays. */
export function withDefaults(workload: Workload): Workload {
  const dialects = closureOf(workload.dialects);
  const settings = new Map<SettingName, Stated>(workload.settings);
  for (const name of SETTING_NAMES) {
    if (settings.has(name) || !concerns(name, workload)) continue;
    const known = defaultOf(name, dialects, workload.versions);
    if (known?.by.kind !== 'default') continue;
    settings.set(name, { value: known.value, by: 'default', source: known.by.row.source });
  }
  return { ...workload, settings };
}

/** Some defaults hold only where another setting is what they go with. */
function concerns(name: SettingName, { settings, dialects }: Workload): boolean {
  const stated = (setting: SettingName): unknown => settings.get(setting)?.value;
  const hasAdapter = settings.has('adapter') && stated('adapter') !== 'none';
  const isFsdp = dialects.includes('fsdp') || dialects.includes('deepspeed');
  if (name.startsWith('adapter_')) return hasAdapter;
  if (name === 'reshard') return settings.has('sharding') || isFsdp;
  // Copies in fp32 are of weights that are not.
  if (name === 'master_weights') return stated('compute_precision') !== 'fp32';
  return true;
}
