/** Dockerfiles, and the Modelfiles of ollama, which look like them. */
import { behindImage, type CommandContext, readCommand, readVariable } from './commands.ts';
import { RANKS } from './gathering.ts';
import { readShell, splitWords, type Word } from './shell.ts';

/** `FROM lm:8b` and `PARAMETER num_ctx 8192`. */
export const isModelfile = (text: string): boolean =>
  /^FROM\s+\S/im.test(text) && /^(?:PARAMETER|TEMPLATE|SYSTEM|ADAPTER)\s/im.test(text);

export const isDockerfile = (text: string): boolean =>
  /^FROM\s+\S/m.test(text) && /^(?:RUN|CMD|ENTRYPOINT|ENV|COPY|WORKDIR)\s/m.test(text);

/** Instructions with their lines. */
function instructionsIn(text: string): { name: string; rest: string; line: number }[] {
  const found: { name: string; rest: string; line: number }[] = [];
  let goesOn = false;
  for (const [index, row] of text.split('\n').entries()) {
    const last = found.at(-1);
    const start = /^\s*([A-Za-z]{2,12})\s+(.*)$/.exec(row);
    if (goesOn && last !== undefined) last.rest += `\n${row}`;
    else if (start?.[1] !== undefined) {
      found.push({ name: start[1].toUpperCase(), rest: start[2] ?? '', line: index + 1 });
    }
    goesOn = /\\\s*$/.test(row);
  }
  return found;
}

export function readModelfile(text: string, context: CommandContext): boolean {
  const { gathering, name } = context;
  gathering.speak('ollama');
  gathering.purposes.push({ purpose: 'serving', rank: RANKS.config });
  for (const { name: word, rest, line } of instructionsIn(text)) {
    const source = `${name}:${line}`;
    if (word === 'FROM') gathering.model(rest.trim(), source, RANKS.config);
    if (word !== 'PARAMETER') continue;
    const [key = '', value = ''] = rest.trim().split(/\s+/);
    gathering.say(key, value, source, RANKS.config, ['ollama']);
  }
  return true;
}

export function readDockerfile(text: string, context: CommandContext): boolean {
  let image: Word = { text: '', line: 0 };
  let entry: readonly Word[] = [];
  let args: readonly Word[] = [];
  for (const { name, rest, line } of instructionsIn(text)) {
    if (name === 'FROM') image = { text: rest.trim().split(/\s+/)[0] ?? '', line };
    else if (name === 'ENV') {
      const pair = /^(\w{1,100})(?:=|\s+)"?([^"\n]*)"?$/.exec(rest.trim());
      if (pair?.[1] !== undefined) {
        readVariable({ name: pair[1], value: pair[2] ?? '', line }, context, RANKS.config);
      }
    } else if (name === 'RUN') {
      for (const command of readShell(rest).commands) readCommand(command, context);
    } else if (name === 'ENTRYPOINT') entry = wordsOf(rest, line);
    else if (name === 'CMD') args = wordsOf(rest, line);
  }
  const [first, ...more] = entry;
  readCommand({ words: behindImage(image, first, [...more, ...args], context), env: [] }, context);
  return true;
}

/** `["vllm", "serve"]` or a line for a shell. */
function wordsOf(rest: string, line: number): Word[] {
  if (!rest.trimStart().startsWith('[')) return splitWords(rest, line);
  return [...rest.matchAll(/"([^"\n]*)"/g)].map(([, text = '']) => ({ text, line }));
}
