/**
 * The changes that a plan may be made of: measures whose settings change, each with the values that it can
 * take here. A measure knows neither bytes nor whether it helps; both are found by pricing it.
 */
import { TRAINERS } from '../remedies/bearing.ts';
import { ALTERATIONS, type Cost, type Remedy, type RemedyCategory } from '../remedies/remedy.ts';
import { writeChange } from '../workload/dialect.ts';
import { spokenIn } from '../workload/reading/words.ts';
import type { Change, SettingName, SettingValue } from '../workload/settings.ts';
import type { Workload } from '../workload/workload.ts';
import type { CostClass } from './words.ts';

const CLASS_OF: Readonly<Partial<Record<RemedyCategory, CostClass>>> = {
  'same-mathematics': 'same-mathematics',
  surroundings: 'same-mathematics',
  'micro-batch': 'recomputation',
  recomputation: 'recomputation',
  // What is computed stays, but ranks wait for one another.
  sharding: 'recomputation',
  precision: 'numerics',
  offload: 'offload',
  experiment: 'experiment',
};

/** Most times longer that the measures of one class may make the work where nobody said a limit for the whole. */
export const CLASS_SLOWDOWN = 2;

/** One value of a measure. */
export interface Variant {
  readonly changes: readonly AbsoluteChange[];
  /** How many times longer the work takes: published or assumed figures, or 1 where none is known. */
  readonly slowdown: number;
}

export interface AbsoluteChange {
  readonly setting: SettingName;
  readonly to: SettingValue;
}

/** A measure with its values, the mildest first; a plan takes one of them or none. */
export interface Option {
  readonly remedy: Remedy;
  readonly class: CostClass;
  readonly variants: readonly Variant[];
}

export interface Constraints {
  /** Classes that a plan may use; `experiment` only when asked for. */
  readonly classes: readonly CostClass[];
  /** Ids of measures to use and no others. */
  readonly only?: readonly string[];
  readonly without?: readonly string[];
  /** Formats of weights and computation stay. */
  readonly keepPrecision?: boolean;
  readonly noQuantize?: boolean;
  /** Most times longer that the work may take with all measures of a plan; where nobody says, each class has a limit. */
  readonly maxSlowdown?: number;
  /** Values that the message of a failure says would do, by measure. */
  readonly told?: ReadonlyMap<string, readonly AbsoluteChange[]>;
  /** Each measure for itself, also one that a plan leaves to another that does the same and more. */
  readonly alone?: boolean;
}

/** Settings that are formats. */
const FORMATS: readonly SettingName[] = [
  'weights_dtype',
  'compute_precision',
  'kv_dtype',
  'gradient_dtype',
];

const EVALUATION: readonly SettingName[] = ['eval_batch', 'eval_outputs_to_host', 'eval_loss_only'];

/** Halvings of a number, at most. */
const HALVINGS = 10;

/** @param isPossible whether settings can be so on this machine and with this model */
export function optionsOf(
  remedies: readonly Remedy[],
  workload: Workload,
  constraints: Constraints,
  isPossible: (changes: readonly AbsoluteChange[]) => boolean,
): readonly Option[] {
  const { maxSlowdown = CLASS_SLOWDOWN } = constraints;
  const allowed = remedies.filter((remedy) => isAllowed(remedy, workload, constraints));
  return allowed.flatMap((remedy): Option[] => {
    const told = constraints.told?.get(remedy.id);
    const costClass = classOf(remedy, workload, told);
    if (costClass === undefined || !constraints.classes.includes(costClass)) return [];
    const isLeft = constraints.alone !== true && workload.purpose === 'training';
    if (isLeft && isOutdone(remedy, allowed)) return [];
    const variants = variantsOf(remedy, workload, told).filter(
      ({ slowdown, changes }) => slowdown <= maxSlowdown && isPossible(changes),
    );
    return variants.length === 0 ? [] : [{ remedy, class: costClass, variants }];
  });
}

