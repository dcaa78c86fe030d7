import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'One process for each card',
    summary:
      'Ranks, workers and tests of one job share a card by mistake; each brings a context of its own.',
    how: 'Call torch.cuda.set_device(local_rank) before anything else touches CUDA, load checkpoints to the host, start no more processes than cards, and keep CUDA out of data loading.',
    cost: 'None.',
    nothing: 'No other process is listed on this card.',
    'c-ctx': 'A process that only touches CUDA already holds some hundred MiB.',
  },
  zh: {
    title: '每张卡一个进程',
    summary: '同一任务的 rank、worker 或测试误用了同一张卡，每个都有自己的上下文。',
    how: '在任何代码接触 CUDA 之前调用 torch.cuda.set_device(local_rank)；检查点加载到主机；进程数不超过卡数；数据加载中不要使用 CUDA。',
    cost: '没有代价。',
    nothing: '这张卡上没有列出其他进程。',
    'c-ctx': '仅仅接触 CUDA 的进程就要占用几百 MiB。',
  },
  ru: {
    title: 'Один процесс на карту',
    summary: 'Ранги, воркеры и тесты одной задачи по ошибке делят карту; у каждого свой контекст.',
    how: 'Вызвать torch.cuda.set_device(local_rank) раньше всего, что касается CUDA; грузить чекпойнты на хост; процессов не больше, чем карт; в загрузке данных не трогать CUDA.',
    cost: 'Ничего не стоит.',
    nothing: 'Других процессов на этой карте не видно.',
    'c-ctx': 'Процесс, который лишь коснулся CUDA, уже занимает сотни МиБ.',
  },
} as const;

export const oneProcessPerCard: Remedy = {
  id: 'one-process-per-card',
  code: 'UN364',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  answers: ['neighbour'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch/pytorch#23138: 725 MiB contexts of other ranks on GPU 0'],
  roles: ['researcher', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { processes: 'others' },
  changes: [],

  commands: ['torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))'],
  costs: [],
  cautions: [{ says: 'c-ctx' }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    (c.facts.filter(({ quantity }) => quantity === 'listed_process').length >= 3 ||
      (c.situation.environment.distributed && (c.rank ?? 0) > 0 && c.device === 0)),
};
