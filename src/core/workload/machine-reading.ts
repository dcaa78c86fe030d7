/**
 * From what people write or paste to a machine: `8xH100`, `H100 3g.40gb`, `p4d.24xlarge`, `RTX 4090 (windows)`,
 * `4xA100 + 512GB ram`, `24GB`, a table of nvidia-smi, /proc/meminfo, the limit of a cgroup.
 */
import { GiB, MiB } from '../base/bytes.ts';
import { bound, type Interval, interval, ZERO } from '../base/interval.ts';
import type { Problem } from '../base/problem.ts';
import { enumerated, type Statement, say } from '../base/texts.ts';
import { type Unknown, unknown } from '../base/unknown.ts';
import {
  type Gpu,
  gpuNamed,
  type Instance,
  instanceNamed,
  migProfilesOf,
  similarGpus,
  usableOfMig,
} from '../catalog/gpus.ts';
import type { Cards, Machine } from './machine.ts';
import { machineInTools } from './machine-tools.ts';

const TEXTS = {
  en: {
    empty: 'No machine is named.',
    'empty-why': 'The text is empty.',
    unknown: '"{text}" is no machine that is known here.',
    'unknown-why': 'No card, cloud instance or size has this name.',
    similar: 'Is one of these meant: {names}?',
    write:
      'Write a card (8xH100, RTX 4090), a size (24GB), an instance (p4d.24xlarge), or give the text of nvidia-smi.',
    many: '{count} cards are more than a plan takes.',
    'many-why': 'A plan takes 1 to {most} cards of a kind.',
    'no-slice': '{gpu} has no slice {profile}.',
    'no-slice-why': 'MIG divides only some cards, and into fixed profiles.',
    profiles: 'Its profiles: {names}.',
    'no-profiles': 'Name the card without a slice.',
    'host-only': 'Only host memory is named.',
    'host-only-why': 'A plan needs a card.',
    sizes: '{name} exists with several sizes; {taken} is taken. Also: {others}.',
    windows:
      'Windows keeps a part of the memory for the desktop, and the driver spills into host memory rather than fail.',
    'ecc-on': 'With ECC a sixteenth of the memory of {name} is lost.',
    'ecc-off': '{name} is taken with ECC off, which gives a sixteenth of its memory back.',
    'ecc-free': 'ECC costs {name} no memory.',
    unified: '{name} shares its memory with the host.',
    part: '{name} has a part of an {gpu}.',
    'no-host': 'the host memory is not stated',
  },
  zh: {
    empty: '没有指定机器。',
    'empty-why': '文本为空。',
    unknown: '不认识的机器：“{text}”。',
    'unknown-why': '没有哪种显卡、云实例或容量叫这个名字。',
    similar: '是不是指：{names}？',
    write:
      '写显卡（8xH100、RTX 4090）、容量（24GB）、云实例（p4d.24xlarge），或给出 nvidia-smi 的输出。',
    many: '{count} 张卡超出了规划的范围。',
    'many-why': '同一种卡可规划 1 到 {most} 张。',
    'no-slice': '{gpu} 没有 {profile} 这种切分。',
    'no-slice-why': '只有部分显卡支持 MIG，而且规格是固定的。',
    profiles: '可用规格：{names}。',
    'no-profiles': '只写显卡名，不写切分。',
    'host-only': '只给出了主机内存。',
    'host-only-why': '规划需要一张显卡。',
    sizes: '{name} 有多种显存容量；此处按 {taken} 计算。其他：{others}。',
    windows: 'Windows 会为桌面保留一部分显存；显存不足时驱动会改用主机内存，而不是报错。',
    'ecc-on': '开启 ECC 后，{name} 会少十六分之一显存。',
    'ecc-off': '按 {name} 关闭 ECC 计算，可多出十六分之一显存。',
    'ecc-free': 'ECC 不占用 {name} 的显存。',
    unified: '{name} 与主机共用内存。',
    part: '{name} 只有一张 {gpu} 的一部分。',
    'no-host': '没有给出主机内存',
  },
  ru: {
    empty: 'Машина не названа.',
    'empty-why': 'Текст пуст.',
    unknown: '«{text}» — такой машины здесь не знают.',
    'unknown-why': 'Так не называется ни карта, ни облачная машина, ни объём.',
    similar: 'Может быть, это: {names}?',
    write:
      'Написать карту (8xH100, RTX 4090), объём (24GB), облачную машину (p4d.24xlarge) или передать вывод nvidia-smi.',
    many: 'Карт {count} — больше, чем берёт план.',
    'many-why': 'План берёт от 1 до {most} карт одного вида.',
    'no-slice': 'У {gpu} нет доли {profile}.',
    'no-slice-why': 'MIG делит лишь некоторые карты и только на заданные доли.',
    profiles: 'Её доли: {names}.',
    'no-profiles': 'Назвать карту без доли.',
    'host-only': 'Названа только память хоста.',
    'host-only-why': 'Плану нужна карта.',
    sizes: '{name} бывает с разным объёмом; взята {taken}. Ещё есть: {others}.',
    windows:
      'Windows оставляет часть памяти рабочему столу, а драйвер вместо отказа занимает память хоста.',
    'ecc-on': 'С ECC у {name} теряется шестнадцатая часть памяти.',
    'ecc-off': '{name} взята с выключенным ECC: это возвращает шестнадцатую часть памяти.',
    'ecc-free': 'ECC не отнимает памяти у {name}.',
    unified: 'Память у {name} общая с хостом.',
    part: 'У {name} лишь часть карты {gpu}.',
    'no-host': 'память хоста не указана',
  },
} as const;

