/** From lines to statements. What a line may say stands in `FORMS`, with an example of each. */
import { DrawingError } from './drawing-error.ts';
import { type Expression, isName, readExpression, Tokens } from './drawing-expressions.ts';
import type { DrawingLine } from './drawing-lines.ts';

/** A text with expressions in braces: `block{layer}`. */
export type Template = readonly (string | Expression)[];

export interface FrameTemplate {
  readonly name: Template;
  readonly file: Template;
  readonly line: Template;
}

/** Where something runs; what is absent stays as it is. */
export interface Place {
  readonly device?: Expression;
  readonly stream?: Expression;
  readonly pool?: Expression;
  readonly graph?: Expression;
}

/** One block, or all of a name. */
export interface Target {
  readonly name: string;
  readonly index?: Expression;
}

export type Statement = { readonly line: number } & (
  | { readonly kind: 'device'; readonly index: Expression; readonly capacity: Expression }
  | { readonly kind: 'settings'; readonly conf: string }
  | { readonly kind: 'seed' | 'max_entries' | 'wait'; readonly value: Expression }
  | { readonly kind: 'record' | 'empty_cache' | 'synchronize' }
  | {
      readonly kind: 'at';
      readonly frames: readonly FrameTemplate[];
      readonly block?: readonly Statement[];
    }
  | { readonly kind: 'on'; readonly place: Place; readonly block: readonly Statement[] }
  | {
      readonly kind: 'alloc';
      readonly target?: Target;
      readonly isMore: boolean;
      readonly size: Expression;
    }
  | { readonly kind: 'temp' | 'oom'; readonly size: Expression }
  | { readonly kind: 'free' | 'record_stream'; readonly target: Target }
  | { readonly kind: 'let'; readonly name: string; readonly value: Expression }
  | {
      readonly kind: 'for';
      readonly name?: string;
      readonly from: Expression;
      readonly to: Expression;
      readonly block: readonly Statement[];
    }
  | { readonly kind: 'if'; readonly condition: Expression; readonly block: readonly Statement[] }
  | { readonly kind: 'phase'; readonly name: Template; readonly block: readonly Statement[] }
);

/** What stands after the first word, and how it is written. */
interface Form {
  readonly example: string;
  /** Whether the line opens a block: it must, it must not, or it may. */
  readonly block: 'always' | 'never' | 'maybe';
  readonly read: (line: DrawingLine, rest: string, tokens: Tokens) => Statement;
}

const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  [
    'device',
    {
      example: 'device 0 80GiB',
      block: 'never',
      read: ({ number }, _, tokens) => ({
        kind: 'device',
        line: number,
        index: { kind: 'number', value: readWhole(tokens) },
        capacity: readExpression(tokens),
      }),
    },
  ],
  [
    'settings',
    {
      example: 'settings expandable_segments:True',
      block: 'never',
      read: ({ number }, rest, tokens) => {
        while (!tokens.isAtEnd) tokens.take();
        return { kind: 'settings', line: number, conf: rest };
      },
    },
  ],
  ['seed', valueForm('seed', 'seed 7')],
  ['max_entries', valueForm('max_entries', 'max_entries 1000')],
  ['wait', valueForm('wait', 'wait 5000')],
  ['record', plainForm('record')],
  ['empty_cache', plainForm('empty_cache')],
  ['synchronize', plainForm('synchronize')],
  [
    'at',
    {
      example: 'at train.py:12 in step > model.py:40 in forward',
      block: 'maybe',
      read: (line, rest, tokens) => {
        while (!tokens.isAtEnd) tokens.take();
        const frames = rest.split(' > ').map((frame) => readFrame(frame, line.number));
        return {
          kind: 'at',
          line: line.number,
          frames,
          ...(line.block !== undefined && { block: readStatements(line.block) }),
        };
      },
    },
  ],
  [
    'on',
    {
      example: 'on device 1 stream 7:',
      block: 'always',
      read: (line, _, tokens) => ({
        kind: 'on',
        line: line.number,
        place: readPlace(tokens),
        block: readStatements(line.block ?? []),
      }),
    },
  ],
  [
    'alloc',
    {
      example: 'alloc 4KiB',
      block: 'never',
      read: ({ number }, _, tokens) => ({
        kind: 'alloc',
        line: number,
        isMore: false,
        size: readExpression(tokens),
      }),
    },
  ],
  ['temp', sizeForm('temp', 'temp 64MiB')],
  ['oom', sizeForm('oom', 'oom 20GiB')],
  ['free', targetForm('free', 'free x')],
  ['record_stream', targetForm('record_stream', 'record_stream x')],
  [
    'let',
    {
      example: 'let hidden = 4096',
      block: 'never',
      read: ({ number }, _, tokens) => {
        const name = tokens.name();
        tokens.expect('=');
        return { kind: 'let', line: number, name, value: readExpression(tokens) };
      },
    },
  ],
  [
    'for',
    {
      example: 'for step in 1..10:',
      block: 'always',
      read: (line, _, tokens) => {
        const name = tokens.name();
        tokens.expect('in');
        const from = readExpression(tokens);
        tokens.expect('..');
        const to = readExpression(tokens);
        const block = readStatements(line.block ?? []);
        return { kind: 'for', line: line.number, name, from, to, block };
      },
    },
  ],
  [
    'repeat',
    {
      example: 'repeat 10:',
      block: 'always',
      read: (line, _, tokens) => ({
        kind: 'for',
        line: line.number,
        from: { kind: 'number', value: 1 },
        to: readExpression(tokens),
        block: readStatements(line.block ?? []),
      }),
    },
  ],
  [
    'if',
    {
      example: 'if step % 10 == 0:',
      block: 'always',
      read: (line, _, tokens) => ({
        kind: 'if',
        line: line.number,
        condition: readExpression(tokens),
        block: readStatements(line.block ?? []),
      }),
    },
  ],
  [
    'phase',
    {
      example: 'phase ProfilerStep#{step}:',
      block: 'always',
      read: (line, rest, tokens) => {
        while (!tokens.isAtEnd) tokens.take();
        return {
          kind: 'phase',
          line: line.number,
          name: readTemplate(rest, line.number),
          block: readStatements(line.block ?? []),
        };
      },
    },
  ],
]);

