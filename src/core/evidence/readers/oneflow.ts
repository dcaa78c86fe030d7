/** OneFlow borrows PyTorch's first sentence; its own exception or path stands beside it. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUIRED = /^.{0,200}?required:"(?<size>\d{1,19})"/i;
const REQUESTED = clause('to allocate {size:size}');

export const oneflow: Reader = {
  id: 'oneflow',
  code: 'UN468',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'OneFlow',
      summary:
        'OneFlow\u2019s "CUDA out of memory. Tried to allocate …" and its out_of_memory_error.',
    },
    zh: {
      title: 'OneFlow',
      summary: 'OneFlow 的“CUDA out of memory. Tried to allocate …”及其 out_of_memory_error。',
    },
    ru: {
      title: 'OneFlow',
      summary: '«CUDA out of memory. Tried to allocate …» от OneFlow и его out_of_memory_error.',
    },
  },
  sources: [
    'oneflow@v0.9.0:oneflow/core/vm/bin_allocator.h',
    'oneflow@v0.9.0:oneflow/core/common/error.cpp',
  ],
  needles: [
    'memory_zone_out_of',
    'oneflow::',
    'oneflow.errorproto',
    'oneflow/core',
    'oneflow._oneflow',
  ],
  anchor:
    /oneflow(?:::|\.)\w{0,40}(?:Exception|Error)'?(?:what\(\))?:?(?:Error:)?(?:CUDA)?outofmemory(?:\.Triedtoallocate)?|(?:CUDA)?outofmemory\.Triedtoallocate(?=[\d.]{1,16}[KMGT]?BErrormessagefrom\S{0,160}?oneflow\/)|memory_zone_out_of_memory_error\{(?=\w+:)|oneflow\.ErrorProto\.(?:\w{0,20}\.)?out_of_memory_error/gi,
  precedence: -1,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const clues: Clue[] = [];
    const requested = message.size('requested', REQUESTED) ?? message.size('requested', REQUIRED);
    const isType = /ErrorProto/i.test(message.match[0]);
    if (isType) clues.push('first-line-only');
    else clues.push('caching-allocator');
    // A request beyond any machine is an overflow.
    if (requested !== undefined && 'mid' in requested.value && requested.value.mid > 2 ** 48)
      clues.push('absurd-request');
    return {
      kind: 'gpu_oom',
      framework: 'oneflow',
      backend: 'cuda',
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
