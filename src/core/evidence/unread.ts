/**
 * A failure that a program tells of in no form that is known: a level, a status, an assertion, and nothing
 * that says of what. It is quoted as such; that it was of memory is a possibility and no more.
 */
import { COMPUTES, LOADING, WENT_WELL } from './computing.ts';
import type { Line } from './text/dress.ts';

export interface UnreadFailure {
  readonly line: number;
  /** The line, cut. */
  readonly text: string;
  /** A model was being put where it computes. */
  readonly isLoading: boolean;
}

/**
 * The word of a logger for a failure that ends in no more than "failed" or a status; a runtime's last words;
 * an exit by a signal or with a code of its own. 1 and 2 are of every program that gives up, with its reason;
 * 130 and 143 are of somebody who asked it to stop.
 */
const FAILED =
  /(?:^|[\]:|] ?|\d )\[?(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|Fatal error|Error)\b\]?[ :(].{0,160}\b(?:fail(?:ed|ure)|abort(?:ed|ing)|crashed|died|dead|terminated|closed|cannot start|exited)\b(?:,? ?\(?(?:with )?(?:exit )?(?:status|code|error|errno|rc|ret)?[ :=]*-?\d{1,10}\)?)?[.!]?\s*$|^F\d{4} \d\d:\d\d.{1,80}\] |^F tensorflow\/|\bCheck failed: |\bAssertion\b.{1,200}\bfailed\b|\bfailed assertion\b|\bexit(?:ed|s)?(?: with)?(?: (?:exit|return|error|status))?(?: code| status)? ?[:=]? ?-?(?!(?:0|1|2|15|130|143)\b)\d{1,10}\b|^E\d{4} \d\d:\d\d.{1,80}\] [A-Z]\w{2,24} failed\b|\bhas died\b|\bterminated abruptly\b|\b(?:remote )?(?:server|worker|process|runner|shard|actor)\b.{0,30}\b(?:closed|died|crashed|disappeared|lost communication|terminated unexpectedly|exited unexpectedly)\b/;
/** What says that a part of the program failed, and its own words are lost. */
const WITHOUT_WORDS =
  /^RuntimeError: (?!\S*(?:login|auth|download|ssl|config|clone|compil|make|ffmpeg|ninja|parse|import|test|setup|build|load))[A-Z][\w-]{2,40} failed\.?\s*$|\bUnknown C\+\+ exception from \w{2,30} code\s*$/;
/** Failures whose words say that they are of something else. */
const OF_ELSE =
  /not found|not find|unable to find|does not exist|required|must be|no such|denied|permission|connect|refused|time[d ]?-?out|unauthori[sz]|forbidden|invalid|illegal|unknown|unsupported|unrecogni[sz]ed|unexpected (?:key|argument|keyword|token|eof)|missing|mismatch|version|syntax|import|module|cannot open|can['’]t open|could not open|corrupt|driver|\bno (?:gpu|device|cuda|kernel)|not (?:available|supported|implemented|compiled|installed|defined|callable|enough arguments)|deprecat|\bshapes?\b|\bdtype|\bindex\b|\bkey\b|attribute|\btype\b|licen[sc]e|network|\bssl\b|https?:|\burl\b|socket|\bport\b|\bdisk\b|space left|\bdata ?loss\b|\bNaN\b|\binf\b|divide|division|out[ _]of[ _]range|failed to open|\bsigterm\b|\bsigint\b|diverged|temperature|\bauth|\brate\b|assert(?:ion)?.{0,40}(?:size|dim|==|>=|<=)|usage:|\btest(?:s|ed|ing)?\b|expected|same device|\(exit ?code: [12]\)/i;
/** A step that comes after it. */
const GOES_ON = /\b(?:epoch|step|iter(?:ation)?)\b\W{0,3}\d.{0,60}\bloss\b/i;
/** Lists, comments and documents. */
const WRITTEN = /^\s*[-*#/]/;
/** Of the end of a text: what is told earlier was survived. */
const LOOKED_AT = 12;
const AROUND = 40;
const LONGEST = 600;

/** The first failure that the end of a text tells of, in a text of a program that computes. */
export function unreadFailureIn(lines: readonly Line[]): UnreadFailure | undefined {
  const said = lines.filter(({ text }) => text.trim() !== '').slice(-AROUND);
  const cut = ({ text, raw = text }: Line): string => raw.slice(0, LONGEST);
  const isOfWork = said.some((line) => COMPUTES.test(cut(line)));
  const end = said.slice(-LOOKED_AT);
  const at = end.findIndex(
    (line) => WITHOUT_WORDS.test(cut(line)) || (isOfWork && FAILED.test(cut(line))),
  );
  const first = end[at];
  if (first === undefined || WRITTEN.test(first.text)) return undefined;
  // The reason follows in the same breath.
  const isSilent = WITHOUT_WORDS.test(cut(first));
  const after = end.slice(isSilent ? at + 1 : at);
  if (after.some((line) => OF_ELSE.test(cut(line)) || WENT_WELL.test(cut(line)))) return undefined;
  if (after.some((line) => line !== first && GOES_ON.test(cut(line)))) return undefined;
  return {
    line: first.number,
    text: first.text.trim().slice(0, 160),
    isLoading: said.some((line) => LOADING.test(cut(line))),
  };
}
