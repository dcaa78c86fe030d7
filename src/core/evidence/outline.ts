/**
 * Key and value lines that are nested by indentation: YAML, JSON over several lines, and the forms
 * that kubectl describe prints. Whatever stands around them is stepped over, and a cut text gives
 * what is there.
 */
import type { Line } from './text/dress.ts';

export interface Leaf {
  /** Keys from the outside in; an item of a list has its number: "containerStatuses[0]". */
  readonly path: string;
  readonly key: string;
  readonly value: string;
  readonly line: Line;
}

const JSON_KEY = /^(\s*)"((?:[^"\\]|\\.){1,200})"\s*:\s*(.*?),?\s*$/;
const YAML_KEY = /^(\s*)((?:- )*)(["']?)([A-Za-z][\w ./-]{0,80}?)\3:(?:\s+(.*?))?\s*$/;
const ITEM = /^(\s*)(?:[{]|-)\s*$/;

const MOST_LEAVES = 50_000;

/** Every key of the lines with its path. */
export function outlineOf(lines: readonly Line[]): Leaf[] {
  const leaves: Leaf[] = [];
  const stack: { indent: number; key: string; index: number }[] = [];
  const close = (indent: number): void => {
    while ((stack.at(-1)?.indent ?? -1) >= indent) stack.pop();
  };
  const nextItem = (indent: number): void => {
    while ((stack.at(-1)?.indent ?? -1) > indent) stack.pop();
    const owner = stack.at(-1);
    if (owner !== undefined) owner.index++;
    else stack.push({ indent: -1, key: '', index: 0 });
  };
  for (const line of lines) {
    for (const text of piecesOf(line.text)) {
      if (leaves.length >= MOST_LEAVES) return leaves;
      const item = ITEM.exec(text);
      if (item !== null) {
        nextItem((item[1] ?? '').length);
        continue;
      }
      const json = JSON_KEY.exec(text);
      const yaml = json === null ? YAML_KEY.exec(text) : null;
      if (json === null && yaml === null) continue;
      let indent = (json?.[1] ?? yaml?.[1] ?? '').length;
      const dashes = (yaml?.[2] ?? '').length;
      if (dashes > 0) {
        nextItem(indent);
        indent += dashes;
      }
      close(indent);
      const key = json?.[2] ?? yaml?.[4] ?? '';
      const value = unquoted(json?.[3] ?? yaml?.[5] ?? '');
      stack.push({ indent, key, index: -1 });
      if (stack.length > 64) stack.shift();
      const path = stack.map((one) => (one.index < 0 ? one.key : `${one.key}[${one.index}]`));
      leaves.push({ path: path.join('.'), key, value, line });
    }
  }
  return leaves;
}

/** JSON on one line is laid out first. */
function piecesOf(text: string): readonly string[] {
  if (!/^\s*[[{].{20}/.test(text)) return [text];
  const start = text.trim();
  if (!start.endsWith('}') && !start.endsWith(']')) return [text];
  try {
    return JSON.stringify(JSON.parse(start), null, 2).split('\n');
  } catch {
    return [text];
  }
}

function unquoted(value: string): string {
  const match = /^"((?:[^"\\]|\\.)*)"$|^'([^']*)'$/.exec(value);
  return match === null ? value : (match[1] ?? match[2] ?? '');
}
