import { describe, expect, test } from 'vitest';
import { languageOf } from './language.ts';

describe('the language of the environment', () => {
  test.each([
    [{}, 'en'],
    [{ LANG: 'C' }, 'en'],
    [{ LANG: 'POSIX' }, 'en'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'en_US.UTF-8' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
    [{ LANG: 'zh' }, 'zh'],
    [{ LANG: 'zh-Hans' }, 'zh'],
    [{ LANG: 'ru_RU.KOI8-R' }, 'ru'],
    [{ LANG: 'rue_UA' }, 'en'],
  ])('%o is %s', (env, lang) => {
    expect(languageOf(env)).toBe(lang);
  });

  test('LC_ALL comes before LC_MESSAGES, that before LANG; an empty one is not set', () => {
    expect(languageOf({ LC_ALL: 'C', LC_MESSAGES: 'ru_RU', LANG: 'zh_CN' })).toBe('en');
    expect(languageOf({ LC_ALL: '', LC_MESSAGES: 'ru_RU', LANG: 'zh_CN' })).toBe('ru');
    expect(languageOf({ LC_ALL: '', LC_MESSAGES: '', LANG: 'zh_CN' })).toBe('zh');
  });
});
