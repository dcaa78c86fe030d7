/**
 * What must hold in every snapshot. A violation is reported with both figures and the rest is analysed all
 * the same: what follows takes the blocks, not the sums that a segment states.
 *
 * Rules: c10/cuda/CUDACachingAllocator.cpp, snapshot() and get_allocation_size(); they hold on 26,956
 * segments of real files without exception.
 */
import type { Problem } from '../base/problem.ts';
import { say, type TextTable } from '../base/texts.ts';
import {
  BlockState,
  type Blocks,
  type Device,
  type RecordedSettings,
  type Segments,
} from './columns.ts';

const MIB = 2 ** 20;
/** Violations of a kind that are shown. */
const SHOWN = 3;

type Rule =
  | 'total'
  | 'allocated'
  | 'active'
  | 'requested'
  | 'neighbours'
  | 'segment_size'
  | 'block_place'
  | 'segment_overlap'
  | 'time';
const RULES: readonly Rule[] = [
  'total',
  'allocated',
  'active',
  'requested',
  'neighbours',
  'segment_size',
  'block_place',
  'segment_overlap',
  'time',
];

const TEXTS: TextTable<Rule | 'why' | 'todo'> = {
  en: {
    total: 'The blocks of {count} segments do not add up to the size of the segment.',
    allocated: 'The allocated blocks of {count} segments do not add up to what the segment states.',
    active: 'The active blocks of {count} segments do not add up to what the segment states.',
    requested: 'The requested bytes of {count} segments do not add up to what the segment states.',
    neighbours: '{count} times two free blocks lie side by side; the allocator joins such blocks.',
    segment_size: '{count} segments have a size that the allocator does not ask for.',
    block_place: '{count} blocks do not begin where the one before them ends.',
    segment_overlap: '{count} segments overlap the one before them.',
    time: '{count} events are earlier than the one before them.',
    why: 'Found ≠ expected: {examples}.',
    todo: 'The file may be damaged or edited: figures of these places are uncertain. Record it again if they matter.',
  },
  zh: {
    total: '有 {count} 个内存段的块大小之和与段大小不符。',
    allocated: '有 {count} 个内存段的已分配块之和与段中记录的不符。',
    active: '有 {count} 个内存段的活动块之和与段中记录的不符。',
    requested: '有 {count} 个内存段的请求字节数之和与段中记录的不符。',
    neighbours: '有 {count} 处两个空闲块相邻；分配器会合并这样的块。',
    segment_size: '有 {count} 个内存段的大小不是分配器会申请的大小。',
    block_place: '有 {count} 个块的起点与前一个块的终点不一致。',
    segment_overlap: '有 {count} 个内存段与前一个重叠。',
    time: '有 {count} 个事件的时间早于前一个事件。',
    why: '实际 ≠ 预期：{examples}。',
    todo: '文件可能已损坏或被改动：这些位置的数字不可靠。如果它们重要，请重新录制。',
  },
  ru: {
    total: 'Сегментов, у которых сумма блоков не равна размеру сегмента: {count}.',
    allocated: 'Сегментов, у которых сумма выделенных блоков не равна записанной: {count}.',
    active: 'Сегментов, у которых сумма активных блоков не равна записанной: {count}.',
    requested: 'Сегментов, у которых сумма запрошенных байтов не равна записанной: {count}.',
    neighbours:
      'Мест, где рядом лежат два свободных блока: {count}; аллокатор такие блоки объединяет.',
    segment_size: 'Сегментов такого размера, какой аллокатор не запрашивает: {count}.',
    block_place: 'Блоков, которые начинаются не там, где закончился предыдущий: {count}.',
    segment_overlap: 'Сегментов, которые перекрывают предыдущий: {count}.',
    time: 'Событий, которые раньше предыдущего: {count}.',
    why: 'Найдено ≠ ожидалось: {examples}.',
    todo: 'Файл мог повредиться или его правили: числа в этих местах ненадёжны. Если они важны, сними снимок заново.',
  },
};

export interface State {
  readonly devices: readonly Device[];
  readonly segments: Segments;
  readonly blocks: Blocks;
  readonly settings?: RecordedSettings;
}

