/** What a report speaks of in words, as causes. None is more than possible: it is told, not shown. */
import { type Statement, say } from '../base/texts.ts';
import type { ToldTopic, Topic } from '../evidence/account.ts';

const TEXTS = {
  en: {
    topic: 'Line {line} speaks of it: “{text}”.',
    code: 'The code in line {line} can keep it: “{text}”.',
    unguarded: 'No no_grad or inference_mode stands around the loop after line {line}: “{text}”.',
    beside: 'What line {line} tells often comes with it: “{text}”.',
  },
  zh: {
    topic: '第 {line} 行说到了这一点：“{text}”。',
    code: '第 {line} 行的代码可能把它一直留着：“{text}”。',
    unguarded: '第 {line} 行之后的循环外没有 no_grad 或 inference_mode：“{text}”。',
    beside: '第 {line} 行描述的情况常伴随这一原因：“{text}”。',
  },
  ru: {
    topic: 'Об этом говорит строка {line}: «{text}».',
    code: 'Код в строке {line} может её удерживать: «{text}».',
    unguarded: 'Цикл после строки {line} не обёрнут в no_grad или inference_mode: «{text}».',
    beside: 'С тем, о чём говорит строка {line}, часто связано и это: «{text}».',
  },
} as const;

export interface Suspect {
  /** Id of a cause. */
  readonly cause: string;
  readonly because: Statement;
}

/** What people name outright, and the cause it comes to. */
const OF_TOPICS: Readonly<Record<Topic, string>> = {
  'absurd-size': 'corrupt-size',
  'program-fault': 'kernel-fault',
  pinned: 'pinned-memory',
  'build-scratch': 'builder-scratch',
  cap: 'memory-cap',
  'paging-file': 'paging-file',
  'host-ram': 'host-ram-exhausted',
  'large-piece': 'host-ram-exhausted',
  'full-segment': 'shared-memory-segment',
  reservation: 'engine-reservation-too-high',
  'small-pool': 'engine-reservation-too-low',
  'long-context': 'kv-cache-too-large',
  'large-data': 'data-does-not-fit',
  'context-failed': 'kv-cache-too-large',
  'engine-gone': 'model-does-not-fit',
  'library-failed': 'broken-install',
  gone: 'host-ram-exhausted',
  crashed: 'worker-crashed',
  'larger-than-card': 'model-does-not-fit',
  'large-model': 'model-does-not-fit',
  states: 'optimizer-states-do-not-fit',
  growth: 'growth-over-steps',
  'kept-outputs': 'eval-accumulation',
  others: 'neighbour-process',
  copies: 'many-processes-on-one-gpu',
  collectives: 'nccl-buffers',
  fragments: 'fragmentation',
  evaluating: 'autograd-in-eval',
  'unguarded-eval': 'autograd-in-eval',
  'summed-loss': 'growth-over-steps',
  'appended-outputs': 'eval-accumulation',
  saving: 'full-state-gather-on-save',
  resuming: 'duplicate-state-on-load',
  'gradients-kept': 'autograd-in-eval',
  'large-work': 'activations-too-large',
};

/** Of these a shortage has others beside them just as often: what else is told comes first. */
export const isWeak = ({ topic }: ToldTopic): boolean =>
  topic === 'large-model' || topic === 'states';

const wordsFor = (topic: Topic): keyof (typeof TEXTS)['en'] => {
  if (topic === 'unguarded-eval') return 'unguarded';
  return topic === 'summed-loss' || topic === 'appended-outputs' ? 'code' : 'topic';
};

export const suspectOf = ({ topic, line, text }: ToldTopic): Suspect => ({
  cause: OF_TOPICS[topic],
  because: say(TEXTS, wordsFor(topic), { line, text }),
});

/** What else such a report often comes to, where it says no more. */
const BESIDE: Partial<Readonly<Record<Topic, readonly string[]>>> = {
  growth: ['activations-too-large', 'autograd-in-eval'],
  'kept-outputs': ['autograd-in-eval', 'activations-too-large'],
  'gradients-kept': ['activations-too-large', 'eval-accumulation'],
  others: ['rank-imbalance', 'model-does-not-fit'],
  copies: ['model-does-not-fit'],
  evaluating: ['growth-over-steps', 'activations-too-large'],
  'unguarded-eval': ['activations-too-large', 'eval-accumulation'],
  'summed-loss': ['activations-too-large'],
  'appended-outputs': ['autograd-in-eval', 'activations-too-large'],
  saving: ['model-does-not-fit', 'growth-over-steps'],
  resuming: ['optimizer-states-do-not-fit', 'growth-over-steps'],
  'large-work': ['model-does-not-fit', 'fragmentation'],
  'build-scratch': ['memory-cap', 'model-does-not-fit'],
  'small-pool': ['worker-crashed', 'memory-cap'],
  cap: ['activations-too-large', 'broken-install'],
  'context-failed': ['model-does-not-fit', 'host-ram-exhausted'],
  'large-piece': ['worker-crashed', 'activations-too-large'],
  gone: ['worker-crashed'],
  crashed: ['host-ram-exhausted', 'activations-too-large'],
  'library-failed': ['activations-too-large', 'workspace-outside-the-allocator'],
  'engine-gone': ['host-ram-exhausted', 'kv-cache-too-large'],
};

/** What an engine keeps for its requests grows with them: a cache, whatever the report calls it. */
export const suspectsInEngine = ({ topic, line, text }: ToldTopic): Suspect[] =>
  topic === 'growth'
    ? [{ cause: 'kv-cache-too-large', because: say(TEXTS, 'beside', { line, text }) }]
    : [];

export const suspectsBeside = ({ topic, line, text }: ToldTopic): Suspect[] =>
  (BESIDE[topic] ?? []).map((cause) => ({ cause, because: say(TEXTS, 'beside', { line, text }) }));
