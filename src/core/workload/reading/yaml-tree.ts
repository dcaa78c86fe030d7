/** YAML by the package `yaml`. Aliases are followed here, under the same limits as all other nodes. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml';
import { DEEPEST, MOST_NODES, scalar, TreeError, type TreeNode } from './tree.ts';

/** Opening brackets and dashes of one line: what the parser would nest by recursion. */
const MOST_OPENINGS = 400;

/** The documents of a stream. */
export function readYamlTrees(text: string): TreeNode[] {
  refuseDeep(text);
  const lines = new LineCounter();
  const documents = parse(text, lines);
  const walk = new Walk(lines);
  return documents.flatMap((document) => walk.document(document));
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    lineCounter,
    uniqueKeys: false,
    strict: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const list = Array.isArray(documents) ? documents : [];
  for (const { errors } of list) {
    const [error] = errors;
    if (error !== undefined) {
      throw new TreeError(error.message, lineCounter.linePos(error.pos[0]).line);
    }
  }
  return list;
}

/** The package nests by recursion, so what is nested beyond reason is refused before it is parsed. */
function refuseDeep(text: string): void {
  let open = 0;
  let line = 1;
  let dashes = 0;
  for (const mark of text) {
    if (mark === '\n') {
      line++;
      dashes = 0;
    } else if (mark === '[' || mark === '{') open++;
    else if (mark === ']' || mark === '}') open = Math.max(0, open - 1);
    else if (mark === '-' || mark === '?') dashes++;
    if (open > MOST_OPENINGS) throw new TreeError('nested too deep', line);
    // A rule of dashes has no spaces and is harmless; a nest of dashes has them.
    if (dashes > MOST_OPENINGS && isNestOfDashes(text, line)) {
      throw new TreeError('nested too deep', line);
    }
  }
}

const isNestOfDashes = (text: string, line: number): boolean =>
  (text.split('\n', line)[line - 1] ?? '').includes('- - - - ');

class Walk {
  private nodes = 0;
  private readonly lines: LineCounter;
  private anchors: ReadonlyMap<string, Node> = new Map();

  constructor(lines: LineCounter) {
    this.lines = lines;
  }

  document({ contents }: Document.Parsed): TreeNode[] {
    if (contents === null) return [];
    this.anchors = anchorsOf(contents);
    return [this.node(contents, 0)];
  }

  private node(node: unknown, depth: number): TreeNode {
    const line = this.lineOf(node);
    if (depth > DEEPEST) throw new TreeError('nested too deep', line);
    if (++this.nodes > MOST_NODES) throw new TreeError('too many values', line);
    if (isAlias(node)) return this.node(this.anchors.get(node.source) ?? null, depth + 1);
    if (isMap(node)) return this.map(node.items, depth, line);
    if (isSeq(node)) {
      return { kind: 'list', items: node.items.map((item) => this.node(item, depth + 1)), line };
    }
    return scalar(isScalar(node) ? plain(node.value) : null, line);
  }

  private map(
    items: readonly { readonly key: unknown; readonly value?: unknown }[],
    depth: number,
    line: number,
  ): TreeNode {
    const pairs = new Map<string, TreeNode>();
    for (const { key, value } of items) {
      const name = isScalar(key) ? String(key.value) : '';
      const child = this.node(value ?? null, depth + 1);
      const node = child.line === 0 ? { ...child, line: this.lineOf(key) } : child;
      if (name !== '<<') pairs.set(name, node);
      // Keys of one's own stand before merged ones.
      else
        for (const [merged, each] of mergedPairs(node))
          if (!pairs.has(merged)) pairs.set(merged, each);
    }
    return { kind: 'map', pairs, line };
  }

  private lineOf(node: unknown): number {
    const range = (node as { range?: readonly number[] } | null)?.range;
    return range?.[0] === undefined ? 0 : this.lines.linePos(range[0]).line;
  }
}

/** Pairs of `<<: *one` and of `<<: [*one, *two]`. */
function mergedPairs(node: TreeNode): [string, TreeNode][] {
  if (node.kind === 'map') return [...node.pairs];
  return node.kind === 'list' ? node.items.flatMap(mergedPairs) : [];
}

/** Nodes by their anchors; the last one of a name stands. */
function anchorsOf(root: Node): ReadonlyMap<string, Node> {
  const anchors = new Map<string, Node>();
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop() as Node | { key?: unknown; value?: unknown } | null;
    if (node === null || typeof node !== 'object') continue;
    if ('anchor' in node && typeof node.anchor === 'string' && !anchors.has(node.anchor)) {
      anchors.set(node.anchor, node as Node);
    }
    if (isMap(node) || isSeq(node)) waiting.push(...(node.items as unknown[]));
    else if ('value' in node && !isScalar(node)) waiting.push(node.value);
  }
  return anchors;
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return String(value);
}
