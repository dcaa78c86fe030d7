/**
 * Sizes and counts: `1.5GiB * step`, `random(1MiB, 8MiB)`, `step % 10 == 0`. Everything is a number; a
 * comparison is 1 or 0.
 */
import { unitBytes } from '../../base/bytes.ts';
import { DrawingError } from './drawing-error.ts';
import type { Random } from './random.ts';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'negative'; readonly of: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

const MOST_DEPTH = 50;

/** Operators by how tightly they bind, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const FUNCTIONS: readonly string[] = ['min', 'max', 'random'];

/** Words and marks of a line, one at a time. */
export class Tokens {
  readonly line: number;
  private readonly tokens: readonly string[];
  private at = 0;
  private readonly example: string;

  /** @param example how such a line is written, for messages. */
  constructor(text: string, line: number, example: string) {
    this.line = line;
    this.example = example;
    this.tokens = tokenize(text);
  }

  get next(): string | undefined {
    return this.tokens[this.at];
  }

  get isAtEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  take(): string | undefined {
    return this.tokens[this.at++];
  }

  /** Takes the token when it is this one. */
  accept(token: string): boolean {
    if (this.next !== token) return false;
    this.at++;
    return true;
  }

  expect(token: string): void {
    if (!this.accept(token)) throw this.unexpected(`"${token}"`);
  }

  name(): string {
    const token = this.take();
    if (token !== undefined && isName(token)) return token;
    this.at--;
    throw this.unexpected('a name');
  }

  end(): void {
    if (!this.isAtEnd) throw this.unexpected('the end of the line');
  }

  unexpected(expected: string): DrawingError {
    const { example } = this;
    return new DrawingError(this.line, 'expected', {
      expected,
      found: (this.next ?? 'the end of the line').slice(0, 60),
      example,
    });
  }
}

const TOKEN = /\s*(\d+(?:\.(?!\.)\d*)?|[A-Za-z_]\w*|\.\.|==|!=|<=|>=|\+=|\S)/y;

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1] ?? '');
  }
  return tokens;
}

export const isName = (token: string): boolean => /^[A-Za-z_]/.test(token);

/** Reads an expression from where the tokens stand. @throws DrawingError */
export function readExpression(tokens: Tokens): Expression {
  return readLevel(tokens, 0, 0);
}

function readLevel(tokens: Tokens, level: number, depth: number): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return readUnary(tokens, depth);
  let left = readLevel(tokens, level + 1, depth);
  for (let count = 0; operators.includes(tokens.next ?? ''); count++) {
    // A chain becomes a tree as deep as it is long.
    if (count > MOST_DEPTH) throw tooDeep(tokens.line);
    const operator = tokens.take() ?? '';
    left = { kind: 'binary', operator, left, right: readLevel(tokens, level + 1, depth) };
  }
  return left;
}

function readUnary(tokens: Tokens, depth: number): Expression {
  if (depth > MOST_DEPTH) throw tooDeep(tokens.line);
  if (tokens.accept('-')) return { kind: 'negative', of: readUnary(tokens, depth + 1) };
  if (tokens.accept('(')) {
    const inner = readLevel(tokens, 0, depth + 1);
    tokens.expect(')');
    return inner;
  }
  const token = tokens.next;
  if (token !== undefined && /^\d/.test(token)) return readNumber(tokens);
  if (token === undefined || !isName(token)) throw tokens.unexpected('a number or a name');
  tokens.take();
  if (!FUNCTIONS.includes(token) || !tokens.accept('(')) return { kind: 'name', name: token };
  const args = [readLevel(tokens, 0, depth + 1)];
  while (tokens.accept(',')) args.push(readLevel(tokens, 0, depth + 1));
  tokens.expect(')');
  if (token === 'random' && args.length !== 2) throw tokens.unexpected('random(LOW, HIGH)');
  return { kind: 'call', name: token, args };
}

function readNumber(tokens: Tokens): Expression {
  const value = Number(tokens.take());
  const unit =
    tokens.next !== undefined && isName(tokens.next) ? unitBytes(tokens.next) : undefined;
  if (unit !== undefined) tokens.take();
  return { kind: 'number', value: value * (unit ?? 1) };
}

const tooDeep = (line: number): DrawingError =>
  new DrawingError(line, 'bound', { most: MOST_DEPTH, things: 'operators' });

/** @throws DrawingError when a name has no value. */
export function evaluate(
  expression: Expression,
  line: number,
  variables: ReadonlyMap<string, number>,
  random: Random,
): number {
  const value = (each: Expression): number => evaluate(each, line, variables, random);
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'name': {
      const known = variables.get(expression.name);
      if (known === undefined) throw new DrawingError(line, 'variable', { name: expression.name });
      return known;
    }
    case 'negative':
      return -value(expression.of);
    case 'call': {
      const args = expression.args.map(value);
      if (expression.name === 'min') return Math.min(...args);
      if (expression.name === 'max') return Math.max(...args);
      const [low = 0, high = 0] = args;
      return random.between(Math.ceil(Math.min(low, high)), Math.floor(Math.max(low, high)));
    }
    case 'binary':
      return combine(expression.operator, value(expression.left), value(expression.right));
  }
}

function combine(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '==':
      return Number(a === b);
    case '!=':
      return Number(a !== b);
    case '<':
      return Number(a < b);
    case '>':
      return Number(a > b);
    case '<=':
      return Number(a <= b);
    default:
      return Number(a >= b);
  }
}
