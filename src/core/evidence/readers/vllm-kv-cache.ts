/** The engine profiles a forward pass first and then shares out what its budget leaves. */
import type { Reader, Reading } from '../reader.ts';

const AVAILABLE = /AvailableKVcachememory:(?<size>-?\d{1,6}(?:\.\d+)?)(?<size_unit>GiB|GB)/i;

export const vllmKvCache: Reader = {
  id: 'vllm-kv-cache',
  code: 'UN418',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'vLLM: no room for the KV cache',
      summary:
        'vLLM at start-up: weights and activations leave nothing, or less than nothing, for KV cache blocks.',
    },
    zh: {},
    ru: {},
  },
  sources: ['vllm@v0.8.0:vllm/v1/core/kv_cache_utils.py'],
  needles: ['memory for the cache blocks', 'available kv cache memory: -'],
  anchor: /Noavailablememoryforthecacheblocks|AvailableKVcachememory:-\d/gi,
  read(message): Reading {
    message.size('kv_available', AVAILABLE);
    return {
      kind: 'gpu_oom',
      framework: 'vllm',
      backend: 'cuda',
      phase: 'kv_alloc',
      facts: message.facts,
      clues: ['kv-cache'],
      end: message.end,
    };
  },
};
