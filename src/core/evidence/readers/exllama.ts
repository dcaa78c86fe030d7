/** ExLlamaV2 and V3 fill the cards one after the other with layers and their part of the cache. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

const TOKENS = /Totalcacheallocatedis\d{1,9}\*\d{1,9}=(?<count>\d{1,12})tokens/i;

export const exllama: Reader = {
  id: 'exllama',
  code: 'UN437',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'ExLlamaV2 and V3',
      summary:
        'The automatic split ran through all cards before all layers and their cache were placed, or a job needs more pages than the cache has.',
    },
    zh: {
      title: 'ExLlamaV2 和 V3',
      summary: '自动切分用尽了所有显卡，仍未放下全部层及其缓存；或某个任务需要的页数超过缓存。',
    },
    ru: {
      title: 'ExLlamaV2 и V3',
      summary:
        'Автоматическое распределение прошло все карты, а места для всех слоёв и их кэша не хватило, или задаче нужно больше страниц, чем есть в кэше.',
    },
  },
  sources: [
    'exllamav2@v0.1.9:exllamav2/model.py',
    'exllamav2@v0.1.9:exllamav2/generator/dynamic.py',
    'exllamav3@v0.0.3:exllamav3/models/model.py',
  ],
  needles: ['insufficient vram', 'and cannot be enqueued', 'buffer is too small in the exllama'],
  anchor:
    /temp_statebufferistoosmallintheexllama|InsufficientVRAM(?:insplit)?formodelandcache|Jobrequires\d+pages\(only\d+available\)andcannotbeenqueued/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const start = message.match[0];
    const isJob = /^Job/i.test(start);
    // Its size was set for shorter sequences than came.
    const isBuffer = /^temp_state/i.test(start);
    message.count('kv_tokens', TOKENS);
    const { counts } = message;
    const isV3 = /insplit/i.test(start) || /exllamav3/i.test(message.before);
    return {
      kind: isBuffer ? 'look_alike' : 'gpu_oom',
      framework: isV3 ? 'exllamav3' : 'exllamav2',
      backend: 'cuda',
      wording: isJob ? 'pages' : isBuffer ? 'scene-buffer' : 'split',
      facts: message.facts,
      clues: isBuffer
        ? ['arena-limit']
        : isJob
          ? ['kv-cache', 'sequence-exceeds-kv']
          : ['kv-cache'],
      phase: isJob ? 'generate' : isBuffer ? 'forward' : 'kv_alloc',
      end: message.end,
      ...(Object.keys(counts).length > 0 && { counts }),
    };
  },
};
