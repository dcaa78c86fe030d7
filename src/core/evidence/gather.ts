/**
 * From sources (files, pipes, pasted text) to evidence. Sources are streams of bytes; whatever their
 * size, only the windows around needles are read in detail.
 */
import { concat } from '../base/byte-arrays.ts';
import type { Note, Place, Problem } from '../base/problem.ts';
import { say } from '../base/texts.ts';
import { type Account, accountIn, type ToldTopic } from './account.ts';
import { WENT_WELL } from './computing.ts';
import { type BrokenOff, brokenOffIn, type LastError, lastErrorOf } from './ending.ts';
import type { Failure } from './failure.ts';
import { frameworksIn } from './frameworks.ts';
import { groupFailures, type Repeated } from './group.ts';
import { withRaised } from './raised.ts';
import { readWindow } from './read.ts';
import type { Reader, Reading } from './reader.ts';
import { isRefusal } from './refusal.ts';
import { NeedleScanner } from './scan/needles.ts';
import { Occurring } from './scan/occurring.ts';
import { type ScannedStream, type Scanning, type Window, WindowCollector } from './scan/windows.ts';
import { type Sighted, sightingsOf } from './sightings.ts';
import { SourceKind } from './source-kind.ts';
import type { StatusReader } from './status.ts';
import type { Line } from './text/dress.ts';
import { linesOfWindow } from './text/window-lines.ts';
import { type UnreadFailure, unreadFailureIn } from './unread.ts';

/** Something to read. The bytes may be overwritten by the producer after each step. */
export interface Source {
  /** As the user named it; "-" for standard input. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Of a file: its bytes as it lies there, packed or not. */
  readonly size?: number;
}

/** What somebody, or a program in its own words, says of a shortage without a message that is known. */
export interface ToldShortage {
  readonly at: Place;
  readonly text: string;
}

export interface Evidence {
  /** First one first. */
  readonly incidents: readonly Repeated[];
  /** What was shown of moments at which nothing need have failed, in the order of the sources. */
  readonly sightings: readonly Sighted[];
  /** The last exception of all sources, for "no memory failure here; the last error is X". */
  readonly lastError?: LastError;
  /** Where the text ends in a traceback. */
  readonly brokenOff?: BrokenOff;
  /** A line that says that something was killed, in no form that is read as a failure. */
  readonly killedAt?: Place;
  /** A sentence, of a person or of a program in its own words, that says that memory ran out. */
  readonly told?: ToldShortage;
  /** What a report speaks of in words, where nothing was read as a failure. */
  readonly topics: readonly ToldTopic[];
  /** Memory, and something wrong with it, is spoken of where nothing was read as a failure. */
  readonly isOfMemory: boolean;
  /** A failure in no form that is known, where nothing else is told. */
  readonly unread?: UnreadFailure;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** Sources that held readable text. */
  readonly readable: number;
  /** Frameworks that the ends of the sources show, the nearest to the user first. */
  readonly frameworks: readonly string[];
}

const TEXTS = {
  en: {
    empty: 'This source is empty.',
    'empty-why': 'It holds no bytes.',
    'empty-todo':
      'Give the log of the failed run: unoom diagnose train.log, or pipe it: python train.py 2>&1 | unoom diagnose -',
    failed: 'Reading stopped before the end: {message}',
    'failed-why': 'What was read before that is used.',
    'failed-todo': 'Check that the file is whole, or give the text unpacked.',
    utf16: 'The text is UTF-16 and was read as such.',
    unread:
      '{count} more places that speak of memory were counted, not read: there are very many. Repeats count only what was read.',
    mention: 'Line {line} speaks of memory, but in no form that is known as a failure: {text}',
    'many-incidents': '{count} more failures of other kinds were found and left out here.',
  },
  zh: {
    empty: '输入为空。',
    'empty-why': '其中没有任何字节。',
    'empty-todo':
      '给出失败运行的日志：unoom diagnose train.log，或用管道：python train.py 2>&1 | unoom diagnose -',
    failed: '读取在结尾之前中断：{message}',
    'failed-why': '中断前读到的内容已使用。',
    'failed-todo': '检查文件是否完整，或给出解压后的文本。',
    utf16: '文本为 UTF-16 编码，已按此读取。',
    unread: '另有 {count} 处提到内存或显存，因数量太多只计数、未读取。重复次数只统计已读取的部分。',
    mention: '第 {line} 行提到内存或显存，但不是已知的失败形式：{text}',
    'many-incidents': '还发现 {count} 个其他类型的失败，此处省略。',
  },
  ru: {
    empty: 'Источник пуст.',
    'empty-why': 'В нём нет ни одного байта.',
    'empty-todo':
      'Передать лог упавшего запуска: unoom diagnose train.log, или через конвейер: python train.py 2>&1 | unoom diagnose -',
    failed: 'Чтение прервалось до конца: {message}',
    'failed-why': 'Прочитанное до этого места использовано.',
    'failed-todo': 'Проверить, что файл цел, или передать распакованный текст.',
    utf16: 'Текст в кодировке UTF-16, так он и прочитан.',
    unread:
      'Ещё мест, где речь о памяти: {count}. Их очень много, поэтому они посчитаны, но не прочитаны. Повторы считаются только по прочитанному.',
    mention: 'В строке {line} речь о памяти, но такой записи сбоя unoom не знает: {text}',
    'many-incidents': 'Найдены и здесь опущены ещё сбои других видов: {count}.',
  },
} as const;

