/** How a text ends: in an exception, within a traceback, or in the middle of work without a word. */
import type { Phase } from '../base/phase.ts';
import type { Place } from '../base/problem.ts';
import { COMPUTES, LOADING } from './computing.ts';
import { phaseOfFrames } from './phase-of.ts';
import { type Signs, signsOfFrames, signsOfLines } from './signs.ts';
import type { Line } from './text/dress.ts';
import type { Frame } from './tracebacks/frame.ts';
import { readTracebacks } from './tracebacks/read.ts';

export interface LastError {
  readonly type: string;
  readonly message: string;
  readonly at: Place;
}

/** A traceback that ends before the line that says what failed. */
export interface BrokenOff {
  readonly phase: Phase;
  /** What its frames show of the work that was being done. */
  readonly signs: Signs;
  readonly at: Place;
  /** The frame that the traceback ends in. */
  readonly innermost?: Frame;
  /** It is no traceback that the text ends in, but the bar of a load, the mark of an interrupt, or work that was begun. */
  readonly ends?: 'loading' | 'interrupt' | 'running';
  /** Something in the text speaks of a device, of data or of a framework that computes. */
  readonly computes?: boolean;
}

/** The last exception of a text whose words are there. */
export function lastErrorOf(lines: readonly Line[], source: string): LastError | undefined {
  const last = readTracebacks(lines).findLast(
    ({ exception }) => exception !== undefined && !isCutOff(exception),
  )?.exception;
  if (last === undefined) return undefined;
  return { type: last.type, message: last.message.slice(0, 300), at: { source, line: last.at } };
}

/** A statement that calls something. */
const STATEMENT =
  /^\s*(?:return |[\w.,[\] ]{1,80} [-+*/@]?= )?.{0,200}[\w\])]\(.{0,300}[)\]\w,(]\s*$/;
const MOST_STATEMENTS = 3;

/** A report that is cut down to the line of code that failed. */
function codeAlone(lines: readonly Line[], source: string): BrokenOff | undefined {
  const said = lines.filter(({ text }) => text.trim() !== '');
  if (said.length > MOST_STATEMENTS) return undefined;
  const isCode = said.every(({ text }) => STATEMENT.test(text) && /[=.]/.test(text));
  const last = said.at(-1);
  if (last === undefined || !isCode) return undefined;
  const frames = said.map(({ text, number }) => ({ file: '', code: text.trim(), at: number }));
  const signs = signsOfFrames(frames);
  const phase = phaseOfFrames(frames)?.value ?? 'unknown';
  return phase === 'unknown' && signs.size === 0
    ? undefined
    : { phase, signs, at: { source, line: last.number } };
}

/** Nobody raises this without a word: where it stands alone, the rest of its line was cut. */
const CUT_EXCEPTION = /^(?:\w+\.)*(?:RuntimeError|OutOfMemoryError|AcceleratorError)$/;

const isCutOff = ({ type, message }: { readonly type: string; readonly message: string }) =>
  /^(?:(?:cuda runtime error|cuda error|cud?a?)?:?$|The following operation failed in the TorchScript interpreter)/i.test(
    message.trim(),
  ) && CUT_EXCEPTION.test(type);

/** Names of exceptions that a cut can leave a piece of. */
const EXCEPTION_NAMES = [
  'RuntimeError',
  'torch.OutOfMemoryError',
  'torch.cuda.OutOfMemoryError',
  'torch.AcceleratorError',
  'MemoryError',
  'tensorflow.python.framework.errors_impl.ResourceExhaustedError',
  'jaxlib.xla_extension.XlaRuntimeError',
] as const;
/** Fewer letters can be anything. */
const LEAST_OF_NAME = 3;
/** The head of a frame's line, cut anywhere before its end. */
const CUT_FRAME =
  /(?:^|^\[.{1,80}\] )File ["'][^"']{0,400}(?:["'](?:, ?(?:line ?\d{0,7}(?:, ?i?n? ?)?)?)?)?$/;

/** The very last line of a text that was cut within it: a frame, or the name of the exception. */
const isPieceOfTraceback = (text: string): boolean =>
  CUT_FRAME.test(text) ||
  (text.length >= LEAST_OF_NAME && EXCEPTION_NAMES.some((name) => name.startsWith(text)));

/** Bars of weights that are read, with what is done of them. */
const LOADING_BAR =
  /\b(?:Loading (?:(?:safetensors |pt )?checkpoint shards|(?:model )?weights|pipeline components|model))\b.{0,60}?\b(\d{1,2})%\|/;

/** What loaders of models in ggml's formats print before the first word is made of them. */
const LOADS =
  /^(?:llama_model_load(?:er|_internal)?|llm_load_\w{3,20}|load_tensors|print_info|gptj_model_load|whisper_model_load|system_info|clip_model_load)\b/;
const MADE =
  /\b(?:eval time|llama_print_timings|generate: n_ctx|slot (?:launch|update)_|HTTP server)\b/i;

