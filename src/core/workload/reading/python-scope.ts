/** What names of a script stand for, as far as it says so itself or a command line does. */
import { plainKey } from '../dialect.ts';
import { type Gathering, RANKS, type Rank } from './gathering.ts';
import type { PyAssignment, PyCall, PythonReading, PyValue } from './python.ts';

/** A value with the place that decides it. */
export interface Resolved {
  readonly value: string | number | boolean | null;
  /** Where it is written, when that is not where it is used. */
  readonly source?: string;
  readonly rank: Rank;
}

const DEEPEST = 12;

/** The call that made a tensor, without what moves or converts it. */
function inner(call: PyCall | undefined): PyCall | undefined {
  let now = call;
  while (
    now?.on !== undefined &&
    /\.(?:to|cuda|cpu|long|int|half|float|contiguous)$/.test(now.path)
  )
    now = now.on;
  return now;
}

export class PythonScope {
  private readonly values = new Map<string, PyAssignment[]>();
  /** Defaults of options that the script declares. */
  private readonly options = new Map<string, { readonly value: PyValue; readonly line: number }>();
  private readonly gathering: Gathering;
  private readonly sourceAt: (line: number) => string;

  constructor(
    { calls, assignments }: PythonReading,
    gathering: Gathering,
    sourceAt: (line: number) => string,
  ) {
    this.gathering = gathering;
    this.sourceAt = sourceAt;
    for (const assignment of assignments) {
      const list = this.values.get(assignment.target) ?? [];
      list.push(assignment);
      this.values.set(assignment.target, list);
    }
    for (const call of calls) if (call.path.endsWith('.add_argument')) this.declare(call);
  }

  /** `parser.add_argument("-b", "--batch-size", type=int, default=8)`. */
  private declare({ args, line }: PyCall): void {
    const names = args.flatMap(({ name, value }) =>
      name === undefined && value.kind === 'literal' && typeof value.value === 'string'
        ? [value.value]
        : [],
    );
    const long = names.find((name) => name.startsWith('--')) ?? names[0];
    if (long === undefined) return;
    const action = args.find(({ name }) => name === 'action')?.value;
    const isSwitch = action?.kind === 'literal' && action.value === 'store_true';
    const given = args.find(({ name }) => name === 'default')?.value;
    const value: PyValue = given ?? { kind: 'literal', value: isSwitch ? false : null };
    this.options.set(plainKey(long), { value, line });
  }

  /** The literal that a value comes to; undefined where only a run would know. */
  resolve(value: PyValue, at: number, depth: number = 0): Resolved | undefined {
    if (depth > DEEPEST) return undefined;
    const rank = RANKS.script;
    switch (value.kind) {
      case 'literal':
        return { value: value.value, rank };
      case 'list': {
        const items = value.items.map((item) => this.resolve(item, at, depth + 1)?.value);
        const isWhole = items.every((item) => item !== undefined && item !== null);
        return isWhole ? { value: items.join(','), rank } : undefined;
      }
      case 'name':
        return this.named(value.path, at, depth);
      case 'item':
        return this.item(value.of, value.key, at, depth);
      case 'not': {
        const inner = this.resolve(value.of, at, depth + 1);
        return typeof inner?.value === 'boolean' ? { ...inner, value: !inner.value } : undefined;
      }
      case 'sum':
        return this.sum(value.mark, value.left, value.right, at, depth);
      case 'call':
        return this.called(value.call, at, depth);
      default:
        return undefined;
    }
  }

  /** The dict that a value comes to. */
  dictOf(value: PyValue | undefined, at: number, depth: number = 0): PyDict | undefined {
    if (value === undefined || depth > DEEPEST) return undefined;
    if (value.kind === 'dict') return value;
    if (value.kind === 'name')
      return this.dictOf(this.assigned(value.path, at)?.value, at, depth + 1);
    if (value.kind === 'call' && value.call.path === 'dict') {
      const pairs = value.call.args.map(
        ({ name = '', value: each, line }) => [name, each, line] as const,
      );
      return { kind: 'dict', pairs };
    }
    return undefined;
  }

