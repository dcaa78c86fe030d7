/** Notebooks: code cells as one script whose lines are cited by cell; their shell lines are commands. */
import { at, type TreeNode, textOf } from './tree.ts';

export interface Notebook {
  readonly script: string;
  readonly shell: string;
  /** `cell 3:2` of a line of either text. */
  readonly placeOf: (line: number) => string;
}

export const isNotebook = (node: TreeNode): boolean =>
  at(node, 'cells')?.kind === 'list' && at(node, 'nbformat') !== undefined;

/** Both texts have the same lines; what belongs to the other one is empty. */
export function readNotebook(node: TreeNode): Notebook {
  const cells = at(node, 'cells');
  const script: string[] = [];
  const shell: string[] = [];
  const places: string[] = [];
  for (const [index, cell] of (cells?.kind === 'list' ? cells.items : []).entries()) {
    if (textOf(at(cell, 'cell_type')) !== 'code') continue;
    const lines = sourceOf(at(cell, 'source')).split('\n');
    const isShell = /^%%(?:bash|sh|shell)\b/.test(lines[0] ?? '');
    let goesOn = false;
    for (const [number, line] of lines.entries()) {
      const magic = /^\s*(?:!|%(?:pip|conda|env|shell)\b)/.test(line);
      const isCommand: boolean = isShell ? number > 0 : magic || goesOn;
      goesOn = isCommand && /\\\s*$/.test(line);
      script.push(isCommand || isShell ? '' : line);
      shell.push(isCommand ? commandOf(line) : '');
      places.push(`[cell ${index + 1}]:${number + 1}`);
    }
  }
  return {
    script: script.join('\n'),
    shell: shell.join('\n'),
    placeOf: (line) => places[line - 1] ?? '',
  };
}

/** A cell is one string, or a list of lines that end themselves. */
function sourceOf(node: TreeNode | undefined): string {
  if (node?.kind === 'list') return node.items.map((item) => textOf(item) ?? '').join('');
  return textOf(node) ?? '';
}

const commandOf = (line: string): string =>
  line
    .replace(/^\s*!\s?/, '')
    .replace(/^\s*%env\s+/, 'export ')
    .replace(/^\s*%shell\s+/, '')
    .replace(/^\s*%(?=pip|conda)/, '');
