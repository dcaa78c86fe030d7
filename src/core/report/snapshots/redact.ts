/** Takes people, machines and secrets out of a snapshot before anything is made of it. */

import type { Snapshot } from '../../snapshot/columns.ts';
import { Code, classifyFile } from '../../snapshot/owners-frames.ts';
import { Redactor } from '../redact.ts';
import { mapStrings } from '../strings.ts';

/**
 * The same snapshot with pseudonyms: for users, hosts and folders in the paths of frames, and for users,
 * hosts and secrets in annotations, metadata and remarks. Names of files and functions, lines and all that
 * belongs to installed packages stay, so that owners and categories are found as before.
 * @param redactor the same one for everything that is shown together.
 */
export function redactSnapshot(snapshot: Snapshot, redactor: Redactor = new Redactor()): Snapshot {
  const { frames, annotations, devices } = snapshot;
  const strings = [...snapshot.strings];
  const change = (ids: Iterable<number>, to: (text: string) => string): void => {
    for (const id of new Set(ids)) {
      const text = snapshot.strings[id];
      if (text !== undefined) strings[id] = to(text);
    }
  };
  const texts = new Set<number>(annotations.name);
  for (const { events } of devices) {
    for (const column of [events.compileContext, events.userMetadata]) {
      for (const id of column ?? []) texts.add(id);
    }
  }
  // Paths first: they tell who the users are.
  change(frames.file, (file) => redactor.path(file, ownPart(file)));
  const users = namesIn(redactor.users);
  change(texts, (text) => users(redactor.text(text)));
  const remarks = <T>(value: T): T => mapStrings(value, (text) => users(redactor.text(text)));
  return {
    ...snapshot,
    strings,
    problems: snapshot.problems.map(({ what, why, todo, ...rest }) => ({
      ...rest,
      what: { ...what, params: remarks(what.params) },
      why: { ...why, params: remarks(why.params) },
      todo: { ...todo, params: remarks(todo.params) },
    })),
    notes: snapshot.notes.map(({ text, ...rest }) => ({
      ...rest,
      text: { ...text, params: remarks(text.params) },
    })),
  };
}

/** Where the part of a path begins that tells nothing of its user: the installed package, or the file's name. */
function ownPart(file: string): number {
  const path = file.replaceAll('\\', '/');
  const name = path.lastIndexOf('/');
  if (classifyFile(file).code === Code.user || classifyFile(file).code === Code.native) return name;
  const anchors = ['/site-packages/', '/dist-packages/', '/torch/'];
  const found = anchors.map((anchor) => path.lastIndexOf(anchor)).find((at) => at >= 0);
  if (found !== undefined) return found;
  const python = /\/python\d(?:\.?\d+)?t?\//i.exec(path);
  return python === null ? name : python.index;
}

/** Shorter names, and those of machines rather than people, are words that stand in any text. */
const SHORTEST_NAME = 4;
const NOBODY: ReadonlySet<string> = new Set(['root', 'user', 'ubuntu', 'admin', 'jovyan', 'data']);

/** Replaces users by their pseudonyms where they stand as words of their own. */
function namesIn(users: ReadonlyMap<string, string>): (text: string) => string {
  const names = [...users].filter(
    ([name]) => name.length >= SHORTEST_NAME && !NOBODY.has(name.toLowerCase()),
  );
  return (text) =>
    names.reduce((value, [name, pseudonym]) => replaceWord(value, name, pseudonym), text);
}

const isLetter = (char: string | undefined): boolean =>
  char !== undefined && /[\p{L}\p{N}]/u.test(char);

/** By hand: the name comes from the file, and a pattern made of it could be any. */
function replaceWord(text: string, word: string, to: string): string {
  let result = '';
  let from = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    if (isLetter(text[at - 1]) || isLetter(text[at + word.length])) continue;
    result += text.slice(from, at) + to;
    from = at + word.length;
  }
  return result + text.slice(from);
}
