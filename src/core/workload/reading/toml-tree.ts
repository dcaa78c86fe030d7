/** TOML by the package `smol-toml`, which tells no lines: they are found again by table and key. */
import { parse, TomlError } from 'smol-toml';
import { DEEPEST, MOST_NODES, scalar, TreeError, type TreeNode } from './tree.ts';

export function readTomlTree(text: string): TreeNode {
  const lines = linesOf(text);
  let nodes = 0;
  return node(parsed(text), '', 0);

  function node(value: unknown, path: string, depth: number): TreeNode {
    const line = lines.get(path) ?? 0;
    if (depth > DEEPEST) throw new TreeError('nested too deep', line);
    if (++nodes > MOST_NODES) throw new TreeError('too many values', line);
    if (Array.isArray(value)) {
      return { kind: 'list', items: value.map((item) => node(item, path, depth + 1)), line };
    }
    if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      const pairs = new Map(
        Object.entries(value).map(([key, child]) => [
          key,
          node(child, path === '' ? key : `${path}.${key}`, depth + 1),
        ]),
      );
      return { kind: 'map', pairs, line };
    }
    const isPlain = typeof value === 'number' || typeof value === 'boolean';
    return scalar(isPlain ? value : String(value), line);
  }
}

function parsed(text: string): unknown {
  try {
    return parse(text, { maxDepth: DEEPEST });
  } catch (error) {
    if (error instanceof TomlError) {
      throw new TreeError(error.message.split('\n')[0] ?? '', error.line);
    }
    throw error;
  }
}

/** Lines of `table.key`, as far as tables and keys are written on lines of their own. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table = '';
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[\[?\s*([\w."' -]{1,200}?)\s*\]\]?\s*(?:#|$)/.exec(line)?.[1];
    if (header !== undefined) {
      table = header.replaceAll(/["' ]/g, '');
      lines.set(table, index + 1);
      continue;
    }
    const key = /^\s*([\w."'-]{1,200})\s*=/.exec(line)?.[1]?.replaceAll(/["']/g, '');
    if (key !== undefined) lines.set(table === '' ? key : `${table}.${key}`, index + 1);
  }
  return lines;
}
