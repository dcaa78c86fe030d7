/** Which allocations share a colour, and in which order the colours are piled up. */
import { CATEGORIES, NONE } from '../../core/snapshots.ts';
import { CATEGORY_COLOURS, OWNER_COLOURS } from './palette.ts';
import type { Grouping } from './stack.ts';
import { Effect, type Trace } from './trace.ts';

export type GroupKind =
  | 'owner'
  /** Owners too small for a colour of their own. */
  | 'rest'
  /** There before the trace, by nobody knows whom. */
  | 'before'
  /** Made in the trace, but without a stack or a rule that names an owner. */
  | 'unknown'
  /** Freed, and waiting for another stream. */
  | 'waiting'
  /** Not what was searched for. */
  | 'others';

export interface Group {
  readonly kind: GroupKind;
  /** Of an owner; its place among the owners' names. */
  readonly owner: number;
  readonly name: string;
  /** Place in the palette of owners. */
  readonly colour: number;
}

export interface Groups extends Grouping {
  readonly list: readonly Group[];
}

/** Owners by how much they matter, with how much of the time each is there. */
interface Ranked {
  readonly owner: number;
  readonly weight: number;
  readonly steadiness: number;
}

/** One way of naming owners, on one device. */
export interface Way {
  readonly by: string;
  readonly names: readonly string[];
  /** Owner of each allocation, or NONE. */
  readonly of: Uint32Array;
}

/** What does not depend on what is in focus, and takes a walk through the whole trace. */
const ranks = new WeakMap<Way, readonly Ranked[]>();

/** @param isMeant 1 for allocations in focus, by row; absent when all are */
export function groupsOf(trace: Trace, owners: Way, isMeant?: Uint8Array): Groups {
  const ranked = ranks.get(owners) ?? rank(trace, owners);
  ranks.set(owners, ranked);
  const shown = ranked.slice(0, OWNER_COLOURS);
  const colours = coloursOf(owners.by, shown);
  const steadiest = [...shown].sort((a, b) => b.steadiness - a.steadiness);
  const plain = (kind: GroupKind): Group => ({ kind, owner: NONE, name: '', colour: 0 });
  const list: readonly Group[] = [
    plain('before'),
    ...steadiest.map(
      ({ owner }): Group => ({
        kind: 'owner',
        owner,
        name: owners.names[owner] ?? '',
        colour: colours.get(owner) ?? 0,
      }),
    ),
    plain('rest'),
    plain('unknown'),
    plain('waiting'),
    plain('others'),
  ];
  const placeOf = (kind: GroupKind): number => list.findIndex((group) => group.kind === kind);
  const [rest, unknown, others] = [placeOf('rest'), placeOf('unknown'), placeOf('others')];
  const places = new Map(list.map(({ owner }, place) => [owner, place]));
  const { from, stack, count } = trace.device.allocations;
  const of = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const owner = owners.of[row] as number;
    if (isMeant !== undefined && isMeant[row] === 0) of[row] = others;
    else if (owner !== NONE) of[row] = places.get(owner) ?? rest;
    else of[row] = from[row] === NONE && stack[row] === NONE ? 0 : unknown;
  }
  return { list, count: list.length, of, waiting: placeOf('waiting') };
}

/** Colours in the order of weight; categories have their own, if nobody heavier has it. */
function coloursOf(by: string, ranked: readonly Ranked[]): Map<number, number> {
  const free = new Set(Array.from({ length: OWNER_COLOURS }, (_, colour) => colour));
  const colours = new Map<number, number>();
  for (const isFirst of [true, false]) {
    for (const { owner } of ranked) {
      if (colours.has(owner)) continue;
      const category = by === 'category' ? CATEGORIES[owner] : undefined;
      const wanted = isFirst ? category && CATEGORY_COLOURS[category] : [...free][0];
      if (wanted === undefined || !free.delete(wanted)) continue;
      colours.set(owner, wanted);
    }
  }
  return colours;
}

/** Owners by bytes at the peak; one that has its own peak elsewhere counts half of that. */
function rank(trace: Trace, owners: Way): Ranked[] {
  const count = owners.names.length;
  const now = new Float64Array(count);
  const most = new Float64Array(count);
  const since = new Float64Array(count);
  const integral = new Float64Array(count);
  const atPeak = new Float64Array(count);
  const { held } = trace.device.allocations;
  const change = (row: number, sign: number, position: number): void => {
    const owner = owners.of[row] as number;
    if (owner === NONE) return;
    const bytes = now[owner] as number;
    integral[owner] = (integral[owner] as number) + bytes * (position - (since[owner] as number));
    since[owner] = position;
    const sum = bytes + sign * (held[row] as number);
    now[owner] = sum;
    if (sum > (most[owner] as number)) most[owner] = sum;
  };
  for (let row = 0; row < held.length; row++) if (trace.start[row] === 0) change(row, 1, 0);
  for (let p = 0; p < trace.positions; p++) {
    const last = trace.first[p + 1] as number;
    for (let k = trace.first[p] as number; k < last; k++) {
      const effect = trace.effects[k] as number;
      const kind = effect & 3;
      if (kind !== Effect.isDone) change(effect >>> 2, kind === Effect.begins ? 1 : -1, p);
    }
    if (p === trace.peak) atPeak.set(now);
  }
  const ranked: Ranked[] = [];
  for (let owner = 0; owner < count; owner++) {
    const top = most[owner] as number;
    if (top === 0) continue;
    const total =
      (integral[owner] as number) +
      (now[owner] as number) * (trace.positions - (since[owner] as number));
    ranked.push({
      owner,
      weight: Math.max(atPeak[owner] as number, top / 2),
      steadiness: total / top / trace.positions,
    });
  }
  return ranked.sort((a, b) => b.weight - a.weight);
}

/** Streams as owners: a view that needs no rule. */
export function streamOwners(trace: Trace, streams: readonly string[]): Way {
  return { by: 'stream', names: streams, of: Uint32Array.from(trace.device.allocations.stream) };
}
