// Everything that is printed exists in three languages: the tables of texts have no gaps, and no English
// is left in a report or an explanation of another language.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { causes } from '../src/core/diagnosis/causes.gen.ts';
import {
  type Diagnosis,
  explainAll,
  guideFor,
  type Lang,
  ROLES,
  renderExplanationList,
  renderExplanations,
  renderExplanationsMarkdown,
  renderGuide,
  renderMarkdown,
  renderText,
} from '../src/core/index.ts';
import { remedies } from '../src/core/remedies/measures.gen.ts';
import { noRemedies } from '../src/core/remedies/no-remedies.gen.ts';
import { FAMILY_WORDS } from '../src/core/report/words/knowledge.ts';
import { vocabularyOf } from '../src/core/report/words.ts';
import { dialects } from '../src/core/workload/dialects.gen.ts';
import { codeIn, englishIn, quotedIn, squeezed, without } from './english.ts';
import { diagnoseExample, type Example, readPages } from './pages.ts';
import { inTurn, sampled } from './ring.ts';
import { faultsOf, tablesIn } from './tables.ts';

const root = resolve(import.meta.dirname, '..');
const OTHERS = ['zh', 'ru'] as const;

/** The sentences of a diagnosis, by their keys. `source`: the names of figures are among them. */
const SENTENCES = new Set(
  'lang headline title because against how cost why what settles text detail source name unknown do label cautions dangers'.split(
    ' ',
  ),
);

const examples = sampled(
  readPages(root).flatMap(({ kind, id, examples: all }) =>
    all.map(({ log, drawing, line }) => ({
      page: `${kind}/${id}`,
      place: `docs/${kind}/${id}.md:${line}`,
      shown: { log, ...(drawing !== undefined && { drawing }) },
    })),
  ),
  ({ page }) => page,
  5,
);

type Shown = Pick<Example, 'log' | 'drawing'>;

const made = new Map<string, Promise<Diagnosis>>();

/** Each is asked for by several tests. */
function diagnosisOf(shown: Shown, lang: Lang): Promise<Diagnosis> {
  const key = `${lang} ${shown.log} ${shown.drawing ?? ''}`;
  const diagnosis = made.get(key) ?? diagnoseExample(shown, lang);
  made.set(key, diagnosis);
  return diagnosis;
}

/** Code as an explanation shows it, where no old value is known. */
const withNumbers = (code: string): readonly string[] =>
  ['N', 'N/2'].map((value) => code.replaceAll('{value}', value));

/** A diagnosis without its sentences. */
const dataOf = (diagnosis: Diagnosis): unknown =>
  JSON.parse(
    JSON.stringify(diagnosis, (key, value: unknown) =>
      SENTENCES.has(key) && typeof value !== 'number' ? undefined : value,
    ),
  );

describe('the tables of texts', () => {
  const paths = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !/\.(?:test|gen|d)\.ts$/.test(path))
    .sort();
  const tables = paths.flatMap((path) => tablesIn(path, readFileSync(join(root, path), 'utf8')));

  test('have no gaps, the same parameters in every language, and keep the rules of docs/languages.md', () => {
    expect(tables.length).toBeGreaterThan(300);
    expect(tables.flatMap(faultsOf)).toEqual([]);
  });

  test('every family has words', () => {
    const families = [...causes, ...remedies].map(({ family }) => family);
    expect(families.filter((family) => FAMILY_WORDS[family] === undefined)).toEqual([]);
  });

  test.each([
    [`{ en: { a: 'x' }, zh: { a: '甲' }, ru: {} }`, 'ru lacks "a"'],
    [`{ en: { a: 'x' }, zh: { a: '甲', b: '乙' }, ru: { a: 'икс' } }`, 'zh has "b"'],
    [`{ en: 'x {n}', zh: '甲 {m}', ru: 'икс {n}' }`, 'its parameters are m, those of en n'],
    [`{ en: 'all the rest', zh: 'all the rest', ru: 'всё' }`, 'not translated'],
    [`{ en: 'a, b', zh: '甲,乙', ru: 'а, б' }`, 'full-width'],
    [`{ en: 'a GPU', zh: '一张GPU', ru: 'карта' }`, 'wants a blank'],
    [`{ en: 'try it', zh: '请尝试', ru: 'попробуйте, пожалуйста' }`, 'please'],
    [`{ en: 'a' + 'b', zh: ['甲', name], ru: 'аб' }`, 'zh is not written out'],
  ])('a gap is seen: %s', (source, fault) => {
    expect(tablesIn('a.ts', `const a = ${source};`).flatMap(faultsOf).join('\n')).toContain(fault);
  });
});

