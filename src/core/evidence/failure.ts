/** A failure as the evidence shows it: the reading of a message with what stands around it. */
import type { Place } from '../base/problem.ts';
import type { ToldTopic } from './account.ts';
import type { Assignment, PrintedVersion } from './assignments.ts';
import type { ModelSize } from './model-size.ts';
import type { PhaseReading } from './phase-of.ts';
import type { Reading } from './reader.ts';
import type { Signs } from './signs.ts';
import type { Frame } from './tracebacks/frame.ts';

export interface Failure {
  /** The reader's id: the format. */
  readonly format: string;
  readonly reading: Reading;
  readonly where: Place & { readonly rank?: number; readonly pid?: number };
  /** Which of several messages on its line it is, from 0. */
  readonly ordinal: number;
  /** The words in front of the message on its line, digits left out: what a loop repeats. */
  readonly lead: string;
  /** Time stamp in front of the line, or of the nearest one above it. */
  readonly time?: string;
  /** Frames of its traceback, outermost first; empty when the text shows none. */
  readonly frames: readonly Frame[];
  /** Frameworks that frames and lines around the message show, the nearest to the user first. */
  readonly frameworks: readonly string[];
  /** The user's own deepest frame. */
  readonly own?: Frame;
  readonly phase: PhaseReading;
  /** Another exception that was raised after it in the same lane: the failure was swallowed. */
  readonly followedBy?: { readonly type: string; readonly line: number };
  /** What frames and lines around it show of the work that was being done. */
  readonly signs: Signs;
  /** What the report speaks of in words, where the message has no figures and no traceback. */
  readonly topics: readonly ToldTopic[];
  /** Settings that the lines around it print, in order. */
  readonly assignments: readonly Assignment[];
  /** How large the model is, where the lines around it tell. */
  readonly modelSize?: ModelSize;
  /** The furthest step of a loop that a progress bar above it shows. */
  readonly step?: number;
  /** Versions of packages that the lines around it print. */
  readonly printedVersions: readonly PrintedVersion[];
  /** The message's words say that the job is distributed (ranks, NCCL, FSDP, DeepSpeed frames). */
  readonly distributed: boolean;
}
