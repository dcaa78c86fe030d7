/** Tokens of Python, as far as calls and assignments need them. Nothing is executed. */

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'mark' | 'end';
  /** A string without quotes and prefix. */
  readonly text: string;
  readonly line: number;
  /** A string with parts that only a run would fill: f"{x}". */
  readonly isOpen?: boolean;
}

const MOST_TOKENS = 300_000;

const NAME = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y;
const NUMBER = /(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:[eE][+-]?\d+)?)[jJ]?/y;
const MARKS = /\*\*=|\/\/=|>>=|<<=|\.\.\.|->|:=|\*\*|\/\/|[-+*/%&|^@=!<>]=|<<|>>|[^\s\w]/y;
const PREFIX = /[rRbBuUfFtT]{0,2}(?="|')/y;

/** A line ends a statement only outside brackets. */
export function pythonTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let open = 0;
  const put = (kind: Token['kind'], found: string, isOpen?: boolean): void => {
    tokens.push({ kind, text: found, line, ...(isOpen === true && { isOpen }) });
  };
  while (at < text.length && tokens.length < MOST_TOKENS) {
    const here = text[at] ?? '';
    if (here === '\n') {
      if (open === 0 && tokens.at(-1)?.kind !== 'end') put('end', '');
      line++;
      at++;
    } else if (here === '\\' && /^\\\r?\n/.test(text.slice(at, at + 3))) {
      at = text.indexOf('\n', at) + 1;
      line++;
    } else if (here === '#') {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (/\s/.test(here)) at++;
    else at = token(here);
  }
  put('end', '');
  return tokens;

  function token(here: string): number {
    const prefix = match(PREFIX);
    if (prefix !== undefined) return string(at + prefix.length, prefix.toLowerCase());
    const name = match(NAME);
    if (name !== undefined) {
      put('name', name);
      return at + name.length;
    }
    const number = /[\d.]/.test(here) ? match(NUMBER) : undefined;
    if (number !== undefined && /\d/.test(number)) {
      put('number', number);
      return at + number.length;
    }
    const mark = match(MARKS) ?? here;
    if (/^[([{]$/.test(mark)) open++;
    if (/^[)\]}]$/.test(mark)) open = Math.max(0, open - 1);
    put('mark', mark);
    return at + mark.length;
  }

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  }

  function string(from: number, prefix: string): number {
    const quote = text[from] ?? '"';
    const isLong = text.startsWith(quote.repeat(3), from);
    const mark = isLong ? quote.repeat(3) : quote;
    const first = line;
    let end = from + mark.length;
    const start = end;
    while (end < text.length && !text.startsWith(mark, end)) {
      if (text[end] === '\n') {
        if (!isLong) break;
        line++;
      }
      end += text[end] === '\\' && text[end + 1] !== '\n' ? 2 : 1;
    }
    const inner = text.slice(start, Math.min(end, text.length));
    const isOpen = prefix.includes('f') && inner.includes('{');
    const plain = prefix.includes('r') ? inner : inner.replaceAll(/\\(["'\\])/g, '$1');
    tokens.push({ kind: 'string', text: plain, line: first, ...(isOpen && { isOpen }) });
    return end + (text.startsWith(mark, end) ? mark.length : 0);
  }
}
