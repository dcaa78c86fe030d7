/** A limit that somebody set, or that the backend has. */

import { GiB } from '../../base/bytes.ts';
import { subtract } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import type { Case } from '../case.ts';
import {
  capRefusal,
  hadRoom,
  isAbsurd,
  isCapped,
  isDatabaseLimit,
  isManagedHeap,
  isShortage,
  isTorch,
  printedValue,
  smallShare,
} from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'A cap, not the end of the memory',
    summary:
      'A memory fraction, a watermark, a limit of one allocation or of a heap refused the request although there was room.',
    headline: 'A cap of {allowed} is the limit, not the card: the device had room.',
    'headline-both': 'A cap of {allowed} refuses it, and the device itself has no room either.',
    'headline-request': 'One allocation may not be that large here: the device had room.',
    fraction: '{allowed} is allowed, {held} is held, and {requested} more was asked for.',
    free: 'The device had {free} free.',
    'per-request':
      '{requested} was refused in one piece while {room} of {total} was not in use: on this backend a limit per allocation, often 4 GiB, is usual.',
    arena:
      '{requested} was asked for and {left} was left under the limit that the arena was given; it says so only where there is such a limit.',
    'headline-arena': 'The limit of the framework’s arena is reached, not the end of the memory.',
    layer: 'A layer that shares the card between programs counts {allowed} for this one.',
    'headline-layer': 'The share of the card that this program was given is full, not the card.',
    heap: 'A WebAssembly module is compiled with the most that its heap may hold.',
    'headline-heap':
      'The heap of the WebAssembly module is at the limit that it was compiled with.',
    managed:
      'A virtual machine keeps its objects in a heap that ends at a limit of its own: -Xmx and -XX:MaxDirectMemorySize of Java, --max-old-space-size of Node.js, memory_limit of PHP.',
    'headline-managed':
      'The heap of the virtual machine reached its own limit; the GPU has no part in it.',
    database:
      'A database counts its own memory and refuses beyond a limit that is set: maxmemory of Redis, max_server_memory_usage of ClickHouse, query.max-memory-per-node of Trino, indices.breaker of Elasticsearch.',
    'headline-database':
      'A database reached the limit that is set for its memory; no GPU has a part in it.',
    job: 'It is the limit of the container or the job that was reached; the machine may have more.',
    counted:
      'The program counts its own memory against a limit that it was given, by default a part of the machine’s.',
    'headline-counted': 'The program reached a limit of its own, which can be set.',
    pool: 'It is the pool of the memory manager that is full, and a pool is given its size.',
    'pool-set': 'A line makes the pool: {place}.',
    'pool-open': 'A pool without a size of its own ends with the card.',
    'headline-pool': 'The pool that the memory manager was given is full.',
    unsaid: 'The message does not name the limit.',
    buffer:
      'The message names a limit on the size of one buffer, and {requested} was asked for in one.',
    'buffer-most': '{requested} was asked for in one buffer; {most} is the most that one may have.',
    'headline-buffer':
      'One buffer may not be that large on this device, however much of it is free.',
    slice: 'The program runs on a part of a card ({place}), which ends long before the card does.',
    'slice-size':
      '{total} is the size of a slice of a card ({profile}); hardly any whole card has it.',
    'headline-slice': 'The program has a part of a card, and that is full.',
    'buffer-unsized': 'The message names a limit on the size of one buffer.',
    set: 'The text sets the share of the card that the framework may take to {percent} %.',
    recorded:
      'The snapshot was recorded with a share of {percent} % for this process, and {requested} was refused.',
    'headline-set': 'The program may take only {percent} % of the card, by its own setting.',
  },
  zh: {
    title: '触及上限，而非内存耗尽',
    summary: '显存比例、水位线、单次分配上限或堆的上限拒绝了申请，尽管还有空间。',
    headline: '限制来自 {allowed} 的上限，而不是显卡：设备还有空间。',
    'headline-both': '{allowed} 的上限拒绝了它，而设备本身也没有空间。',
    'headline-request': '这里单次分配不能这么大：设备还有空间。',
    fraction: '允许 {allowed}，已占用 {held}，又申请 {requested}。',
    free: '设备当时空闲 {free}。',
    'per-request':
      '一整块 {requested} 被拒绝，而 {total} 中有 {room} 未使用：该后端通常有单次分配上限，多为 4 GiB。',
    arena: '申请 {requested}，而 arena 被设定的上限之内只剩 {left}；只有设了上限才会这样报错。',
    'headline-arena': '达到的是框架 arena 的上限，而不是显存或内存用尽。',
    layer: '在程序之间共享显卡的软件层给本程序计了 {allowed}。',
    'headline-layer': '用满的是分给本程序的那一份显存，而不是整张卡。',
    heap: 'WebAssembly 模块在编译时就定下了堆的上限。',
    'headline-heap': 'WebAssembly 模块的堆达到了编译时定下的上限。',
    managed:
      '虚拟机的对象放在有自身上限的堆里：Java 的 -Xmx 和 -XX:MaxDirectMemorySize，Node.js 的 --max-old-space-size，PHP 的 memory_limit。',
    'headline-managed': '虚拟机的堆达到了自身的上限；与 GPU 无关。',
    database:
      '数据库统计自己的内存，超过设定的上限就拒绝：Redis 的 maxmemory、ClickHouse 的 max_server_memory_usage、Trino 的 query.max-memory-per-node、Elasticsearch 的 indices.breaker。',
    'headline-database': '数据库达到了为其内存设定的上限；与 GPU 无关。',
    job: '达到的是容器或作业的上限；机器本身可能还有余量。',
    counted: '程序把自己的内存与给定的上限相比，默认是机器内存的一部分。',
    'headline-counted': '程序达到了自己的上限，而这个上限可以设置。',
    pool: '满的是内存管理器的池，而池的大小是设定的。',
    'pool-set': '创建池的代码行：{place}。',
    'pool-open': '没有单独设定大小的池，以整张卡为限。',
    'headline-pool': '分给内存管理器的池已满。',
    unsaid: '消息没有指明上限。',
    buffer: '消息指明单个缓冲区有大小上限，而这里一次申请了 {requested}。',
    'buffer-most': '单个缓冲区申请了 {requested}，而上限是 {most}。',
    'headline-buffer': '该设备上单个缓冲区不能这么大，与还有多少空闲无关。',
    slice: '程序运行在显卡的一个分区上（{place}），远小于整张卡。',
    'slice-size': '{total} 是显卡分区（{profile}）的容量，几乎没有整张卡是这个大小。',
    'headline-slice': '程序只有显卡的一个分区，而它已经用满。',
    'buffer-unsized': '消息指明单个缓冲区有大小上限。',
    set: '文本中把框架可用的显存比例设成了 {percent} %。',
    recorded: '快照记录时本进程的显存比例为 {percent} %，申请的 {requested} 被拒绝。',
    'headline-set': '程序按自己的设置只能使用 {percent} % 的显存。',
  },
  ru: {
    title: 'Достигнут предел, а не исчерпана память',
    summary:
      'Доля памяти, порог, предел одного выделения или кучи отклонили запрос, хотя место было.',
    headline: 'Ограничивает предел {allowed}, а не карта: место на устройстве было.',
    'headline-both': 'Предел {allowed} это отклоняет, но и на самом устройстве места нет.',
    'headline-request':
      'Одно выделение здесь не может быть таким большим: место на устройстве было.',
    fraction: 'Разрешено {allowed}, занято {held}, запрошено ещё {requested}.',
    free: 'На устройстве было свободно {free}.',
    'per-request':
      'Отказано в {requested} одним куском, хотя из {total} не занято {room}: у этого бэкенда обычен предел одного выделения, часто 4 GiB.',
    arena:
      'Запрошено {requested}, а в пределах лимита, заданного арене, осталось {left}; так она пишет только при заданном лимите.',
    'headline-arena': 'Исчерпан лимит арены фреймворка, а не сама память.',
    layer: 'Прослойка, которая делит карту между программами, отвела этой {allowed}.',
    'headline-layer': 'Кончилась доля карты, отведённая этой программе, а не сама карта.',
    heap: 'Предел кучи модуля WebAssembly задаётся при его компиляции.',
    'headline-heap': 'Куча модуля WebAssembly дошла до предела, заданного при компиляции.',
    managed:
      'Объекты виртуальной машины лежат в куче с собственным пределом: -Xmx и -XX:MaxDirectMemorySize у Java, --max-old-space-size у Node.js, memory_limit у PHP.',
    'headline-managed': 'Куча виртуальной машины дошла до своего предела; GPU ни при чём.',
    database:
      'База данных считает собственную память и отказывает сверх заданного предела: maxmemory у Redis, max_server_memory_usage у ClickHouse, query.max-memory-per-node у Trino, indices.breaker у Elasticsearch.',
    'headline-database': 'База данных дошла до заданного ей предела памяти; GPU ни при чём.',
    job: 'Исчерпан предел контейнера или задания; у самой машины памяти может быть больше.',
    counted:
      'Программа сверяет свою память с заданным пределом, по умолчанию — с частью памяти машины.',
    'headline-counted': 'Программа дошла до собственного предела, а его можно задать.',
    pool: 'Полон пул менеджера памяти, а размер пулу задают.',
    'pool-set': 'Пул создаёт строка: {place}.',
    'pool-open': 'Пул без заданного размера кончается вместе с картой.',
    'headline-pool': 'Пул, отведённый менеджеру памяти, полон.',
    unsaid: 'Сам предел сообщение не называет.',
    buffer: 'Сообщение говорит о пределе размера одного буфера, а в одном запрошено {requested}.',
    'buffer-most': 'В одном буфере запрошено {requested}, а больше {most} он занимать не может.',
    'headline-buffer':
      'Один буфер на этом устройстве не может быть таким большим, сколько бы ни было свободно.',
    slice:
      'Программа работает на части карты ({place}), которая кончается гораздо раньше самой карты.',
    'slice-size': '{total} — столько бывает у части карты ({profile}); у целой карты — едва ли.',
    'headline-slice': 'У программы лишь часть карты, и она заполнена.',
    'buffer-unsized': 'Сообщение говорит о пределе размера одного буфера.',
    set: 'В тексте доля карты, которую может занять фреймворк, задана как {percent} %.',
    recorded: 'Снимок записан с долей {percent} % для этого процесса, а в {requested} отказано.',
    'headline-set': 'По собственной настройке программе доступно только {percent} % карты.',
  },
} as const;

