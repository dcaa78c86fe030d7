/** Explains a unit by its id or code: what it is, what it says, where that comes from. */
import { contentWords, PHASES } from '../base/phase.ts';
import { render } from '../base/render.ts';
import { compareText, type Lang, say } from '../base/texts.ts';
import type { KnowledgeUnit, Unit } from '../base/unit.ts';
import { causes } from '../diagnosis/causes.gen.ts';
import { findings } from '../diagnosis/findings.gen.ts';
import { readers } from '../evidence/readers.gen.ts';
import { memorySnapshot } from '../evidence/recording.ts';
import { statuses } from '../evidence/statuses.gen.ts';
import { terms } from '../footprint/terms.gen.ts';
import { remedies } from '../remedies/measures.gen.ts';
import { noRemedies } from '../remedies/no-remedies.gen.ts';
import type { Remedy } from '../remedies/remedy.ts';
import type { Dialect } from '../workload/dialect.ts';
import { dialects } from '../workload/dialects.gen.ts';
import { ALIASES } from './aliases.ts';
import { causeParagraphs, dialectParagraphs, remedyParagraphs } from './paragraphs.ts';
import { type ExplanationKind, PARAGRAPHS, STATUS_WORDS } from './words/knowledge.ts';
import { vocabularyOf } from './words.ts';

export interface Explanation {
  /** The language of its texts. */
  readonly lang: Lang;
  readonly kind: ExplanationKind;
  readonly id: string;
  readonly code?: string;
  readonly title: string;
  readonly summary: string;
  /** Named paragraphs: how, cost, family … */
  readonly more: readonly { readonly name: string; readonly text: string }[];
  readonly sources: readonly string[];
}

const isRemedy = (unit: Unit): unit is Remedy => 'touches' in unit;
const isDialect = (unit: Unit): unit is Dialect => 'rests_on' in unit;
const isKnowledge = (unit: Unit): unit is KnowledgeUnit => 'family' in unit;

function explainUnit(kind: ExplanationKind, unit: Unit, lang: Lang): Explanation {
  const words = vocabularyOf(lang);
  const more: { name: string; text: string }[] = [];
  const add = (name: keyof typeof PARAGRAPHS, text: string): void => {
    more.push({ name: words.word(PARAGRAPHS[name]), text });
  };
  const paragraphs = isRemedy(unit)
    ? remedyParagraphs(unit, lang)
    : isKnowledge(unit)
      ? causeParagraphs(unit, lang)
      : isDialect(unit)
        ? dialectParagraphs(unit)
        : [];
  for (const { name, text } of paragraphs) add(name, text);
  if (isKnowledge(unit)) {
    for (const { package: name, from, to } of unit.applies_to) {
      add('applies-to', `${name} ${from ?? ''}${to === undefined ? '+' : `-${to}`}`);
    }
  }
  if (kind === 'term' && 'formula' in unit && typeof unit.formula === 'string') {
    add('formula', unit.formula);
  }
  add('since', `${unit.since}${words.aside(words.word(STATUS_WORDS[unit.status]))}`);
  return {
    lang,
    kind,
    id: unit.id,
    code: unit.code,
    title: render(say(unit.texts, 'title'), lang),
    summary: render(say(unit.texts, 'summary'), lang),
    more,
    sources: unit.sources,
  };
}

/** All that can be explained, in order of kind and id. */
export function explainAll(lang: Lang = 'en'): Explanation[] {
  const words = vocabularyOf(lang);
  const phases = Object.entries(PHASES).map(
    ([id, row]): Explanation => ({
      lang,
      kind: 'phase',
      id,
      title: words.titled(words.word(PARAGRAPHS.phase), words.word(row.name)),
      summary: words.word(row.words),
      more: [
        {
          name: words.word(PARAGRAPHS['can-hold']),
          text: words.word(contentWords(row.holds).words),
        },
      ],
      sources: [],
    }),
  );
  return [
    ...causes.map((unit) => explainUnit('cause', unit, lang)),
    ...remedies.map((unit) => explainUnit('remedy', unit, lang)),
    ...noRemedies.map((unit) => explainUnit('no-remedy', unit, lang)),
    ...readers.map((unit) => explainUnit('reader', unit, lang)),
    ...[...statuses, memorySnapshot].map((unit) => explainUnit('status', unit, lang)),
    ...findings.map((unit) => explainUnit('finding', unit, lang)),
    ...terms.map((unit) => explainUnit('term', unit, lang)),
    ...dialects.map((unit) => explainUnit('dialect', unit, lang)),
    ...phases,
  ];
}

/** Everything of that id or code, or of what people call it. A cause and a reader can share an id. */
export function explain(idOrCode: string, lang: Lang = 'en'): Explanation[] {
  const asked = idOrCode.trim().toLowerCase();
  const all = explainAll(lang);
  const called = (wanted: string): Explanation[] =>
    all.filter(({ id, code }) => id.toLowerCase() === wanted || code?.toLowerCase() === wanted);
  const found = called(asked);
  if (found.length > 0) return found;
  const name = asked.replace(/[\s_]+/g, '-');
  const byName = called(name);
  if (byName.length > 0) return byName;
  const meant = ALIASES[name];
  return meant === undefined ? [] : called(meant);
}

/** Ids that are near a mistyped one, nearest first. */
export function nearIds(wanted: string): string[] {
  const pairs = pairsOf(wanted.toLowerCase());
  return [...new Set(explainAll().map(({ id }) => id))]
    .map((id) => ({ id, share: commonShare(pairs, pairsOf(id)) }))
    .filter(({ share }) => share >= NEAR)
    .sort((a, b) => b.share - a.share || compareText(a.id, b.id))
    .slice(0, 5)
    .map(({ id }) => id);
}

/** Pairs of letters that two names must share to be near, as a share of the shorter one's. */
const NEAR = 0.6;

/** Neighbouring letters: a slip of the pen changes two pairs of a word and leaves the others. */
const pairsOf = (name: string): ReadonlySet<string> =>
  new Set(
    name
      .slice(0, 80)
      .split(/[^a-z0-9]+/)
      .flatMap((word) => Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2))),
  );

function commonShare(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shorter = Math.min(a.size, b.size);
  return shorter < 2 ? 0 : [...a].filter((pair) => b.has(pair)).length / shorter;
}
