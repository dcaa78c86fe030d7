/**
 * The arithmetic of a message, checked. Each figure is rounded, so an identity is broken only when no
 * values within the rounding can hold it.
 */
import { type Interval, known, subtract, sum } from '../base/interval.ts';
import type { Note } from '../base/problem.ts';
import { say } from '../base/texts.ts';
import type { Fact } from './fact.ts';
import { reservedOf, valueIn } from './observe.ts';

const TEXTS = {
  en: {
    'above-total':
      'PyTorch holds {reserved}, more than the card has ({total}): the driver is backing it with system memory (Windows, WSL). Legal, but slow.',
    'above-process':
      'PyTorch has {reserved} reserved, more than the whole process is said to hold ({process}). One of the two figures is of another moment or another process.',
    'above-in-use':
      'The listed processes hold {listed} together, more than is in use on the card ({in_use}). The list or the device figures are of another moment.',
    'free-above-total':
      'More is free ({free}) than the card has ({total}): these are not figures of one card.',
    'allocated-above-reserved':
      'Allocated ({allocated}) is above reserved ({reserved}): these are not figures of one moment.',
    'pools-above-allocated':
      'More is said to lie in private pools ({pools}) than is allocated in all ({allocated}): these are not figures of one moment.',
    'held-and-free-above-total':
      'Reserved ({reserved}) and free ({free}) together are more than the card has ({total}): these are not figures of one moment.',
    'no-process-figure':
      'A process figure is an unset value (the driver could not tell it, as on WSL, in containers or on MIG); it is left out.',
  },
  zh: {
    'above-total':
      'PyTorch 持有 {reserved}，超过显卡总量（{total}）：驱动在用系统内存补足（Windows、WSL）。这是允许的，但很慢。',
    'above-process':
      'PyTorch 已保留 {reserved}，超过整个进程的占用（{process}）。其中一个数字属于另一时刻或另一进程。',
    'above-in-use':
      '列出的进程合计占用 {listed}，超过显卡的已用量（{in_use}）。进程列表与设备数字不属于同一时刻。',
    'free-above-total': '空闲（{free}）超过显卡总量（{total}）：两个数字不属于同一张显卡。',
    'allocated-above-reserved':
      '已分配（{allocated}）高于已保留（{reserved}）：两个数字不属于同一时刻。',
    'pools-above-allocated':
      '私有内存池（{pools}）超过全部已分配（{allocated}）：两个数字不属于同一时刻。',
    'held-and-free-above-total':
      '已保留（{reserved}）与空闲（{free}）合计超过显卡总量（{total}）：这些数字不属于同一时刻。',
    'no-process-figure':
      '有一个进程的数字是未设置的值（在 WSL、容器或 MIG 中驱动无法给出），未计入。',
  },
  ru: {
    'above-total':
      'PyTorch держит {reserved} — больше, чем есть на карте ({total}): драйвер добирает недостающее из памяти хоста (Windows, WSL). Это допустимо, но медленно.',
    'above-process':
      'PyTorch зарезервировал {reserved} — больше, чем приписано всему процессу ({process}). Одна из двух цифр относится к другому моменту или к другому процессу.',
    'above-in-use':
      'Процессы из списка вместе держат {listed} — больше, чем занято на карте ({in_use}). Список и цифры устройства сняты в разные моменты.',
    'free-above-total':
      'Свободно {free} — больше, чем есть на карте ({total}): это цифры разных карт.',
    'allocated-above-reserved':
      'Выделено {allocated} — больше, чем зарезервировано ({reserved}): это цифры разных моментов.',
    'pools-above-allocated':
      'В приватных пулах {pools} — больше, чем выделено всего ({allocated}): это цифры разных моментов.',
    'held-and-free-above-total':
      'Зарезервировано {reserved} и свободно {free} — вместе больше, чем есть на карте ({total}): это цифры разных моментов.',
    'no-process-figure':
      'Одна из цифр процессов — незаданное значение (драйвер не может её узнать: WSL, контейнер, MIG); она не учтена.',
  },
} as const;

/** The identities that the facts of one message break, as notes. */
export function conflictsOf(facts: readonly Fact[]): readonly Note[] {
  const notes: Note[] = [];
  const at = facts[0]?.span;
  const report = (code: keyof (typeof TEXTS)['en'], params: Record<string, Interval>): void => {
    notes.push({ code: `conflict-${code}`, text: say(TEXTS, code, params), ...(at && { at }) });
  };
  const total = valueIn(facts, 'total');
  const free = valueIn(facts, 'free');
  const allocated = valueIn(facts, 'allocated');
  const printedReserved = valueIn(facts, 'reserved');
  const process = valueIn(facts, 'process');
  const reserved = reservedOf(facts);

  if (total !== undefined && free !== undefined && free.low > total.high) {
    report('free-above-total', { free, total });
  }
  if (
    allocated !== undefined &&
    printedReserved !== undefined &&
    allocated.low > printedReserved.high
  ) {
    report('allocated-above-reserved', { allocated, reserved: printedReserved });
  }
  const pools = valueIn(facts, 'private_pool');
  if (pools !== undefined && allocated !== undefined && pools.low > allocated.high) {
    report('pools-above-allocated', { pools, allocated });
  }
  const held = reserved ?? allocated;
  if (total !== undefined && held !== undefined && held.low > total.high) {
    report('above-total', { reserved: held, total });
  } else if (
    total !== undefined &&
    free !== undefined &&
    held !== undefined &&
    held.low + free.low > total.high
  ) {
    report('held-and-free-above-total', { reserved: held, free, total });
  } else if (process !== undefined && reserved !== undefined && reserved.low > process.high) {
    report('above-process', { reserved, process });
  }
  const listed = facts.filter(
    (fact) => fact.quantity === 'listed_process' || fact.quantity === 'process',
  );
  const values = listed.flatMap((fact) => known(fact.value) ?? []);
  if (total !== undefined && free !== undefined && values.length > 0) {
    const inUse = subtract(total, free);
    const together = sum(values);
    if (together.low > inUse.high) report('above-in-use', { listed: together, in_use: inUse });
  }
  if (values.length < listed.length) report('no-process-figure', {});
  return notes;
}
