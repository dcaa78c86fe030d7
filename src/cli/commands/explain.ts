import {
  explain,
  explainAll,
  guideFor,
  type Lang,
  nearIds,
  type Role,
  renderExplanationList,
  renderExplanations,
  renderExplanationsMarkdown,
  renderGuide,
  renderGuideMarkdown,
} from '../../core/index.ts';
import { type ColorChoice, EXIT, paletteFor, print, widthOf } from '../terminal.ts';

export interface ExplainArguments {
  readonly format: 'text' | 'json' | 'markdown';
  readonly lang: Lang;
  readonly color: ColorChoice;
  /** The checklist of a role is asked for, not a unit. */
  readonly role?: Role;
}

/** What to say of an id that is none. */
const MISTAKES: Readonly<Record<Lang, Readonly<Record<'none' | 'all' | 'near' | 'both', string>>>> =
  {
    en: {
      none: 'nothing is called',
      all: 'unoom explain lists them all',
      near: 'near it',
      both: '--role takes no ids; leave one of them out',
    },
    zh: {
      none: '没有这个名称',
      all: 'unoom explain 列出全部',
      near: '相近的有',
      both: '--role 不能与名称同用；去掉其中一个',
    },
    ru: {
      none: 'такого имени нет',
      all: 'unoom explain перечислит все',
      near: 'похожие',
      both: '--role не сочетается с именами; убрать одно из двух',
    },
  };

export function explainCommand(ids: readonly string[], options: ExplainArguments): number {
  if (options.role !== undefined) return guideCommand(ids, options.role, options);
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

function guideCommand(
  ids: readonly string[],
  role: Role,
  { format, lang, color }: ExplainArguments,
): number {
  if (ids.length > 0) {
    process.stderr.write(`unoom explain: ${MISTAKES[lang].both}\n`);
    return EXIT.usage;
  }
  const guide = guideFor(role, lang);
  if (format === 'json') print(`${JSON.stringify(guide, undefined, 2)}\n`);
  else if (format === 'markdown') print(renderGuideMarkdown(guide));
  else print(renderGuide(guide, { width: widthOf(), palette: paletteFor(color) }));
  return EXIT.ok;
}