/** What nobody said is no part of the experiment: another value of it, by the message, changes nothing asked for. */
function classOf(
  { category }: Remedy,
  { settings }: Workload,
  told: readonly AbsoluteChange[] | undefined,
): CostClass | undefined {
  const isUnsaid = told?.every(
    ({ setting }) => (settings.get(setting)?.by ?? 'default') === 'default',
  );
  return isUnsaid === true ? 'same-mathematics' : CLASS_OF[category];
}

/**
 * A measure whose changes another makes too, and more that keep the mathematics: a smaller micro-batch, where
 * accumulation makes up for it.
 */
const isOutdone = ({ changes, alters }: Remedy, remedies: readonly Remedy[]): boolean =>
  changes.length > 0 &&
  remedies.some(
    (other) =>
      ALTERATIONS.indexOf(other.alters) < ALTERATIONS.indexOf(alters) &&
      other.changes.length > changes.length &&
      changes.every(({ setting, to }) =>
        other.changes.some((one) => one.setting === setting && one.to === to),
      ),
  );

function isAllowed(remedy: Remedy, workload: Workload, constraints: Constraints): boolean {
  const { only, without = [], keepPrecision, noQuantize } = constraints;
  const { id, changes, domain } = remedy;
  if (only !== undefined ? !only.includes(id) : without.includes(id)) return false;
  const trains = workload.purpose === 'training';
  const touches = (names: readonly SettingName[]): boolean =>
    changes.some(({ setting }) => names.includes(setting));
  // An engine that makes completions beside the training has its share of the same card.
  const isOfRollout =
    touches(['engine_fraction']) && workload.settings.get('rollout_engine')?.value === true;
  const isServing = domain === 'inference' && !isOfRollout;
  if (domain === 'training' ? !trains : isServing && trains) return false;
  if (keepPrecision === true && touches(FORMATS)) return false;
  // Another optimizer than the user's own family is another experiment.
  const optimizer = String(workload.settings.get('optimizer')?.value ?? 'adamw');
  const isOther = touches(['optimizer']) && !optimizer.startsWith('adamw');
  if (isOther && CLASS_OF[remedy.category] !== 'experiment') return false;
  const quantizes = touches(['quantization']) || changes.some(({ to }) => to === 'qlora');
  if (quantizes && (keepPrecision === true || noQuantize === true)) return false;
  // Engines that divide states, the Trainer's way of training and adapters do not divide layers as well.
  const isDivided =
    ['deepspeed', 'transformers'].some((id) => workload.dialects.includes(id)) ||
    hasAdapter(workload);
  if (trains && isDivided && touches(['tensor_parallel', 'pipeline_parallel'])) return false;
  // Completions are sampled anew in each step: nothing of theirs is known before.
  const samples = workload.settings.get('task')?.value === 'grpo';
  if (samples && touches(['reference_model'])) return false;
  // The Trainer steps by itself, after the backward pass.
  if (touches(['optimizer_in_backward']) && workload.dialects.some((id) => TRAINERS.includes(id)))
    return false;
  const is = (name: SettingName): boolean => workload.settings.get(name)?.value === true;
  // Gradients that are used at once cannot be added up.
  if (is('optimizer_in_backward') && touches(['accumulation_steps'])) return false;
  // Whoever does not evaluate has nothing to spare there.
  const evaluates = is('evaluates') || workload.settings.get('eval_batch')?.by !== 'default';
  if (trains && !evaluates && touches(EVALUATION)) return false;
  // What an engine has, and the program that runs here has no words for, cannot be done in it.
  if (!trains && domain === 'inference' && !isWritable(changes, workload)) return false;
  // Packed weights take no gradients: in training they come with adapters (qlora) or not at all.
  return !(trains && touches(['quantization']));
}

/** Some framework of the job has words for each change; of a job without any everything is possible. */
function isWritable(changes: readonly Change[], workload: Workload): boolean {
  if (workload.dialects.length === 0) return true;
  const spoken = spokenIn(workload);
  return changes.every((change) => writeChange(change, spoken, workload.versions) !== undefined);
}

