import {
  explain,
  explainAll,
  type Lang,
  nearIds,
  renderExplanationList,
  renderExplanations,
  renderExplanationsMarkdown,
} from '../../core/index.ts';
import { type ColorChoice, EXIT, paletteFor, print, widthOf } from '../terminal.ts';

export interface ExplainArguments {
  readonly format: 'text' | 'json' | 'markdown';
  readonly lang: Lang;
  readonly color: ColorChoice;
}

/** What to say of an id that is none. */
const MISTAKES: Readonly<
  Record<Lang, { readonly none: string; readonly all: string; readonly near: string }>
> = {
  en: { none: 'nothing is called', all: 'unoom explain lists them all', near: 'near it' },
  zh: { none: '没有这个名称', all: 'unoom explain 列出全部', near: '相近的有' },
  ru: { none: 'такого имени нет', all: 'unoom explain перечислит все', near: 'похожие' },
};

export function explainCommand(ids: readonly string[], options: ExplainArguments): number {
  const unknown = ids.filter((id) => explain(id).length === 0);
  for (const id of unknown) {
    const near = nearIds(id);
    const words = MISTAKES[options.lang];
    const hint = near.length === 0 ? words.all : `${words.near}: ${near.join(', ')}`;
    process.stderr.write(`unoom explain: ${words.none} "${id}"; ${hint}\n`);
  }
  if (unknown.length > 0) return EXIT.usage;
  const found =
    ids.length === 0 ? explainAll(options.lang) : ids.flatMap((id) => explain(id, options.lang));
  if (options.format === 'json') print(`${JSON.stringify(found, undefined, 2)}\n`);
  else if (options.format === 'markdown') print(renderExplanationsMarkdown(found));
  else if (ids.length > 0) {
    print(renderExplanations(found, { width: widthOf(), palette: paletteFor(options.color) }));
  } else print(renderExplanationList(found));
  return EXIT.ok;
}
