/** Events of observations with their place, for rules that look at each. */
import type { Lang } from '../base/texts.ts';
import type { EventKind, SeenEvent } from '../evidence/status.ts';
import type { Observed } from './observed.ts';

export interface Happened {
  readonly event: SeenEvent;
  readonly observation: number;
  /** Who it happened to, as far as it is told: "rank 3 on node2". */
  readonly who?: Words;
}

type Words = Readonly<Record<Lang, string>>;

export function eventsOf(observed: readonly Observed[], kinds: readonly EventKind[]): Happened[] {
  return observed.flatMap(({ sighted }, observation) =>
    (sighted.events ?? [])
      .filter(({ kind }) => kinds.includes(kind))
      .map((event) => {
        const who = whoOf({
          ...event,
          rank: event.rank ?? sighted.rank,
          host: event.host ?? sighted.host,
        });
        return { event, observation, ...(who !== undefined && { who }) };
      }),
  );
}

type Told = { [Key in 'rank' | 'host' | 'who' | 'pid']?: SeenEvent[Key] | undefined };

function whoOf(told: Told): Words | undefined {
  const { host } = told;
  const subject = subjectOf(told);
  if (host === undefined) return subject;
  if (subject === undefined) return asNamed(host);
  const { en, zh, ru } = subject;
  return { en: `${en} on ${host}`, zh: `${zh}，${host}`, ru: `${ru} на ${host}` };
}

function subjectOf({ rank, who, pid }: Told): Words | undefined {
  if (rank !== undefined) return { en: `rank ${rank}`, zh: `rank ${rank}`, ru: `ранг ${rank}` };
  if (who !== undefined) return asNamed(who);
  return pid === undefined
    ? undefined
    : { en: `process ${pid}`, zh: `进程 ${pid}`, ru: `процесс ${pid}` };
}

const asNamed = (name: string): Words => ({ en: name, zh: name, ru: name });
