/** From statements to a workload: each is understood in its own words, and the highest of a setting stands. */
import { compareText } from '../../base/texts.ts';
import { type Dialect, plainKey, type Understood } from '../dialect.ts';
import { SETTINGS, type SettingName, type SettingValue } from '../settings.ts';
import type { Purpose, Stated, Unread, Workload } from '../workload.ts';
import { type Gathering, RANKS, type Rank, type Said } from './gathering.ts';
import { hasNoBearing } from './no-bearing.ts';
import { placeOf, problem } from './texts.ts';
import { closureOf, readIn } from './words.ts';

/** A statement that another one stands before. */
export interface Overridden {
  readonly setting: SettingName | 'model';
  readonly value: SettingValue;
  readonly source: string;
  /** The source of the one that stands. */
  readonly by: string;
}

interface Claim {
  readonly setting: SettingName;
  readonly value: SettingValue;
  readonly source: string;
  readonly rank: Rank;
  /** How far the dialect is from the user; smaller is nearer. */
  readonly distance: number;
}

export interface Settled {
  readonly workload: Workload;
  readonly overridden: readonly Overridden[];
  readonly companions: readonly Companion[];
}

/** A model that a script holds beside the one that it works with: a teacher, a judge. */
export interface Companion {
  readonly name: string;
  readonly source: string;
  /** Its weights surely lie on each card of the job, whole and to the end. */
  readonly isCounted: boolean;
  /** Bytes of a weight, where its own call says so. */
  readonly width?: number;
}

/** @param described plain keys that say what the model is: they are no settings, and not left unread */
export function settle(gathering: Gathering, described: ReadonlySet<string>): Settled {
  const dialects = orderOf(gathering.dialects);
  const claims: Claim[] = gathering.meant.map((each) => ({ ...each, distance: -1 }));
  const unread = readSaid(gathering, dialects, claims).filter(
    ({ key }) => !described.has(plainKey(key)),
  );
  const overridden: Overridden[] = [];
  const settings = new Map<SettingName, Stated>();
  for (const [setting, list] of groupOf(claims)) {
    const [first, ...others] = list;
    if (first === undefined) continue;
    // A trainer that is called has the loop, whatever its hooks do.
    if (
      setting === 'own_loop' &&
      first.rank !== RANKS.option &&
      (list.some(({ value }) => value === false) || hasTrainerKeys(gathering))
    )
      continue;
    settings.set(setting, {
      value: first.value,
      by: first.rank === RANKS.option ? 'option' : 'file',
      source: first.source,
    });
    for (const { value, source, rank } of others) {
      const isNews = value !== first.value && rank !== RANKS.hint;
      if (isNews) overridden.push({ setting, value, source, by: first.source });
    }
  }
  const all = withConsequences(settings);
  const { model, companions } = modelOf(gathering, overridden, isOwnLoop(all));
  return {
    workload: {
      purpose: purposeOf(gathering, all),
      dialects: withAdapters(dialects, all).filter(
        (id) => id !== 'accelerate' || !isOwnLoop(all) || gathering.dialects.has(id),
      ),
      versions: gathering.versions,
      settings: all,
      ...(model !== undefined && { model }),
      unread: [...unread, ...gathering.open],
    },
    overridden,
    companions,
  };
}

const isOwnLoop = (settings: ReadonlyMap<SettingName, Stated>): boolean =>
  settings.get('own_loop')?.value === true;

/** Adapters of what rests on transformers are PEFT's, unless a nearer one brings its own. */
function withAdapters(
  dialects: readonly Dialect[],
  settings: ReadonlyMap<SettingName, Stated>,
): readonly string[] {
  const ids = dialects.map(({ id }) => id);
  const isAdapted = settings.has('adapter') && settings.get('adapter')?.value !== 'none';
  const place = ids.indexOf('transformers');
  if (!isAdapted || place === -1 || ids.includes('peft')) return ids;
  return [...ids.slice(0, place), 'peft', ...ids.slice(place)];
}

/** A dialect that another one rests on comes after it, whatever was read first. */
function orderOf(ids: ReadonlySet<string>): readonly Dialect[] {
  const roots = [...ids].filter(
    (id) =>
      ![...ids].some((other) => other !== id && closureOf([other]).some((one) => one.id === id)),
  );
  return closureOf([...roots, ...ids]);
}

function readSaid(gathering: Gathering, dialects: readonly Dialect[], claims: Claim[]): Unread[] {
  const unread: Unread[] = [];
  for (const said of gathering.said) {
    const meanings = readIn(said.words, said.key, said.value);
    const isRead = meanings.map((one) => take(one, said)).some(Boolean);
    if (!isRead && said.key !== '' && !isDeferred(said) && !hasNoBearing(plainKey(said.key))) {
      unread.push({ key: said.key, value: said.value.slice(0, 200), source: said.source });
    }
  }
  return unread;

  function take(one: Understood, said: Said): boolean {
    const { setting, dialect, value } = one;
    const place = dialects.indexOf(dialect);
    const distance = place === -1 ? dialects.length : place;
    const claim = { setting, source: said.source, distance };
    if (one.kind === 'said') {
      claims.push({ ...claim, value: ownWord(setting, value), rank: said.rank });
    }
    if (one.kind === 'denied') {
      const other = oppositeOf(setting, value);
      if (other !== undefined) claims.push({ ...claim, value: other, rank: RANKS.hint });
    }
    if (one.kind !== 'wrong-type') return one.kind !== 'unsaid';
    if (isDeferred(said)) return true;
    gathering.problems.push(
      problem('wrong-type', placeOf(said.source), {
        key: said.key,
        value: said.value.slice(0, 80),
        setting,
        type: String(SETTINGS[setting].type),
      }),
    );
    return true;
  }
}