  /** The sizes that a new tensor is made with: `torch.randn(8, 3, 224, 224)`, `torch.randint(0, v, (8, 2048))`. */
  shapeOf(value: PyValue | undefined, at: number): readonly number[] | undefined {
    const call = inner(this.callOf(value, at));
    const made = /(?:^|\.)torch\.(randn|rand|zeros|ones|empty|full|randint)$/.exec(
      call?.path ?? '',
    );
    if (call === undefined || made === null) return undefined;
    const plain = call.args.filter(({ name }) => name === undefined).map((one) => one.value);
    const named = call.args.find(({ name }) => name === 'size')?.value;
    const list = named ?? plain.find(({ kind }) => kind === 'list');
    const items = list?.kind === 'list' ? list.items : made[1] === 'randint' ? [] : plain;
    const sizes = items.map((item) => this.resolve(item, at)?.value);
    return sizes.length > 0 && sizes.every((size): size is number => typeof size === 'number')
      ? sizes
      : undefined;
  }

  /** How many items a list has: `["a", "b"]`, `["a"] * 8`, the first so many of one, or a name that was given one. */
  countOf(value: PyValue | undefined, at: number, depth: number = 0): number | undefined {
    if (value === undefined || depth > DEEPEST) return undefined;
    if (value.kind === 'list') return value.items.length;
    if (value.kind === 'slice') {
      const all = this.countOf(value.of, at, depth + 1);
      const count = this.resolve(value.count, at, depth + 1)?.value;
      if (typeof count !== 'number' || count < 1) return all;
      return Math.min(count, all ?? count);
    }
    if (value.kind === 'name') {
      const given = this.assigned(value.path, at);
      return given && this.countOf(given.value, given.at, depth + 1);
    }
    if (value.kind !== 'sum' || value.mark !== '*') return undefined;
    const [left, right] = [value.left, value.right].map((one) => ({
      count: this.countOf(one, at, depth + 1),
      times: this.resolve(one, at, depth + 1)?.value,
    }));
    const [count, times] =
      left?.count === undefined ? [right?.count, left?.times] : [left.count, right?.times];
    return count !== undefined && typeof times === 'number' && times >= 1
      ? count * Math.floor(times)
      : undefined;
  }

  /** The call that a value is, or that a name was given. */
  callOf(value: PyValue | undefined, at: number): PyCall | undefined {
    if (value?.kind === 'call') return value.call;
    if (value?.kind !== 'name') return undefined;
    const given = this.assigned(value.path, at)?.value;
    return given?.kind === 'call' ? given.call : undefined;
  }

  /** The last assignment before a place, else the first behind it. */
  private assigned(target: string, at: number): PyAssignment | undefined {
    const list = this.values.get(target) ?? [];
    return list.findLast((one) => one.at < at) ?? list[0];
  }

  private named(path: string, at: number, depth: number): Resolved | undefined {
    const own = this.assigned(path, at);
    if (own !== undefined && own.value.kind !== 'call') return this.through(own, depth);
    const [root = '', ...rest] = path.split('.');
    const last = rest.at(-1);
    if (last === undefined) {
      return own?.value.kind === 'call' ? this.resolve(own.value, own.at, depth + 1) : undefined;
    }
    // A constant of a library: torch.bfloat16, ShardingStrategy.FULL_SHARD.
    if (/^[A-Z]|^(?:torch|jnp|jax|np)$/.test(root)) return { value: path, rank: RANKS.script };
    return this.option(last, at, depth) ?? this.field(root, last, at, depth);
  }

  private through(assignment: PyAssignment, depth: number): Resolved | undefined {
    const found = this.resolve(assignment.value, assignment.at, depth + 1);
    return found === undefined
      ? undefined
      : { ...found, source: found.source ?? this.sourceAt(assignment.line) };
  }

