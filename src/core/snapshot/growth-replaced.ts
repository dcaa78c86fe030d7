/**
 * One tensor that each step replaces by a larger one, as `history = torch.cat([history, x])` does. Inputs
 * that grow look the same, but then what a step uses and lets go grows with them.
 */
import { NONE } from './columns.ts';
import type { Ages, Groups } from './growth-lives.ts';
import type { Window } from './growth-series.ts';
import type { DeviceView } from './phases.ts';

/** A share of steps is nearly all of them. */
const NEARLY_ALL = 0.9;
/** Something that grows in so many steps follows the input. */
const MOSTLY = 0.75;
const FEWEST = 4;

/** The largest allocation of each step in each group. */
interface Largest {
  /** Steps of the window that have one. */
  readonly steps: Uint32Array;
  /** Times it was larger, and smaller, than that of the step before. */
  readonly larger: Uint32Array;
  readonly smaller: Uint32Array;
  readonly first: Float64Array;
  readonly latest: Float64Array;
  readonly lastStep: Uint32Array;
  readonly row: Uint32Array;
}

/** @param lived steps until it was let go. */
function largestOf(
  { lifetimes }: DeviceView,
  { step, age }: Ages,
  { ofRow, count }: Groups,
  window: Window,
  lived: number,
): Largest {
  const largest = {
    steps: new Uint32Array(count),
    larger: new Uint32Array(count),
    smaller: new Uint32Array(count),
    first: new Float64Array(count),
    latest: new Float64Array(count),
    lastStep: new Uint32Array(count).fill(NONE),
    row: new Uint32Array(count).fill(NONE),
  };
  /** Of the step before the one that is under way. */
  const before = new Float64Array(count);
  const settle = (group: number): void => {
    const latest = largest.latest[group] as number;
    const earlier = before[group] as number;
    const steps = largest.steps[group] as number;
    if (steps === 1) largest.first[group] = latest;
    if (steps > 1 && latest > earlier)
      largest.larger[group] = (largest.larger[group] as number) + 1;
    if (steps > 1 && latest < earlier) {
      largest.smaller[group] = (largest.smaller[group] as number) + 1;
    }
    before[group] = latest;
  };
  for (let row = 0; row < ofRow.length; row++) {
    const group = ofRow[row] as number;
    const own = step[row] as number;
    if (age[row] !== lived || group === NONE || own < window.from || own >= window.to) continue;
    const size = lifetimes.size[row] as number;
    if (largest.lastStep[group] === own) {
      if (size > (largest.latest[group] as number)) largest.latest[group] = size;
      continue;
    }
    if (largest.lastStep[group] !== NONE) settle(group);
    largest.steps[group] = (largest.steps[group] as number) + 1;
    largest.lastStep[group] = own;
    largest.latest[group] = size;
    largest.row[group] = row;
  }
  for (let group = 0; group < count; group++) {
    if (largest.lastStep[group] !== NONE) settle(group);
  }
  return largest;
}

/** Whether something that a step uses and lets go becomes larger step by step. */
export function isInputGrowing(
  view: DeviceView,
  ages: Ages,
  stacks: Groups,
  window: Window,
): boolean {
  const used = largestOf(view, ages, stacks, window, 0);
  const all = window.to - window.from;
  for (let group = 0; group < stacks.count; group++) {
    const steps = used.steps[group] as number;
    if (steps < Math.max(FEWEST, all * MOSTLY)) continue;
    if ((used.larger[group] as number) >= (steps - 1) * MOSTLY) return true;
  }
  return false;
}

export interface Replaced {
  readonly group: number;
  /** The latest of them. */
  readonly row: number;
  readonly steps: number;
  readonly larger: number;
  readonly lastStep: number;
  readonly firstBytes: number;
  readonly bytes: number;
}

/** Groups in which nearly every step puts a larger tensor in the place of the last one, never a smaller. */
export function replacedByLarger(
  view: DeviceView,
  ages: Ages,
  groups: Groups,
  window: Window,
): readonly Replaced[] {
  const kept = largestOf(view, ages, groups, window, 1);
  const found: Replaced[] = [];
  for (let group = 0; group < groups.count; group++) {
    const steps = kept.steps[group] as number;
    const larger = kept.larger[group] as number;
    if (steps < FEWEST || steps < (window.to - window.from - 1) * NEARLY_ALL) continue;
    if (larger < (steps - 1) * NEARLY_ALL || (kept.smaller[group] as number) > 0) continue;
    found.push({
      group,
      row: kept.row[group] as number,
      steps,
      larger,
      lastStep: kept.lastStep[group] as number,
      firstBytes: kept.first[group] as number,
      bytes: kept.latest[group] as number,
    });
  }
  return found;
}
