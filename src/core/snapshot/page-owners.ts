/** Whose each allocation is, as columns: the same names and rules that the report uses. */
import type { Lang } from '../base/texts.ts';
import type { DeviceAnalysis } from './analyse.ts';
import { CATEGORIES, CATEGORY_WORDS } from './categories-rules.ts';
import { NONE } from './columns.ts';
import { AUTOGRAD_ENGINE, type OwnerBy } from './owners.ts';
import { Stage } from './owners-frames.ts';
import type { PageOwners } from './page-data.ts';
import { hasFrames } from './phases.ts';

/** The ways of naming owners, the one that tells most first. */
export function pageOwnersOf(analyses: readonly DeviceAnalysis[], lang: Lang): PageOwners[] {
  const ways = (['line', 'module', 'library'] as const).map((by) => ownersBy(by, analyses));
  return [categoriesOf(analyses, lang), ...ways];
}

function categoriesOf(analyses: readonly DeviceAnalysis[], lang: Lang): PageOwners {
  const unknown = CATEGORIES.indexOf('unknown');
  return {
    by: 'category',
    names: CATEGORIES.map((category) => CATEGORY_WORDS[category][lang]),
    of: analyses.map(({ categories }) =>
      Uint32Array.from(categories.rule, (rule) => {
        const category = categories.categoryOfRule[rule] as number;
        return category === unknown ? NONE : category;
      }),
    ),
  };
}

function ownersBy(
  by: Exclude<OwnerBy, 'category'>,
  analyses: readonly DeviceAnalysis[],
): PageOwners {
  const names: string[] = [];
  const ids = new Map<string, number>();
  const idOf = (name: string): number => {
    const known = ids.get(name);
    if (known !== undefined) return known;
    ids.set(name, names.length);
    return names.push(name) - 1;
  };
  const of = analyses.map(({ view, names: owners }) => {
    const { facts, stages, lifetimes, snapshot } = view;
    const ofStack = Uint32Array.from(facts.traits, (_, stack) => {
      if (!hasFrames(facts, stack)) return NONE;
      const { name, frame } = owners.nameOf(by, stack);
      // A line by itself says little: the function goes with it.
      if (by !== 'line' || frame === undefined) return idOf(name);
      return idOf(`${name} ${snapshot.strings[snapshot.frames.name[frame] as number] ?? ''}`);
    });
    return Uint32Array.from(lifetimes.stack, (stack, row) => {
      if (stack !== NONE && ofStack[stack] !== NONE) return ofStack[stack] as number;
      const start = lifetimes.start[row] as number;
      const isEngine =
        start !== NONE && stages.framelessIsBackward && stages.stage[start] === Stage.backward;
      return isEngine ? idOf(AUTOGRAD_ENGINE) : NONE;
    });
  });
  return { by, names, of };
}
