/** Dialects by their ids, and keys read in their words. */
import {
  type Dialect,
  isOfTrainer,
  type Spelling,
  type Understood,
  understanding,
} from '../dialect.ts';
import { dialects } from '../dialects.gen.ts';
import type { SettingName } from '../settings.ts';
import type { Workload } from '../workload.ts';

const byId = new Map(dialects.map((dialect) => [dialect.id, dialect]));

/** Dialects with what they rest on, nearest first. */
export function closureOf(ids: Iterable<string>): readonly Dialect[] {
  const found = new Set<Dialect>();
  const take = (id: string): void => {
    const dialect = byId.get(id);
    if (dialect === undefined || found.has(dialect)) return;
    found.add(dialect);
    for (const below of dialect.rests_on) take(below);
  };
  for (const id of ids) take(id);
  return [...found];
}

/** The dialects in whose words a job is changed, nearest first. */
export function spokenIn({ dialects: ids, settings, purpose }: Workload): readonly Dialect[] {
  if (settings.get('own_loop')?.value === true) {
    // What a library rests on is not used because the library is.
    return ids.flatMap((id) => (id === 'trl' ? [] : (byId.get(id) ?? []))).map(withoutTrainer);
  }
  const all = closureOf(ids);
  const isElse = purpose === 'generation' || purpose === 'serving' || ids.includes('lightning');
  return isElse ? all.map(withoutTrainer) : all;
}

const withoutTrainers = new Map<Dialect, Dialect>();

/** What is left of a library where its trainer is not what trains: no arguments and no defaults of it. */
function withoutTrainer(dialect: Dialect): Dialect {
  const made = withoutTrainers.get(dialect);
  if (made !== undefined) return made;
  const settings: Partial<Record<SettingName, Spelling>> = {};
  for (const [name, { write, defaults, ...spelling }] of Object.entries(dialect.settings)) {
    settings[name as SettingName] = {
      ...spelling,
      ...(write && { write: write.filter(({ code }) => !isOfTrainer(code)) }),
      ...(defaults && { defaults: defaults.filter(({ source }) => !OF_TRAINER.test(source)) }),
    };
  }
  const left = { ...dialect, settings };
  withoutTrainers.set(dialect, left);
  return left;
}

/** Files of a library that say what its trainer does by itself. */
const OF_TRAINER = /training_args\.py|of the Trainer/;

type Read = (key: string, printed: string) => readonly Understood[];

const readers = new Map<string, Read>();

/** What a key with its value says in the words of these dialects. */
export function readIn(
  words: readonly string[],
  key: string,
  printed: string,
): readonly Understood[] {
  const name = words.join();
  const known = readers.get(name);
  const read = known ?? understanding(closureOf(words));
  // The lists of words stand in this program; no input makes new ones.
  if (known === undefined) readers.set(name, read);
  return read(key, printed);
}

/** Whether a word behind an option is no value of it: the option is a switch. */
export function isSwitch(words: readonly string[], key: string, value: string): boolean {
  if (/^(?:true|false|yes|no|on|off|[01])$/i.test(value)) return false;
  if (/^(?:enable|disable|enforce|trust|no|use)[-_]/.test(key.replace(/^-+/, ''))) return true;
  const asFlag = readIn(words, key, 'true');
  const asGiven = readIn(words, key, value);
  return (
    asFlag.some(({ kind }) => kind === 'said') &&
    asGiven.every(({ kind }) => kind === 'unsaid' || kind === 'wrong-type')
  );
}
