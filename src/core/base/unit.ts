/** The contract of every unit (cause, remedy, reader, term): one file that says all about itself. */
import type { TextTable } from './texts.ts';

export type Status = 'preview' | 'stable';

export interface Unit<Key extends string = string> {
  /** The file's name: a noun phrase in kebab-case. Never changes meaning. */
  readonly id: string;
  /** UN1xx rules, UN2xx causes, UN3xx remedies, UN4xx readers, UN5xx terms. Never reused. */
  readonly code: string;
  /** The version of unoom that brought it. */
  readonly since: string;
  /** Preview units are outside semver. */
  readonly status: Status;
  readonly texts: TextTable<Key | 'title' | 'summary'>;
  /** Where its claims can be checked. */
  readonly sources: readonly string[];
}

/** A range of package versions, both ends included; an open end is absent. */
export interface VersionRange {
  readonly package: string;
  readonly from?: string;
  readonly to?: string;
}

/** How often a cause or remedy was seen, counted over labelled public cases: k of n, never a rate. */
export interface Share {
  readonly k: number;
  readonly n: number;
  readonly of: string;
}

/** Families of causes: what kind of thing filled the memory. Remedies say which of them they answer. */
export const FAMILIES = [
  'model-does-not-fit',
  'activations-too-large',
  'kv-cache',
  'engine-reservation',
  'neighbour',
  'leak',
  'autograd-in-eval',
  'fragmentation',
  'outside-the-pool',
  'optimizer-states',
  'memory-cap',
  'corrupt-size',
  'host-memory',
  'not-oom',
] as const;

export type Family = (typeof FAMILIES)[number];

/** What the knowledge base needs of causes and remedies beyond the unit itself. */
export interface KnowledgeUnit<Key extends string = string> extends Unit<Key> {
  readonly family: Family;
  readonly domain: 'training' | 'inference' | 'any';
  readonly category: string;
  readonly resolvable: 'yes' | 'partly' | 'no';
  readonly applies_to: readonly VersionRange[];
  readonly docs: readonly string[];
  readonly shares: readonly Share[];
}

/** True when version `a` comes before `b`, compared number by number. */
export function isBefore(a: string, b: string): boolean {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(x?.length ?? 0, y?.length ?? 0); i++) {
    const difference = (x?.[i] ?? 0) - (y?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
