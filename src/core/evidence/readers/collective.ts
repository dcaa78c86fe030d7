/** NCCL says only that a call failed; what failed stands in its own log, which is off by default. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

/** Where the reason is printed beside it another reader has it. */
const REASON = /outofmemory|Nospaceleftondevice|illegalmemoryaccess|device-sideassert/i;
const NEARBY = 600;

export const collective: Reader = {
  id: 'collective',
  code: 'UN497',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'NCCL without a reason',
      summary:
        '"unhandled cuda error" or "unhandled system error" of NCCL or RCCL: a call failed, and the reason is not printed.',
    },
    zh: {
      title: 'NCCL 未给出原因',
      summary:
        'NCCL 或 RCCL 的 “unhandled cuda error” 或 “unhandled system error”：某个调用失败，但没有打印原因。',
    },
    ru: {
      title: 'NCCL без причины',
      summary:
        '«unhandled cuda error» или «unhandled system error» от NCCL или RCCL: вызов не удался, а причина не напечатана.',
    },
  },
  sources: ['nccl@v2.20:src/init.cc (ncclGetErrorString)'],
  needles: ['unhandled cuda error', 'unhandled system error'],
  anchor: /(?<!nccl)unhandled(?<kind>cuda|system)error/gi,
  precedence: 12,
  read(message): Reading | undefined {
    if (isAdvice(message) || /^\W{0,3}may be/.test(message.following)) return undefined;
    const around = message.preceding(NEARBY) + message.text.slice(0, NEARBY);
    if (!/[NR]CCL/i.test(around) || REASON.test(around)) return undefined;
    const isSystem = message.match.groups?.['kind']?.toLowerCase() === 'system';
    const clues: Clue[] = ['collective-failed'];
    return {
      kind: 'look_alike',
      framework: 'nccl',
      backend: 'cuda',
      wording: isSystem ? 'system' : 'cuda',
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