export const memoryCap: Cause = {
  id: 'memory-cap',
  code: 'UN206',
  since: '0.1.0',
  status: 'preview',
  family: 'memory-cap',
  domain: 'any',
  category: 'limit',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'torch.cuda.set_per_process_memory_fraction',
    'intel/intel-extension-for-pytorch: 4 GiB per allocation',
    'nvidia-smi on an A100: MIG 3g.20gb has 20096 MiB',
  ],
  assess(c): Assessment | undefined {
    const { requested, total, free, reserved, live, allowed } = c.amounts;
    const left = valueIn(c.facts, 'arena_free');
    if (c.has('arena-limit') && requested !== undefined && left !== undefined) {
      return {
        // A program's own fixed pool, reckoned for less than came, or for another file than this one.
        strength: c.kind === 'look_alike' ? 'possible' : 'proven',
        because: [say(TEXTS, 'arena', { requested, left })],
        against: [],
        weight: 10,
        headline: say(TEXTS, 'headline-arena'),
      };
    }
    if (c.kind === 'host_oom' && c.format === 'process-killed' && OF_JOB.test(c.wording ?? '')) {
      return { strength: 'possible', because: [say(TEXTS, 'job')], against: [], weight: 3 };
    }
    if (isDatabaseLimit(c)) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'database')],
        against: [],
        weight: 10,
        headline: say(TEXTS, 'headline-database'),
      };
    }
    if (isManagedHeap(c)) {
      // What fills a heap up to its limit may as well be what is never let go.
      return {
        strength: 'possible',
        because: [say(TEXTS, 'managed')],
        against: [],
        weight: 10,
        headline: say(TEXTS, 'headline-managed'),
      };
    }
    if (c.has('arena-limit') && c.has('page-memory')) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'heap')],
        against: [],
        weight: 10,
        headline: say(TEXTS, 'headline-heap'),
      };
    }
    if (c.kind === 'host_oom' && c.wording === 'counted') {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'counted')],
        against: [],
        weight: 9,
        headline: say(TEXTS, 'headline-counted'),
      };
    }
    // The pool of a program that reckoned its size from the file that it loads; by how much it fell short is not said.
    if (c.has('arena-limit') && c.kind === 'look_alike') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'pool')],
        against: [say(TEXTS, 'unsaid')],
        weight: 10,
        headline: say(TEXTS, 'headline-pool'),
      };
    }
    if (c.kind !== 'gpu_oom') return undefined;
    if (c.has('arena-limit') && allowed !== undefined && requested === undefined) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'layer', { allowed })],
        against: [],
        weight: 10,
        headline: say(TEXTS, 'headline-layer'),
      };
    }
    const pool = ofPool(c);
    if (pool !== undefined) return pool;
    if (requested === undefined) return ofUnsizedBuffer(c) ?? ofSlice(c);
    const held = reserved ?? live;
    const refusal = capRefusal(c);
    if (allowed !== undefined && held !== undefined && refusal !== 'no') {
      return {
        // Within the rounding it is the cap when nothing else can have refused.
        strength: refusal === 'surely' ? 'proven' : isCapped(c) ? 'likely' : 'possible',
        because: [
          say(TEXTS, 'fraction', { allowed, held, requested }),
          ...(free === undefined ? [] : [say(TEXTS, 'free', { free })]),
        ],
        against: [],
        weight: 10,
        headline: say(TEXTS, isCapped(c) ? 'headline' : 'headline-both', { allowed }),
      };
    }
    const other = ofBuffer(c) ?? ofSetting(c) ?? ofRecording(c);
    if (other !== undefined) return other;
    if (c.backend !== 'xpu' || total === undefined) return ofSlice(c);
    const room = free ?? (reserved === undefined ? undefined : subtract(total, reserved));
    if (room === undefined || requested.high > room.low) return undefined;
    return {
      strength: requested.high >= 4 * GiB ? 'likely' : 'possible',
      because: [say(TEXTS, 'per-request', { requested, room, total })],
      against: [say(TEXTS, 'unsaid')],
      weight: 8,
      headline: say(TEXTS, 'headline-request'),
    };
  },
};