/** A log that ends where a model is read, in which somebody else tells of an error. */
function loadedLast(lines: readonly Line[], source: string): BrokenOff | undefined {
  const last = lines.findLast(({ text }) => text.trim() !== '');
  if (last === undefined || !LOADS.test(last.text)) return undefined;
  const end = lines.slice(-LOOKED_THROUGH);
  const isTold = end.some(({ text }) =>
    /\berror (?:has )?occurred\b|\bhas (?:exited|crashed|died)\b/i.test(text),
  );
  if (!isTold || end.some(({ text }) => MADE.test(text))) return undefined;
  return { phase: 'load', signs: new Map(), at: { source, line: last.number }, ends: 'loading' };
}

/** A text that ends while weights are read, or in "^C": the process was gone without a word of its own. */
function endOf(line: Line | undefined, source: string): BrokenOff | undefined {
  if (line === undefined) return undefined;
  const at = { source, line: line.number };
  if (/^\s*\^C\s*$/.test(line.text)) {
    return { phase: 'unknown', signs: new Map(), at, ends: 'interrupt' };
  }
  return LOADING_BAR.test(line.text.slice(-600))
    ? { phase: 'load', signs: new Map(), at, ends: 'loading' }
    : undefined;
}

/** Work that a last line tells of as begun and not as done. */
const UNDER_WAY =
  /\b(?:starting|start|loading|running (?!on\b)|building|creating|initiali[sz]ing|preparing|reading|processing|training (?:on|for|the|with|model|epoch)|generating|computing|caching|making|begin(?:ning)?|working|imagining|filling|extracting|importing|writing|tokeni[sz]ing)\b(?!.{0,80}\b(?:took|complete[d]?|done|finished|success\w*|seconds|minutes)\b)|\.\.\.\s*$|\b\d{1,2}%\||\bEpoch \d+\/\d+\s*$/i;
/** Whatever tells of an error, in the languages of systems. */
const ERROR =
  /\w(?:Error|Exception)\b|\b(?:error|fail\w*|abort\w*|assert\w*|fatal|cannot|can['’]t|could ?n['o]t|invalid|unable|denied|timed? ?out|illegal|segmentation|core dumped|panic|traceback|killed|terminat\w+|exit(?:ed|ing))\b|错误|失败|异常|ошибк|сбо[йя]|fehler|erreur|エラー|失敗|오류/i;
/** The first line of a traceback, and nothing of it: what the log told of before is all that there is. */
function headerAlone(lines: readonly Line[], source: string): BrokenOff | undefined {
  const last = lines.at(-1);
  if (last === undefined || !/Traceback \(most recent call last\):\s*$/.test(last.text))
    return undefined;
  const told = signsOfLines(lines.slice(-LOOKED_THROUGH)).get('optimizer-set-up');
  const signs: Signs = told === undefined ? new Map() : new Map([['optimizer-set-up', told]]);
  return { phase: 'unknown', signs, at: { source, line: last.number } };
}