/** Incidents that a report lists; a hostile or endless log has no more to say than these. */
const MOST_INCIDENTS = 64;
/** Failures kept of all sources before they are grouped. */
const MOST_FAILURES = 100_000;
/** Small chunks are joined to this size before they are scanned. */
const CHUNK = 256 * 1024;

/**
 * Takes a source that begins like a memory snapshot, whole. True when it could be read; what it holds,
 * and why it could not, is its own business.
 */
export type TakeSnapshot = (source: Source, rank: number | undefined) => Promise<boolean>;

/**
 * Gathers the evidence of all sources with the given readers.
 * @param takeSnapshot without it a snapshot is no text, and a problem.
 */
export async function gather(
  sources: Iterable<Source>,
  readers: readonly Reader[],
  statuses: readonly StatusReader[],
  takeSnapshot?: TakeSnapshot,
): Promise<Evidence> {
  // Made for the first large source; small ones need none.
  let plan: ScanPlan | undefined;
  const planned = (): ScanPlan => {
    plan ??= planFor(readers, statuses);
    return plan;
  };
  const problems: Problem[] = [];
  const notes: Note[] = [];
  const failures: Failure[] = [];
  const sightings: Sighted[] = [];
  let lastError: LastError | undefined;
  let brokenOff: BrokenOff | undefined;
  let killedAt: Place | undefined;
  let told: ToldShortage | undefined;
  const topics: ToldTopic[] = [];
  let isOfMemory = false;
  let unread: UnreadFailure | undefined;
  let readable = 0;
  const frameworks = new Set<string>();
  let leftOut = 0;
  for (const source of sources) {
    const collector = new WindowCollector(planned);
    const taken = await pump(source, collector, problems, notes, takeSnapshot);
    const scanned = collector.finish();
    if (taken === 'snapshot') readable++;
    if (taken !== 'text') continue;
    readable++;
    const found = failuresOf(scanned, source.name, readers, plan?.needles ?? []);
    const room = MOST_FAILURES - failures.length;
    for (const failure of found.slice(0, room)) failures.push(failure);
    leftOut += Math.max(0, found.length - room) + scanned.unread;
    const seen = sightingsOf(scanned, source.name, statuses);
    sightings.push(...seen.found);
    notes.push(...seen.notes);
    problems.push(...seen.problems);
    const account =
      found.length > 0 || scanned.whole === undefined ? undefined : accountOf(scanned.whole);
    topics.push(...(account?.topics ?? []));
    isOfMemory ||= account?.isOfMemory === true;
    const mention = found.length > 0 ? undefined : mentionIn(scanned);
    if (mention !== undefined) {
      notes.push(mentionNote(mention, source.name));
      const at: Place = { source: source.name, line: mention.number };
      if (KILLED.test(mention.text) && account?.isKilledOtherwise !== true) killedAt ??= at;
      const said = toldIn(scanned);
      if (said !== undefined) {
        const text = said.text
          .trim()
          .replace(/[\s.!?…。！？]+$/, '')
          .slice(0, 160);
        told ??= { at: { source: source.name, line: said.number }, text };
      }
    }
    const tail = linesOfWindow(scanned.tail);
    const ending = brokenOffIn(tail, source.name);
    brokenOff = ending ?? brokenOff;
    // What was raised before a traceback that is cut is not what ended the program.
    if (ending?.innermost === undefined) {
      lastError = lastErrorOf(tail, source.name) ?? lastError;
    }
    if (found.length === 0 && mention === undefined) unread = unreadFailureIn(tail) ?? unread;
    for (const framework of frameworksIn(tail)) frameworks.add(framework);
  }
  if (leftOut > 0) {
    notes.push({ code: 'places-not-read', text: say(TEXTS, 'unread', { count: leftOut }) });
  }
  const groups = groupFailures(failures);
  if (groups.length > MOST_INCIDENTS) {
    notes.push({
      code: 'incidents-left-out',
      text: say(TEXTS, 'many-incidents', { count: groups.length - MOST_INCIDENTS }),
    });
  }
  return {
    incidents: groups.slice(0, MOST_INCIDENTS),
    sightings,
    problems,
    notes,
    readable,
    topics,
    isOfMemory,
    frameworks: [...frameworks],
    ...(unread !== undefined && { unread }),
    ...(lastError !== undefined && { lastError }),
    ...(brokenOff !== undefined && { brokenOff }),
    ...(killedAt !== undefined && { killedAt }),
    ...(told !== undefined && { told }),
  };
}

