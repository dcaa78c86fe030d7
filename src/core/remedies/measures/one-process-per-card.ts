import { type Case, hasNeighbours, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'One process per card',
    summary: 'Keeps ranks, workers and parallel tests of the own job off each other’s cards.',
    how: 'Give each rank its card before anything else touches CUDA: first the local rank, then set_device, only then models, checkpoints and collectives. Load with map_location of the own card or the CPU. Keep CUDA out of data workers, and run tests that use the GPU one after another.',
    cost: 'None; tests that ran in parallel take longer.',
    nothing: 'No other process is on this card.',
    'caution-whose':
      'The listed processes may be of somebody else: compare their ids with those of this job first.',
  },
  zh: {
    title: '每张显卡一个进程',
    summary: '让本任务的各个 rank、worker 和并行测试不再占用彼此的显卡。',
    how: '在任何代码接触 CUDA 之前给每个 rank 指定显卡：先取 local rank，再 set_device，然后才是模型、检查点和集合通信。加载时 map_location 用自己的显卡或 CPU。数据 worker 里不使用 CUDA；使用 GPU 的测试逐个运行。',
    cost: '没有代价；原先并行的测试会变慢。',
    nothing: '这张显卡上没有其他进程。',
    'caution-whose': '列出的进程可能属于别人：先核对它们的进程号是否属于本任务。',
  },
  ru: {
    title: 'Один процесс на карту',
    summary: 'Ранги, воркеры и параллельные тесты своей же задачи не занимают карты друг друга.',
    how: 'Дать каждому рангу его карту до любого обращения к CUDA: сначала local rank, затем set_device и лишь потом модели, чекпойнты и коллективные операции. Загружать с map_location своей карты или CPU. Не использовать CUDA в воркерах данных; тесты на GPU запускать по одному.',
    cost: 'Никакой; тесты, которые шли параллельно, займут больше времени.',
    nothing: 'Других процессов на этой карте нет.',
    'caution-whose':
      'Процессы из списка могут быть чужими: сначала сверить их номера с номерами этой задачи.',
  },
} as const;

/** Several processes on one card, as ranks and parallel tests leave them. */
function isCrowded(c: Case): boolean {
  const listed = c.facts.filter(({ quantity }) => quantity === 'listed_process').length;
  const isJob = c.situation.environment.distributed || c.shows('context-creation') !== undefined;
  // A rank that has not chosen its card yet lands on the first one.
  const isStray = (c.rank ?? 0) > 0 && c.device === 0;
  return listed >= 3 || (isJob && hasNeighbours(c)) || isStray;
}

export const oneProcessPerCard: Remedy = {
  id: 'one-process-per-card',
  code: 'UN364',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  answers: ['neighbour', 'model-does-not-fit'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/generated/torch.cuda.set_device.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.cuda.set_device, torchrun (LOCAL_RANK)',
    'pytorch/pytorch#86509: a context of 287 MB with lazy loading, 667 MB without',
  ],
  roles: ['researcher', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { processes: 'others' },
  changes: [],

  commands: [
    'torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))  # before anything else that touches CUDA',
    'torch.load(path, map_location=f"cuda:{local_rank}")',
    'nvidia-smi --query-compute-apps=gpu_uuid,pid,used_memory,process_name --format=csv',
  ],
  costs: [],
  cautions: [{ says: 'caution-whose' }],
  concerns: (c) =>
    isShortage(c) &&
    ['cuda', 'hip', 'xpu'].includes(c.backend) &&
    !c.isEngine &&
    (isCrowded(c) || (hasNeighbours(c) && c.shows('data-loader') !== undefined)),
};
