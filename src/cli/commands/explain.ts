import {
  explain,
  explainAll,
  type Lang,
  nearIds,
  renderExplanations,
  renderExplanationsMarkdown,
} from '../../core/index.ts';
import { type ColorChoice, EXIT, paletteFor, print, widthOf } from '../terminal.ts';

export interface ExplainArguments {
  readonly format: 'text' | 'json' | 'markdown';
  readonly lang: Lang;
  readonly color: ColorChoice;
}

export function explainCommand(ids: readonly string[], options: ExplainArguments): number {
  const unknown = ids.filter((id) => explain(id).length === 0);
  for (const id of unknown) {
    const near = nearIds(id);
    const hint = near.length === 0 ? 'unoom explain lists them all' : `near it: ${near.join(', ')}`;
    process.stderr.write(`unoom explain: nothing is called "${id}"; ${hint}\n`);
  }
  if (unknown.length > 0) return EXIT.usage;
  const found =
    ids.length === 0 ? explainAll(options.lang) : ids.flatMap((id) => explain(id, options.lang));
  if (options.format === 'json') print(`${JSON.stringify(found, undefined, 2)}\n`);
  else if (options.format === 'markdown') print(renderExplanationsMarkdown(found));
  else if (ids.length > 0) {
    print(renderExplanations(found, { width: widthOf(), palette: paletteFor(options.color) }));
  } else {
    for (const { kind, id, code, title } of found) {
      print(`${kind.padEnd(7)} ${(code ?? '').padEnd(6)} ${id.padEnd(34)} ${title}\n`);
    }
  }
  return EXIT.ok;
}
