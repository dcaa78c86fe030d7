/**
 * Reads fields of a config that anybody may have written. A field that is missing or no number is noted
 * as a fault and read as 1, so that a reader goes on and all faults are told at once.
 */

/** What is wrong with a field. */
export interface FieldFault {
  /** With the names of the objects around it: `text_config.hidden_size`. */
  readonly field: string;
  readonly fault: 'missing' | 'type' | 'range';
}

type Plain = Readonly<Record<string, unknown>>;

/** Largest dimension. What models have at most, vocabularies, is 2^20. */
const MAX_DIMENSION = 2 ** 26;

export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class Fields {
  readonly #json: Plain;
  readonly #defaults: Plain;
  readonly #path: string;
  readonly faults: FieldFault[];

  /** @param defaults what the class of this model type has where the config says nothing. */
  constructor(json: Plain, defaults: Plain = {}, faults: FieldFault[] = [], path: string = '') {
    this.#json = json;
    this.#defaults = defaults;
    this.#path = path;
    this.faults = faults;
  }

  /** The value as it stands. Null is nothing, and hides what the class has by default. */
  get(...names: readonly string[]): unknown {
    const own = firstOf(this.#json, names);
    if (own !== undefined) return own ?? undefined;
    return firstOf(this.#defaults, names) ?? undefined;
  }

  /** Whether the config itself says it: not as null, and not by default. */
  says(name: string): boolean {
    return Object.hasOwn(this.#json, name) && this.#json[name] !== null;
  }

  /** A dimension or count, at least 1. Further names are older spellings. */
  count(...names: readonly string[]): number {
    const value = this.maybeCount(...names);
    if (value !== undefined) return value;
    return this.#fault(names, 'missing');
  }

  /** A count that may be 0. */
  countOrZero(...names: readonly string[]): number | undefined {
    return this.get(...names) === 0 ? 0 : this.maybeCount(...names);
  }

  maybeCount(...names: readonly string[]): number | undefined {
    const value = this.get(...names);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) return this.#fault(names, 'type');
    return value < 1 || value > MAX_DIMENSION ? this.#fault(names, 'range') : value;
  }

  /** A number that need not be whole. */
  number(name: string, otherwise: number): number {
    const value = this.get(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.get(name);
    return typeof value === 'boolean' ? value : otherwise;
  }

  text(...names: readonly string[]): string | undefined {
    const value = this.get(...names);
    return typeof value === 'string' ? value : undefined;
  }

  list(...names: readonly string[]): readonly unknown[] | undefined {
    const value = this.get(...names);
    return Array.isArray(value) ? value : undefined;
  }

  /** Whole numbers of a list, or the one number for each of `length`. */
  counts(name: string, length: number): readonly number[] {
    const value = this.get(name);
    if (typeof value === 'number') return new Array(length).fill(this.count(name));
    const list = this.list(name);
    if (list === undefined || list.length !== length || !list.every(isDimension)) {
      this.#fault([name], list === undefined ? 'missing' : 'type');
      return new Array(length).fill(1);
    }
    return list;
  }

  has(name: string): boolean {
    return isPlain(this.get(name));
  }

  /** The object below a name. @param defaultsOf class defaults by the model type that it gives. */
  inside(name: string, defaultsOf: (type: string | undefined) => Plain = () => ({})): Fields {
    const value = this.get(name);
    const json = isPlain(value) ? value : {};
    const type = typeof json['model_type'] === 'string' ? json['model_type'] : undefined;
    return new Fields(json, defaultsOf(type), this.faults, `${this.#path}${name}.`);
  }

  #fault(names: readonly string[], fault: FieldFault['fault']): number {
    this.faults.push({ field: `${this.#path}${names[0] ?? ''}`, fault });
    return 1;
  }
}

/** The first value under one of the names; null where there is none but a null. */
function firstOf(source: Plain, names: readonly string[]): unknown {
  const present = names.filter((name) => Object.hasOwn(source, name) && source[name] !== undefined);
  const name = present.find((one) => source[one] !== null);
  return name === undefined ? (present.length > 0 ? null : undefined) : source[name];
}

const isDimension = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_DIMENSION;