const hasAdapter = ({ settings }: Workload): boolean =>
  (settings.get('adapter')?.value ?? 'none') !== 'none';

function variantsOf(
  remedy: Remedy,
  workload: Workload,
  told: readonly AbsoluteChange[] | undefined,
): readonly Variant[] {
  const { changes } = remedy;
  if (told !== undefined) return [{ changes: told, slowdown: slowdownOf(remedy.costs) }];
  if (changes.length === 0 || changes.every((change) => isInForce(change, workload))) return [];
  const plain = changes.every(({ to }) => to !== 'half' && to !== 'lower' && to !== 'higher');
  const slowdown = slowdownOf(remedy.costs);
  if (plain) return [{ changes: changes as readonly AbsoluteChange[], slowdown }];
  const variants: Variant[] = [];
  for (let level = 1; level <= HALVINGS; level += 1) {
    const found = atLevel(changes, workload, level);
    if (found === undefined) break;
    variants.push({ changes: found, slowdown });
  }
  return variants;
}

const isInForce = ({ setting, to }: Change, { settings }: Workload): boolean =>
  settings.get(setting)?.value === to;

/** Below these a number is not halved any further. */
const LEAST: Readonly<Partial<Record<SettingName, number>>> = {
  sequence_length: 256,
  // Below, five halvings of the network leave a pixel or none.
  resolution: 64,
  context_length: 1024,
  batched_tokens: 512,
  prompt_length: 256,
  max_sequences: 1,
};

/** An engine's share of the card is lowered by so much at a time, and not below this. */
const FRACTION_STEP = 0.04;
const LEAST_FRACTION = 0.3;
/** It is raised by so much at a time, and not above this: graphs and libraries need the rest. */
const RISE = 0.05;
const MOST_FRACTION = 0.95;
const USUAL_FRACTION = 0.9;

/** Relative changes taken `level` times; undefined where a number is not known or is as low as it goes. */
function atLevel(
  changes: readonly Change[],
  { settings }: Workload,
  level: number,
): readonly AbsoluteChange[] | undefined {
  const times = 2 ** level;
  const found: AbsoluteChange[] = [];
  for (const { setting, to } of changes) {
    if (to !== 'half' && to !== 'lower' && to !== 'higher') {
      found.push({ setting, to });
      continue;
    }
    const old = settings.get(setting)?.value;
    if (to === 'higher') {
      // What is shared or accumulated starts from one.
      const from = typeof old === 'number' ? old : 1;
      if (setting === 'engine_fraction') {
        const share =
          Math.round(100 * ((typeof old === 'number' ? old : USUAL_FRACTION) + RISE * level)) / 100;
        if (share > MOST_FRACTION) return undefined;
        found.push({ setting, to: share });
        continue;
      }
      found.push({ setting, to: from * times });
      continue;
    }
    if (typeof old !== 'number') return undefined;
    if (setting === 'engine_fraction') {
      const share = Math.round(100 * (old - FRACTION_STEP * level)) / 100;
      if (share < LEAST_FRACTION) return undefined;
      found.push({ setting, to: share });
      continue;
    }
    // Layers move to the host a tenth at a time.
    const next =
      setting === 'gpu_layers'
        ? Math.floor((old * (HALVINGS - level)) / HALVINGS)
        : Math.floor(old / times);
    if (next < (LEAST[setting] ?? 1) || !Number.isInteger(old)) return undefined;
    found.push({ setting, to: next });
  }
  return found;
}

/** Times longer, from costs in time or throughput, published or assumed; the middle of a range. */
export function slowdownOf(costs: readonly Cost[]): number {
  let result = 1;
  for (const { what, low, high, unit } of costs) {
    const middle = (low + high) / 2;
    if (what === 'time' && unit === '%') result = Math.max(result, 1 + middle / 100);
    if (what === 'time' && unit === 'times') result = Math.max(result, middle);
    if (what === 'throughput' && unit === '%' && middle < 0)
      result = Math.max(result, 1 / (1 + middle / 100));
  }
  return result;
}
