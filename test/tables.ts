// Every table of texts in the sources, exported or not, read from the sources themselves: an object
// with the keys en, zh and ru, whose values are texts, lists of texts, or tables of texts.
import { type ESTree, parseSync, Visitor } from 'rolldown/utils';
import { parametersOf } from '../src/core/base/texts.ts';
import { LANGS, type Lang } from '../src/core/index.ts';

export interface Table {
  readonly path: string;
  readonly line: number;
  /** Texts by their key; a text of its own has the key "". */
  readonly texts: Readonly<Record<Lang, ReadonlyMap<string, string>>>;
  /** Languages whose texts are not written out where the others are. */
  readonly unread: readonly Lang[];
}

export function tablesIn(path: string, source: string): Table[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const found: Table[] = [];
  new Visitor({
    ObjectExpression: (node) => {
      const values = new Map(entriesOf(node));
      if (!values.has('en') || !LANGS.some((lang) => lang !== 'en' && values.has(lang))) return;
      const read = LANGS.map((lang) => [lang, textsOf(values.get(lang))] as const);
      const unread = read.flatMap(([lang, texts]) => (texts === undefined ? [lang] : []));
      // Where no language is written out, the object is made of texts that stand elsewhere.
      if (unread.length === LANGS.length) return;
      const of = (lang: Lang): ReadonlyMap<string, string> =>
        read.find(([name]) => name === lang)?.[1] ?? new Map();
      const line = source.slice(0, node.start).split('\n').length;
      found.push({ path, line, texts: { en: of('en'), zh: of('zh'), ru: of('ru') }, unread });
    },
  }).visit(program);
  return found;
}

type Entry = readonly [key: string, value: ESTree.Expression];

function entriesOf(node: ESTree.ObjectExpression): Entry[] {
  return node.properties.flatMap((property): Entry[] => {
    if (property.type !== 'Property') return [];
    const { key, value } = property;
    const name =
      key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined;
    return name === undefined ? [] : [[name, value]];
  });
}

/** The texts of one language, or undefined where they are not written out here. */
function textsOf(node: ESTree.Expression | undefined): Map<string, string> | undefined {
  if (node === undefined) return undefined;
  const own = textOf(node);
  if (own !== undefined) return new Map([['', own]]);
  const parts: (readonly [string, ESTree.Expression | null])[] =
    node.type === 'ObjectExpression'
      ? entriesOf(node)
      : node.type === 'ArrayExpression'
        ? node.elements.map((each, index) => [
            String(index),
            each?.type === 'SpreadElement' ? null : each,
          ])
        : [];
  const isTable = node.type === 'ObjectExpression' || node.type === 'ArrayExpression';
  const texts = parts.flatMap(([key, value]): (readonly [string, string])[] => {
    const text = value === null ? undefined : textOf(value);
    return text === undefined ? [] : [[key, text]];
  });
  if (!isTable || texts.length < parts.length) return undefined;
  return new Map(texts);
}

/** The text that an expression is; what is put into a template stands as an ellipsis. */
function textOf(node: ESTree.Expression): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type === 'TemplateLiteral') {
    return node.quasis.map(({ value }) => value.cooked ?? value.raw).join('…');
  }
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const [left, right] = [textOf(node.left), textOf(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  return undefined;
}

/** What is wrong with a table; empty when all is well. */
export function faultsOf(table: Table): string[] {
  const { texts, unread } = table;
  const where = `${table.path}:${table.line}`;
  const faults = unread.map((lang) => `${lang} is not written out`);
  for (const lang of ['zh', 'ru'] as const) {
    if (unread.includes(lang) || unread.includes('en')) continue;
    for (const key of texts[lang].keys()) {
      if (!texts.en.has(key)) faults.push(`${lang} has "${key}", which en has not`);
    }
    for (const [key, english] of texts.en) {
      const own = texts[lang].get(key);
      if (own === undefined) faults.push(`${lang} lacks "${key}"`);
      else
        faults.push(
          ...faultsOfText(english, own, lang).map((fault) => `${lang} "${key}": ${fault}`),
        );
    }
  }
  return faults.map((fault) => `${where}: ${fault}`);
}

const SCRIPT = { zh: /\p{Script=Han}/u, ru: /\p{Script=Cyrillic}/u } as const;

function faultsOfText(english: string, own: string, lang: 'zh' | 'ru'): string[] {
  const faults: string[] = [];
  const [wanted, got] = [english, own].map((text) => parametersOf(text).join(', '));
  if (wanted !== got) faults.push(`its parameters are ${got}, those of en ${wanted}`);
  if ((own.trim() === '') !== (english.trim() === '')) faults.push('it is empty, or en is');
  const words = english.replace(/\{\w+\}|\S*[._/=()]\S+/g, ' ');
  if (/[a-z]{3,} [a-z]{3,}/.test(words) && !SCRIPT[lang].test(own))
    faults.push('it is not translated');
  return [...faults, ...(lang === 'zh' ? faultsOfChinese(own) : faultsOfRussian(own))];
}

/** docs/languages.md, as far as a pattern can hold it. */
function faultsOfChinese(text: string): string[] {
  const faults: string[] = [];
  const mark = /\p{Script=Han}[,;:!?()]/u.exec(text);
  if (mark !== null) faults.push(`"${mark[0]}" wants a full-width mark`);
  const tight = /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u.exec(text);
  if (tight !== null) faults.push(`"${tight[0]}" wants a blank between`);
  const loose = / [，。；：（）、]|[，。；：（、] /u.exec(text);
  if (loose !== null) faults.push(`no blank stands beside a full-width mark: "${loose[0]}"`);
  if (/(?<!申)请(?!求)|您/.test(text)) faults.push('it says "please", or "you" politely');
  return faults;
}

function faultsOfRussian(text: string): string[] {
  return /пожалуйста|(?<!\p{L})(?:вы|вас|вам|ваш\p{L}*)(?!\p{L})/iu.test(text)
    ? ['it says "please", or "you" politely']
    : [];
}
