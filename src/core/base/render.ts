/** Statements become sentences here, in the language of who reads them. */
import { formatBytes } from './bytes.ts';
import type { Lang, Param, Statement } from './texts.ts';

function renderParam(param: Param, lang: Lang): string {
  if (typeof param === 'string') return param;
  if (typeof param === 'number') return String(param);
  if ('texts' in param) return render(param, lang);
  if ('words' in param) return param.words[lang];
  return formatBytes('size' in param ? param.size : param.mid);
}

/** The sentence in `lang`. A missing parameter is a bug of ours and throws. */
export function render(statement: Statement, lang: Lang = 'en'): string {
  const own = statement.texts[lang][statement.key];
  // A sentence is of one language: where its slot is empty, its words are English too.
  const used = own === undefined ? 'en' : lang;
  const template = own ?? statement.texts.en[statement.key];
  if (template === undefined) throw new Error(`no text for "${statement.key}"`);
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const param = statement.params[name];
    if (param === undefined) throw new Error(`text "${statement.key}" lacks "${name}"`);
    return renderParam(param, used);
  });
}

/** Sentences one after another. After a full-width mark no blank follows. */
export const joinSentences = (sentences: readonly string[]): string =>
  sentences
    .filter((sentence) => sentence !== '')
    .reduce(
      (all, next) => (all === '' || /[。！？；：，）”]$/.test(all) ? all + next : `${all} ${next}`),
      '',
    );
