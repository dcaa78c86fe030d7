/**
 * What nvidia-smi and other users of NVML print when they cannot tell: the driver is away, does not
 * fit its library, is hidden from the container, or has lost a card. Each with what to do.
 */
import { TODO } from '../nvidia.ts';
import type { EventKind, Passage, SeenEvent, Sighting, StatusReader } from '../status.ts';

interface Trouble {
  readonly pattern: RegExp;
  readonly kind?: EventKind;
  /** The number of NVML. */
  readonly code?: string;
  readonly where: string;
  readonly todo: string;
}

const MISMATCH =
  'The driver was updated while the old kernel module is still loaded. Running jobs go on; new ones fail. Reboot, or stop all that uses the GPUs and reload the modules (rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia; modprobe nvidia). In a container: the libraries inside must be those of the host. "cat /proc/driver/nvidia/version" shows the loaded one.';
const NOT_LOADED =
  'The kernel module is not loaded. See "lsmod | grep nvidia" and "dmesg | grep -i nvrm"; after a kernel update the module must be built again (dkms status), and with Secure Boot it must be signed. In a virtual machine or container the card must be passed through.';
const NO_LIBRARY =
  'The library libnvidia-ml.so is not found. Install the driver; in a container start it with --gpus all (NVIDIA Container Toolkit); in WSL2 it is in /usr/lib/wsl/lib and comes with the driver of Windows.';
const PERMISSIONS =
  'This user may not open the devices. Look at "ls -l /dev/nvidia*" and at the groups of the user; in a container of a MIG card ask for the capabilities that monitoring needs.';
const LOST_HANDLE =
  'The driver does not reach this card. "dmesg | grep -i xid" tells why ("Xid 79": it has fallen off the bus); the other cards can be shown with "nvidia-smi -i". A reboot, often with the power off, brings it back.';

/** The words after "Failed to initialize NVML: ", and of NVML's errors in general. */
const NVML: readonly Trouble[] = [
  {
    pattern: /^(?:Driver\/library version mismatch|.*NVML\/RM version mismatch)/i,
    kind: 'driver-unreachable',
    code: 'NVML 18',
    where: 'the driver and its library have different versions',
    todo: MISMATCH,
  },
  {
    pattern: /^Unknown Error/i,
    kind: 'driver-unreachable',
    code: 'NVML 999',
    where: 'NVML does not start',
    todo: 'In a container this comes when systemd reloads and takes the devices from its cgroup: restart the container, and start it with --device for each /dev/nvidia* or with the cgroupfs driver so that it does not come again. Outside: see dmesg, reboot.',
  },
  {
    pattern: /^(?:Insufficient Permissions|No Permission)/i,
    kind: 'driver-unreachable',
    code: 'NVML 4',
    where: 'this user may not talk to the driver',
    todo: PERMISSIONS,
  },
  {
    pattern: /^Driver (?:is )?Not Loaded/i,
    kind: 'driver-unreachable',
    code: 'NVML 9',
    where: 'the driver is not loaded',
    todo: NOT_LOADED,
  },
  {
    pattern: /^(?:NVML )?Shared Library Not Found/i,
    kind: 'driver-unreachable',
    code: 'NVML 12',
    where: 'NVML is not found',
    todo: NO_LIBRARY,
  },
  {
    pattern: /^GPU access blocked by the operating system/i,
    kind: 'driver-unreachable',
    code: 'NVML 17',
    where: 'the operating system blocks the GPU',
    todo: 'Under WSL2 this is a driver of Windows or a WSL kernel that is too old ("wsl --update"), or a Linux driver installed inside: remove that one. In a container the devices are missing from its cgroup: start it with --gpus all.',
  },
  {
    pattern: /^GPU is lost/i,
    kind: 'driver-fault',
    code: 'NVML 15',
    where: 'a GPU is lost',
    todo: TODO.lost,
  },
  {
    pattern: /^GPU requires reset/i,
    kind: 'driver-fault',
    code: 'NVML 16',
    where: 'a GPU requires a reset',
    todo: TODO.reset,
  },
  {
    pattern: /^Not Supported/i,
    where: 'this card does not support the question',
    todo: 'On GB10, Jetson and other machines with unified memory the driver has no figure of its own: use MemTotal and MemAvailable of /proc/meminfo, and the memory of each process.',
  },
];

