/**
 * Guides by role: the measures that somebody of that role can take, in the order in which to try them,
 * what to leave alone, and how to tell that the run is well.
 */
import { render } from '../base/render.ts';
import { type Lang, say } from '../base/texts.ts';
import { remedies } from '../remedies/measures.gen.ts';
import { noRemedies } from '../remedies/no-remedies.gen.ts';
import {
  CATEGORIES,
  type Remedy,
  type RemedyCategory,
  type RemedyText,
  type Role,
} from '../remedies/remedy.ts';
import { changesIn } from './paragraphs.ts';
import { ACCEPTANCE, GUIDE_TEXTS } from './words/guides.ts';
import { ALTERATION_WORDS, REMEDY_CATEGORIES, ROLE_WORDS } from './words/knowledge.ts';
import { vocabularyOf } from './words.ts';

export interface GuideItem {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  /** When it helps, in a sentence or two. */
  readonly summary: string;
  readonly how: string;
  readonly cost: string;
  /** What it changes of what the run computes. */
  readonly alters: string;
  /** Exact changes, each with the framework that spells it so; then commands. */
  readonly changes: readonly string[];
}

export interface Guide {
  readonly lang: Lang;
  readonly role: Role;
  readonly title: string;
  readonly summary: string;
  /** In the order to try them: what leaves the experiment as it is comes first. */
  readonly groups: readonly {
    readonly category: RemedyCategory;
    readonly title: string;
    readonly items: readonly GuideItem[];
  }[];
  /** What people are told and what frees nothing. */
  readonly no_remedies: readonly {
    readonly id: string;
    readonly code: string;
    readonly title: string;
    readonly why: string;
  }[];
  /** A run is accepted when each of these holds. */
  readonly acceptance: readonly string[];
}

export function guideFor(role: Role, lang: Lang = 'en'): Guide {
  const words = vocabularyOf(lang);
  const text = (unit: Remedy, key: 'title' | 'summary' | RemedyText): string =>
    render(say(unit.texts, key), lang);
  const own = remedies.filter(({ roles }) => roles.includes(role));
  return {
    lang,
    role,
    title: words.word(ROLE_WORDS[role]),
    summary: words.word(GUIDE_TEXTS[role]),
    groups: CATEGORIES.flatMap((category) => {
      const items = own.filter((unit) => unit.category === category);
      return items.length === 0
        ? []
        : [
            {
              category,
              title: words.word(REMEDY_CATEGORIES[category]),
              items: items.map((unit) => ({
                id: unit.id,
                code: unit.code,
                title: text(unit, 'title'),
                summary: text(unit, 'summary'),
                how: text(unit, 'how'),
                cost: text(unit, 'cost'),
                alters: words.word(ALTERATION_WORDS[unit.alters]),
                changes: [...changesIn(unit), ...unit.commands],
              })),
            },
          ];
    }),
    no_remedies: noRemedies
      .filter(({ roles }) => roles.length === 0 || roles.includes(role))
      .map((unit) => ({
        id: unit.id,
        code: unit.code,
        title: text(unit, 'title'),
        why: text(unit, 'nothing'),
      })),
    acceptance: ACCEPTANCE.filter(({ roles }) => roles.includes(role)).map(({ says }) =>
      words.word(says),
    ),
  };
}
