/** The language that the environment asks for. */
import type { Lang } from '../core/index.ts';

const VARIABLES = ['LC_ALL', 'LC_MESSAGES', 'LANG'] as const;

/** The first variable that is set decides, as in every other program; C and the rest are English. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Lang {
  const locale = VARIABLES.map((name) => env[name] ?? '').find((value) => value !== '') ?? '';
  const [, language] = /^(zh|ru)(?![a-z])/i.exec(locale) ?? [];
  return language?.toLowerCase() === 'zh' ? 'zh' : language === undefined ? 'en' : 'ru';
}
