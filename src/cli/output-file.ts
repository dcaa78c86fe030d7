/** Files that commands write: whole or not there, and never over another one unless asked. */
import { existsSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { Lang } from '../core/index.ts';
import { EXIT } from './terminal.ts';

const WORDS = {
  exists: {
    en: 'is there already; --force overwrites it',
    zh: '已存在；--force 覆盖它',
    ru: 'уже есть; --force перезапишет его',
  },
  unwritable: {
    en: 'cannot be written',
    zh: '无法写入',
    ru: 'не удаётся записать',
  },
} as const;

export interface Refused {
  readonly text: string;
  readonly code: number;
}

/** Why a file may not be written, before anything is computed for it. */
export function refusalOf(path: string, force: boolean, lang: Lang): Refused | undefined {
  return !force && existsSync(path)
    ? { text: `${path} ${WORDS.exists[lang]}`, code: EXIT.usage }
    : undefined;
}

/** Writes the pieces beside their place first, so that half a file is never left; devices are written to as they are. */
export async function writeWhole(
  path: string,
  pieces: Iterable<string> | AsyncIterable<string>,
  { force, lang }: { readonly force: boolean; readonly lang: Lang },
): Promise<Refused | undefined> {
  const isPlain = !existsSync(path) || statSync(path).isFile();
  const part = isPlain ? `${path}.part` : path;
  const unwritable = { text: `${path} ${WORDS.unwritable[lang]}`, code: EXIT.environment };
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(part, 'w');
  } catch {
    return unwritable;
  }
  try {
    try {
      for await (const piece of pieces) await file.writeFile(piece);
    } finally {
      await file.close();
    }
    const refused = refusalOf(path, force, lang);
    if (isPlain && refused === undefined) await rename(part, path);
    else if (isPlain) await rm(part, { force: true });
    return isPlain ? refused : undefined;
  } catch (error) {
    if (isPlain) await rm(part, { force: true });
    if (error instanceof Error && 'code' in error) return unwritable;
    throw error;
  }
}
