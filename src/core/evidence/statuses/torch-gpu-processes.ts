/** `torch.cuda.list_gpu_processes()`: the processes that NVML lists on one device. */
import { phrase } from '../../base/texts.ts';
import type { SeenDevice, SeenProcess } from '../../ledger/device.ts';
import { LIST_OF_PROCESSES } from '../gap-places-n-z.ts';
import { type Gap, type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const HEAD = /^\s*['"]?GPU:(\d{1,3})['"]?\s*$/;
const PROCESS = /^\s*['"]?process\s+(\d{1,9}) uses\s+(\d{1,9}\.\d{3}) MB GPU memory['"]?\s*$/;
const CUT = /^\s*process\s+\d{1,9}(?:\s+u(?:s(?:e(?:s.{0,40})?)?)?)?$/;
const NOBODY = /^\s*no processes are running['"]?\s*$/;

const HEAD_OF_LIST = phrase({
  en: 'the head of the list of processes',
  zh: '进程列表的开头',
  ru: 'начало списка процессов',
});

interface List {
  readonly first: number;
  last: number;
  readonly index?: number;
  readonly processes: SeenProcess[];
  isEmpty: boolean;
  isCut: boolean;
}

export const torchGpuProcesses: StatusReader = {
  id: 'torch-gpu-processes',
  code: 'UN632',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'torch.cuda.list_gpu_processes()',
      summary: 'The processes on one device with their memory, as PyTorch lists them.',
    },
    zh: {
      title: 'torch.cuda.list_gpu_processes()',
      summary: 'PyTorch 列出的单个设备上的进程及其显存。',
    },
    ru: {
      title: 'torch.cuda.list_gpu_processes()',
      summary: 'Процессы на одном устройстве и их память, как их перечисляет PyTorch.',
    },
  },
  sources: ['pytorch@2.6.0: torch/cuda/memory.py: list_gpu_processes'],
  needles: ['mb gpu memory', 'no processes are running'],
  sign: /GPU memory|GPU:\d|no processes/i,
  read({ lines, goes_on }: Passage): Sighting[] {
    const found: Sighting[] = [];
    let list: List | undefined;
    const end = (): void => {
      if (list !== undefined && (list.isEmpty || list.isCut || list.processes.length > 0)) {
        found.push(sightingOf(list));
      }
      list = undefined;
    };
    lines.forEach((line, at) => {
      const pieces = line.text.split('\\n');
      pieces.forEach((text, piece) => {
        const head = HEAD.exec(text);
        if (head !== null) {
          end();
          list = newList(line.number, Number(head[1]));
          return;
        }
        if (list !== undefined && line.number - list.last > 2) end();
        const process = PROCESS.exec(text);
        if (process !== null) {
          list ??= newList(line.number);
          if (list.processes.length >= 8192) return;
          list.processes.push({
            pid: Number(process[1]),
            memory: shown(process[2] ?? '', { unit: 'MiB' }),
            line: line.number,
          });
        } else if (NOBODY.test(text) && list?.processes.length === 0) list.isEmpty = true;
        else if (
          CUT.test(text) &&
          list !== undefined &&
          at === lines.length - 1 &&
          piece === pieces.length - 1 &&
          !goes_on
        )
          list.isCut = true;
        else return;
        if (list !== undefined) list.last = line.number;
      });
    });
    end();
    return found;
  },
};

const newList = (first: number, index?: number): List => ({
  first,
  last: first,
  ...(index !== undefined && { index }),
  processes: [],
  isEmpty: false,
  isCut: false,
});

function sightingOf({ first, last, index, processes, isCut }: List): Sighting {
  const gaps: Gap[] = [];
  if (index === undefined) {
    gaps.push({ code: 'cut-off', line: first, where: HEAD_OF_LIST });
  }
  if (isCut) gaps.push({ code: 'cut-off', line: last, where: LIST_OF_PROCESSES });
  const device: SeenDevice = {
    ...(index !== undefined && { index }),
    vendor: 'unknown',
    processes,
    listed: gaps.length > 0 ? 'part' : 'all',
    line: first,
  };
  return { line: first, last, devices: [device], gaps };
}
