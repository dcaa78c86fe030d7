/**
 * YAML by the package `yaml`, in its own steps, so that each has a bound: lexemes, tokens, documents. Aliases are
 * followed here, under the same limits as all other nodes.
 */
import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
} from 'yaml';
import { DEEPEST, MOST_NODES, scalar, TreeError, type TreeNode } from './tree.ts';

/** Opening brackets, dashes and question marks of one line: what the parser would nest by recursion. */
const MOST_OPENINGS = 400;

/**
 * Marks, scalars, blanks and line ends. A pair on a line of its own, two nodes, is eight of them; so as many nodes as
 * a configuration may have come before this bound, and what is not made of nodes is not read for seconds.
 */
const MOST_LEXEMES = 5 * MOST_NODES;

/** The documents of a stream. */
export function readYamlTrees(text: string): TreeNode[] {
  refuseDeep(text);
  const lines = new LineCounter();
  const walk = new Walk(lines);
  const trees: TreeNode[] = [];
  for (const document of documentsOf(text, lines)) {
    const [error] = document.errors;
    if (error !== undefined) throw new TreeError(error.message, lineAt(lines, error.pos[0]));
    trees.push(...walk.document(document));
  }
  return trees;
}

const lineAt = (lines: LineCounter, offset: number): number => lines.linePos(offset).line;

function* documentsOf(text: string, lines: LineCounter): Generator<Document.Parsed> {
  const composer = new Composer({
    lineCounter: lines,
    uniqueKeys: false,
    strict: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  for (const token of tokensOf(text, lines)) yield* composer.next(token);
  yield* composer.end(false, text.length);
}

type Token = Parameters<Composer['next']>[0];

/** @throws at the first fault: thousands of them would each be told, and cost as much as what is right. */
function* tokensOf(text: string, lines: LineCounter): Generator<Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  const sound = (token: Token): Token => {
    if (token.type === 'error') throw new TreeError(token.message, lineAt(lines, token.offset));
    return token;
  };
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MOST_LEXEMES) {
      throw new TreeError('too many values', lineAt(lines, parser.offset));
    }
    for (const token of parser.next(lexeme)) yield sound(token);
  }
  for (const token of parser.end()) yield sound(token);
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
  /(?:[-?] ){4}/.test(text.split('\n', line)[line - 1] ?? '');

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
    if (isMap(node) || isSeq(node)) for (const item of node.items) waiting.push(item);
    else if ('value' in node && !isScalar(node)) waiting.push(node.value);
  }
  return anchors;
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return String(value);
}
