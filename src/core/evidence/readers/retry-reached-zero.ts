/** The loop swallows the original message; whatever was printed before it says more. */
import type { Reader, Reading } from '../reader.ts';

export const retryReachedZero: Reader = {
  id: 'retry-reached-zero',
  code: 'UN416',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Automatic batch size reached zero',
      summary:
        'accelerate, and tools that copy it, halve the batch after each failure and give up at zero: the failure is not about the batch.',
    },
    zh: {
      title: '自动 batch 大小降到零',
      summary:
        'accelerate 及仿照它的工具在每次失败后把 batch 减半，降到零就放弃：失败与 batch 无关。',
    },
    ru: {
      title: 'Автоматический размер батча дошёл до нуля',
      summary:
        'accelerate и инструменты, которые его копируют, после каждой неудачи уменьшают батч вдвое и сдаются на нуле: дело не в батче.',
    },
  },
  sources: ['accelerate@v1.0.0:src/accelerate/utils/memory.py'],
  needles: ['executable batch size', 'oom detected'],
  anchor: /Noexecutablebatchsizefound,reachedzero|OOMDetected,reducingbatch/gi,
  precedence: 8,
  read(message): Reading {
    const isZero = /reachedzero/i.test(message.match[0]);
    return {
      kind: 'gpu_oom',
      framework: 'accelerate',
      backend: 'cuda',
      facts: message.facts,
      clues: isZero ? ['reached-zero'] : [],
      end: message.end,
    };
  },
};
