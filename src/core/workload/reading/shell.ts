/**
 * Command lines as a shell would split them: quotes, continued lines, variables and arrays that the same
 * text sets. Nothing is run; what only a shell could know stays as it is written.
 */

export interface Word {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

export interface Command {
  readonly words: readonly Word[];
  /** Variables that stand before the command, or were exported before it. */
  readonly env: readonly EnvironmentVariable[];
}

/** A file that the script writes with a here-document. */
export interface HereDocument {
  readonly name: string;
  readonly text: string;
  readonly line: number;
}

export interface ShellReading {
  readonly commands: readonly Command[];
  readonly variables: readonly EnvironmentVariable[];
  readonly files: readonly HereDocument[];
}

const MOST_WORDS = 20_000;
/** Characters that a variable may grow to by others in it. */
const LONGEST_VALUE = 20_000;

export function readShell(text: string): ShellReading {
  return new ShellReader(text).read();
}

/** One line of words, as `docker compose` has in a string. */
export function splitWords(text: string, line: number): Word[] {
  const { commands } = readShell(text);
  return commands.flatMap(({ env, words }) => [
    ...env.map(({ name, value }) => ({ text: `${name}=${value}`, line })),
    ...words.map((word) => ({ text: word.text, line: line + word.line - 1 })),
  ]);
}

/** Words of the shell's own language that stand before a command. */
const KEYWORDS: ReadonlySet<string> = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'fi',
  'done',
  '!',
  '{',
  '}',
  '$',
  '%%bash',
]);

const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=([\s\S]*)$/;
const VARIABLE = /\$(?:\{([A-Za-z_]\w*)(?:\[[@*]\])?(?::?[-=]([^{}]{0,200}))?\}|([A-Za-z_]\w*))/g;

interface Piece {
  text: string;
  /** Single quotes: nothing in it stands for something else. */
  readonly isPlain: boolean;
  readonly isQuoted: boolean;
}

class ShellReader {
  private at = 0;
  private line = 1;
  private readonly text: string;
  private readonly values = new Map<string, readonly string[]>();
  private readonly variables: EnvironmentVariable[] = [];
  private readonly commands: Command[] = [];
  private readonly files: HereDocument[] = [];
  private words: Word[] = [];
  private taken = 0;
  private target: string | undefined;
  private heredocs: { readonly end: string; readonly target: string | undefined }[] = [];

  constructor(text: string) {
    this.text = text;
  }

  read(): ShellReading {
    while (this.at < this.text.length && this.taken < MOST_WORDS) this.step();
    this.endCommand();
    return { commands: this.commands, variables: this.variables, files: this.files };
  }

  private step(): void {
    const here = this.text[this.at] ?? '';
    if (here === '\n') {
      this.endCommand();
      this.at++;
      this.line++;
      for (const { end, target } of this.heredocs.splice(0)) this.takeHereDocument(end, target);
    } else if (this.isContinuation()) {
      this.at = this.text.indexOf('\n', this.at) + 1;
      this.line++;
    } else if (/\s/.test(here)) this.at++;
    else if (here === '#') this.skipLine();
    else if (/[;&|]/.test(here)) {
      this.at++;
      this.endCommand();
    } else if (here === '<' || here === '>') this.redirection();
    else if (here === '(' || here === ')') this.at++;
    else this.word();
  }

