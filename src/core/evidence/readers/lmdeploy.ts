/** LMDeploy: TurboMind prints the runtime's code with the place; the PyTorch engine says what it lacked. */

import type { Phase } from '../../base/phase.ts';
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

interface Part {
  readonly wording: string;
  readonly phase?: Phase;
  readonly clues: readonly Clue[];
}

function partOf(start: string): Part {
  if (/kvcache|statecache/i.test(start)) {
    return {
      wording: 'pytorch-engine',
      phase: 'kv_alloc',
      clues: ['kv-cache', 'engine-budget-too-small'],
    };
  }
  if (/forruntime/i.test(start)) {
    return { wording: 'pytorch-engine', phase: 'init', clues: ['engine-budget-too-small'] };
  }
  if (/blocks/i.test(start))
    return { wording: 'no-blocks', phase: 'generate', clues: ['kv-cache'] };
  return { wording: 'turbomind', clues: [] };
}

export const lmdeploy: Reader = {
  id: 'lmdeploy',
  code: 'UN435',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'LMDeploy and TurboMind',
      summary:
        'TurboMind’s (or FasterTransformer’s) "CUDA runtime error: out of memory", and LMDeploy’s "No enough gpu memory".',
    },
    zh: {
      title: 'LMDeploy 和 TurboMind',
      summary:
        'TurboMind（或 FasterTransformer）的 “CUDA runtime error: out of memory”，以及 LMDeploy 的 “No enough gpu memory”。',
    },
    ru: {
      title: 'LMDeploy и TurboMind',
      summary:
        '«CUDA runtime error: out of memory» от TurboMind (или FasterTransformer) и «No enough gpu memory» от LMDeploy.',
    },
  },
  sources: [
    'lmdeploy@v0.5.0:src/turbomind/utils/cuda_utils.h',
    'lmdeploy@v0.6.0:lmdeploy/pytorch/engine/executor/base.py',
    'lmdeploy@v0.0.14:src/turbomind/models/llama/LlamaBatch.cc',
    'FasterTransformer@v5.3:src/fastertransformer/utils/cuda_utils.h',
  ],
  needles: ['cuda runtime error: out of', 'no enough gpu memory', 'no enough blocks'],
  anchor:
    /\[(?:TM|FT)\]\[(?:ERROR|FATAL)\][^\u0001]{0,80}?CUDAruntimeerror:outofmemory|CUDAruntimeerror:outofmemory(?=\S{0,160}?(?:turbomind|lmdeploy|fastertransformer))|Noenoughgpumemoryfor(?:runtime|kvcache|statecache)|Noenoughblocksfor`session_len`|Noenoughblocks\.(?=\S{0,60}?Assertionfail)/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const start = message.match[0];
    const { wording, phase, clues } = partOf(start);
    const place = message.text.slice(0, start.length + 160);
    return {
      kind: 'gpu_oom',
      framework: /\[FT\]|\/fastertransformer\//i.test(place) ? 'fastertransformer' : 'lmdeploy',
      backend: 'cuda',
      wording,
      facts: message.facts,
      clues,
      end: message.end,
      ...(phase !== undefined && { phase }),
    };
  },
};
