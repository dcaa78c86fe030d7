/** The named paragraphs of an explanation, by kind of unit. */
import { render } from '../base/render.ts';
import { type Lang, say } from '../base/texts.ts';
import type { KnowledgeUnit } from '../base/unit.ts';
import { causeShare, helpedShare, threadsOf, triedInVain } from '../catalog/shares.ts';
import type { Cost, Remedy } from '../remedies/remedy.ts';
import { type Dialect, writeChange } from '../workload/dialect.ts';
import { dialects } from '../workload/dialects.gen.ts';
import {
  ALTERATION_WORDS,
  COST_WORDS,
  COUNT_TEXTS,
  FAMILY_WORDS,
  type PARAGRAPHS,
  REMEDY_CATEGORIES,
  ROLE_WORDS,
  UNIT_WORDS,
} from './words/knowledge.ts';
import { vocabularyOf } from './words.ts';

export interface Paragraph {
  readonly name: keyof typeof PARAGRAPHS;
  readonly text: string;
}

/** Below this many a share is no share. */
const FEWEST = 5;

export function remedyParagraphs(unit: Remedy, lang: Lang): Paragraph[] {
  const words = vocabularyOf(lang);
  const text = (key: string): string => render({ texts: unit.texts, key, params: {} }, lang);
  const isNone = unit.category === 'no-remedy';
  const answers = unit.answers.map((family) => words.word(FAMILY_WORDS[family]));
  const roles = unit.roles.map((role) => words.word(ROLE_WORDS[role]));
  const counted = countsOf(unit.id, lang);
  const threads = threadsOf(unit.id);
  return [
    ...(isNone ? [{ name: 'why' as const, text: text('nothing') }] : []),
    { name: 'how', text: text('how') },
    { name: 'cost', text: text('cost') },
    ...unit.costs.map((cost) => ({
      name: cost.isAssumed === true ? ('assumed' as const) : ('measured' as const),
      text: costText(cost, unit, lang),
    })),
    ...unit.cautions.map(({ says }) => ({ name: 'beware' as const, text: text(says) })),
    ...changesIn(unit).map((change) => ({ name: 'change' as const, text: change })),
    ...unit.commands.map((command) => ({ name: 'change' as const, text: command })),
    ...(isNone
      ? []
      : [{ name: 'alters' as const, text: words.word(ALTERATION_WORDS[unit.alters]) }]),
    ...(roles.length === 0 ? [] : [{ name: 'for-whom' as const, text: words.list(roles) }]),
    ...(answers.length === 0 ? [] : [{ name: 'answers' as const, text: words.list(answers) }]),
    ...(isNone
      ? []
      : [{ name: 'category' as const, text: words.word(REMEDY_CATEGORIES[unit.category]) }]),
    ...counted.map((one) => ({ name: 'counted' as const, text: one })),
    ...(threads.length === 0 ? [] : [{ name: 'threads' as const, text: threads.join(', ') }]),
  ];
}

export function causeParagraphs(unit: KnowledgeUnit, lang: Lang): Paragraph[] {
  const words = vocabularyOf(lang);
  const share = causeShare(unit.id);
  return [
    { name: 'family', text: words.word(FAMILY_WORDS[unit.family]) },
    ...(share === undefined
      ? []
      : [
          {
            name: 'counted' as const,
            text: render(
              say(COUNT_TEXTS, share.k < FEWEST ? 'cause-seen' : 'cause', {
                k: share.k,
                n: share.n,
              }),
              lang,
            ),
          },
        ]),
  ];
}

function countsOf(id: string, lang: Lang): string[] {
  const share = helpedShare(id);
  const vain = triedInVain(id);
  const text = (key: keyof (typeof COUNT_TEXTS)['en'], k: number, n: number): string =>
    render(say(COUNT_TEXTS, key, { k, n }), lang);
  if (share === undefined) return [];
  if (share.n >= FEWEST) return [text('helped', share.k, share.n)];
  return [
    ...(share.k > 0 ? [text('seen', share.k, share.n)] : []),
    ...(vain > 0 ? [text('vain', vain, share.n)] : []),
  ];
}

/** "time: +20 to 40 %, full recomputation (torchtune README)" */
function costText(
  { what, low, high, unit, when, source }: Cost,
  remedy: Remedy,
  lang: Lang,
): string {
  const words = vocabularyOf(lang);
  const sign = (value: number): string =>
    value > 0 && unit !== 'times' ? `+${value}` : String(value);
  const range = low === high ? sign(low) : `${sign(low)} … ${sign(high)}`;
  const amount = words.titled(
    words.word(COST_WORDS[what]),
    `${range} ${words.word(UNIT_WORDS[unit])}`,
  );
  const condition =
    when === undefined
      ? ''
      : words.aside(render({ texts: remedy.texts, key: when, params: {} }, lang));
  return `${amount}${condition}; ${source}`;
}

/** A change as each dialect writes it that can, with the dialect's name. */
export function changesIn(unit: Remedy): string[] {
  return dialects.flatMap((dialect) =>
    unit.changes.flatMap((change) => {
      const written = writeChange(change, [dialect], new Map());
      return written === undefined ? [] : [`${dialect.name}: ${written.code}`];
    }),
  );
}

export function dialectParagraphs({ settings }: Dialect): Paragraph[] {
  const names = Object.entries(settings).map(([name, spelling]) => {
    const keys = (spelling.keys ?? []).slice(0, 3).join(', ');
    const usual = spelling.defaults?.at(-1);
    const since = usual?.from === undefined ? '' : ` ≥ ${usual.from}`;
    return `${name}${keys === '' ? '' : `: ${keys}`}${usual === undefined ? '' : ` = ${usual.value}${since}`}`;
  });
  return names.map((text) => ({ name: 'settings', text }));
}
