/** The words of the guides by role. */
import type { Words } from '../../base/texts.ts';
import type { Role } from '../../remedies/remedy.ts';

export const GUIDE_TEXTS: Readonly<Record<Role, Words>> = {
  quick: {
    en: 'To type now, before anything else: who holds the memory, and what frees it without a change of the run.',
    zh: '先做这些：看谁占着显存，以及不改动任务就能释放什么。',
    ru: 'Сделать сразу: узнать, кто держит память, и что освобождается без изменения задачи.',
  },
  researcher: {
    en: 'Changes of the script. What leaves the mathematics as it is comes first; what changes the experiment comes last and belongs in its record.',
    zh: '修改脚本。先用数学上等价的做法；会改变试验的做法放在最后，并写进试验记录。',
    ru: 'Правки скрипта. Сначала то, что не меняет математику; то, что меняет эксперимент, — в конце и с записью в его журнале.',
  },
  mlops: {
    en: 'Changes of the machine, the job and the launch: who shares a card, what a container may use, how the run is spread.',
    zh: '修改机器、作业和启动方式：谁与谁共用显卡，容器可以用多少，任务如何分布。',
    ru: 'Правки машины, задания и запуска: кто делит карту, сколько можно контейнеру, как распределён запуск.',
  },
  inference: {
    en: 'Changes of a server: how much the engine takes, how much of it is KV cache, and how long and how many requests may be.',
    zh: '修改推理服务：引擎占用多少、其中多少是 KV 缓存、请求可以多长、同时多少个。',
    ru: 'Правки сервера: сколько берёт движок, какая часть из этого — KV-кэш, какой длины и сколько сразу могут быть запросы.',
  },
};

export const GUIDE_WORDS: Readonly<Record<'order' | 'not' | 'acceptance', Words>> = {
  order: { en: 'To try in this order', zh: '按此顺序尝试', ru: 'Пробовать в таком порядке' },
  not: { en: 'What frees nothing', zh: '不能释放显存的做法', ru: 'Что ничего не освобождает' },
  acceptance: { en: 'When the run is well', zh: '验收清单', ru: 'Когда запуск принят' },
};

interface Acceptance {
  readonly roles: readonly Role[];
  readonly says: Words;
}

const TRAINING = ['quick', 'researcher', 'mlops'] as const;

/** The peak of a run is where few look: the second step, evaluation, saving, the longest sample. */
export const ACCEPTANCE: readonly Acceptance[] = [
  {
    roles: TRAINING,
    says: {
      en: 'The longest batch comes first: sort by length or repeat the longest sample, and it passes.',
      zh: '让最长的 batch 最先出现：按长度排序，或重复最长的样本；该 batch 能通过。',
      ru: 'Самый длинный батч идёт первым: отсортировать по длине или повторить самый длинный пример; он проходит.',
    },
  },
  {
    roles: TRAINING,
    says: {
      en: 'Two optimizer steps pass: the first one creates the optimizer states, the second one runs beside them.',
      zh: '通过两个优化器步：第一步创建优化器状态，第二步在其已存在时运行。',
      ru: 'Проходят два шага оптимизатора: первый создаёт его состояния, второй идёт уже рядом с ними.',
    },
  },
  {
    roles: TRAINING,
    says: {
      en: 'One evaluation passes, with its own batch size and with generation, if there is any.',
      zh: '通过一次评估：使用评估自己的 batch 大小，有生成时包括生成。',
      ru: 'Проходит одна оценка: со своим размером батча и с генерацией, если она есть.',
    },
  },
  {
    roles: TRAINING,
    says: {
      en: 'One checkpoint is saved and loaded again in the way the run will do it.',
      zh: '按正式任务的方式保存一次检查点并重新加载。',
      ru: 'Один чекпойнт сохранён и снова загружен так, как это будет делать запуск.',
    },
  },
  {
    roles: ['researcher', 'mlops'],
    says: {
      en: 'The peak of allocated and of reserved memory is written down for each rank, and does not grow from step 50 to step 100.',
      zh: '记录每个 rank 的已分配与已预留显存峰值；从第 50 步到第 100 步不增长。',
      ru: 'Пики выделенной и зарезервированной памяти записаны для каждого ранга и не растут с 50-го шага по 100-й.',
    },
  },
  {
    roles: ['researcher'],
    says: {
      en: 'The loss of the first 20 steps is that of the run before the change, within its noise, where the change leaves the mathematics alone.',
      zh: '对于不改变数学过程的改动：前 20 步的 loss 与改动前一致（在噪声范围内）。',
      ru: 'Если правка не трогает математику, потери первых 20 шагов те же, что до неё, в пределах шума.',
    },
  },
  {
    roles: ['mlops'],
    says: {
      en: 'Nobody else holds memory of the card when the job starts, and nothing of the job is left when it ends.',
      zh: '任务启动时显卡上没有其他占用；任务结束后没有残留。',
      ru: 'При старте задания память карты никто больше не держит, а после его конца на ней ничего не остаётся.',
    },
  },
  {
    roles: ['mlops'],
    says: {
      en: 'The peak of host memory of the job stays below the limit of its container or job, workers and checkpoints included.',
      zh: '任务的主机内存峰值（包括数据加载 worker 和检查点）低于容器或作业的限制。',
      ru: 'Пик памяти хоста у задания, вместе с процессами загрузки и чекпойнтами, ниже предела контейнера или задания.',
    },
  },
  {
    roles: ['inference'],
    says: {
      en: 'The longest prompt with the longest answer passes, alone.',
      zh: '最长的提示词加最长的回答，单独请求能通过。',
      ru: 'Самый длинный запрос с самым длинным ответом проходит, пока он один.',
    },
  },
  {
    roles: ['inference'],
    says: {
      en: 'As many requests at once as are allowed pass, with no request recomputed or turned away.',
      zh: '按允许的最大并发运行能通过，没有请求被重新计算或拒绝。',
      ru: 'Проходит столько одновременных запросов, сколько разрешено; ни один не пересчитан и не отвергнут.',
    },
  },
  {
    roles: ['inference'],
    says: {
      en: 'After an hour under load the memory of the process is what it was after the first minute.',
      zh: '在负载下运行一小时后，进程占用的显存与第一分钟后相同。',
      ru: 'После часа под нагрузкой память процесса та же, что после первой минуты.',
    },
  },
  {
    roles: ['inference'],
    says: {
      en: 'A restart of the server while the old process is ending passes as well.',
      zh: '旧进程尚在退出时重启服务，也能通过。',
      ru: 'Перезапуск сервера, пока прежний процесс завершается, тоже проходит.',
    },
  },
];
