/**
 * What a pattern cannot match without: plain strings of which any matched text holds at least one. To
 * look for them costs next to nothing, while a pattern's first run has it compiled; of hundreds of
 * patterns a text meets few.
 */

/** A literal shorter than this tells too little. */
const SHORTEST = 3;

/**
 * Strings in lower case; every text that the pattern matches holds one of them, whatever its case.
 * Undefined where the pattern can match without any string that is long enough.
 */
export function literalsOf(pattern: RegExp): readonly string[] | undefined {
  const found: string[] = [];
  for (const alternative of alternativesOf(pattern.source)) {
    const longest = runsOf(alternative).reduce((a, b) => (b.length > a.length ? b : a), '');
    if (longest.length < SHORTEST) return undefined;
    found.push(longest.toLowerCase());
  }
  return found;
}

/** The alternatives of the whole pattern, not of groups inside it. */
function alternativesOf(source: string): string[] {
  const alternatives: string[] = [];
  let from = 0;
  for (let at = 0; at < source.length; at = endOfPart(source, at)) {
    if (source[at] !== '|') continue;
    alternatives.push(source.slice(from, at));
    from = at + 1;
  }
  return [...alternatives, source.slice(from)];
}

/** Stretches of plain letters that an alternative always matches. */
function runsOf(alternative: string): string[] {
  const runs: string[] = [];
  let run = '';
  const close = (): void => {
    runs.push(run);
    run = '';
  };
  let end = 0;
  for (let at = 0; at < alternative.length; at = end) {
    end = endOfPart(alternative, at);
    const letter = letterOf(alternative.slice(at, end));
    const quantifier = /^(?:[?*+]|\{\d[\d,]*\})\??/.exec(alternative.slice(end, end + 12))?.[0];
    if (letter === undefined) {
      close();
    } else if (quantifier === undefined) {
      run += letter;
    } else {
      // What may be missing is no part of it; what may come twice ends it.
      if (!/^(?:[?*]|\{0)/.test(quantifier)) run += letter;
      close();
    }
    end += quantifier?.length ?? 0;
  }
  close();
  return runs;
}

/** The letter that a part always stands for. */
function letterOf(part: string): string | undefined {
  if (part.length === 1) return /[.^$|]/.test(part) ? undefined : part;
  return part.length === 2 && /^\\[^a-zA-Z0-9]/.test(part) ? part[1] : undefined;
}

const ESCAPE = /^\\(?:x..|u\{[^}]*\}|u.{4}|[pP]\{[^}]*\}|k<[^>]*>|c.|.)/s;

/** Where the part at `at` ends: a letter, an escape, a class or a whole group. */
function endOfPart(source: string, at: number): number {
  if (source[at] === '\\') return at + (ESCAPE.exec(source.slice(at, at + 40))?.[0].length ?? 1);
  if (source[at] === '[') return endOfClass(source, at);
  if (source[at] !== '(') return at + 1;
  let depth = 0;
  for (let i = at; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '[') i = endOfClass(source, i) - 1;
    else if (source[i] === '(') depth++;
    else if (source[i] === ')' && --depth === 0) return i + 1;
  }
  return source.length;
}

function endOfClass(source: string, at: number): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === ']') return i + 1;
  }
  return source.length;
}

/** Whether a pattern can match somewhere in a text. @param lowered the text in lower case. */
export function mayMatch(literals: readonly string[] | undefined, lowered: string): boolean {
  return literals?.some((literal) => lowered.includes(literal)) ?? true;
}
