// What every unit owes: texts whose parameters agree in all languages, sources, a code of its own.
import { describe, expect, test } from 'vitest';
import { parametersOf } from '../src/core/base/texts.ts';
import type { Unit } from '../src/core/base/unit.ts';
import { causes } from '../src/core/diagnosis/causes.gen.ts';
import { findings } from '../src/core/diagnosis/findings.gen.ts';
import { readers } from '../src/core/evidence/readers.gen.ts';
import { MIN_NEEDLE_BYTES } from '../src/core/evidence/scan/needles.ts';
import { statuses } from '../src/core/evidence/statuses.gen.ts';
import { terms } from '../src/core/footprint/terms.gen.ts';
import * as surface from '../src/core/index.ts';
import { remedies } from '../src/core/remedies/measures.gen.ts';
import { noRemedies } from '../src/core/remedies/no-remedies.gen.ts';
import { dialects } from '../src/core/workload/dialects.gen.ts';

const units: readonly Unit[] = [
  ...causes,
  ...remedies,
  ...noRemedies,
  ...readers,
  ...statuses,
  ...findings,
  ...terms,
  ...dialects,
];

describe.each(units.map((unit) => [unit.id, unit] as const))('%s', (_, unit) => {
  test('has texts without gaps, and the same parameters in every language', () => {
    for (const [key, text] of Object.entries(unit.texts.en)) {
      expect(text.trim(), key).not.toBe('');
      for (const lang of ['zh', 'ru'] as const) {
        const other = new Map(Object.entries(unit.texts[lang])).get(key);
        if (other !== undefined) expect(parametersOf(other)).toEqual(parametersOf(text));
      }
    }
    for (const lang of ['zh', 'ru'] as const) {
      expect(Object.keys(unit.texts.en)).toEqual(
        expect.arrayContaining(Object.keys(unit.texts[lang])),
      );
    }
  });

  test('names its sources', () => {
    expect(unit.sources.length).toBeGreaterThan(0);
  });
});

test('no two units share a code, and no two of a kind an id', () => {
  const codes = units.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const kind of [causes, remedies, noRemedies, readers, statuses, findings, terms, dialects]) {
    expect(new Set(kind.map(({ id }) => id)).size).toBe(kind.length);
  }
});

test('every reader can be found: its needles are long enough and it knows where to start', () => {
  for (const reader of readers) {
    expect(reader.needles.length).toBeGreaterThan(0);
    for (const needle of reader.needles)
      expect(Buffer.byteLength(needle)).toBeGreaterThanOrEqual(MIN_NEEDLE_BYTES);
    expect(reader.anchor ?? reader.line).toBeDefined();
    if (reader.anchor !== undefined) expect(reader.anchor.flags).toContain('g');
  }
});

test('the public surface changes only on purpose', () => {
  expect(Object.keys(surface).sort()).toMatchInlineSnapshot(`
    [
      "GiB",
      "KiB",
      "LANGS",
      "MiB",
      "PHASES",
      "PLAIN",
      "ROLES",
      "Redactor",
      "SCHEMA_VERSIONS",
      "diagnose",
      "diagnoseText",
      "explain",
      "explainAll",
      "formatBytes",
      "guideFor",
      "nearIds",
      "redact",
      "renderExplanationList",
      "renderExplanations",
      "renderExplanationsMarkdown",
      "renderGuide",
      "renderGuideMarkdown",
      "renderMarkdown",
      "renderText",
      "schemas",
    ]
  `);
});