/** A pool of RMM that is full: it was given a size, or ends with the card. */
function ofPool(c: Case): Assessment | undefined {
  const isFixed = c.wording === 'fixed-pool';
  const isPool = (c.format === 'rmm' && c.wording === 'pool') || isFixed;
  if (!isPool || c.amounts.allowed !== undefined) return undefined;
  const place = c.shows('sized-pool');
  return {
    strength: 'possible',
    because: [
      say(TEXTS, 'pool'),
      ...(place === undefined ? [] : [say(TEXTS, 'pool-set', { place: placeText(place) })]),
    ],
    against: [say(TEXTS, 'pool-open')],
    weight: place === undefined && !isFixed ? 3 : 8,
    headline: say(TEXTS, 'headline-pool'),
  };
}

/** A backend that checks the size of one buffer says so; what the device has free does not matter. */
function ofBuffer(c: Case): Assessment | undefined {
  const { requested } = c.amounts;
  if (!c.has('per-buffer-limit') || requested === undefined || isAbsurd(c)) return undefined;
  const most = valueIn(c.facts, 'max_alloc');
  // Metal refuses one buffer above its limit, and what no machine of the kind has altogether: that is work of a step.
  const isBeyond = c.format === 'torch-mps' && requested.low > LARGEST_MAC;
  return {
    strength: c.format === 'torch-mps' ? 'possible' : 'likely',
    because: [
      most === undefined
        ? say(TEXTS, 'buffer', { requested })
        : say(TEXTS, 'buffer-most', { requested, most }),
    ],
    against: [],
    // Scores of all pairs are what is so large, whoever refuses them.
    weight: isBeyond || (c.format === 'torch-mps' && c.shows('attention-scores')) ? 3 : 10,
    headline: say(TEXTS, 'headline-buffer'),
  };
}

