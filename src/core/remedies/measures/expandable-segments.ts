import { type Statement, say } from '../../base/texts.ts';
import {
  exceedsCard,
  hadRoom,
  isAbsurd,
  isCapped,
  isTorch,
  printedValue,
} from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'expandable_segments:True',
    summary:
      'Lets segments grow page by page, so that idle memory is not lost between fixed segments.',
    how: 'Set it in the environment before the process starts; it is read at the first use of CUDA. Newer versions also call the variable PYTORCH_ALLOC_CONF; set only one.',
    cost: 'About none in speed.',
    nothing: 'Nothing is idle inside PyTorch: there are no pieces to join.',
    backend: 'This backend’s allocator has no such option.',
    room: 'The driver had room for the request; pieces are not the problem.',
    beyond: 'The one request is larger than the whole card: no layout of it has that much.',
    cap: 'A cap refused the request: the layout is not the problem.',
    'caution-windows': 'Linux only: ignored with a warning on Windows, unreliable under WSL2.',
    'caution-rocm': 'On ROCm only from about version 7 on.',
    'caution-sleep':
      'It does not go together with every sleep mode and memory pool of an engine: many versions refuse it, and a check for one variable name can miss the other.',
    'caution-sharing':
      'Versions before about 2.6 cannot share such tensors between processes (CUDA IPC).',
    'caution-split':
      'Set together with max_split_size_mb it crashed before 2.5, and reserved memory can grow without bound: drop that.',
  },
  zh: {
    title: 'expandable_segments:True',
    summary: '让段逐页增长，空闲缓存不再散落在固定的段之间。',
    how: '在进程启动前用环境变量设置；首次使用 CUDA 时读取。新版本的变量名也叫 PYTORCH_ALLOC_CONF，两者只设一个。',
    cost: '速度上几乎没有代价。',
    nothing: 'PyTorch 内部没有空闲缓存：没有可拼合的碎片。',
    backend: '此后端的分配器没有该选项。',
    room: '驱动有足够空间满足请求：问题不在碎片。',
    beyond: '单次申请比整张卡还大：怎样排布都没有这么多。',
    cap: '请求是被上限拒绝的：问题不在布局。',
    'caution-windows': '仅支持 Linux：Windows 上会被忽略并警告，WSL2 下不可靠。',
    'caution-rocm': 'ROCm 上大约从版本 7 起才支持。',
    'caution-sleep':
      '它与推理引擎的部分 sleep 模式和内存池不兼容：许多版本会拒绝，且只检查一个变量名的代码可能漏掉另一个。',
    'caution-sharing': '大约 2.6 之前的版本不能在进程间共享这样的张量（CUDA IPC）。',
    'caution-split':
      '与 max_split_size_mb 同用，2.5 之前会崩溃，已保留显存也可能无限增长：去掉后者。',
  },
  ru: {
    title: 'expandable_segments:True',
    summary:
      'Сегменты растут постранично, и простаивающая память не теряется между жёсткими сегментами.',
    how: 'Задать в окружении до запуска процесса; читается при первом обращении к CUDA. В новых версиях переменная зовётся и PYTORCH_ALLOC_CONF; задавать только одну.',
    cost: 'По скорости почти никакой.',
    nothing: 'Внутри PyTorch ничего не простаивает: соединять нечего.',
    backend: 'У аллокатора этого бэкенда такой настройки нет.',
    room: 'У драйвера было место для запроса; дело не во фрагментах.',
    beyond: 'Один запрос больше всей карты: столько не даст никакая раскладка.',
    cap: 'Запрос отклонён лимитом: дело не в раскладке.',
    'caution-windows': 'Только Linux: в Windows игнорируется с предупреждением, в WSL2 ненадёжно.',
    'caution-rocm': 'Для ROCm — примерно с версии 7.',
    'caution-sleep':
      'Сочетается не со всяким режимом сна и пулом памяти движка: многие версии его отвергают, а проверка одного имени переменной может пропустить другое.',
    'caution-sharing':
      'Версии примерно до 2.6 не могут делить такие тензоры между процессами (CUDA IPC).',
    'caution-split':
      'Вместе с max_split_size_mb до 2.5 падало, а зарезервированная память может расти без предела: убрать его.',
  },
} as const;

export const expandableSegments: Remedy = {
  id: 'expandable-segments',
  code: 'UN302',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  answers: ['fragmentation'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '2.1' }],
  docs: [
    'https://docs.pytorch.org/docs/stable/notes/cuda.html#optimizing-memory-usage-with-pytorch-alloc-conf',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'pytorch@v2.6.0:c10/cuda/CUDAAllocatorConfig.cpp',
    'PyTorch documentation: CUDA semantics, expandable_segments',
    'pytorch/pytorch#123548: together with max_split_size_mb',
  ],
  roles: ['quick', 'mlops', 'inference'],
  alters: 'nothing',
  often_tried: true,
  touches: { idle: 'any' },
  changes: [{ setting: 'expandable_segments', to: true }],
  replayed_as: 'expandable_segments',

  commands: [],
  costs: [],
  cautions: [
    {
      says: 'caution-windows',
      applies: (c) => c.shows('windows') !== undefined || c.shows('wsl') !== undefined,
    },
    { says: 'caution-rocm', applies: (c) => c.backend === 'hip' },
    {
      says: 'caution-sleep',
      applies: (c) => c.isEngine || c.shows('rollout-engine') !== undefined,
    },
    { says: 'caution-sharing', applies: (c) => c.shows('rollout-engine') !== undefined },
    { says: 'caution-split', applies: (c) => printedValue(c, 'max_split_size') !== undefined },
  ],
  concerns: (c) =>
    c.kind === 'gpu_oom' && !isAbsurd(c) && isTorch(c) && c.amounts.requested !== undefined,
  barred(c): Statement | undefined {
    if (c.backend !== 'cuda' && c.backend !== 'hip') return say(TEXTS, 'backend');
    if (c.format === 'torch-async') return say(TEXTS, 'backend');
    if (exceedsCard(c.amounts)) return say(TEXTS, 'beyond');
    if (isCapped(c)) return say(TEXTS, 'cap');
    if (hadRoom(c.amounts)) return say(TEXTS, 'room');
    return undefined;
  },
};
