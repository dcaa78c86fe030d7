/**
 * From the facts of one failure to its ledger. The facts of one message are of one moment and one
 * device by construction, so they merge.
 *
 * Identities (allocator of PyTorch; all exact in bytes, so the printed rounding is the only slack):
 * reserved = allocated + unallocated; device in use = total - free; outside = process - reserved.
 * With the private-pool clause the printed "allocated" contains the idle blocks of private pools.
 */

import { add, type Interval, known, subtract } from '../base/interval.ts';
import type { Content } from '../base/phase.ts';
import { phrase } from '../base/texts.ts';
import { isUnknown, unknown } from '../base/unknown.ts';
import { type Fact, factOf, type Quantity } from './fact.ts';
import {
  type Atom,
  closeTotals,
  type Ledger,
  type Limit,
  type Space,
  THE_DEVICE,
  type Total,
} from './ledger.ts';

const NOT_PRINTED = phrase({ en: 'not printed', zh: '未打印', ru: 'не напечатано' });
const AT_THE_FAILURE = phrase({ en: 'at the failure', zh: '失败时', ru: 'в момент сбоя' });
const AFTER_RELEASING = phrase({
  en: 'at the failure, after the allocator had released every cached block that it could',
  zh: '失败时，分配器已释放所有可释放的缓存块',
  ru: 'в момент сбоя, после того как аллокатор вернул все кэшированные блоки, какие мог',
});

/** How the framework's allocator behaves at a failure, which the message does not print. */
export interface AllocatorManners {
  /** It has handed back every cached block that it could before it gave up. */
  readonly releases_before_failing: boolean;
  /** The device's memory is also the host's (Apple silicon). */
  readonly unified: boolean;
  /** Whether the figures are of PyTorch's allocator or of another framework's pool. */
  readonly pool: 'torch' | 'arena';
}

export interface Observation {
  readonly facts: readonly Fact[];
  /** What live tensors can hold at that moment. */
  readonly contents: readonly Content[];
  readonly manners: AllocatorManners;
  /** The device index, when the text shows it. */
  readonly device?: number;
}

/** Which listed process is the failing one itself, when its own clause is missing. */
export interface SelfAmongListed {
  readonly pid: number;
  readonly because: 'only-one-listed' | 'nearest-above-reserved';
}

/** Reserved memory, from whichever figures the version printed. */
export function reservedOf(facts: readonly Fact[]): Interval | undefined {
  const reserved = valueIn(facts, 'reserved');
  if (reserved !== undefined) return reserved;
  const allocated = valueIn(facts, 'allocated');
  const idle = valueIn(facts, 'reserved_unallocated');
  return allocated === undefined || idle === undefined ? undefined : add(allocated, idle);
}

export function valueIn(facts: readonly Fact[], quantity: Quantity): Interval | undefined {
  return known(factOf(facts, quantity)?.value);
}

/**
 * Inside a container the own process has another pid than the driver's list shows, so it appears as
 * one of the others. It is the only one listed, or the one that holds least above what PyTorch has
 * reserved.
 */
export function selfAmongListed(facts: readonly Fact[]): SelfAmongListed | undefined {
  if (factOf(facts, 'process') !== undefined) return undefined;
  const listed = facts.filter((fact) => fact.quantity === 'listed_process');
  const reserved = reservedOf(facts);
  const candidates = listed.flatMap((fact) => {
    const value = known(fact.value);
    const pid = fact.scope.pid;
    if (value === undefined || pid === undefined) return [];
    // A process cannot hold less than its own PyTorch has reserved.
    if (reserved !== undefined && value.high < reserved.low) return [];
    return [{ pid, above: value.mid - (reserved?.mid ?? 0) }];
  });
  const best = candidates.sort((a, b) => a.above - b.above)[0];
  if (best === undefined) return undefined;
  if (listed.length === 1) return { pid: best.pid, because: 'only-one-listed' };
  return reserved === undefined ? undefined : { pid: best.pid, because: 'nearest-above-reserved' };
}