/** `auto` leaves it to another source; a variable of a shell or template was not set here. */
const isDeferred = ({ value }: Said): boolean =>
  /^(?:auto|none|null|~|-1|)$/i.test(value) || /^\$|\{\{|^<.*>$/.test(value);

/** LLaMA-Factory's word for every linear layer. */
const ownWord = (setting: SettingName, value: SettingValue): SettingValue =>
  setting === 'adapter_targets' && value === 'all' ? 'all-linear' : value;

/** What a setting is when a flag for one of its values is off. */
function oppositeOf(setting: SettingName, value: SettingValue): SettingValue | undefined {
  if (typeof value === 'boolean') return !value;
  if (setting === 'compute_precision') return 'fp32';
  return setting === 'quantization' || setting === 'adapter' || setting === 'sharding'
    ? 'none'
    : undefined;
}

/** Claims by setting, the one that stands first. */
function groupOf(claims: readonly Claim[]): ReadonlyMap<SettingName, readonly Claim[]> {
  const groups = new Map<SettingName, Claim[]>();
  for (const claim of claims) {
    const list = groups.get(claim.setting) ?? [];
    list.push(claim);
    groups.set(claim.setting, list);
  }
  for (const list of groups.values()) {
    // A sort keeps the order of equals; the last one written stands.
    list.reverse().sort((a, b) => b.rank - a.rank || a.distance - b.distance);
  }
  return groups;
}

function modelOf(
  { models, trained }: Gathering,
  overridden: Overridden[],
  isOwn: boolean,
): { readonly model?: string; readonly companions: readonly Companion[] } {
  const all = [...models].reverse().sort((a, b) => b.rank - a.rank);
  const rank = all[0]?.rank;
  // What an optimizer steps is the model, wherever the others stand.
  const first =
    all.find((one) => one.rank === rank && one.held !== undefined && one.held === trained) ??
    all[0];
  const companions = new Map<string, Companion>();
  if (first === undefined) return { companions: [] };
  for (const { name, source, width, ...other } of all) {
    const isBeside =
      other.held !== undefined &&
      first.held !== undefined &&
      other.held !== first.held &&
      other.rank === first.rank &&
      fileOf(source) === fileOf(first.source);
    // A trainer's own reference is counted with the trainer.
    if (isBeside && (isOwn || name !== first.name)) {
      // Under one name the later stands for the earlier.
      if (companions.has(other.held ?? '')) continue;
      companions.set(other.held ?? '', {
        name,
        source,
        isCounted: isOwn && other.isOnCard === true,
        ...(width !== undefined && { width }),
      });
    } else if (name !== first.name) {
      overridden.push({ setting: 'model', value: name, source, by: first.source });
    }
  }
  return { model: first.name, companions: [...companions.values()] };
}

/** Keys that only the Trainer's arguments have. */
const hasTrainerKeys = ({ said }: Gathering): boolean =>
  said.some(({ key }) => /^-*per[-_]device[-_](?:train|eval)[-_]batch[-_]size$/.test(key));

const fileOf = (source: string): string => source.replace(/:\d+$/, '');

function purposeOf({ purposes }: Gathering, settings: ReadonlyMap<SettingName, Stated>): Purpose {
  const [first] = [...purposes].sort(
    (a, b) => b.rank - a.rank || order(a.purpose) - order(b.purpose),
  );
  if (first !== undefined) return first.purpose;
  const isTraining = ['micro_batch', 'optimizer', 'accumulation_steps', 'checkpointing'].some(
    (name) => settings.has(name as SettingName),
  );
  return isTraining ? 'training' : 'generation';
}

/** Of a script that does several things, the one that needs most. */
const order = (purpose: Purpose): number =>
  ['training', 'serving', 'evaluation', 'generation'].indexOf(purpose);

/** LoRA on weights in four bits is QLoRA. */
function withConsequences(settings: Map<SettingName, Stated>): ReadonlyMap<SettingName, Stated> {
  const adapter = settings.get('adapter');
  const rank = settings.get('adapter_rank');
  if (adapter === undefined && rank !== undefined) {
    settings.set('adapter', { value: 'lora', by: rank.by, source: rank.source });
  }
  const isLora = settings.get('adapter')?.value === 'lora';
  const packed = settings.get('quantization');
  if (isLora && packed?.value === '4bit') {
    settings.set('adapter', { value: 'qlora', by: packed.by, source: packed.source });
  }
  return new Map([...settings].sort(([a], [b]) => compareText(a, b)));
}
