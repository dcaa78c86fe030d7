import { describe, expect, test } from 'vitest';
import { LANGS } from '../base/texts.ts';
import { CATEGORIES, ROLES } from '../remedies/remedy.ts';
import { guideFor } from './guide.ts';
import { renderGuide, renderGuideMarkdown } from './render-guide.ts';

describe.each(ROLES)('the guide of %s', (role) => {
  const guide = guideFor(role);

  test('has measures in the order of their categories, and a list of acceptance', () => {
    const order = guide.groups.map(({ category }) => CATEGORIES.indexOf(category));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(guide.groups.flatMap(({ items }) => items).length).toBeGreaterThan(5);
    expect(guide.acceptance.length).toBeGreaterThanOrEqual(4);
  });

  test('calls nothing a measure that frees nothing', () => {
    const measures = guide.groups.flatMap(({ items }) => items.map(({ id }) => id));
    const none = guide.no_remedies.map(({ id }) => id);
    expect(measures.filter((id) => none.includes(id))).toEqual([]);
    expect(guide.groups.map(({ category }) => category)).not.toContain('no-remedy');
  });

  test.each(LANGS)('is the same list in %s, as text and as Markdown', (lang) => {
    const own = guideFor(role, lang);
    const ids = (one: typeof own): string[] => one.groups.flatMap((g) => g.items.map((i) => i.id));
    expect(ids(own)).toEqual(ids(guide));
    for (const text of [renderGuide(own, { width: 100 }), renderGuideMarkdown(own)]) {
      for (const id of ids(own)) expect(text).toContain(id);
      expect(text.match(/\[ \]/g)).toHaveLength(ids(own).length + own.acceptance.length);
    }
  });
});

test('the lines of a guide fit its width, code excepted', () => {
  const guide = guideFor('mlops', 'ru');
  const changes = guide.groups.flatMap(({ items }) => items.flatMap(({ changes }) => changes));
  const long = renderGuide(guide, { width: 80 })
    .split('\n')
    .filter((line) => line.length > 80 && !changes.includes(line.trim()));
  expect(long).toEqual([]);
});
