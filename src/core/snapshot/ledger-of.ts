/**
 * The ledger of one moment of a recording: every block and every free piece of the allocator's segments,
 * so that the atoms add up to what was reserved. What lies outside of the allocator a snapshot does not
 * show; it is unknown here until a total of the device is known from elsewhere.
 */
import { bound } from '../base/interval.ts';
import type { Content } from '../base/phase.ts';
import { type Statement, say } from '../base/texts.ts';
import { unknown } from '../base/unknown.ts';
import {
  type Atom,
  type Basis,
  closeTotals,
  type Ledger,
  type Category as LedgerCategory,
  type Limit,
  type Pool,
  type Space,
} from '../ledger/ledger.ts';
import type { Categories } from './categories.ts';
import { CATEGORIES, type Category, RULE_TEXTS, RULES } from './categories-rules.ts';
import { isAllocatedAt } from './lifetimes.ts';
import type { OwnerNames } from './owners.ts';
import { type DeviceView, hasFrames } from './phases.ts';
import { type Layout, pendingAt } from './waste-layout.ts';

const TEXTS = {
  en: {
    failure: 'when the request failed, after event {event}',
    peak: 'at the peak of the allocated bytes, after event {event}',
    'peak-start': 'at the peak of the allocated bytes, before the first event',
    end: 'at the end of the recording, after event {event}',
    state: 'as the snapshot was taken',
    reserved: 'PyTorch’s segments',
    blocks: 'live blocks. {rule}',
    pending: 'blocks that were freed and wait for another stream',
    beside: 'free pieces in segments with live blocks',
    pages: 'free pieces in expandable segments with live blocks',
    cached: 'whole segments without a live block',
    private: 'free pieces in private pools',
    segments: 'the sum of the segments',
    free: 'free, as the driver said at the refusal',
    both: 'segments + free at the refusal',
    'no-total': 'the snapshot does not hold the total of the device',
  },
  zh: {
    failure: '申请失败时，事件 {event} 之后',
    peak: '已分配显存的峰值时刻，事件 {event} 之后',
    'peak-start': '已分配显存的峰值时刻，第一个事件之前',
    end: '记录结束时，事件 {event} 之后',
    state: '采集快照的时刻',
    reserved: 'PyTorch 的段',
    blocks: '活动块。{rule}',
    pending: '已释放、仍在等待另一个流的块',
    beside: '含有活动块的段中的空闲块',
    pages: '含有活动块的可扩展段中的空闲块',
    cached: '没有活动块的整段',
    private: '私有内存池中的空闲块',
    segments: '各段之和',
    free: '被拒绝时驱动报告的空闲',
    both: '各段 + 被拒绝时的空闲',
    'no-total': '快照中没有设备的总显存',
  },
  ru: {
    failure: 'в момент отказа, после события {event}',
    peak: 'на пике выделенной памяти, после события {event}',
    'peak-start': 'на пике выделенной памяти, до первого события',
    end: 'в конце записи, после события {event}',
    state: 'в момент снимка',
    reserved: 'сегменты PyTorch',
    blocks: 'живые блоки. {rule}',
    pending: 'блоки освобождены и ждут другой поток',
    beside: 'свободные куски в сегментах с живыми блоками',
    pages: 'свободные куски в расширяемых сегментах с живыми блоками',
    cached: 'целые сегменты без живых блоков',
    private: 'свободные куски в приватных пулах',
    segments: 'сумма сегментов',
    free: 'свободно, по словам драйвера при отказе',
    both: 'сегменты + свободное при отказе',
    'no-total': 'в снимке нет общего объёма памяти устройства',
  },
} as const;

/** A category of the snapshot room, as a ledger calls it, and what may be in it that has no one name. */
const IN_LEDGER: Readonly<
  Record<Category, { readonly category: LedgerCategory; readonly may_hold?: readonly Content[] }>