interface ScanPlan extends Scanning {
  readonly needles: readonly string[];
}

/** Kept for the next call: comparing all needles with each other costs more than many a log. */
let lastPlan:
  | { readonly readers: unknown; readonly statuses: unknown; readonly plan: ScanPlan }
  | undefined;

function planFor(readers: readonly Reader[], statuses: readonly StatusReader[]): ScanPlan {
  if (lastPlan?.readers === readers && lastPlan.statuses === statuses) return lastPlan.plan;
  const plan = makePlan(readers, statuses);
  lastPlan = { readers, statuses, plan };
  return plan;
}

function makePlan(readers: readonly Reader[], statuses: readonly StatusReader[]): ScanPlan {
  const ofFailures = shortest(needlesOf(readers));
  const ofStatuses = shortest(needlesOf(statuses)).filter(
    (needle) => !holdsOne(needle, ofFailures),
  );
  const needles = [...ofFailures, ...ofStatuses];
  return {
    needles,
    scanner: new NeedleScanner(needles),
    statusNeedles: ofStatuses.map((_, index) => ofFailures.length + index),
  };
}

const needlesOf = (units: readonly { readonly needles: readonly string[] }[]): string[] => [
  ...new Set(units.flatMap((unit) => unit.needles.map(folded))),
];

/** As the scanner folds it: ASCII letters only, since bytes of others have no case. */
const folded = (needle: string): string => needle.replace(/[A-Z]+/g, (run) => run.toLowerCase());

const holdsOne = (needle: string, others: readonly string[]): boolean =>
  others.some((other) => needle.includes(other));

/** Without needles that hold another one: where they stand the shorter one is found anyway. */
const shortest = (needles: readonly string[]): string[] =>
  needles.filter((needle) => !needles.some((one) => one !== needle && needle.includes(one)));

/** Words of a failure in a form that no reader takes: worth a look, and no verdict. */
const MENTION =
  /out[ -]of[ -]memory|\bOOM\b|RESOURCE_EXHAUSTED|insufficient (?:gpu |video |device )?memory|killed|(?:exit|status|return)(?:ed)?(?: with)?(?: (?:status|exit|return))? ?(?:code)? ?:? ?137\b|(?:退出码|状态码)\s?:?\s?137|爆显存|显存(?:不足|溢出|不够|爆)/i;

const KILLED = /\bkilled\b|\b137\b/i;

