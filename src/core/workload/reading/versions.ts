/** Versions of packages: requirements, what pip lists, what pip is told to install. */
import type { Since } from '../dialect.ts';
import type { Gathering } from './gathering.ts';

/** `torch==2.5.1+cu124`, `trl[vllm]>=0.12,<0.20`, `transformers ~= 4.46`. */
const REQUIREMENT =
  /^\s*([A-Za-z][\w.-]{0,80})\s*(?:\[[\w,\s-]{0,80}\])?\s*((?:(?:[=~<>!]=|===|<|>)\s*v?[\w.*+!-]{1,40}\s*,?\s*){1,6})\s*(?:;[^\n]*|#[^\n]*|\\?)$/;
const BARE = /^\s*[A-Za-z][\w.-]{0,80}(?:\[[\w,\s-]{0,80}\])?\s*(?:#[^\n]*)?$/;
/** `pip list` prints columns. */
const COLUMNS = /^([A-Za-z][\w.-]{0,80})\s{1,60}(\d{1,5}(?:\.\d{1,6}){1,3}[\w.+]{0,20})\s*$/;
const NOISE = /^\s*(?:#|-|$|git\+|https?:|Package\s|\w[\w.-]*\s*@\s)/;

/** Most lines are requirements, or rows of a list. */
export function isRequirements(text: string): boolean {
  const lines = text.split('\n', 4000).filter((line) => !NOISE.test(line));
  const pinned = lines.filter((line) => REQUIREMENT.test(line) || COLUMNS.test(line)).length;
  const bare = lines.filter((line) => BARE.test(line)).length;
  return pinned > 0 && (pinned + bare) * 10 >= lines.length * 9;
}

export function readRequirements(text: string, gathering: Gathering): boolean {
  for (const line of text.split('\n', 4000)) readRequirement(line, gathering);
  return true;
}

/** Reads one requirement; true when it states a version. */
export function readRequirement(line: string, gathering: Gathering): boolean {
  const columns = COLUMNS.exec(line);
  if (columns?.[1] !== undefined && columns[2] !== undefined) {
    const exact = plain(columns[2]);
    gathering.version(columns[1], { from: exact, to: exact });
    return true;
  }
  const found = REQUIREMENT.exec(line);
  if (found?.[1] === undefined || found[2] === undefined) return false;
  const range = rangeOf(found[2]);
  if (range !== undefined) gathering.version(found[1], range);
  return true;
}

/** Digits alone: local versions and release candidates count as the release. */
const plain = (version: string): string => /^\d+(?:\.\d+)*/.exec(version)?.[0] ?? version;

function rangeOf(specifiers: string): Since | undefined {
  let range: Since = {};
  for (const [, operator, version = ''] of specifiers.matchAll(
    /([=~<>!]=|===|<|>)\s*v?([\w.*+!-]+)/g,
  )) {
    const number = plain(version);
    if (operator === '==' || operator === '===') {
      return version.endsWith('*')
        ? { from: number, to: `${number}.999` }
        : { from: number, to: number };
    }
    if (operator === '>=' || operator === '>') range = { ...range, from: number };
    else if (operator === '<=') range = { ...range, to: number };
    else if (operator === '<') range = { ...range, to: before(number) };
    else if (operator === '~=') {
      range = { from: number, to: `${number.replace(/\.\d+$/, '')}.999` };
    }
  }
  return range.from === undefined && range.to === undefined ? undefined : range;
}

/** The last version below another one: 0.20 → 0.19.999. */
function before(version: string): string {
  const parts = version
    .replace(/(?:\.0)+$/, '')
    .split('.')
    .map(Number);
  const last = parts.pop() ?? 0;
  if (last === 0) return version;
  return [...parts, last - 1, 999].join('.');
}
