/** Where a sign was seen, in a few words that are the same in every language. */
import type { SignPlace } from '../evidence/signs.ts';

const LONGEST_CODE = 70;

/** "losses.py:88 `logits = logits.float()`", or the line of the text in quotes. */
export function placeText(place: SignPlace): string {
  if (!('frame' in place)) return `"${shortened(place.text)}"`;
  const { file, line, function: name, code } = place.frame;
  const at = `${file.split(/[\\/]/).at(-1)}${line === undefined ? '' : `:${line}`}`;
  if (code !== undefined) return `${at} \`${shortened(code.trim())}\``;
  return name === undefined ? at : `${at} ${name}()`;
}

const shortened = (text: string): string =>
  text.length <= LONGEST_CODE ? text : `${text.slice(0, LONGEST_CODE - 1)}…`;