describe.each(OTHERS)('reports in %s', (lang) => {
  const own = inTurn(examples, OTHERS.indexOf(lang), 4 * OTHERS.length);
  const english = vocabularyOf('en');
  const labels = english.labels.filter((label) => !vocabularyOf(lang).labels.includes(label));
  const LABEL = new RegExp(`(?:^ {2}|\\*\\*|^#+ )(?:${labels.join('|')})\\b`, 'm');

  test('have no English but what they quote', { timeout: 120_000 }, async () => {
    const offenders = new Set<string>();
    for (const { place, shown } of own) {
      const { log, drawing = '' } = shown;
      const diagnosis = await diagnosisOf(shown, lang);
      expect(diagnosis.lang).toBe(lang);
      const known = new Set([
        ...quotedIn(diagnosis, `${log}\n${drawing}`),
        // What a moment is called is taken from the text, or a name that a status reader gives it.
        ...diagnosis.observations.flatMap(({ label }) => label?.split(/\W+/) ?? []),
      ]);
      const parts = codeIn(diagnosis);
      const texts = [
        renderText(diagnosis, { why: true, width: 120 }),
        renderText(diagnosis, { width: 120 }),
        renderMarkdown(diagnosis).replace(/\\([\\`*_{}[\]<>|#@~])/g, '$1'),
      ];
      for (const text of texts) {
        const found = englishIn(without(text, parts), known);
        const label = LABEL.exec(text);
        for (const one of label === null ? found : [...found, label[0]])
          offenders.add(`${place}: ${one}`);
      }
    }
    expect([...offenders]).toEqual([]);
  });

  test('are the same data as in English', { timeout: 120_000 }, async () => {
    for (const { place, shown } of own) {
      const [one, other] = [await diagnosisOf(shown, lang), await diagnosisOf(shown, 'en')];
      expect(dataOf(one), place).toEqual(dataOf(other));
    }
  });

  test('explanations have no English but what they quote', () => {
    const found = explainAll(lang);
    const quoted = found.flatMap(({ id, sources }) => [id, ...sources]);
    const measures = [...remedies, ...noRemedies];
    const code = [
      ...measures.flatMap(({ commands, costs }) => [...commands, ...costs.map((c) => c.source)]),
      ...dialects.flatMap(({ settings }) =>
        Object.values(settings).flatMap(({ write = [] }) =>
          write.flatMap(({ code }) => withNumbers(code)),
        ),
      ),
      ...found.flatMap(({ kind, more }) => (kind === 'dialect' ? more.map((m) => m.text) : [])),
    ];
    const parts = [...quoted, ...code];
    const packages = remedies.flatMap(({ applies_to: ranges }) => ranges.map((r) => r.package));
    const known = new Set(packages);
    for (const text of [
      ...ROLES.map((role) => renderGuide(guideFor(role, lang), { width: 120 })),
      renderExplanations(found, { width: 120 }),
      renderExplanationList(found),
      renderExplanationsMarkdown(found).replace(/\\([\\`*_{}[\]<>|#@~])/g, '$1'),
    ]) {
      expect(englishIn(without(text, parts), known)).toEqual([]);
    }
  });
});

describe('English in a report', () => {
  test('is seen by the words that a sentence needs, unless they are quoted', () => {
    expect(englishIn('原因 the batch 太大')).toHaveLength(1);
    expect(englishIn('减小 batch，见 /data/train.log，设 max_split_size_mb，rank 3')).toEqual([]);
    expect(englishIn('ошибка “it is lost” в pod, kernel')).toEqual([]);
    expect(englishIn('последняя ошибка was', new Set(['was']))).toEqual([]);
    expect(squeezed(without('甲  It  fails here. 乙', ['it fails here.', 'It fails\nhere.']))).toBe(
      '甲 乙',
    );
  });
});
