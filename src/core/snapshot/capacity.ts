/**
 * How many bytes of segments the device had room for. Only a failed request tells: what was reserved
 * then, and what the driver still had.
 */
import { roundSize, segmentSize } from '../allocator/rounding.ts';
import { type Statement, say } from '../base/texts.ts';
import { type Unknown, unknown } from '../base/unknown.ts';
import { Action } from './columns.ts';
import type { Prepared } from './replay.ts';

const TEXTS = {
  en: {
    from_failure: 'Reserved {reserved} and free {free} at the failure (event {event}).',
    other_limit:
      'At the failure (event {event}) the driver still had {free}, enough for the request: a cap or a quota stopped it, taken to be just below what it would have reserved.',
    no_failure:
      'No request failed in the trace, so the room on the device is not known; it is taken to be without limit.',
  },
  zh: {
    from_failure: '失败时（事件 {event}）已保留 {reserved}，空闲 {free}。',
    other_limit:
      '失败时（事件 {event}）驱动仍有 {free}，足够该请求使用：是某个上限或配额阻止了它，按略低于它将要保留的量处理。',
    no_failure: '跟踪中没有失败的请求，无法得知设备的可用空间，按没有上限处理。',
  },
  ru: {
    from_failure: 'При сбое (событие {event}) зарезервировано {reserved}, свободно {free}.',
    other_limit:
      'При сбое (событие {event}) у драйвера оставалось {free} — для запроса достаточно: его остановил предел или квота; считаем, что предел чуть ниже того, что понадобилось бы зарезервировать.',
    no_failure:
      'Отказов в трассе нет, поэтому объём, доступный на устройстве, неизвестен; считаем его неограниченным.',
  },
} as const;

export interface Capacity {
  readonly bytes: number;
  /** Event of the failure that tells. */
  readonly event: number;
  readonly basis: Statement;
}

/** Bytes that are reserved before each operation is not kept; this is what was reserved when. */
export interface Reserved {
  readonly peak: number;
  readonly final: number;
  /** Calls of the driver that got or gave back memory. */
  readonly deviceCalls: number;
}

/** What was reserved in the course of the trace, from its own segment events. Bytes. */
export function recordedReserved(prepared: Prepared): Reserved {
  let reserved = reservedAtStart(prepared);
  let peak = reserved;
  const { action, size, count } = prepared.device.events;
  let deviceCalls = 0;
  for (let i = 0; i < count; i += 1) {
    const change = changeOf(action[i] as number);
    if (change === 0) continue;
    deviceCalls += 1;
    reserved += change * (size[i] as number);
    if (reserved > peak) peak = reserved;
  }
  return { peak, final: reserved, deviceCalls };
}

/** The room of the device as the first failure shows it. */
export function capacityOf(prepared: Prepared): Capacity | Unknown {
  const { action, address, size, count } = prepared.device.events;
  const { settings } = prepared.found;
  let reserved = reservedAtStart(prepared);
  for (let i = 0; i < count; i += 1) {
    const what = action[i] as number;
    reserved += changeOf(what) * (size[i] as number);
    if (what !== Action.oom) continue;
    const free = Math.max(0, address[i] as number);
    const rounded = roundSize(size[i] as number, settings.roundupPower2Divisions);
    const wanted = segmentSize(rounded, settings.largeSegmentSize);
    const isOther = free >= wanted + settings.largeSegmentSize;
    return {
      bytes: isOther ? reserved + wanted - 1 : reserved + free,
      event: i,
      basis: say(TEXTS, isOther ? 'other_limit' : 'from_failure', {
        reserved: { size: reserved },
        free: { size: free },
        event: i,
      }),
    };
  }
  return unknown(say(TEXTS, 'no_failure'));
}

function reservedAtStart({ start }: Prepared): number {
  let reserved = 0;
  for (const segment of start.segments) reserved += segment.size;
  return reserved;
}

function changeOf(action: number): number {
  if (action === Action.segmentAlloc || action === Action.segmentMap) return 1;
  return action === Action.segmentFree || action === Action.segmentUnmap ? -1 : 0;
}
