/** The cards of this machine and the memory of its host, as its tools print them. */
import { readFile } from 'node:fs/promises';
import { askTool } from './tools.ts';

/** Where Linux says what the host has and may use; elsewhere nothing is known of it. */
const HOST_FILES = ['/proc/meminfo', '/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory.current'];

/** @returns a text that machines are read from; nothing where nvidia-smi is not there or shows no card */
export async function thisMachine(): Promise<string | undefined> {
  const { state, text } = await askTool('nvidia-smi', []);
  if (state !== 'ok') return undefined;
  const host = await Promise.all(
    HOST_FILES.map(async (path) => {
      const content = await readFile(path, 'utf8').catch(() => '');
      return path.startsWith('/proc') ? content : `${path} ${content}`;
    }),
  );
  return [text, ...host].join('\n');
}
