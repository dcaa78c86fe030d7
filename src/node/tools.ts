/** Tools of the system that are asked what there is. They look only; none of them changes anything. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { platform } from 'node:os';
import { delimiter, join } from 'node:path';

/** A driver in trouble can hang its tools for good. */
export const PATIENCE_MS = 4000;

export interface Answered {
  /** absent: not on the PATH. failed: there, but it says no. hung: there, and nothing came in time. */
  readonly state: 'ok' | 'absent' | 'failed' | 'hung';
  /** What it printed, of a failure what it said of it. */
  readonly text: string;
}

export async function askTool(command: string, args: readonly string[]): Promise<Answered> {
  if (!(await isOnPath(command))) return { state: 'absent', text: '' };
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { timeout: PATIENCE_MS, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error === null) resolve({ state: 'ok', text: stdout === '' ? stderr : stdout });
        else if (error.killed === true) resolve({ state: 'hung', text: '' });
        else {
          const said = stdout === '' ? stderr : stdout;
          const text = said.trim() === '' ? (error.message.split('\n')[0] ?? '') : said;
          resolve({ state: 'failed', text });
        }
      },
    );
  });
}

async function isOnPath(command: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    for (const name of platform() === 'win32' ? [`${command}.exe`, command] : [command]) {
      try {
        await access(join(folder, name), constants.X_OK);
        return true;
      } catch {
        // not in this folder
      }
    }
  }
  return false;
}
