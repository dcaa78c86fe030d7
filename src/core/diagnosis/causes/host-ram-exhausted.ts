/** Host memory: RAM, cgroup, job limit. */
import { say } from '../../base/texts.ts';
import { isAbsurd } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Host memory, or the job’s limit of it, ran out',
    summary: 'Host RAM, a cgroup or a job’s memory limit, not the card.',
    headline: 'The machine’s RAM, or a limit of the job (container, batch system), was used up.',
    allocator: 'The CPU allocator failed.',
    asked: 'It asked for {requested} of host memory.',
    system: 'The system says that it killed for memory.',
    killed: 'The process was killed by the system (SIGKILL), which a full GPU never does.',
    operator: 'Somebody or a scheduler may have killed it for another reason.',
    worker: 'A worker process is gone; the usual reason is host memory.',
    crash: 'A crash of the worker looks the same.',
  },
  zh: {},
  ru: {},
} as const;

/** These have causes of their own. */
const OWN = ['shared-memory-segment', 'pinned-memory', 'paging-file'] as const;

export const hostRamExhausted: Cause = {
  id: 'host-ram-exhausted',
  code: 'UN212',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  category: 'host',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['linux@v6.6: oom_kill'],
  assess(c): Assessment | undefined {
    if (c.kind !== 'host_oom' || isAbsurd(c)) return undefined;
    if (OWN.some((clue) => c.has(clue))) return undefined;
    if (c.has('host-allocator')) {
      const { requested } = c.amounts;
      const because = [say(TEXTS, 'allocator')];
      if (requested !== undefined) because.push(say(TEXTS, 'asked', { requested }));
      return { strength: 'proven', because, against: [], weight: 9 };
    }
    if (c.has('killed-for-memory')) {
      return { strength: 'proven', because: [say(TEXTS, 'system')], against: [], weight: 9 };
    }
    if (c.has('process-killed')) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'killed')],
        against: [say(TEXTS, 'operator')],
        weight: 9,
      };
    }
    return {
      strength: 'possible',
      because: [say(TEXTS, 'worker')],
      against: [say(TEXTS, 'crash')],
      weight: 5,
    };
  },
};