/** Cards of a kind. */
const MOST_CARDS = 65_536;
/** Characters of a name; what is longer is the text of a tool. */
const LONGEST_NAME = 200;

export interface MachineOptions {
  /** What to call a machine that is read from a text: the name of its file. */
  readonly name?: string;
}

/** Reads a machine from its name or from the output of tools. Bytes. */
export function readMachine(text: string, { name }: MachineOptions = {}): Machine | Problem {
  const trimmed = text.trim();
  if (trimmed === '') return problem('empty', 'empty-why', say(TEXTS, 'write'));
  const isName = trimmed.length <= LONGEST_NAME && !/[\n|]/.test(trimmed);
  const named = isName ? machineNamed(trimmed) : undefined;
  if (named !== undefined && isMachine(named)) return named;
  const seen = machineInTools(text, name ?? 'nvidia-smi');
  return (
    seen ??
    named ??
    problem('unknown', 'unknown-why', say(TEXTS, 'write'), { text: trimmed.slice(0, 60) })
  );
}

/** True for a machine, false for why none was read. */
export const isMachine = (reading: Machine | Problem): reading is Machine => 'cards' in reading;

function problem(
  what: 'empty' | 'unknown' | 'many' | 'no-slice' | 'host-only',
  why: 'empty-why' | 'unknown-why' | 'many-why' | 'no-slice-why' | 'host-only-why',
  todo: Statement,
  params: Readonly<Record<string, string | number>> = {},
): Problem {
  return {
    code: `machine-${what}`,
    what: say(TEXTS, what, params),
    why: say(TEXTS, why, params),
    todo,
  };
}

interface Options {
  readonly windows: boolean;
  readonly ecc?: boolean;
}

/** A part of a machine as somebody wrote it. */
interface Part {
  readonly cards?: Cards;
  readonly host?: Interval;
  readonly notes: readonly Statement[];
}

function machineNamed(text: string): Machine | Problem {
  const { rest, options } = optionsIn(text);
  const cards: Cards[] = [];
  const notes: Statement[] = [];
  let host: Interval | Unknown = unknown(say(TEXTS, 'no-host'));
  for (const piece of rest.split(/\s*[+,;]\s*|\s+(?:and|with)\s+/)) {
    if (piece === '') continue;
    const part = partNamed(piece, options);
    if ('code' in part) return part;
    if (part.cards !== undefined) cards.push(part.cards);
    if (part.host !== undefined) host = part.host;
    notes.push(...part.notes);
  }
  if (cards.length === 0) return problem('host-only', 'host-only-why', say(TEXTS, 'write'));
  if (options.windows) notes.push(say(TEXTS, 'windows'));
  return { name: text, cards, host, notes };
}

/** Takes out what is said of the machine rather than of its parts. */
function optionsIn(text: string): { readonly rest: string; readonly options: Options } {
  let windows = false;
  let ecc: boolean | undefined;
  const rest = text
    .replace(/\((?=[^)]{0,60}\))|\)/g, ' , ')
    .replace(/\b(?:on )?(?:windows|wddm|wsl2?|win1[01])\b/gi, () => {
      windows = true;
      return ' ';
    })
    .replace(/\b(?:(no|without|with)\s)?ecc\b(?:[\s=:]*(on|off))?/gi, (_, before, after) => {
      ecc = !/^(?:no|without)$/i.test(before ?? '') && !/^off$/i.test(after ?? '');
      return ' ';
    })
    .replace(/\s+/g, ' ')
    .replace(/(?: , )+/g, ' ')
    .trim();
  return { rest, options: { windows, ...(ecc !== undefined && { ecc }) } };
}