/** A shell that waits again below the last word of a program: the program is gone. */
const PROMPT =
  /^(?:\([\w.-]{1,40}\)\s{0,2})?(?:(?:PS )?[A-Za-z]:\\[^<>|"]{0,200}>|\[?[\w.-]{1,40}@[\w.-]{1,60}[:\s][^$#%]{0,200}[$#%])\s*$/;
const isPrompt = ({ text }: Line): boolean => PROMPT.test(text);
const LEFT_WAITING =
  /[>\\]pause\s*$|press any key|请按任意键|Для продолжения нажмите|beliebige Taste/i;
/** What stands below the last word of the program: a launcher that waits for a key, figures of a memory report. */
const AFTERWARDS =
  /[>\\]pause\s*$|press any key|请按任意键|Для продолжения нажмите|beliebige Taste|see_memory_usage\] (?:MA |CPU Virtual)/i;
const ENDED =
  /100%|\b(\d{1,7})\/\1\b|\baccuracy\b|\bwritten\b|\b(?:complete[d]?|done|finish\w*|success\w*|saved|shutting|listening|ready)\b|完成|готово|завершен/i;
/** Lines at the end that are looked through for an error. */
const LOOKED_THROUGH = 40;
const LAST_LINES = 3;

/** A stage that is announced as begun. */
const STAGE =
  /\b(?:starting|begin(?:ning)?|running|generating|processing|training)\b.{0,80}(?:\.\.\.|…)\s*$/i;
const STAGE_LINES = 5;
/** What a stage is begun with, and no result of it. */
const SETTING =
  /^(?:\W{0,4}\[?\d[\d:., -]{6,24}\]?)?\W{0,8}[A-Z][a-z]\w*(?: [\w/-]{1,20}){0,3}: \S/;

/** A log that ends in the middle of its work, without a word of an error. */
function underWay(lines: readonly Line[], source: string): BrokenOff | undefined {
  const said = lines.filter(
    (line) => line.text.trim() !== '' && !AFTERWARDS.test(line.text) && !isPrompt(line),
  );
  const last = said.at(-1);
  if (last === undefined) return undefined;
  const end = said.slice(-LOOKED_THROUGH).map(({ text }) => text.slice(0, 600));
  const tail = last.text.slice(-600);
  const isBar = /(?<!\d)\d{1,2}%\|/.test(tail);
  // The window that started it was left waiting for a key: the program itself had ended without a word.
  const isLeft =
    LEFT_WAITING.test(lines.at(-1)?.text ?? '') &&
    end.slice(-LAST_LINES).some((text) => PUTS_MODEL.test(text));
  const isLogged =
    isBar ||
    STAMPED.test((last.raw ?? tail).slice(0, 600)) ||
    /(?:\.\.\.|…|\bEpoch \d+\/\d+)\s*$/i.test(tail) ||
    DIFFUSES.test(tail);
  // Loggers go on to tell of what was begun: its input, its settings.
  const begunAt = isLogged ? end.findLastIndex((text) => STAGE.test(text)) : -1;
  const below = end.slice(begunAt + 1);
  const isOfStage = below.length < STAGE_LINES && below.every((text) => SETTING.test(text));
  const stage = begunAt >= 0 && isOfStage ? end[begunAt] : undefined;
  const begun = UNDER_WAY.test(tail) ? tail : stage;
  if (!isLeft && !(isLogged && begun !== undefined)) return undefined;
  if (said.length < LAST_LINES && !isBar && !isLeft) return undefined;
  const isOther = (text: string): boolean =>
    !WARNS.test(text) &&
    !DIFFUSES.test(text) &&
    (ERROR.test(text) || (!isLeft && WRITTEN.test(text)));
  if (end.some(isOther)) return undefined;
  // What is done stands above what is not: bars, and stages that end in dots while they last.
  const isStage = isBar || /(?:\.\.\.|…)\s*$/.test(tail);
  const isOver = (text: string): boolean => ENDED.test(text) && !(isStage && /100%\|/.test(text));
  if (end.slice(-LAST_LINES).some(isOver)) return undefined;
  if (!end.some((text) => COMPUTES.test(text))) return undefined;
  const signs = signsOfLines(said.slice(-LOOKED_THROUGH));
  const phase = LOADING.test(begun ?? tail) ? 'load' : 'unknown';
  return { phase, signs, at: { source, line: last.number }, ends: 'running' };
}

/** What a program goes on after. */
const WARNS = /^\W{0,3}Warning: /i;
/** A time or a level, as loggers put them in front. */
const STAMPED = /\d{1,2}:\d{2}:\d{2}|^\W{0,4}(?:INFO|WARN(?:ING)?|DEBUG)\b|^[IW] \w+\//;
const DIFFUSES =
  /^Loading weights \[|\bWorking with z of shape|\bmaking attention of type|\bRunning in \w{1,8}-?prediction mode/;
/** What programs of images say when they put a model somewhere, the last word before they are gone. */
const PUTS_MODEL =
  /\b(?:load|unload|moving model|model_type|unet|vae|clip|text ?encoder|attention|adm dimension)/i;
/** Source code, Markdown, settings and people. */
const WRITTEN =
  /^\s*(?:def |class |import |from \w+ import|#|```|- \w|\* \w|\/\/)|[{};]\s*$|^\s*[\w-]{1,40}:(?:\s+\S.{0,60})?$|\b(?:we|you|my)\b|\bI(?:['’]|\s(?:am|will|have|had|tried|try|think|get|got|run|ran|use|used|need|want)\b)/;

/** The traceback that the text ends in, when its last line or the words of that line are missing. */
export function brokenOffIn(lines: readonly Line[], source: string): BrokenOff | undefined {
  const last = readTracebacks(lines).at(-1);
  const end = lines.findLastIndex(({ text }) => text.trim() !== '');
  if (last === undefined)
    return (
      codeAlone(lines, source) ??
      headerAlone(lines.slice(0, end + 1), source) ??
      endOf(
        lines.slice(0, end + 1).findLast((line) => line.text.trim() !== '' && !isPrompt(line)),
        source,
      ) ??
      loadedLast(lines.slice(0, end + 1), source) ??
      underWay(lines.slice(0, end + 1), source)
    );
  // A line of source code can stand there whose frame line is missing.
  const said = lines
    .slice(last.last + 1, end + 1)
    .filter(({ text }) => !/^ {4,}\S/.test(text))
    .map(({ text }) => text.trim());
  const isCut =
    last.exception === undefined
      ? said.every(
          (text, i) =>
            text === '' ||
            CUT_EXCEPTION.test(text) ||
            (i === said.length - 1 && isPieceOfTraceback(text)),
        )
      : said.length === 0 && isCutOff(last.exception);
  if (!isCut) return undefined;
  const innermost = last.frames.at(-1);
  return {
    phase: phaseOfFrames(last.frames)?.value ?? 'unknown',
    signs: new Map([...signsOfLines(lines), ...signsOfFrames(last.frames)]),
    at: { source, line: lines[last.last]?.number ?? 0 },
    ...(innermost !== undefined && { innermost }),
    computes: lines.some(({ text }) => COMPUTES.test(text.slice(0, 600))),
  };
}
