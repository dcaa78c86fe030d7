/** What a prediction takes for granted because nobody said it. */
import type { Statement } from '../base/texts.ts';
import type { SettingName } from './settings.ts';

export interface Assumption {
  /** The setting that was not given. */
  readonly setting: SettingName;
  readonly value: string | number | boolean;
  /** Where the value comes from: a default of a version, a usual value. */
  readonly why: Statement;
  /** The option of `unoom plan` that says otherwise. */
  readonly flag?: string;
}
