/**
 * Where readers of sources put what they find. Nothing is decided here: statements about the same setting
 * lie beside each other until all sources are read (settle.ts).
 */
import type { Problem } from '../../base/problem.ts';
import type { Since } from '../dialect.ts';
import type { SettingName, SettingValue } from '../settings.ts';
import type { Purpose, Unread } from '../workload.ts';

/** Who says it; a higher one stands before a lower one. */
export const RANKS = {
  /** A flag that is off, a name that hints: only where nobody says more. */
  hint: 0,
  config: 1,
  script: 2,
  command: 3,
  option: 4,
} as const;

export type Rank = (typeof RANKS)[keyof typeof RANKS];

/** A key with its value, as somebody wrote it. */
export interface Said {
  readonly key: string;
  readonly value: string;
  /** `file:line`. */
  readonly source: string;
  readonly rank: Rank;
  /** Ids of dialects in whose words it is, nearest first. */
  readonly words: readonly string[];
}

/** A neutral setting that a reader understood by itself. */
export interface Meant {
  readonly setting: SettingName;
  readonly value: SettingValue;
  readonly source: string;
  readonly rank: Rank;
}

export interface Named {
  readonly name: string;
  readonly source: string;
  readonly rank: Rank;
  readonly class?: string;
  /** The name under which a script holds it. */
  readonly held?: string;
  /** It surely lies on the card whole, and stays. */
  readonly isOnCard?: boolean;
  /** Bytes of a weight, where its own call says so. */
  readonly width?: number;
}

/** A text that was handed in. */
export interface Source {
  readonly name: string;
  readonly text: string;
  /** What a run printed: only command lines and the model's name are taken from it. */
  readonly isLog?: boolean;
}

/** What the sources say of the machine. */
export interface MachineHints {
  /** Cards of one node. */
  gpus?: number;
  nodes?: number;
  /** CUDA_VISIBLE_DEVICES as written. */
  visible?: string;
}

export class Gathering {
  readonly said: Said[] = [];
  readonly meant: Meant[] = [];
  readonly models: Named[] = [];
  readonly purposes: { readonly purpose: Purpose; readonly rank: Rank }[] = [];
  readonly versions: Map<string, Since> = new Map();
  readonly machine: MachineHints = {};
  readonly problems: Problem[] = [];
  /** Paths of files that sources point to. */
  readonly mentions: Map<string, string> = new Map();
  /** Paths of files that a script writes itself. */
  readonly written: Set<string> = new Set();
  /** Dialects that speak, nearest to the user first. */
  readonly dialects: Set<string> = new Set();
  /** The name under which a script holds the model that it trains. */
  trained: string | undefined;
  /** Settings that are set to what only a run would know. */
  readonly open: Unread[] = [];
  /** Flags of command lines by their plain names: scripts refer to them as `args.NAME`. */
  readonly flags: Map<string, { readonly value: string; readonly source: string }> = new Map();

  say(
    key: string,
    value: string | number | boolean | null,
    source: string,
    rank: Rank,
    words: readonly string[],
  ): void {
    if (value === null || this.said.length >= MOST_SAID) return;
    this.said.push({ key, value: String(value), source, rank, words });
  }

  mean(setting: SettingName, value: SettingValue, source: string, rank: Rank): void {
    this.meant.push({ setting, value, source, rank });
  }

  /** @param about with which class of transformers it is read (its head), and under which name it is held */
  model(
    name: string | undefined,
    source: string,
    rank: Rank,
    about: Pick<Named, 'class' | 'held' | 'isOnCard' | 'width'> = {},
  ): void {
    if (name === undefined || name === '') return;
    this.models.push({ name, source, rank, ...about });
  }

  speak(...ids: readonly string[]): void {
    // Words of PEFT are understood wherever they stand; it speaks where there is an adapter.
    for (const id of ids) if (id !== 'peft' || ids.length === 1) this.dialects.add(id);
  }

  mention(path: string | undefined, source: string): void {
    if (path !== undefined && path !== '' && !this.mentions.has(path)) {
      this.mentions.set(path, source);
    }
  }

  version(name: string, range: Since): void {
    const plain = name.toLowerCase().replaceAll('_', '-');
    if (!this.versions.has(plain)) this.versions.set(plain, range);
  }
}

/** Statements of all sources together. */
const MOST_SAID = 20_000;