function valueForm(kind: 'seed' | 'max_entries' | 'wait', example: string): Form {
  return {
    example,
    block: 'never',
    read: ({ number }, _, tokens) => ({ kind, line: number, value: readExpression(tokens) }),
  };
}

function plainForm(kind: 'record' | 'empty_cache' | 'synchronize'): Form {
  return { example: kind, block: 'never', read: ({ number }) => ({ kind, line: number }) };
}

function sizeForm(kind: 'temp' | 'oom', example: string): Form {
  return {
    example,
    block: 'never',
    read: ({ number }, _, tokens) => ({ kind, line: number, size: readExpression(tokens) }),
  };
}

function targetForm(kind: 'free' | 'record_stream', example: string): Form {
  return {
    example,
    block: 'never',
    read: ({ number }, _, tokens) => ({ kind, line: number, target: readTarget(tokens) }),
  };
}

const ASSIGNMENT: Form = {
  example: 'x = alloc 1GiB',
  block: 'never',
  read: ({ number }, _, tokens) => {
    const target = readTarget(tokens);
    const isMore = target.index === undefined && tokens.accept('+=');
    if (!isMore) tokens.expect('=');
    tokens.expect('alloc');
    return { kind: 'alloc', line: number, target, isMore, size: readExpression(tokens) };
  },
};

/** @throws DrawingError */
export function readStatements(lines: readonly DrawingLine[]): readonly Statement[] {
  return lines.map(readStatement);
}

function readStatement(line: DrawingLine): Statement {
  const word = /^[^\s=+[]*/.exec(line.text)?.[0] ?? '';
  const rest = line.text.slice(word.length).trim();
  const isAssignment = /^(?:\[|\+=|=(?!=))/.test(rest) && isName(word);
  const form = isAssignment ? ASSIGNMENT : FORMS.get(word);
  if (form === undefined) {
    throw new DrawingError(line.number, 'statement', {
      word: word.slice(0, 60),
      words: [...FORMS.keys()].join(', '),
    });
  }
  const tokens = new Tokens(isAssignment ? line.text : rest, line.number, form.example);
  if (form.block === 'always' && line.block === undefined) {
    while (!tokens.isAtEnd) tokens.take();
    throw tokens.unexpected('":"');
  }
  const statement = form.read(line, rest, tokens);
  tokens.end();
  if (form.block === 'never' && line.block !== undefined) {
    throw new DrawingError(line.block[0]?.number ?? line.number, 'indent');
  }
  return statement;
}

function readWhole(tokens: Tokens): number {
  const token = tokens.next ?? '';
  if (!/^\d+$/.test(token)) throw tokens.unexpected('a whole number');
  tokens.take();
  return Number(token);
}

function readTarget(tokens: Tokens): Target {
  const name = tokens.name();
  if (!tokens.accept('[')) return { name };
  const index = readExpression(tokens);
  tokens.expect(']');
  return { name, index };
}

function readPlace(tokens: Tokens): Place {
  const place: { -readonly [K in keyof Place]: Place[K] } = {};
  do {
    const word = tokens.next;
    if (word !== 'device' && word !== 'stream' && word !== 'pool' && word !== 'graph') {
      throw tokens.unexpected('device, stream, pool or graph');
    }
    tokens.take();
    place[word] = readExpression(tokens);
  } while (!tokens.isAtEnd);
  return place;
}

/** `train.py:12 in forward`, `train.py:12`, or a name without a place: a frame of C++. */
function readFrame(text: string, number: number): FrameTemplate {
  const template = (part: string): Template => readTemplate(part, number);
  const cut = text.lastIndexOf(' in ');
  const place = (cut < 0 ? text : text.slice(0, cut)).trim();
  const name = cut < 0 ? '<module>' : text.slice(cut + 4).trim();
  const colon = place.lastIndexOf(':');
  const line = place.slice(colon + 1);
  const hasPlace = colon > 0 && /^(?:\d+|\{.*\})$/.test(line);
  if (cut < 0 && !hasPlace && place !== '') {
    return { name: template(place), file: ['??'], line: ['0'] };
  }
  if (!hasPlace || name === '') {
    throw new DrawingError(number, 'expected', {
      expected: 'FILE:LINE in NAME',
      found: text.slice(0, 60),
      example: FORMS.get('at')?.example ?? '',
    });
  }
  return { name: template(name), file: template(place.slice(0, colon)), line: template(line) };
}

function readTemplate(text: string, number: number): Template {
  const parts: (string | Expression)[] = [];
  let at = 0;
  for (let open = text.indexOf('{'); open >= 0; open = text.indexOf('{', at)) {
    const close = text.indexOf('}', open);
    if (close < 0) break;
    if (open > at) parts.push(text.slice(at, open));
    const tokens = new Tokens(text.slice(open + 1, close), number, 'block{layer}');
    parts.push(readExpression(tokens));
    tokens.end();
    at = close + 1;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}
