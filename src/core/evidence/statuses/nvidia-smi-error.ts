/**
 * What nvidia-smi and other users of NVML print when they cannot tell: the driver is away, does not
 * fit its library, is hidden from the container, or has lost a card. Each with what to do.
 */
import { type Statement, say } from '../../base/texts.ts';
import { goneGpu, TODO } from '../nvidia.ts';
import type { EventKind, Passage, SeenEvent, Sighting, StatusReader } from '../status.ts';

const TEXTS = {
  en: {
    title: 'nvidia-smi has failed',
    summary: 'The tool or its library NVML says why it cannot tell.',
    mismatch: 'the driver and its library have different versions',
    'mismatch-todo':
      'The driver was updated while the old kernel module is still loaded. Running jobs go on; new ones fail. Reboot, or stop all that uses the GPUs and reload the modules (rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia; modprobe nvidia). In a container: the libraries inside must be those of the host. "cat /proc/driver/nvidia/version" shows the loaded one.',
    'no-start': 'NVML does not start',
    'no-start-todo':
      'In a container this comes when systemd reloads and takes the devices from its cgroup: restart the container, and start it with --device for each /dev/nvidia* or with the cgroupfs driver so that it does not come again. Outside: see dmesg, reboot.',
    'no-permission': 'this user may not talk to the driver',
    'no-permission-todo':
      'This user may not open the devices. Look at "ls -l /dev/nvidia*" and at the groups of the user; in a container of a MIG card ask for the capabilities that monitoring needs.',
    'not-loaded': 'the driver is not loaded',
    'not-loaded-todo':
      'The kernel module is not loaded. See "lsmod | grep nvidia" and "dmesg | grep -i nvrm"; after a kernel update the module must be built again (dkms status), and with Secure Boot it must be signed. In a virtual machine or container the card must be passed through.',
    'no-library': 'NVML is not found',
    'no-library-todo':
      'The library libnvidia-ml.so is not found. Install the driver; in a container start it with --gpus all (NVIDIA Container Toolkit); in WSL2 it is in /usr/lib/wsl/lib and comes with the driver of Windows.',
    blocked: 'the operating system blocks the GPU',
    'blocked-todo':
      'Under WSL2 this is a driver of Windows or a WSL kernel that is too old ("wsl --update"), or a Linux driver installed inside: remove that one. In a container the devices are missing from its cgroup: start it with --gpus all.',
    lost: 'a GPU is lost',
    reset: 'a GPU requires a reset',
    unsupported: 'this card does not support the question',
    'unified-todo':
      'On GB10, Jetson and other machines with unified memory the driver has no figure of its own: use MemTotal and MemAvailable of /proc/meminfo, and the memory of each process.',
    'no-monitor-todo':
      'dmon and pmon do not serve every card: use "nvidia-smi --query-gpu=…" and "--query-compute-apps=…".',
    unreachable: 'nvidia-smi does not reach the driver',
    'tool-no-library': 'nvidia-smi does not find NVML',
    'no-card': 'the driver shows no card',
    'no-card-todo':
      'The driver is loaded but no card has started. "dmesg | grep -i nvrm" tells why (RmInitAdapter failed, Xid 79, a card without power); "lspci | grep -i nvidia" shows whether the machine sees it. In a container: NVIDIA_VISIBLE_DEVICES.',
    'not-installed': 'nvidia-smi is not installed here',
    'not-installed-todo':
      'Run it on the host that has the card. In a container start with --gpus all (NVIDIA Container Toolkit); in WSL2 it is /usr/lib/wsl/lib/nvidia-smi; on Windows it is in C:\\Windows\\System32.',
    'no-figure': 'NVML has no figure of the memory of this device',
    'no-handle': 'no handle of a GPU',
    'no-handle-of': 'no handle of GPU {which}',
    'no-handle-todo':
      'The driver does not reach this card. "dmesg | grep -i xid" tells why ("Xid 79": it has fallen off the bus); the other cards can be shown with "nvidia-smi -i". A reboot, often with the power off, brings it back.',
  },
  zh: {
    title: 'nvidia-smi 执行失败',
    summary: '工具或其 NVML 库说明了为何无法给出信息。',
    mismatch: '驱动与其库的版本不一致',
    'mismatch-todo':
      '驱动已更新，但加载的仍是旧的内核模块。正在运行的任务可以继续，新任务会失败。重启机器，或停止所有使用 GPU 的程序并重新加载模块（rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia; modprobe nvidia）。在容器中：容器内的库必须与主机的一致。“cat /proc/driver/nvidia/version”显示已加载的版本。',
    'no-start': 'NVML 无法启动',
    'no-start-todo':
      '在容器中，这是因为 systemd 重新加载时从容器的 cgroup 中移除了设备：重启容器；为避免再次出现，启动时为每个 /dev/nvidia* 加上 --device，或改用 cgroupfs 驱动。在容器外：查看 dmesg，重启机器。',
    'no-permission': '当前用户无权访问驱动',
    'no-permission-todo':
      '当前用户无权打开设备。检查“ls -l /dev/nvidia*”和该用户所属的组；在使用 MIG 显卡的容器中，申请监控所需的 capabilities。',
    'not-loaded': '驱动未加载',
    'not-loaded-todo':
      '内核模块未加载。查看“lsmod | grep nvidia”和“dmesg | grep -i nvrm”；内核更新后须重新编译该模块（dkms status），启用 Secure Boot 时还须签名。在虚拟机或容器中，须将显卡直通进去。',
    'no-library': '找不到 NVML',
    'no-library-todo':
      '找不到库 libnvidia-ml.so。安装驱动；容器须用 --gpus all 启动（NVIDIA Container Toolkit）；在 WSL2 中它位于 /usr/lib/wsl/lib，随 Windows 驱动提供。',
    blocked: '操作系统阻止访问 GPU',
    'blocked-todo':
      '在 WSL2 下，原因是 Windows 驱动或 WSL 内核过旧（“wsl --update”），或内部装了 Linux 驱动：将后者卸载。在容器中，原因是其 cgroup 中没有这些设备：用 --gpus all 启动容器。',
    lost: '有 GPU 已丢失',
    reset: '有 GPU 需要重置',
    unsupported: '这块显卡不支持此查询',
    'unified-todo':
      '在 GB10、Jetson 等统一内存的机器上，驱动没有单独的数值：查看 /proc/meminfo 中的 MemTotal 和 MemAvailable，以及每个进程的内存。',
    'no-monitor-todo':
      'dmon 和 pmon 并不支持所有显卡：改用“nvidia-smi --query-gpu=…”和“--query-compute-apps=…”。',
    unreachable: 'nvidia-smi 无法与驱动通信',
    'tool-no-library': 'nvidia-smi 找不到 NVML',
    'no-card': '驱动没有显示任何显卡',
    'no-card-todo':
      '驱动已加载，但没有显卡成功启动。“dmesg | grep -i nvrm”会给出原因（RmInitAdapter failed、Xid 79、显卡未供电）；“lspci | grep -i nvidia”可看出机器是否识别到显卡。在容器中：检查 NVIDIA_VISIBLE_DEVICES。',
    'not-installed': '这里没有安装 nvidia-smi',
    'not-installed-todo':
      '在装有显卡的主机上运行。容器须用 --gpus all 启动（NVIDIA Container Toolkit）；在 WSL2 中它是 /usr/lib/wsl/lib/nvidia-smi；在 Windows 上它位于 C:\\Windows\\System32。',
    'no-figure': 'NVML 没有这个设备的显存数值',
    'no-handle': '无法取得某块 GPU 的句柄',
    'no-handle-of': '无法取得 GPU {which} 的句柄',
    'no-handle-todo':
      '驱动无法访问这块显卡。“dmesg | grep -i xid”会给出原因（“Xid 79”：显卡已从总线上掉线）；其他显卡可用“nvidia-smi -i”查看。重启可以恢复，往往需要断电后再启动。',
  },
  ru: {
    title: 'Сбой nvidia-smi',
    summary: 'Инструмент или его библиотека NVML сообщает, почему не может ответить.',
    mismatch: 'версии драйвера и его библиотеки не совпадают',
    'mismatch-todo':
      'Драйвер обновлён, но загружен ещё старый модуль ядра. Запущенные задания работают дальше, новые падают. Перезагрузить машину либо остановить всё, что использует GPU, и загрузить модули заново (rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia; modprobe nvidia). В контейнере: библиотеки внутри должны совпадать с библиотеками хоста. Загруженную версию показывает «cat /proc/driver/nvidia/version».',
    'no-start': 'NVML не запускается',
    'no-start-todo':
      'В контейнере так бывает, когда systemd перечитывает конфигурацию и отбирает устройства у его cgroup: перезапустить контейнер, а чтобы это не повторялось, запускать его с --device для каждого /dev/nvidia* или с драйвером cgroupfs. Вне контейнера: посмотреть dmesg, перезагрузить машину.',
    'no-permission': 'у этого пользователя нет доступа к драйверу',
    'no-permission-todo':
      'Этот пользователь не может открыть устройства. Проверить «ls -l /dev/nvidia*» и группы пользователя; в контейнере на карте с MIG запросить capabilities, нужные для мониторинга.',
    'not-loaded': 'драйвер не загружен',
    'not-loaded-todo':
      'Модуль ядра не загружен. Посмотреть «lsmod | grep nvidia» и «dmesg | grep -i nvrm»; после обновления ядра модуль нужно собрать заново (dkms status), а при включённом Secure Boot — подписать. В виртуальную машину или контейнер карту нужно пробросить.',
    'no-library': 'NVML не найдена',
    'no-library-todo':
      'Библиотека libnvidia-ml.so не найдена. Установить драйвер; контейнер запускать с --gpus all (NVIDIA Container Toolkit); в WSL2 она лежит в /usr/lib/wsl/lib и приходит с драйвером Windows.',
    blocked: 'операционная система блокирует GPU',
    'blocked-todo':
      'В WSL2 причина — устаревший драйвер Windows или ядро WSL («wsl --update») либо установленный внутри драйвер Linux: последний удалить. В контейнере устройств нет в его cgroup: запустить его с --gpus all.',
    lost: 'драйвер потерял одну из карт',
    reset: 'одна из карт требует сброса',
    unsupported: 'эта карта не поддерживает такой запрос',
    'unified-todo':
      'На GB10, Jetson и других машинах с единой памятью у драйвера нет своих значений: смотреть MemTotal и MemAvailable в /proc/meminfo и память каждого процесса.',
    'no-monitor-todo':
      'dmon и pmon работают не со всеми картами: использовать «nvidia-smi --query-gpu=…» и «--query-compute-apps=…».',
    unreachable: 'nvidia-smi не может связаться с драйвером',
    'tool-no-library': 'nvidia-smi не находит NVML',
    'no-card': 'драйвер не показывает ни одной карты',
    'no-card-todo':
      'Драйвер загружен, но ни одна карта не запустилась. Причину покажет «dmesg | grep -i nvrm» (RmInitAdapter failed, Xid 79, карта без питания); видит ли карту машина, покажет «lspci | grep -i nvidia». В контейнере: проверить NVIDIA_VISIBLE_DEVICES.',
    'not-installed': 'nvidia-smi здесь нет',
    'not-installed-todo':
      'Запускать на хосте, где стоит карта. Контейнер запускать с --gpus all (NVIDIA Container Toolkit); в WSL2 это /usr/lib/wsl/lib/nvidia-smi; в Windows программа лежит в C:\\Windows\\System32.',
    'no-figure': 'у NVML нет значений памяти этого устройства',
    'no-handle': 'не удалось получить дескриптор одной из карт',
    'no-handle-of': 'не удалось получить дескриптор GPU {which}',
    'no-handle-todo':
      'Драйвер не видит эту карту. Причину покажет «dmesg | grep -i xid» («Xid 79» — карта отвалилась от шины); остальные карты можно посмотреть через «nvidia-smi -i». Карту вернёт перезагрузка, часто с отключением питания.',
  },
} as const;

