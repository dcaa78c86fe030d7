/** Memory of the own process that the framework's allocator does not know. */
import { GiB } from '../../base/bytes.ts';
import { say } from '../../base/texts.ts';
import { hadRoom, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Much is held outside PyTorch',
    summary:
      'The process itself holds far more outside PyTorch’s allocator than a context needs: another framework, a library, graphs.',
    headline: 'The process holds {outside} outside PyTorch’s allocator.',
    outside:
      'This process holds {outside} outside PyTorch’s allocator; a context explains well under 1 GiB.',
    other: 'The text does not show who in the process holds it.',
  },
  zh: {
    title: 'PyTorch 之外占用很多',
    summary:
      '进程在 PyTorch 分配器之外占用的显存远多于一个上下文：另一个框架、某个库、CUDA graph。',
    headline: '进程在 PyTorch 分配器之外占用 {outside}。',
    outside: '本进程在 PyTorch 分配器之外占用 {outside}；一个上下文远不到 1 GiB。',
    other: '文本没有显示是进程中的谁占用的。',
  },
  ru: {
    title: 'Многое держится вне PyTorch',
    summary:
      'Сам процесс держит вне аллокатора PyTorch гораздо больше, чем нужно контексту: другой фреймворк, библиотека, графы.',
    headline: 'Вне аллокатора PyTorch процесс держит {outside}.',
    outside:
      'Вне аллокатора PyTorch этот процесс держит {outside}; контекст объясняет куда меньше 1 GiB.',
    other: 'Кто в процессе это держит, в тексте не видно.',
  },
} as const;

/** Above this a context and its libraries do not explain it. */
const NOTEWORTHY = 2 * GiB;

export const memoryOutsideTheAllocator: Cause = {
  id: 'memory-outside-the-allocator',
  code: 'UN217',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'any',
  category: 'workspace',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['identity: process - reserved = context, libraries, graphs, other frameworks'],
  assess(c): Assessment | undefined {
    const { outside, total, allowed } = c.amounts;
    if (
      c.kind !== 'gpu_oom' ||
      outside === undefined ||
      outside.low < NOTEWORTHY ||
      hadRoom(c.amounts)
    ) {
      return undefined;
    }
    // On unified memory the limit takes the place of the card.
    const of = share(outside, total ?? allowed);
    return {
      // On unified memory the system counts much as the process's own.
      strength: of >= 0.4 && c.backend !== 'mps' ? 'likely' : 'possible',
      because: [say(TEXTS, 'outside', { outside })],
      against: [say(TEXTS, 'other')],
      weight: c.backend === 'mps' ? (of >= 0.5 ? BESIDE_WORK : -1) : of >= 0.4 ? 7 : 4,
      headline: say(TEXTS, 'headline', { outside }),
    };
  },
};

/** Graphs and caches of Metal take much on unified memory; where they take most, right behind the work of a step. */
const BESIDE_WORK = 3.95;
