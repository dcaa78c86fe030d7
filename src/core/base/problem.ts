/**
 * What could not be read, and what a reader should know. Both are data: a stable code, statements
 * for people, and where it is in the input.
 */
import type { Statement } from './texts.ts';

/**
 * A place in the input: the source as the user named it, and the line, counted from 1, or the event of
 * a recording, counted from 0.
 */
export interface Place {
  readonly source: string;
  readonly line?: number;
  readonly event?: number;
}

/** Something of the user's could not be read. Says what, why, and what to do. */
export interface Problem {
  readonly code: string;
  readonly what: Statement;
  readonly why: Statement;
  readonly todo: Statement;
  readonly at?: Place;
}

/** Something worth knowing that is no failure to read. */
export interface Note {
  readonly code: string;
  readonly text: Statement;
  readonly at?: Place;
}