/** Said of a run, by a person; a setting, a counter or advice says no such thing. */
const SAID =
  /[Oo]ut[ -][Oo]f[ -][Mm]emory|\bOOM(?:s|ed|ing)?\b(?!\s?[=_]|\s?:\s?[\d"'{[])|爆显存|显存(?:不足|溢出|不够|爆)/;
/** The same in other words, and the names that interfaces give their codes. */
const SAID_OTHERWISE =
  /\bno more memory left to allocate\b|\bcan['’]t allocate (?:a |the )?buffer of size\b|\bdevice allocation of \d+ bytes failed\b|\bcudaMalloc\(\) failed \(error code = CUDA:2\)|\berror: OUT_OF_MEMORY\b|\bmem object allocation failure\b|[_.]OUT_OF_(?:\w{1,12}_)?MEM(?:ORY)?\b|(?<![a-z])OutOf(?:[A-Z]\w{1,12})?Memory(?:Error|Exception)?\b|(?:(?:\bnot(?: have)?|n['’]t(?: have)?|\bno) enough|\b(?:in|un)suff?i[ca]i?ent) (?:\w+ ){0,2}(?:memory|v?ram)\b(?! (?:access|bandwidth|speed))|\b(?:fail\w{0,3}|unable|could ?n['o]t|can ?not|can['’]t)(?: to)? (?:re|m|c)?alloc(?!_)\w{0,5}\b(?=.{0,80}\b(?:memory|v?ram|npu|gpu|cuda|device|video|vulkan|metal)\b).{0,60}(?:memory|\bbuffers?\b|\bbytes\b|\d ?[kmgt]i?b\b|\btensors?\b|\btextures?\b)|\b(?:memory|vram) allocation (?:has |was |is )?(?:fail|error|refused)|\balloc\w{0,6} (?:memory|mem|vram)\b.{0,20}\b(?:fail|refused)|无法分配.{0,12}(?:[显内]存)|申请[显内]存失败|メモリ(?:が)?不足|Nicht genügend (?:Arbeits|Haupt)?speicher|Недостаточно памяти|Не удалось выделить .{0,16}памяти/i;