function ofUnsizedBuffer(c: Case): Assessment | undefined {
  if (!c.has('per-buffer-limit')) return undefined;
  return {
    strength: 'possible',
    because: [say(TEXTS, 'buffer-unsized')],
    against: [],
    weight: 8,
    headline: say(TEXTS, 'headline-buffer'),
  };
}

/** Part of a card is a limit that the message does not tell from a small card. */
function ofSlice(c: Case): Assessment | undefined {
  if (!isShortage(c)) return undefined;
  const place = c.shows('slice');
  if (place === undefined) return ofSliceSize(c);
  return {
    strength: 'possible',
    because: [say(TEXTS, 'slice', { place: placeText(place) })],
    against: [say(TEXTS, 'unsaid')],
    weight: 5,
    headline: say(TEXTS, 'headline-slice'),
  };
}

/**
 * Totals that instances of A100 and H100 have, as PyTorch prints them, and no whole card. 19.62 GiB is in a
 * listing of nvidia-smi; the others are assumed from reports.
 */
const SLICE_SIZES: readonly { readonly gib: number; readonly profile: string }[] = [
  { gib: 4.75, profile: '1g.5gb' },
  { gib: 9.5, profile: '1g.10gb' },
  { gib: 9.75, profile: '2g.10gb, 1g.10gb' },
  { gib: 19.5, profile: '2g.20gb' },
  { gib: 19.62, profile: '3g.20gb' },
];
/** Half of the last digit. */
const AS_PRINTED = 0.005;

