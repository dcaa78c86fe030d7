/** Unknown is a value with a reason, never 0. */
import type { Statement } from './texts.ts';

export interface Unknown {
  readonly unknown: Statement;
  /** The remainder that bounds it from above, in bytes, where one is known. */
  readonly at_most?: number;
}

/** Makes an unknown. @param why what is missing, for people. @param atMost upper bound in bytes. */
export function unknown(why: Statement, atMost?: number): Unknown {
  return atMost === undefined ? { unknown: why } : { unknown: why, at_most: atMost };
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && 'unknown' in value;
}
