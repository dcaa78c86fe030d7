/** A pool that somebody took at start: another framework or another process. */

import { MiB } from '../../base/bytes.ts';
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { isShortage, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'A preallocated pool holds the card',
    summary:
      'JAX and TensorFlow take most of a card when they start: a second process, or a second framework in the same one, finds nothing left.',
    headline:
      'The request is tiny: the card was taken before this program began, by a preallocating framework or another process.',
    tiny: '{requested} was refused, and the compiled program needs {program} in all.',
    request: '{requested} was refused, far less than any card has.',
    other: 'A second framework is in the same program: {place}.',
    full: 'A pool that is full of the program’s own buffers looks the same.',
  },
  zh: {
    title: '预分配的内存池占着这张卡',
    summary:
      'JAX 和 TensorFlow 启动时占用大半张卡：第二个进程，或同一进程中的另一个框架，就没有剩余了。',
    headline: '申请极小：在本程序开始之前，卡已被预分配的框架或其他进程占用。',
    tiny: '{requested} 被拒绝，而编译出的程序总共只需 {program}。',
    request: '{requested} 被拒绝，远小于任何一张卡。',
    other: '同一程序中还有另一个框架：{place}。',
    full: '内存池被程序自己的缓冲区占满时看起来也一样。',
  },
  ru: {
    title: 'Карту держит заранее занятый пул',
    summary:
      'JAX и TensorFlow при старте забирают большую часть карты: второму процессу или второму фреймворку не остаётся ничего.',
    headline:
      'Запрос крошечный: карта была занята до начала этой программы — фреймворком с предвыделением или другим процессом.',
    tiny: 'Отказано в {requested}, а всей программе нужно {program}.',
    request: 'Отказано в {requested} — это гораздо меньше любой карты.',
    other: 'В той же программе есть второй фреймворк: {place}.',
    full: 'Пул, полный собственных буферов программы, выглядит так же.',
  },
} as const;

export const frameworkPreallocation: Cause = {
  id: 'framework-preallocation',
  code: 'UN233',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['XLA: XLA_PYTHON_CLIENT_PREALLOCATE; TensorFlow: set_memory_growth'],
  assess(c): Assessment | undefined {
    if (!isShortage(c)) return undefined;
    const requested = valueIn(c.facts, 'requested');
    const other = c.shows('other-framework');
    if (c.format !== 'xla' && c.format !== 'tensorflow') {
      if (other === undefined || !c.mayBeTorch || share(c.amounts.live, c.amounts.total) > 0.5)
        return undefined;
      return {
        strength: 'possible',
        because: [say(TEXTS, 'other', { place: placeText(other) })],
        against: [say(TEXTS, 'full')],
        // It says what it took, before anything of PyTorch's was there.
        weight: 'text' in other && /Created/.test(other.text) ? 8.5 : 6,
      };
    }
    if (requested === undefined || requested.mid > 64 * MiB) return undefined;
    const program = valueIn(c.facts, 'program');
    return {
      strength: 'possible',
      because: [
        program === undefined
          ? say(TEXTS, 'request', { requested })
          : say(TEXTS, 'tiny', { requested, program }),
      ],
      against: program === undefined ? [say(TEXTS, 'full')] : [],
      // A model that is made piece by piece fills the pool with its own pieces.
      weight: c.format === 'xla' && ['load', 'init'].includes(c.phase.value) ? 7 : 8,
    };
  },
};
