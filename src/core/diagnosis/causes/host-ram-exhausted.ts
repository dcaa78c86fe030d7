/** Host memory: RAM, cgroup, job limit. */
import { GiB, MiB } from '../../base/bytes.ts';
import { say } from '../../base/texts.ts';
import { type Case, hadRoom, isAbsurd, isCapped } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Host memory, or the job’s limit of it, ran out',
    summary: 'Host RAM, a cgroup or a job’s memory limit, not the card.',
    headline: 'The machine’s RAM, or a limit of the job (container, batch system), was used up.',
    allocator: 'An allocation in host memory failed.',
    'own-limit': 'A limit on host memory was reached.',
    maps: 'So small a mapping is also refused when a process has too many of them (vm.max_map_count) or /dev/shm is full.',
    vast: 'So much in one piece can be work that is too large, or a size that went wrong.',
    forecast: 'The program reckoned, and went on without it: nothing was refused.',
    shaped: 'The tensor that was asked for is named: a smaller piece of work may do.',
    crumb:
      'What was refused is small: something else had taken the memory before, perhaps by growing.',
    unsized:
      'For how much is not said; a size that went wrong, or libraries that do not go together, end so as well.',
    asked: 'It asked for {requested} of host memory.',
    cache: 'It was the KV cache that was being allocated.',
    system: 'The system says that it killed for memory.',
    killed: 'The process was killed by the system (SIGKILL), which a full GPU never does.',
    operator: 'Somebody or a scheduler may have killed it for another reason.',
    page: 'A page has a limit of its own, far below what the machine may have.',
    worker: 'A worker process is gone; the usual reason is host memory.',
    limit: 'The runtime has a limit of its own, which may be reached before the machine’s.',
    driver: 'Drivers give this code for faults of their own too.',
    beside:
      'Beside it the host’s own allocator failed ({place}); Windows backs memory of the card with host memory, so the card refuses with room to spare.',
    crash: 'A crash of the worker looks the same.',
  },
  zh: {
    title: '主机内存或任务的内存上限耗尽',
    summary: '耗尽的是主机内存、cgroup 或任务的内存上限，不是显存。',
    headline: '机器的内存，或任务的上限（容器、批处理系统），已经用完。',
    allocator: '主机内存的分配失败了。',
    'own-limit': '达到了主机内存的某个上限。',
    maps: '这么小的映射被拒绝，也可能是进程的映射数达到上限（vm.max_map_count），或 /dev/shm 已满。',
    vast: '一次申请这么大一块，也可能是单次计算过大，或大小算错了。',
    forecast: '这是程序的估算，它随后继续运行：并没有分配被拒绝。',
    shaped: '消息给出了所申请的张量：把单次计算缩小也许就够。',
    crumb: '被拒绝的申请很小：内存此前已被占满，可能是逐渐增长所致。',
    unsized: '没有说明要多少；大小算错、或库之间不兼容，也会这样结束。',
    asked: '它申请了 {requested} 主机内存。',
    cache: '正在分配的是 KV 缓存。',
    system: '系统称因内存不足而杀死了进程。',
    killed: '进程被系统杀死（SIGKILL），显存占满从不会这样。',
    operator: '也可能是有人或调度器因其他原因杀死了它。',
    page: '网页另有自己的上限，远低于机器的内存。',
    worker: '一个工作进程消失了；通常是主机内存的原因。',
    limit: '该运行时有自己的上限，可能先于机器内存耗尽。',
    driver: '驱动自身的故障也会返回这个错误码。',
    beside:
      '同时主机自己的分配器也失败了（{place}）；Windows 用主机内存为显存提供后备，因此显卡有空间也会拒绝。',
    crash: 'worker 崩溃看起来也一样。',
  },
  ru: {
    title: 'Кончилась память хоста или её предел у задачи',
    summary: 'ОЗУ хоста, cgroup или предел памяти задачи, а не карта.',
    headline: 'Исчерпано ОЗУ машины или предел задачи (контейнера, очереди).',
    allocator: 'Не удалось выделить память хоста.',
    'own-limit': 'Достигнут предел памяти хоста.',
    maps: 'В таком малом отображении отказывают и тогда, когда их у процесса слишком много (vm.max_map_count) или полон /dev/shm.',
    vast: 'Столько одним куском — это может быть и слишком большая порция работы, и ошибка в размере.',
    forecast: 'Программа прикинула заранее и обошлась без этого: ни в чём отказано не было.',
    shaped: 'Назван тензор, под который просили память: возможно, хватит меньшей порции работы.',
    crumb: 'Отказано в малом: память уже была занята другим, возможно, постепенным ростом.',
    unsized:
      'Сколько было нужно, не сказано; так же заканчиваются ошибка в размере и библиотеки, не подходящие друг к другу.',
    asked: 'Он запросил {requested} памяти хоста.',
    cache: 'Выделялся именно KV-кэш.',
    system: 'Система сообщает, что убила из-за памяти.',
    killed: 'Процесс убит системой (SIGKILL); из-за полного GPU так не бывает.',
    operator: 'Его мог убить человек или планировщик по другой причине.',
    page: 'У страницы свой предел, гораздо ниже памяти машины.',
    worker: 'Процесс задачи пропал; обычная причина — память хоста.',
    limit: 'У среды выполнения есть собственный предел; он мог кончиться раньше памяти машины.',
    driver: 'Драйверы возвращают этот код и при собственных сбоях.',
    beside:
      'Рядом отказал и аллокатор самого хоста ({place}); Windows обеспечивает память карты памятью хоста, поэтому карта отказывает и при свободном месте.',
    crash: 'Падение воркера выглядит так же.',
  },
} as const;

