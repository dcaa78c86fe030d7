/** Intel Gaudi (HPU): the allocator of the PyTorch bridge, and graphs that did not fit. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

const REQUESTED = /forsize::(?<size>\d{1,19})/i;

export const gaudi: Reader = {
  id: 'gaudi',
  code: 'UN472',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Intel Gaudi (HPU)',
      summary:
        'PT_DEVMEM "Allocation failed for size::N" of the Habana bridge, and SynapseAI calls that end for want of device memory.',
    },
    zh: {
      title: '英特尔 Gaudi（HPU）',
      summary:
        'Habana 桥接层的 PT_DEVMEM “Allocation failed for size::N”，以及因设备内存不足而结束的 SynapseAI 调用。',
    },
    ru: {
      title: 'Intel Gaudi (HPU)',
      summary:
        'PT_DEVMEM «Allocation failed for size::N» моста Habana и вызовы SynapseAI, которым не хватило памяти устройства.',
    },
  },
  sources: [
    'docs.habana.ai: PyTorch, memory',
    'gaudi-pytorch-bridge@v1.20.0:backend/synapse_helpers/device_memory.cpp',
  ],
  needles: [
    'allocation failed for size',
    'synstatus',
    'synoutofdevicememory',
    'synoutofmemory',
    'out of device memory',
  ],
  anchor:
    /Allocationfailedforsize::\d{1,19}(?:\([\d.]{1,16}\)MB)?|synStatus\w{0,12}(?:=synStatus)?\d{0,3}\[[A-Za-z]{0,30}outof(?:device|host)?memory[^\]\u0001]{0,30}\]|syn(?:StatusO|O)utOf(?:Device|Host)?Memory|Graphcompilefailed\.[^\u0001]{0,80}?outof(?:device)?memory/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    message.size('requested', REQUESTED);
    const isHost = /outofhost/i.test(message.match[0]);
    const clues: Clue[] = isHost ? ['host-allocator'] : [];
    if (/Allocationfailed/i.test(message.match[0])) clues.push('caching-allocator');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'gaudi',
      backend: isHost ? 'cpu' : 'hpu',
      facts: message.facts,
      clues,
      end: message.end,
      ...(/^Graphcompile/i.test(message.match[0]) && { phase: 'compile' as const }),
      reportLines: 100,
    };
  },
};