> = {
  unknown: { category: 'tensors' },
  parameters: { category: 'weights' },
  gradients: { category: 'gradients' },
  optimizer_state: { category: 'optimizer' },
  activations: { category: 'activations' },
  logits: { category: 'logits', may_hold: ['outputs'] },
  temporaries: {
    category: 'temporaries',
    may_hold: ['activations', 'inputs', 'outputs', 'copies', 'workspace'],
  },
  inputs: { category: 'inputs' },
  communication: { category: 'communication', may_hold: ['copies', 'workspace'] },
  workspace: { category: 'workspace' },
  kv_cache: { category: 'kv_cache' },
};

/** Lines of code that get atoms of their own; what the others hold is added up by category. */
const MOST_HOLDERS = 24;
/** Below this share of the live bytes a line is not worth an atom. */
const WORTH_NAMING = 0.002;

export interface LedgerMoment {
  readonly kind: 'failure' | 'peak' | 'end';
  /** The event after which it stands; -1 before the first. */
  readonly event: number;
  /** Bytes that the driver had free, as a refusal tells them. */
  readonly free?: number;
}

/** @param layout of that moment. */
export function ledgerOf(
  view: DeviceView,
  categories: Categories,
  names: OwnerNames,
  layout: Layout,
  moment: LedgerMoment,
): Ledger {
  const space: Space = `device:${view.device.index}`;
  const own = { metric: 'current', space, process: 'this' } as const;
  const reserved = layout.segments.reduce((sum, { size }) => sum + size, 0);
  const atoms: Atom[] = liveAtoms(view, categories, names, layout, moment.event).map((atom) => ({
    ...own,
    ...atom,
  }));
  const pending = pendingAt(view, moment.event).bytes;
  if (pending > 0) {
    atoms.push({
      ...own,
      bytes: bound(pending),
      pool: 'torch',
      category: 'pending',
      basis: 'exact',
      source: say(TEXTS, 'pending'),
    });
  }
  atoms.push(...idleAtoms(layout).map((atom) => ({ ...own, ...atom })));
  atoms.push({
    metric: 'current',
    space,
    process: 'unknown',
    pool: 'outside-torch',
    category: 'outside',
    bytes: unknown(say(TEXTS, 'no-total')),
    basis: 'exact',
    source: say(TEXTS, 'no-total'),
  });
  const limits: Limit[] = [];
  if (moment.free !== undefined) {
    atoms.push({
      metric: 'current',
      space,
      process: 'nobody',
      pool: 'none',
      category: 'free',
      bytes: bound(moment.free),
      basis: 'exact',
      source: say(TEXTS, 'free'),
    });
    limits.push({
      name: 'reserved-and-free',
      selector: { space, process: 'this', pool: ALLOCATORS },
      bytes: bound(reserved + moment.free),
      source: say(TEXTS, 'both'),
    });
  }
  return closeTotals({
    moment: {
      name: moment.kind === 'failure' ? 'failure' : 'observed',
      detail: detailOf(view, moment),
    },
    atoms,
    limits,
    totals: [
      {
        name: say(TEXTS, 'reserved'),
        selector: { space, process: 'this', pool: ALLOCATORS },
        bytes: bound(reserved),
        source: say(TEXTS, 'segments'),
      },
    ],
  });
}

const ALLOCATORS: readonly Pool[] = ['torch', 'torch-private'];

function detailOf({ lifetimes }: DeviceView, { kind, event }: LedgerMoment): Statement {
  if (!lifetimes.isTrace) return say(TEXTS, 'state');
  if (kind === 'peak' && event < 0) return say(TEXTS, 'peak-start');
  return say(TEXTS, kind, { event });
}

type OwnAtom = Omit<Atom, 'metric' | 'space' | 'process'>;

interface Group {
  readonly category: Category;
  readonly basis: Basis;
  readonly pool: Pool;
  /** Bytes by line of code; '' where no stack tells. */
  readonly byHolder: Map<string, number>;
  /** Bytes by rule, to name the one that put most of it there. */
  readonly byRule: Map<number, number>;
}

