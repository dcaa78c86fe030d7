/**
 * A workload as far as somebody stated it: neutral settings, each with where it was said. Files, command
 * lines and options become this; a footprint decides the rest of it and says what it took for granted.
 */
import type { Versions } from './dialect.ts';
import type { Change, SettingName, SettingValue } from './settings.ts';

export const PURPOSES = ['training', 'evaluation', 'generation', 'serving'] as const;

export type Purpose = (typeof PURPOSES)[number];

/** What the field `unoom` of a workload file says. */
export const WORKLOAD_MARK = 'workload';

/** A setting and how it came to be known. */
export interface Stated {
  readonly value: SettingValue;
  /**
   * `option`: an option of unoom; `file`: a file or command line of the user's; `default`: the framework's own
   * in the version that is shown or newest; `change`: a measure that is tried.
   */
  readonly by: 'option' | 'file' | 'default' | 'change';
  /** `ds.json:4`, `--batch`, `transformers@5.18.0:training_args.py`, the id of a measure. */
  readonly source: string;
}

/** Something written that no setting means. */
export interface Unread {
  readonly key: string;
  readonly value: string;
  readonly source: string;
}

export interface Workload {
  readonly purpose: Purpose;
  /** Ids of the dialects that speak for it, nearest to the user first. */
  readonly dialects: readonly string[];
  readonly versions: Versions;
  readonly settings: ReadonlyMap<SettingName, Stated>;
  /** The model as it is named: an id of a hub, a path. */
  readonly model?: string;
  readonly unread: readonly Unread[];
}

/** The workload with settings changed. A relative change of a setting that is not known changes nothing. */
export function changed(workload: Workload, changes: readonly Change[], source: string): Workload {
  const settings = new Map(workload.settings);
  for (const { setting, to } of changes) {
    const old = settings.get(setting)?.value;
    if (to === 'lower' || to === 'higher') continue;
    if (to === 'half' && typeof old !== 'number') continue;
    const value = to === 'half' ? Math.max(1, Math.floor((old as number) / 2)) : to;
    settings.set(setting, { value, by: 'change', source });
  }
  return { ...workload, settings };
}
