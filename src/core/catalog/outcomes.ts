/**
 * What people reported of public failures: what was the cause, what helped, what was tried in vain.
 * Read in issue threads and labelled by hand; links and labels only, no texts.
 */

export interface Outcome {
  /** owner/repository#number of the thread. */
  readonly thread: string;
  /** Ids of causes or remedies (diagnosis/causes, remedies/measures). */
  readonly cause?: string;
  /** confirmed: somebody says that it worked. advice: a maintainer's word. */
  readonly helped: readonly string[];
  readonly in_vain: readonly string[];
}

export const OUTCOMES: readonly Outcome[] = [];