/** Live blocks by category, and within it by line of code. */
function liveAtoms(
  view: DeviceView,
  categories: Categories,
  names: OwnerNames,
  layout: Layout,
  event: number,
): OwnAtom[] {
  const { lifetimes, facts } = view;
  const poolAt = poolFinder(layout);
  const groups = new Map<string, Group>();
  let live = 0;
  for (let row = 0; row < lifetimes.count; row++) {
    if (!isAllocatedAt(lifetimes, row, event)) continue;
    const bytes = lifetimes.block[row] as number;
    const rule = categories.rule[row] as number;
    const category = CATEGORIES[categories.categoryOfRule[rule] as number] ?? 'unknown';
    const basis = basisOf(rule, lifetimes.isExact[row] === 1);
    const pool = poolAt(lifetimes.address[row] as number);
    const key = `${category} ${basis} ${pool}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { category, basis, pool, byHolder: new Map(), byRule: new Map() };
      groups.set(key, group);
    }
    const stack = lifetimes.stack[row] as number;
    const holder = hasFrames(facts, stack) ? names.nameOf('line', stack).name : '';
    group.byHolder.set(holder, (group.byHolder.get(holder) ?? 0) + bytes);
    group.byRule.set(rule, (group.byRule.get(rule) ?? 0) + bytes);
    live += bytes;
  }
  const named = [...groups.values()]
    .flatMap((group) =>
      [...group.byHolder].flatMap(([holder, bytes]) =>
        holder === '' || bytes < WORTH_NAMING * live ? [] : [{ group, holder, bytes }],
      ),
    )
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MOST_HOLDERS);
  return [...groups.values()].flatMap((group) => {
    const own = named.filter((one) => one.group === group);
    const whole = [...group.byHolder.values()].reduce((sum, bytes) => sum + bytes, 0);
    const rest = own.reduce((sum, { bytes }) => sum - bytes, whole);
    const atom = (bytes: number, holder?: string): OwnAtom => ({
      bytes: bound(bytes),
      pool: group.pool,
      ...IN_LEDGER[group.category],
      basis: group.basis,
      source: say(TEXTS, 'blocks', { rule: ruleText(group) }),
      ...(holder !== undefined && { holder }),
    });
    return [
      ...own.map(({ bytes, holder }) => atom(bytes, holder)),
      ...(rest > 0 ? [atom(rest)] : []),
    ];
  });
}

/**
 * The bytes of a block are exact where the state or a replay has them. What the block is for is read from
 * its stack, which is as good as written; told from its lifetime alone it is a model.
 */
function basisOf(rule: number, isExact: boolean): Basis {
  return isExact && RULES[rule]?.basis !== 'lifetime' ? 'exact' : 'modelled';
}

function ruleText({ byRule }: Group): Statement | string {
  const [most] = [...byRule].sort((a, b) => b[1] - a[1]);
  const id = most === undefined ? undefined : RULES[most[0]]?.id;
  return id === undefined ? '' : say(RULE_TEXTS, id);
}

/** Whether an address lies in a private pool; nearly no recording has any. */
function poolFinder({ segments }: Layout): (address: number) => Pool {
  if (segments.every(({ pool }) => pool === 0)) return () => 'torch';
  return (address) => {
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((segments[middle]?.address ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return (segments[low - 1]?.pool ?? 0) === 0 ? 'torch' : 'torch-private';
  };
}

/** Free pieces by what keeps them. */
function idleAtoms(layout: Layout): OwnAtom[] {
  const sums = { beside: 0, pages: 0, cached: 0, private: 0 };
  for (let i = 0; i < layout.freeSize.length; i++) {
    const index = layout.freeSegment[i] as number;
    const segment = layout.segments[index];
    if (segment === undefined) continue;
    const bytes = layout.freeSize[i] as number;
    if (segment.pool !== 0) sums.private += bytes;
    else if (layout.used[index] === 0) sums.cached += bytes;
    else if (segment.isExpandable) sums.pages += bytes;
    else sums.beside += bytes;
  }
  const atom = (key: keyof typeof sums, pool: Pool, pinned: boolean): OwnAtom[] =>
    sums[key] === 0
      ? []
      : [
          {
            bytes: bound(sums[key]),
            pool,
            category: 'idle',
            pinned,
            basis: 'exact',
            source: say(TEXTS, key),
          },
        ];
  return [
    ...atom('beside', 'torch', true),
    ...atom('pages', 'torch', true),
    ...atom('cached', 'torch', false),
    ...atom('private', 'torch-private', true),
  ];
}
