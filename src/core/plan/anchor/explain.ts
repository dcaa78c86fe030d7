/**
 * Where a prediction does not agree with what a failure measured: which one value of a setting that nobody stated would
 * make it agree. It is a question to the user, never an answer: several can be found.
 */
import type { SettingName, SettingValue } from '../../workload/settings.ts';
import { changed, type Workload } from '../../workload/workload.ts';
import { isAtLeast, type Priced, price, type Question, verdictOf } from '../price.ts';
import { type Anchor, anchorOf } from './anchor.ts';
import type { Measured } from './measured.ts';

export interface Explanation {
  readonly setting: SettingName;
  readonly value: SettingValue;
  /** What is left unexplained with it, of what was measured. */
  readonly share: number;
}

/** Values that people have and do not say. */
const WORDS: readonly (readonly [SettingName, readonly SettingValue[]])[] = [
  ['weights_dtype', ['fp32', 'bf16', 'fp16']],
  ['checkpointing', [true, false]],
  ['optimizer', ['adamw', 'adamw-8bit', 'sgd', 'adafactor']],
  ['attention', ['eager', 'sdpa']],
  ['fused_loss', [true, false]],
  ['quantization', ['4bit', '8bit', 'none']],
  ['adapter', ['lora', 'none']],
  ['sharding', ['none', 'full']],
];
/** Numbers, doubled or halved until the model agrees. */
const NUMBERS: readonly SettingName[] = [
  'micro_batch',
  'sequence_length',
  'prompt_length',
  'max_sequences',
  'context_length',
];
const DOUBLINGS = 6;
const MOST = 3;

/** @returns at most three, the one that leaves least first; none where the prediction agrees already. */
export function explanations(
  question: Question,
  priced: Priced,
  anchor: Anchor,
  measured: Measured,
): readonly Explanation[] {
  if (agrees(anchor, question)) return [];
  const { workload } = question;
  const isOpen = (setting: SettingName): boolean =>
    priced.considered.has(setting) && !isStated(workload, setting);
  const found: Explanation[] = [];
  const tries = (setting: SettingName, value: SettingValue): boolean => {
    const other = { ...question, workload: changed(workload, [{ setting, to: value }], 'assumed') };
    const now = price(other);
    const held = anchorOf(now, measured);
    if (held === undefined || !agrees(held, other)) return false;
    found.push({ setting, value, share: held.share });
    return true;
  };
  for (const [setting, values] of WORDS) {
    if (!isOpen(setting)) continue;
    const present = workload.settings.get(setting)?.value;
    for (const value of values) if (value !== present) tries(setting, value);
  }
  for (const setting of NUMBERS) {
    const taken = priced.job.assumptions.find((one) => one.setting === setting)?.value;
    if (!isOpen(setting) || typeof taken !== 'number') continue;
    const grows = anchor.correction.residual >= 0;
    for (let i = 1; i <= DOUBLINGS; i += 1) {
      const value = grows ? taken * 2 ** i : Math.floor(taken / 2 ** i);
      if (value < 1 || tries(setting, value)) break;
    }
  }
  return found.sort((a, b) => a.share - b.share).slice(0, MOST);
}

const isStated = ({ settings }: Workload, setting: SettingName): boolean => {
  const by = settings.get(setting)?.by;
  return by === 'file' || by === 'option';
};

/** It accounts for what was measured, and by it the job does not fit, as it did not. */
function agrees(anchor: Anchor, question: Question): boolean {
  if (!anchor.holds) return false;
  const corrected = price({ ...question, correction: anchor.correction });
  return !isAtLeast(verdictOf(corrected), 'probably');
}
