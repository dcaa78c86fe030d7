/**
 * The contract of a dialect: how one framework calls the neutral settings, what it has by default in
 * which version, and how a change is written in it. Remedies know no framework's syntax; this does.
 */
import { isBefore, type Unit } from '../base/unit.ts';
import type { Assignment } from '../evidence/assignments.ts';
import {
  type Change,
  isOfType,
  SETTINGS,
  type SettingName,
  type SettingValue,
} from './settings.ts';

/** Versions, both ends included; an open end is absent. */
export interface Since {
  readonly from?: string;
  readonly to?: string;
}

export interface Writing extends Since {
  /**
   * The line to write. `{value}` stands for the new value: as a number, or "N/2" where the old one is
   * not known. Say where it goes when that is not plain: `TrainingArguments(bf16=True)`.
   */
  readonly code: string;
  /** Only for this value; absent for any. */
  readonly value?: SettingValue;
}

export interface Default extends Since {
  readonly value: SettingValue;
  /** The file in which this was read: package@version:path. */
  readonly source: string;
  /**
   * Only where files of a run are given: in a log, what everybody sets and nothing prints is not what it is by
   * default.
   */
  readonly only?: 'stated';
}

export interface Spelling {
  /**
   * Names under which texts print it; case, leading dashes and - or _ make no difference. A name with
   * a dot is only read with what stands before the dot: `rollout.n`.
   */
  readonly keys?: readonly string[];
  /** Names that say by themselves what it is when they are true: { bf16: 'bf16' }. False says nothing. */
  readonly flags?: Readonly<Record<string, SettingValue>>;
  /** Printed values that mean another word: { 'true': '4bit' }. Compared in lower case. */
  readonly values?: Readonly<Record<string, SettingValue>>;
  /** The first that fits value and version is written. */
  readonly write?: readonly Writing[];
  readonly defaults?: readonly Default[];
}

export interface Dialect extends Unit {
  /** The name that people know it by. */
  readonly name: string;
  /** The package whose versions the rows speak of. */
  readonly package: string;
  /** How evidence calls it (evidence/frameworks.ts). */
  readonly frameworks: readonly string[];
  /** Ids of dialects whose settings hold in it too, nearest first. */
  readonly rests_on: readonly string[];
  /** Keys that dialects it rests on would read and that mean something else here: a global batch. */
  readonly ignores?: readonly string[];
  /** Pieces of code that are others in jobs of a kind: { dpo: [['SFTConfig(', 'DPOConfig(']] }. */
  readonly renames?: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  /** Settings that are written as another one in jobs of a kind. */
  readonly stands_for?: Readonly<
    Record<string, Readonly<Partial<Record<SettingName, SettingName>>>>
  >;
  /** Settings that are written in its words wherever it is there, though others are nearer to the user. */
  readonly decides?: readonly SettingName[];
  readonly settings: Readonly<Partial<Record<SettingName, Spelling>>>;
}

/** Versions of packages, as far as the evidence shows them. */
export type Versions = ReadonlyMap<string, Since>;

/** How a setting stands, and how that is known. */
export interface Known {
  readonly value: SettingValue;
  readonly dialect: Dialect;
  readonly by:
    | { readonly kind: 'printed'; readonly assignment: Assignment }
    /** `certain` when the evidence shows a version in the row's range. */
    | { readonly kind: 'default'; readonly row: Default; readonly certain: boolean };
}

/** The dialects that hold for frameworks, nearest to the user first, each with what it rests on. */
export function dialectsOf(
  frameworks: readonly string[],
  all: readonly Dialect[],
): readonly Dialect[] {
  const byId = new Map(all.map((dialect) => [dialect.id, dialect]));
  const found = new Set<Dialect>();
  const take = (dialect: Dialect | undefined): void => {
    if (dialect === undefined || found.has(dialect)) return;
    found.add(dialect);
    for (const id of dialect.rests_on) take(byId.get(id));
  };
  for (const framework of frameworks) {
    take(all.find((dialect) => dialect.frameworks.includes(framework)));
  }
  return [...found];
}

/** A key as it is compared: `--Max-Model-Len`, `trainer.max_model_len` → `max_model_len`. */
export const plainKey = (key: string): string => evenKey(key).replace(/^.*\./, '');

/** The same with the group in front: `actor.rollout.n` → `rollout.n`; nothing without a group. */
const groupedKey = (key: string): string | undefined => /[^.]+\.[^.]+$/.exec(evenKey(key))?.[0];

const evenKey = (key: string): string => key.replace(/^-+/, '').replaceAll('-', '_').toLowerCase();

