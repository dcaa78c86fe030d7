import { type Statement, say } from '../../base/texts.ts';
import { hadRoom, isAbsurd, isCapped, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'expandable_segments:True',
    summary:
      'Lets segments grow page by page, so that idle memory is not lost between fixed segments.',
    how: 'Set it in the environment before the process starts; it is read at the first use of CUDA. Newer versions also call the variable PYTORCH_ALLOC_CONF; set only one.',
    cost: 'About none. Linux only, not reliably under WSL2; ROCm from about version 7; not with every CUDA-graph and memory-pool feature.',
    nothing: 'Nothing is idle inside PyTorch: there are no pieces to join.',
    backend: 'This backend’s allocator has no such option.',
    room: 'The driver had room for the request; pieces are not the problem.',
    cap: 'A cap refused the request: the layout is not the problem.',
    'caution-sleep': 'In many versions it does not mix with an engine’s sleep mode.',
  },
  zh: {
    title: 'expandable_segments:True',
    summary: '段可以按页增长，空闲缓存不会浪费在固定段之间。',
    how: '在进程启动前的环境中设置；首次使用 CUDA 时读取。新版本也称该变量为 PYTORCH_ALLOC_CONF；只设其中一个。',
    cost: '几乎没有。仅限 Linux，WSL2 下不可靠；ROCm 约从 7 版起；与部分 CUDA graph 和内存池功能不兼容。',
    nothing: 'PyTorch 内没有空闲缓存，没有碎片可合并。',
    backend: '该后端的分配器没有这个选项。',
    room: '驱动有足够空间满足申请，问题不在碎片。',
    cap: '是上限拒绝了申请，问题不在布局。',
    'caution-sleep': '在许多版本中与推理引擎的休眠模式不兼容。',
  },
  ru: {
    title: 'expandable_segments:True',
    summary:
      'Сегменты растут постранично, и простаивающая память не теряется между фиксированными сегментами.',
    how: 'Задать в окружении до запуска процесса; читается при первом обращении к CUDA. В новых версиях переменная зовётся и PYTORCH_ALLOC_CONF; задавать одну из двух.',
    cost: 'Почти ничего. Только Linux, под WSL2 ненадёжно; ROCm примерно с версии 7; не со всеми CUDA-графами и пулами.',
    nothing: 'В PyTorch ничего не простаивает: соединять нечего.',
    backend: 'У аллокатора этого бэкенда такой опции нет.',
    room: 'У драйвера место под запрос было; дело не в кусках.',
    cap: 'Запрос отклонил предел: дело не в раскладке.',
    'caution-sleep': 'Во многих версиях не сочетается с режимом сна движка.',
  },
} as const;

export const expandableSegments: Remedy = {
  id: 'expandable-segments',
  code: 'UN302',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  domain: 'any',
  answers: ['fragmentation'],
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '2.1' }],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0:c10/cuda/CUDAAllocatorConfig.cpp'],
  roles: ['quick', 'mlops', 'inference'],
  alters: 'nothing',
  often_tried: true,
  touches: { idle: 'any' },
  changes: [{ setting: 'expandable_segments', to: true }],
  commands: [],
  costs: [],
  cautions: [
    {
      says: 'caution-sleep',
      applies: (c) => c.shows('rollout-engine') !== undefined || c.frameworks.includes('vllm'),
    },
  ],
  concerns: (c) =>
    c.kind === 'gpu_oom' && !isAbsurd(c) && isTorch(c) && c.amounts.requested !== undefined,
  barred(c): Statement | undefined {
    if (c.backend !== 'cuda' && c.backend !== 'hip') return say(TEXTS, 'backend');
    if (c.format === 'torch-async') return say(TEXTS, 'backend');
    if (isCapped(c)) return say(TEXTS, 'cap');
    if (hadRoom(c.amounts)) return say(TEXTS, 'room');
    return undefined;
  },
};
