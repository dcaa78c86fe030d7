/**
 * PyTorch with backend:cudaMallocAsync prints a block of figures on lines of their own; the limit is
 * 2^64 - 1 when no memory fraction was set.
 */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const ALLOCATED = clause('Currently allocated : {size:size}');
const REQUESTED = clause('Requested : {size:size}');
const TOTAL = clause('Device limit : {size:size}');
const FREE = clause('Free (according to CUDA) : {size:size}');
const LIMIT = clause('memory fraction) : {size:size}');
const BODY = /^Allocationondevice(?<index>\d{1,3})?wouldexceed/i;

export const torchAsync: Reader = {
  id: 'torch-async',
  code: 'UN402',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'PyTorch on cudaMallocAsync',
      summary:
        'The message of the cudaMallocAsync backend with its block of figures, and the bare "Allocation on device" that tools such as ComfyUI pass on.',
    },
    zh: {
      title: '使用 cudaMallocAsync 的 PyTorch',
      summary:
        'cudaMallocAsync 后端的报错及其数据，以及 ComfyUI 等工具转述的单独一句“Allocation on device”。',
    },
    ru: {
      title: 'PyTorch на cudaMallocAsync',
      summary:
        'Сообщение бэкенда cudaMallocAsync с его блоком цифр и голое «Allocation on device», которое передают такие программы, как ComfyUI.',
    },
  },
  sources: ['pytorch@v2.6.0:c10/cuda/CUDAMallocAsyncAllocator.cpp'],
  needles: [
    'allocation on device',
    'would exceed allowed',
    'currently allocated',
    'according to cuda',
  ],
  // The block alone, where its first line was cut off.
  anchor:
    /Allocationondevice|(?<!Allocationondevice[^\u0001]{0,80})Currentlyallocated:[\d.]{1,12}[KMGT]?i?BRequested:/gi,
  read(message): Reading {
    const index = BODY.exec(message.text)?.groups?.['index'];
    message.size('allocated', ALLOCATED);
    message.size('requested', REQUESTED);
    message.size('total', TOTAL);
    message.size('free', FREE);
    message.size('allowed', LIMIT);
    return {
      kind: 'gpu_oom',
      framework: 'pytorch',
      backend: 'cuda',
      wording: 'cudaMallocAsync',
      versions: { package: 'torch', from: '2.0' },
      facts: message.facts,
      clues: message.facts.length === 0 ? ['message-cut'] : [],
      end: message.end,
      ...(index !== undefined && { device: Number(index) }),
    };
  },
};
