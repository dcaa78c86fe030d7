/** Snapshots with damaged fields: what a file can say that PyTorch never says, one field or very many. */
import type { Plain } from './pickle-of.ts';

type Holder = Record<string, Plain> | Plain[];
/** A field: what holds it, and its name there. */
type Place = readonly [holder: Holder, key: string];

const ODD: readonly Plain[] = [
  ...[0, -1, 1, 511, 512, 2 ** 21, 2 ** 31, 2 ** 32, 2 ** 47, 2 ** 53 - 1, 2 ** 53, 2 ** 60],
  ...[1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5, -0],
  ...[2n ** 63n, -(2n ** 63n), 2n ** 70n],
  ...['', '__proto__', 'alloc', 'free_completed', 'oom', 'segment_unmap', 'x'.repeat(70_000)],
  ...[null, true, false],
  ...[[], {}, [[]], [1, 2], ['a'], { a: 1 }],
];
const NAMES = ['__proto__', 'constructor', 'toString'] as const;
const CHANGES = [1, -1, 512, -512, 2 ** 20, -(2 ** 20), 2 ** 30] as const;

/** @param random in [0, 1): the same numbers give the same damage */
export function mutated(tree: Plain, random: () => number): Plain {
  const copy = structuredClone(tree);
  const places = placesIn(copy);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  if (random() < 0.3) {
    // One field everywhere, or nearly.
    const [, name] = pick(places);
    const value = pick(ODD);
    const share = random();
    for (const [holder, key] of places)
      if (key === name && random() < share) set(holder, key, value);
  }
  for (let left = 1 + Math.floor(random() * random() * 30); left > 0; left -= 1) {
    damage(pick(places), places, random, pick);
  }
  return copy;
}

function damage(
  [holder, key]: Place,
  places: readonly Place[],
  random: () => number,
  pick: <T>(from: readonly T[]) => T,
): void {
  const kind = random();
  if (kind < 0.5) set(holder, key, pick(ODD));
  else if (kind < 0.6) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (kind < 0.7 && Array.isArray(holder)) {
    holder.splice(Number(key), 0, get(holder, key));
  } else if (kind < 0.8) {
    const [other, name] = pick(places);
    set(holder, key, structuredClone(get(other, name)));
  } else if (kind < 0.9 && Array.isArray(holder)) {
    const at = String(Math.floor(random() * holder.length));
    const there = get(holder, at);
    set(holder, at, get(holder, key));
    set(holder, key, there);
  } else {
    const value = get(holder, key);
    if (typeof value === 'number') set(holder, key, value + pick(CHANGES));
    else if (!Array.isArray(holder)) set(holder, pick(NAMES), pick(ODD));
  }
}

const get = (holder: Holder, key: string): Plain => Reflect.get(holder, key) ?? null;

/** As an own field, whatever its name means to the language. */
function set(holder: Holder, key: string, value: Plain): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function placesIn(root: Plain): readonly Place[] {
  const places: Place[] = [];
  const walk = (value: Plain): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Holder, key]);
      walk(get(value as Holder, key));
    }
  };
  walk(root);
  return places;
}
