/** A TPU lays arrays out in tiles; a narrow last dimension is filled up to a whole tile. */
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import { share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Padding fills the memory',
    summary:
      'A TPU holds the last two dimensions of an array in full tiles (8 × 128 in fp32); a last dimension of 2 takes 64 times its bytes.',
    headline:
      'Most of what the program needs is padding of one array, not data: a wide last dimension would take no more than it holds.',
    padding:
      '{padding} of the {program} that the program needs is what the layout adds to one array.',
  },
  zh: {
    title: '填充占满了内存',
    summary:
      'TPU 以整块（fp32 为 8 × 128）存放数组的最后两维；最后一维为 2 时占用的字节是实际的 64 倍。',
    headline: '程序所需的大部分是某个数组的填充，而不是数据：最后一维足够宽就不会多占。',
    padding: '程序需要的 {program} 中，有 {padding} 是布局给某个数组加上的。',
  },
  ru: {
    title: 'Память занята заполнением (padding)',
    summary:
      'TPU хранит две последние размерности массива целыми тайлами (8 × 128 в fp32); последняя размерность 2 занимает в 64 раза больше байтов.',
    headline:
      'Бо́льшая часть того, что нужно программе, — заполнение одного массива, а не данные: с широкой последней размерностью он занимал бы лишь своё.',
    padding: 'Из {program}, нужных программе, {padding} раскладка добавляет к одному массиву.',
  },
} as const;

export const layoutPadding: Cause = {
  id: 'layout-padding',
  code: 'UN249',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'any',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['XLA TPU: "Extra memory due to padding" in the list of the largest allocations'],
  assess(c): Assessment | undefined {
    const padding = valueIn(c.facts, 'padding');
    const program = valueIn(c.facts, 'program');
    if (c.kind !== 'gpu_oom' || padding === undefined || program === undefined) return undefined;
    if (share(padding, program) < 0.5) return undefined;
    return {
      strength: 'likely',
      because: [say(TEXTS, 'padding', { padding, program })],
      against: [],
      weight: 9,
    };
  },
};
