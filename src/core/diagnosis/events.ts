/** Events of observations with their place, for rules that look at each. */
import type { EventKind, SeenEvent } from '../evidence/status.ts';
import type { Observed } from './observed.ts';

export interface Happened {
  readonly event: SeenEvent;
  readonly observation: number;
  /** Who it happened to, as far as it is told: "rank 3 on node2". Empty when it is not. */
  readonly who: string;
}

export function eventsOf(observed: readonly Observed[], kinds: readonly EventKind[]): Happened[] {
  return observed.flatMap(({ sighted }, observation) =>
    (sighted.events ?? [])
      .filter(({ kind }) => kinds.includes(kind))
      .map((event) => ({
        event,
        observation,
        who: whoOf({
          ...event,
          rank: event.rank ?? sighted.rank,
          host: event.host ?? sighted.host,
        }),
      })),
  );
}

function whoOf({
  rank,
  host,
  who,
  pid,
}: { [Key in 'rank' | 'host' | 'who' | 'pid']?: SeenEvent[Key] | undefined }): string {
  const subject =
    rank !== undefined
      ? `rank ${rank}`
      : who !== undefined
        ? who
        : pid === undefined
          ? ''
          : `process ${pid}`;
  if (host === undefined) return subject;
  return subject === '' ? host : `${subject} on ${host}`;
}
