/**
 * Results that are kept because the next job usually differs from the last in a setting that they do not depend on. An
 * entry belongs to an object (a model, a list of weights) and goes with it; each object keeps the newest few.
 */
import type { Job } from './job.ts';

const MOST = 512;

export class Memo<T> {
  readonly #of = new WeakMap<object, Map<string, T>>();

  get(owner: object, key: string, make: () => T): T {
    let entries = this.#of.get(owner);
    if (entries === undefined) {
      entries = new Map();
      this.#of.set(owner, entries);
    }
    const known = entries.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (entries.size >= MOST) {
      const oldest = entries.keys().next();
      if (oldest.done !== true) entries.delete(oldest.value);
    }
    entries.set(key, made);
    return made;
  }
}

/** Settings that no rehearsal of a pass looks at. What is not named here makes another key. */
const APART: ReadonlySet<string> = new Set<keyof Job>([
  'model',
  'weights',
  'assumptions',
  'serving',
  // The same for the same weights.
  'pipeline',
  'allocator',
  'optimizer',
  'optimizerInBackward',
  'masterWeights',
  'keepsGradients',
  'accumulation',
  'ema',
  'newTokens',
  'beams',
  'cacheWidth',
  'prefillLogits',
]);

const texts = new WeakMap<object, string>();

function textOf(value: object): string {
  let text = texts.get(value);
  if (text === undefined) {
    text = JSON.stringify(value);
    texts.set(value, text);
  }
  return text;
}

/** All settings that rehearsals and sums of weights may depend on, as one text; without some that a part does not see. */
export function keyOf(job: Job, unseen?: ReadonlySet<string>): string {
  let key = '';
  for (const name in job) {
    if (APART.has(name) || unseen?.has(name) === true) continue;
    const value = job[name as keyof Job];
    // Of two settings that a job may lack each must be told from the other.
    if (value !== undefined) key += ` ${name} ${typeof value === 'object' ? textOf(value) : value}`;
  }
  return key;
}

/** The settings apart as one text: with the basis, all that a prediction depends on. */
export function apartOf(job: Job): string {
  let key = '';
  for (const name in job) {
    if (!APART.has(name) || NAMES.has(name)) continue;
    const value = job[name as keyof Job];
    if (value === undefined) continue;
    key += ` ${name}=${typeof value === 'object' ? textOf(value) : value}`;
  }
  return key;
}

/** What the basis stands for, and what nothing is computed from. */
const NAMES: ReadonlySet<string> = new Set<keyof Job>(['model', 'weights', 'assumptions']);

/** Stands for all jobs over the same weights that differ in settings apart only. */
export type Basis = Record<never, never>;

const known: Memo<Basis> = new Memo();
const bases = new WeakMap<Job, Basis>();

export function basisOf(job: Job): Basis {
  let basis = bases.get(job);
  if (basis === undefined) {
    basis = known.get(job.weights, keyOf(job), () => ({}));
    bases.set(job, basis);
  }
  return basis;
}

/** The same function, whose results are kept for all jobs over the same weights with the same key. */
export function remembered<T>(of: (job: Job) => T): (job: Job) => T {
  const results = new WeakMap<Basis, { readonly value: T }>();
  return (job) => {
    const basis = basisOf(job);
    let result = results.get(basis);
    if (result === undefined) {
      result = { value: of(job) };
      results.set(basis, result);
    }
    return result.value;
  };
}

/** A job that tells whether a setting apart was looked at. */
export function watched(job: Job): { readonly job: Job; readonly sawApart: () => boolean } {
  let saw = false;
  const proxy = new Proxy(job, {
    get(target, name) {
      if (typeof name === 'string' && APART.has(name) && name !== 'model' && name !== 'weights')
        saw = true;
      return Reflect.get(target, name);
    },
  });
  bases.set(proxy, basisOf(job));
  return {
    job: proxy,
    sawApart: () => {
      const result = saw;
      saw = false;
      return result;
    },
  };
}
