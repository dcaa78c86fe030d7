/**
 * Calls and assignments of a Python text with what is literal in them. Not a parser of the language: what it
 * does not know is `unknown`, and reading goes on behind it.
 */
import { pythonTokens, type Token } from './python-tokens.ts';

export type PyLiteral = string | number | boolean | null;

export type PyValue =
  | { readonly kind: 'literal'; readonly value: PyLiteral }
  | { readonly kind: 'list'; readonly items: readonly PyValue[] }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [string, PyValue, number])[] }
  /** `torch.bfloat16`, `args.batch_size`. */
  | { readonly kind: 'name'; readonly path: string }
  /** `config["batch_size"]`. */
  | { readonly kind: 'item'; readonly of: PyValue; readonly key: string }
  /** So many of something: `texts[:64]`, `texts[i : i + size]`. */
  | { readonly kind: 'slice'; readonly of: PyValue; readonly count: PyValue }
  | { readonly kind: 'call'; readonly call: PyCall }
  /** Operands of an operation that waits for names. */
  | { readonly kind: 'sum'; readonly mark: string; readonly left: PyValue; readonly right: PyValue }
  | { readonly kind: 'not'; readonly of: PyValue }
  | { readonly kind: 'unknown' };

export interface PyArgument {
  /** Absent for a positional one; `**` for a dict that is spread. */
  readonly name?: string;
  readonly value: PyValue;
  readonly line: number;
}

export interface PyCall {
  /** `torch.optim.AdamW`; `().to` on what another call gave. */
  readonly path: string;
  readonly args: readonly PyArgument[];
  readonly line: number;
  /** Position among the tokens. */
  readonly at: number;
  /** The call whose result it is made on: `torch.ones(8).cuda()`. */
  readonly on?: PyCall;
  /** The name that its result gets. */
  readonly assigned?: string;
}

export interface PyAssignment {
  /** `batch_size`, `model.config.use_cache`, `os.environ["NAME"]`. */
  readonly target: string;
  readonly value: PyValue;
  readonly line: number;
  readonly at: number;
}

export interface PythonReading {
  readonly calls: readonly PyCall[];
  readonly assignments: readonly PyAssignment[];
  readonly imports: ReadonlySet<string>;
}

const UNKNOWN: PyValue = { kind: 'unknown' };
const DEEPEST = 60;

export function readPython(text: string): PythonReading {
  return new PythonReader(pythonTokens(text)).read();
}

/** Words of the language that are no values. */
const KEYWORDS: ReadonlySet<string> = new Set(
  'if elif else for while with as in is and or not lambda return yield def class try except finally raise assert del global nonlocal async await from import pass break continue print'.split(
    ' ',
  ),
);

class PythonReader {
  private at = 0;
  private depth = 0;
  private readonly tokens: readonly Token[];
  private readonly calls: PyCall[] = [];
  private readonly assignments: PyAssignment[] = [];
  private readonly imports = new Set<string>();

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  read(): PythonReading {
    let isStart = true;
    while (this.at < this.tokens.length) {
      const { kind, text } = this.here();
      const before = this.at;
      if (isStart && (text === 'import' || text === 'from') && kind === 'name') this.importLine();
      else if (isStart && kind === 'name' && this.assignment()) isStart = false;
      else if (kind === 'name' && !KEYWORDS.has(text)) this.expression();
      else {
        isStart = kind === 'end' || text === ';' || (text === ':' && kind === 'mark');
        this.at++;
        continue;
      }
      isStart = false;
      if (this.at === before) this.at++;
    }
    return { calls: this.calls, assignments: this.assignments, imports: this.imports };
  }

  private here(offset: number = 0): Token {
    return this.tokens[this.at + offset] ?? { kind: 'end', text: '', line: 0 };
  }

  private isMark(text: string, offset: number = 0): boolean {
    const token = this.here(offset);
    return token.kind === 'mark' && token.text === text;
  }

  private importLine(): void {
    for (let first = true; this.here().kind !== 'end' && this.at < this.tokens.length; this.at++) {
      const { kind, text } = this.here();
      if (kind === 'name' && !KEYWORDS.has(text) && first) {
        this.imports.add(text);
        first = false;
      }
      if (this.isMark(',') || text === 'import') first = this.tokens[this.at]?.text === ',';
      if (kind === 'name' && !KEYWORDS.has(text)) this.imports.add(`.${text}`);
    }
  }

  /** `target = value`, `target: type = value`; false, and nothing read, where it is neither. */
  private assignment(): boolean {
    const start = this.at;
    const target = this.target();
    if (target !== undefined && this.isMark(':')) this.skipAnnotation();
    if (target === undefined || !this.isMark('=')) {
      this.at = start;
      return false;
    }
    const { line } = this.here();
    const position = this.at;
    this.at++;
    const first = this.calls.length;
    const value = this.expression();
    if (value.kind === 'call') {
      // The call that gives the value is the last one that was finished.
      const index = this.calls.length - 1;
      const call = this.calls[index];
      if (call !== undefined && index >= first) this.calls[index] = { ...call, assigned: target };
    }
    this.assignments.push({ target, value, line, at: position });
    return true;
  }