interface Trouble {
  readonly pattern: RegExp;
  readonly kind?: EventKind;
  /** The number of NVML. */
  readonly code?: string;
  readonly where: Statement;
  readonly todo: Statement;
}

/** The words after "Failed to initialize NVML: ", and of NVML's errors in general. */
const NVML: readonly Trouble[] = [
  {
    pattern: /^(?:Driver\/library version mismatch|.*NVML\/RM version mismatch)/i,
    kind: 'driver-unreachable',
    code: 'NVML 18',
    where: say(TEXTS, 'mismatch'),
    todo: say(TEXTS, 'mismatch-todo'),
  },
  {
    pattern: /^Unknown Error/i,
    kind: 'driver-unreachable',
    code: 'NVML 999',
    where: say(TEXTS, 'no-start'),
    todo: say(TEXTS, 'no-start-todo'),
  },
  {
    pattern: /^(?:Insufficient Permissions|No Permission)/i,
    kind: 'driver-unreachable',
    code: 'NVML 4',
    where: say(TEXTS, 'no-permission'),
    todo: say(TEXTS, 'no-permission-todo'),
  },
  {
    pattern: /^Driver (?:is )?Not Loaded/i,
    kind: 'driver-unreachable',
    code: 'NVML 9',
    where: say(TEXTS, 'not-loaded'),
    todo: say(TEXTS, 'not-loaded-todo'),
  },
  {
    pattern: /^(?:NVML )?Shared Library Not Found/i,
    kind: 'driver-unreachable',
    code: 'NVML 12',
    where: say(TEXTS, 'no-library'),
    todo: say(TEXTS, 'no-library-todo'),
  },
  {
    pattern: /^GPU access blocked by the operating system/i,
    kind: 'driver-unreachable',
    code: 'NVML 17',
    where: say(TEXTS, 'blocked'),
    todo: say(TEXTS, 'blocked-todo'),
  },
  {
    pattern: /^GPU is lost/i,
    kind: 'driver-fault',
    code: 'NVML 15',
    where: say(TEXTS, 'lost'),
    todo: TODO.lost,
  },
  {
    pattern: /^GPU requires reset/i,
    kind: 'driver-fault',
    code: 'NVML 16',
    where: say(TEXTS, 'reset'),
    todo: TODO.reset,
  },
  {
    pattern: /^Not Supported/i,
    where: say(TEXTS, 'unsupported'),
    todo: say(TEXTS, 'unified-todo'),
  },
];

