/** Frames of Python tracebacks, whatever printed them. */

export interface Frame {
  readonly file: string;
  readonly line?: number;
  readonly function?: string;
  /** The source line that the traceback shows, trimmed. */
  readonly code?: string;
  /** Line number in the evidence. */
  readonly at: number;
}

/** A run of frames that belong together, outermost first, and the exception that ends it. */
export interface Traceback {
  readonly frames: readonly Frame[];
  readonly exception?: { readonly type: string; readonly message: string; readonly at: number };
  /** Index of its first and last line among the lines it was read from. */
  readonly first: number;
  readonly last: number;
  /** How it follows the one before: "cause" (raise … from …), "context" (while handling). */
  readonly link?: 'cause' | 'context';
}

const LIBRARY =
  /[\\/](?:site|dist)-packages[\\/]|[\\/]lib(?:64)?[\\/]python\d|[\\/]Lib[\\/](?:site-packages|[a-z_]+\.py$|[a-z]+[\\/][a-z_]+\.py$)|[\\/]torchinductor_|[\\/](?:mini|ana)conda\d?[\\/](?:envs[\\/][^\\/]+[\\/])?lib[\\/]|^<frozen |\.egg[\\/]|^(?:torch|transformers|accelerate|deepspeed)[\\/]/;

/** True for a frame in the user's own code rather than in an installed package. */
export function isOwn(frame: Frame): boolean {
  return !LIBRARY.test(frame.file) && !/^<(?!stdin|ipython|string)/.test(frame.file);
}

/** The user's own deepest frame. */
export function ownDeepest(frames: readonly Frame[]): Frame | undefined {
  return frames.findLast(isOwn);
}