const HOST =
  /^(?:(?:ram|host|cpu ram|host ram|host memory|memory)[\s:=]+)?(\d{1,6}(?:\.\d{1,3})?)\s*([gt])i?b?(?:\s+(?:of\s+)?(?:ram|host(?: ram| memory)?|cpu ram|cpu memory|memory))?$/i;
const SIZE = /^(\d{1,7}(?:\.\d{1,3})?)\s*([mg])(i?)b?(?:\s+(usable|free|gpu|vram|card))?$/i;
/** `1g.10gb`, `MIG 3g.40gb`, `1c.3g.71gb`; `+me` changes nothing of the memory. */
const SLICE = /[\s_-]*(?:mig[\s_-]*)?(?:\d+c\.)?(\d)g\.(\d{1,3})gb(?:\+\S+)?\s*$/i;

function partNamed(text: string, options: Options): Part | Problem {
  const isHost = /\b(?:ram|host|cpu|memory)\b/i.test(text);
  const host = isHost ? HOST.exec(text) : null;
  if (host !== null) {
    const bytes = Number(host[1]) * (host[2]?.toLowerCase() === 't' ? 1024 * GiB : GiB);
    return { host: bound(bytes), notes: [] };
  }
  const { count, name } = SIZE.test(text) ? { count: 1, name: text } : counted(text);
  if (count < 1 || count > MOST_CARDS) {
    return problem('many', 'many-why', say(TEXTS, 'write'), { count, most: MOST_CARDS });
  }
  const instance = instanceNamed(name);
  if (instance !== undefined) return ofInstance(instance, count, options);
  const size = SIZE.exec(name);
  if (size !== null) return { cards: ofSize(size, count, name, options), notes: [] };
  const slice = SLICE.exec(name);
  const cardName = slice === null ? name : name.slice(0, slice.index);
  const found = gpuNamed(cardName);
  if (found === undefined) {
    const similar = similarGpus(cardName);
    return problem(
      'unknown',
      'unknown-why',
      similar.length === 0
        ? say(TEXTS, 'write')
        : say(TEXTS, 'similar', { names: enumerated(similar) }),
      { text: text.slice(0, 60) },
    );
  }
  const { gpu, others } = found;
  if (slice !== null) return ofSlice([gpu, ...others], `${slice[1]}g.${slice[2]}gb`, count);
  return ofCard(gpu, others, count, options);
}

/** `8xH100`, `8 x H100`, `8*H100`, `8 H100`, `H100 x8`, `H100:8`, Lambda's `gpu_8x_h100_sxm5`. */
function counted(text: string): { readonly count: number; readonly name: string } {
  const plain = text.replace(/^gpu_(?=\d+x_)/i, '').replace(/^(\d+x)_/i, '$1 ');
  const before = /^(\d{1,9})\s*(?:[x×*]\s*|\s(?=[a-z]))(?=[\w])(.+)$/i.exec(plain);
  if (before !== null) return { count: Number(before[1]), name: before[2] ?? '' };
  const after = /^(.+?)(?:\s*[×*:]\s*|\s+x\s*)(\d{1,9})$/i.exec(plain);
  if (after !== null) return { count: Number(after[2]), name: after[1] ?? '' };
  return { count: 1, name: plain };
}

function ofInstance(instance: Instance, count: number, options: Options): Part | Problem {
  const gpu = gpuNamed(instance.gpu)?.gpu;
  if (gpu === undefined) throw new Error(`no row for ${instance.gpu} of ${instance.name}`);
  const host = bound(instance.host * GiB * count);
  if (instance.part === undefined) {
    const part = ofCard(gpu, [], instance.count * count, options);
    return { ...part, host };
  }
  const cards: Cards = {
    ...cardsOf(gpu, count),
    name: `${gpu.name} (${instance.part} GiB)`,
    // The size of a virtual card's profile is what it has.
    usable: bound(instance.part * GiB),
    source: instance.source,
  };
  return { cards, host, notes: [say(TEXTS, 'part', { name: instance.name, gpu: gpu.name })] };
}