  /** `args.NAME`: what the command line gives, else the default that the script declares. */
  private option(name: string, at: number, depth: number): Resolved | undefined {
    const flag = this.gathering.flags.get(plainKey(name));
    if (flag !== undefined) {
      return { value: typed(flag.value), source: flag.source, rank: RANKS.command };
    }
    const declared = this.options.get(plainKey(name));
    if (declared === undefined) return undefined;
    const found = this.resolve(declared.value, at, depth + 1);
    return found && { ...found, source: found.source ?? this.sourceAt(declared.line) };
  }

  /** A field of what a call gave (`cfg = Config(batch_size=4)`), or of a class that has it as a default. */
  private field(root: string, name: string, at: number, depth: number): Resolved | undefined {
    const made = this.assigned(root, at)?.value;
    const argument =
      made?.kind === 'call' ? made.call.args.find((one) => one.name === name) : undefined;
    if (argument !== undefined) {
      const found = this.resolve(argument.value, at, depth + 1);
      return found && { ...found, source: found.source ?? this.sourceAt(argument.line) };
    }
    const ofClass = this.assigned(name, at);
    return ofClass === undefined ? undefined : this.through(ofClass, depth);
  }

  private item(of: PyValue, key: string, at: number, depth: number): Resolved | undefined {
    const pair = this.dictOf(of, at)?.pairs.findLast(([name]) => name === key);
    if (pair === undefined) return undefined;
    const found = this.resolve(pair[1], at, depth + 1);
    return found && { ...found, source: found.source ?? this.sourceAt(pair[2]) };
  }

  private sum(
    mark: string,
    left: PyValue,
    right: PyValue,
    at: number,
    depth: number,
  ): Resolved | undefined {
    const a = this.resolve(left, at, depth + 1);
    if (mark === 'or' && a?.value !== undefined && a.value !== null && a.value !== '') return a;
    const b = this.resolve(right, at, depth + 1);
    if (mark === 'or') return b;
    if (typeof a?.value !== 'number' || typeof b?.value !== 'number') return undefined;
    const value = computed(mark, a.value, b.value);
    return value === undefined ? undefined : { value, rank: a.rank > b.rank ? a.rank : b.rank };
  }

  private called({ path, args }: PyCall, at: number, depth: number): Resolved | undefined {
    const name = path.split('.').at(-1) ?? '';
    // On every card since Ampere it is; a machine is asked elsewhere.
    if (/^is_(?:bf16|bfloat16)_(?:supported|available)$|^is_torch_bf16_gpu_available$/.test(name)) {
      return { value: true, rank: RANKS.script };
    }
    const [first, second] = args;
    if (/^(?:int|float|str|bool|field|Field|getattr)$/.test(name)) {
      const given =
        args.find((one) => one.name === 'default') ?? (name === 'getattr' ? second : first);
      return given === undefined ? undefined : this.resolve(given.value, at, depth + 1);
    }
    // os.environ.get("NAME", fallback), config.get("key", fallback).
    if (name === 'get' || name === 'getenv') {
      const fallback = second ?? args.find((one) => one.name === 'default');
      return fallback === undefined ? undefined : this.resolve(fallback.value, at, depth + 1);
    }
    return undefined;
  }
}

/** A word of a command line as its parser would give it. */
function typed(word: string): string | number | boolean {
  if (/^(?:true|false)$/i.test(word)) return word.toLowerCase() === 'true';
  const number = Number(word);
  return word.trim() !== '' && Number.isFinite(number) ? number : word;
}

type PyDict = Extract<PyValue, { readonly kind: 'dict' }>;

function computed(mark: string, a: number, b: number): number | undefined {
  const value = new Map<string, number>([
    ['+', a + b],
    ['-', a - b],
    ['*', a * b],
    ['/', a / b],
    ['//', Math.floor(a / b)],
    ['%', a % b],
    ['**', a ** b],
  ]).get(mark);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
