/** What an owner is called for people. Names of code stay as they are; the rest is said in each language. */
import type { Lang, Words } from '../../base/texts.ts';
import { CATEGORY_WORDS, type Category } from '../../snapshot/categories-rules.ts';
import { AUTOGRAD_ENGINE } from '../../snapshot/owners.ts';

const BY_KIND: ReadonlyMap<string, Words> = new Map([
  ['before', { en: 'before the recording', zh: '记录开始之前', ru: 'до начала записи' }],
  ['no_stack', { en: 'no stack', zh: '无调用栈', ru: 'без стека' }],
  ['rest', { en: 'others', zh: '其他', ru: 'прочее' }],
]);

const ENGINE: Words = { en: 'autograd engine', zh: 'autograd 引擎', ru: 'движок autograd' };

export function ownerName(
  { kind, name }: { readonly kind: string; readonly name: string },
  lang: Lang,
): string {
  if (kind === 'category') return CATEGORY_WORDS[name as Category]?.[lang] ?? name;
  if (kind === 'native' && name === AUTOGRAD_ENGINE) return ENGINE[lang];
  return BY_KIND.get(kind)?.[lang] ?? name;
}