/** Settings that assignments print, in the words of these dialects. The last assignment stands. */
export function printedSettings(
  assignments: readonly Assignment[],
  dialects: readonly Dialect[],
): ReadonlyMap<SettingName, Known> {
  const found = new Map<SettingName, Known>();
  if (assignments.length === 0) return found;
  const bySpelling = spellingsOf(dialects);
  const spelledBy = ({ key }: Assignment): readonly Spelled[] =>
    // What is said of a name in its group is said of nothing else.
    bySpelling.get(groupedKey(key) ?? '') ?? bySpelling.get(plainKey(key)) ?? [];
  for (const assignment of assignments) {
    for (const { setting, dialect, ...spelled } of spelledBy(assignment)) {
      const value = meantBy(assignment.value, spelled);
      if (value === undefined || !isOfType(setting, value)) continue;
      found.set(setting, { value, dialect, by: { kind: 'printed', assignment } });
    }
  }
  return found;
}

/** What a key with its value says of one setting. */
export interface Understood {
  readonly setting: SettingName;
  readonly dialect: Dialect;
  /**
   * `said`: this is its value; `denied`: a flag for this value that is off; `unsaid`: a word that means nothing
   * here; `wrong-type`: what nobody can mean.
   */
  readonly kind: 'said' | 'denied' | 'unsaid' | 'wrong-type';
  readonly value: SettingValue;
}

/** Reads keys of files and command lines in the words of these dialects; nothing for an unknown key. */
export function understanding(
  dialects: readonly Dialect[],
): (key: string, printed: string) => readonly Understood[] {
  const bySpelling = spellingsOf(dialects);
  return (key, printed) => {
    const spelled = bySpelling.get(groupedKey(key) ?? '') ?? bySpelling.get(plainKey(key)) ?? [];
    return spelled.map(({ setting, dialect, spelling, flag }) => ({
      setting,
      dialect,
      ...understood(setting, printed, spelling, flag),
    }));
  };
}

function understood(
  setting: SettingName,
  printed: string,
  spelling: Spelling,
  flag: SettingValue | undefined,
): Pick<Understood, 'kind' | 'value'> {
  const plain = plainValue(printed);
  if (flag !== undefined) {
    if (plain === true || plain === 1) return { kind: 'said', value: flag };
    const isOff = plain === false || plain === 0;
    return isOff ? { kind: 'denied', value: flag } : { kind: 'unsaid', value: printed };
  }
  const value = meantBy(printed, { spelling });
  if (value !== undefined && isOfType(setting, value)) return { kind: 'said', value };
  const isWord = spelling.values !== undefined || Array.isArray(SETTINGS[setting].type);
  return { kind: isWord ? 'unsaid' : 'wrong-type', value: printed };
}

interface Spelled {
  readonly setting: SettingName;
  readonly spelling: Spelling;
  readonly dialect: Dialect;
  /** What the key says by itself when it is true. */
  readonly flag?: SettingValue;
}

function meantBy(
  printed: string,
  { spelling, flag }: Pick<Spelled, 'spelling' | 'flag'>,
): SettingValue | undefined {
  const plain = plainValue(printed);
  if (flag !== undefined) return plain === true ? flag : undefined;
  if (spelling.values === undefined) return plain;
  const value = spelling.values[printed.toLowerCase()] ?? plain;
  const meanings = Object.values(spelling.values);
  // Words beside numbers: a number is itself.
  if (typeof plain === 'number' && meanings.every((one) => typeof one === 'number')) return value;
  // A word that a dialect gives no meaning to, where it gives meanings to words, says nothing.
  return meanings.includes(value) ? value : undefined;
}

function spellingsOf(dialects: readonly Dialect[]): ReadonlyMap<string, readonly Spelled[]> {
  const byKey = new Map<string, Spelled[]>();
  const ignored = new Set<string>();
  for (const dialect of dialects) {
    for (const [setting, spelling] of entriesOf(dialect)) {
      const put = (key: string, flag?: SettingValue): void => {
        const name = nameOf(key);
        if (ignored.has(name)) return;
        const list = byKey.get(name) ?? [];
        // The nearest dialect that spells a setting with this key speaks for it.
        if (!list.some((one) => one.setting === setting))
          list.push({ setting, spelling, dialect, ...(flag !== undefined && { flag }) });
        byKey.set(name, list);
      };
      for (const [key, flag] of Object.entries(spelling.flags ?? {})) put(key, flag);
      for (const key of spelling.keys ?? []) put(key);
    }
    for (const key of dialect.ignores ?? []) {
      ignored.add(nameOf(key));
      if (!byKey.has(nameOf(key))) byKey.set(nameOf(key), []);
    }
  }
  return byKey;
}

const nameOf = (key: string): string => groupedKey(key) ?? plainKey(key);

const entriesOf = ({ settings }: Dialect): [SettingName, Spelling][] =>
  Object.entries(settings) as [SettingName, Spelling][];

function plainValue(text: string): SettingValue {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === 'yes' || word === 'on') return true;
  if (word === 'false' || word === 'no' || word === 'off') return false;
  const number = Number(word.replaceAll('_', ''));
  return word !== '' && Number.isFinite(number) ? number : word;
}

