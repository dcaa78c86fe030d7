/** A configuration as a tree of lists, maps and scalars with lines, whatever its format was. */

export type ScalarValue = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  /** Counted from 1; 0 where the format tells no lines. */
  readonly line: number;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly TreeNode[];
  readonly line: number;
}

export interface MapNode {
  readonly kind: 'map';
  readonly pairs: ReadonlyMap<string, TreeNode>;
  readonly line: number;
}

export type TreeNode = ScalarNode | ListNode | MapNode;

/** Levels of nesting that a configuration may have. */
export const DEEPEST = 64;
/** Nodes that a configuration may have; aliases count each time they are used. */
export const MOST_NODES: number = 40_000;
/** Characters of a configuration. */
export const LONGEST: number = 2 ** 20;

/** Why a text is no tree; `line` where that is known. */
export class TreeError extends Error {
  readonly line: number | undefined;
  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

export const scalar = (value: ScalarValue, line: number): ScalarNode => ({
  kind: 'scalar',
  value,
  line,
});

/** The node under a path of keys. */
export function at(node: TreeNode | undefined, ...path: readonly string[]): TreeNode | undefined {
  let here = node;
  for (const key of path) here = here?.kind === 'map' ? here.pairs.get(key) : undefined;
  return here;
}

/** The text of a scalar; nothing for null, lists and maps. */
export function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : undefined;
}

/** A leaf with all keys above it: `zero_optimization.offload_optimizer.device`. */
export interface Leaf {
  readonly key: string;
  /** A list of scalars is one leaf, with commas. */
  readonly value: ScalarValue;
  readonly line: number;
}

/** All leaves in order. Items of a list of maps carry the key of the list. */
export function leavesOf(node: TreeNode, prefix: string = ''): Leaf[] {
  if (node.kind === 'scalar') return [{ key: prefix, value: node.value, line: node.line }];
  if (node.kind === 'map') {
    return [...node.pairs].flatMap(([key, child]) =>
      leavesOf(child, prefix === '' ? key : `${prefix}.${key}`),
    );
  }
  const words = node.items.map(textOf);
  if (words.every((word) => word !== undefined)) {
    return [{ key: prefix, value: words.join(','), line: node.line }];
  }
  return node.items.flatMap((child) => leavesOf(child, prefix));
}
