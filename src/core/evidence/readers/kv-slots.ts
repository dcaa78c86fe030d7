/**
 * llama.cpp's server, or OpenVINO GenAI, finds no room in its KV cache for what requests ask: no allocation
 * fails, the cache that was set aside at start is full.
 */
import { programOf } from '../ggml.ts';
import type { Reader, Reading } from '../reader.ts';

/** The server tries again with less. */
const GOES_ON = /retryingwithsmaller/i;

export const kvSlots: Reader = {
  id: 'kv-slots',
  code: 'UN496',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'KV cache full while serving',
      summary:
        'llama.cpp and what embeds it, while it serves: no free slot in the KV cache for the next tokens, or a prompt longer than all of it; a request that OpenVINO GenAI gave up.',
    },
    zh: {
      title: '服务过程中 KV 缓存已满',
      summary:
        'llama.cpp 及内置它的程序在服务过程中打印：KV 缓存没有空闲位置存放后续 token，或者提示词比整个缓存还长；以及 OpenVINO GenAI 放弃的请求。',
    },
    ru: {
      title: 'KV-кэш заполнен во время работы',
      summary:
        'Работающий llama.cpp и программы на его основе: в KV-кэше нет свободного места для следующих токенов, или промпт длиннее всего кэша; запрос, от которого отказался OpenVINO GenAI.',
    },
  },
  sources: [
    'llama.cpp@b3000:examples/server/server.cpp',
    'llama.cpp@b6000:src/llama-context.cpp',
    'llama.cpp@b6000:src/llama-kv-cache.cpp',
    'openvino.genai: generation_handle.hpp (GenerationStatus::IGNORED)',
  ],
  needles: [
    'space in the kv cache',
    'big compared to kv size',
    'memory slot for',
    'a slot for ',
    'kv slot for',
    'kv cache slot',
    'available_size()=',
    'unfinished generationstatus',
  ],
  anchor:
    /failedtofind(?:free)?spaceintheKVcache(?:,retryingwithsmaller)?|inputpromptistoobigcomparedtoKVsize|failedtofinda(?:memory)?slotfor(?:u?batch|tokens?)|(?:failedto|couldnot|couldn'?t)findaKV(?:cache)?slot|failedtofindKVcacheslot|GotunfinishedGenerationStatus|available_size\(\)=\d{1,9}(?:\.\d)?<need_size=\d{1,9}/gi,
  precedence: 3,
  read(message): Reading {
    return {
      kind: 'gpu_oom',
      framework: /GenerationStatus/i.test(message.match[0]) ? 'openvino' : programOf(message),
      backend: 'none',
      wording: 'slots',
      phase: 'generate',
      facts: message.facts,
      clues: GOES_ON.test(message.match[0]) ? ['kv-cache', 'only-a-warning'] : ['kv-cache'],
      end: message.end,
    };
  },
};
