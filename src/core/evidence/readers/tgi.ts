/**
 * Text Generation Inference tries the largest prefill that its limits allow before it serves anything;
 * these are its words when that does not fit, or when a shard was killed.
 */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

const TOTAL_TOKENS = /handle(?<count>\d{1,12})totaltokens/i;
const PREFILL_TOKENS = /(?<count>\d{1,12})prefilltokens/i;
/** Sentences that others could say too. */
const IS_TGI = /text_generation|text-generation|warmup|shard/i;

export const tgi: Reader = {
  id: 'tgi',
  code: 'UN432',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Text Generation Inference',
      summary:
        'TGI’s warm-up: the largest batch that the limits allow does not fit; or a shard that the system killed.',
    },
    zh: {
      title: 'Text Generation Inference',
      summary: 'TGI 的预热：限额所允许的最大 batch 放不下；或某个 shard 被系统杀死。',
    },
    ru: {
      title: 'Text Generation Inference',
      summary:
        'Прогрев TGI: не помещается самый большой батч, который допускают лимиты; или шард, убитый системой.',
    },
  },
  sources: [
    'text-generation-inference@v0.9.4:server/text_generation_server/models/flash_causal_lm.py',
    'text-generation-inference@v2.0.0:server/text_generation_server/models/flash_causal_lm.py',
    'text-generation-inference@v2.0.0:launcher/src/main.rs',
  ],
  needles: [
    'not enough memory to handle',
    'not enough memory to run the model',
    'shutdown with signal 9',
    'notenoughmemory(',
  ],
  anchor:
    /Notenoughmemorytohandle(?=\d+(?:total|prefill)tokens|warmup)|Notenoughmemorytorunthemodel|Backend\(NotEnoughMemory\(\d{1,9}\)\)|Shardprocesswassignaledtoshutdownwithsignal9(?!\d)/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    if (/^Shard/i.test(text)) {
      return {
        kind: 'host_oom',
        framework: 'tgi',
        backend: 'cpu',
        wording: 'shard-killed',
        facts: message.facts,
        clues: ['process-killed'],
        end: message.end,
      };
    }
    const head = message.text.slice(0, 300);
    const isFull = /^Notenoughmemorytohandle\d|^Backend/i.test(message.text);
    if (!isFull && !IS_TGI.test(message.before + head)) return undefined;
    const total = message.count('total_tokens', TOTAL_TOKENS);
    message.count('prefill_tokens', PREFILL_TOKENS);
    const { counts } = message;
    return {
      kind: 'gpu_oom',
      framework: 'tgi',
      backend: 'cuda',
      wording: total === undefined ? 'prefill-tokens' : 'total-tokens',
      facts: message.facts,
      clues: total === undefined ? [] : ['kv-cache'],
      phase: 'init',
      end: message.end,
      ...(Object.keys(counts).length > 0 && { counts }),
    };
  },
};