  /** A dotted name, perhaps with a subscript; of `a, b = …` nothing. */
  private target(): string | undefined {
    let path = this.here().text;
    if (KEYWORDS.has(path)) return undefined;
    this.at++;
    for (;;) {
      if (this.isMark('.') && this.here(1).kind === 'name') {
        path += `.${this.here(1).text}`;
        this.at += 2;
      } else if (this.isMark('[') && this.here(1).kind === 'string' && this.isMark(']', 2)) {
        path += `["${this.here(1).text}"]`;
        this.at += 3;
      } else return path;
    }
  }

  private skipAnnotation(): void {
    let open = 0;
    for (; this.at < this.tokens.length; this.at++) {
      const { kind, text } = this.here();
      if (kind === 'end' || (open === 0 && this.isMark('='))) return;
      if (kind === 'mark' && /^[([{]$/.test(text)) open++;
      if (kind === 'mark' && /^[)\]}]$/.test(text)) open--;
    }
  }

  /** An expression; what cannot be read is unknown, and the position is behind what was read. */
  private expression(): PyValue {
    if (this.depth > DEEPEST) return UNKNOWN;
    this.depth++;
    const value = this.choice();
    this.depth--;
    return value;
  }

  /** `a if test else b`: what the test would give is not known; people write the usual case first. */
  private choice(): PyValue {
    const first = this.operation(0);
    if (this.here().kind !== 'name' || this.here().text !== 'if') return first;
    this.at++;
    this.operation(0);
    if (this.here().text === 'else') {
      this.at++;
      const other = this.expression();
      return first.kind === 'literal' && first.value === null ? other : first;
    }
    return first;
  }

  private operation(level: number): PyValue {
    const marks = LEVELS[level];
    if (marks === undefined) return this.unary();
    let left = this.operation(level + 1);
    while (marks.has(this.here().text) && this.here().kind !== 'string') {
      const { text } = this.here();
      this.at++;
      const right = this.operation(level + 1);
      left = { kind: 'sum', mark: text, left, right };
    }
    return left;
  }

  private unary(): PyValue {
    this.depth++;
    const value = this.depth > 2 * DEEPEST ? UNKNOWN : this.signed();
    this.depth--;
    return value;
  }

  private signed(): PyValue {
    if (this.isMark('-') || this.isMark('+') || this.isMark('~')) {
      const { text } = this.here();
      this.at++;
      const value = this.unary();
      if (value.kind !== 'literal' || typeof value.value !== 'number') return UNKNOWN;
      return { kind: 'literal', value: text === '-' ? -value.value : value.value };
    }
    if (this.here().kind === 'name' && this.here().text === 'not') {
      this.at++;
      return { kind: 'not', of: this.unary() };
    }
    if (this.here().text === 'await' || this.here().text === 'lambda') {
      this.at++;
      return UNKNOWN;
    }
    return this.trailers(this.atom());
  }

  private atom(): PyValue {
    const { kind, text } = this.here();
    if (kind === 'number') {
      this.at++;
      const value = Number(text.replaceAll('_', ''));
      return Number.isFinite(value) ? { kind: 'literal', value } : UNKNOWN;
    }
    if (kind === 'string') return this.strings();
    if (kind === 'name') return this.name(text);
    if (this.isMark('(')) return this.group();
    if (this.isMark('[')) return this.list();
    if (this.isMark('{')) return this.dict();
    return UNKNOWN;
  }

  private name(text: string): PyValue {
    if (text === 'True' || text === 'False' || text === 'None') {
      this.at++;
      return { kind: 'literal', value: text === 'None' ? null : text === 'True' };
    }
    if (KEYWORDS.has(text) && text !== 'print') return UNKNOWN;
    this.at++;
    return { kind: 'name', path: text };
  }

  private strings(): PyValue {
    let value = '';
    let isOpen = false;
    while (this.here().kind === 'string') {
      value += this.here().text;
      isOpen ||= this.here().isOpen === true;
      this.at++;
    }
    return isOpen ? UNKNOWN : { kind: 'literal', value };
  }

  /** Brackets around one value, or a tuple. */
  private group(): PyValue {
    const before = this.at;
    const items = this.items(')');
    const [only] = items;
    const isTuple = this.tokens[this.at - 2]?.text === ',';
    if (before + 1 < this.at && items.length === 1 && only !== undefined && !isTuple) return only;
    return { kind: 'list', items };
  }

  /** A list; of a comprehension nobody knows how many items it has. */
  private list(): PyValue {
    const from = this.at;
    const items = this.items(']');
    let depth = 0;
    const isMade = this.tokens.slice(from + 1, this.at - 1).some(({ kind, text }) => {
      if (kind === 'mark' && /^[([{]$/.test(text)) depth += 1;
      if (kind === 'mark' && /^[)\]}]$/.test(text)) depth -= 1;
      return depth === 0 && kind === 'name' && text === 'for';
    });
    return isMade ? UNKNOWN : { kind: 'list', items };
  }

