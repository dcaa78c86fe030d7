/** What of this machine unoom can read: tools, drivers, limits. Looks only; changes nothing. */
import { readdir, readFile } from 'node:fs/promises';
import { freemem, platform, release, totalmem } from 'node:os';
import { askTool, PATIENCE_MS } from './tools.ts';

export interface Check {
  readonly name: string;
  /** ok: can be read. absent: not on this machine. failed: there, but it says no. */
  readonly state: 'ok' | 'absent' | 'failed';
  readonly detail: string;
}

export interface Doctor {
  readonly unoom: string;
  readonly checks: readonly Check[];
}

export async function examine(version: string): Promise<Doctor> {
  const checks = await Promise.all([
    Promise.resolve<Check>({
      name: 'node',
      state: 'ok',
      detail: `${process.version} on ${platform()} ${release()}`,
    }),
    hostMemory(),
    cgroupLimit(),
    sharedMemory(),
    tool(
      'nvidia-smi',
      ['--query-gpu=index,name,memory.total,driver_version', '--format=csv,noheader'],
      'NVIDIA GPUs',
    ),
    tool('rocm-smi', ['--showproductname'], 'AMD GPUs'),
    tool('xpu-smi', ['discovery'], 'Intel GPUs'),
    deviceNodes(),
    tool('python3', ['--version'], 'Python'),
    windowsSubsystem(),
    container(),
  ]);
  return { unoom: version, checks };
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

async function hostMemory(): Promise<Check> {
  return { name: 'host memory', state: 'ok', detail: `${gib(totalmem())}, ${gib(freemem())} free` };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
}

async function cgroupLimit(): Promise<Check> {
  const name = 'memory limit (cgroup)';
  const limit =
    (await readText('/sys/fs/cgroup/memory.max')) ??
    (await readText('/sys/fs/cgroup/memory/memory.limit_in_bytes'));
  if (limit === undefined) return { name, state: 'absent', detail: 'no cgroup memory controller' };
  const bytes = Number(limit);
  const isUnlimited = limit === 'max' || !(bytes < 2 ** 60);
  return { name, state: 'ok', detail: isUnlimited ? 'no limit' : gib(bytes) };
}

async function sharedMemory(): Promise<Check> {
  const name = 'shared memory (/dev/shm)';
  try {
    const { statfs } = await import('node:fs/promises');
    const { bsize, blocks, bavail } = await statfs('/dev/shm');
    return { name, state: 'ok', detail: `${gib(bsize * blocks)}, ${gib(bsize * bavail)} free` };
  } catch {
    return { name, state: 'absent', detail: 'no /dev/shm' };
  }
}

async function tool(command: string, args: readonly string[], what: string): Promise<Check> {
  const { state, text } = await askTool(command, args);
  if (state === 'absent') return { name: command, state, detail: `${what}: not on the PATH` };
  if (state === 'hung') {
    const detail = `no answer in ${PATIENCE_MS / 1000} s: the driver may hang`;
    return { name: command, state: 'failed', detail };
  }
  return { name: command, state, detail: text.trim().split('\n').slice(0, 8).join('; ') };
}

async function deviceNodes(): Promise<Check> {
  const name = 'device files';
  try {
    const found = (await readdir('/dev')).filter((entry) =>
      /^nvidia\d+$|^kfd$|^dxg$|^davinci\d+$/.test(entry),
    );
    return found.length > 0
      ? { name, state: 'ok', detail: found.join(', ') }
      : { name, state: 'absent', detail: 'no GPU device file in /dev' };
  } catch {
    return { name, state: 'absent', detail: 'no /dev' };
  }
}

async function windowsSubsystem(): Promise<Check> {
  const version = (await readText('/proc/version')) ?? '';
  return /microsoft/i.test(version)
    ? {
        name: 'WSL',
        state: 'ok',
        detail: 'yes: process figures and some limits are not told by the driver',
      }
    : { name: 'WSL', state: 'absent', detail: 'no' };
}

async function container(): Promise<Check> {
  const groups = (await readText('/proc/1/cgroup')) ?? '';
  const isContainer =
    (await readText('/.dockerenv')) !== undefined || /docker|kubepods|containerd|lxc/.test(groups);
  return isContainer
    ? { name: 'container', state: 'ok', detail: 'yes: pids in driver lists are those of the host' }
    : { name: 'container', state: 'absent', detail: 'not seen' };
}
