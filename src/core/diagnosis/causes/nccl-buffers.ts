/** NCCL takes its buffers beside the framework’s pool. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'NCCL found no memory for its buffers',
    summary:
      'Collectives allocate channels and buffers with the first call, beside the framework’s pool, which had taken the card.',
    headline: 'NCCL could not get memory for its buffers beside the framework’s pool.',
    message: 'NCCL itself failed to allocate, not the framework.',
    ascend: 'HCCL, the library for collectives of Ascend, failed to allocate, not the framework.',
    'headline-ascend': 'HCCL could not get memory for its buffers beside the framework’s pool.',
    any: 'NCCL reports any error of CUDA so, that of a full card too.',
    full: 'The card was full already; what filled it this message does not show.',
  },
  zh: {
    title: 'NCCL 分不到缓冲区',
    summary: '集合通信在首次调用时于框架内存池之外分配通道和缓冲区，而卡已被内存池占满。',
    headline: 'NCCL 无法在框架内存池之外分到缓冲区。',
    message: '失败的是 NCCL 自己的分配，而不是框架。',
    ascend: '失败的是昇腾集合通信库 HCCL 的分配，而不是框架。',
    'headline-ascend': 'HCCL 无法在框架内存池之外分到缓冲区。',
    any: 'NCCL 对任何 CUDA 错误都这样报告，显存已满也是。',
    full: '卡在此之前已满；是什么占满的，这条消息没有显示。',
  },
  ru: {
    title: 'NCCL не хватило памяти на буферы',
    summary:
      'Коллективные операции при первом вызове выделяют каналы и буферы рядом с пулом фреймворка, который уже занял карту.',
    headline: 'NCCL не получила память под буферы рядом с пулом фреймворка.',
    message: 'Не удалось выделение самой NCCL, а не фреймворка.',
    ascend: 'Не удалось выделение HCCL, библиотеки коллективных операций Ascend, а не фреймворка.',
    'headline-ascend': 'HCCL не получила память под буферы рядом с пулом фреймворка.',
    any: 'Так NCCL сообщает о любой ошибке CUDA, в том числе о полной карте.',
    full: 'Карта уже была полна; чем — это сообщение не показывает.',
  },
} as const;

export const ncclBuffers: Cause = {
  id: 'nccl-buffers',
  code: 'UN234',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'training',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 4.4: 0.3 to 0.7 GB for each communicator over NVLink; NCCL_BUFFSIZE'],
  assess(c): Assessment | undefined {
    if (c.has('collective-failed') && c.wording === 'cuda') {
      return { strength: 'possible', because: [say(TEXTS, 'any')], against: [], weight: 4 };
    }
    const isOfAscend = c.format === 'ascend' && c.wording === 'collective';
    if (c.kind !== 'gpu_oom' || (c.format !== 'nccl' && !isOfAscend)) return undefined;
    if (isOfAscend) {
      return {
        strength: 'likely',
        because: [say(TEXTS, 'ascend')],
        against: [say(TEXTS, 'full')],
        weight: 9,
        headline: say(TEXTS, 'headline-ascend'),
      };
    }
    return {
      // Its buffers are the last to be asked for: ranks that opened a context on one card fail at them, too. Where
      // they were the cause, the message gives their size.
      strength: c.amounts.requested === undefined ? 'possible' : 'likely',
      because: [say(TEXTS, 'message')],
      against: [say(TEXTS, 'full')],
      weight: 9,
    };
  },
};