const TROUBLES: readonly Trouble[] = [
  {
    pattern: /NVIDIA-SMI has failed because it couldn.?t communicate with the NVIDIA driver/i,
    kind: 'driver-unreachable',
    code: 'NVML 9',
    where: say(TEXTS, 'unreachable'),
    todo: say(TEXTS, 'not-loaded-todo'),
  },
  {
    pattern: /NVIDIA-SMI has failed because you (?:do not|are not|don.?t)\b/i,
    kind: 'driver-unreachable',
    code: 'NVML 4',
    where: say(TEXTS, 'no-permission'),
    todo: say(TEXTS, 'no-permission-todo'),
  },
  {
    pattern: /NVIDIA-SMI couldn.?t find (?:libnvidia-ml\.so|nvml\.dll)/i,
    kind: 'driver-unreachable',
    code: 'NVML 12',
    where: say(TEXTS, 'tool-no-library'),
    todo: say(TEXTS, 'no-library-todo'),
  },
  {
    pattern: /No devices were found$/,
    kind: 'driver-fault',
    where: say(TEXTS, 'no-card'),
    todo: say(TEXTS, 'no-card-todo'),
  },
  {
    pattern:
      /(?:^|[\s/'"`])nvidia-smi(?:\.exe)?['"`]?: (?:command )?not found\b|^'?nvidia-smi(?:\.exe)?'? is not recognized as|The term 'nvidia-smi(?:\.exe)?' is not recognized|exec: "nvidia-smi": executable file not found/i,
    where: say(TEXTS, 'not-installed'),
    todo: say(TEXTS, 'not-installed-todo'),
  },
  {
    pattern:
      /NVML memory APIs not supported for unified memory device|failed to get device memory info\b/i,
    where: say(TEXTS, 'no-figure'),
    todo: say(TEXTS, 'unified-todo'),
  },
  {
    pattern: /^Not supported on the device\(s\)$/,
    where: say(TEXTS, 'unsupported'),
    todo: say(TEXTS, 'no-monitor-todo'),
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
  texts: TEXTS,
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
      const key = `${trouble.where.key} ${trouble.device ?? ''} ${trouble.bus ?? ''}`;
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
    const which = bus ?? index;
    return {
      kind: 'driver-fault',
      line,
      says: says.trim().slice(0, 160),
      where: isGone
        ? which === undefined
          ? known.where
          : goneGpu(known.code === 'NVML 15' ? 'lost' : 'reset', which)
        : which === undefined
          ? say(TEXTS, 'no-handle')
          : say(TEXTS, 'no-handle-of', { which }),
      todo: isGone ? known.todo : say(TEXTS, 'no-handle-todo'),
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
        where: say(TEXTS, 'no-start'),
        todo: say(TEXTS, 'not-loaded-todo'),
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