const TROUBLES: readonly Trouble[] = [
  {
    pattern: /NVIDIA-SMI has failed because it couldn.?t communicate with the NVIDIA driver/i,
    kind: 'driver-unreachable',
    code: 'NVML 9',
    where: 'nvidia-smi does not reach the driver',
    todo: NOT_LOADED,
  },
  {
    pattern: /NVIDIA-SMI has failed because you (?:do not|are not|don.?t)\b/i,
    kind: 'driver-unreachable',
    code: 'NVML 4',
    where: 'this user may not talk to the driver',
    todo: PERMISSIONS,
  },
  {
    pattern: /NVIDIA-SMI couldn.?t find (?:libnvidia-ml\.so|nvml\.dll)/i,
    kind: 'driver-unreachable',
    code: 'NVML 12',
    where: 'nvidia-smi does not find NVML',
    todo: NO_LIBRARY,
  },
  {
    pattern: /No devices were found$/,
    kind: 'driver-fault',
    where: 'the driver shows no card',
    todo: 'The driver is loaded but no card has started. "dmesg | grep -i nvrm" tells why (RmInitAdapter failed, Xid 79, a card without power); "lspci | grep -i nvidia" shows whether the machine sees it. In a container: NVIDIA_VISIBLE_DEVICES.',
  },
  {
    pattern:
      /(?:^|[\s/'"`])nvidia-smi(?:\.exe)?['"`]?: (?:command )?not found\b|^'?nvidia-smi(?:\.exe)?'? is not recognized as|The term 'nvidia-smi(?:\.exe)?' is not recognized|exec: "nvidia-smi": executable file not found/i,
    where: 'nvidia-smi is not installed here',
    todo: 'Run it on the host that has the card. In a container start with --gpus all (NVIDIA Container Toolkit); in WSL2 it is /usr/lib/wsl/lib/nvidia-smi; on Windows it is in C:\\Windows\\System32.',
  },
  {
    pattern:
      /NVML memory APIs not supported for unified memory device|failed to get device memory info\b/i,
    where: 'NVML has no figure of the memory of this device',
    todo: 'On GB10, Jetson and other machines with unified memory the driver has no figure of its own: use MemTotal and MemAvailable of /proc/meminfo, and the memory of each process.',
  },
  {
    pattern: /^Not supported on the device\(s\)$/,
    where: 'this card does not support the question',
    todo: 'dmon and pmon do not serve every card: use "nvidia-smi --query-gpu=…" and "--query-compute-apps=…".',
  },
];

const INIT = /Failed to initialize NVML: ?(.{3,80})/i;
const HANDLE =
  /Unable to determine the device handle for gpu ?(?:(\d{1,3}): )?(?:([0-9A-F]{3,8}:[0-9A-F]{2}:[0-9A-F]{2}\.[0-9A-F]): ?)?(.{3,90})/i;
const CLASS = /(?:\w{1,40}\.){0,4}\bNVMLError_?(\w{0,40}): ?(.{3,80})/;
const CELL = /^\[?GPU (requires reset|is lost)\]?\.?$/i;
/** What may stand before the words of the tool: a program that repeats them, a quote. */
const LEADS = /(?:^|[:>"'`(\][|=-] ?|\b(?:error|stderr|output|err) ?)$/i;
/** Text about an error, not the error. */
const ABOUT = /\b(?:if you (?:see|get)|when you (?:see|get)|such as|for example|e\.g\.)/i;

export const nvidiaSmiError: StatusReader = {
  id: 'nvidia-smi-error',
  code: 'UN608',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvidia-smi has failed',
      summary: 'The tool or its library NVML says why it cannot tell.',
    },
    zh: {},
    ru: {},
  },
  sources: [
    'NVIDIA/go-nvml: nvml.h, nvmlReturn_t',
    'NVIDIA/nvidia-container-toolkit#48',
    'NVIDIA/dcgm-exporter#604',
    'leptonai/gpud#1170',
  ],
  needles: [
    'nvidia-smi has failed',
    'nvidia-smi couldn',
    'failed to initialize nvml',
    'unable to determine the device handle',
    'no devices were found',
    'nvidia-smi: command not found',
    'nvidia-smi: not found',
    "nvidia-smi' is not recognized",
    'gpu requires reset',
    'failed to get device memory info',
    'nvmlerror_',
  ],
  sign: /nvml|nvidia|Not Supported|No devices|GPU/i,
  read({ lines }: Passage): Sighting[] {
    const found = new Map<string, { first: Found; last: number; count: number; time?: string }>();
    for (const { text, number, time } of lines) {
      if (text.length < 12 || text.length > 2000) continue;
      const trouble = troubleIn(text, number);
      if (trouble === undefined) continue;
      const key = `${trouble.where} ${trouble.device ?? ''} ${trouble.bus ?? ''}`;
      const known = found.get(key);
      if (known !== undefined) {
        known.last = number;
        known.count++;
      } else if (found.size < 64) {
        found.set(key, {
          first: trouble,
          last: number,
          count: 1,
          ...(time !== undefined && { time }),
        });
      }
    }
    return [...found.values()].map(({ first, last, count, time }): Sighting => {
      const event: SeenEvent | undefined =
        first.kind === undefined
          ? undefined
          : {
              kind: first.kind,
              line: first.line,
              says: first.says,
              ...(time !== undefined && { time }),
              ...(first.code !== undefined && { code: first.code }),
              ...(first.device !== undefined && { device: first.device }),
              ...(count > 1 && { count }),
            };
      return {
        line: first.line,
        last,
        ...(time !== undefined && { time }),
        devices: [],
        ...(event !== undefined && { events: [event] }),
        gaps: [{ code: 'tool-error', line: first.line, where: first.where, todo: first.todo }],
      };
    });
  },
};

interface Found extends Omit<Trouble, 'pattern'> {
  readonly line: number;
  readonly says: string;
  readonly device?: number;
  readonly bus?: string;
}

/** The words, where the tool itself says them: at the start of the line, or repeated by a program. */
function said(text: string, pattern: RegExp): RegExpExecArray | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const before = text.slice(Math.max(0, match.index - 40), match.index);
  return LEADS.test(before) && !ABOUT.test(text) ? match : undefined;
}

const nvml = (words: string): Trouble | undefined =>
  NVML.find(({ pattern }) => pattern.test(words.trim()));

function troubleIn(raw: string, line: number): Found | undefined {
  const text = raw.trim();
  const handle = said(text, HANDLE);
  if (handle !== undefined) {
    const [says, index, bus, words = ''] = handle;
    const known = nvml(words);
    const isGone = known?.kind === 'driver-fault';
    const which =
      bus === undefined ? (index === undefined ? 'a GPU' : `GPU ${index}`) : `GPU ${bus}`;
    return {
      kind: 'driver-fault',
      line,
      says: says.trim().slice(0, 160),
      where: isGone ? `${which}${known.where.replace('a GPU', '')}` : `no handle of ${which}`,
      todo: isGone ? known.todo : LOST_HANDLE,
      ...(known?.code !== undefined && { code: known.code }),
      ...(index !== undefined && { device: Number(index) }),
      ...(bus !== undefined && { bus }),
    };
  }
  const init = said(text, INIT) ?? said(text, CLASS);
  if (init !== undefined) {
    const words = init[2] ?? init[1] ?? '';
    const known = nvml(words);
    // An unknown reason is still one.
    return {
      ...(known ?? {
        kind: 'driver-unreachable' as const,
        where: 'NVML does not start',
        todo: NOT_LOADED,
      }),
      line,
      says: init[0].trim().slice(0, 160),
    };
  }
  const cell = CELL.exec(text);
  if (cell !== null) {
    const known = nvml(`GPU ${cell[1]}`);
    if (known !== undefined) return { ...known, line, says: text };
  }
  for (const trouble of TROUBLES) {
    const match = said(text, trouble.pattern);
    if (match !== undefined) return { ...trouble, line, says: match[0].trim().slice(0, 160) };
  }
  return undefined;
}