  /** A backslash, or the marks of PowerShell and cmd, at the end of a line. */
  private isContinuation(): boolean {
    return /^[\\^`][ \t\r]{0,20}\n/.test(this.text.slice(this.at, this.at + 24));
  }

  private skipLine(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end === -1 ? this.text.length : end;
  }

  private redirection(): void {
    const found = /^(?:<<-?\s{0,4}["']?(\w{1,40})["']?|[<>]{1,3}&?\s{0,4}([^\s;&|<>]{0,400}))/.exec(
      this.text.slice(this.at, this.at + 420),
    );
    this.at += Math.max(1, found?.[0].length ?? 1);
    if (found?.[1] !== undefined) this.heredocs.push({ end: found[1], target: this.target });
    else if (found?.[2] !== undefined) {
      this.target = found[2].replaceAll(/["']/g, '');
      this.heredocs = this.heredocs.map(({ end, target }) => ({
        end,
        target: target ?? this.target,
      }));
    }
    // The number of a stream stands before the mark: `2>&1`.
    if (/^\d$/.test(this.words.at(-1)?.text ?? '') && found?.[0].startsWith('>')) this.words.pop();
  }

  private takeHereDocument(end: string, target: string | undefined): void {
    const { line } = this;
    const body: string[] = [];
    while (this.at < this.text.length) {
      const stop = this.text.indexOf('\n', this.at);
      const row = this.text.slice(this.at, stop === -1 ? this.text.length : stop);
      this.at = stop === -1 ? this.text.length : stop + 1;
      this.line++;
      if (row.trim() === end) break;
      body.push(row);
    }
    this.files.push({ name: target ?? '', text: body.join('\n'), line });
  }

  /** One word, or an array: `ARGS=( ... )`. */
  private word(): void {
    const { line } = this;
    const pieces: Piece[] = [];
    while (this.at < this.text.length) {
      const here = this.text[this.at] ?? '';
      if (here === "'" || here === '"') pieces.push(this.quoted(here));
      else if (here === '\\' && !this.isContinuation()) {
        pieces.push({ text: this.text[this.at + 1] ?? '', isPlain: true, isQuoted: true });
        this.at += 2;
      } else if (here === '$' && this.text[this.at + 1] === '(') pieces.push(this.substitution());
      else if (here === '$' && this.text[this.at + 1] === '{') pieces.push(this.braced());
      else if (/[\s;&|<>()]/.test(here) || this.isContinuation()) break;
      else pieces.push(this.bare());
    }
    const isArray = this.text[this.at] === '(' && pieces.at(-1)?.text.endsWith('=') === true;
    if (isArray) this.array(pieces.map(({ text }) => text).join(''), line);
    else for (const text of this.expanded(pieces)) this.put(text, line);
    if (this.text[this.at] === '(' && pieces.length === 0) this.at++;
  }

  private put(text: string, line: number): void {
    this.taken++;
    this.words.push({ text, line });
  }

  private bare(): Piece {
    const start = this.at++;
    while (this.at < this.text.length && !/[\s;&|<>()'"\\$`^]/.test(this.text[this.at] ?? ''))
      this.at++;
    return { text: this.text.slice(start, this.at), isPlain: false, isQuoted: false };
  }

  private braced(): Piece {
    const start = this.at;
    const end = this.text.indexOf('}', start);
    this.at = end === -1 ? this.text.length : end + 1;
    return { text: this.text.slice(start, this.at), isPlain: false, isQuoted: false };
  }

  private quoted(mark: string): Piece {
    const start = ++this.at;
    while (this.at < this.text.length && this.text[this.at] !== mark) {
      if (mark === '"' && this.text[this.at] === '\\') this.at++;
      this.at++;
    }
    const inner = this.text.slice(start, this.at++);
    this.line += inner.split('\n').length - 1;
    const text =
      mark === '"' ? inner.replaceAll(/\\\n/g, ' ').replaceAll(/\\(["\\$`])/g, '$1') : inner;
    return { text, isPlain: mark === "'", isQuoted: true };
  }

  /** `$(nvidia-smi -L | wc -l)`: only a shell knows what it gives. */
  private substitution(): Piece {
    const start = this.at;
    let open = 0;
    do {
      const here = this.text[this.at++];
      if (here === '(') open++;
      if (here === ')') open--;
      if (here === '\n') this.line++;
    } while (open > 0 && this.at < this.text.length);
    return { text: this.text.slice(start, this.at), isPlain: true, isQuoted: true };
  }

  private array(head: string, line: number): void {
    const before = this.words;
    const env = this.variables.length;
    this.words = [];
    this.at++;
    while (this.at < this.text.length && this.text[this.at] !== ')' && this.taken < MOST_WORDS) {
      const here = this.text[this.at] ?? '';
      if (here === '\n') this.line++;
      if (/[\s;&|<>(\\]/.test(here)) this.at++;
      else if (here === '#') this.skipLine();
      else this.word();
    }
    this.at++;
    const name = ASSIGNMENT.exec(head)?.[1];
    const items = this.words.map(({ text }) => text);
    this.words = before;
    if (name === undefined || this.variables.length !== env) return;
    const old = head.endsWith('+=') ? (this.values.get(name) ?? []) : [];
    this.values.set(name, [...old, ...items].slice(0, MOST_WORDS));
    if (items.length === 1) this.variables.push({ name, value: items[0] ?? '', line });
  }

  /** The words that pieces become when variables stand for what they were set to. */
  private expanded(pieces: readonly Piece[]): string[] {
    if (pieces.length === 1) {
      const [piece] = pieces;
      const name = /^\$\{?([A-Za-z_]\w*)(\[[@*]\])?\}?$/.exec(piece?.text ?? '');
      const values = name?.[1] === undefined ? undefined : this.values.get(name[1]);
      if (values !== undefined && piece?.isPlain === false) {
        if (name?.[2] !== undefined) return [...values];
        return piece.isQuoted ? [values.join(' ')] : values.flatMap((value) => wordsOf(value));
      }
    }
    const text = pieces
      .map((piece) => (piece.isPlain ? piece.text : this.substituted(piece.text)))
      .join('');
    return [text];
  }

  private substituted(text: string): string {
    if (!text.includes('$')) return text;
    const result = text.replaceAll(
      VARIABLE,
      (whole: string, braced?: string, fallback?: string, bare?: string) =>
        this.values.get(braced ?? bare ?? '')?.join(' ') ?? fallback ?? whole,
    );
    return result.length > LONGEST_VALUE ? text : result;
  }

  private endCommand(): void {
    const words = this.words;
    this.words = [];
    this.target = undefined;
    let first = 0;
    while (KEYWORDS.has(words[first]?.text ?? '')) first++;
    const isExport = /^(?:export|declare|set|env|ENV|setx|readonly|local)$/.test(
      words[first]?.text ?? '',
    );
    if (isExport) first++;
    const env: EnvironmentVariable[] = [];
    for (; first < words.length; first++) {
      const word = words[first];
      const found = ASSIGNMENT.exec(word?.text ?? '');
      if (word === undefined || found?.[1] === undefined) break;
      env.push({ name: found[1], value: found[2] ?? '', line: word.line });
    }
    const rest = words.slice(first);
    if (rest.length === 0 || (isExport && env.length > 0)) {
      for (const { name, value } of env) this.values.set(name, [value]);
      this.variables.push(...env);
      return;
    }
    this.commands.push({ words: rest, env });
  }
}

/** Words of a variable's value: a string of options splits where it is not quoted. */
const wordsOf = (value: string): string[] =>
  value
    .replaceAll('\\', ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => word.replaceAll(/^["']|["']$/g, ''));