/** Memory that is short is not short of this. */
const SMALL_MAPPING = MiB;

/** In one piece: from here on the request is as often what was wrong as the machine. */
const VAST = 8 * GiB;
/** Nearly always the product of counts that nobody multiplied in mind. */
const BEYOND_USE = 256 * GiB;
/** So little is refused where the rest was taken piece by piece. */
const SMALL = 16 * MiB;

/** A driver's own code for the host's memory, which it gives for other failures too. */
const OF_DRIVERS: readonly string[] = ['opencl', 'status-number', 'xpu-native', 'vulkan'];

/** These have causes of their own. */
const OWN = ['shared-memory-segment', 'pinned-memory', 'paging-file', 'arena-limit'] as const;

export const hostRamExhausted: Cause = {
  id: 'host-ram-exhausted',
  code: 'UN212',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  category: 'host',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['linux@v6.6: oom_kill'],
  assess(c): Assessment | undefined {
    if (c.kind === 'gpu_oom') return besideRoom(c);
    if (c.kind !== 'host_oom' || isAbsurd(c)) return undefined;
    if (OWN.some((clue) => c.has(clue))) return undefined;
    if (c.has('host-allocator')) {
      const { requested } = c.amounts;
      const isLimit = c.wording === 'own-limit';
      const because = [say(TEXTS, isLimit ? 'own-limit' : 'allocator')];
      if (requested !== undefined) because.push(say(TEXTS, 'asked', { requested }));
      // Asked for by mistake, as another cause says.
      if (c.shows('absurd-count') !== undefined) {
        return { strength: 'possible', because, against: [say(TEXTS, 'vast')], weight: 5 };
      }
      if (c.has('only-a-warning')) {
        return { strength: 'possible', because, against: [say(TEXTS, 'forecast')], weight: 9 };
      }
      if (isLimit) {
        return { strength: 'possible', because, against: [say(TEXTS, 'limit')], weight: 9 };
      }
      if (OF_DRIVERS.includes(c.format)) {
        return { strength: 'possible', because, against: [say(TEXTS, 'driver')], weight: 9 };
      }
      if (c.has('page-memory')) {
        return { strength: 'likely', because, against: [say(TEXTS, 'page')], weight: 6 };
      }
      if (c.has('mapping') && requested !== undefined && requested.high <= SMALL_MAPPING) {
        return { strength: 'possible', because, against: [say(TEXTS, 'maps')], weight: 9 };
      }
      // The message says for what it was; that it did not fit is the nearer cause.
      if (c.has('allocating-kv')) {
        return { strength: 'likely', because, against: [say(TEXTS, 'cache')], weight: 6 };
      }
      // What was to be computed has a shape: as well too large a piece of work.
      if (c.format === 'tensorflow' && c.tensor !== undefined) {
        return { strength: 'likely', because, against: [say(TEXTS, 'shaped')], weight: 9 };
      }
      if (c.format === 'host-allocation' && requested !== undefined && requested.high < SMALL) {
        return { strength: 'likely', because, against: [say(TEXTS, 'crumb')], weight: 9 };
      }
      // It was refused, but perhaps nobody meant it.
      if (requested !== undefined && requested.low >= VAST) {
        const strength = requested.low >= BEYOND_USE ? 'possible' : 'likely';
        return { strength, because, against: [say(TEXTS, 'vast')], weight: 9 };
      }
      if ((c.wording === 'told' || c.wording === 'javacpp') && requested === undefined) {
        return { strength: 'likely', because, against: [say(TEXTS, 'unsized')], weight: 9 };
      }
      // C++ throws the same word for a size that no machine has.
      if (c.wording === 'bad-alloc' && requested === undefined) {
        return { strength: 'possible', because, against: [say(TEXTS, 'unsized')], weight: 9 };
      }
      return { strength: 'proven', because, against: [], weight: 9 };
    }
    if (c.has('killed-for-memory')) {
      return { strength: 'proven', because: [say(TEXTS, 'system')], against: [], weight: 9 };
    }
    if (c.has('process-killed')) {
      return {
        strength: c.shows('ended-by-rule') === undefined ? 'likely' : 'possible',
        because: [say(TEXTS, 'killed')],
        against: [say(TEXTS, 'operator')],
        weight: 9,
      };
    }
    return {
      strength: 'possible',
      because: [say(TEXTS, 'worker')],
      against: [say(TEXTS, 'crash')],
      weight: 5,
    };
  },
};

/** A card with room that refuses where the host's allocator fails too. */
function besideRoom(c: Case): Assessment | undefined {
  const place = c.shows('host-shortage');
  if (place === undefined || !hadRoom(c.amounts) || isCapped(c) || isAbsurd(c)) return undefined;
  const because = [say(TEXTS, 'beside', { place: placeText(place) })];
  return { strength: 'possible', because, against: [], weight: 9 };
}
