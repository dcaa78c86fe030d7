/** Explains a unit by its id or code: what it is, what it says, where that comes from. */
import { PHASES } from '../base/phase.ts';
import { render } from '../base/render.ts';
import { type Lang, say } from '../base/texts.ts';
import type { KnowledgeUnit, Unit } from '../base/unit.ts';
import { causes } from '../diagnosis/causes.gen.ts';
import { findings } from '../diagnosis/findings.gen.ts';
import { readers } from '../evidence/readers.gen.ts';
import { statuses } from '../evidence/statuses.gen.ts';
import { terms } from '../footprint/terms.gen.ts';
import { remedies } from '../remedies/measures.gen.ts';
import { noRemedies } from '../remedies/no-remedies.gen.ts';
import type { Remedy } from '../remedies/remedy.ts';
import { dialects } from '../workload/dialects.gen.ts';

export interface Explanation {
  readonly kind:
    | 'cause'
    | 'remedy'
    | 'no-remedy'
    | 'reader'
    | 'status'
    | 'finding'
    | 'term'
    | 'dialect'
    | 'phase';
  readonly id: string;
  readonly code?: string;
  readonly title: string;
  readonly summary: string;
  /** Named paragraphs: how, cost, family … */
  readonly more: readonly { readonly name: string; readonly text: string }[];
  readonly sources: readonly string[];
}

const isRemedy = (unit: Unit): unit is Remedy => 'touches' in unit;
const isKnowledge = (unit: Unit): unit is KnowledgeUnit => 'family' in unit;

function explainUnit(kind: Explanation['kind'], unit: Unit, lang: Lang): Explanation {
  const more: { name: string; text: string }[] = [];
  if (isRemedy(unit)) {
    more.push({ name: 'how', text: render(say(unit.texts, 'how'), lang) });
    more.push({ name: 'cost', text: render(say(unit.texts, 'cost'), lang) });
    for (const command of unit.commands) more.push({ name: 'change', text: command });
    more.push({ name: 'category', text: unit.category });
  }
  if (isKnowledge(unit)) {
    more.push({ name: 'family', text: unit.family });
    for (const range of unit.applies_to) {
      more.push({
        name: 'applies to',
        text: `${range.package} ${range.from ?? ''}${range.to === undefined ? '+' : `-${range.to}`}`,
      });
    }
  }
  if (kind === 'term' && 'formula' in unit && typeof unit.formula === 'string') {
    more.push({ name: 'formula', text: unit.formula });
  }
  more.push({ name: 'since', text: `${unit.since} (${unit.status})` });
  return {
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
  const phases = Object.entries(PHASES).map(
    ([id, row]): Explanation => ({
      kind: 'phase',
      id,
      title: `Phase: ${id}`,
      summary: row.words[lang],
      more: [{ name: 'can hold', text: row.holds.join(', ').replaceAll('_', ' ') }],
      sources: [],
    }),
  );
  return [
    ...causes.map((unit) => explainUnit('cause', unit, lang)),
    ...remedies.map((unit) => explainUnit('remedy', unit, lang)),
    ...noRemedies.map((unit) => explainUnit('no-remedy', unit, lang)),
    ...readers.map((unit) => explainUnit('reader', unit, lang)),
    ...statuses.map((unit) => explainUnit('status', unit, lang)),
    ...findings.map((unit) => explainUnit('finding', unit, lang)),
    ...terms.map((unit) => explainUnit('term', unit, lang)),
    ...dialects.map((unit) => explainUnit('dialect', unit, lang)),
    ...phases,
  ];
}

/** Everything of that id or code. A cause and a reader can share an id. */
export function explain(idOrCode: string, lang: Lang = 'en'): Explanation[] {
  const wanted = idOrCode.trim().toLowerCase();
  return explainAll(lang).filter(
    ({ id, code }) => id.toLowerCase() === wanted || code?.toLowerCase() === wanted,
  );
}

/** Ids that are near a mistyped one, nearest first. */
export function nearIds(wanted: string): string[] {
  const words = wanted
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2);
  return [...new Set(explainAll().map(({ id }) => id))]
    .map((id) => ({ id, score: words.filter((word) => id.includes(word)).length }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 5)
    .map(({ id }) => id);
}