const NOT_SAID =
  /\bmemory\? (?!RESOURCE|out of|.{0,40}OOM)[A-Z_]{6}|\bother than (?:running )?out of memory\b|\bperhaps out of memory|^\s*(?:[-*•]\s*)?\[?fix(?:e[sd])?\b|\b(?:re)?solved\b|\bis gone\b|\bPASSED\b|:\s?(?:false|no)\b(?! (?:enough|more)\b)|\bfalling back\b|\bnodes are available\b|:=|\b(?:var|let|const|func|enum)\s+\w+\s*=|\b(?:catch|throw)\b|(?:没有(?:出现|发生)?|如果|若|避免).{0,8}(?:[显内]存|OOM)|если.{0,40}(?:памят|OOM)|(?:памят\S{0,3}|OOM).{0,12}не было|не было.{0,20}(?:памят|OOM)|\b(?:not?(?! (?:re|m|c)?alloc)|never|without|avoid\w*|prevent\w*|if|may|might|could(?! not (?:re|m|c)?alloc)|would|handle\w*|on_oom|in case)\b.{0,60}(?:out[ -]of[ -]memory|OOM)|[{}$]|^\s{1,12}--?[a-z]|^\s*(?:\/[/*]|[#*]|(?:import|from|def|class|except|raise|return|if|elif)\b)/i;

const isTold = (text: string): boolean =>
  (SAID.test(text) || SAID_OTHERWISE.test(text)) && !NOT_SAID.test(text);

/** A refusal by its grammar, beside which no other reason stands. */
function isRefused(lines: readonly Line[], at: number): boolean {
  const text = (lines[at]?.text ?? '').slice(0, 600);
  if (NOT_SAID.test(text) || !isRefusal(text)) return false;
  const near = lines.slice(Math.max(0, at - BESIDE), at + BESIDE + 1);
  const after = lines.slice(at + 1, at + 1 + AFTER);
  return (
    !near.some((line) => OTHER_REASON.test(line.text.slice(0, 600))) &&
    !after.some((line) => WENT_WELL.test(line.text.slice(0, 600)))
  );
}

const BESIDE = 5;
const AFTER = 40;
const OTHER_REASON =
  /\binvalid (?:argument|value|parameter)|\bvalidation error\b|\boperation not permitted\b|\bpermission denied\b/i;

const isMention = (text: string): boolean =>
  MENTION.test(text) || (SAID_OTHERWISE.test(text) && !NOT_SAID.test(text));

/** Where no needle stands a short text is looked through whole. */
const windowsOf = ({ windows, whole }: ScannedStream): readonly Window[] =>
  windows.length > 0 || whole === undefined ? windows : [whole];

/** The last line that speaks of memory where nothing was read as a failure. */
function mentionIn(scanned: ScannedStream): Line | undefined {
  for (const window of windowsOf(scanned).slice(-3).reverse()) {
    const line = linesOfWindow(window).findLast(
      ({ text }, at, lines) => isMention(text.slice(0, 600)) || isRefused(lines, at),
    );
    if (line !== undefined) return line;
  }
  return undefined;
}

/** The first sentence that says that memory ran out: a report begins with what happened. */
function toldIn(scanned: ScannedStream): Line | undefined {
  for (const window of windowsOf(scanned).slice(0, 3)) {
    const line = linesOfWindow(window).find(
      ({ text }, at, lines) => isTold(text.slice(0, 600)) || isRefused(lines, at),
    );
    if (line !== undefined) return line;
  }
  return undefined;
}

const accountOf = (whole: Window): Account => accountIn(linesOfWindow(whole));

function mentionNote({ number, text }: Line, source: string): Note {
  return {
    code: 'mention-not-read',
    text: say(TEXTS, 'mention', { line: number, text: text.trim().slice(0, 160) }),
    at: { source, line: number },
  };
}

/** What may stand in a log that ends in a kill. */
const isLess = ({ kind, clues }: Reading): boolean =>
  kind === 'look_alike' || clues.includes('only-a-warning');

function failuresOf(
  scanned: ScannedStream,
  source: string,
  readers: readonly Reader[],
  needles: readonly string[],
): Failure[] {
  const rank = rankOfName(source);
  const read = new Map<string, Failure>();
  for (const window of scanned.windows) {
    const active = activeIn(window, readers, needles);
    if (active.length === 0) continue;
    for (const failure of readWindow(window, source, active)) {
      // Windows overlap where one was closed for its size; the later one has the whole message.
      read.set(`${failure.where.line} ${failure.format} ${failure.ordinal}`, failure);
    }
  }
  const found = [...read.values()];
  // A last word without a line feed after it is no needle: "Killed".
  if (found.every(({ reading }) => isLess(reading))) {
    found.push(...readWindow(scanned.tail, source, readers.filter(hasOnlyLine).map(lineOnly)));
  }
  const brokenOff = found.length === 0 && brokenOffIn(linesOfWindow(scanned.tail), source);
  if (brokenOff && brokenOff.ends === undefined) {
    const raised = withRaised(scanned.tail);
    if (raised !== undefined) {
      found.push(...readWindow(raised, source, activeIn(raised, readers, needles)));
    }
  }
  if (rank === undefined) return found;
  return found.map((failure) => ({
    ...failure,
    distributed: true,
    where: { ...failure.where, rank: failure.where.rank ?? rank },
  }));
}

/** Readers whose needles stand in the window. */
function activeIn(
  { bytes, needles: found }: Window,
  readers: readonly Reader[],
  needles: readonly string[],
): readonly Reader[] {
  // The scanner looks for the shortest needles only, so a longer one that holds it is looked up here.
  const seen = found && [...found].flatMap((index) => needles[index] ?? []);
  const possible = readers.filter(
    (reader) =>
      seen === undefined || reader.needles.some((needle) => holdsOne(folded(needle), seen)),
  );
  if (possible.length === 0) return [];
  const text = new TextDecoder().decode(bytes);
  if (found !== undefined) {
    const occurring = new Occurring(text);
    return possible.filter((reader) => occurring.hasAny(reader.needles));
  }
  // What is short is often pasted: a terminal breaks its lines between words, or anywhere.
  const between = new Occurring(text.replace(BREAKS, ' '));
  const within = new Occurring(text.replace(BREAKS, ''));
  return possible.filter(({ needles: own }) => between.hasAny(own) || within.hasAny(own));
}

/** Where a line is broken, with what the next one is indented by. */
const BREAKS = /\r?\n[ \t]{0,16}/g;

const hasOnlyLine = (reader: Reader): boolean => reader.line !== undefined;

function lineOnly(reader: Reader): Reader {
  const { anchor: _, ...rest } = reader;
  return rest;
}

/**
 * The rank that a log file's name tells: rank_5.log, rank5.txt, horovodrun's rank.5/stderr, torchrun's
 * attempt_0/5/stderr.log, Azure's std_log_process_05.txt, worker-3.out.
 */
function rankOfName(name: string): number | undefined {
  const match =
    /(?:^|[\\/_.-])rank[-_.]?(\d{1,6})(?=[\\/_.-]|$)/i.exec(name) ??
    /attempt_\d+[\\/](\d{1,6})[\\/](?:stderr|stdout)\.log$/.exec(name) ??
    /(?:^|[\\/])std_log_process_(\d{1,6})\.txt$/.exec(name) ??
    /(?:^|[\\/_.-])worker[-_]?(\d{1,6})\.(?:log|out|err|txt)$/i.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** Feeds a text into the collector, or hands a snapshot over; `nothing` when it is neither. */
async function pump(
  source: Source,
  collector: WindowCollector,
  problems: Problem[],
  notes: Note[],
  takeSnapshot: TakeSnapshot | undefined,
): Promise<'text' | 'snapshot' | 'nothing'> {
  const at: Place = { source: source.name };
  const kind = new SourceKind();
  let pending: Uint8Array[] = [];
  let size = 0;
  const flush = (): void => {
    if (size > 0) collector.push(concat(pending, size));
    pending = [];
    size = 0;
  };
  const take = (bytes: Uint8Array, isOurs: boolean): void => {
    if (bytes.length >= CHUNK && size === 0) {
      collector.push(bytes);
      return;
    }
    // The producer may reuse its buffer, so what waits is copied.
    pending.push(isOurs ? bytes : bytes.slice());
    size += bytes.length;
    if (size >= CHUNK) flush();
  };
  const handOver = async (bytes: AsyncIterable<Uint8Array>): Promise<'snapshot' | 'nothing'> =>
    (await takeSnapshot?.({ ...source, bytes }, rankOfName(source.name))) === true
      ? 'snapshot'
      : 'nothing';
  const chunks = iteratorOf(source.bytes);
  let isOver = false;
  const close = async (): Promise<void> => {
    // As for … of does it: a source that is left early is closed.
    if (!isOver) await Promise.resolve(chunks.return?.()).catch(() => undefined);
  };
  let snapshot: Uint8Array | undefined;
  try {
    for (;;) {
      const next = await chunks.next();
      isOver = next.done === true;
      if (next.done === true) break;
      const bytes = kind.add(next.value);
      if (bytes === undefined) continue;
      if (kind.isSnapshot && takeSnapshot !== undefined) {
        snapshot = bytes;
        break;
      }
      const problem = kind.problem(at);
      if (problem !== undefined) {
        problems.push(problem);
        return 'nothing';
      }
      take(kind.decode(bytes), bytes !== next.value || kind.encoding !== undefined);
    }
  } catch (error) {
    problems.push({
      code: 'reading-stopped',
      what: say(TEXTS, 'failed', {
        message: error instanceof Error ? error.message : String(error),
      }),
      why: say(TEXTS, 'failed-why'),
      todo: say(TEXTS, 'failed-todo'),
      at,
    });
  } finally {
    if (snapshot === undefined) await close();
  }
  if (snapshot !== undefined) return handOver(from(snapshot, chunks)).finally(close);
  const rest = kind.end();
  if (kind.isSnapshot && takeSnapshot !== undefined) return handOver(from(rest));
  const problem = kind.problem(at);
  if (problem !== undefined) {
    problems.push(problem);
    return 'nothing';
  }
  take(kind.decode(rest), true);
  flush();
  if (kind.encoding !== undefined) notes.push({ code: 'utf-16', text: say(TEXTS, 'utf16'), at });
  if (!kind.isEmpty) return 'text';
  if (problems.at(-1)?.at?.source !== source.name) {
    problems.push({
      code: 'empty-source',
      what: say(TEXTS, 'empty'),
      why: say(TEXTS, 'empty-why'),
      todo: say(TEXTS, 'empty-todo'),
      at,
    });
  }
  return 'nothing';
}

type Chunks = AsyncIterator<Uint8Array> | Iterator<Uint8Array>;

const iteratorOf = (bytes: Source['bytes']): Chunks =>
  Symbol.asyncIterator in bytes ? bytes[Symbol.asyncIterator]() : bytes[Symbol.iterator]();

/** What was read already, and all that follows. */
async function* from(head: Uint8Array, rest?: Chunks): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await rest?.next(); next?.done === false; next = await rest?.next()) {
    yield next.value;
  }
}