/** Builds the ledger of a failure from what its message printed, closed against every total. */
export function observe(observation: Observation): Ledger {
  const { facts, contents, manners } = observation;
  const space: Space = manners.unified ? 'unified' : `device:${observation.device ?? '?'}`;
  const of = (quantity: Quantity): Interval | undefined => valueIn(facts, quantity);
  const outside = manners.pool === 'torch' ? 'outside-torch' : 'outside-arena';
  const atoms: Atom[] = [];
  const put = (atom: Omit<Atom, 'metric' | 'space' | 'basis'>): void => {
    atoms.push({ metric: 'current', space, basis: 'measured', ...atom });
  };

  const allocated = of('allocated');
  const privateIdle = of('private_pool');
  if (allocated !== undefined) {
    const live = privateIdle === undefined ? allocated : subtract(allocated, privateIdle);
    put({
      bytes: live,
      process: 'this',
      pool: manners.pool,
      category: 'tensors',
      may_hold: contents,
      source: privateIdle === undefined ? 'allocated' : 'allocated - private_pool',
    });
  }
  const reserved = reservedOf(facts);
  const printedIdle = of('reserved_unallocated');
  const idle =
    printedIdle ??
    (reserved !== undefined && allocated !== undefined ? subtract(reserved, allocated) : undefined);
  if (idle !== undefined) {
    put({
      bytes: idle,
      process: 'this',
      pool: manners.pool,
      category: 'idle',
      pinned: manners.releases_before_failing,
      source: printedIdle === undefined ? 'reserved - allocated' : 'reserved_unallocated',
    });
  }
  if (idle === undefined && allocated !== undefined && !manners.unified) {
    put({
      bytes: unknown(
        phrase({
          en: 'the text does not print what is reserved',
          zh: '文本没有给出保留的显存',
          ru: 'в тексте нет объёма зарезервированной памяти',
        }),
      ),
      process: 'this',
      pool: manners.pool,
      category: 'idle',
      source: NOT_PRINTED,
    });
    put({
      bytes: unknown(
        phrase({
          en: 'the text does not print what is reserved or whose the rest is',
          zh: '文本没有给出保留的显存，也没有说明其余显存属于谁',
          ru: 'в тексте нет ни объёма зарезервированной памяти, ни того, чей остаток',
        }),
      ),
      process: 'unknown',
      pool: manners.pool === 'torch' ? 'unknown' : outside,
      category: 'outside',
      source: NOT_PRINTED,
    });
  }
  if (privateIdle !== undefined) {
    put({
      bytes: privateIdle,
      process: 'this',
      pool: 'torch-private',
      category: 'idle',
      pinned: true,
      source: 'private_pool',
    });
  }

  const totals: Total[] = [];
  const self = selfAmongListed(facts);
  const listedSelf = facts.find((fact) => self !== undefined && fact.scope.pid === self.pid);
  const told = of('process') ?? known(listedSelf?.value);
  // A driver that cannot see the process says 0 or less than it has reserved: that is no figure.
  const own =
    told !== undefined && reserved !== undefined && told.high < reserved.low ? undefined : told;
  const otherAllocations = of('other_allocations');
  const total = of('total');
  const free = of('free');
  if (own !== undefined && reserved !== undefined) {
    put({
      bytes: subtract(own, reserved),
      process: 'this',
      pool: outside,
      category: 'outside',
      source: 'process - reserved',
    });
    totals.push({
      name: phrase({ en: 'this process', zh: '本进程', ru: 'этот процесс' }),
      selector: { space, process: 'this' },
      bytes: own,
      source: 'process',
    });
  }
  if (otherAllocations !== undefined) {
    put({
      bytes: otherAllocations,
      process: 'this',
      pool: outside,
      category: 'outside',
      source: 'other_allocations',
    });
  }
  for (const fact of facts) {
    if (fact.quantity !== 'listed_process' || fact === listedSelf) continue;
    put({
      bytes: isUnknown(fact.value) ? unknown(fact.value.unknown) : fact.value,
      process: fact.scope.pid === undefined ? 'others' : `pid:${fact.scope.pid}`,
      pool: 'unknown',
      category: 'process',
      source: 'listed_process',
    });
  }
  if (own === undefined && total !== undefined && free !== undefined && reserved !== undefined) {
    const others = atoms
      .filter((atom) => atom.category === 'process')
      .map((atom) => known(atom.bytes));
    let rest = subtract(subtract(total, free), reserved);
    for (const other of others) if (other !== undefined) rest = subtract(rest, other);
    // Nothing tells the own context from other processes here; below zero it is no memory at all
    // but an oddity (system memory behind the card), which the unattributed atom shows.
    if (rest.high > 0 && rest.mid > 0) {
      put({
        bytes: rest,
        process: 'unknown',
        pool: outside,
        category: 'outside',
        source: 'total - free - reserved',
      });
    }
  }
  if (free !== undefined) {
    put({ bytes: free, process: 'nobody', pool: 'none', category: 'free', source: 'free' });
  }

  const limits: Limit[] = [];
  if (total !== undefined) {
    limits.push({ name: 'device-total', selector: { space }, bytes: total, source: 'total' });
    if (free !== undefined) {
      totals.push({ name: THE_DEVICE, selector: { space }, bytes: total, source: 'total' });
    }
  }
  const allowed = factOf(facts, 'allowed');
  if (allowed !== undefined) {
    limits.push({
      name: manners.unified ? 'watermark' : 'fraction',
      // The fraction counts the caching allocator's segments only; the watermark all of the process.
      selector: manners.unified
        ? { space, process: 'this' }
        : { space, process: 'this', pool: [manners.pool, 'torch-private'] },
      bytes: allowed.value,
      source: 'allowed',
    });
  }
  return closeTotals({
    moment: {
      name: 'failure',
      detail: manners.releases_before_failing ? AFTER_RELEASING : AT_THE_FAILURE,
    },
    atoms,
    limits,
    totals,
  });
}