function ofSliceSize(c: Case): Assessment | undefined {
  const { total } = c.amounts;
  if (total === undefined || !isTorch(c)) return undefined;
  const slice = SLICE_SIZES.find(({ gib }) => Math.abs(total.mid / GiB - gib) < AS_PRINTED);
  if (slice === undefined) return undefined;
  const { profile } = slice;
  return {
    strength: 'possible',
    because: [say(TEXTS, 'slice-size', { total, profile })],
    against: [say(TEXTS, 'unsaid')],
    weight: 3,
    headline: say(TEXTS, 'headline-slice'),
  };
}

/** A recording states the fraction, and what the device still had when it refused. */
function ofRecording(c: Case): Assessment | undefined {
  const { requested, free } = c.amounts;
  const fraction = printedValue(c, 'memory_fraction');
  const isSet = typeof fraction === 'number' && fraction > 0 && fraction < 1;
  if (!c.isExact || !isSet || requested === undefined || free === undefined) return undefined;
  if (!hadRoom(c.amounts)) return undefined;
  const percent = Math.round(fraction * 100);
  return {
    strength: 'likely',
    because: [say(TEXTS, 'recorded', { percent, requested }), say(TEXTS, 'free', { free })],
    against: [],
    weight: 10,
    headline: say(TEXTS, 'headline-set', { percent }),
  };
}

function ofSetting(c: Case): Assessment | undefined {
  const fraction = smallShare(c);
  if (fraction === undefined) return undefined;
  const percent = Math.round(fraction * 100);
  return {
    strength: 'likely',
    because: [say(TEXTS, 'set', { percent })],
    against: [],
    weight: 10,
    headline: say(TEXTS, 'headline-set', { percent }),
  };
}

/** No Apple silicon has more memory. */
const LARGEST_MAC = 512 * GiB;

/** Words of containers and schedulers. */
const OF_JOB = /cgroup|OOMKilled|oom[-_]?kill[-_]?event|memorylimit|MEMLIMIT|h_vmem|PBS:job/i;
