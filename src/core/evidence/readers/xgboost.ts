/** XGBoost reports one request with what the device had free; older versions only the place in the source. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

// Up to 2.0 plain bytes, later with a unit.
const FREE = clause('Free memory : {size:size}');
const FREE_BYTES = /Freememory:(?<size>\d{1,18})(?![\d.]|[KMGT]?i?B)/i;
const REQUESTED = clause('Requested memory : {size:size}');
const REQUESTED_BYTES = /Requestedmemory:(?<size>\d{1,18})(?![\d.]|[KMGT]?i?B)/i;

export const xgboost: Reader = {
  id: 'xgboost',
  code: 'UN475',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'XGBoost on the GPU',
      summary:
        '"Memory allocation error on worker N" with the free and the requested memory, and the older line of device_helpers.cuh.',
    },
    zh: {
      title: 'GPU 上的 XGBoost',
      summary:
        '“Memory allocation error on worker N”及空闲和申请的显存，以及更早的 device_helpers.cuh 行。',
    },
    ru: {
      title: 'XGBoost на GPU',
      summary:
        '«Memory allocation error on worker N» с размером свободной и запрошенной памяти и более старая строка device_helpers.cuh.',
    },
  },
  sources: [
    'xgboost@v1.7.6:src/common/device_helpers.cuh',
    'xgboost@v3.0.0:src/common/device_vector.cu',
  ],
  needles: [
    'allocation error on worker ',
    'cudasuccess: cuda:',
    'device_helpers.cuh',
    'updater_gpu_',
    'host_device_vector',
  ],
  anchor:
    /Memoryallocationerroronworker\d{1,6}:|Checkfailed:e==cudaSuccess:CUDA:outofmemory|(?:device_helpers|updater_gpu_\w{1,20}|host_device_vector|gpu_predictor|hist_util|ellpack_page|row_partitioner)\.cuh?(?:\(\d{1,5}\)|:\d{1,5}):outofmemory/gi,
  read(message): Reading {
    message.size('free', FREE) ?? message.size('free', FREE_BYTES);
    message.size('requested', REQUESTED) ?? message.size('requested', REQUESTED_BYTES);
    return {
      kind: 'gpu_oom',
      framework: 'xgboost',
      backend: 'cuda',
      facts: message.facts,
      clues: [],
      end: message.end,
    };
  },
};
