/**
 * JSON with the line of every value. Comments and a comma before a closing bracket are passed over, as
 * people write both into configurations.
 */
import { DEEPEST, MOST_NODES, scalar, TreeError, type TreeNode } from './tree.ts';

export function readJsonTree(text: string): TreeNode {
  const reader = new JsonReader(text);
  const node = reader.value(0);
  reader.end();
  return node;
}

const SPACE = /[\s\uFEFF]/;
const NUMBER = /-?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|Infinity)/y;
const WORD = /[A-Za-z]+/y;
const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', null],
]);

class JsonReader {
  private at = 0;
  private line = 1;
  private nodes = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** One value, with what stands before it. */
  value(depth: number): TreeNode {
    this.skip();
    if (depth > DEEPEST) throw new TreeError('nested too deep', this.line);
    if (++this.nodes > MOST_NODES) throw new TreeError('too many values', this.line);
    const { line } = this;
    const head = this.text[this.at];
    if (head === '{') return { kind: 'map', pairs: this.pairs(depth), line };
    if (head === '[') return { kind: 'list', items: this.items(depth), line };
    if (head === '"') return scalar(this.string(), line);
    const number = this.match(NUMBER);
    if (number !== undefined) return scalar(Number(number), line);
    const word = WORDS.get(this.match(WORD) ?? '');
    if (word === undefined) throw this.unexpected();
    return scalar(word, line);
  }

  /** Nothing may follow. */
  end(): void {
    this.skip();
    if (this.at < this.text.length) throw this.unexpected();
  }

  private pairs(depth: number): Map<string, TreeNode> {
    const pairs = new Map<string, TreeNode>();
    this.at++;
    while (!this.closes('}')) {
      if (this.text[this.at] !== '"') throw this.unexpected();
      const key = this.string();
      this.skip();
      this.expect(':');
      pairs.set(key, this.value(depth + 1));
      this.separate('}');
    }
    return pairs;
  }

  private items(depth: number): TreeNode[] {
    const items: TreeNode[] = [];
    this.at++;
    while (!this.closes(']')) {
      items.push(this.value(depth + 1));
      this.separate(']');
    }
    return items;
  }

  private string(): string {
    const start = this.at++;
    while (this.at < this.text.length && this.text[this.at] !== '"') {
      if (this.text[this.at] === '\n') throw this.unexpected();
      this.at += this.text[this.at] === '\\' ? 2 : 1;
    }
    this.expect('"');
    const quoted = this.text.slice(start, this.at);
    try {
      return String(JSON.parse(quoted));
    } catch {
      return quoted.slice(1, -1);
    }
  }

  private closes(bracket: string): boolean {
    this.skip();
    if (this.text[this.at] !== bracket) return false;
    this.at++;
    return true;
  }

  /** A comma, unless the bracket closes next. */
  private separate(bracket: string): void {
    this.skip();
    if (this.text[this.at] !== bracket) this.expect(',');
  }

  private expect(mark: string): void {
    if (this.text[this.at] !== mark) throw this.unexpected();
    this.at++;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private skip(): void {
    for (;;) {
      const here = this.text[this.at] ?? '';
      if (here === '\n') this.line++;
      if (here !== '' && SPACE.test(here)) this.at++;
      else if (here === '/' && this.text[this.at + 1] === '/') this.skipTo('\n');
      else if (here === '/' && this.text[this.at + 1] === '*') this.skipComment();
      else return;
    }
  }

  private skipTo(mark: string): void {
    const found = this.text.indexOf(mark, this.at);
    this.at = found === -1 ? this.text.length : found;
  }

  private skipComment(): void {
    const start = this.at;
    this.skipTo('*/');
    this.line += this.text.slice(start, this.at).split('\n').length - 1;
    this.at = Math.min(this.text.length, this.at + 2);
  }

  private unexpected(): TreeError {
    const here = this.text[this.at];
    return new TreeError(here === undefined ? 'ends too early' : `unexpected ${here}`, this.line);
  }
}