/** A card of which only the size is said. */
function ofSize(size: RegExpExecArray, count: number, name: string, options: Options): Cards {
  const [, digits = '', prefix = '', , word = ''] = size;
  const bytes = Number(digits) * (prefix.toLowerCase() === 'g' ? GiB : MiB);
  const isExact = /^(?:usable|free)$/i.test(word);
  // What a box says leaves open what the driver and ECC take: up to about 8.5 % is assumed.
  const usable = isExact ? bound(bytes) : interval(bytes * 0.915, bytes * 0.98, bytes, 'p90');
  return {
    count,
    name,
    usable: options.windows && !isExact ? onWindows(bytes, usable) : usable,
    taken: ZERO,
    source: 'assumed',
  };
}

function ofSlice(gpus: readonly Gpu[], profile: string, count: number): Part | Problem {
  for (const gpu of gpus) {
    const found = migProfilesOf(gpu).find((one) => one.profile === profile);
    if (found === undefined) continue;
    const cards = {
      ...cardsOf(gpu, count),
      name: `${gpu.name} MIG ${profile}`,
      usable: usableOfMig(gpu, found),
      ...(gpu.flops !== undefined && { flops: (gpu.flops * Number(profile[0])) / 7 }),
      bandwidth: (gpu.bandwidth * found.eighths) / 8,
    };
    return { cards, notes: [] };
  }
  const [gpu] = gpus;
  const names = [...new Set(gpus.flatMap(migProfilesOf).map((one) => one.profile))];
  return problem(
    'no-slice',
    'no-slice-why',
    names.length === 0
      ? say(TEXTS, 'no-profiles')
      : say(TEXTS, 'profiles', { names: enumerated(names) }),
    { gpu: gpu?.name ?? '', profile },
  );
}

function ofCard(gpu: Gpu, others: readonly Gpu[], count: number, options: Options): Part {
  const notes: Statement[] = [];
  let cards = cardsOf(gpu, count);
  if (others.length > 0) {
    const names = enumerated([...new Set(others.map((other) => other.name))]);
    const name = gpu.name.replace(/ (?:SXM|PCIe)?\s?\d+GB$/, '');
    notes.push(say(TEXTS, 'sizes', { name, taken: gpu.name, others: names }));
  }
  if (gpu.unified) notes.push(say(TEXTS, 'unified', { name: gpu.name }));
  if (options.ecc === true && gpu.ecc === 'free')
    notes.push(say(TEXTS, 'ecc-free', { name: gpu.name }));
  if (options.ecc === true && gpu.ecc !== 'free') {
    notes.push(say(TEXTS, 'ecc-on', { name: gpu.name }));
    if (gpu.ecc === 'off') cards = { ...cards, usable: scaled(cards.usable, 15 / 16) };
  }
  if (options.ecc === false && gpu.ecc === 'on') {
    notes.push(say(TEXTS, 'ecc-off', { name: gpu.name }));
    cards = { ...cards, usable: scaled(cards.usable, 16 / 15) };
  }
  if (options.windows) cards = { ...cards, usable: onWindows(gpu.shown * MiB, cards.usable) };
  return { cards, notes };
}

/** A machine of the catalog's cards alone: nothing is known of its host. */
export const machineOfCards = (gpu: Gpu, count: number): Machine => ({
  name: count === 1 ? gpu.name : `${count}x ${gpu.name}`,
  cards: [cardsOf(gpu, count)],
  host: unknown(say(TEXTS, 'no-host')),
  notes: [],
});

/** Cards of a row of the catalog, with nothing taken. */
export function cardsOf(gpu: Gpu, count: number): Cards {
  return {
    count,
    name: gpu.name,
    usable: gpu.usable,
    taken: ZERO,
    ...(gpu.capability !== undefined && { capability: gpu.capability }),
    bandwidth: gpu.bandwidth,
    ...(gpu.flops !== undefined && { flops: gpu.flops }),
    source: gpu.source,
  };
}

const scaled = ({ low, mid, high, kind }: Interval, by: number): Interval =>
  interval(low * by, mid * by, high * by, kind);

/** Under WDDM and WSL 85 and 86 % of a card was left in public reports, 94.5 % of a 3090; the upper end is assumed. */
function onWindows(shown: number, usable: Interval): Interval {
  const high = Math.min(shown * 0.97, usable.high);
  const mid = Math.min(shown * 0.945, high);
  return interval(Math.min(shown * 0.85, mid), mid, high, 'p90');
}