/** One problem for each rule that is broken, with how often and the first places. */
export function checkIntegrity(state: State): Problem[] {
  const violations = new Violations();
  for (let s = 0; s < state.segments.count; s += 1) checkSegment(state, s, violations);
  for (const device of state.devices) checkTimes(device, violations);
  return violations.problems();
}

class Violations {
  private readonly found: Map<Rule, { count: number; examples: string[] }> = new Map();

  add(rule: Rule, where: string, found: number, expected: number | string): void {
    let entry = this.found.get(rule);
    if (entry === undefined) {
      entry = { count: 0, examples: [] };
      this.found.set(rule, entry);
    }
    entry.count += 1;
    if (entry.examples.length < SHOWN) entry.examples.push(`${where} ${found} ≠ ${expected}`);
  }

  problems(): Problem[] {
    return RULES.flatMap((rule) => {
      const entry = this.found.get(rule);
      if (entry === undefined) return [];
      const examples = entry.examples.join('; ') + (entry.count > SHOWN ? '; …' : '');
      return [
        {
          code: `snapshot-integrity-${rule.replaceAll('_', '-')}`,
          what: say(TEXTS, rule, { count: entry.count }),
          why: say(TEXTS, 'why', { examples }),
          todo: say(TEXTS, 'todo'),
        },
      ];
    });
  }
}

/** "cuda:0 0x7f1200000000". */
const placeOf = (device: number, address: number): string =>
  `cuda:${device} 0x${address.toString(16)}`;

function checkSegment(
  { segments, blocks, settings }: State,
  s: number,
  violations: Violations,
): void {
  const device = segments.device[s] as number;
  const start = segments.address[s] as number;
  const total = segments.total[s] as number;
  let place: string | undefined;
  const report = (rule: Rule, found: number, expected: number | string): void => {
    place ??= placeOf(device, start);
    violations.add(rule, place, found, expected);
  };

  let sum = 0;
  let allocated = 0;
  let active = 0;
  let requested = 0;
  let end = start;
  let wasFree = false;
  const last = segments.firstBlock[s + 1] as number;
  for (let b = segments.firstBlock[s] as number; b < last; b += 1) {
    const size = blocks.size[b] as number;
    const address = blocks.address[b] as number;
    const isFree = blocks.state[b] === BlockState.inactive;
    sum += size;
    if (blocks.state[b] === BlockState.active) allocated += size;
    if (!isFree) {
      active += size;
      requested += blocks.requested[b] as number;
    }
    if (address !== end) report('block_place', address, end);
    else if (isFree && wasFree) report('neighbours', address, '-');
    wasFree = isFree;
    end = address + size;
  }
  if (sum !== total) report('total', sum, total);
  // Where the file states nothing, or a block lacks its request, nothing can be compared.
  const compare = (rule: Rule, found: number, stated: number): void => {
    if (found !== stated && !Number.isNaN(found) && !Number.isNaN(stated))
      report(rule, found, stated);
  };
  compare('allocated', allocated, segments.allocated[s] as number);
  compare('active', active, segments.active[s] as number);
  compare('requested', requested, segments.requested[s] as number);

  if (segments.isExpandable[s] === 0) {
    if (segments.isLarge[s] === 0) {
      if (total !== 2 * MIB) report('segment_size', total, 2 * MIB);
    } else if (total % (2 * MIB) !== 0 && !setsLargeSegments(settings)) {
      report('segment_size', total, 'n × 2097152');
    }
  }
  if (s > 0 && segments.device[s - 1] === device) {
    const before = (segments.address[s - 1] as number) + (segments.total[s - 1] as number);
    if (start < before) report('segment_overlap', start, `≥ ${before}`);
  }
}

/** large_segment_size_mb (2.11+) need not be even. */
const setsLargeSegments = (settings: RecordedSettings | undefined): boolean =>
  settings?.conf?.includes('large_segment_size_mb') === true;

function checkTimes({ index, events }: Device, violations: Violations): void {
  const { time } = events;
  if (time === undefined) return;
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < events.count; i += 1) {
    const now = time[i] as number;
    if (now < latest) violations.add('time', `cuda:${index} #${i}`, now, `≥ ${latest}`);
    else if (now > latest) latest = now;
  }
}
