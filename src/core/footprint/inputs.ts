/** The numbers that stand for the symbols of a term's formula in one scene. */
import type { FactorValues } from '../base/factor.ts';
import type { PredictedAtom } from './footprint.ts';
import type { Scene } from './term.ts';

export interface Input {
  readonly value: number;
  readonly unit: 'bytes' | 'count' | 'ratio';
}

/** By symbol: a name of the formula, or a part of it that is one figure (`rehearsal(layers)`). */
export type Inputs = Readonly<Record<string, Input>>;

export const bytes = (value: number): Input => ({ value, unit: 'bytes' });
export const count = (value: number): Input => ({ value, unit: 'count' });
export const ratio = (value: number): Input => ({ value, unit: 'ratio' });

/** A formula as it is in a scene, with its numbers: factors at their mids. */
export interface Worked {
  readonly formula: string;
  readonly inputs: Inputs;
}

const MIDS: FactorValues = new Map();

export function workedOf({ term, bytes: value }: PredictedAtom, scene: Scene): Worked {
  const factors = value.factors.map(({ name, mid, unit }) => [name, { value: mid, unit }] as const);
  const own = scene.worked?.get(term.id);
  return {
    formula: own?.formula ?? term.formulaAt?.(scene) ?? term.formula,
    inputs: {
      ...Object.fromEntries(factors),
      ...(own?.inputs ?? term.inputs?.(scene, value.at(MIDS))),
    },
  };
}

/** A piece of a formula: a symbol that has a number, or what stands between two of them. */
export interface Piece {
  readonly text: string;
  readonly input?: Input;
}

const isWordPart = (char: string | undefined): boolean => char !== undefined && /[\w]/.test(char);

/** The formula in its order; of symbols that begin alike the longest is taken. */
export function piecesOf({ formula, inputs }: Worked): readonly Piece[] {
  const names = Object.keys(inputs).sort((a, b) => b.length - a.length);
  const pieces: Piece[] = [];
  let at = 0;
  let plain = '';
  while (at < formula.length) {
    const name = isWordPart(formula[at - 1])
      ? undefined
      : names.find((one) => formula.startsWith(one, at) && !isWordPart(formula[at + one.length]));
    if (name === undefined) {
      plain += formula[at];
      at += 1;
      continue;
    }
    if (plain !== '') pieces.push({ text: plain });
    plain = '';
    pieces.push({ text: name, input: inputs[name] as Input });
    at += name.length;
  }
  if (plain !== '') pieces.push({ text: plain });
  return pieces;
}
