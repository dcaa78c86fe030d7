/** LightLLM tries the longest prefill at start; these are its words when that fails. */
import type { Reader, Reading } from '../reader.ts';

export const lightllm: Reader = {
  id: 'lightllm',
  code: 'UN441',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'LightLLM',
      summary: 'LightLLM’s trial prefill of the greatest length failed at start.',
    },
    zh: { title: 'LightLLM 引擎', summary: 'LightLLM 启动时按最大长度试跑预填充失败。' },
    ru: {
      title: 'Движок LightLLM',
      summary: 'При старте LightLLM не удался пробный prefill наибольшей длины.',
    },
  },
  sources: ['lightllm@main:lightllm/common/basemodel/basemodel.py'],
  needles: [
    'max len infer fail',
    'max_len infer fail',
    'max_len_infer fail',
    'no enough cache need_size',
  ],
  anchor: /checkmax_?len_?inferfail|noenoughcacheneed_size/gi,
  read(message): Reading {
    // While it serves: a request waits until there is room.
    const isWaiting = /^noenough/i.test(message.match[0]);
    return {
      kind: 'gpu_oom',
      framework: 'lightllm',
      backend: 'cuda',
      facts: message.facts,
      clues: isWaiting ? ['kv-cache', 'only-a-warning'] : ['engine-budget-too-large'],
      phase: isWaiting ? 'generate' : 'init',
      end: message.end,
    };
  },
};
