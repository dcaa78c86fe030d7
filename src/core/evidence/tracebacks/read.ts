/**
 * Reads every traceback in the lines of one lane: plain, boxed by rich, IPython and Jupyter, and
 * debugger style (innermost first). Lines are already undressed.
 */
import { type Line, unbox } from '../text/dress.ts';
import type { Frame, Traceback } from './frame.ts';

const HEADER = /Traceback \(most recent call (last|first)\)/;
const LINK_CAUSE = /^The above exception was the direct cause of the following exception:/;
const LINK_CONTEXT = /^During handling of the above exception, another exception occurred:/;

/** `File "x.py", line 12, in f`; the function may be missing where the report was cut. */
const PLAIN = /File ['"]([^'"\n]{1,400})['"], line (\d{1,7})(?:, in ?(.{0,200}))?$/;
/** The first frame of an excerpt that was cut within its path. */
const CUT_PATH = /^([^'"\n]{1,200}\.pyx?)['"], line (\d{1,7})(?:, in ?(.{0,200}))?$/;
/** Lines at the start of a text where a frame can be cut. */
const CUT_WITHIN = 3;
/** Some reports run the source line into the same line. */
const PLAIN_RUN_ON =
  /File ['"]([^'"\n]{1,400})['"], line (\d{1,7}), in (<?[\w.]{1,80}>?) {2,}(\S.*)$/;
/** `/path/file.py:143 in train`, the first line of a frame in a rich box. */
const RICH = /^(\S[^\n]{0,300}\.py|<[^>\n]{1,80}>):(\d{1,7}) in (\S{1,200})\s*$/;
const RICH_CODE = /^(?:❱|>)?\s*(\d{1,7})\s?[│|]\s?(.*)$/;
const RICH_HERE = /^\s*[❱>]\s*(\d{1,7})\s?[│|]?\s?(.*)$/;
/** IPython: `File ~/x.py:115, in f(a, b)`, `Cell In[2], line 7`, `/x/y.py in f(self)`. */
const IPYTHON = [
  /^File (\S[^\n]{0,300}?):(\d{1,7}), in (.{1,200}?)(?:\(.*)?$/,
  /^(?:Cell )?In(?:put In)? ?\[\d*\], (?:in (.{1,100}?), )?line (\d{1,7})(?:, in ([\w.<>]{1,100}))?/,
  /^Input In \[\d*\], in (.{1,100})$/,
  /^((?:<ipython-input-[^>]{1,80}>|[~/\\]\S{0,300}\.py|[A-Za-z]:\\\S{0,300}\.py|\S{1,300}\.pyx?)) in (<?[\w.]{1,100}[^\n]{0,200})$/,
] as const;
const ARROW = /^-+> ?(\d{1,7})\b ?(.*)$/;
const CARETS = /^(?=[\s~^]*[\^~]{2})[\s~^]*$/;
const EXCEPTION =
  /^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Killed|OutOfMemory))(?:: ?(.*))?$/;
const REPEATED = /^\s*\[Previous line repeated \d+ more times?\]/;
/** Numbered context lines around an arrow. */
const IPYTHON_CONTEXT = /^\s{0,8}\d{1,7}(?:\s|$)/;

/** A line that names a frame is not longer than this. */
const LONGEST_FRAME = 1000;
/** A traceback does not go on over more foreign lines than this. */
const PATIENCE = 2;
/** Frames kept of one traceback: recursion prints thousands. */
const MOST_FRAMES = 400;

type Style = 'plain' | 'rich' | 'ipython';

interface Draft {
  frames: Frame[];
  first: number;
  last: number;
  style: Style;
  headed: boolean;
  newestFirst: boolean;
  link?: 'cause' | 'context';
  exception?: { type: string; message: string; at: number };
}

/** Reads all tracebacks of one lane. Linear in the number of lines. */
export function readTracebacks(lines: readonly Line[]): Traceback[] {
  return new TracebackReader(lines).read();
}

class TracebackReader {
  private readonly lines: readonly Line[];
  private readonly found: Traceback[] = [];
  private draft: Draft | undefined;
  private foreign = 0;
  private link: 'cause' | 'context' | undefined;

  constructor(lines: readonly Line[]) {
    this.lines = lines;
  }

  read(): Traceback[] {
    for (let i = 0; i < this.lines.length; i++) i = this.step(i);
    this.finish();
    return this.found;
  }

  /** Reads the line at `i`; returns the index of the last line that it consumed. */
  private step(i: number): number {
    const raw = this.textAt(i);
    const text = unbox(raw).trim();
    if (text === '') return i;
    const header = HEADER.exec(text);
    if (header !== null) {
      // IPython prints the exception's name and the header on one line, and the message at the end.
      this.begin(i, /[╭─]/.test(raw) ? 'rich' : 'plain', true, header[1] === 'first');
      return i;
    }
    if (LINK_CAUSE.test(text) || LINK_CONTEXT.test(text)) {
      this.finish();
      this.link = LINK_CAUSE.test(text) ? 'cause' : 'context';
      return i;
    }
    const frame = this.frameAt(i, text);
    if (frame !== undefined) return frame;
    if (this.draft !== undefined) this.continueAt(i, text);
    return i;
  }

  private frameAt(i: number, text: string): number | undefined {
    if (text.length > LONGEST_FRAME) return undefined;
    const at = this.numberAt(i);
    const runOn = PLAIN_RUN_ON.exec(text);
    if (runOn !== null) {
      this.add(i, 'plain', frame(runOn[1], runOn[2], runOn[3], runOn[4], at));
      return i;
    }
    const isStart = i < CUT_WITHIN && this.draft === undefined && this.found.length === 0;
    const plain = PLAIN.exec(text) ?? (isStart ? CUT_PATH.exec(text) : null);
    if (plain !== null) {
      const [code, last] = this.codeAfter(i);
      this.add(i, 'plain', frame(plain[1], plain[2], plain[3]?.trim(), code, at));
      this.reach(last);
      return last;
    }
    const whole = RICH.exec(text);
    const rich = whole ?? this.wrappedRich(i, text);
    if (rich !== null) {
      const [code, last] = this.richCodeAfter(whole === null ? i + 1 : i);
      this.add(i, 'rich', frame(rich[1], rich[2], rich[3], code, at));
      this.reach(last);
      return last;
    }
    return this.ipythonAt(i, text, at);
  }

  /** rich breaks long paths at the box edge: "/very/long/" + "path.py:12 in f". */
  private wrappedRich(i: number, text: string): RegExpExecArray | null {
    const isBoxed = this.textAt(i).trim() !== text;
    if (!isBoxed || !/[\\/]/.test(text) || !/^\S+(?: in)?$/.test(text)) return null;
    const next = unbox(this.textAt(i + 1)).trim();
    return RICH.exec(text + next) ?? RICH.exec(`${text} ${next}`);
  }

  private ipythonAt(i: number, text: string, at: number): number | undefined {
    const file = IPYTHON[0].exec(text);
    const cell = file === null ? IPYTHON[1].exec(text) : null;
    const input = file === null && cell === null ? IPYTHON[2].exec(text) : null;
    const legacy = file === null && cell === null && input === null ? IPYTHON[3].exec(text) : null;
    if (file === null && cell === null && input === null && legacy === null) return undefined;
    const [arrow, last] = this.arrowAfter(i);
    // `x.py in f` alone is prose; only an arrow makes it a frame.
    if (legacy !== null && arrow === undefined) return undefined;
    const name = file?.[1] ?? legacy?.[1] ?? /\bIn(?:put In)? ?\[\d*\]/.exec(text)?.[0] ?? 'In[]';
    const line = file?.[2] ?? cell?.[2] ?? arrow?.line;
    const called = file?.[3] ?? cell?.[1] ?? cell?.[3] ?? input?.[1] ?? legacy?.[2] ?? '<cell>';
    this.add(i, 'ipython', frame(name, line, called.replace(/\(.*$/, '').trim(), arrow?.code, at));
    this.reach(last);
    return last;
  }

  /** The source line under a plain frame, and the index of the last line that belongs to it. */
  private codeAfter(i: number): [string | undefined, number] {
    const text = unbox(this.textAt(i + 1));
    const bare = text.trim();
    if (bare === '' || i + 1 >= this.lines.length || this.opensSomething(bare))
      return [undefined, i];
    let last = i + 1;
    // Python 3.13 shows several source lines, deeper than any message stands; carets can end them.
    for (let open = unclosed(bare); open > 0 && last - i < MOST_CODE_LINES; last++) {
      const next = unbox(this.textAt(last + 1));
      if (!/^ {4}/.test(next) || this.opensSomething(next.trim()) || CARETS.test(next)) break;
      open += unclosed(next);
    }
    if (CARETS.test(unbox(this.textAt(last + 1)))) last++;
    return [bare, last];
  }

  private opensSomething(text: string): boolean {
    if (text.length > LONGEST_FRAME) return false;
    return (
      PLAIN.test(text) ||
      PLAIN_RUN_ON.test(text) ||
      HEADER.test(text) ||
      EXCEPTION.test(text) ||
      REPEATED.test(text)
    );
  }

  private richCodeAfter(i: number): [string | undefined, number] {
    let code: string | undefined;
    let last = i;
    for (let k = i + 1; k < Math.min(this.lines.length, i + 60); k++) {
      const text = unbox(this.textAt(k));
      const here = RICH_HERE.exec(text);
      if (here !== null) code = here[2]?.replaceAll('│', ' ').trim();
      else if (text.trim() !== '' && !RICH_CODE.test(text.trim())) break;
      last = k;
    }
    return [code, last];
  }

  private arrowAfter(i: number): [{ line: string; code: string } | undefined, number] {
    let arrow: { line: string; code: string } | undefined;
    let last = i;
    for (let k = i + 1; k < Math.min(this.lines.length, i + 40); k++) {
      const text = this.textAt(k);
      const match = ARROW.exec(text.trim());
      if (match !== null && arrow === undefined) {
        arrow = { line: match[1] ?? '', code: (match[2] ?? '').trim() };
      } else if (match !== null || !(IPYTHON_CONTEXT.test(text) || text.startsWith('   '))) {
        break;
      }
      last = k;
    }
    return arrow === undefined ? [undefined, i] : [arrow, last];
  }

  /** A line inside a traceback that opens no frame. */
  private continueAt(i: number, text: string): void {
    const draft = this.draft;
    if (draft === undefined) return;
    const isInBox = draft.style === 'rich' && /^\s*[│┃╭╰]/.test(this.textAt(i));
    if (CARETS.test(text) || REPEATED.test(text) || isInBox) {
      draft.last = i;
      return;
    }
    const exception = EXCEPTION.exec(text);
    if (exception !== null) {
      draft.last = i;
      draft.exception = {
        type: exception[1] ?? '',
        message: (exception[2] ?? '').slice(0, 2000),
        at: this.numberAt(i),
      };
      this.finish();
      return;
    }
    this.foreign++;
    if (this.foreign > PATIENCE) this.finish();
  }

  private begin(i: number, style: Style, headed: boolean, newestFirst: boolean): void {
    this.finish();
    this.draft = {
      frames: [],
      first: i,
      last: i,
      style,
      headed,
      newestFirst,
      ...(this.link !== undefined && { link: this.link }),
    };
    this.link = undefined;
    this.foreign = 0;
  }

  private add(i: number, style: Style, next: Frame): void {
    if (this.draft === undefined) this.begin(i, style, false, false);
    const draft = this.draft;
    if (draft === undefined) return;
    if (draft.frames.length === 0) draft.style = style;
    if (draft.frames.length < MOST_FRAMES) draft.frames.push(next);
    draft.last = i;
    this.foreign = 0;
  }

  private reach(last: number): void {
    if (this.draft !== undefined) this.draft.last = Math.max(this.draft.last, last);
  }

  private finish(): void {
    const draft = this.draft;
    this.draft = undefined;
    this.foreign = 0;
    if (draft === undefined || (draft.frames.length === 0 && draft.exception === undefined)) return;
    const reversed = draft.newestFirst || (!draft.headed && isInnermostFirst(draft.frames));
    this.found.push({
      frames: reversed ? draft.frames.toReversed() : draft.frames,
      first: draft.first,
      last: draft.last,
      ...(draft.link !== undefined && { link: draft.link }),
      ...(draft.exception !== undefined && { exception: draft.exception }),
    });
  }

  private textAt(i: number): string {
    return this.lines[i]?.text ?? '';
  }

  private numberAt(i: number): number {
    return this.lines[i]?.number ?? 0;
  }
}

function frame(
  file = '',
  line: string | undefined,
  name: string | undefined,
  code: string | undefined,
  at: number,
): Frame {
  const called = name === undefined || name === '' ? undefined : name;
  return {
    file: file.trim(),
    at,
    ...(line !== undefined && { line: Number(line) }),
    ...(called !== undefined && { function: called }),
    ...(code !== undefined && code !== '' && { code: code.slice(0, 300) }),
  };
}

/** Source lines of one statement that a traceback shows at most. */
const MOST_CODE_LINES = 12;

/** Brackets that a line opens and does not close, without those in its strings. */
function unclosed(code: string): number {
  const bare = code.replace(/"[^"]*"|'[^']*'/g, '');
  return (bare.match(/[([{]/g)?.length ?? 0) - (bare.match(/[)\]}]/g)?.length ?? 0);
}

const CALLERS = /^(?:<module>|<cell line: \d+>|main|_run_module_as_main|wrapper)$/;
const CALLEES = /[\\/]torch[\\/](?:nn|_tensor|autograd|optim|functional)/;

/**
 * Debuggers print the innermost frame first and no header. The ends tell: <module> calls and is not
 * called, PyTorch's own modules are called, and the shown source line of a caller names its callee.
 */
function isInnermostFirst(frames: readonly Frame[]): boolean {
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined || frames.length < 2) return false;
  const isCaller = (f: Frame): boolean => CALLERS.test(f.function ?? '');
  if (isCaller(last) !== isCaller(first)) return isCaller(last);
  let forwards = 0;
  let backwards = 0;
  for (let i = 1; i < frames.length; i++) {
    const a = frames[i - 1];
    const b = frames[i];
    if (a === undefined || b === undefined) continue;
    if (calls(a, b)) forwards++;
    if (calls(b, a)) backwards++;
  }
  if (forwards !== backwards) return backwards > forwards;
  return CALLEES.test(first.file) && !CALLEES.test(last.file);
}

/** True when the source line of `caller` names the function that `callee` stands in. */
function calls(caller: Frame, callee: Frame): boolean {
  const name = callee.function?.split('.').at(-1);
  if (name === undefined || caller.code === undefined || name.length < 3) return false;
  if (caller.function === callee.function && caller.file === callee.file) return false;
  const at = caller.code.indexOf(name);
  return at >= 0 && /^\s*\(/.test(caller.code.slice(at + name.length));
}
