/** DeepSpeed-FastGen (MII) starts over when no request can get the blocks it needs to go on. */
import type { Reader, Reading } from '../reader.ts';

export const deepspeedFastgen: Reader = {
  id: 'deepspeed-fastgen',
  code: 'UN443',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'DeepSpeed-FastGen',
      summary: 'DeepSpeed-MII threw its KV cache away because no request could go on.',
    },
    zh: {
      title: 'DeepSpeed-FastGen 引擎',
      summary: '没有请求能继续，DeepSpeed-MII 丢弃了它的 KV 缓存。',
    },
    ru: {
      title: 'Движок DeepSpeed-FastGen',
      summary: 'DeepSpeed-MII сбросил свой KV-кэш, потому что ни один запрос не мог продолжаться.',
    },
  },
  sources: ['DeepSpeed-MII@v0.2.0:mii/batching/ragged_batching.py'],
  needles: ['resetting kv cache'],
  anchor: /Deadlockdetected\.ResettingKVcache/gi,
  read(message): Reading {
    return {
      kind: 'gpu_oom',
      framework: 'deepspeed-mii',
      backend: 'cuda',
      facts: message.facts,
      clues: ['kv-cache', 'only-a-warning'],
      phase: 'generate',
      end: message.end,
    };
  },
};
