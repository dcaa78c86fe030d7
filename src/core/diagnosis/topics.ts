/** What a report speaks of in words, as causes. None is more than possible: it is told, not shown. */
import { type Statement, say } from '../base/texts.ts';
import type { ToldTopic, Topic } from '../evidence/account.ts';

const TEXTS = {
  en: { topic: 'Line {line} speaks of it: “{text}”.' },
  zh: { topic: '第 {line} 行说到了这一点：“{text}”。' },
  ru: { topic: 'Об этом говорит строка {line}: «{text}».' },
} as const;

export interface Suspect {
  /** Id of a cause. */
  readonly cause: string;
  readonly because: Statement;
}

/** What people name outright, and the cause it comes to. */
const OF_TOPICS: Readonly<Record<Topic, string>> = {
  'absurd-size': 'corrupt-size',
  cap: 'memory-cap',
  'paging-file': 'paging-file',
  'host-ram': 'host-ram-exhausted',
  reservation: 'engine-reservation-too-high',
  'long-context': 'kv-cache-too-large',
  'large-data': 'data-does-not-fit',
  'larger-than-card': 'model-does-not-fit',
  'large-model': 'model-does-not-fit',
  states: 'optimizer-states-do-not-fit',
  growth: 'growth-over-steps',
  'kept-outputs': 'eval-accumulation',
  others: 'neighbour-process',
  saving: 'full-state-gather-on-save',
  resuming: 'duplicate-state-on-load',
  'gradients-kept': 'autograd-in-eval',
  'large-work': 'activations-too-large',
};

/** Of these a shortage has others beside them just as often: what else is told comes first. */
export const isWeak = ({ topic }: ToldTopic): boolean =>
  topic === 'large-model' || topic === 'states';

export const suspectOf = ({ topic, line, text }: ToldTopic): Suspect => ({
  cause: OF_TOPICS[topic],
  because: say(TEXTS, 'topic', { line, text }),
});

/** What else such a report often comes to, where it says no more. */
const BESIDE: Partial<Readonly<Record<Topic, readonly string[]>>> = {
  growth: ['activations-too-large', 'autograd-in-eval'],
  'kept-outputs': ['autograd-in-eval', 'activations-too-large'],
  'gradients-kept': ['activations-too-large', 'eval-accumulation'],
  others: ['rank-imbalance', 'model-does-not-fit'],
  saving: ['model-does-not-fit', 'growth-over-steps'],
  resuming: ['optimizer-states-do-not-fit', 'growth-over-steps'],
  'large-work': ['model-does-not-fit'],
};

export const suspectsBeside = ({ topic, line, text }: ToldTopic): Suspect[] =>
  (BESIDE[topic] ?? []).map((cause) => ({ cause, because: say(TEXTS, 'topic', { line, text }) }));