/** What a setting is without being set, in the nearest dialect that says so. */
export function defaultOf(
  setting: SettingName,
  dialects: readonly Dialect[],
  versions: Versions,
  isStated: boolean = false,
): Known | undefined {
  for (const dialect of dialects) {
    const all = dialect.settings[setting]?.defaults ?? [];
    const rows = isStated ? all : all.filter(({ only }) => only === undefined);
    if (rows.length === 0) continue;
    const shown = versions.get(dialect.package);
    const row = rows.find((one) => holds(one, shown) === 'surely') ?? newest(rows, shown);
    if (row === undefined) return undefined;
    const certain = holds(row, shown) === 'surely';
    return { value: row.value, dialect, by: { kind: 'default', row, certain } };
  }
  return undefined;
}

/** Of rows that the shown version leaves open, the one without an upper end. */
const newest = (rows: readonly Default[], shown: Since | undefined): Default | undefined =>
  rows.filter((row) => holds(row, shown) === 'possibly').findLast(({ to }) => to === undefined);

/** Whether a range of versions covers what the evidence shows of a version. */
export function holds(range: Since, shown: Since | undefined): 'surely' | 'possibly' | 'no' {
  if (range.from === undefined && range.to === undefined) return 'surely';
  if (shown === undefined) return 'possibly';
  const { from, to } = shown;
  const isAbove = range.to !== undefined && from !== undefined && isBefore(range.to, from);
  const isBelow = range.from !== undefined && to !== undefined && isBefore(to, range.from);
  if (isAbove || isBelow) return 'no';
  const lowIn = range.from === undefined || (from !== undefined && !isBefore(from, range.from));
  const highIn = range.to === undefined || (to !== undefined && !isBefore(range.to, to));
  return lowIn && highIn ? 'surely' : 'possibly';
}

/** A change as the nearest dialect writes it. */
export interface Written {
  readonly dialect: Dialect;
  readonly code: string;
}

/** @param task what kind of training it is, where that is known: its own class names are written then */
export function writeChange(
  asked: Change,
  dialects: readonly Dialect[],
  versions: Versions,
  old?: SettingValue,
  task?: SettingValue,
): Written | undefined {
  const kind = String(task);
  const other = dialects.flatMap(({ stands_for: all }) => all?.[kind]?.[asked.setting] ?? [])[0];
  // What another setting is now is not known here.
  if (other !== undefined)
    return writeChange({ ...asked, setting: other }, dialects, versions, undefined, task);
  const decides = ({ decides: own = [] }: Dialect): boolean => own.includes(asked.setting);
  for (const dialect of [...dialects.filter(decides), ...dialects]) {
    const rows = dialect.settings[asked.setting]?.write ?? [];
    const row = rows.find(
      (one) =>
        (one.value === undefined || one.value === asked.to) &&
        holds(one, versions.get(dialect.package)) !== 'no',
    );
    if (row !== undefined) {
      const code = row.code.replaceAll('{value}', newValue(asked, old));
      return { dialect, code: `${renamed(code, dialects, kind)}${remarkOn(asked, old)}` };
    }
  }
  return undefined;
}

/** An argument of a trainer, which a job that trains nothing does not have. */
export const isOfTrainer = (code: string): boolean =>
  /\b(?:\w{0,20}TrainingArguments|(?:SFT|DPO|KTO|ORPO|CPO|GRPO|Reward)Config|Trainer)\(/.test(code);

/** Code with the names of this kind of job; a remark on what others are called is void then. */
function renamed(code: string, dialects: readonly Dialect[], kind: string): string {
  const names = dialects.flatMap(({ renames }) => renames?.[kind] ?? []);
  const found = names.filter(([from]) => code.includes(from));
  if (found.length === 0) return code;
  return found
    .reduce((now, [from, to]) => now.replaceAll(from, to), code)
    .replace(/ {2}# or \w+Config(, \w+Config)*$/, '');
}

function newValue({ to }: Change, old: SettingValue | undefined): string {
  const number = typeof old === 'number' ? old : undefined;
  if (to === 'half')
    return number === undefined ? 'N/2' : String(Math.max(1, Math.floor(number / 2)));
  if (to === 'lower' || to === 'higher') return 'N';
  return String(to);
}

/** Where only the direction is known, what it is now; behind the code, so that the code stays whole. */
function remarkOn({ to }: Change, old: SettingValue | undefined): string {
  if (typeof old !== 'number' || (to !== 'lower' && to !== 'higher')) return '';
  return `  # ${to === 'lower' ? 'below' : 'above'} ${old}`;
}

/** Whether a change is made already by what is known of a setting. */
export function isMade({ to }: Change, known: Known): boolean {
  return known.value === to;
}
