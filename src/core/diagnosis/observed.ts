/**
 * What was seen of a moment at which nothing need have failed, as findings see it: each device with
 * its ledger, and how the moment stands to the failure, if there was one.
 */
import { known } from '../base/interval.ts';
import { type Statement, say } from '../base/texts.ts';
import type { Failure } from '../evidence/failure.ts';
import type { Sighted } from '../evidence/sightings.ts';
import { ledgerOfDevice, type SeenDevice } from '../ledger/device.ts';
import { factOf } from '../ledger/fact.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { valueIn } from '../ledger/observe.ts';

/** How a moment stands to the failure. Only `same_moment` may be put into one ledger with it. */
export type Relation =
  /** Nothing failed in the evidence. */
  | 'alone'
  | 'same_moment'
  /** The failing process is there, but the figures are of another moment. */
  | 'while_running'
  /** The failing process is not there any more. */
  | 'after_exit'
  /** Printed by the failing program itself before or after the failure. */
  | 'same_program'
  | 'unknown';

export interface Observed {
  readonly sighted: Sighted;
  /** One for each device of the sighting; of a recording that of its peak. */
  readonly ledgers: readonly Ledger[];
  readonly relation: Relation;
  readonly because: Statement;
  /** The device of the observation that the failing process ran on, where that is provable. */
  readonly device?: number;
}

const TEXTS = {
  en: {
    alone: 'nothing failed in the evidence',
    totals: 'in use here and at the failure agree: {used}',
    pid: 'process {pid} of the failure is listed here',
    gone: 'process {pid} of the failure is not listed here: this was taken after it had ended, or outside its container',
    less: 'in use here {used}, at the failure {failed}: this is of another moment, probably after the process had ended',
    program: 'printed by the same program',
    named: 'it names the process or the rank of the failure',
    unmatched:
      'nothing ties this to the failure: its figures are not those of the message, or the message prints too few',
    unknown: 'nothing ties this to the failure: no common pid, no matching totals',
  },
  zh: {
    alone: '证据中没有失败',
    totals: '此处的已用量与失败时一致：{used}',
    pid: '失败的进程 {pid} 在这份列表中',
    gone: '失败的进程 {pid} 不在这份列表中：取自该进程结束之后，或在其容器之外',
    less: '此处已用 {used}，失败时已用 {failed}：不是同一时刻，很可能在该进程结束之后',
    program: '由同一程序打印',
    named: '指明了失败的进程或 rank',
    unmatched: '与失败之间没有可靠的关联：数字与报错中的不一致，或报错打印的数字太少',
    unknown: '与失败之间没有可靠的关联：没有相同的 pid，总量也不吻合',
  },
  ru: {
    alone: 'сбоя в данных нет',
    totals: 'занято здесь столько же, сколько при сбое: {used}',
    pid: 'процесс сбоя (pid {pid}) есть в этом списке',
    gone: 'процесса сбоя (pid {pid}) в этом списке нет: снято после его завершения или вне его контейнера',
    less: 'занято здесь {used}, при сбое {failed}: это другой момент, вероятно, после завершения процесса',
    program: 'напечатано той же программой',
    named: 'здесь назван процесс или ранг сбоя',
    unmatched:
      'со сбоем это ничем не связано: цифры не те, что в сообщении, или в сообщении их слишком мало',
    unknown: 'со сбоем это ничем не связано: ни общего pid, ни совпадающих объёмов',
  },
} as const;

export function observedOf(sighted: Sighted, failure: Failure | undefined): Observed {
  const { recorded } = sighted;
  if (recorded !== undefined) {
    const key = failure === undefined ? 'alone' : 'unmatched';
    return {
      sighted,
      ledgers: [recorded.peak.ledger],
      relation: failure === undefined ? 'alone' : 'unknown',
      because: say(TEXTS, key),
    };
  }
  const ledgers = (sighted.devices ?? []).map(ledgerOfDevice);
  return { sighted, ledgers, ...relationOf(sighted, failure) };
}

type Related = Pick<Observed, 'relation' | 'because' | 'device'>;

function relationOf(sighted: Sighted, failure: Failure | undefined): Related {
  if (failure === undefined) return { relation: 'alone', because: say(TEXTS, 'alone') };
  const devices = sighted.devices ?? [];
  if (devices.length > 0) return relationOfDevices(devices, failure);
  const pids = pidsOf(failure);
  const named = (sighted.events ?? []).find(
    ({ pid, rank }) =>
      (pid !== undefined && pids.has(pid)) || (rank !== undefined && rank === failure.where.rank),
  );
  if (named !== undefined) return { relation: 'same_program', because: say(TEXTS, 'named') };
  const isSame = sighted.source === failure.where.source;
  return isSame
    ? { relation: 'same_program', because: say(TEXTS, 'program') }
    : { relation: 'unknown', because: say(TEXTS, 'unknown') };
}

/** Every pid that the failure names. */
const pidsOf = ({ where, reading }: Failure): ReadonlySet<number> =>
  new Set(
    [where.pid, ...reading.facts.map(({ scope }) => scope.pid)].filter((pid) => pid !== undefined),
  );

/** Room for what drivers and contexts come and go with between two readings of one moment. */
const SAME_WITHIN = 0.01;

/** An index alone proves nothing: the tool's order need not be the program's. */
function relationOfDevices(devices: readonly SeenDevice[], failure: Failure): Related {
  const { facts } = failure.reading;
  const total = valueIn(facts, 'total');
  const free = valueIn(facts, 'free');
  const pids = pidsOf(failure);
  const listing = devices.findIndex(({ processes }) =>
    processes.some(({ pid }) => pid !== undefined && pids.has(pid)),
  );
  const inUse = total === undefined || free === undefined ? undefined : total.mid - free.mid;
  const like = devices.flatMap((device, index) => {
    const used = known(device.used?.bytes)?.mid;
    const size = known(device.total?.bytes)?.mid;
    const isCard = total === undefined || size === undefined || near(size, total.mid, 0.05);
    return used === undefined || !isCard ? [] : [{ index, used }];
  });
  const same =
    inUse === undefined || total === undefined
      ? undefined
      : like.find(
          ({ used, index }) =>
            Math.abs(used - inUse) <= SAME_WITHIN * total.mid &&
            inUse > 0.3 * total.mid &&
            (listing < 0 || listing === index),
        );
  if (same !== undefined) {
    return {
      relation: 'same_moment',
      because: say(TEXTS, 'totals', { used: { size: same.used } }),
      device: same.index,
    };
  }
  const [pid] = pids;
  if (listing >= 0) {
    const listed = devices[listing]?.processes.find((p) => p.pid !== undefined && pids.has(p.pid));
    return {
      relation: 'while_running',
      because: say(TEXTS, 'pid', { pid: listed?.pid ?? 0 }),
      device: listing,
    };
  }
  const most = Math.max(...like.map(({ used }) => used));
  if (inUse !== undefined && like.length > 0 && most < 0.7 * inUse) {
    return {
      relation: 'after_exit',
      because: say(TEXTS, 'less', { used: { size: most }, failed: { size: inUse } }),
    };
  }
  const listsAll = devices.every(({ listed }) => listed === 'all');
  if (pid !== undefined && listsAll && factOf(facts, 'process') !== undefined) {
    return { relation: 'after_exit', because: say(TEXTS, 'gone', { pid }) };
  }
  return { relation: 'unknown', because: say(TEXTS, 'unknown') };
}

const near = (a: number, b: number, within: number): boolean => Math.abs(a - b) <= within * b;