  private items(end: string): PyValue[] {
    const items: PyValue[] = [];
    this.at++;
    while (!this.isMark(end) && this.at < this.tokens.length) {
      const before = this.at;
      if (this.isMark('*') || this.isMark('**')) this.at++;
      items.push(this.expression());
      this.toNext(end, before);
    }
    this.at++;
    return items;
  }

  private dict(): PyValue {
    const pairs: (readonly [string, PyValue, number])[] = [];
    this.at++;
    while (!this.isMark('}') && this.at < this.tokens.length) {
      const before = this.at;
      const { line } = this.here();
      if (this.isMark('**')) {
        this.at++;
        pairs.push(['**', this.expression(), line]);
      } else {
        const key = this.expression();
        if (this.isMark(':')) {
          this.at++;
          const value = this.expression();
          if (key.kind === 'literal') pairs.push([String(key.value), value, line]);
        }
      }
      this.toNext('}', before);
    }
    this.at++;
    return { kind: 'dict', pairs };
  }

  /** To behind the next comma of this level, or to the closing bracket. Calls on the way are read. */
  private toNext(end: string, before: number): void {
    while (this.at < this.tokens.length && !this.isMark(',') && !this.isMark(end)) {
      const { kind, text } = this.here();
      const here = this.at;
      // A bracket that closes something else: the text is broken, and this level ends.
      if (kind === 'mark' && /^[)\]}]$/.test(text)) {
        if (this.at === before) this.at++;
        return;
      }
      if ((kind === 'name' && !KEYWORDS.has(text)) || (kind === 'mark' && /^[([{]$/.test(text))) {
        this.expression();
      }
      if (this.at === here) this.at++;
    }
    if (this.isMark(',')) this.at++;
    else if (this.at === before) this.at++;
  }

  private trailers(first: PyValue): PyValue {
    let value = first;
    let last: PyCall | undefined;
    for (;;) {
      if (value.kind === 'call') last = value.call;
      if (this.isMark('.') && this.here(1).kind === 'name') {
        value = { kind: 'name', path: `${pathOf(value)}.${this.here(1).text}` };
        this.at += 2;
      } else if (this.isMark('(') && (value.kind === 'name' || value.kind === 'call')) {
        value = this.call(pathOf(value), last);
      } else if (this.isMark('[') && first.kind !== 'literal') value = this.subscript(value);
      else return value;
    }
  }

  private subscript(of: PyValue): PyValue {
    const count = this.sliceAt();
    if (count !== undefined) return { kind: 'slice', of, count };
    const [key, ...more] = this.items(']');
    if (key?.kind === 'literal' && typeof key.value === 'string' && more.length === 0) {
      return { kind: 'item', of, key: key.value };
    }
    return UNKNOWN;
  }

  /** `[:n]` and `[i : i + n]`; where it is neither, nothing is taken. */
  private sliceAt(): PyValue | undefined {
    const start = this.here(1);
    const isFirst = this.isMark(':', 1);
    const goesOn =
      start.kind === 'name' &&
      this.isMark(':', 2) &&
      this.here(3).text === start.text &&
      this.isMark('+', 4);
    if (!isFirst && !goesOn) return undefined;
    const at = isFirst ? 2 : 5;
    const { kind, text } = this.here(at);
    if (!this.isMark(']', at + 1)) return undefined;
    const number = kind === 'number' ? Number(text) : Number.NaN;
    const count: PyValue | undefined =
      kind === 'name'
        ? { kind: 'name', path: text }
        : Number.isInteger(number) && number > 0
          ? { kind: 'literal', value: number }
          : undefined;
    if (count !== undefined) this.at += at + 2;
    return count;
  }

  private call(path: string, on?: PyCall): PyValue {
    const { line } = this.here();
    const position = this.at;
    const args: PyArgument[] = [];
    this.at++;
    while (!this.isMark(')') && this.at < this.tokens.length) {
      const before = this.at;
      args.push(this.argument());
      this.toNext(')', before);
    }
    this.at++;
    const call: PyCall = { path, args, line, at: position, ...(on === undefined ? {} : { on }) };
    this.calls.push(call);
    return { kind: 'call', call };
  }

  private argument(): PyArgument {
    const { kind, text, line } = this.here();
    if (kind === 'name' && this.isMark('=', 1)) {
      this.at += 2;
      return { name: text, value: this.expression(), line };
    }
    if (this.isMark('**')) {
      this.at++;
      return { name: '**', value: this.expression(), line };
    }
    if (this.isMark('*')) this.at++;
    return { value: this.expression(), line };
  }
}

const pathOf = (value: PyValue): string =>
  value.kind === 'name' ? value.path : value.kind === 'call' ? `${value.call.path}()` : '()';

/** Operations by how tightly they bind, the loosest first. */
const LEVELS: readonly ReadonlySet<string>[] = [
  new Set(['or']),
  new Set(['and']),
  new Set(['==', '!=', '<', '>', '<=', '>=', 'in', 'is']),
  new Set(['|', '&', '^']),
  new Set(['+', '-']),
  new Set(['*', '/', '//', '%']),
  new Set(['**']),
];
