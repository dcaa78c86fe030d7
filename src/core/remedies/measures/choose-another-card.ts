import { hasNeighbours, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Another card',
    summary: 'Runs the job on a card that nobody else uses.',
    how: 'Look which card is free, then choose it in the environment, before the process starts. The numbers of nvidia-smi and of CUDA differ by default: name the card by its UUID, or set CUDA_DEVICE_ORDER=PCI_BUS_ID as well. On ROCm the variable is HIP_VISIBLE_DEVICES, on XPU ZE_AFFINITY_MASK.',
    cost: 'None for the run. On a shared machine the other card may be meant for somebody else.',
    nothing:
      'No other process is listed, and nothing on this card is unaccounted for: another card of this size would fill up too.',
    'caution-order':
      'Index 0 in a message is the first card that the process may see, not GPU 0 of nvidia-smi.',
    'caution-script':
      'Set inside the script after the first use of CUDA, the variable does nothing.',
    'caution-scheduler':
      'Under Slurm or Kubernetes the scheduler has chosen the card: ask it for another one.',
  },
  zh: {
    title: '换一张显卡',
    summary: '把任务放到没有其他进程使用的显卡上运行。',
    how: '先查看哪张显卡空闲，再在进程启动前用环境变量选定。默认情况下 nvidia-smi 与 CUDA 的编号不同：用 UUID 指定显卡，或同时设置 CUDA_DEVICE_ORDER=PCI_BUS_ID。ROCm 用 HIP_VISIBLE_DEVICES，XPU 用 ZE_AFFINITY_MASK。',
    cost: '对运行本身没有代价；共享机器上，那张显卡可能是留给别人的。',
    nothing: '没有列出其他进程，这张显卡上也没有来历不明的占用：换一张同样大小的显卡同样会占满。',
    'caution-order': '消息里的编号 0 是该进程可见的第一张显卡，不是 nvidia-smi 的 GPU 0。',
    'caution-script': '在脚本里、首次使用 CUDA 之后再设置该变量不起作用。',
    'caution-scheduler': '在 Slurm 或 Kubernetes 下，显卡由调度器分配：向它申请另一张。',
  },
  ru: {
    title: 'Другая карта',
    summary: 'Задача запускается на карте, которую никто больше не занимает.',
    how: 'Посмотреть, какая карта свободна, и выбрать её в окружении до запуска процесса. Номера nvidia-smi и CUDA по умолчанию различаются: указать карту по UUID или вдобавок задать CUDA_DEVICE_ORDER=PCI_BUS_ID. Для ROCm переменная — HIP_VISIBLE_DEVICES, для XPU — ZE_AFFINITY_MASK.',
    cost: 'Для запуска — никакой. На общей машине другая карта может быть предназначена кому-то ещё.',
    nothing:
      'Других процессов в списке нет, и на карте нет ничего неучтённого: другая карта того же размера заполнится так же.',
    'caution-order':
      'Номер 0 в сообщении — первая карта, видимая процессу, а не GPU 0 из nvidia-smi.',
    'caution-script':
      'Заданная в скрипте после первого обращения к CUDA, переменная ничего не меняет.',
    'caution-scheduler':
      'Под Slurm или Kubernetes карту выбрал планировщик: запросить другую у него.',
  },
} as const;

export const chooseAnotherCard: Remedy = {
  id: 'choose-another-card',
  code: 'UN363',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  answers: ['neighbour'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#cuda-environment-variables',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'CUDA C++ Programming Guide: CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER',
    'NVIDIA documentation: nvidia-smi',
  ],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { processes: 'others' },
  changes: [],

  commands: [
    'nvidia-smi --query-gpu=index,uuid,memory.used,memory.free --format=csv',
    'CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=1 python train.py',
    'CUDA_VISIBLE_DEVICES=GPU-<uuid> python train.py',
  ],
  costs: [],
  cautions: [
    { says: 'caution-order' },
    { says: 'caution-script' },
    {
      says: 'caution-scheduler',
      applies: (c) => c.frameworks.includes('slurm') || c.frameworks.includes('kubernetes'),
    },
  ],
  concerns: (c) =>
    isShortage(c) &&
    ['cuda', 'hip', 'xpu'].includes(c.backend) &&
    (hasNeighbours(c) || c.has('taken-at-start')),
};
